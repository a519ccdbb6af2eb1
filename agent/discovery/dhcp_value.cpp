// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/dhcp_value.h"

#include <algorithm>
#include <charconv>

#include "agent/address.h"
#include "agent/limits.h"
#include "agent/scheme.h"
#include "agent/settings.h"
#include "agent/text.h"

namespace dialtone {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint32_t scheme_letters = 16;  // of an unknown one, for people
constexpr uint32_t name_bytes = 253;     // RFC 1035, as text
constexpr uint32_t label_bytes = 63;

bool is_name_letter(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

bool is_ascii(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return is_control(c) || static_cast<uint8_t>(c) >= 0x80; });
}

// RFC 2132 3 asks clients to do without trailing NULs; servers pad with 0xFF and blanks, too.
std::string_view stripped(Bytes value) {
    std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
    const auto is_padding = [](char c) {
        return c == '\0' || c == '\xff' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
    };
    while (!text.empty() && is_padding(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_padding(text.back()))
        text.remove_suffix(1);
    return text;
}

// What people, and the forms they fill in, put around a text.
struct Quotes {
    std::string_view opening;
    std::string_view closing;
};
constexpr Quotes quotes[] = {
    {"\"", "\""},
    {"'", "'"},
    {"`", "`"},
    {"<", ">"},
    {"\xe2\x80\x9c", "\xe2\x80\x9d"},  // those of typesetters, in UTF-8
    {"\xe2\x80\x98", "\xe2\x80\x99"},
    {"\xe2\x80\x9e", "\xe2\x80\x9c"},
    {"\xc2\xab", "\xc2\xbb"},
};
constexpr std::string_view quotes_remark = "is in quotes, which are taken off";

// The text of an option, or of a part of one.
struct OptionText {
    std::string_view text = {};
    bool was_quoted = false;

    std::string_view remark() const { return was_quoted ? quotes_remark : std::string_view(); }
};

// A quote that closes and none that opened is left to whoever reads the text: it may belong to it.
OptionText without_quotes(std::string_view text) {
    for (const Quotes& pair : quotes) {
        if (!text.starts_with(pair.opening)) continue;
        text.remove_prefix(pair.opening.size());
        if (text.ends_with(pair.closing)) text.remove_suffix(pair.closing.size());
        return {trimmed(text), true};
    }
    return {text, false};
}

OptionText text_of(Bytes value) {
    return without_quotes(stripped(value));
}

bool is_port(std::string_view digits) {
    uint16_t port = 0;
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, port);
    return error == std::errc() && rest == end && port != 0;
}

struct HostAndPort {
    std::string_view host;  // an IPv6 literal with its brackets
    bool whole = false;     // the port is one, if there is one, and nothing else follows
};

HostAndPort split_host(std::string_view text) {
    const auto host_end = text.starts_with('[') ? text.find(']') : text.find(':');
    if (host_end == std::string_view::npos) return {text, !text.starts_with('[')};
    const auto size = text[host_end] == ']' ? host_end + 1 : host_end;
    const std::string_view rest = text.substr(size);
    return {text.substr(0, size),
            rest.empty() || (rest.starts_with(':') && is_port(rest.substr(1)))};
}

// A name or an address, `more` being letters it may hold besides.
bool is_host(std::string_view host, std::string_view more) {
    if (host.starts_with('[')) {
        const auto address = parse_address(host.substr(1, host.size() - 2));
        return address && address->octet_count == 16;
    }
    const auto may_stand = [more](char c) {
        return is_name_letter(c) || c == '.' || more.find(c) != std::string_view::npos;
    };
    return host.size() <= name_bytes && std::any_of(host.begin(), host.end(), is_name_letter) &&
           std::all_of(host.begin(), host.end(), may_stand);
}

// HOST[:PORT] of what stands before the path.
std::string_view authority_of(std::string_view text) {
    text = text.substr(0, text.find_first_of("/?#"));
    const auto at = text.rfind('@');
    return at == std::string_view::npos ? text : text.substr(at + 1);
}

