// SPDX-License-Identifier: Apache-2.0
#include "agent/account_keys.h"

#include <charconv>
#include <optional>

namespace dialtone {
namespace {

std::string filled(std::string_view pattern, uint32_t account) {
    std::string out(pattern);
    if (const auto at = out.find('#'); at != std::string::npos)
        out.replace(at, 1, std::to_string(account));
    return out;
}

// Of the account whose key it is; 0: the pattern is another one's.
uint32_t account_in(std::string_view pattern, std::string_view key) {
    const auto at = pattern.find('#');
    if (at == std::string_view::npos || !key.starts_with(pattern.substr(0, at))) return 0;
    key.remove_prefix(at);
    uint32_t account = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), account);
    if (error != std::errc{}) return 0;
    const auto digits = static_cast<uint32_t>(end - key.data());
    return key.substr(digits) == pattern.substr(at + 1) ? account : 0;
}

std::optional<uint32_t> read_port(std::string_view text) {
    uint32_t port = 0;
    constexpr uint32_t digits = 5;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || text.size() > digits || port > 65'535) return std::nullopt;
    return port;
}

struct ServerParts {
    std::string_view host = {};
    uint32_t port = sip_default_port;
};

// A text with several colons and no brackets is an address of IPv6 without a port.
ServerParts parts_of(std::string_view text) {
    std::string_view host = text;
    std::string_view rest;
    const bool in_brackets = text.starts_with('[') && text.find(']') != std::string_view::npos;
    if (in_brackets) {
        const auto close = text.find(']');
        host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
    } else if (const auto colon = text.find(':');
               colon != std::string_view::npos && colon == text.rfind(':')) {
        host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    if (rest.empty()) return {host, sip_default_port};
    const auto port = rest.starts_with(':') ? read_port(rest.substr(1)) : std::nullopt;
    return port ? ServerParts{host, *port} : ServerParts{text, sip_default_port};
}

}  // namespace

const AccountKey* find_account_key(const AccountKeys& keys, std::string_view object,
                                   std::string_view name) {
    for (const AccountKey& row : keys.keys) {
        const std::string_view parameter = row.parameter;
        if (parameter.size() == object.size() + name.size() && parameter.starts_with(object) &&
            parameter.ends_with(name))
            return &row;
    }
    return nullptr;
}

std::string account_key(const AccountKey& row, uint32_t account) {
    if (row.keys.empty()) return filled(row.pattern, account);
    return account <= row.keys.size() ? std::string(row.keys[account - 1]) : std::string();
}

std::string other_account_key(const AccountKey& row, uint32_t account) {
    return filled(row.other_pattern, account);
}

std::string other_spelling(const AccountKeys& keys, std::string_view key) {
    for (const AccountKey& row : keys.keys) {
        if (row.other_pattern.empty()) continue;
        for (const bool is_other : {false, true}) {
            const uint32_t account = account_in(is_other ? row.other_pattern : row.pattern, key);
            if (account == 0 || account > keys.accounts) continue;
            return is_other ? account_key(row, account) : other_account_key(row, account);
        }
    }
    return {};
}

std::string sip_server_host(std::string_view text) {
    return std::string(parts_of(text).host);
}

uint32_t sip_server_port(std::string_view text) {
    return parts_of(text).port;
}

std::string sip_server_text(std::string_view host, uint32_t port) {
    const bool is_v6 = host.find(':') != std::string_view::npos;
    std::string out = is_v6 ? '[' + std::string(host) + ']' : std::string(host);
    if (port != sip_default_port) out += ':' + std::to_string(port);
    return out;
}

}  // namespace dialtone
