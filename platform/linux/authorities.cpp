// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/authorities.h"

#include <dirent.h>
#include <mbedtls/ssl.h>
#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <vector>

#include "agent/limits.h"
#include "platform/common/read_file.h"

namespace dialtone {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end_mark = "-----END CERTIFICATE-----";
constexpr char der_sequence = 0x30;

constexpr std::array<int8_t, 256> base64_values = [] {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<int8_t, 256> values = {};
    values.fill(-1);
    for (size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<uint8_t>(alphabet[i])] = static_cast<int8_t>(i);
    }
    return values;
}();

// Decodes up to the padding; line ends and everything else outside of the alphabet is passed over.
void decode_base64(std::string_view text, std::vector<uint8_t>& bytes) {
    bytes.clear();
    uint32_t bits = 0, count = 0;
    for (char c : text) {
        if (c == '=') break;
        const int8_t value = base64_values[static_cast<uint8_t>(c)];
        if (value < 0) continue;
        bits = bits << 6 | static_cast<uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<uint8_t>(bits >> count));
    }
}

}  // namespace

Status Authorities::load_text(std::string_view text) {
    const bool had_some = chain_.version != 0;
    if (text.starts_with(der_sequence)) {
        const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
        ::mbedtls_x509_crt_parse_der(&chain_, bytes, text.size());
    }
    std::vector<uint8_t> bytes;
    for (;;) {
        const size_t begin = text.find(begin_mark);
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin + begin_mark.size());
        const size_t end = text.find(end_mark);
        if (end == std::string_view::npos) break;
        decode_base64(text.substr(0, end), bytes);
        ::mbedtls_x509_crt_parse_der(&chain_, bytes.data(), bytes.size());
    }
    if (had_some || chain_.version != 0) return {};
    return fail(ErrorCode::empty, "no certificate is in it");
}

// Not every file of such a directory has to be a certificate; one of them has.
Status Authorities::load_directory(const std::string& path) {
    Status status = fail(ErrorCode::empty, "no certificate is in it");
    DIR* entries = ::opendir(path.c_str());
    if (entries == nullptr) return status;
    uint32_t files = 0;
    while (const dirent* entry = ::readdir(entries)) {
        if (entry->d_name[0] == '.' || ++files > limits::authority_files) continue;
        const auto text = read_file(path + '/' + entry->d_name, limits::authority_file_bytes);
        if (text && load_text(*text)) status = {};
    }
    ::closedir(entries);
    return status;
}

Status Authorities::load(const std::string& path) {
    struct stat status = {};
    const bool is_there = ::stat(path.c_str(), &status) == 0;
    if (is_there && S_ISDIR(status.st_mode)) return load_directory(path);
    return load_text(TRY(read_file(path, limits::authority_file_bytes)));
}

void Authorities::use_in(void* ssl_config) {
    ::mbedtls_ssl_conf_ca_chain(static_cast<mbedtls_ssl_config*>(ssl_config), &chain_, nullptr);
}

}  // namespace dialtone