Result<std::string> server_of_text(std::string_view text) {
    if (text.empty()) return fail(ErrorCode::empty, "is empty");
    if (text.size() > limits::url_bytes)
        return fail(ErrorCode::too_big,
                    "is longer than " + std::to_string(limits::url_bytes) + " bytes");
    if (std::any_of(text.begin(), text.end(), is_control))
        return fail(ErrorCode::malformed, "has control characters in it");
    if (const auto address = parse_address(text)) return address_in_url(*address);
    const std::string_view scheme = scheme_of(text);
    if (!scheme.empty() && !is_known_scheme(scheme)) {
        const bool shown = is_ascii(scheme) && scheme.size() <= scheme_letters;
        return fail(ErrorCode::unsupported,
                    shown ? "has the scheme '" + std::string(scheme) + "', which no transfer knows"
                          : std::string("has a scheme that no transfer knows"));
    }
    const auto begins = scheme.empty() ? 0 : scheme.size() + 3;
    const HostAndPort host = split_host(authority_of(text.substr(begins)));
    constexpr std::string_view placeholder_letters = "${}";
    if (!host.whole || !is_host(host.host, placeholder_letters))
        return fail(ErrorCode::malformed, "names no host");
    return std::string(text);
}

struct SubOption {
    uint8_t code = 0;
    Bytes value = {};
};

// The sub-options of option 43, RFC 2132 8.4. All or nothing: what lies about one length says
// nothing sure about the others.
std::vector<SubOption> sub_options_of(Bytes rest) {
    std::vector<SubOption> values;
    while (!rest.empty() && rest[0] != 0xff) {
        if (rest[0] == 0) {
            rest = rest.subspan(1);
            continue;
        }
        if (rest.size() < 2 || rest[1] > rest.size() - 2) return {};
        values.push_back({rest[0], rest.subspan(2, rest[1])});
        rest = rest.subspan(size_t{2} + rest[1]);
    }
    return values;
}

// Whether text in option 43 is meant for a server: much else may stand there.
bool is_surely_server(std::string_view text) {
    if (!scheme_of(text).empty() || parse_address(text)) return true;
    const std::string_view host = split_host(authority_of(text)).host;
    if (host.starts_with('[') || parse_address(host)) return true;
    const auto dot = host.rfind('.');
    return dot != std::string_view::npos && dot + 1 < host.size() && is_letter(host[dot + 1]);
}

bool names_acs(uint8_t code, std::string_view text) {
    constexpr uint8_t acs_url = 1;
    const std::string_view scheme = scheme_of(text);
    return code == acs_url && (scheme == "http" || scheme == "https");
}

Result<DhcpReading> servers_of_sub_options(Bytes value, bool speaks_cwmp) {
    DhcpReading reading;
    bool has_acs = false;
    for (const SubOption& one : sub_options_of(value)) {
        const OptionText read = text_of(one.value);
        if (speaks_cwmp && names_acs(one.code, read.text)) {
            has_acs = true;
            continue;
        }
        const bool has_room = reading.servers.size() < limits::dhcp_urls;
        if (!has_room || !is_surely_server(read.text)) continue;
        auto server = server_of_text(read.text);
        if (!server) continue;
        reading.servers.push_back(std::move(*server));
        if (read.was_quoted) reading.remark = quotes_remark;
    }
    if (reading.servers.empty())
        return fail(ErrorCode::unsupported,
                    has_acs ? "names an ACS, and no server of files" : "names no server");
    return reading;
}

Result<DhcpReading> servers_of_vendor_information(Bytes value, bool speaks_cwmp) {
    const OptionText read = text_of(value);
    if (read.text.empty()) return fail(ErrorCode::empty, "is empty");
    if (is_ascii(read.text)) {
        auto server = server_of_text(read.text);
        if (server && is_surely_server(read.text))
            return DhcpReading{{std::move(*server)}, read.remark()};
        // The words about a URL that cannot be used are better than "no server".
        if (!server && !scheme_of(read.text).empty() && sub_options_of(value).empty())
            return std::unexpected(std::move(server).error());
    }
    return servers_of_sub_options(value, speaks_cwmp);
}

