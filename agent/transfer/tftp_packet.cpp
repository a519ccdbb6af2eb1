// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/tftp_packet.h"

#include <algorithm>
#include <charconv>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

enum Opcode : uint16_t { read_request = 1, data = 3, acknowledgement = 4, error = 5, oack = 6 };

constexpr uint16_t smallest_block_bytes = 8;    // RFC 2348
constexpr uint64_t largest_timeout_s = 255;     // RFC 2349
constexpr uint64_t largest_tsize = 1ULL << 40;  // far over any bound, far under an overflow

uint16_t number_at(std::span<const uint8_t> bytes, uint32_t at) {
    return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void append_number(std::vector<uint8_t>& out, uint16_t number) {
    out.push_back(static_cast<uint8_t>(number >> 8));
    out.push_back(static_cast<uint8_t>(number));
}

void append_text(std::vector<uint8_t>& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
    out.push_back(0);
}

// The text up to the next NUL, cut off `rest`; nothing when there is no NUL.
bool take_text(std::span<const uint8_t>& rest, std::string_view& text) {
    const auto end = std::find(rest.begin(), rest.end(), uint8_t{0});
    if (end == rest.end()) return false;
    const auto count = static_cast<uint32_t>(end - rest.begin());
    text = {reinterpret_cast<const char*>(rest.data()), count};
    rest = rest.subspan(count + 1);
    return true;
}

enum class Option : uint8_t { blksize, tsize, timeout, windowsize, none };

struct OptionRow {
    Option option;
    std::string_view name;
    uint64_t least;
    uint64_t most;
};

Status take_option(const OptionRow& row, std::string_view value, TftpOptions& agreed) {
    uint64_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, code] = std::from_chars(value.data(), end, number);
    if (code != std::errc() || stop != end)
        return fail(ErrorCode::malformed,
                    "a value of " + std::string(row.name) + " that is no number");
    if (number < row.least || number > row.most)
        return fail(ErrorCode::unsupported,
                    std::string(row.name) + " " + std::string(value) + ", which was not asked for");
    if (row.option == Option::blksize) agreed.block_bytes = static_cast<uint16_t>(number);
    if (row.option == Option::windowsize) agreed.window_blocks = static_cast<uint16_t>(number);
    if (row.option == Option::tsize) agreed.file_bytes = number;
    return {};
}

}  // namespace

TftpPacket read_tftp_packet(std::span<const uint8_t> bytes) {
    TftpPacket packet;
    if (bytes.size() < 2) return packet;
    const uint16_t opcode = number_at(bytes, 0);
    if (opcode == Opcode::oack) {
        packet.kind = TftpPacket::Kind::option_ack;
        packet.rest = bytes.subspan(2);
        return packet;
    }
    if (bytes.size() < 4 || (opcode != Opcode::data && opcode != Opcode::error)) return packet;
    packet.kind = opcode == Opcode::data ? TftpPacket::Kind::data : TftpPacket::Kind::error;
    packet.number = number_at(bytes, 2);
    packet.rest = bytes.subspan(4);
    return packet;
}

Result<TftpOptions> read_tftp_options(std::span<const uint8_t> rest, const TftpOptions& asked) {
    const OptionRow rows[] = {
        {Option::blksize, "blksize", smallest_block_bytes, asked.block_bytes},
        {Option::tsize, "tsize", 0, largest_tsize},
        {Option::timeout, "timeout", 1, largest_timeout_s},
        {Option::windowsize, "windowsize", 1, asked.window_blocks},
    };
    TftpOptions agreed;
    uint32_t seen = 0;
    while (!rest.empty()) {
        std::string_view name;
        std::string_view value;
        if (!take_text(rest, name) || !take_text(rest, value))
            return fail(ErrorCode::malformed, "options that end in the middle");
        const auto* const row = std::find_if(
            std::begin(rows), std::end(rows),
            [name](const OptionRow& one) { return equals_without_case(name, one.name); });
        if (row == std::end(rows))
            return fail(ErrorCode::unsupported, "an option that was not asked for");
        const uint32_t bit = 1U << static_cast<uint32_t>(row->option);
        if ((seen & bit) != 0) return fail(ErrorCode::malformed, "an option twice");
        seen |= bit;
        TRY(take_option(*row, value, agreed));
    }
    return agreed;
}

std::string read_tftp_words(std::span<const uint8_t> rest) {
    std::string words;
    for (const uint8_t octet :
         rest.first(std::min<size_t>(rest.size(), limits::tftp_words_bytes))) {
        if (octet == 0) break;
        words += octet >= 0x20 && octet < 0x7f ? static_cast<char>(octet) : '?';
    }
    return words;
}

std::vector<uint8_t> tftp_read_request(std::string_view name, const TftpOptions* asked) {
    std::vector<uint8_t> out;
    append_number(out, Opcode::read_request);
    append_text(out, name);
    append_text(out, "octet");
    if (asked == nullptr) return out;
    append_text(out, "blksize");
    append_text(out, std::to_string(asked->block_bytes));
    append_text(out, "tsize");
    append_text(out, "0");
    append_text(out, "timeout");
    append_text(out, std::to_string(limits::tftp_wait_ms / 1000));
    append_text(out, "windowsize");
    append_text(out, std::to_string(asked->window_blocks));
    return out;
}

std::vector<uint8_t> tftp_acknowledgement(uint16_t block) {
    return {0, Opcode::acknowledgement, static_cast<uint8_t>(block >> 8),
            static_cast<uint8_t>(block)};
}

std::vector<uint8_t> tftp_error(TftpError code, std::string_view words) {
    std::vector<uint8_t> out;
    append_number(out, Opcode::error);
    append_number(out, static_cast<uint16_t>(code));
    append_text(out, words);
    return out;
}

Result<std::string> tftp_file_name(const Url& url) {
    std::string_view path = url.path;
    if (path.starts_with('/')) path.remove_prefix(1);
    if (const auto mode = path.rfind(";mode="); mode != std::string_view::npos)
        path = path.substr(0, mode);
    std::string name = percent_decoded(path);
    if (name.empty() || name.ends_with('/'))
        return fail(ErrorCode::empty, "the address names no file, and TFTP knows nothing else");
    if (name.size() > limits::tftp_name_bytes)
        return fail(ErrorCode::too_big, "the file's name is longer than the " +
                                            std::to_string(limits::tftp_name_bytes) +
                                            " bytes a TFTP request has room for");
    const auto is_control = [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(name.begin(), name.end(), is_control))
        return fail(ErrorCode::bad_usage, "the file's name has control characters in it");
    return name;
}

}  // namespace dialtone
