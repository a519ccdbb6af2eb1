// SPDX-License-Identifier: Apache-2.0
#include "agent/config/arrived_file.h"

#include <algorithm>
#include <utility>

#include "agent/config/config_format.h"
#include "agent/config/reader.h"
#include "agent/config/signed_file.h"

namespace dialtone {
namespace {

// Whether a file that one of these settings opens is proven by that: a person or the phone's maker
// gave them, or a file that was proven itself.
bool keys_prove(std::span<const Setting> keys, const Settings& settings, bool keys_proven) {
    return std::ranges::all_of(keys, [&](Setting key) {
        if (settings.get(key).empty()) return true;
        const Layer layer = settings.layer_of(key);
        const bool known_to_all = layer == Layer::profile || layer == Layer::initial;
        return !known_to_all && (layer != Layer::configuration || keys_proven);
    });
}

// Whether the signature vouches for what the file says.
Status weigh_signature(OpenedFile& opened, std::string_view role, const PhoneFacts& phone,
                       const Generation& active) {
    Document& document = opened.document;
    const bool is_signed = !opened.signed_by.empty();
    if (is_signed && may_count_as_signed(document, *phone.profile, role)) {
        if (pins(phone.settings)) TRY(check_serial(document, active));
        opened.content = Proof::signed_;
        return {};
    }
    const std::string_view reason =
        is_signed ? "its signature counts only with the phone's own MAC address in the file"
                  : "it has no signature";
    if (phone.settings.flag(Setting::config_require_signature))
        return fail(ErrorCode::not_trusted, std::string(reason) + " (config.require_signature)");
    if (is_signed) document.warnings.push_back({{}, std::string(reason)});
    return {};
}

}  // namespace

// The signature is of the bytes as they came. A wrong one refuses the file, none does not.
Result<OpenedFile> open_config_file(const ArrivedFile& file, const PhoneFacts& phone,
                                    const Settings& settings, const Generation& active) {
    OpenedFile opened;
    if (file.signature != nullptr)
        opened.signed_by = TRY(signer_name(file.body, *file.signature, phone.settings));
    const auto key_settings = keys_of(*phone.profile, file.role);
    std::vector<std::string_view> keys;
    for (const Setting setting : key_settings)
        keys.push_back(settings.get(setting));
    const bool is_proven = file.came_with_proof || !opened.signed_by.empty();
    const Carriage carriage = is_proven ? Carriage::proven : Carriage::open;
    const bool keys_count = keys_prove(key_settings, settings, file.keys_proven);
    opened.document = TRY(
        read_config_file(file.body, phone.identity, *phone.profile, keys, carriage, keys_count));
    const bool by_key = opened.document.cipher != FileCipher::none;
    if (by_key && keys_count) opened.content = Proof::key;
    TRY(weigh_signature(opened, file.role, phone, active));
    return opened;
}

bool pins(const Settings& settings) {
    return settings.get(Setting::trust_pin) != "0";
}

std::string words_for(Position where) {
    if (where.kind == Position::Kind::nowhere) return {};
    return (where.kind == Position::Kind::line ? "line " : "offset ") +
           std::to_string(where.number);
}

std::vector<JournalLine> lines_about(const OpenedFile& file, std::string_view shown_url) {
    std::vector<JournalLine> lines;
    for (const Warning& warning : file.document.warnings) {
        JournalLine& line = lines.emplace_back(JournalLine{.kind = JournalKind::file_warning});
        line.with("url", shown_url)
            .with("where", words_for(warning.where))
            .with("reason", warning.detail);
    }
    JournalLine& line = lines.emplace_back(JournalLine{.kind = JournalKind::file_read});
    line.with("url", shown_url)
        .with("format", file.document.format->name)
        .with("cipher", cipher_name(file.document.cipher))
        .with("keys", file.document.entries.size())
        .with("signature", file.signed_by);
    return lines;
}

}  // namespace dialtone
