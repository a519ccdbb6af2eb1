// SPDX-License-Identifier: Apache-2.0
//
// Reads an XML text piece by piece, in one pass and without copies, and keeps count of its lines.
// Configuration files are read with what a format's real files have wrong and phones take, each
// with a warning; what an ACS sends is checked to have nothing wrong before tinyxml2 makes a tree
// of it. Called by the formats of config/ and by cwmp/soap.
//
// The grammar is XML 1.0 (fifth edition); section numbers in the code are its own. Entities of a
// text's own are not read, several roots, missing ends and control characters never pass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/config/remarks.h"
#include "agent/limits.h"
#include "agent/result.h"

namespace dialtone {

// What a text may have in it.
struct XmlBounds {
    uint32_t depth = limits::config_depth;  // at most that
    uint32_t elements = limits::config_elements;
    uint32_t attributes = limits::config_attributes;
};

// What is wrong with a text and is taken all the same.
enum XmlOddity : uint8_t {
    stray_markup = 1,    // text and instructions anywhere, a comment before the XML declaration
    lone_ampersand = 2,  // one that begins no reference stands for itself
    odd_names = 4,       // blanks and slashes in the name of an element without attributes; a
                         // blank in one is as good as a _
    loose_end = 8,       // whatever stands behind the root; <<END OF FILE>> closes it
    start_as_end = 16,   // <a>text<a>
};

enum class XmlPiece : uint8_t {
    start,
    end,
    text,  // or a CDATA section; none of nothing but blanks
    over,  // the text is whole
};

class XmlReader {
  public:
    // Both outlive it. `oddities` of XmlOddity.
    XmlReader(std::string_view text, uint8_t oddities, Remarks& remarks, XmlBounds bounds = {});

    // Errors, all with a line: malformed, truncated (the text ends inside something), too_big (over
    // `bounds`), unsupported (a DOCTYPE with declarations). No error quotes text, or a name from
    // within it: a password that contains '<' or '&' is a likely cause.
    Result<XmlPiece> next();

    // Of the piece that came last, where it begins.
    uint32_t line();
    // Of a start or an end, as it is written.
    std::string_view name() const { return name_; }
    // Of a start; nothing: it has none of that name.
    std::optional<std::string> attribute(std::string_view name) const;
    // Of a text, its references resolved, its line ends LF (2.11).
    std::string text() const;

    // After a start: its text up to its end, without the blanks of a text that is nothing else.
    // Errors: those of next(); malformed (an element in it), too_big (limits::config_value_bytes).
    Result<std::string> value();
    // After a start: up to its end. Errors: those of next().
    Status pass_over();

    uint32_t elements() const { return elements_; }

  private:
    bool takes(XmlOddity oddity) const { return (oddities_ & oddity) != 0; }
    std::string_view view() const { return {text_, size_}; }
    bool is(uint32_t at, uint8_t kinds) const;
    void skip_while(uint8_t kinds);
    void skip_while_not(uint8_t kinds);
    uint32_t line_at(uint32_t at);
    std::unexpected<Error> broken(std::string detail, ErrorCode code = ErrorCode::malformed);
    std::unexpected<Error> cut(std::string detail);
    void remark(std::string detail);

    Status check_characters();
    Result<bool> read_text();
    Result<std::optional<XmlPiece>> read_markup();
    Result<std::optional<XmlPiece>> read_declaration();
    Result<std::optional<XmlPiece>> read_end_mark();
    Status pass(uint32_t opening_bytes, std::string_view end, std::string_view without_end);
    Status pass_comment();
    Status pass_instruction();
    Status pass_document_type();
    Result<std::optional<XmlPiece>> read_start();
    Result<uint32_t> end_of_tag();
    Status take_tag(uint32_t end);
    Status check_place();
    Status check_attributes();
    Result<std::optional<XmlPiece>> read_end();
    bool closes(std::string_view name) const;
    void pass_tail();
    std::string words_for_mismatch(std::string_view closed) const;
    Status check_references(std::string_view text);
    Result<XmlPiece> conclude();

    const char* text_;
    uint32_t size_;
    uint8_t oddities_;
    Remarks& remarks_;
    XmlBounds bounds_;
    uint32_t at_ = 0;
    uint32_t begin_ = 0;  // of the piece that came last
    uint32_t counted_at_ = 0;
    uint32_t lines_ = 0;  // before counted_at_
    uint32_t depth_ = 0;
    uint32_t elements_ = 0;
    uint32_t attributes_ = 0;
    bool began_ = false;
    bool ended_ = false;        // by its end mark
    bool ends_here_ = false;    // the start that came last is its own end
    bool text_so_far_ = false;  // the innermost element has text and nothing else
    bool is_literal_ = false;   // the text that came last is a CDATA section
    std::string_view name_ = {};
    std::string_view tag_ = {};    // behind the name of the start that came last
    std::string_view piece_ = {};  // the text that came last
    std::string_view open_[limits::config_depth] = {};
};

// Returns how many elements a text has that has nothing wrong. Errors: those of XmlReader::next().
// What attributes look like is left to tinyxml2.
Result<uint32_t> check_xml(std::string_view text, XmlBounds bounds = {});

}  // namespace dialtone
