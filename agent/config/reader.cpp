// SPDX-License-Identifier: Apache-2.0
#include "agent/config/reader.h"

#include <algorithm>
#include <string>

#include "agent/config/config_format.h"
#include "agent/config/file_encryption.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/config/xml_encoding.h"
#include "agent/config/xml_reader.h"
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

// What can be read as it came is plain; what is binary may be encrypted.
bool may_be_encrypted(std::string_view text, const Sniffed& sniffed) {
    const bool unclear =
        sniffed.content == Content::binary || sniffed.content == Content::openssl_salted;
    return unclear && find_any_format(text, sniffed) == nullptr;
}

// The encoding that XML declares is obeyed, unless the text is known to be UTF-8.
Result<Document> read_plain(std::string_view text, const Identity& identity, const Profile& profile,
                            FileCipher cipher, bool is_utf8 = false) {
    const Sniffed sniffed = sniff(text);
    const ProfileFormat* const row = find_format(profile, text, sniffed);
    if (row == nullptr) return std::unexpected(no_format(text, sniffed, profile));
    std::string converted;
    if (sniffed.content == Content::xml && !is_utf8) text = TRY(xml_as_utf8(text, converted));
    Document document = TRY(row->format->parse(text, identity));
    document.cipher = cipher;
    return document;
}

// Accepts a plaintext that is a configuration, and keeps it.
class DocumentJudge : public PlaintextJudge {
  public:
    DocumentJudge(const Identity& identity, const Profile& profile)
        : identity_(identity), profile_(profile) {}

    bool accepts(const Decrypted& decrypted) override {
        const std::string_view text = text_of(decrypted.plain);
        if (!is_plain_utf8(text)) return false;
        auto document = read_plain(text, identity_, profile_, decrypted.cipher, true);
        if (!document) return false;
        document_ = std::move(*document);
        return true;
    }
    Document take() { return std::move(document_); }

  private:
    const Identity& identity_;
    const Profile& profile_;
    Document document_ = {};
};

Result<Document> read_encrypted(std::span<uint8_t> body, Content content, const Identity& identity,
                                const Profile& profile, Keys keys, Carriage carriage) {
    if (profile.encryption == nullptr) return std::unexpected(unreadable(content));
    DocumentJudge judge(identity, profile);
    const bool judged = carriage == Carriage::open;
    const auto decrypted = TRY(profile.encryption->decrypt(body, content, keys, profile.vendor,
                                                           judged ? &judge : nullptr));
    if (judged) return judge.take();
    return read_plain(text_of(decrypted.plain), identity, profile, decrypted.cipher);
}

bool own_key_is_set(const FileEncryption& encryption, Keys keys) {
    const auto own =
        keys.first(std::min<uint32_t>(encryption.own_keys, static_cast<uint32_t>(keys.size())));
    return std::ranges::any_of(own, [](std::string_view key) { return !key.empty(); });
}

}  // namespace

Result<Document> read_config_file(std::span<uint8_t> body, const Identity& identity,
                                  const Profile& profile, Keys keys, Carriage carriage,
                                  bool keys_are_proven) {
    if (body.size() > limits::config_file_bytes) {
        return fail(ErrorCode::too_big, "the file has " + std::to_string(body.size()) +
                                            " bytes, the limit is " +
                                            std::to_string(limits::config_file_bytes));
    }
    const std::string_view text = text_of(body);
    const Sniffed sniffed = sniff(body);
    if (may_be_encrypted(text, sniffed))
        return read_encrypted(body, sniffed.content, identity, profile, keys, carriage);
    const ProfileFormat* const row = find_format(profile, text, sniffed);
    const FileEncryption* const encryption = profile.encryption;
    if (row != nullptr && row->plain_with_key_refused && encryption != nullptr && keys_are_proven &&
        own_key_is_set(*encryption, keys)) {
        return fail(ErrorCode::not_encrypted, "the file is not encrypted although " +
                                                  std::string(encryption->key_name) + " is set");
    }
    return read_plain(text, identity, profile, FileCipher::none);
}

}  // namespace dialtone
