// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/options.h"

#include "agent/limits.h"
#include "platform/common/argument_scanner.h"
#include "platform/common/option_value.h"

namespace dialtone {
namespace {

enum class Option : uint8_t {
    profile,
    board,
    model,
    version,
    mac,
    interface,
    state,
    settings,
    set,
    once,
    user,
    helper,
    as_helper,
    vendor_class,
    vendor_identity,
    help,
    build_info,
};

// In the order of Option.
constexpr OptionForm option_forms[] = {
    {"--profile", true},    {"--board", true},         {"--model", true},
    {"--version", true},    {"--mac", true},           {"--interface", true},
    {"--state", true},      {"--settings", true},      {"--set", true},
    {"--once", false},      {"--user", true},          {"--helper", true},
    {"--as-helper", false}, {"--vendor-class", false}, {"--vendor-identity", false},
    {"--help", false},      {"--build-info", false},
};

constexpr uint32_t interface_name_bytes = 15;  // IFNAMSIZ without its NUL
constexpr uint32_t plain_text_bytes = 64;      // of a model, version or user name

// `text` as what `option` takes: not empty, no control characters or blanks, bounded.
Result<std::string> plain_text(std::string_view option, std::string_view text, uint32_t limit) {
    const std::string name(option);
    if (text.empty()) return fail(ErrorCode::bad_usage, name + " is empty");
    if (text.size() > limit) {
        return fail(ErrorCode::bad_usage,
                    name + " is longer than " + std::to_string(limit) + " letters");
    }
    for (const char c : text) {
        if (static_cast<uint8_t>(c) > 0x20 && c != 0x7f) continue;
        return fail(ErrorCode::bad_usage, name + " '" + std::string(text) + "' has a blank in it");
    }
    return std::string(text);
}

Result<std::string> interface_name(std::string_view text) {
    auto name = TRY(plain_text("--interface", text, interface_name_bytes));
    if (name.find('/') != std::string::npos || name == "." || name == "..") {
        return fail(ErrorCode::bad_usage, "--interface '" + name + "' is no interface's name");
    }
    return name;
}

Result<std::string> path_text(std::string_view option, std::string_view text) {
    if (text.empty()) return fail(ErrorCode::bad_usage, std::string(option) + " is empty");
    return std::string(text);
}

// One KEY=VALUE or KEY=@FILE of --set.
Status add_setting(Settings& settings, std::string_view pair, FileReader read) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) {
        return fail(ErrorCode::bad_usage,
                    "--set '" + std::string(pair) + "' is not of the form KEY=VALUE");
    }
    const std::string_view key = pair.substr(0, equals);
    const SettingForm* form = find_setting(key);
    if (form == nullptr) {
        const std::string_view nearest = nearest_setting(key);
        std::string detail = "--set: unknown setting '" + std::string(key) + "'";
        if (!nearest.empty()) detail += ", did you mean " + std::string(nearest) + "?";
        if (nearest.empty()) detail += " (docs/settings.md lists all settings)";
        return fail(ErrorCode::bad_usage, std::move(detail));
    }
    auto value = value_or_file(pair.substr(equals + 1), limits::setting_value_bytes, read);
    if (!value) {
        return fail(ErrorCode::bad_usage,
                    "--set " + std::string(key) + ": " + value.error().detail);
    }
    auto status = settings.set(Layer::command_line, form->setting, *value);
    if (!status) return fail(ErrorCode::bad_usage, "--set: " + status.error().detail);
    return {};
}

// What the arguments say so far; `mac` is put into the identity at the end.
struct Gathered {
    DaemonOptions options = {};
    std::string mac = {};
    std::string model = {};
    std::string version = {};
    uint32_t settings_given = 0;
};

Status take_set(Gathered& gathered, std::string_view pair, FileReader read) {
    if (++gathered.settings_given > limits::settings_on_command_line) {
        return fail(ErrorCode::bad_usage, "--set is given more than " +
                                              std::to_string(limits::settings_on_command_line) +
                                              " times");
    }
    return add_setting(gathered.options.settings, pair, read);
}

Status take(Gathered& gathered, Option option, std::string_view value, FileReader read) {
    DaemonOptions& options = gathered.options;
    switch (option) {
        case Option::profile:
            options.profile = TRY(profile_called(value));
            break;
        case Option::board:
            options.board = TRY(board_called(value));
            break;
        case Option::model:
            gathered.model = TRY(plain_text("--model", value, plain_text_bytes));
            break;
        case Option::version:
            gathered.version = TRY(plain_text("--version", value, plain_text_bytes));
            break;
        case Option::mac:
            gathered.mac = std::string(value);
            break;
        case Option::interface:
            options.interface = TRY(interface_name(value));
            break;
        case Option::state:
            options.state_directory = TRY(path_text("--state", value));
            break;
        case Option::settings:
            options.settings_file = TRY(path_text("--settings", value));
            break;
        case Option::set:
            return take_set(gathered, value, read);
        case Option::once:
            options.once = true;
            break;
        case Option::user:
            options.user = TRY(plain_text("--user", value, plain_text_bytes));
            break;
        case Option::helper:
            options.helper = TRY(path_text("--helper", value));
            break;
        case Option::as_helper:
            options.mode = DaemonOptions::Mode::helper;
            break;
        case Option::vendor_class:
            options.mode = DaemonOptions::Mode::vendor_class;
            break;
        case Option::vendor_identity:
            options.mode = DaemonOptions::Mode::vendor_identity;
            break;
        case Option::help:
            options.mode = DaemonOptions::Mode::help;
            break;
        case Option::build_info:
            options.mode = DaemonOptions::Mode::build_info;
            break;
    }
    return {};
}

