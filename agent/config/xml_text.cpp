// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

#include "agent/config/utf8.h"
#include "agent/harmless_text.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// 2.2: what may stand in a document, of the characters a reference can name.
bool is_xml_character(uint32_t code) {
    if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
    return code < 0xD800 || (code > 0xDFFF && code < 0xFFFE) || (code > 0xFFFF && code <= 0x10FFFF);
}

// 2.2, of a text that is to be written. U+FFFE and U+FFFF are no characters of XML either.
bool begins_with_no_character(std::string_view text) {
    const char letter = text.front();
    const bool is_odd =
        character_bytes(text) == 0 || (is_control(letter) && letter != '\t' && letter != '\n' &&
                                       letter != '\r' && letter != 0x7F);
    return is_odd || text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

// The classes of a byte as bits, so that a run of bytes is skipped with one lookup for each.
enum ByteKind : uint8_t {
    odd = 1,         // not allowed anywhere; NUL is one, and tinyxml2 would stop reading at it
    blank = 2,       // 2.3, S
    name_start = 4,  // 2.3; whatever is over 0x7F is let pass
    name_more = 8,
    markup_sign = 16,  // what text between tags does not contain: '<' and '&'
    tag_sign = 32,     // what ends a tag or changes what does: quotes, '<' and '>'
};

constexpr std::array<uint8_t, 256> byte_kinds = [] {
    std::array<uint8_t, 256> kinds = {};
    for (uint32_t byte = 0; byte < 0x20; ++byte)
        kinds[byte] = odd;
    for (const char letter : {' ', '\t', '\r', '\n'})
        kinds[static_cast<uint8_t>(letter)] = blank;
    for (uint32_t byte = 'a'; byte <= 'z'; ++byte)
        kinds[byte] = name_start;
    for (uint32_t byte = 'A'; byte <= 'Z'; ++byte)
        kinds[byte] = name_start;
    for (uint32_t byte = 0x80; byte <= 0xFF; ++byte)
        kinds[byte] = name_start;
    kinds['_'] = kinds[':'] = name_start;
    for (uint32_t byte = '0'; byte <= '9'; ++byte)
        kinds[byte] = name_more;
    kinds['-'] = kinds['.'] = name_more;
    kinds['<'] = markup_sign | tag_sign;
    kinds['&'] = markup_sign;
    kinds['>'] = kinds['"'] = kinds['\''] = tag_sign;
    return kinds;
}();

// Its messages quote no text and no names from within values: a password that contains '<' or '&'
// is a likely cause of an error.
class Checker {
  public:
    Checker(std::string_view text, XmlBounds bounds)
        : text_(text.data()), size_(static_cast<uint32_t>(text.size())), bounds_(bounds) {}

    Result<uint32_t> check() {
        skip_while_not(odd);
        if (at_ != size_) return broken("a control character, which text cannot contain");
        at_ = view().starts_with("\xEF\xBB\xBF") ? 3 : 0;
        for (;;) {
            depth_ == 0 ? skip_while(blank) : skip_while_not(markup_sign);
            if (at_ == size_) break;
            if (text_[at_] == '<') {
                TRY(markup());
            } else if (depth_ == 0) {
                return broken("text outside the root element");
            } else {
                TRY(reference());
            }
        }
        if (depth_ != 0) {
            return cut("the file ends early: <" + shown(open_[0]) + "> is not closed");
        }
        if (elements_ == 0) return cut("the file ends before its root element");
        return elements_;
    }

  private:
    std::string_view view() const { return {text_, size_}; }

    bool is(uint32_t at, uint8_t kinds) const {
        return (byte_kinds[static_cast<uint8_t>(text_[at])] & kinds) != 0;
    }

    void skip_while(uint8_t kinds) {
        uint32_t at = at_;
        while (at < size_ && is(at, kinds))
            ++at;
        at_ = at;
    }

    void skip_while_not(uint8_t kinds) {
        const char* at = text_ + at_;
        const char* const end = text_ + size_;
        while (at != end && (byte_kinds[static_cast<uint8_t>(*at)] & kinds) == 0)
            ++at;
        at_ = static_cast<uint32_t>(at - text_);
    }

    std::unexpected<Error> broken(std::string detail, ErrorCode code = ErrorCode::malformed) const {
        const auto ends = static_cast<uint32_t>(std::count(text_, text_ + at_, '\n'));
        return fail(code, std::move(detail), Position::at_line(ends + 1));
    }

    // The text ended inside a construct that was not closed.
    std::unexpected<Error> cut(std::string detail) {
        at_ = size_;
        while (at_ > 0 && is(at_ - 1, blank))
            --at_;
        return broken(std::move(detail), ErrorCode::truncated);
    }

    Status markup() {
        if (at_ + 1 == size_) return cut("the file ends inside a tag");
        if (is(at_ + 1, name_start)) return start_tag();
        if (text_[at_ + 1] == '/') return end_tag();
        if (text_[at_ + 1] == '?') return pass(2, "?>", "the file ends inside a <? ?>");
        if (text_[at_ + 1] == '!') return declaration();
        return broken("a '<' that opens nothing");
    }

    Status declaration() {
        const std::string_view rest = view().substr(at_);
        if (rest.starts_with("<!--")) return pass(4, "-->", "the file ends inside a comment");
        if (rest.starts_with("<!DOCTYPE")) return document_type();
        if (!rest.starts_with("<![CDATA[")) return broken("a '<!' that opens nothing");
        if (depth_ == 0) return broken("text outside the root element");
        return pass(9, "]]>", "the file ends inside a CDATA section");
    }

    Status pass(uint32_t opening_bytes, std::string_view end, std::string_view without_end) {
        const auto found = view().find(end, at_ + opening_bytes);
        if (found == std::string_view::npos) return cut(std::string(without_end));
        at_ = static_cast<uint32_t>(found + end.size());
        return {};
    }

    // 2.8: its declarations could only define entities and defaults, and none are read.
    Status document_type() {
        if (elements_ != 0) return broken("a DOCTYPE after the beginning of the root element");
        const auto end = view().find_first_of("[>", at_);
        if (end == std::string_view::npos) return cut("the file ends inside its DOCTYPE");
        if (text_[end] == '[') {
            return broken("a DOCTYPE that declares entities; entities of a file's own are not read",
                          ErrorCode::unsupported);
        }
        at_ = static_cast<uint32_t>(end + 1);
        return {};
    }

    std::string_view name() {
        const uint32_t begin = at_;
        skip_while(name_start | name_more);
        return {text_ + begin, at_ - begin};
    }

    // 3.1: quoted values may contain '>' and may not contain '<'.
    Status start_tag() {
        TRY(check_place());
        ++elements_;
        ++at_;
        open_[depth_] = name();
        char quote = 0;
        for (skip_while_not(tag_sign); at_ < size_; ++at_, skip_while_not(tag_sign)) {
            const char sign = text_[at_];
            if (sign == '<') return broken("a tag that is not closed by '>'");
            if (quote != 0) {
                if (sign == quote) quote = 0;
            } else if (sign != '>') {
                TRY(count_attribute());
                quote = sign;
            } else {
                if (text_[at_ - 1] != '/') ++depth_;
                ++at_;
                return {};
            }
        }
        return cut("the file ends inside a tag");
    }

    Status check_place() const {
        if (depth_ == 0 && elements_ != 0) return broken("a second root element");
        if (depth_ == bounds_.depth) {
            return broken("elements are nested deeper than " + std::to_string(bounds_.depth),
                          ErrorCode::too_big);
        }
        if (elements_ == bounds_.elements) {
            return broken("more than " + std::to_string(bounds_.elements) + " elements",
                          ErrorCode::too_big);
        }
        return {};
    }

    // Each of them has one quoted value.
    Status count_attribute() {
        if (attributes_ == bounds_.attributes) {
            return broken("more than " + std::to_string(bounds_.attributes) + " attributes",
                          ErrorCode::too_big);
        }
        ++attributes_;
        return {};
    }

    Status end_tag() {
        const uint32_t begin = at_;
        at_ += 2;
        const std::string_view closed = name();
        skip_while(blank);
        if (at_ == size_) return cut("the file ends inside a tag");
        if (text_[at_] != '>') return broken("a tag that is not closed by '>'");
        const uint32_t end = at_ + 1;
        at_ = begin;
        if (depth_ == 0) return broken("an end tag that closes nothing");
        if (open_[depth_ - 1] != closed) return broken(words_for_mismatch(closed));
        --depth_;
        at_ = end;
        return {};
    }

    std::string words_for_mismatch(std::string_view closed) const {
        const auto end = open_ + depth_;
        if (std::find(open_, end, closed) == end) return "an end tag that closes nothing open";
        return "</" + shown(closed) + "> while an element inside it is open";
    }

    // 4.1 and 4.6.
    Status reference() {
        constexpr uint32_t longest = 12;
        const std::string_view rest = view().substr(at_, longest);
        const auto end = rest.find(';');
        if (end == std::string_view::npos) return broken("a lone '&'; it is written &amp;");
        const std::string_view word = rest.substr(1, end - 1);
        if (word.starts_with('#')) {
            if (!names_character(word.substr(1))) {
                return broken("a reference that names no character");
            }
        } else if (word != "amp" && word != "lt" && word != "gt" && word != "quot" &&
                   word != "apos") {
            return broken(
                "a reference to none of XML's own entities; a '&' alone is written &amp;");
        }
        at_ += static_cast<uint32_t>(end + 1);
        return {};
    }

    static bool names_character(std::string_view digits) {
        const uint32_t base = digits.starts_with('x') ? 16 : 10;
        if (base == 16) digits.remove_prefix(1);
        if (digits.empty()) return false;
        uint32_t code = 0;
        for (const char letter : digits) {
            const auto digit = hex_digit(letter);
            if (!digit || *digit >= base || code > 0x10FFFF) return false;
            code = code * base + *digit;
        }
        return is_xml_character(code);
    }

    const char* text_;
    uint32_t size_;
    XmlBounds bounds_;
    uint32_t attributes_ = 0;
    uint32_t at_ = 0;
    uint32_t depth_ = 0;
    uint32_t elements_ = 0;
    std::string_view open_[limits::config_depth] = {};
};

// 4.3.3: the name between quotes after `encoding` in the declaration at the very beginning.
bool declares_latin1(std::string_view text) {
    if (!text.starts_with("<?xml")) return false;
    const std::string_view declaration = text.substr(0, text.find("?>"));
    constexpr std::string_view word = "encoding";
    const auto at = declaration.find(word);
    if (at == std::string_view::npos) return false;
    const std::string_view after = declaration.substr(at + word.size());
    const auto open = after.find_first_of("\"'");
    if (open == std::string_view::npos) return false;
    const std::string_view value = after.substr(open + 1);
    return equals_without_case(value.substr(0, value.find(after[open])), "ISO-8859-1");
}

}  // namespace

