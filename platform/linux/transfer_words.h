// SPDX-License-Identifier: Apache-2.0
//
// Why a transfer failed: curl's result as one of the agent's faults, with a sentence for the
// journal. The words are made from what is known here and never hold a path, a query or
// credentials. Called by transfers.cpp.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/event.h"
#include "platform/linux/answer_head.h"

namespace dialtone {

// Of an FTP transfer.
struct FtpDialog {
    bool has_password = false;  // the phone has one to show
    bool connected = false;     // and TLS is set up where it is wanted: the server's turn
    bool began = false;         // the server has said something
    bool logged_in = false;
    uint16_t reply = 0;      // the last whole one's code, 0: none yet
    bool announced = false;  // the file: 125 or 150
    bool is_over = false;    // a reply came after that
};

// What of its coding keeps a body from being read.
enum class CodingFlaw : uint8_t {
    none,
    unasked,  // it is not gzip, or of a part of the file
    no_gzip,  // it is said to be gzip and is not
    damaged,
    cut,
};

// What is known when a transfer ends.
struct TransferCircumstances {
    std::string host = {};
    uint16_t port = 0;
    bool is_tls = false;
    bool is_ftp = false;
    bool shows_certificate = false;  // the phone has one of its own
    std::string own_certificate_flaw = {};
    std::string ca_file = {};
    uint32_t connect_ms = 0;
    uint32_t login_ms = 0;
    std::string last_address = {};  // that was tried, as "ADDRESS port PORT"
    bool name_was_resolved = false;
    bool tls_began = false;  // TCP was connected then
    int system_error = 0;    // errno of the connection, 0: none
    AnswerHead head = {};    // of HTTP; of FTP it has the length
    FtpDialog ftp = {};
    uint64_t received_bytes = 0;         // of the body
    bool stored_file_is_broken = false;  // that was to be sent
    CodingFlaw coding_flaw = CodingFlaw::none;
    std::string certificate = {};   // certificate_words()
    bool has_only_expired = false;  // that certificate, and nothing else is wrong with it
    std::string_view curl_words = {};
};

struct TransferVerdict {
    TransferFault fault = TransferFault::broken;
    std::string reason = {};
};

// "10.0.0.5 port 80": the address that was tried last, or the name.
std::string server_words(const TransferCircumstances& circumstances);

// What a server wants to have proved in a way that nobody here knows. `challenges`: the fields
// WWW-Authenticate (RFC 9110 11.6.1).
std::string challenge_words(std::string_view challenges);

// For any `code` but CURLE_OK.
TransferVerdict judge_failure(CURLcode code, const TransferCircumstances& circumstances);

}  // namespace dialtone
