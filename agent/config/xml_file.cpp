// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_file.h"

#include <utility>

#include "agent/config/addressee.h"
#include "agent/config/utf8.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

Status at_line(uint32_t line, Status status) {
    if (status) return {};
    return fail(status.error().code, std::move(status.error().detail), Position::at_line(line));
}

}  // namespace

std::unexpected<Error> XmlFile::refuse(ErrorCode code, std::string detail) {
    return fail(code, std::move(detail), Position::at_line(reader_.line()));
}

Status XmlFile::read_root(std::string_view name) {
    TRY(reader_.next());  // a text without a root is an error
    if (reader_.name() == name) return {};
    return refuse(ErrorCode::not_a_config, "the root element is <" + shown(reader_.name()) +
                                               ">, not <" + std::string(name) + ">");
}

Result<bool> XmlFile::next_element() {
    for (;;) {
        const XmlPiece piece = TRY(reader_.next());
        if (piece != XmlPiece::text) return piece == XmlPiece::start;
        pass_text(reader_.line());
    }
}

Status XmlFile::pass_over() {
    remarks_.add(reader_.line(),
                 "<" + shown(reader_.name()) + "> is not known and was passed over");
    return reader_.pass_over();
}

void XmlFile::pass_text(uint32_t line) {
    remarks_.add(line, "text between elements was passed over");
}

Status XmlFile::read_mac() {
    const uint32_t line = reader_.line();
    const std::string text = TRY(reader_.value());
    if (text.empty()) {
        remarks_.add(line, "the <mac> element is empty and was passed over");
        return {};
    }
    return at_line(line, take_addressee(text, "the <mac> element", identity_, document_));
}

Status XmlFile::read_serial() {
    const uint32_t line = reader_.line();
    return at_line(line, take_serial(TRY(reader_.value()), document_));
}

Status XmlFile::read_version() {
    const uint32_t line = reader_.line();
    const std::string version = TRY(reader_.value());
    document_.version = trimmed(version, " \t\r\n");
    if (document_.version.size() <= limits::config_version_bytes) return {};
    return fail(
        ErrorCode::too_big,
        "the version is longer than " + std::to_string(limits::config_version_bytes) + " bytes",
        Position::at_line(line));
}

Document XmlFile::take_document(const ConfigFormat& format) {
    document_.format = &format;
    document_.entries = entries_.take(remarks_);
    document_.warnings = remarks_.take();
    return std::move(document_);
}

}  // namespace dialtone
