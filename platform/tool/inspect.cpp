// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/inspect.h"

#include <algorithm>
#include <span>

#include "agent/config/config_format.h"
#include "agent/config/reader.h"
#include "agent/config/sniff.h"
#include "agent/generation.h"
#include "platform/common/output.h"
#include "platform/tool/config_listing.h"
#include "platform/tool/json_writer.h"

namespace dialtone {
namespace {

// The command line's value for a setting that holds a key.
std::string_view given_value(const InspectRequest& request, Setting setting) {
    if (setting == Setting::config_password) return request.password;
    if (setting == Setting::config_key) return request.key;
    return {};
}

// Reads a copy: a reader decrypts in place, and the next profile needs the bytes as they were.
Result<Document> read_copy(const InspectRequest& request, const Profile& profile) {
    std::vector<uint8_t> body = request.bytes;
    std::vector<std::string_view> keys;
    for (const Setting setting : profile.keys)
        keys.push_back(given_value(request, setting));
    return read_config_file(body, request.identity, profile, keys, Carriage::proven);
}

// The first profile that reads the file; the error is the one of the first that knows the format.
Result<Document> read_document(const InspectRequest& request) {
    if (request.profile != nullptr) return read_copy(request, *request.profile);
    Result<Document> best = fail(ErrorCode::unsupported, "this build knows no profile");
    for (const Profile* profile : all_profiles()) {
        auto document = read_copy(request, *profile);
        if (document) return document;
        if (best.error().code == ErrorCode::unsupported) best = std::move(document);
    }
    return best;
}

// Errors about a file as a whole have no position of their own: its beginning then.
Position position_in(const InspectRequest& request, const Error& error) {
    if (error.where.kind != Position::Kind::nowhere) return error.where;
    switch (sniff(request.bytes).content) {
        case Content::empty:
        case Content::xml:
        case Content::html:
        case Content::text:
            return Position::at_line(1);
        default:
            return Position::at_offset(0);
    }
}

std::string placed(const InspectRequest& request, Position where, std::string_view words) {
    std::string line = request.file;
    if (where.kind != Position::Kind::nowhere) line += ":" + std::to_string(where.number);
    line += ": ";
    line += words;
    return one_line(line) + "\n";
}

void write_position(JsonWriter& json, Position where) {
    if (where.kind == Position::Kind::nowhere) return;
    json.key(where.kind == Position::Kind::line ? "line" : "offset").number(where.number);
}

std::string error_json(const InspectRequest& request, const Error& error) {
    JsonWriter json;
    json.begin_object();
    json.member("file", request.file);
    json.key("error").begin_object();
    json.member("code", error_code_name(error.code));
    write_position(json, position_in(request, error));
    json.member("detail", error.detail);
    json.end_object();
    json.end_object();
    return json.str() + "\n";
}

std::string document_json(const InspectRequest& request, const Document& document,
                          const Generation& values) {
    JsonWriter json;
    json.begin_object();
    json.member("file", request.file);
    json.member("format", document.format->name);
    json.member("cipher", cipher_name(document.cipher));
    json.key("values").begin_object();
    for (const Item& item : values.items)
        json.member(item.key, item.value);
    json.end_object();
    json.key("warnings").begin_array();
    for (const Warning& warning : document.warnings) {
        json.begin_object();
        write_position(json, warning.where);
        json.member("detail", warning.detail);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.str() + "\n";
}

Inspection bad_file(const InspectRequest& request, const Error& error) {
    Inspection inspection;
    inspection.remarks = placed(request, position_in(request, error), error.detail);
    if (request.form == OutputForm::json) inspection.output = error_json(request, error);
    return inspection;
}

}  // namespace

Inspection inspect(const InspectRequest& request) {
    auto document = read_document(request);
    if (!document) return bad_file(request, document.error());
    const auto values = overlay(Generation{}, std::span(&*document, 1), Origin::file);
    if (!values) return bad_file(request, values.error());
    Inspection inspection;
    inspection.good = true;
    if (request.form == OutputForm::json) {
        inspection.output = document_json(request, *document, *values);
        return inspection;
    }
    std::string kind(document->format->name);
    kind += ", cipher: ";
    kind += cipher_name(document->cipher);
    inspection.remarks = placed(request, Position{}, kind);
    for (const Warning& warning : document->warnings) {
        inspection.remarks += placed(request, warning.where, "warning: " + warning.detail);
    }
    inspection.output = config_text(*values);
    return inspection;
}

}  // namespace dialtone
