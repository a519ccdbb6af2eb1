// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_reader.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <utility>

#include "agent/config/utf8.h"
#include "agent/config/xml_text.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

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

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view end_of_file = "<<end of file>>";  // compared without case
constexpr std::string_view blanks = " \t\r\n";
constexpr uint32_t longest_reference = 12;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(blanks) == std::string_view::npos;
}

// 4.1: the character that the digits of a reference name, 0: none.
uint32_t named_character(std::string_view digits) {
    const bool is_hex = digits.starts_with('x');
    if (is_hex) digits.remove_prefix(1);
    uint32_t code = 0;
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, code, is_hex ? 16 : 10);
    if (error != std::errc() || rest != end) return 0;
    return is_xml_character(code) ? code : 0;
}

// 4.6.
char named_sign(std::string_view word) {
    struct Entity {
        std::string_view name;
        char sign;
    };
    constexpr Entity entities[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    const auto* const found = std::ranges::find(entities, word, &Entity::name);
    return found == std::end(entities) ? '\0' : found->sign;
}

// What begins at `text`, a '&', when it is a reference; its word is what stands between & and ;.
std::optional<std::string_view> reference_word(std::string_view text) {
    const auto end = text.substr(0, longest_reference).find(';');
    if (end == std::string_view::npos) return std::nullopt;
    return text.substr(1, end - 1);
}

// 4.4 and 2.11; what is no reference stands for itself.
std::string resolved(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto plain = std::min(text.find_first_of("&\r"), text.size());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (text[0] == '\r') {
            out += '\n';
            text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
            continue;
        }
        const auto word = reference_word(text);
        const uint32_t code = !word                    ? 0
                              : word->starts_with('#') ? named_character(word->substr(1))
                                                       : static_cast<uint8_t>(named_sign(*word));
        if (code == 0) {
            out += '&';
            text.remove_prefix(1);
            continue;
        }
        append_utf8(out, code);
        text.remove_prefix(word->size() + 2);
    }
    return out;
}

}  // namespace

XmlReader::XmlReader(std::string_view text, uint8_t oddities, Remarks& remarks, XmlBounds bounds)
    : text_(text.data()),
      size_(static_cast<uint32_t>(text.size())),
      oddities_(oddities),
      remarks_(remarks),
      bounds_(bounds) {
    assert(bounds.depth <= limits::config_depth);  // what open_ has room for
}

// --- pieces --------------------------------------------------------------------------------------

Result<XmlPiece> XmlReader::next() {
    if (!std::exchange(began_, true)) TRY(check_characters());
    if (std::exchange(ends_here_, false)) {
        --depth_;
        return XmlPiece::end;
    }
    while (at_ < size_ && !ended_) {
        begin_ = at_;
        if (depth_ == 0 && elements_ != 0 && takes(loose_end)) {
            pass_tail();
            break;
        }
        if (text_[at_] != '<') {
            if (TRY(read_text())) return XmlPiece::text;
            continue;
        }
        if (const auto piece = TRY(read_markup())) {
            text_so_far_ = *piece == XmlPiece::text;
            return *piece;
        }
    }
    return conclude();
}

Status XmlReader::check_characters() {
    skip_while_not(odd);
    if (at_ != size_) return broken("a control character, which text cannot contain");
    at_ = view().starts_with(byte_order_mark) ? static_cast<uint32_t>(byte_order_mark.size()) : 0;
    return {};
}

Result<XmlPiece> XmlReader::conclude() {
    if (depth_ != 0) return cut("the file ends early: <" + shown(open_[0]) + "> is not closed");
    if (elements_ == 0) return cut("the file ends before its root element");
    return XmlPiece::over;
}

// Up to the next '<'. False: it is nothing but blanks, or passed over.
Result<bool> XmlReader::read_text() {
    const void* const end = std::memchr(text_ + at_, '<', size_ - at_);
    const uint32_t end_at =
        end != nullptr ? static_cast<uint32_t>(static_cast<const char*>(end) - text_) : size_;
    piece_ = view().substr(at_, end_at - at_);
    const auto first = piece_.find_first_not_of(blanks);
    at_ = end_at;
    if (first == std::string_view::npos) return false;
    begin_ += static_cast<uint32_t>(first);
    if (depth_ == 0) {
        if (!takes(stray_markup) || elements_ == 0) {
            at_ = begin_;
            return broken("text outside the root element");
        }
        remark("text behind the root element was passed over");
        return false;
    }
    TRY(check_references(piece_));
    is_literal_ = false;
    text_so_far_ = true;
    return true;
}

