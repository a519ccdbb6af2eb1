// SPDX-License-Identifier: Apache-2.0
#include "agent/config/reader.h"

#include <algorithm>
#include <string>

#include "agent/config/cipher.h"
#include "agent/config/grandstream_xml.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

// The XML formats, told apart by their root elements.
struct XmlForm {
    std::string_view root;
    FileFormat format;
    Result<Document> (*parse)(std::string_view text, const Identity& identity);
};

constexpr XmlForm xml_forms[] = {
    {"gs_provision", FileFormat::grandstream_xml, parse_grandstream_xml},
};

bool any_set(const ReadKeys& keys) {
    return std::any_of(keys.passwords.begin(), keys.passwords.end(),
                       [](std::string_view password) { return !password.empty(); });
}

Result<const XmlForm*> form_of(std::string_view root, const Profile& profile) {
    // A file that ends or breaks before its root is for a parser to explain.
    if (root.empty()) return &xml_forms[0];
    for (const XmlForm& form : xml_forms) {
        if (form.root != root) continue;
        const bool taken = std::find(profile.formats.begin(), profile.formats.end(), form.format) !=
                           profile.formats.end();
        if (taken) return &form;
        return fail(ErrorCode::unsupported, std::string(format_name(form.format)) +
                                                " is no format of " + std::string(profile.vendor) +
                                                " phones");
    }
    return fail(ErrorCode::not_a_config, "XML with the root element <" + shown(root) +
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

Result<Plain> plain_text(std::span<uint8_t> body, const ReadKeys& keys) {
    const Content content = sniff(body).content;
    if (content == Content::binary) TRY(check_binary(body, keys));
    Plain plain = {{}, FileCipher::none};
    std::span<const uint8_t> bytes = body;
    if (content == Content::binary || content == Content::openssl_salted) {
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
    const Plain plain = TRY(plain_text(body, keys));
    const Sniffed sniffed = sniff(plain.text);
    if (sniffed.content != Content::xml) return std::unexpected(unreadable(sniffed.content));
    const XmlForm* const form = TRY(form_of(sniffed.root, profile));
    if (plain.cipher == FileCipher::none && profile.plain_xml_with_key_refused && any_set(keys)) {
        return fail(ErrorCode::not_encrypted,
                    "the file is not encrypted although config.password is set");
    }
    Document document = TRY(form->parse(plain.text, identity));
    document.cipher = plain.cipher;
    return document;
}

}  // namespace dialtone
