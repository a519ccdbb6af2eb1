// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/script.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/text.h"
#include "sim/lab/acs/schema.h"
#include "sim/lab/acs/script_words.h"

namespace dialtone::sim::acs {
namespace {

constexpr uint32_t slow_most_ms = 120'000;

// A line on its way to be a step. Its words are taken from the left.
class Line {
  public:
    Line(std::vector<std::string> words, uint32_t number)
        : words_(std::move(words)), number_(number) {}

    bool is_empty() const { return at_ == words_.size(); }
    std::string_view next() const { return is_empty() ? std::string_view() : words_[at_]; }
    std::string take() { return words_[at_++]; }

    std::unexpected<Error> refuse(std::string words) const {
        return fail(ErrorCode::bad_usage, std::move(words), Position::at_line(number_));
    }
    Result<std::string> take_word(std::string_view what) {
        if (is_empty()) return refuse(std::string(what) + " is missing");
        return take();
    }
    Result<uint32_t> take_number(std::string_view what, uint32_t least, uint32_t most) {
        const std::string word = TRY(take_word(what));
        uint32_t number = 0;
        const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (fault != std::errc() || end != word.data() + word.size() || number < least ||
            number > most)
            return refuse(quoted(word) + " is no " + std::string(what) +
                          ", which is a number from " + std::to_string(least) + " to " +
                          std::to_string(most));
        return number;
    }
    // What follows the word `name`, if that is next.
    Result<std::optional<std::string>> take_option(std::string_view name) {
        if (next() != name) return std::nullopt;
        take();
        return TRY(take_word("what follows " + quoted(name)));
    }
    Status finish() const {
        if (!is_empty()) return refuse(quoted(next()) + " is one word too many");
        return {};
    }

