// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/pnp_request.h"

#include "agent/limits.h"
#include "agent/placeholder.h"

namespace dialtone {
namespace {

constexpr uint16_t usual_port = 5060;
// As long as those of the capture in the Grandstream text.
constexpr uint32_t nine_digits = 100'000'000;
constexpr uint32_t ten_digits = 1'000'000'000;
constexpr uint32_t highest = 2'147'483'647;

// Its digits as letters, as the Grandstream text shows it: 197 is BJH.
std::string lettered(std::string text) {
    for (char& c : text) {
        if (c >= '0' && c <= '9') c = static_cast<char>(c - '0' + 'A');
    }
    return text;
}

std::string host_of(const PnpParties& parties) {
    std::string host = parties.server;
    if (host.size() > limits::pnp_host_bytes || parse_address(host))
        host = address_in_url(parties.server_address);
    if (parties.server_port != usual_port) (host += ':') += std::to_string(parties.server_port);
    return host;
}

struct Filling {
    std::string_view user;
    const PnpParties& parties;
    const PnpCall& call;
};

bool is_tcp(const Filling& from) {
    return from.parties.transport == PnpTransport::tcp;
}

constexpr Placeholder<Filling> placeholders[] = {
    {"{user}", [](const Filling& from) { return std::string(from.user); }},
    {"{server}", [](const Filling& from) { return host_of(from.parties); }},
    {"{address}", [](const Filling& from) { return address_in_url(from.parties.own_address); }},
    {"{port}", [](const Filling& from) { return std::to_string(from.parties.own_port); }},
    {"{transport}",
     [](const Filling& from) -> std::string { return is_tcp(from) ? "TCP" : "UDP"; }},
    {"{via_params}",
     [](const Filling& from) -> std::string { return is_tcp(from) ? "" : ";rport"; }},
    {"{contact_params}",
     [](const Filling& from) -> std::string { return is_tcp(from) ? ";transport=tcp" : ""; }},
    {"{branch}", [](const Filling& from) { return from.call.branch; }},
    {"{tag}", [](const Filling& from) { return from.call.tag; }},
    {"{call}", [](const Filling& from) { return from.call.number; }},
    {"{lettered}",
     [](const Filling& from) { return lettered(address_text(from.parties.own_address)); }},
};

std::string fill(std::string_view text, const Filling& from) {
    return fill_placeholders<Filling>(text, placeholders, from);
}

std::string printable(std::string_view text, uint32_t most_bytes) {
    std::string out;
    for (const char c : text.substr(0, most_bytes)) {
        if (static_cast<uint8_t>(c) >= 0x20 && c != 0x7F && c != '"') out += c;
    }
    return out;
}

}  // namespace

PnpCall draw_call(Rng& rng) {
    const auto number = [&](uint32_t low, uint32_t high) {
        return std::to_string(rng.between(low, high));
    };
    PnpCall call;
    call.branch = "z9hG4bK" + number(nine_digits, ten_digits - 1);
    call.tag = number(ten_digits, highest);
    call.number = number(ten_digits, highest);
    return call;
}

std::string subscribe_text(std::string_view form, std::string_view user, const Identity& identity,
                           const PnpParties& parties, const PnpCall& call) {
    Identity shown = identity;
    shown.model = printable(identity.model, limits::pnp_name_bytes);
    shown.version = printable(identity.version, limits::pnp_name_bytes);
    PnpParties clean = parties;
    clean.server = printable(parties.server, limits::pnp_host_bytes + 1);
    std::string lines = fill(form, {user, clean, call});
    lines = fill_template(lines, shown);
    std::string text;
    for (const char c : lines) {
        if (c == '\n') text += '\r';
        text += c;
    }
    return text += "\r\n";
}

}  // namespace dialtone
