// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/tool_options.h"

#include <charconv>
#include <vector>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/nearest_name.h"
#include "platform/common/argument_scanner.h"

namespace dialtone {
namespace {

constexpr uint32_t most_shown = 1000;  // --last at most
constexpr uint32_t lives_shown = 1;    // where nothing is said
constexpr uint32_t sessions_shown = 5;
constexpr uint32_t key_digits = 256;  // --key at most

enum class Option : uint8_t {
    state,
    json,
    follow,
    last,
    mask,
    profile,
    mac,
    password,
    key,
    ipv6,
    help,
    build_info,
};

// In the order of Option.
constexpr OptionForm option_forms[] = {
    {"--state", true}, {"--json", false},   {"--follow", false}, {"--last", true},
    {"--mask", false}, {"--profile", true}, {"--mac", true},     {"--password", true},
    {"--key", true},   {"--ipv6", false},   {"--help", false},   {"--build-info", false},
};

template <typename... Options>
constexpr uint32_t options(Options... one) {
    return ((1U << static_cast<uint32_t>(one)) | ...);
}

struct CommandForm {
    ToolCommand command;
    std::string_view word;
    std::string_view second_word;   // empty: none
    std::string_view argument;      // what it is called in sentences, empty: none
    uint32_t options;               // that belong to it, besides --json
    std::string_view instead = {};  // the argument when there is none, empty: there has to be one
    bool several = false;           // the argument may be repeated
    bool optional = false;          // or left out, and is empty then
};

constexpr uint32_t with_state = options(Option::state);

constexpr CommandForm command_forms[] = {
    {ToolCommand::status, "status", "", "", with_state | options(Option::follow)},
    {ToolCommand::explain, "explain", "", "", with_state | options(Option::last)},
    {ToolCommand::show_config, "show", "config", "", with_state | options(Option::mask)},
    {ToolCommand::acs, "acs", "", "", with_state | options(Option::follow, Option::last)},
    {ToolCommand::model, "model", "", "PATH", with_state, "", false, true},
    {ToolCommand::set, "set", "", "KEY=VALUE", with_state, "", true},
    {ToolCommand::resync, "resync", "", "", with_state},
    {ToolCommand::confirm, "confirm", "", "", with_state},
    {ToolCommand::factory_reset, "factory-reset", "", "", with_state},
    {ToolCommand::notify, "notify", "", "FILE", with_state, "-"},
    {ToolCommand::voice, "voice", "", "FILE", with_state, "-"},
    {ToolCommand::lease, "lease", "", "EVENT", with_state | options(Option::ipv6)},
    {ToolCommand::inspect, "inspect", "", "FILE",
     options(Option::state, Option::profile, Option::mac, Option::password, Option::key)},
};

const CommandForm* find_command(std::string_view word) {
    for (const CommandForm& form : command_forms) {
        if (form.word == word) return &form;
    }
    return nullptr;
}

std::unexpected<Error> bad_usage(std::string detail) {
    return fail(ErrorCode::bad_usage, std::move(detail));
}

Result<const CommandForm*> command_called(std::string_view word) {
    if (const CommandForm* form = find_command(word)) return form;
    std::vector<std::string_view> known;
    for (const CommandForm& form : command_forms)
        known.push_back(form.word);
    return bad_usage("unknown command '" + std::string(word) + "'" + did_you_mean(word, known) +
                     " (--help lists all commands)");
}

Result<uint32_t> last_count(std::string_view text) {
    uint32_t count = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, count);
    if (read.ec == std::errc() && read.ptr == end && count >= 1 && count <= most_shown) {
        return count;
    }
    return bad_usage("--last takes a number from 1 to " + std::to_string(most_shown));
}

Result<std::string> hex_key(std::string_view text, FileReader read) {
    auto key = value_or_file(text, key_digits, read);
    if (!key) return bad_usage("--key: " + key.error().detail);
    if (!key->empty() && bytes_of_hex(*key)) return key;
    return bad_usage("--key takes an even number of hex digits");
}

Status take(ToolOptions& taken, Option option, std::string_view value, FileReader read) {
    switch (option) {
        case Option::state:
            if (value.empty()) return bad_usage("--state is empty");
            taken.state_directory = std::string(value);
            break;
        case Option::json:
            taken.form = OutputForm::json;
            break;
        case Option::follow:
            taken.follow = true;
            break;
        case Option::last:
            taken.last = TRY(last_count(value));
            break;
        case Option::mask:
            taken.mask = true;
            break;
        case Option::profile:
            taken.profile = TRY(profile_called(value));
            break;
        case Option::mac: {
            auto identity = identity_from_mac(value);
            if (!identity) return bad_usage("--mac: " + identity.error().detail);
            taken.identity = std::move(*identity);
            break;
        }
        case Option::password: {
            auto password = value_or_file(value, limits::config_password_bytes, read);
            if (!password) return bad_usage("--password: " + password.error().detail);
            taken.password = std::move(*password);
            break;
        }
        case Option::key:
            taken.key = TRY(hex_key(value, read));
            break;
        case Option::ipv6:
            taken.ipv6 = true;
            break;
        case Option::help:
            taken.command = ToolCommand::help;
            break;
        case Option::build_info:
            taken.command = ToolCommand::build_info;
            break;
    }
    return {};
}

Status check_assignment(std::string_view word) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string_view::npos) return bad_usage("'set' takes KEY=VALUE");
    if (word.find_first_of("\n\r") == std::string_view::npos) return {};
    return bad_usage("a value of more than one line cannot be set");
}

