// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/dialtoned.h"

#include <signal.h>
#include <unistd.h>

#include <cassert>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/limits.h"
#include "platform/common/build_info.h"
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

// The only directory whose hooks the parent runs: as configured here, not as an operator or a
// server would have it.
std::string hook_directory(const DaemonOptions& options) {
    Settings settings = options.settings;
    for (const SettingDefault& row : options.profile->defaults) {
        const Status fits = settings.set(Layer::profile, row.setting, row.value);
        assert(fits);  // profile_test proves it valid
    }
    return std::string(settings.get(Setting::hooks_dir));
}

int supervise(DaemonOptions& options, StateDirectory& state, ControlListener& listener,
              const std::string& runtime, const AgentSetup& setup) {
    SupervisorPlan plan;
    plan.once = options.once;
    plan.board = options.board;
    plan.state_directory = state.directory.get();
    plan.hooks.directory = hook_directory(options);
    plan.hooks.runtime_directory = runtime;
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

int run(DaemonOptions& options, uint64_t power_on_ms) {
    AgentSetup setup;
    setup.power_on_ms = power_on_ms;
    if (!options.user.empty()) {
        auto account = find_account(options.user);
        if (!account) return fail_usage(account.error());
        setup.account = *account;
    }
    auto state = take_state_directory(options.state_directory);
    if (!state) return fail_usage(state.error());
    if (state->created && setup.account &&
        ::fchown(state->directory.get(), setup.account->user, setup.account->group) < 0) {
        complain(program,
                 "state directory " + state->path + " cannot be given to the user " + options.user);
    }
    if (!options.settings_file.empty()) {
        setup.settings_error = add_settings_file(options.settings_file, options.settings);
    }
    const std::string runtime = runtime_directory();
    auto listener = open_listener(*state, runtime, setup.account);
    if (!listener) {
        complain(program, listener.error().detail);
        return static_cast<int>(Verdict::not_applied);
    }
    setup.options = &options;
    setup.state = &*state;
    setup.listener = &*listener;
    setup.runtime_directory = runtime;
    return supervise(options, *state, *listener, runtime, setup);
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
        case DaemonOptions::Mode::run:
            break;
    }
    return run(*options, power_on_ms);
}

}  // namespace dialtone
