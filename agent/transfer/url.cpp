// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/url.h"

#include <array>
#include <charconv>
#include <vector>

#include "agent/address.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

struct SchemeRow {
    Scheme scheme;
    std::string_view name;
    uint16_t port;
};

constexpr SchemeRow scheme_rows[] = {
    {Scheme::http, "http", 80},  {Scheme::https, "https", 443}, {Scheme::ftp, "ftp", 21},
    {Scheme::ftps, "ftps", 990}, {Scheme::tftp, "tftp", 69},
};

// RFC 3986: what may stand in a path or query as it is. '%' stays, so that a URL that is already
// encoded is sent as it was given.
bool may_stand(char c) {
    const bool letter = is_letter(c) || is_digit(c);
    return letter || std::string_view("-._~!$&'()*+,;=:@/?%").find(c) != std::string_view::npos;
}

// RFC 3986 2.3: what never means anything but itself.
bool is_unreserved(char c) {
    return is_letter(c) || is_digit(c) ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view text, bool (*stands)(char) = may_stand) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (char c : text) {
        if (stands(c)) {
            out += c;
            continue;
        }
        const auto octet = static_cast<uint8_t>(c);
        out += '%';
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
}

// "scheme://" in front of `text`, cut off; nothing when there is none.
Result<bool> take_scheme(std::string_view& text, Url& url) {
    const auto mark = text.find("://");
    if (mark == std::string_view::npos || text.substr(0, mark).find('/') != std::string_view::npos)
        return false;
    const std::string_view name = text.substr(0, mark);
    for (const SchemeRow& row : scheme_rows) {
        if (!equals_without_case(row.name, name)) continue;
        url.scheme = row.scheme;
        text.remove_prefix(mark + 3);
        return true;
    }
    return fail(ErrorCode::unsupported,
                "no transfer is known for '" + std::string(name.substr(0, 16)) + "://' addresses");
}

Status take_port(std::string_view digits, Url& url) {
    if (digits.empty()) return {};
    uint32_t port = 0;
    const char* const end = digits.data() + digits.size();
    const auto [rest, code] = std::from_chars(digits.data(), end, port);
    if (rest != end || code != std::errc() || port == 0 || port > 65535)
        return fail(ErrorCode::bad_usage, "the address has a port that is no port");
    url.port = static_cast<uint16_t>(port);
    url.port_given = true;
    return {};
}

// Letters, digits and the other characters that host names in real networks have. Names with other
// letters than ASCII's have to be written as punycode.
bool may_stand_in_host(char c) {
    const bool letter = is_letter(c) || is_digit(c);
    return letter || c == '-' || c == '.' || c == '_';
}

Status take_host(std::string_view text, Url& url) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos)
            return fail(ErrorCode::bad_usage, "the address opens a bracket and never closes it");
        url.host = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
        if (!text.empty() && !text.starts_with(':'))
            return fail(ErrorCode::bad_usage, "the address has something odd behind its bracket");
        if (!text.empty()) TRY(take_port(text.substr(1), url));
    } else if (text.find(':') != text.rfind(':')) {
        url.host = text;  // an IPv6 address whose brackets were forgotten: there is no port then
    } else {
        const auto colon = text.find(':');
        url.host = text.substr(0, colon);
        if (colon != std::string_view::npos) TRY(take_port(text.substr(colon + 1), url));
    }
    if (url.host.empty()) return fail(ErrorCode::bad_usage, "the address names no host");
    const bool literal = url.host.find(':') != std::string_view::npos;
    if (literal && !parse_address(url.host))
        return fail(ErrorCode::bad_usage, "the address has a host that cannot be");
    for (char c : url.host) {
        if (!may_stand_in_host(c) && !(literal && c == ':'))
            return fail(ErrorCode::bad_usage, "the address has a host that cannot be");
    }
    return {};
}

void take_userinfo(std::string_view& authority, Url& url) {
    const auto at = authority.rfind('@');  // a password may hold an unencoded '@'
    if (at == std::string_view::npos) return;
    const std::string_view userinfo = authority.substr(0, at);
    const auto colon = userinfo.find(':');
    url.has_userinfo = true;
    url.user = userinfo.substr(0, colon);
    if (colon != std::string_view::npos) url.password = userinfo.substr(colon + 1);
    authority.remove_prefix(at + 1);
}

std::string authority_of(const Url& url) {
    std::string out(scheme_name(url.scheme));
    out += "://";
    return out;
}

void append_host(std::string& out, const Url& url) {
    const bool literal = url.host.find(':') != std::string_view::npos;
    if (literal) out += '[';
    out += url.host;
    if (literal) out += ']';
    if (url.port != scheme_port(url.scheme)) {
        out += ':';
        out += std::to_string(url.port);
    }
}

// RFC 3986 5.2.4.
std::string without_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    bool open_end = false;
    while (!path.empty()) {
        path.remove_prefix(1);  // the '/'
        const auto slash = path.find('/');
        const std::string_view segment = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
        open_end = segment == "." || segment == "..";
        if (segment == ".." && !kept.empty()) kept.pop_back();
        if (!open_end) kept.push_back(segment);
    }
    std::string out;
    for (std::string_view segment : kept)
        (out += '/') += segment;
    if (open_end || out.empty()) out += '/';
    return out;
}

std::string masked_whole(const Url& url) {
    std::string out = authority_of(url);
    if (url.has_userinfo) out += "***@";
    append_host(out, url);
    append_encoded(out, url.path);
    if (!url.query.empty()) out += "?***";
    return out;
}