// The words that are no options: the command and its arguments.
Result<const CommandForm*> take_words(ToolOptions& taken, std::span<const std::string_view> words) {
    if (words.empty()) return bad_usage("no command is given (--help lists all commands)");
    const CommandForm* form = TRY(command_called(words[0]));
    const std::string name(form->word);
    uint32_t used = 1;
    if (!form->second_word.empty()) {
        if (words.size() < 2 || words[1] != form->second_word) {
            return bad_usage("'" + name + "' is followed by '" + std::string(form->second_word) +
                             "'");
        }
        used = 2;
    }
    if (!form->argument.empty()) {
        if (words.size() <= used && form->instead.empty() && !form->optional) {
            return bad_usage("'" + name + "' needs " + std::string(form->argument));
        }
        taken.argument = std::string(words.size() > used ? words[used++] : form->instead);
    }
    if (form->command == ToolCommand::set) TRY(check_assignment(taken.argument));
    while (form->several && words.size() > used) {
        TRY(check_assignment(words[used]));
        taken.argument += '\n' + std::string(words[used++]);
    }
    if (words.size() > used) {
        return bad_usage("'" + std::string(words[used]) + "' is too much after '" + name + "'");
    }
    taken.command = form->command;
    if (taken.last == 0)
        taken.last = form->command == ToolCommand::acs ? sessions_shown : lives_shown;
    return form;
}

Status check_options(const CommandForm& form, std::span<const Argument> scanned) {
    for (const Argument& argument : scanned) {
        if (argument.option == nullptr) continue;
        const auto option = static_cast<Option>(argument.option - option_forms);
        if (option == Option::json || (form.options & options(option)) != 0) continue;
        return bad_usage("option " + std::string(argument.option->name) + " does not belong to '" +
                         std::string(form.word) + "'");
    }
    return {};
}

}  // namespace

std::string_view command_word(ToolCommand command) {
    for (const CommandForm& form : command_forms) {
        if (form.command == command) return form.word;
    }
    return {};
}

Result<ToolOptions> parse_tool_options(std::span<const std::string> arguments, FileReader read) {
    const auto scanned = TRY(scan_arguments(arguments, option_forms));
    ToolOptions taken;
    std::vector<std::string_view> words;
    for (const Argument& argument : scanned) {
        if (argument.option == nullptr) {
            words.push_back(argument.value);
            continue;
        }
        const auto option = static_cast<Option>(argument.option - option_forms);
        TRY(take(taken, option, argument.value, read));
        if (option == Option::help || option == Option::build_info) return taken;
    }
    const CommandForm* form = TRY(take_words(taken, words));
    TRY(check_options(*form, scanned));
    return taken;
}

std::string tool_help() {
    return "usage: dialtone [--state DIR] COMMAND [--json]\n"
           "\n"
           "  status [--follow]      how the phone is; with --follow each event as it happens\n"
           "  explain [--last N]     why it is provisioned or not: all that was tried, in the\n"
           "                         last N lives (default: 1)\n"
           "  show config [--mask]   the active configuration, KEY=VALUE; --mask hides secrets\n"
           "  acs [--last N]         the last N sessions with the ACS (default: 5), a line a "
           "message,\n"
           "                         and what comes next; with --follow each as it happens\n"
           "  model [PATH]           what an ACS sees of the phone: names, whether it may write\n"
           "                         them (RW), whether it is told of changes, and values\n"
           "  set KEY=VALUE ...      set values as the operator, all of them or none\n"
           "  resync                 ask the server now\n"
           "  confirm                the phone works: ends a trial\n"
           "  factory-reset          back to the profile\n"
           "  notify [FILE]          a SIP NOTIFY that the phone's SIP stack has accepted, whole,\n"
           "                         from FILE or standard input\n"
           "  voice [FILE]           what the phone's lines do, NAME=VALUE, for an ACS (TR-069)\n"
           "  lease [--ipv6] EVENT   what the DHCP client has come to: bound, renew, deconfig,\n"
           "                         leasefail or nak, with udhcpc's environment\n"
           "  inspect FILE [--profile P] [--mac M] [--password W|@FILE] [--key HEX|@FILE]\n"
           "                         what a configuration file says, or why it cannot be read\n"
           "\n"
           "  --state DIR            the daemon's state directory, default: /var/lib/dialtone\n"
           "  --json                 output for programs\n"
           "  --build-info           what this program was built from\n"
           "  --help                 this text\n"
           "\n"
           "model, set, resync, confirm, factory-reset, notify and voice need the daemon, the "
           "others do not.\n"
           "Exit status: 0 done, 1 failed, 2 bad usage.\n";
}

}  // namespace dialtone
