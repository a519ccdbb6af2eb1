// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "agent/limits.h"
#include "agent/text.h"
#include "platform/common/output.h"
#include "platform/tool/json_writer.h"

namespace dialtone {
namespace {

struct Line {
    std::string_view access;
    std::string_view notification;  // "-": of an object, which has none
    std::string_view path;
    std::string_view value;

    bool is_object() const { return notification == "-"; }
};

Line read_line(std::string_view text) {
    Line line;
    line.access = take_piece(text, ' ');
    line.notification = take_piece(text, ' ');
    line.path = take_piece(text, ' ');
    line.value = text;
    return line;
}

std::string_view notification_word(std::string_view number) {
    static constexpr std::array<std::string_view, 3> words = {"off", "passive", "active"};
    const bool is_known = number.size() == 1 && number[0] >= '0' && number[0] <= '2';
    return is_known ? words[static_cast<uint32_t>(number[0] - '0')] : number;
}

uint32_t count_of(std::string_view text) {
    uint32_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return std::min(count, limits::cwmp_parameters);
}

std::string padded(std::string_view text) {
    std::string out(text);
    out.resize(std::max<size_t>(out.size(), 7), ' ');
    return out;
}

}  // namespace

Result<ControlAnswer> read_model(std::string_view path, const AskForModel& ask) {
    ControlAnswer whole;
    do {
        std::string argument = std::to_string(whole.lines.size());
        if (!path.empty()) argument += " " + std::string(path);
        ControlAnswer part = TRY(ask(argument));
        if (!part.ok) return part;
        const bool is_first = whole.lines.empty();
        if (!is_first && (part.text != whole.text || part.lines.empty()))
            return fail(ErrorCode::io, "the tree has changed while it was read; say it again");
        whole.ok = true;
        whole.text = std::move(part.text);
        std::ranges::move(part.lines, std::back_inserter(whole.lines));
    } while (!whole.lines.empty() && whole.lines.size() < count_of(whole.text));
    return whole;
}

std::string model_text(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& text : lines) {
        const Line line = read_line(text);
        std::string shown(line.access);
        shown += "  " + padded(notification_word(line.notification)) + "  ";
        shown += line.path;
        if (!line.is_object()) (shown += " = ") += line.value;
        out += one_line(shown) + "\n";
    }
    return out;
}

std::string model_json(const std::vector<std::string>& lines) {
    JsonWriter json;
    json.begin_object().key("names").begin_array();
    for (const std::string& text : lines) {
        const Line line = read_line(text);
        json.begin_object().member("path", line.path);
        json.key("writable").flag(line.access == "RW");
        if (!line.is_object()) {
            json.member("notification", notification_word(line.notification));
            json.member("value", line.value);
        }
        json.end_object();
    }
    json.end_array().end_object();
    return json.str() + "\n";
}

}  // namespace dialtone