bool is_usable(const Address& address) {
    const uint8_t first = address.octets[0];
    return first != 0 && first != 127 && first < 224;
}

// Text in option 150 is printable as it stands, but for padding behind it; the addresses of private
// networks are not.
bool is_text(Bytes value) {
    constexpr std::string_view padding("\0\xff\r\n ", 5);
    std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
    while (!text.empty() && padding.find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    return !text.empty() && is_ascii(without_quotes(text).text);
}

// RFC 5859.
Result<DhcpReading> servers_of_addresses(Bytes value) {
    std::vector<std::string> servers;
    for (; value.size() >= 4; value = value.subspan(4)) {
        Address address = {{value[0], value[1], value[2], value[3]}, 4};
        if (is_usable(address) && servers.size() < limits::dhcp_urls)
            servers.push_back("tftp://" + address_text(address));
    }
    if (servers.empty()) return fail(ErrorCode::malformed, "has no address a server can have");
    return DhcpReading{std::move(servers), {}};
}

// One name of RFC 1035 without compression, taken off `rest`; empty when it is none.
std::string take_name(Bytes& rest) {
    std::string name;
    while (!rest.empty() && rest[0] != 0) {
        const uint32_t size = rest[0];
        if (size > label_bytes || size > rest.size() - 1) return {};
        const std::string_view label(reinterpret_cast<const char*>(rest.data()) + 1, size);
        if (!std::all_of(label.begin(), label.end(), is_name_letter)) return {};
        if (!name.empty()) name += '.';
        name += label;
        rest = rest.subspan(size + 1);
    }
    if (rest.empty() || name.size() > name_bytes) return {};
    rest = rest.subspan(1);
    return name;
}

}  // namespace

std::string dhcp_option_name(bool ipv6, uint16_t code) {
    return (ipv6 ? "v6 " : "") + std::to_string(code);
}

Result<DhcpReading> servers_of_option(bool ipv6, uint16_t code, Bytes value, bool speaks_cwmp) {
    const OptionText read = text_of(value);
    if (!ipv6 && code == dhcp_vendor_information)
        return servers_of_vendor_information(value, speaks_cwmp);
    if (!ipv6 && code == dhcp_tftp_servers && value.size() >= 4 && value.size() % 4 == 0 &&
        !is_text(value))
        return servers_of_addresses(value);
    if (!ipv6 && code == dhcp_boot_file_name && scheme_of(read.text).empty())
        return fail(ErrorCode::unsupported, "names a file, and no server for it");
    return DhcpReading{{TRY(server_of_text(read.text))}, read.remark()};
}

Result<DhcpReading> sip_server_of_option(Bytes value) {
    constexpr uint8_t names = 0;
    constexpr uint8_t addresses = 1;
    const OptionText read = text_of(value);
    if (read.text.empty()) return fail(ErrorCode::empty, "is empty");
    if (value[0] == addresses) {
        if (value.size() < 5 || (value.size() - 1) % 4 != 0)
            return fail(ErrorCode::malformed, "is no list of addresses");
        const Address address = {{value[1], value[2], value[3], value[4]}, 4};
        if (!is_usable(address)) return fail(ErrorCode::malformed, "has no address to call");
        return DhcpReading{{address_text(address)}, {}};
    }
    if (value[0] == names) {
        Bytes rest = value.subspan(1);
        std::string name = take_name(rest);
        if (name.empty()) return fail(ErrorCode::malformed, "is no list of names");
        return DhcpReading{{std::move(name)}, {}};
    }
    const std::string_view first = read.text.substr(0, read.text.find_first_of(" ,;\t"));
    if (const auto address = parse_address(first))
        return DhcpReading{{address_in_url(*address)}, read.remark()};
    const HostAndPort host = split_host(first);
    if (!host.whole || !is_host(host.host, {})) return fail(ErrorCode::malformed, "names no host");
    return DhcpReading{{std::string(first)}, read.remark()};
}

bool was_mangled_by_client(bool ipv6, uint16_t code, Bytes value) {
    return !ipv6 && code == dhcp_tftp_server_name && stripped(value) == "bad";
}

}  // namespace dialtone