Result<uint32_t> check_xml(std::string_view text, XmlBounds bounds) {
    assert(bounds.depth <= limits::config_depth);  // what the checker has room for
    return Checker(text, bounds).check();
}

bool is_xml_text(std::string_view text) {
    while (!text.empty()) {
        if (begins_with_no_character(text)) return false;
        text.remove_prefix(character_bytes(text));
    }
    return true;
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const char letter = text.front();
        const uint32_t bytes = character_bytes(text);
        if (begins_with_no_character(text)) {
            out += '?';
        } else if (letter == '&') {
            out += "&amp;";
        } else if (letter == '<') {
            out += "&lt;";
        } else if (letter == '>') {
            out += "&gt;";
        } else if (letter == '"') {
            out += "&quot;";
        } else if (letter == '\'') {
            out += "&apos;";
        } else if (letter == '\r') {
            out += "&#13;";
        } else {
            out += text.substr(0, bytes);
        }
        text.remove_prefix(std::max(bytes, 1U));
    }
    return out;
}

Result<std::string_view> xml_as_utf8(std::string_view text, std::string& converted) {
    const uint32_t valid = valid_utf8_bytes(text);
    if (valid == text.size()) return text;
    if (declares_latin1(text)) {
        converted = utf8_from_latin1(text);
        return std::string_view(converted);
    }
    const auto lines = std::count(text.begin(), text.begin() + valid, '\n');
    return fail(ErrorCode::malformed, "a byte that is not UTF-8",
                Position::at_line(static_cast<uint32_t>(lines) + 1));
}

}  // namespace dialtone
