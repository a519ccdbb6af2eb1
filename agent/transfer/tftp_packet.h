// SPDX-License-Identifier: Apache-2.0
//
// The bytes of TFTP: packets of a client that reads (RFC 1350), options and their answer (RFC
// 2347, 2348 blksize, 2349 tsize and timeout, 7440 windowsize), names out of URLs (RFC 3617).
// Called by the TFTP engine only; nothing here has a state.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"
#include "agent/transfer/url.h"

namespace dialtone {

enum class TftpError : uint16_t {  // RFC 1350, 8 by RFC 2347
    undefined,
    file_not_found,
    access_violation,
    allocation_exceeded,
    illegal_operation,
    unknown_transfer_id,
    file_exists,
    no_such_user,
    option_refused,
};

// What a transfer runs with. As they stand: without any option.
struct TftpOptions {
    uint16_t block_bytes = 512;
    uint16_t window_blocks = 1;  // sent before an acknowledgement is due
    uint64_t file_bytes = 0;     // tsize; 0: not said
};

struct TftpPacket {
    enum class Kind : uint8_t {
        data,        // `number` is the block's, `rest` its bytes
        error,       // `number` is the code, `rest` the words
        option_ack,  // `rest` are the options
        other,       // nothing a reading client takes
    };
    Kind kind = Kind::other;
    uint16_t number = 0;
    std::span<const uint8_t> rest = {};
};

TftpPacket read_tftp_packet(std::span<const uint8_t> bytes);

// The options of an OACK. Errors: malformed (broken text, an option twice), unsupported (an
// option that was not asked for, or a value over what was asked). A server that repeats the
// question's "tsize 0" has not said a size. timeout is the server's own affair and only read.
Result<TftpOptions> read_tftp_options(std::span<const uint8_t> rest, const TftpOptions& asked);

// The words of an ERROR packet, bounded, printable ASCII only.
std::string read_tftp_words(std::span<const uint8_t> rest);

// RRQ in octet mode; the options blksize, tsize, timeout and windowsize when `asked` is given.
std::vector<uint8_t> tftp_read_request(std::string_view name, const TftpOptions* asked);
std::vector<uint8_t> tftp_acknowledgement(uint16_t block);
std::vector<uint8_t> tftp_error(TftpError code, std::string_view words);

// The file's name for the server: the path without its first slash (a second one makes it
// absolute, RFC 3617), percent-decoded, without ";mode=". Errors: empty (no name, or a folder's),
// too_big (over limits::tftp_name_bytes), bad_usage (control characters).
Result<std::string> tftp_file_name(const Url& url);

}  // namespace dialtone
