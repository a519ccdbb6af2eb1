// SPDX-License-Identifier: Apache-2.0
//
// What the tests of trust share: files for the phone that they are about, servers that give them in
// one way or another, and whom such a phone asks.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/lab/swarm/openssl_enc.h"
#include "sim/world/phone.h"

namespace dialtone::test {

using namespace sim;

inline constexpr std::string_view own_key = "the operator's";
inline constexpr WallSeconds day_s = 86'400;

inline std::string config(std::string_view items) {
    return "<gs_provision version=\"1\"><config version=\"1\">" + std::string(items) +
           "</config></gs_provision>\n";
}

inline std::string p47(std::string_view value) {
    return config("<P47>" + std::string(value) + "</P47>");
}

// A signature counts for the phone that the file names.
inline std::string signed_p47(std::string_view value) {
    return "<gs_provision version=\"1\"><mac>000b82273b89</mac><config version=\"1\"><P47>" +
           std::string(value) + "</P47></config></gs_provision>\n";
}

inline std::string own_file_at(std::string_view folder) {
    return std::string(folder) + "/cfg000b82273b89.xml";
}

inline Answer plain(std::string body) {
    return {.body = std::move(body)};
}

inline Answer encrypted(std::string_view body, std::string_view key = own_key) {
    return {.body = openssl_enc(key, body)};
}

inline Answer by_tls(std::string body) {
    return {.body = std::move(body), .tls_verified = true};
}

inline std::string value_of(const Phone& phone, std::string_view key) {
    const Generation active = phone.active();
    const Item* item = active.find(key);
    return item ? item->value : "";
}

inline PhoneOptions options_with(std::vector<std::pair<Setting, std::string>> settings) {
    PhoneOptions options;
    options.settings = std::move(settings);
    options.settings.emplace_back(Setting::splay, "0");
    return options;
}

inline PhoneOptions asks_static(std::string_view url) {
    return options_with({{Setting::order, "static"}, {Setting::static_url, std::string(url)}});
}

inline PhoneOptions asks_dhcp() {
    return options_with({{Setting::order, "dhcp"}});
}

inline void name_by_dhcp(Site& site, std::string_view url) {
    site.dhcp.clear();
    site.dhcp.emplace_back();
    site.dhcp.back().put(66, std::string(url));
}

inline bool journal_says(const Site& site, std::string_view words) {
    return std::ranges::any_of(site.journal, [words](const std::string& line) {
        return line.find(words) != std::string::npos;
    });
}

}  // namespace dialtone::test