  private:
    std::vector<std::string> words_;
    uint32_t at_ = 0;
    uint32_t number_;
};

template <typename Row, uint64_t Count>
std::string names_of(const Row (&rows)[Count]) {
    std::string out;
    for (const Row& row : rows)
        out += (out.empty() ? "" : ", ") + std::string(row.name);
    return out;
}

template <typename Row, uint64_t Count>
const Row* find_row(const Row (&rows)[Count], std::string_view name) {
    const auto found = std::ranges::find(rows, name, &Row::name);
    return found == std::end(rows) ? nullptr : &*found;
}

std::unexpected<Error> refuse_name(const Line& line, std::string_view name, std::string_view what,
                                   const std::string& known) {
    return line.refuse(quoted(name) + " is no " + std::string(what) + "; there are " + known);
}

// --- settings
// -------------------------------------------------------------------------------------

struct StyleRow {
    std::string_view name;
    void (*set)(Script& script);
};
constexpr StyleRow styles[] = {
    {"no-cookie", [](Script& script) { script.has_cookie = false; }},
    {"two-cookies", [](Script& script) { script.has_second_cookie = true; }},
    {"id-null", [](Script& script) { script.style.has_null_id = true; }},
    {"no-id", [](Script& script) { script.style.has_no_id = true; }},
    {"empty-200", [](Script& script) { script.has_empty_200 = true; }},
    {"key-first", [](Script& script) { script.style.is_key_first = true; }},
    {"single-quotes", [](Script& script) { script.style.quote = '\''; }},
    {"undeclared", [](Script& script) { script.style.is_undeclared = true; }},
    {"unqualified", [](Script& script) { script.style.is_unqualified = true; }},
    {"chunked", [](Script& script) { script.is_chunked = true; }},
    {"close", [](Script& script) { script.is_closing = true; }},
};

Status read_style(Script& script, Line& line) {
    if (line.is_empty()) return line.refuse("a style is missing: " + names_of(styles));
    while (!line.is_empty()) {
        const std::string word = line.take();
        const StyleRow* row = find_row(styles, word);
        if (row == nullptr) return refuse_name(line, word, "style", names_of(styles));
        row->set(script);
    }
    return {};
}

Status read_version(Script& script, Line& line) {
    script.style.version = TRY(line.take_word("a version"));
    if (script.style.version != "1-0" && script.style.version != "1-1" &&
        script.style.version != "1-2")
        return refuse_name(line, script.style.version, "version", "1-0, 1-1, 1-2");
    return {};
}

struct PrefixRow {
    std::string_view name;
    std::string Style::*prefix;
};
constexpr PrefixRow prefix_rows[] = {{"soap", &Style::soap},
                                     {"soapenc", &Style::encoding},
                                     {"cwmp", &Style::cwmp},
                                     {"xsd", &Style::schema},
                                     {"xsi", &Style::instance}};

Status read_prefixes(Script& script, Line& line) {
    while (!line.is_empty()) {
        const std::string word = line.take();
        std::string_view prefix = word;
        const std::string_view name = take_piece(prefix, '=');
        const PrefixRow* row = find_row(prefix_rows, name);
        if (row == nullptr) return refuse_name(line, name, "namespace", names_of(prefix_rows));
        const bool is_name =
            !prefix.empty() && is_letter(prefix.front()) &&
            std::ranges::all_of(prefix, [](char letter) {
                return is_letter(letter) || is_digit(letter) || letter == '-' || letter == '_';
            });
        if (!is_name)
            return line.refuse(quoted(prefix) + " is no prefix: letters, digits, - and _");
        script.style.*(row->prefix) = std::string(prefix);
    }
    return {};
}

Status read_credentials(Script& script, Line& line) {
    const std::string kind = TRY(line.take_word("basic or digest"));
    if (kind != "basic" && kind != "digest")
        return refuse_name(line, kind, "kind of proof", "basic, digest");
    script.proof = kind == "basic" ? Proof::basic : Proof::digest;
    script.user = TRY(line.take_word("a user"));
    script.password = TRY(line.take_word("a password"));
    return {};
}

Status read_slow(Script& script, Line& line) {
    script.slow_ms = TRY(line.take_number("time in ms", 0, slow_most_ms));
    return {};
}

struct SettingRow {
    std::string_view name;
    Status (*read)(Script& script, Line& line);
};
constexpr SettingRow settings[] = {{"style", read_style},
                                   {"version", read_version},
                                   {"prefixes", read_prefixes},
                                   {"credentials", read_credentials},
                                   {"slow", read_slow}};

// --- calls
// ----------------------------------------------------------------------------------------

Argument text_argument(std::string_view name, std::string_view text) {
    return {std::string(name), ArgumentKind::text, std::string(text), {}};
}

Status read_no_arguments(Step&, Line&) {
    return {};
}

Status read_path(Step& step, Line& line) {
    const std::string path = TRY(line.take_word("a path"));
    const bool is_next_level = line.next() == "next-level";
    if (is_next_level) line.take();
    step.arguments = {text_argument("ParameterPath", path),
                      text_argument("NextLevel", is_next_level ? "1" : "0")};
    return {};
}

Status read_names(Step& step, Line& line) {
    Argument names = {"ParameterNames", ArgumentKind::names, {}, {}};
    while (!line.is_empty())
        names.items.push_back({line.take(), {}, {}});
    if (names.items.empty()) return line.refuse("a parameter's name is missing");
    step.arguments = {std::move(names)};
    return {};
}

Result<Argument> read_key(Line& line, std::string_view name) {
    return text_argument(name, TRY(line.take_option("key")).value_or(""));
}

// NAME=[TYPE:]VALUE; without a type a value is a string.
Result<Item> read_value(const Line& line, std::string_view word) {
    constexpr std::string_view types[] = {"string",       "boolean",      "int",
                                          "unsignedInt",  "dateTime",     "long",
                                          "unsignedLong", "base64Binary", "hexBinary"};
    if (word.find('=') == std::string_view::npos)
        return line.refuse(quoted(word) + " is not NAME=TYPE:VALUE or NAME=VALUE");
    const std::string_view name = take_piece(word, '=');
    Item item = {std::string(name), "string", std::string(word)};
    const auto colon = word.find(':');
    if (colon == std::string_view::npos) return item;
    if (std::ranges::find(types, word.substr(0, colon)) == std::end(types) &&
        word.substr(0, colon) != "none")
        return item;
    item.type = word.starts_with("none:") ? "" : std::string(word.substr(0, colon));
    item.text = std::string(word.substr(colon + 1));
    return item;
}

Status read_values(Step& step, Line& line) {
    Argument values = {"ParameterList", ArgumentKind::values, {}, {}};
    while (!line.is_empty() && line.next() != "key")
        values.items.push_back(TRY(read_value(line, line.take())));
    step.arguments = {std::move(values)};
    step.arguments.push_back(TRY(read_key(line, "ParameterKey")));
    return {};
}

Status read_attributes(Step& step, Line& line) {
    Argument list = {"ParameterList", ArgumentKind::attributes, {}, {}};
    while (!line.is_empty()) {
        const std::string word = line.take();
        const auto equals = word.rfind('=');
        if (equals == std::string::npos)
            return line.refuse(quoted(word) + " is not NAME=NOTIFICATION");
        list.items.push_back({word.substr(0, equals), {}, word.substr(equals + 1)});
    }
    step.arguments = {std::move(list)};
    return {};
}

Status read_object(Step& step, Line& line) {
    const std::string path = TRY(line.take_word("an object"));
    step.arguments = {text_argument("ObjectName", path), TRY(read_key(line, "ParameterKey"))};
    return {};
}

Status read_command_key(Step& step, Line& line) {
    step.arguments = {TRY(read_key(line, "CommandKey"))};
    return {};
}

Status read_schedule(Step& step, Line& line) {
    const uint32_t seconds = TRY(line.take_number("time in seconds", 0, UINT32_MAX));
    step.arguments = {text_argument("DelaySeconds", std::to_string(seconds)),
                      TRY(read_key(line, "CommandKey"))};
    return {};
}

// FIELD=TEXT each, of a method that has no row of its own.
Status read_fields(Step& step, Line& line) {
    while (!line.is_empty()) {
        const std::string word = line.take();
        std::string_view text = word;
        if (word.find('=') == std::string::npos)
            return line.refuse(quoted(word) + " is not FIELD=TEXT");
        const std::string_view name = take_piece(text, '=');
        step.arguments.push_back(text_argument(name, text));
    }
    return {};
}

struct CallRow {
    std::string_view name;
    Status (*read)(Step& step, Line& line);
};
constexpr CallRow calls[] = {
    {"GetRPCMethods", read_no_arguments}, {"GetParameterNames", read_path},
    {"GetParameterValues", read_names},   {"GetParameterAttributes", read_names},
    {"SetParameterValues", read_values},  {"SetParameterAttributes", read_attributes},
    {"AddObject", read_object},           {"DeleteObject", read_object},
    {"Reboot", read_command_key},         {"FactoryReset", read_no_arguments},
    {"ScheduleInform", read_schedule}};

Status read_call(Step& step, Line& line) {
    step.name = TRY(line.take_word("a method"));
    const bool is_name = std::ranges::all_of(
        step.name, [](char one) { return is_letter(one) || is_digit(one) || one == '_'; });
    if (!is_name || !is_letter(step.name.front()))
        return line.refuse(quoted(step.name) + " is no method's name");
    const CallRow* row = find_row(calls, step.name);
    return row == nullptr ? read_fields(step, line) : row->read(step, line);
}

// --- other steps
// ----------------------------------------------------------------------------------

Status read_bare(Step&, Line&) {
    return {};
}

Status read_case(Step& step, Line& line) {
    step.name = TRY(line.take_word("a case's name"));
    step.pattern = TRY(line.take_word("a sentence about the case"));
    return {};
}

Status read_needs(Step& step, Line& line) {
    step.name = TRY(line.take_word("a method"));
    return {};
}

Status read_status(Step& step, Line& line) {
    step.number = TRY(line.take_number("HTTP status", 200, 599));
    if (line.next() != "retry-after") return {};
    line.take();
    step.retry_after_s = TRY(line.take_number("time in seconds", 0, 86'400));
    return {};
}

Status read_truncate(Step& step, Line& line) {
    step.number = TRY(line.take_number("count of bytes", 0, script_bytes));
    return {};
}

Status read_fault_code(Step& step, Line& line) {
    step.number = TRY(line.take_number("fault code of an ACS", 8000, 8899));
    return {};
}

Status read_redirect(Step& step, Line& line) {
    step.number = TRY(line.take_number("status of a redirect", 301, 308));
    return {};
}

// --- expectations
// ---------------------------------------------------------------------------------

Status read_inform(Step& step, Line& line) {
    while (!line.is_empty()) {
        const std::string word = line.take();
        Condition condition;
        if (word == "event" || word == "no-event") {
            condition.kind = word == "event" ? Condition::Kind::event : Condition::Kind::no_event;
            condition.name = TRY(line.take_word("an event's code"));
            condition.pattern = TRY(line.take_option("key"));
        } else if (word == "parameter") {
            condition.kind = Condition::Kind::parameter;
            condition.name = TRY(line.take_word("a parameter's name"));
            condition.pattern = TRY(line.take_option("value"));
        } else if (word == "retry-count") {
            condition.kind = Condition::Kind::retry_count;
            condition.pattern = TRY(line.take_word("a count"));
        } else {
            return refuse_name(line, word, "condition of an Inform",
                               "event, no-event, parameter, retry-count");
        }
        step.conditions.push_back(std::move(condition));
    }
    return {};
}

Status read_request(Step& step, Line& line) {
    step.name = TRY(line.take_word("a method of the device"));
    const Message* message = find_message(step.name);
    if (message == nullptr || message->is_answer || message->sender != Sender::cpe ||
        step.name == "Inform")
        return refuse_name(line, step.name, "request of a device",
                           "TransferComplete, AutonomousTransferComplete, RequestDownload, "
                           "GetRPCMethods");
    while (!line.is_empty()) {
        const std::string word = line.take();
        const auto equals = word.find('=');
        if (equals == std::string::npos) return line.refuse(quoted(word) + " is not FIELD=PATTERN");
        step.conditions.push_back(
            {Condition::Kind::parameter, word.substr(0, equals), word.substr(equals + 1)});
    }
    return {};
}

Status read_name_and_pattern(Step& step, Line& line) {
    step.name = TRY(line.take_word("a name"));
    if (!line.is_empty()) step.pattern = line.take();
    return {};
}

Status read_writable(Step& step, Line& line) {
    TRY(read_name_and_pattern(step, line));
    if (!step.pattern) return {};
    if (*step.pattern != "writable" && *step.pattern != "read-only")
        return refuse_name(line, *step.pattern, "access", "writable, read-only");
    step.pattern = *step.pattern == "writable" ? "1|true" : "0|false";
    return {};
}

Status read_pattern(Step& step, Line& line) {
    step.pattern = TRY(line.take_word("a pattern"));
    return {};
}

Status read_fault(Step& step, Line& line) {
    TRY(read_pattern(step, line));
    if (auto name = TRY(line.take_option("for"))) step.name = std::move(*name);
    return {};
}

struct StepRow {
    std::string_view name;
    StepKind kind;
    Status (*read)(Step& step, Line& line);
};
constexpr StepRow step_rows[] = {{"case", StepKind::begin_case, read_case},
                                 {"needs", StepKind::needs, read_needs},
                                 {"call", StepKind::call, read_call},
                                 {"end", StepKind::end, read_bare},
                                 {"hold", StepKind::hold, read_bare},
                                 {"release", StepKind::release, read_bare},
                                 {"answer", StepKind::answer, read_status},
                                 {"reset", StepKind::reset, read_bare},
                                 {"truncate", StepKind::truncate, read_truncate},
                                 {"fault", StepKind::fault, read_fault_code},
                                 {"redirect", StepKind::redirect, read_redirect}};
constexpr StepRow expect_rows[] = {{"Inform", StepKind::expect_inform, read_inform},
                                   {"request", StepKind::expect_request, read_request},
                                   {"answer", StepKind::expect_answer, read_bare},
                                   {"method", StepKind::expect_method, read_name_and_pattern},
                                   {"name", StepKind::expect_name, read_writable},
                                   {"value", StepKind::expect_value, read_name_and_pattern},
                                   {"attribute", StepKind::expect_attribute, read_name_and_pattern},
                                   {"status", StepKind::expect_status, read_pattern},
                                   {"instance", StepKind::expect_instance, read_pattern},
                                   {"fault", StepKind::expect_fault, read_fault}};

Status read_expectation(Step& step, Line& line) {
    step.is_denied = line.next() == "no";
    if (step.is_denied) line.take();
    const std::string word = TRY(line.take_word("what is expected"));
    const StepRow* row = find_row(expect_rows, word);
    if (row == nullptr) return refuse_name(line, word, "expectation", names_of(expect_rows));
    step.kind = row->kind;
    if (step.is_denied && step.kind != StepKind::expect_method &&
        step.kind != StepKind::expect_name && step.kind != StepKind::expect_value)
        return line.refuse("'no' stands before method, name and value only");
    return row->read(step, line);
}

Status read_line(Script& script, Line line, Step step) {
    const std::string word = line.take();
    if (const SettingRow* row = find_row(settings, word)) {
        if (!script.steps.empty())
            return line.refuse(quoted(word) + " has to stand before the first step");
        TRY(row->read(script, line));
        return line.finish();
    }
    if (script.steps.size() == script_steps)
        return fail(ErrorCode::too_big,
                    "there are more than " + std::to_string(script_steps) + " steps");
    if (word == "expect") {
        TRY(read_expectation(step, line));
    } else {
        const StepRow* row = find_row(step_rows, word);
        if (row == nullptr)
            return refuse_name(
                line, word, "step",
                "expect, " + names_of(step_rows) + "; and before them " + names_of(settings));
        step.kind = row->kind;
        TRY(row->read(step, line));
    }
    TRY(line.finish());
    script.steps.push_back(std::move(step));
    return {};
}

}  // namespace

Result<Script> read_script(std::string_view text) {
    if (text.size() > script_bytes)
        return fail(ErrorCode::too_big,
                    "it is longer than " + std::to_string(script_bytes) + " bytes");
    Script script;
    for (uint32_t number = 1; !text.empty(); ++number) {
        const std::string_view line = take_piece(text, '\n');
        auto words = TRY(words_of(line, number));
        if (words.empty()) continue;
        Step step;
        step.line = number;
        step.text = std::string(trimmed(line, " \t\r"));
        TRY(read_line(script, Line(std::move(words), number), std::move(step)));
    }
    if (script.steps.empty()) return fail(ErrorCode::bad_usage, "it has no step");
    const auto first = std::ranges::find_if(
        script.steps, [](const Step& step) { return step.kind != StepKind::begin_case; });
    if (first == script.steps.end() || first->kind != StepKind::expect_inform)
        return fail(ErrorCode::bad_usage,
                    "the first step has to be 'expect Inform', with which every session begins",
                    Position::at_line(script.steps.front().line));
    return script;
}

namespace {

bool fits_one(std::string_view pattern, std::string_view text) {
    std::optional<std::string_view> behind_star;
    std::string_view text_at_star;
    while (!text.empty() || !pattern.empty()) {
        if (pattern.starts_with('*')) {
            pattern.remove_prefix(1);
            behind_star = pattern;
            text_at_star = text;
            continue;
        }
        const bool is_escaped = pattern.size() > 1 && pattern.front() == '\\';
        const char wanted = pattern.empty() ? '\0' : pattern[is_escaped ? 1 : 0];
        const bool is_any = !is_escaped && wanted == '?';
        if (!text.empty() && !pattern.empty() && (is_any || wanted == text.front())) {
            pattern.remove_prefix(is_escaped ? 2 : 1);
            text.remove_prefix(1);
            continue;
        }
        if (!behind_star || text_at_star.empty()) return false;
        text_at_star.remove_prefix(1);
        pattern = *behind_star;
        text = text_at_star;
    }
    return true;
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
    while (true) {
        size_t end = 0;
        while (end < pattern.size() && pattern[end] != '|')
            end += pattern[end] == '\\' ? 2U : 1U;
        end = std::min<size_t>(end, pattern.size());
        if (fits_one(pattern.substr(0, end), text)) return true;
        if (end == pattern.size()) return false;
        pattern.remove_prefix(end + 1);
    }
}

}  // namespace dialtone::sim::acs
