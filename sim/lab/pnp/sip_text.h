// SPDX-License-Identifier: Apache-2.0
//
// SIP messages as text (RFC 3261), as far as a server of plug and play reads and writes them.
// Written apart from the agent's own SIP code, so that one does not repeat the other's mistakes.
//
// Who calls it: the server that leads a device through the cases, and the cases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialtone::sim::pnp {

inline constexpr uint32_t sip_fields = 100;

struct SipText {
    std::string first;                                        // the line
    std::vector<std::pair<std::string, std::string>> fields;  // names in lower case, written out
    std::string body;

    // Of the first field of that name; empty if there is none.
    std::string_view field(std::string_view name) const;
    // "SUBSCRIBE", empty for an answer.
    std::string_view method() const;
    // The request-URI, empty for an answer.
    std::string_view uri() const;
    // 0 for a request.
    uint32_t status() const;
};

// Nothing for what is no SIP message, or has more than sip_fields fields.
std::optional<SipText> read_sip_text(std::string_view bytes);

// What stands before the parameters of a field: "ua-profile" of `ua-profile;vendor="A"`.
std::string_view value_of(std::string_view field);
// The parameter of that name, without its quotes; nothing if there is none, empty if it has no
// value. Of an address in brackets the field's own, not the URI's.
std::optional<std::string_view> parameter_of(std::string_view field, std::string_view name);
// The URI of a From, To or Contact.
std::string_view address_of(std::string_view field);
// Host and port of a URI without parameters: "10.0.0.1:5060" of sip:user@10.0.0.1:5060.
std::string_view place_of(std::string_view uri);
// Its user; empty if there is none.
std::string_view user_of(std::string_view uri);

// The answer to a request: its own fields (RFC 3261 8.2.6.2), `tag` in To, then whole `lines`.
std::string write_answer(const SipText& request, std::string_view status, std::string_view tag,
                         const std::vector<std::string>& lines);
// A request or answer of these lines, the body behind a Content-Length.
std::string write_lines(const std::vector<std::string>& lines, std::string_view body);

}  // namespace dialtone::sim::pnp