// 4.1 and 4.6.
Status XmlReader::check_references(std::string_view text) {
    for (auto at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
        const auto word = reference_word(text.substr(at));
        const bool is_number = word && word->starts_with('#');
        if (is_number ? named_character(word->substr(1)) != 0 : word && named_sign(*word) != 0)
            continue;
        const uint32_t end = at_;
        at_ = static_cast<uint32_t>(text.data() - text_ + static_cast<std::ptrdiff_t>(at));
        if (is_number) return broken("a reference that names no character");
        if (!takes(lone_ampersand)) {
            return broken(word ? "a reference to none of XML's own entities; a '&' alone is "
                                 "written &amp;"
                               : "a lone '&'; it is written &amp;");
        }
        remarks_.add(line_at(at_), "a '&' that begins no reference was taken as it stands");
        at_ = end;
    }
    return {};
}

Result<std::optional<XmlPiece>> XmlReader::read_markup() {
    if (at_ + 1 == size_) return cut("the file ends inside a tag");
    if (is(at_ + 1, name_start)) return read_start();
    if (text_[at_ + 1] == '/') return read_end();
    if (text_[at_ + 1] == '!') return read_declaration();
    if (text_[at_ + 1] == '<' && takes(loose_end)) return read_end_mark();
    if (text_[at_ + 1] != '?') return broken("a '<' that opens nothing");
    TRY(pass_instruction());
    return std::nullopt;
}

// --- what is passed over -------------------------------------------------------------------------

Status XmlReader::pass(uint32_t opening_bytes, std::string_view end, std::string_view without_end) {
    const auto found = view().find(end, at_ + opening_bytes);
    if (found == std::string_view::npos) return cut(std::string(without_end));
    at_ = static_cast<uint32_t>(found + end.size());
    return {};
}

// 2.8: a declaration stands at the beginning. 2.6: an instruction is for somebody else.
Status XmlReader::pass_instruction() {
    const bool is_declaration =
        view().substr(at_).starts_with("<?xml") && at_ + 5 < size_ && is(at_ + 5, blank);
    const bool is_first = view().substr(0, at_).find('<') == std::string_view::npos;
    TRY(pass(2, "?>", "the file ends inside a <? ?>"));
    if (is_declaration && !is_first && takes(stray_markup))
        remark("the <?xml ?> declaration is not at the beginning of the file");
    if (!is_declaration && depth_ != 0 && takes(stray_markup))
        remark("what stands in <? ?> was passed over");
    return {};
}

// A comment that was not closed runs on to the end of the next one.
Status XmlReader::pass_comment() {
    TRY(pass(4, "-->", "the file ends inside a comment"));
    const std::string_view inside = view().substr(begin_ + 4, at_ - begin_ - 4);
    if (takes(stray_markup) && inside.find("<!--") != std::string_view::npos)
        remark("a comment in which another one begins: all up to the --> is passed over");
    return {};
}

Result<std::optional<XmlPiece>> XmlReader::read_declaration() {
    const std::string_view rest = view().substr(at_);
    if (rest.starts_with("<!--")) {
        TRY(pass_comment());
        return std::nullopt;
    }
    if (rest.starts_with("<!DOCTYPE")) {
        TRY(pass_document_type());
        return std::nullopt;
    }
    constexpr std::string_view opening = "<![CDATA[";
    constexpr std::string_view closing = "]]>";
    if (!rest.starts_with(opening)) return broken("a '<!' that opens nothing");
    if (depth_ == 0) return broken("text outside the root element");
    TRY(pass(opening.size(), closing, "the file ends inside a CDATA section"));
    piece_ = view().substr(begin_ + opening.size(), at_ - begin_ - opening.size() - closing.size());
    is_literal_ = true;
    if (is_blank(piece_)) return std::nullopt;
    return XmlPiece::text;
}