// Printable ASCII, as it is masked, so that only "%XX" could be cut in its middle.
std::string cut_url(std::string url) {
    constexpr std::string_view mark = "...";
    if (url.size() <= limits::journal_url_bytes) return url;
    url.resize(limits::journal_url_bytes - mark.size());
    const auto escape = url.rfind('%');
    if (escape != std::string::npos && escape + 3 > url.size()) url.resize(escape);
    return url += mark;
}

}  // namespace

std::string_view scheme_name(Scheme scheme) {
    return scheme_rows[static_cast<uint32_t>(scheme)].name;
}

uint16_t scheme_port(Scheme scheme) {
    return scheme_rows[static_cast<uint32_t>(scheme)].port;
}

Result<Url> parse_url(std::string_view text, Scheme default_scheme) {
    if (text.size() > limits::url_bytes)
        return fail(ErrorCode::too_big,
                    "the address is longer than " + std::to_string(limits::url_bytes) + " bytes");
    for (char c : text) {
        if (is_control(c))
            return fail(ErrorCode::bad_usage, "the address has control characters in it");
    }
    if (text.empty()) return fail(ErrorCode::bad_usage, "the address is empty");
    Url url;
    url.scheme = default_scheme;
    url.scheme_given = TRY(take_scheme(text, url));
    text = text.substr(0, text.find('#'));
    const auto path_begins = text.find_first_of("/?");
    std::string_view authority = text.substr(0, path_begins);
    // A '/' in a password has to be percent-encoded: the first '/' ends the authority.
    take_userinfo(authority, url);
    TRY(take_host(authority, url));
    if (!url.port_given) url.port = scheme_port(url.scheme);
    if (path_begins == std::string_view::npos) return url;
    const std::string_view rest = text.substr(path_begins);
    const auto query = rest.find('?');
    url.path = rest.substr(0, query);
    if (query != std::string_view::npos) url.query = rest.substr(query);
    return url;
}

std::string request_url(const Url& url) {
    std::string out = authority_of(url);
    append_host(out, url);
    append_encoded(out, url.path.empty() ? "/" : url.path);
    append_encoded(out, url.query);
    return out;
}

std::string masked_url(const Url& url) {
    return cut_url(masked_whole(url));
}

std::string masked_url(std::string_view text, Scheme default_scheme) {
    return cut_url(whole_masked_url(text, default_scheme));
}

std::string whole_masked_url(std::string_view text, Scheme default_scheme) {
    const auto url = parse_url(text, default_scheme);
    return url ? masked_whole(*url) : "(unreadable)";
}

std::string url_with_user(const Url& url, std::string_view user, std::string_view password) {
    std::string out = request_url(url);
    if (user.empty() && password.empty() && !url.has_userinfo) return out;
    std::string userinfo(url.user);
    if (!url.password.empty()) (userinfo += ':') += url.password;
    if (!user.empty() || !password.empty()) {
        userinfo.clear();
        append_encoded(userinfo, user, is_unreserved);
        userinfo += ':';
        append_encoded(userinfo, password, is_unreserved);
    }
    out.insert(out.find("://") + 3, userinfo + '@');
    return out;
}

bool same_server(const Url& one, const Url& other) {
    return one.scheme == other.scheme && one.port == other.port &&
           equals_without_case(one.host, other.host);
}

ServerName server_name(const Url& url) {
    if (url.host.size() > limits::host_bytes) return {};
    return {lowered(url.host), url.scheme == Scheme::https || url.scheme == Scheme::ftps};
}

ServerName server_name(std::string_view url, Scheme default_scheme) {
    const auto parsed = parse_url(url, default_scheme);
    return parsed ? server_name(*parsed) : ServerName{};
}

std::string resolved_reference(const Url& base, std::string_view reference) {
    const auto mark = reference.find("://");
    const auto slash = reference.find_first_of("/?#");
    if (mark != std::string_view::npos && mark < slash) return std::string(reference);
    std::string out = authority_of(base);
    if (reference.starts_with("//")) return out + std::string(reference.substr(2));
    append_host(out, base);
    const auto query = reference.find('?');
    const std::string_view path = reference.substr(0, query);
    const std::string_view tail =
        query == std::string_view::npos ? std::string_view() : reference.substr(query);
    if (path.starts_with('/')) return out + without_dot_segments(path) + std::string(tail);
    if (path.empty()) return out + std::string(base.path) + std::string(tail);
    std::string merged(base.path.substr(0, base.path.rfind('/') + 1));
    if (merged.empty()) merged = "/";
    return out + without_dot_segments(merged += path) + std::string(tail);
}

std::string filled_placeholders(std::string_view text, const Identity& identity) {
    // Longest spelling first, so that "${mac}" does not leave "$" and "}" behind.
    constexpr std::array<std::string_view, 9> spellings = {
        "${mac}", "${MAC}", "{$mac}", "{$MAC}", "{mac}", "{MAC}", "$mac", "$MAC", "$input"};
    const std::string mac = mac_text(identity);
    std::string upper_mac = mac;
    for (char& c : upper_mac)
        c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
    std::string out;
    while (!text.empty()) {
        std::string_view found;
        for (std::string_view spelling : spellings) {
            if (text.starts_with(spelling)) {
                found = spelling;
                break;
            }
        }
        if (found.empty()) {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        out += found.find("MAC") == std::string_view::npos ? mac : upper_mac;
        text.remove_prefix(found.size());
    }
    return out;
}

std::string_view last_segment(const Url& url) {
    const auto slash = url.path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : url.path.substr(slash + 1);
}

}  // namespace dialtone
