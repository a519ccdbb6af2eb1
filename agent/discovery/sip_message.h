// SPDX-License-Identifier: Apache-2.0
//
// Reads one SIP message from a datagram or from one framed piece of a stream: RFC 3261 as far as
// plug and play needs it, with the errors of real servers tolerated. Called by the plug and play
// engine only.
//
// Lines, fields and body are split by this file's own scanner, because libosip2 drops a body
// without a Content-Type, cuts one at a Content-Length that is too small, does not know `o` for
// Event and refuses a whole message for one field that nobody reads. libosip2 then reads a
// request's first line and the fields that have a grammar of their own. Fields that are only echoed
// in an answer are kept as they came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

// Start line and fields, folded lines joined.
struct SipHead {
    struct Field {
        std::string name = {};  // lower case, compact forms written out
        std::string value = {};
    };
    std::string start_line = {};
    std::vector<Field> fields = {};
    uint32_t body_at = 0;  // where the body begins, or the end of the bytes

    // The first field of that name, or nullptr.
    const std::string* find(std::string_view name) const;
    // Empty: not said, or no number below 2^31.
    std::optional<uint32_t> content_length() const;
};

// Lines end by CR LF, LF or CR; the blank line at the end may be missing; lines without a colon
// are passed over. Errors: too_big (limits::sip_headers), malformed (NUL), empty.
Result<SipHead> read_sip_head(std::string_view bytes);

// The parameters of an Authorization field of scheme Digest, without quotes. RFC 2617 3.2.2.
struct SipAuthorization {
    std::string user = {};
    std::string realm = {};
    std::string nonce = {};
    std::string uri = {};
    std::string response = {};
    std::string algorithm = {};
    std::string quality = {};  // qop
    std::string cnonce = {};
    std::string nonce_count = {};
};

struct SipMessage {
    bool request = false;
    std::string method = {};
    std::string uri = {};
    uint16_t status = 0;                 // of a response, 100 to 699
    std::vector<std::string> vias = {};  // top first
    std::string from = {};               // these are empty when the message has none
    std::string to = {};
    std::string call_id = {};
    std::string cseq = {};
    std::string event = {};
    std::string subscription_state = {};
    std::string content_type = {};  // "application/url": lower case, no parameters
    std::string content_url = {};   // parameter URL of message/external-body, RFC 4483
    std::optional<SipAuthorization> authorization = {};
    std::string body = {};
    std::string flaw = {};  // why a request is to be refused, as a reason phrase
};

// Errors: too_big (limits::sip_message_bytes, limits::sip_headers), malformed (no SIP/2.0 start
// line, a status that is none, NUL in the head), empty. A request with a field missing or broken
// is read, and says so in `flaw`.
// The body of a datagram goes to its end; a Content-Length inside it counts as far as the line it
// ends in, so that one counted wrongly does not cut a URL.
Result<SipMessage> read_sip_message(std::string_view bytes);

// Parameter `branch` of a Via, empty if it has none.
std::string_view via_branch(std::string_view via);
// Parameter `tag` of a From or To, behind the address in its brackets; empty if it has none.
std::string_view address_tag(std::string_view field);

}  // namespace dialtone
