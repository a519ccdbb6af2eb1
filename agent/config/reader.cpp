// SPDX-License-Identifier: Apache-2.0
#include "agent/config/reader.h"

#include <algorithm>
#include <string>

#include "agent/config/cipher.h"
#include "agent/config/fanvil_text.h"
#include "agent/config/grandstream_xml.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

// The formats, told apart by their content and, in XML, by their root elements.
struct Form {
    Content content;
    std::string_view root;
    FileFormat format;
    Result<Document> (*parse)(std::string_view text, const Identity& identity);
    bool Profile::*plain_with_key_refused;
};

constexpr Form forms[] = {
    {Content::xml, "gs_provision", FileFormat::grandstream_xml, parse_grandstream_xml,
     &Profile::plain_xml_with_key_refused},
    {Content::fanvil_text, "", FileFormat::fanvil_text,
     [](std::string_view text, const Identity&) { return parse_fanvil_text(text); },
     &Profile::plain_text_with_key_refused},
};

bool any_set(const ReadKeys& keys) {
    return std::any_of(keys.passwords.begin(), keys.passwords.end(),
                       [](std::string_view password) { return !password.empty(); });
}

// Whether the profile's encrypted files could be opened, and by what.
struct OwnKey {
    bool is_set;
    std::string_view name;
};

OwnKey own_key(const Profile& profile, const ReadKeys& keys) {
    switch (profile.encryption) {
        case FileEncryption::openssl_password:
            return {any_set(keys), "config.password"};
        case FileEncryption::aes_key:
            return {!keys.keys.empty() && !keys.keys.front().empty(), "its key"};
    }
    __builtin_unreachable();
}

Result<const Form*> form_of(const Sniffed& sniffed, const Profile& profile) {
    // A file that ends or breaks before its root is for a parser to explain.
    const bool rootless = sniffed.content == Content::xml && sniffed.root.empty();
    for (const Form& form : forms) {
        if (form.content != sniffed.content) continue;
        if (rootless) return &form;
        if (form.root != sniffed.root) continue;
        const bool taken = std::find(profile.formats.begin(), profile.formats.end(), form.format) !=
                           profile.formats.end();
        if (taken) return &form;
        return fail(ErrorCode::unsupported, std::string(format_name(form.format)) +
                                                " is no format of " + std::string(profile.vendor) +
                                                " phones");
    }
    if (sniffed.content != Content::xml) return std::unexpected(unreadable(sniffed.content));
    return fail(ErrorCode::not_a_config, "XML with the root element <" + shown(sniffed.root) +
                                             ">, no configuration of a known format");
}

struct Plain {
    std::string_view text;
    FileCipher cipher;
};

// Binary data without a trace of its kind may be encrypted without salt; only a key can tell.
// That much can be said before one is tried.
Status check_binary(std::span<const uint8_t> body, const ReadKeys& keys) {
    const bool whole_blocks = body.size() % 16 == 0;
    if (whole_blocks && any_set(keys)) return {};
    if (whole_blocks) {
        return fail(ErrorCode::key_missing,
                    "binary data: no configuration, or an encrypted one while config.password is "
                    "not set",
                    Position::at_offset(0));
    }
    if (!any_set(keys)) return std::unexpected(unreadable(Content::binary));
    return fail(ErrorCode::truncated,
                "binary data that is no multiple of 16 bytes long: an encrypted file that was cut "
                "short, or no configuration",
                Position::at_offset(static_cast<uint32_t>(body.size())));
}

// Nobody has published how these files are made, so nothing can be tried on them yet.
std::unexpected<Error> refuse_aes(Content content, const Profile& profile) {
    const bool sure = content == Content::openssl_salted;
    return fail(ErrorCode::unsupported,
                std::string(sure ? "the file is encrypted"
                                 : "binary data: an encrypted file, or no configuration") +
                    "; encrypted files of " + std::string(profile.vendor) +
                    " phones are not read by this version, put the plain file on the server",
                Position::at_offset(0));
}

Result<Plain> plain_text(std::span<uint8_t> body, const Profile& profile, const ReadKeys& keys) {
    const Content content = sniff(body).content;
    const bool unclear = content == Content::binary || content == Content::openssl_salted;
    if (unclear && profile.encryption == FileEncryption::aes_key)
        return refuse_aes(content, profile);
    if (content == Content::binary) TRY(check_binary(body, keys));
    Plain plain = {{}, FileCipher::none};
    std::span<const uint8_t> bytes = body;
    if (unclear) {
        const auto decrypted = TRY(decrypt_openssl(body, keys.passwords, opens_like_document));
        bytes = decrypted.plain;
        plain.cipher = decrypted.cipher;
    }
    plain.text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    return plain;
}

}  // namespace

Result<Document> read_config_file(std::span<uint8_t> body, const Identity& identity,
                                  const Profile& profile, const ReadKeys& keys) {
    if (body.size() > limits::config_file_bytes) {
        return fail(ErrorCode::too_big, "the file has " + std::to_string(body.size()) +
                                            " bytes, the limit is " +
                                            std::to_string(limits::config_file_bytes));
    }
    const Plain plain = TRY(plain_text(body, profile, keys));
    const Form* const form = TRY(form_of(sniff(plain.text), profile));
    const OwnKey key = own_key(profile, keys);
    if (plain.cipher == FileCipher::none && key.is_set && profile.*form->plain_with_key_refused) {
        return fail(ErrorCode::not_encrypted,
                    "the file is not encrypted although " + std::string(key.name) + " is set");
    }
    Document document = TRY(form->parse(plain.text, identity));
    document.cipher = plain.cipher;
    return document;
}

}  // namespace dialtone
