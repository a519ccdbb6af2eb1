// SPDX-License-Identifier: Apache-2.0
#include "agent/config/file_encryption.h"

#include <algorithm>
#include <string>

namespace dialtone {
namespace {

using Keys = std::span<const std::string_view>;

// Binary data without a trace of its kind may be encrypted without salt; only a key can tell.
// That much can be said before one is tried.
Status check_binary(std::span<const uint8_t> file, bool any_key_set) {
    const bool whole_blocks = file.size() % 16 == 0;
    if (whole_blocks && any_key_set) return {};
    if (whole_blocks) {
        return fail(ErrorCode::key_missing,
                    "binary data: no configuration, or an encrypted one while config.password is "
                    "not set",
                    Position::at_offset(0));
    }
    if (!any_key_set) return std::unexpected(unreadable(Content::binary));
    return fail(ErrorCode::truncated,
                "binary data that is no multiple of 16 bytes long: an encrypted file that was cut "
                "short, or no configuration",
                Position::at_offset(static_cast<uint32_t>(file.size())));
}

Result<Decrypted> decrypt_by_password(std::span<uint8_t> file, Content content, Keys passwords,
                                      std::string_view /*vendor*/, PlaintextJudge* judge) {
    const bool any_set =
        std::ranges::any_of(passwords, [](std::string_view password) { return !password.empty(); });
    if (content == Content::binary) TRY(check_binary(file, any_set));
    return decrypt_openssl(file, passwords, opens_like_document, judge);
}

Result<Decrypted> refuse_unpublished(std::span<uint8_t> /*file*/, Content content, Keys /*keys*/,
                                     std::string_view vendor, PlaintextJudge* /*judge*/) {
    const bool sure = content == Content::openssl_salted;
    return fail(ErrorCode::unsupported,
                std::string(sure ? "the file is encrypted"
                                 : "binary data: an encrypted file, or no configuration") +
                    "; encrypted files of " + std::string(vendor) +
                    " phones are not read by this version, put the plain file on the server",
                Position::at_offset(0));
}

}  // namespace

constinit const FileEncryption openssl_encryption = {"config.password", 2, decrypt_by_password};
constinit const FileEncryption unpublished_aes_encryption = {"its key", 1, refuse_unpublished};

}  // namespace dialtone
