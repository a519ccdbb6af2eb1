// SPDX-License-Identifier: Apache-2.0
#include "agent/config/reader.h"

#include <algorithm>
#include <string>

#include "agent/config/config_format.h"
#include "agent/config/file_encryption.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/config/xml_text.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

using Keys = std::span<const std::string_view>;

std::string_view text_of(std::span<const uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const ProfileFormat* find_format(const Profile& profile, std::string_view text,
                                 const Sniffed& sniffed) {
    const auto found = std::ranges::find_if(profile.formats, [&](const ProfileFormat& row) {
        return row.format->recognises(text, sniffed);
    });
    return found == profile.formats.end() ? nullptr : &*found;
}

// The format the file has, whether or not the phones take it; nullptr when this build knows none.
const ConfigFormat* find_any_format(std::string_view text, const Sniffed& sniffed) {
    for (const Profile* profile : all_profiles()) {
        if (const auto* row = find_format(*profile, text, sniffed)) return row->format;
    }
    return nullptr;
}

// Why none of the profile's formats is that of `text`.
Error no_format(std::string_view text, const Sniffed& sniffed, const Profile& profile) {
    // What broke before its root is explained as the XML it is.
    std::string converted;
    if (sniffed.content == Content::xml && sniffed.root.empty()) {
        const auto utf8 = xml_as_utf8(text, converted);
        if (!utf8) return utf8.error();
        if (const auto checked = check_xml(*utf8); !checked) return checked.error();
    }
    if (const ConfigFormat* format = find_any_format(text, sniffed)) {
        return {ErrorCode::unsupported,
                {},
                std::string(format->name) + " is no format of " + std::string(profile.vendor) +
                    " phones"};
    }
    if (sniffed.content != Content::xml) return unreadable(sniffed.content);
    return {ErrorCode::not_a_config,
            {},
            "XML with the root element <" + shown(sniffed.root) +
                ">, no configuration of a known format"};
}

struct Plain {
    std::string_view text;
    FileCipher cipher = FileCipher::none;
};

// What can be read as it came is plain; what is binary may be encrypted.
Result<Plain> plain_text(std::span<uint8_t> body, const Profile& profile, Keys keys) {
    const Sniffed sniffed = sniff(body);
    const bool unclear =
        sniffed.content == Content::binary || sniffed.content == Content::openssl_salted;
    if (!unclear || find_any_format(text_of(body), sniffed) != nullptr) return Plain{text_of(body)};
    if (profile.encryption == nullptr) return std::unexpected(unreadable(sniffed.content));
    const auto decrypted =
        TRY(profile.encryption->decrypt(body, sniffed.content, keys, profile.vendor));
    return Plain{text_of(decrypted.plain), decrypted.cipher};
}

bool own_key_is_set(const FileEncryption& encryption, Keys keys) {
    const auto own =
        keys.first(std::min<uint32_t>(encryption.own_keys, static_cast<uint32_t>(keys.size())));
    return std::ranges::any_of(own, [](std::string_view key) { return !key.empty(); });
}

}  // namespace

Result<Document> read_config_file(std::span<uint8_t> body, const Identity& identity,
                                  const Profile& profile, Keys keys) {
    if (body.size() > limits::config_file_bytes) {
        return fail(ErrorCode::too_big, "the file has " + std::to_string(body.size()) +
                                            " bytes, the limit is " +
                                            std::to_string(limits::config_file_bytes));
    }
    const Plain plain = TRY(plain_text(body, profile, keys));
    const Sniffed sniffed = sniff(plain.text);
    const ProfileFormat* const row = find_format(profile, plain.text, sniffed);
    if (row == nullptr) return std::unexpected(no_format(plain.text, sniffed, profile));
    const FileEncryption* const encryption = profile.encryption;
    if (plain.cipher == FileCipher::none && row->plain_with_key_refused && encryption != nullptr &&
        own_key_is_set(*encryption, keys)) {
        return fail(ErrorCode::not_encrypted, "the file is not encrypted although " +
                                                  std::string(encryption->key_name) + " is set");
    }
    Document document = TRY(row->format->parse(plain.text, identity));
    document.cipher = plain.cipher;
    return document;
}

}  // namespace dialtone
