// SPDX-License-Identifier: Apache-2.0
#include "agent/config/sniff.h"

#include <algorithm>

#include "agent/config/utf8.h"
#include "agent/config/xml_encoding.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view salt_magic = "Salted__";
constexpr std::string_view salt_magic_base64 = "U2FsdGVkX1";  // what `openssl enc -a` makes of it
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr uint32_t sample_bytes = 1024;  // looked at to tell text from binary
constexpr uint32_t xml_head_bytes = 64;  // must be free of control characters
constexpr uint32_t binary_head_bytes = 16;

// UTF-16 and UTF-32 by the first '<', with and without a byte order mark. Four bytes each, so
// that an encrypted file is not taken for one of them.
constexpr std::string_view wide_openings[] = {
    std::string_view("\xFF\xFE<\0", 4),  std::string_view("\xFE\xFF\0<", 4),
    std::string_view("<\0?\0", 4),       std::string_view("\0<\0?", 4),
    std::string_view("\xFF\xFE\0\0", 4), std::string_view("\0\0\xFE\xFF", 4),
};

constexpr std::string_view html_roots[] = {"html",   "head",  "title", "meta", "body",
                                           "script", "h1",    "p",     "div",  "center",
                                           "form",   "table", "br",    "b"};

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

// A control character that a text file does not contain.
bool is_binary(char letter) {
    return is_control(letter) && !is_blank(letter);
}

std::string_view without_blanks(std::string_view text) {
    const auto first = std::find_if_not(text.begin(), text.end(), is_blank);
    return text.substr(static_cast<uint32_t>(first - text.begin()));
}

std::string_view without_opening(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return without_blanks(text);
}

bool is_name_start(char letter) {
    return is_letter(letter) || letter == '_' || letter == ':';
}

bool is_name_letter(char letter) {
    return is_name_start(letter) || is_digit(letter) || letter == '-' || letter == '.' ||
           static_cast<uint8_t>(letter) >= 0x80;
}

// `text` begins with the first '<' of a file.
bool opens_xml(std::string_view text) {
    if (text.size() < 2) return false;
    if (text[1] != '?' && text[1] != '!' && !is_name_start(text[1])) return false;
    const std::string_view head = text.substr(0, xml_head_bytes);
    return std::none_of(head.begin(), head.end(), is_binary);
}

// Walks over declarations, comments and the document type to the first element.
Sniffed sniff_markup(std::string_view text) {
    bool page = false;
    while (text.starts_with("<?") || text.starts_with("<!")) {
        const bool comment = text.starts_with("<!--");
        page = page || begins_without_case(text, "<!doctype html");
        const std::string_view end = comment ? "-->" : text[1] == '?' ? "?>" : ">";
        const auto at = text.find(end, comment ? 4 : 2);
        if (at == std::string_view::npos) return {page ? Content::html : Content::xml};
        text = without_blanks(text.substr(at + end.size()));
    }
    std::string_view root;
    if (text.size() > 1 && text[0] == '<' && is_name_start(text[1])) {
        text.remove_prefix(1);
        const auto end = std::find_if_not(text.begin(), text.end(), is_name_letter);
        root = text.substr(0, static_cast<uint32_t>(end - text.begin()));
    }
    for (const std::string_view name : html_roots) {
        page = page || equals_without_case(root, name);
    }
    return {page ? Content::html : Content::xml, root};
}

uint32_t big_endian_word(std::string_view text, uint32_t at) {
    return static_cast<uint32_t>(static_cast<uint8_t>(text[at]) << 8 |
                                 static_cast<uint8_t>(text[at + 1]));
}

// Words in front, CR LF CR LF behind the MAC, and all 16-bit words add up to 0; one generator has
// CR LF CR LF not in its sum.
bool is_grandstream_binary(std::string_view text) {
    if (text.size() < binary_head_bytes || text.size() % 2 != 0) return false;
    if (text.substr(12, 4) != "\r\n\r\n") return false;
    const uint32_t words = big_endian_word(text, 0) << 16 | big_endian_word(text, 2);
    if (words != text.size() / 2) return false;
    uint32_t sum = 0;
    for (uint32_t at = 0; at < text.size(); at += 2)
        sum += big_endian_word(text, at);
    constexpr uint32_t line_ends = 2 * 0x0D0A;
    return (sum & 0xFFFF) == 0 || (sum & 0xFFFF) == line_ends;
}