bool options_are_over(DaemonOptions::Mode mode) {
    return mode == DaemonOptions::Mode::help || mode == DaemonOptions::Mode::build_info;
}

// What the command line leaves to the board.
Status ask_board(Gathered& gathered, bool mac_given, FileReader read) {
    DaemonOptions& options = gathered.options;
    const Board& board = *options.board;
    if (options.interface.empty()) options.interface = std::string(board.default_interface);
    if (mac_given || board.mac == nullptr || options.interface.empty()) return {};
    auto mac = board.mac(options.interface, read);
    if (!mac) {
        return fail(ErrorCode::bad_usage, "--mac is missing, and the board " +
                                              std::string(board.name) +
                                              " has none: " + mac.error().detail);
    }
    gathered.mac = std::move(*mac);
    return {};
}

Result<DaemonOptions> complete(Gathered&& gathered, bool mac_given, FileReader read) {
    DaemonOptions& options = gathered.options;
    if (options_are_over(options.mode)) return std::move(options);
    const bool only_asks = options.mode == DaemonOptions::Mode::vendor_class;
    if (!only_asks) TRY(ask_board(gathered, mac_given, read));
    if (options.profile == nullptr) {
        return fail(ErrorCode::bad_usage,
                    "--profile is missing (known profiles: " + known_profiles() + ")");
    }
    if (!only_asks && !mac_given && gathered.mac.empty()) {
        return fail(ErrorCode::bad_usage, "--mac is missing (12 hex digits, as on the label)");
    }
    if (!only_asks && options.interface.empty()) {
        return fail(ErrorCode::bad_usage, "--interface is missing (eth0, for instance)");
    }
    auto identity = only_asks && !mac_given ? Identity() : identity_from_mac(gathered.mac);
    if (!identity) return fail(ErrorCode::bad_usage, "--mac: " + identity.error().detail);
    options.identity = std::move(*identity);
    options.identity.model =
        gathered.model.empty() ? options.profile->default_model : gathered.model;
    options.identity.version =
        gathered.version.empty() ? options.profile->default_version : gathered.version;
    return std::move(options);
}

}  // namespace

Result<DaemonOptions> parse_daemon_options(std::span<const std::string> arguments,
                                           FileReader read) {
    const auto scanned = TRY(scan_arguments(arguments, option_forms));
    Gathered gathered;
    bool mac_given = false;
    for (const Argument& argument : scanned) {
        if (argument.option == nullptr) {
            return fail(ErrorCode::bad_usage, "'" + std::string(argument.value) +
                                                  "' is no option (--help lists all options)");
        }
        const auto option = static_cast<Option>(argument.option - option_forms);
        mac_given = mac_given || option == Option::mac;
        auto status = take(gathered, option, argument.value, read);
        if (!status) return std::unexpected(status.error());
        if (options_are_over(gathered.options.mode)) break;
    }
    return complete(std::move(gathered), mac_given, read);
}

std::string daemon_help() {
    std::string boards;
    for (const Board* board : all_boards()) {
        boards += "                       " + std::string(board->name) + ": " +
                  std::string(board->words) + "\n";
    }
    return "usage: dialtoned --profile NAME --mac MAC --interface IF [OPTION ...]\n"
           "\n"
           "Takes a phone from power-on to dial tone and keeps it there.\n"
           "\n"
           "  --profile NAME     whose phone it is; known: " +
           known_profiles() +
           "\n"
           "  --board NAME       what it runs on, default: virtual\n" +
           boards +
           "  --mac MAC          the phone's MAC address, 12 hex digits\n"
           "  --interface IF     the network interface, eth0 for instance\n"
           "  --model MODEL      default: the profile's\n"
           "  --version VERSION  of the phone's firmware, default: the profile's\n"
           "  --state DIR        what survives power-off, default: /var/lib/dialtone\n"
           "  --settings FILE    KEY=VALUE lines\n"
           "  --set KEY=VALUE    one setting; KEY=@FILE takes the value from a file and\n"
           "                     @@ stands for a literal @ at the beginning\n"
           "  --once             live one life, then exit: 0 provisioned, 3 no source,\n"
           "                     4 nothing could be applied, 5 rolled back\n"
           "  --user NAME        run the agent as this user (the parent runs hooks as root)\n"
           "  --helper SOCKET    have hooks and restarts of the machine done by who listens there\n"
           "  --as-helper        be that one, for the connection on standard input\n"
           "  --vendor-class     print what the phone's DHCP client has to send as its vendor\n"
           "                     class, so that it is the agent's own; the other options count\n"
           "  --vendor-identity  print in hex what it has to send as option 125, by which a\n"
           "                     gateway knows the phones of an ACS (TR-111)\n"
           "  --build-info       what this program was built from\n"
           "  --help             this text\n";
}

}  // namespace dialtone
