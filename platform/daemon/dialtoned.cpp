// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/dialtoned.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cassert>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/vendor_options.h"
#include "dialtone_features.h"
#include "platform/common/build_info.h"
#include "platform/common/memory_note.h"
#include "platform/common/output.h"
#include "platform/common/read_file.h"
#include "platform/common/runtime_directory.h"
#include "platform/common/secret_arguments.h"
#include "platform/daemon/agent_process.h"
#include "platform/daemon/options.h"
#include "platform/daemon/settings_file.h"
#include "platform/linux/clock.h"

namespace dialtone {
namespace {

constexpr std::string_view program = "dialtoned";
constexpr int bad_usage = static_cast<int>(Verdict::bad_usage);

// Without a control socket an operator cannot ask, which is no reason not to get the phone going.
Result<ControlListener> open_listener(const StateDirectory& state, const std::string& directory,
                                      const std::optional<Account>& account) {
    Status made = make_runtime_directory(directory);
    if (made) {
        const auto path = TRY(control_socket_path(directory, state.real_path));
        std::optional<uint32_t> owner;
        if (account) owner = account->user;
        auto listener = ControlListener::at(path, owner);
        if (listener) return listener;
        made = std::unexpected(listener.error());
    }
    complain(program, made.error().detail + "; operators cannot ask this daemon");
    return ControlListener::unreachable();
}

// A setting as it is configured here, not as an operator or a server would have it.
std::string configured(const DaemonOptions& options, Setting setting) {
    Settings settings = options.settings;
    for (const SettingDefault& row : options.profile->defaults) {
        const Status fits = settings.set(Layer::profile, row.setting, row.value);
        assert(fits);  // profile_test proves it valid
    }
    return std::string(settings.get(setting));
}

// The two directories are the only ones whose hooks the parent runs.
HookService hook_service(const DaemonOptions& options, const std::string& runtime,
                         const std::string& state) {
    return {.directory = configured(options, Setting::hooks_dir),
            .runtime_directory = runtime,
            .helper = options.helper,
            .file_directory = configured(options, Setting::hooks_file_dir),
            .state_directory = state};
}

int supervise(DaemonOptions& options, StateDirectory& state, ControlListener& listener,
              const AgentSetup& setup) {
    SupervisorPlan plan;
    plan.once = options.once;
    plan.board = options.board;
    plan.state_directory = state.directory.get();
    plan.hooks = hook_service(options, setup.runtime_directory, state.real_path);
    AgentLife agent(setup);
    const int status = Supervisor(agent, listener, plan).run();
    listener.remove();
    state.lock.reset();
    return status;
}

int fail_usage(const Error& error) {
    complain(program, error.detail);
    return bad_usage;
}

// What the phone works with when the state directory cannot be used: nothing but memory. Without a
// runtime directory there is no note, and an operator cannot ask.
Result<StateDirectory> go_without(const std::string& path, const std::string& why,
                                  const std::string& runtime) {
    StateDirectory state;
    state.path = path;
    state.unusable = why;
    state.real_path = real_path_to_be(path).value_or(path);
    complain(program, why + "; the configuration is kept in memory and lost at the next start");
    if (const auto made = make_runtime_directory(runtime); !made) return state;
    auto note = hold_memory_note(runtime, state.real_path, why);
    if (note) state.lock = std::move(*note);
    if (!note && note.error().code == ErrorCode::bad_usage) return std::unexpected(note.error());
    if (!note) complain(program, note.error().detail);
    return state;
}

Result<StateDirectory> take_state(const DaemonOptions& options,
                                  const std::optional<Account>& account,
                                  const std::string& runtime) {
    // As with what is read from it: a disk that fails once is asked again.
    for (uint32_t tries = 1;; ++tries) {
        auto state = take_state_directory(options.state_directory, account);
        if (state || state.error().code == ErrorCode::bad_usage) return state;
        if (tries == limits::state_reads)
            return go_without(options.state_directory, state.error().detail, runtime);
    }
}

// Puts the settings file's values beside those of the command line; a file with an error is left
// out, with a word about it.
void take_settings_file(DaemonOptions& options) {
    if (options.settings_file.empty()) return;
    const std::string refused = add_settings_file(options.settings_file, options.settings);
    if (!refused.empty()) complain(program, refused);
}

// What a DHCP client has to send so that servers see one phone and not two.
int tell_vendor_class(DaemonOptions& options) {
    take_settings_file(options);
    const std::string form = configured(options, Setting::dhcp_vendor_class);
    const std::string text = fill_template(form, options.identity);
    return text.empty() || write_all(STDOUT_FILENO, text + "\n") ? 0 : 1;
}

// The same of option 125. Nothing where no ACS may be found by DHCP.
int tell_vendor_identity(DaemonOptions& options) {
    take_settings_file(options);
    const bool speaks_cwmp = with_tr069 && configured(options, Setting::tr069_enabled) == "1" &&
                             configured(options, Setting::tr069_dhcp) == "1";
    if (!speaks_cwmp) return 0;
    const std::string digits = hex_of(own_vendor_option(options.identity));
    return write_all(STDOUT_FILENO, digits + "\n") ? 0 : 1;
}

// Root's part for a daemon that is not root: hooks and a restart, for one connection.
int help_daemon(DaemonOptions& options) {
    take_settings_file(options);
    HookService service = hook_service(options, runtime_directory(), options.state_directory);
    service.helper.clear();
    service.restart = options.board->restart;
    if (const auto made = make_runtime_directory(service.runtime_directory); !made)
        complain(program, made.error().detail);
    ::fcntl(STDIN_FILENO, F_SETFD, FD_CLOEXEC);  // a hook that stays behind keeps it open else
    serve_hooks(STDIN_FILENO, service);
    return 0;
}

int run(DaemonOptions& options, uint64_t power_on_ms) {
    if (const auto kept = keep_memory_private(); !kept) complain(program, kept.error().detail);
    AgentSetup setup;
    setup.power_on_ms = power_on_ms;
    if (!options.user.empty()) {
        auto account = find_account(options.user);
        if (!account) return fail_usage(account.error());
        setup.account = *account;
    }
    const std::string runtime = runtime_directory();
    auto state = take_state(options, setup.account, runtime);
    if (!state) return fail_usage(state.error());
    if (!options.settings_file.empty()) {
        setup.settings_error = add_settings_file(options.settings_file, options.settings);
    }
    auto listener = open_listener(*state, runtime, setup.account);
    if (!listener) {
        complain(program, listener.error().detail);
        return static_cast<int>(Verdict::not_applied);
    }
    setup.options = &options;
    setup.state = &*state;
    setup.listener = &*listener;
    setup.runtime_directory = runtime;
    return supervise(options, *state, *listener, setup);
}

}  // namespace

int run_daemon(std::span<char* const> arguments) {
    const uint64_t power_on_ms = monotonic_ms();
    const std::vector<std::string> words(arguments.begin(), arguments.end());
    blank_secret_arguments(arguments);
    ::signal(SIGPIPE, SIG_IGN);
    auto options = parse_daemon_options(words, read_file);
    if (!options) return fail_usage(options.error());
    switch (options->mode) {
        case DaemonOptions::Mode::help:
            return write_all(STDOUT_FILENO, daemon_help()) ? 0 : 1;
        case DaemonOptions::Mode::build_info:
            return write_all(STDOUT_FILENO, build_info(program)) ? 0 : 1;
        case DaemonOptions::Mode::vendor_class:
            return tell_vendor_class(*options);
        case DaemonOptions::Mode::vendor_identity:
            return tell_vendor_identity(*options);
        case DaemonOptions::Mode::helper:
            return help_daemon(*options);
        case DaemonOptions::Mode::run:
            break;
    }
    return run(*options, power_on_ms);
}

}  // namespace dialtone
