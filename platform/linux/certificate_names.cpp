// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/certificate_names.h"

#include <arpa/inet.h>
#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view any_label = "*.";

std::string_view text_of(const mbedtls_x509_buf& buffer) {
    return {reinterpret_cast<const char*>(buffer.p), buffer.len};
}

struct Names {
    std::vector<std::string_view> hosts = {};
    std::vector<std::string_view> addresses = {};  // 4 or 16 bytes
    std::vector<std::string_view> others = {};     // e-mail addresses and URIs: words only
    std::vector<std::string_view> common = {};
};

void add_alternative(Names& names, const mbedtls_x509_buf& name) {
    if (name.p == nullptr) return;
    switch (name.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) {
        case MBEDTLS_X509_SAN_DNS_NAME:
            return names.hosts.push_back(text_of(name));
        case MBEDTLS_X509_SAN_IP_ADDRESS:
            return names.addresses.push_back(text_of(name));
        case MBEDTLS_X509_SAN_RFC822_NAME:
        case MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER:
            return names.others.push_back(text_of(name));
        default:
            return;
    }
}

Names names_of(const mbedtls_x509_crt& certificate) {
    Names names;
    if (::mbedtls_x509_crt_has_ext_type(&certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) != 0) {
        for (const auto* name = &certificate.subject_alt_names; name != nullptr; name = name->next)
            add_alternative(names, name->buf);
    }
    for (const auto* part = &certificate.subject; part != nullptr; part = part->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) == 0)
            names.common.push_back(text_of(part->val));
    }
    return names;
}

// The bytes of an address; empty for a name.
std::string address_bytes(const std::string& host) {
    unsigned char bytes[sizeof(in6_addr)] = {};
    const auto text = [&bytes](size_t size) {
        return std::string(reinterpret_cast<const char*>(bytes), size);
    };
    if (::inet_pton(AF_INET, host.c_str(), bytes) == 1) return text(sizeof(in_addr));
    if (::inet_pton(AF_INET6, host.c_str(), bytes) == 1) return text(sizeof(in6_addr));
    return {};
}

std::string address_words(std::string_view bytes) {
    char text[INET6_ADDRSTRLEN] = "";
    const bool is_four = bytes.size() == sizeof(in_addr);
    if (!is_four && bytes.size() != sizeof(in6_addr)) return "an address that is none";
    ::inet_ntop(is_four ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
    return text;
}

// What anybody may have written into a certificate, fit for a line of the journal.
std::string name_words(std::string_view name) {
    std::string words(name.substr(0, limits::certificate_name_bytes));
    std::ranges::replace_if(
        words, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    return words.size() < name.size() ? words + "..." : words;
}

// An address does not count among the names of hosts, and many put it there.
std::string host_words(std::string_view name) {
    const bool is_address = !address_bytes(std::string(name)).empty();
    return name_words(name) + (is_address ? " as a host's name" : "");
}

}  // namespace

bool name_covers(std::string_view name, std::string_view host) {
    if (!name.starts_with(any_label)) return !name.empty() && equals_without_case(name, host);
    const std::string_view domain = name.substr(any_label.size());
    if (domain.find('.') == std::string_view::npos) return false;
    const size_t dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 &&
           equals_without_case(domain, host.substr(dot + 1));
}

bool stands_for(const mbedtls_x509_crt& certificate, std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty()) return false;
    const Names names = names_of(certificate);
    const auto covers = [host](std::string_view name) { return name_covers(name, host); };
    const std::string address = address_bytes(std::string(host));
    if (address.empty()) {
        return std::ranges::any_of(names.hosts.empty() ? names.common : names.hosts, covers);
    }
    if (std::ranges::count(names.addresses, std::string_view(address)) != 0) return true;
    return names.hosts.empty() && names.addresses.empty() &&
           std::ranges::count(names.common, host) != 0;
}

std::string certificate_names_words(const mbedtls_x509_crt& certificate) {
    const Names names = names_of(certificate);
    std::vector<std::string> all;
    std::ranges::transform(names.hosts, std::back_inserter(all), host_words);
    std::ranges::transform(names.addresses, std::back_inserter(all), address_words);
    std::ranges::transform(names.others, std::back_inserter(all), name_words);
    if (names.hosts.empty())
        std::ranges::transform(names.common, std::back_inserter(all), name_words);
    if (all.empty()) return "nobody";
    const size_t shown = std::min<size_t>(all.size(), limits::certificate_names_told);
    std::string words = all.front();
    for (size_t i = 1; i < shown; ++i)
        words += (i + 1 == all.size() ? " and " : ", ") + all[i];
    if (shown == all.size()) return words;
    return words + " and " + std::to_string(all.size() - shown) + " more";
}

}  // namespace dialtone
