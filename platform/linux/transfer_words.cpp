// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/transfer_words.h"

#include <errno.h>
#include <string.h>

#include "agent/address.h"
#include "agent/limits.h"
#include "agent/text.h"
#include "platform/linux/ftp_dialog.h"
#include "platform/linux/tls_words.h"

namespace dialtone {
namespace {

using Circumstances = TransferCircumstances;

std::string after_bytes(const Circumstances& c) {
    return " after " + std::to_string(c.received_bytes) + " bytes of the body";
}

std::string connect_words(const Circumstances& c) {
    switch (c.system_error) {
        case 0:
            return "no connection to " + server_words(c);
        case ECONNREFUSED:
            return "connection refused by " + server_words(c);
        case ENETUNREACH:
        case EHOSTUNREACH:
            return "no way to " + server_words(c);
        case ETIMEDOUT:
            return "no answer from " + server_words(c);
        default:
            return "no connection to " + server_words(c) + ": " + ::strerror(c.system_error);
    }
}

TransferVerdict judge_timeout(const Circumstances& c) {
    const std::string patience = " within " + std::to_string(c.connect_ms) + " ms";
    if (!c.name_was_resolved) {
        return {TransferFault::name, "no name server answered for " + c.host + patience};
    }
    if (c.tls_began) {
        return {TransferFault::connect, "no TLS answer from " + server_words(c) + patience};
    }
    return {TransferFault::connect, "no answer from " + server_words(c) + patience};
}

TlsAsker asker_of(const Circumstances& c) {
    return {.shows_certificate = c.shows_certificate,
            .names_host = !parse_address(c.host).has_value()};
}

// A connection over TLS that has ended when the handshake was over: what that says about it.
std::string tls_end(const Circumstances& c) {
    if (!c.is_tls || c.head.began) return {};
    const TlsFault fault = read_tls_fault(c.curl_words);
    return fault.alert != 0 ? tls_fault_words(fault, asker_of(c))
                            : tls_end_words(fault, asker_of(c));
}

TransferVerdict judge_break(const Circumstances& c) {
    if (c.curl_words.starts_with("Too large response headers")) {
        return {TransferFault::broken, "the answer's header is larger than 300 KB"};
    }
    // With TLS 1.3 the server judges the client when the client's handshake is over.
    if (c.is_tls && !c.head.began) {
        const std::string why = tls_end(c);
        return {TransferFault::tls, server_words(c) +
                                        " ended the TLS connection before it answered" +
                                        (why.empty() ? "" : ": " + why)};
    }
    if (!c.head.began) {
        return {TransferFault::broken, "the connection to " + server_words(c) + " broke"};
    }
    if (!c.head.complete) {
        return {TransferFault::broken, "the connection broke inside the answer's header"};
    }
    return {TransferFault::broken, "the connection broke" + after_bytes(c)};
}

TransferVerdict judge_nothing(const Circumstances& c) {
    if (c.head.began) return {TransferFault::broken, "the answer ended inside its header"};
    const std::string why = tls_end(c);
    if (why.empty()) return {TransferFault::broken, server_words(c) + " hung up without an answer"};
    return {TransferFault::tls, server_words(c) + " hung up without an answer: " + why};
}

std::string truncated_words(const Circumstances& c) {
    const std::string received = std::to_string(c.received_bytes);
    if (c.head.content_length < 0)
        return "the body ended inside a chunk after " + received + " bytes";
    return "the body ended after " + received + " of " + std::to_string(c.head.content_length) +
           " bytes";
}

std::string handshake_words(const Circumstances& c) {
    std::string words = "the TLS handshake with " + server_words(c) + " failed";
    const TlsFault fault = read_tls_fault(c.curl_words);
    if (fault != TlsFault{}) words += ": " + tls_fault_words(fault, asker_of(c));
    return words;
}

std::string no_http_words(const Circumstances& c) {
    if (c.head.complete) return "the answer breaks HTTP" + after_bytes(c);
    if (c.head.began) return "the answer's header breaks HTTP";
    return "what " + server_words(c) + " answered is not HTTP";
}

// Of what HTTP and FTP have in common. `reason` is empty for everything else.
TransferVerdict judge_way(CURLcode code, const Circumstances& c) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return {TransferFault::name, "the name " + c.host + " could not be resolved"};
        case CURLE_COULDNT_CONNECT:
            return {TransferFault::connect, connect_words(c)};
        case CURLE_OPERATION_TIMEDOUT:
            return judge_timeout(c);
        case CURLE_PEER_FAILED_VERIFICATION:
            return {c.has_only_expired ? TransferFault::expired : TransferFault::tls,
                    c.certificate.empty() ? "certificate was not accepted" : c.certificate};
        case CURLE_SSL_CACERT_BADFILE:
            return {TransferFault::tls, "no certificates can be read from " + c.ca_file};
        case CURLE_SSL_CERTPROBLEM:
            return {TransferFault::tls, c.own_certificate_flaw};
        case CURLE_SSL_CONNECT_ERROR:
            return {TransferFault::tls, handshake_words(c)};
        default:
            return {};
    }
}