// 2.8: its declarations could only define entities and defaults, and none are read.
Status XmlReader::pass_document_type() {
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

// It closes the root where nothing else does.
Result<std::optional<XmlPiece>> XmlReader::read_end_mark() {
    if (!begins_without_case(view().substr(at_), end_of_file))
        return broken("a '<' that opens nothing");
    if (depth_ > 1) return broken("<<END OF FILE>> while <" + shown(open_[1]) + "> is open");
    if (depth_ == 0) return broken("<<END OF FILE>> before the root element");
    ended_ = true;
    remark("the root element is not closed before <<END OF FILE>>");
    name_ = open_[--depth_];
    return XmlPiece::end;
}

void XmlReader::pass_tail() {
    const std::string_view tail = view().substr(at_);
    const auto first = std::min(tail.find_first_not_of(blanks), tail.size());
    begin_ += static_cast<uint32_t>(first);
    const bool is_mark = begins_without_case(tail.substr(first), end_of_file);
    if (first != tail.size() && !is_mark)
        remark("what stands behind the root element was passed over");
    ended_ = true;
}

// --- tags ----------------------------------------------------------------------------------------

// 3.1: quoted values may contain '>' and may not contain '<'. Gives where the tag's '>' is.
Result<uint32_t> XmlReader::end_of_tag() {
    char quote = 0;
    for (skip_while_not(tag_sign); at_ < size_; ++at_, skip_while_not(tag_sign)) {
        const char sign = text_[at_];
        if (sign == '<') return broken("a tag that is not closed by '>'");
        if (quote != 0) {
            if (sign == quote) quote = 0;
        } else if (sign == '>') {
            return at_;
        } else if (++attributes_ > bounds_.attributes) {
            return broken("more than " + std::to_string(bounds_.attributes) + " attributes",
                          ErrorCode::too_big);
        } else {
            quote = sign;
        }
    }
    return cut("the file ends inside a tag");
}

// The name of the tag that ends there, and what stands behind it.
Status XmlReader::take_tag(uint32_t end) {
    ends_here_ = text_[end - 1] == '/';
    const uint32_t name_at = begin_ + 1;
    const std::string_view all = view().substr(name_at, end - name_at - (ends_here_ ? 1 : 0));
    at_ = name_at;
    skip_while(name_start | name_more);
    name_ = all.substr(0, at_ - name_at);
    tag_ = all.substr(name_.size());
    at_ = begin_;
    if (is_blank(tag_)) return {};
    if (takes(odd_names) && all.find_first_of("=\"'") == std::string_view::npos) {
        name_ = trimmed(all, blanks);
        tag_ = {};
        remark("<" + shown(name_) + "> is no name of an element in XML; it was taken as it stands");
        return {};
    }
    return check_attributes();
}

Result<std::optional<XmlPiece>> XmlReader::read_start() {
    TRY(check_place());
    ++at_;
    const uint32_t end = TRY(end_of_tag());
    TRY(take_tag(end));
    at_ = end + 1;
    const bool repeats =
        takes(start_as_end) && text_so_far_ && depth_ > 0 && closes(name_) && !ends_here_;
    if (repeats) {
        remark("<" + shown(name_) + "> stands where its end was due, and was taken for it");
        --depth_;
        return XmlPiece::end;
    }
    ++elements_;
    open_[depth_++] = name_;
    return XmlPiece::start;
}

Status XmlReader::check_place() {
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

namespace {

struct Attribute {
    std::string_view name;
    std::string_view value;
};

// The next one of what stands behind a tag's name. Nothing: that is not name="value".
std::optional<Attribute> take_attribute(std::string_view& tag) {
    tag = tag.substr(std::min(tag.find_first_not_of(blanks), tag.size()));
    const auto equals = tag.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = trimmed(tag.substr(0, equals), blanks);
    const std::string_view rest = trimmed(tag.substr(equals + 1), blanks);
    if (name.empty() || name.find_first_of(blanks) != std::string_view::npos || rest.empty())
        return std::nullopt;
    const char quote = rest[0];
    const auto end = rest.find(quote, 1);
    if ((quote != '"' && quote != '\'') || end == std::string_view::npos) return std::nullopt;
    tag = rest.substr(end + 1);
    return Attribute{name, rest.substr(1, end - 1)};
}

}  // namespace

// The strict reading leaves them to tinyxml2, which says more of them.
Status XmlReader::check_attributes() {
    if (oddities_ == 0) return {};
    std::string_view left = tag_;
    while (!is_blank(left)) {
        if (!take_attribute(left))
            return broken("an attribute that is not written as name=\"value\"");
    }
    return {};
}

std::optional<std::string> XmlReader::attribute(std::string_view name) const {
    std::string_view left = tag_;
    while (!is_blank(left)) {
        const auto one = take_attribute(left);
        if (!one) return std::nullopt;
        if (one->name == name) return resolved(one->value);
    }
    return std::nullopt;
}

Result<std::optional<XmlPiece>> XmlReader::read_end() {
    const auto end = view().find('>', at_);
    const std::string_view inside = view().substr(at_ + 2, end - at_ - 2);
    const auto sign = inside.find('<');
    if (end == std::string_view::npos && sign == std::string_view::npos)
        return cut("the file ends inside a tag");
    std::string_view closed = trimmed(inside, blanks);
    const auto odd_letter = std::ranges::find_if_not(closed, [](char letter) {
        return (byte_kinds[static_cast<uint8_t>(letter)] & (name_start | name_more)) != 0;
    });
    const bool is_name = odd_letter == closed.end() || takes(odd_names);
    if (sign != std::string_view::npos || !is_name || is_blank(inside.substr(0, 1)))
        return broken("a tag that is not closed by '>'");
    if (depth_ == 0) return broken("an end tag that closes nothing");
    if (!closes(closed)) return broken(words_for_mismatch(closed));
    name_ = open_[--depth_];
    at_ = static_cast<uint32_t>(end + 1);
    return XmlPiece::end;
}

// Whether that is the name of the innermost element.
bool XmlReader::closes(std::string_view name) const {
    const std::string_view open = open_[depth_ - 1];
    if (name == open) return true;
    const auto same = [](char one, char other) {
        const auto plain = [](char letter) { return letter == ' ' ? '_' : letter; };
        return plain(one) == plain(other);
    };
    return takes(odd_names) && std::ranges::equal(name, open, same);
}

std::string XmlReader::words_for_mismatch(std::string_view closed) const {
    const auto end = open_ + depth_;
    if (std::find(open_, end, closed) == end) return "an end tag that closes nothing open";
    return "</" + shown(closed) + "> while an element inside it is open";
}

// --- what the formats ask ------------------------------------------------------------------------

std::string XmlReader::text() const {
    return is_literal_ ? std::string(piece_) : resolved(piece_);
}

Result<std::string> XmlReader::value() {
    const std::string_view outer = name_;
    const uint32_t outer_at = begin_;
    std::string out;
    for (;;) {
        const XmlPiece piece = TRY(next());
        if (piece == XmlPiece::end) return out;
        if (piece != XmlPiece::text) {
            at_ = begin_;
            return broken("<" + shown(outer) + "> holds an element where its value is text");
        }
        out += text();
        if (out.size() > limits::config_value_bytes) {
            at_ = outer_at;
            return broken("the value of " + shown(outer) + " is longer than " +
                              std::to_string(limits::config_value_bytes) + " bytes",
                          ErrorCode::too_big);
        }
    }
}

Status XmlReader::pass_over() {
    const uint32_t outside = depth_ - 1;
    while (depth_ > outside)
        TRY(next());
    return {};
}

// --- lines ---------------------------------------------------------------------------------------

uint32_t XmlReader::line() {
    return line_at(begin_);
}

// Asked for ever later places, but for an error's.
uint32_t XmlReader::line_at(uint32_t at) {
    if (at < counted_at_) counted_at_ = lines_ = 0;
    lines_ += static_cast<uint32_t>(std::count(text_ + counted_at_, text_ + at, '\n'));
    counted_at_ = at;
    return lines_ + 1;
}

void XmlReader::remark(std::string detail) {
    remarks_.add(line_at(begin_), std::move(detail));
}

std::unexpected<Error> XmlReader::broken(std::string detail, ErrorCode code) {
    return fail(code, std::move(detail), Position::at_line(line_at(at_)));
}

// The text ended inside a construct that was not closed.
std::unexpected<Error> XmlReader::cut(std::string detail) {
    at_ = size_;
    while (at_ > 0 && is(at_ - 1, blank))
        --at_;
    return broken(std::move(detail), ErrorCode::truncated);
}

bool XmlReader::is(uint32_t at, uint8_t kinds) const {
    return (byte_kinds[static_cast<uint8_t>(text_[at])] & kinds) != 0;
}

void XmlReader::skip_while(uint8_t kinds) {
    while (at_ < size_ && is(at_, kinds))
        ++at_;
}

void XmlReader::skip_while_not(uint8_t kinds) {
    const char* at = text_ + at_;
    const char* const end = text_ + size_;
    while (at != end && (byte_kinds[static_cast<uint8_t>(*at)] & kinds) == 0)
        ++at;
    at_ = static_cast<uint32_t>(at - text_);
}

Result<uint32_t> check_xml(std::string_view text, XmlBounds bounds) {
    Remarks none;
    XmlReader reader(text, 0, none, bounds);
    while (TRY(reader.next()) != XmlPiece::over) {
    }
    return reader.elements();
}

}  // namespace dialtone
