// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/dialtone.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agent/hex.h"
#include "agent/limits.h"
#include "platform/common/build_info.h"
#include "platform/common/lease_store.h"
#include "platform/common/output.h"
#include "platform/common/read_file.h"
#include "platform/common/runtime_directory.h"
#include "platform/common/secret_arguments.h"
#include "platform/common/state_directory.h"
#include "platform/common/state_reader.h"
#include "platform/tool/acs.h"
#include "platform/tool/config_listing.h"
#include "platform/tool/control_client.h"
#include "platform/tool/explain.h"
#include "platform/tool/follow.h"
#include "platform/tool/inspect.h"
#include "platform/tool/json_writer.h"
#include "platform/tool/lease_environment.h"
#include "platform/tool/model.h"
#include "platform/tool/status.h"
#include "platform/tool/tool_options.h"

namespace dialtone {
namespace {

constexpr std::string_view program = "dialtone";
constexpr uint32_t inspected_bytes = 16 * 1024 * 1024;  // the reader says that a file is too big
constexpr int done = 0;
constexpr int failed = 1;
constexpr int bad_usage = 2;
constexpr uint32_t answer_wait_ms = 120'000;  // a pass or a trial's step may have to end before
constexpr uint32_t lease_wait_ms = 5'000;     // the DHCP client waits for its script
constexpr char standard_input[] = "/dev/stdin";

int fail_with(const Error& error) {
    complain(program, error.detail);
    return error.code == ErrorCode::bad_usage ? bad_usage : failed;
}

int print(std::string_view text) {
    return write_all(STDOUT_FILENO, text) ? done : failed;
}

// What the daemon has in memory only it could tell.
int fail_out_of_reach(const StateView& view) {
    complain(program, view.volatile_words + "; the daemon keeps everything in memory, and its " +
                          "journal goes to its standard error");
    return failed;
}

int follow(const ToolOptions& options, EntryText* text) {
    const auto followed =
        follow_journal(options.state_directory, text, options.form, STDOUT_FILENO);
    return followed ? done : fail_with(followed.error());
}

int show_status(const ToolOptions& options) {
    if (options.follow) return follow(options, &entry_text);
    const auto view = read_state(options.state_directory);
    if (!view) return fail_with(view.error());
    const PhoneStatus status = phone_status(*view);
    return print(options.form == OutputForm::json ? status_json(status) : status_text(status));
}

int explain(const ToolOptions& options) {
    const auto view = read_state(options.state_directory);
    if (!view) return fail_with(view.error());
    if (view->in_memory) return fail_out_of_reach(*view);
    return print(options.form == OutputForm::json ? explain_json(*view, options.last)
                                                  : explain_text(*view, options.last));
}

int show_acs(const ToolOptions& options) {
    if (options.follow) return follow(options, &acs_entry_text);
    const auto view = read_state(options.state_directory);
    if (!view) return fail_with(view.error());
    if (view->in_memory) return fail_out_of_reach(*view);
    return print(options.form == OutputForm::json ? acs_json(*view, options.last)
                                                  : acs_text(*view, options.last));
}

int show_config(const ToolOptions& options) {
    const auto view = read_state(options.state_directory);
    if (!view) return fail_with(view.error());
    if (view->in_memory) return fail_out_of_reach(*view);
    if (!view->active_error.empty()) {
        complain(program, view->active_error);
        return failed;
    }
    Generation generation;
    if (view->active) generation = *view->active;
    if (!view->active) complain(program, "no configuration is active");
    if (options.mask) generation = masked_generation(generation);
    return print(options.form == OutputForm::json ? config_json(generation)
                                                  : config_text(generation));
}

// A secret that the profile's files are never encrypted with is most likely the wrong option.
void remark_unused_secret(const ToolOptions& options) {
    if (options.profile == nullptr) return;
    const bool by_password = std::ranges::find(options.profile->keys, Setting::config_password) !=
                             options.profile->keys.end();
    const std::string_view unused = by_password ? "--key" : "--password";
    const std::string& value = by_password ? options.key : options.password;
    if (value.empty()) return;
    complain(program, std::string(unused) + " is not used: files of " +
                          std::string(options.profile->vendor) + " phones are encrypted with a " +
                          (by_password ? "password" : "key"));
}

int inspect_file(const ToolOptions& options) {
    const auto content = read_file(options.argument, inspected_bytes);
    if (!content) {
        complain(program, options.argument + ": " + content.error().detail);
        return failed;
    }
    InspectRequest request;
    request.file = options.argument;
    request.bytes.assign(content->begin(), content->end());
    request.profile = options.profile;
    request.identity = options.identity;
    request.password = options.password;
    request.form = options.form;
    request.key = options.key;
    remark_unused_secret(options);
    const Inspection inspection = inspect(request);
    (void)write_all(STDERR_FILENO, inspection.remarks);
    const int printed = print(inspection.output);
    return inspection.good ? printed : failed;
}

std::string answer_json(const ControlAnswer& answer) {
    JsonWriter json;
    json.begin_object().key("ok").flag(answer.ok).member("text", answer.text);
    if (!answer.lines.empty()) {
        json.key("lines").begin_array();
        for (const std::string& line : answer.lines)
            json.text(line);
        json.end_array();
    }
    json.end_object();
    return json.str() + "\n";
}

std::string answer_text(const ControlAnswer& answer) {
    std::string text = answer.ok ? one_line(answer.text) + "\n" : "";
    for (const std::string& line : answer.lines)
        text += one_line(line) + "\n";
    return text;
}

int print_answer(const ToolOptions& options, const ControlAnswer& answer) {
    const bool is_json = options.form == OutputForm::json;
    if (print(is_json ? answer_json(answer) : answer_text(answer)) != done) return failed;
    if (!answer.ok) complain(program, answer.text);
    return answer.ok ? done : failed;
}

Result<ControlAnswer> answer_of_daemon(const ToolOptions& options, std::string_view word,
                                       std::string_view argument) {
    const std::string& directory = options.state_directory;
    if (!TRY(has_daemon(directory))) {
        return fail(ErrorCode::not_found, "no dialtoned runs with the state directory " +
                                              directory + "; start it, then say '" +
                                              std::string(command_word(options.command)) +
                                              "' again");
    }
    const std::string path = TRY(find_control_socket(directory));
    return ask_daemon(path, word, argument, answer_wait_ms);
}

int ask(const ToolOptions& options, std::string_view word, std::string_view argument) {
    const auto answer = answer_of_daemon(options, word, argument);
    return answer ? print_answer(options, *answer) : fail_with(answer.error());
}

int show_model(const ToolOptions& options) {
    const auto answer = read_model(options.argument, [&options](std::string_view argument) {
        return answer_of_daemon(options, command_word(options.command), argument);
    });
    if (!answer) return fail_with(answer.error());
    if (!answer->ok) return print_answer(options, *answer);
    return print(options.form == OutputForm::json ? model_json(answer->lines)
                                                  : model_text(answer->lines));
}

int set(const ToolOptions& options) {
    const std::string& lines = options.argument;
    if (lines.find('\n') == std::string::npos) return ask(options, "set", lines);
    return ask(options, "set-lines", hex_of(lines));
}

// Hands in a text of the phone's software as it is.
int hand_in(const ToolOptions& options, uint32_t most_bytes) {
    const std::string& name = options.argument;
    const auto message = read_file(name == "-" ? standard_input : name, most_bytes);
    if (message && !message->empty())
        return ask(options, command_word(options.command), hex_of(*message));
    complain(program, (name == "-" ? "standard input" : name) + ": " +
                          (message ? "is empty" : message.error().detail));
    return failed;
}

std::vector<std::string_view> environment() {
    std::vector<std::string_view> variables;
    for (char* const* one = environ; *one != nullptr; ++one)
        variables.push_back(*one);
    return variables;
}

// Writes the file, which a daemon that starts later reads, and sends the same to one that runs.
int take_lease(const ToolOptions& options) {
    const auto news = lease_news(options.argument);
    if (!news) return fail_with(news.error());
    const auto record = lease_from_environment(environment(), *news, options.ipv6);
    if (!record) return fail_with(record.error());
    const std::string& directory = options.state_directory;
    const auto written = write_lease(runtime_directory(), directory, *record);
    if (!written) complain(program, written.error().detail);
    const auto running = has_daemon(directory);
    if (!running || !*running) return written ? done : failed;
    const auto path = find_control_socket(directory);
    if (!path) return fail_with(path.error());
    const std::string word(command_word(options.command));
    const auto answer = ask_daemon(*path, word, hex_of(lease_text(*record)), lease_wait_ms);
    if (!answer) return fail_with(answer.error());
    const int printed = print_answer(options, *answer);
    return written ? printed : failed;
}

int carry_out(const ToolOptions& options) {
    switch (options.command) {
        case ToolCommand::status:
            return show_status(options);
        case ToolCommand::explain:
            return explain(options);
        case ToolCommand::show_config:
            return show_config(options);
        case ToolCommand::acs:
            return show_acs(options);
        case ToolCommand::model:
            return show_model(options);
        case ToolCommand::set:
            return set(options);
        case ToolCommand::resync:
        case ToolCommand::confirm:
        case ToolCommand::factory_reset:
            return ask(options, command_word(options.command), options.argument);
        case ToolCommand::notify:
            return hand_in(options, limits::sip_message_bytes);
        case ToolCommand::voice:
            return hand_in(options, limits::voice_report_bytes);
        case ToolCommand::lease:
            return take_lease(options);
        case ToolCommand::inspect:
            return inspect_file(options);
        case ToolCommand::help:
            return print(tool_help());
        case ToolCommand::build_info:
            return print(build_info(program));
    }
    return failed;
}

}  // namespace

int run_tool(std::span<char* const> arguments) {
    const std::vector<std::string> words(arguments.begin(), arguments.end());
    blank_secret_arguments(arguments);
    const auto options = parse_tool_options(words, read_file);
    if (!options) return fail_with(options.error());
    return carry_out(*options);
}

}  // namespace dialtone