// on_field() or on_body() does not go on.
TransferVerdict judge_unreadable(const Circumstances& c) {
    struct Row {
        TransferFault fault;
        const char* before;  // the coding
        const char* after;
    };
    constexpr Row rows[] = {
        {TransferFault::unsupported,
         "the server encodes the file (Content-Encoding: ", "), which nobody asked it to do"},
        {TransferFault::broken, "the server calls the file ", " (Content-Encoding), and it is not"},
        {TransferFault::broken, "the file's ", " is damaged"},
        {TransferFault::truncated, "the file's ", " has no end"},
    };
    if (c.head.switches_protocol())
        return {TransferFault::broken, "the server switches to another protocol (status 101)"};
    if (c.coding_flaw == CodingFlaw::none)
        return {TransferFault::broken, "the answer names two lengths for its body"};
    const Row& row = rows[static_cast<size_t>(c.coding_flaw) - 1];
    const auto coding =
        std::string_view(c.head.content_encoding).substr(0, limits::coding_words_bytes);
    return {row.fault, std::string(row.before).append(coding).append(row.after)};
}

TransferVerdict judge_http_failure(CURLcode code, const Circumstances& c) {
    switch (code) {
        case CURLE_PARTIAL_FILE:
            return {TransferFault::truncated, truncated_words(c)};
        case CURLE_GOT_NOTHING:
            return judge_nothing(c);
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return judge_break(c);
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return {TransferFault::broken, no_http_words(c)};
        case CURLE_WRITE_ERROR:
            return judge_unreadable(c);
        case CURLE_BAD_CONTENT_ENCODING:
            return {TransferFault::broken,
                    "the answer has a Transfer-Encoding that nobody asked for"};
        case CURLE_ABORTED_BY_CALLBACK:
            if (c.stored_file_is_broken)
                return {TransferFault::stored_file, "the file changed while it was being sent"};
            return {TransferFault::broken, "the transfer was given up"};
        case CURLE_TOO_LARGE:
            return {TransferFault::broken, "a line of the answer's header is too long"};
        default:
            return {TransferFault::broken,
                    "the transfer failed: result " + std::to_string(code) + " of curl"};
    }
}

}  // namespace

std::string server_words(const Circumstances& c) {
    return c.last_address.empty() ? c.host + " port " + std::to_string(c.port) : c.last_address;
}

std::string challenge_words(std::string_view challenges) {
    constexpr std::string_view algorithm = "algorithm=";
    const size_t place = lowered(challenges).find(algorithm);
    if (place == std::string_view::npos || !begins_without_case(challenges, "digest"))
        return std::string(challenges.substr(0, limits::challenge_words_bytes));
    std::string_view rest = challenges.substr(place + algorithm.size());
    return std::string("Digest with ").append(trimmed(take_piece(rest, ','), " \""));
}

TransferVerdict judge_failure(CURLcode code, const Circumstances& c) {
    const bool is_dialog = c.ftp.began || c.ftp.connected;
    if (is_dialog && code == CURLE_OPERATION_TIMEDOUT) return judge_ftp_failure(code, c);
    if (TransferVerdict verdict = judge_way(code, c); !verdict.reason.empty()) return verdict;
    return c.is_ftp ? judge_ftp_failure(code, c) : judge_http_failure(code, c);
}

}  // namespace dialtone
