// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/pnp/sip_text.h"

#include <algorithm>
#include <charconv>

#include "agent/text.h"

namespace dialtone::sim::pnp {
namespace {

constexpr std::string_view version = "SIP/2.0";

struct ShortName {
    char letter;
    std::string_view name;
};
constexpr ShortName short_names[] = {
    {'v', "via"},          {'f', "from"},           {'t', "to"},
    {'i', "call-id"},      {'m', "contact"},        {'o', "event"},
    {'c', "content-type"}, {'l', "content-length"}, {'k', "supported"}};

std::string_view take_line(std::string_view& text) {
    std::string_view line = take_piece(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string long_name(std::string_view name) {
    std::string out = lowered(trimmed(name));
    const auto known = std::ranges::find_if(short_names, [&](const ShortName& one) {
        return out.size() == 1 && out.front() == one.letter;
    });
    return known == std::end(short_names) ? out : std::string(known->name);
}

// The `number`th word of a line.
std::string_view word(std::string_view line, uint32_t number) {
    for (uint32_t at = 0; at < number; ++at)
        take_piece(line, ' ');
    return take_piece(line, ' ');
}

// Where the piece ends that `text` begins with: at `separator`, unless that is quoted or within
// the brackets of an address.
size_t end_of_piece(std::string_view text, char separator) {
    bool is_quoted = false;
    bool is_bracketed = false;
    for (size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        if (letter == '"') is_quoted = !is_quoted;
        if (is_quoted) continue;
        if (letter == '<' || letter == '>') is_bracketed = letter == '<';
        if (letter == separator && !is_bracketed) return at;
    }
    return text.size();
}

std::string_view unquoted(std::string_view text) {
    const bool has_both = text.size() >= 2 && text.starts_with('"') && text.ends_with('"');
    return has_both ? text.substr(1, text.size() - 2) : text;
}

// A URI without its scheme and parameters.
std::string_view bare(std::string_view uri) {
    uri = uri.substr(0, uri.find_first_of(";?"));
    uri.remove_prefix(std::min(uri.find(':') + 1, uri.size()));
    return uri;
}

}  // namespace

std::string_view SipText::field(std::string_view name) const {
    const auto found = std::ranges::find(
        fields, name, [](const auto& one) { return std::string_view(one.first); });
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view SipText::method() const {
    return status() == 0 ? word(first, 0) : std::string_view();
}

std::string_view SipText::uri() const {
    return status() == 0 ? word(first, 1) : std::string_view();
}

uint32_t SipText::status() const {
    if (word(first, 0) != version) return 0;
    const std::string_view text = word(first, 1);
    uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::optional<SipText> read_sip_text(std::string_view bytes) {
    SipText message;
    message.first = take_line(bytes);
    const bool is_request = word(message.first, 2) == version && !message.uri().empty();
    if (!is_request && message.status() == 0) return std::nullopt;
    while (!bytes.empty()) {
        const std::string_view line = take_line(bytes);
        if (line.empty()) break;
        if (message.fields.size() == sip_fields) return std::nullopt;
        const bool goes_on = line.front() == ' ' || line.front() == '\t';
        if (goes_on && message.fields.empty()) return std::nullopt;
        if (goes_on) {
            message.fields.back().second += " " + std::string(trimmed(line));
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        message.fields.emplace_back(long_name(line.substr(0, colon)),
                                    std::string(trimmed(line.substr(colon + 1))));
    }
    message.body = bytes;
    return message;
}

std::string_view value_of(std::string_view field) {
    return trimmed(field.substr(0, end_of_piece(field, ';')));
}

std::optional<std::string_view> parameter_of(std::string_view field, std::string_view name) {
    for (size_t end = end_of_piece(field, ';'); end < field.size();) {
        field.remove_prefix(end + 1);
        end = end_of_piece(field, ';');
        const std::string_view piece = trimmed(field.substr(0, end));
        const auto equals = piece.find('=');
        if (!equals_without_case(trimmed(piece.substr(0, equals)), name)) continue;
        if (equals == std::string_view::npos) return std::string_view();
        return unquoted(trimmed(piece.substr(equals + 1)));
    }
    return std::nullopt;
}

std::string_view address_of(std::string_view field) {
    const auto begin = field.find('<');
    if (begin == std::string_view::npos) return value_of(field);
    field.remove_prefix(begin + 1);
    return field.substr(0, field.find('>'));
}

std::string_view place_of(std::string_view uri) {
    uri = bare(uri);
    const auto at = uri.find('@');
    return at == std::string_view::npos ? uri : uri.substr(at + 1);
}

std::string_view user_of(std::string_view uri) {
    uri = bare(uri);
    const auto at = uri.find('@');
    return at == std::string_view::npos ? std::string_view() : uri.substr(0, at);
}

std::string write_lines(const std::vector<std::string>& lines, std::string_view body) {
    std::string out;
    for (const std::string& line : lines)
        out += line + "\r\n";
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return out += body;
}

std::string write_answer(const SipText& request, std::string_view status, std::string_view tag,
                         const std::vector<std::string>& lines) {
    std::vector<std::string> all = {std::string(version) + " " + std::string(status)};
    for (const auto& [name, value] : request.fields) {
        if (name == "via") all.push_back("Via: " + value);
    }
    all.push_back("From: " + std::string(request.field("from")));
    all.push_back("To: " + std::string(request.field("to")) + ";tag=" + std::string(tag));
    all.push_back("Call-ID: " + std::string(request.field("call-id")));
    all.push_back("CSeq: " + std::string(request.field("cseq")));
    all.insert(all.end(), lines.begin(), lines.end());
    return write_lines(all, "");
}

}  // namespace dialtone::sim::pnp