// No control characters, and either UTF-8 or mostly ASCII, as ISO 8859 texts are. Encrypted
// bytes are an eighth control characters and half of them are over 0x7F.
bool is_text(std::string_view text) {
    const std::string_view sample = text.substr(0, sample_bytes);
    if (std::any_of(sample.begin(), sample.end(), is_binary)) return false;
    constexpr uint32_t cut_character_bytes = 3;
    if (valid_utf8_bytes(sample) + cut_character_bytes >= sample.size()) return true;
    const auto high = std::count_if(sample.begin(), sample.end(), [](char letter) {
        return static_cast<uint8_t>(letter) >= 0x80;
    });
    return static_cast<uint64_t>(high) * 4 <= sample.size();
}

// P and digits before a =, behind lines that begin with #.
bool begins_with_p_value(std::string_view text) {
    while (text.starts_with('#')) {
        take_piece(text, '\n');
        text = without_blanks(text);
    }
    std::string_view line = take_piece(text, '\n');
    const std::string_view key = trimmed(take_piece(line, '='), " \t\r");
    return !line.empty() && key.size() > 1 && key[0] == 'P' &&
           std::ranges::all_of(key.substr(1), is_digit);
}

bool begins_salted(std::string_view text) {
    return text.starts_with(salt_magic) ||
           (text.size() < salt_magic.size() && salt_magic.starts_with(text));
}

}  // namespace

Sniffed sniff(std::string_view text) {
    const std::string_view opened = without_opening(text);
    if (opened.empty()) return {Content::empty};
    if (begins_salted(text)) return {Content::openssl_salted};
    if (opened.starts_with(salt_magic_base64)) return {Content::base64};
    if (opened[0] == '<' && opens_xml(opened)) return sniff_markup(opened);
    for (const std::string_view wide : wide_openings) {
        if (text.starts_with(wide)) return {Content::utf16};
    }
    if (is_grandstream_binary(text)) return {Content::grandstream_binary};
    if (!is_text(text)) return {Content::binary};
    return {begins_with_p_value(opened) ? Content::p_values : Content::text};
}

Sniffed sniff(std::span<const uint8_t> bytes) {
    return sniff(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Error unreadable(Content content) {
    switch (content) {
        case Content::empty:
            return {ErrorCode::empty, {}, "the file is empty"};
        case Content::html:
            return {ErrorCode::not_a_config, Position::at_line(1),
                    "an HTML page, perhaps for a login, where a configuration was expected"};
        case Content::utf16:
            return {ErrorCode::unsupported, Position::at_offset(0),
                    "a text in UTF-16 or UTF-32 is not read; save the file as UTF-8"};
        case Content::base64:
            return {ErrorCode::unsupported, Position::at_line(1),
                    "an encrypted file in base64; encrypt it without -a, or decode it"};
        case Content::p_values:
            return {ErrorCode::not_a_config, Position::at_line(1),
                    "P values as lines of text, the input of a generator of binary files; put what "
                    "it makes of them on the server, or XML"};
        case Content::text:
            return {ErrorCode::not_a_config, Position::at_line(1),
                    "text, but no configuration of a known format"};
        case Content::openssl_salted:
        case Content::binary:
        case Content::grandstream_binary:
        case Content::xml:
            break;
    }
    return {ErrorCode::not_a_config, Position::at_offset(0),
            "binary data, but no configuration of a known format"};
}

Status check_xml_kind(std::string_view text) {
    if (text.size() > limits::config_file_bytes) {
        return fail(ErrorCode::too_big, "the file has " + std::to_string(text.size()) +
                                            " bytes, the limit is " +
                                            std::to_string(limits::config_file_bytes));
    }
    const Content content = sniff(text).content;
    if (content != Content::xml) return std::unexpected(unreadable(content));
    return check_utf8(text);
}

bool opens_like_document(std::span<const uint8_t> head) {
    const Content content = sniff(head).content;
    return content == Content::xml || content == Content::html || content == Content::utf16;
}

}  // namespace dialtone
