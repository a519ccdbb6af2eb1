// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab acs and conform: an ACS over HTTP that leads a device through a script, judged as a
// whole or by its cases; docs/acs-script.md.
#include <expected>
#include <string>

#include "agent/harmless_text.h"
#include "sim/lab/acs/device_process.h"
#include "sim/lab/acs/run.h"
#include "sim/lab/case_result.h"
#include "sim/lab/command.h"
#include "sim/lab/console.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t acs_seconds = 60;  // where the command line says nothing
constexpr uint32_t conform_seconds = 600;
constexpr uint32_t seconds_most = 86'400;

std::unexpected<int> refuse(std::string_view path, std::string_view why) {
    console::remark("dialtone-lab: " + harmless(path) + ": " + std::string(why));
    return std::unexpected(lab_usage);
}

// Runs the script that the command line names; without one, the exit status.
std::expected<acs::Outcome, int> lead(Words words, uint32_t seconds) {
    uint32_t port = 0;
    uint32_t sessions = 0;
    std::string_view address = "127.0.0.1";
    std::string_view path;
    std::string_view command;
    const LabOption options[] = {
        {.name = "--port", .number = &port, .highest = UINT16_MAX},
        {.name = "--address", .text = &address},
        {.name = "--script", .text = &path},
        {.name = "--device", .text = &command},
        {.name = "--sessions", .number = &sessions},
        {.name = "--seconds", .number = &seconds, .highest = seconds_most},
    };
    if (!take_options(words, options)) return std::unexpected(lab_usage);
    if (path.empty()) return refuse("--script", "is missing");
    const auto text = console::read_file(path, acs::script_bytes);
    if (!text) return refuse(path, "it cannot be read, or is too long");
    const auto script = acs::read_script(*text);
    if (!script) return refuse(path, describe(script.error()));
    acs::HttpServer server;
    const auto bound = server.open(address, static_cast<uint16_t>(port));
    if (!bound) return refuse(address, bound.error().detail);
    const std::string url = "http://" + std::string(address) + ":" + std::to_string(*bound) + "/";
    console::remark("acs: listens at " + url);
    acs::DeviceProcess device;
    if (!command.empty() && !device.start(command, "ACS_URL", url))
        return refuse(command, "it cannot be started");
    acs::Outcome outcome = acs::run(server, *script, sessions, seconds);
    if (console::interrupted()) return std::unexpected(lab_interrupted);
    return outcome;
}

}  // namespace

int acs_command(Words words) {
    const auto outcome = lead(words, acs_seconds);
    if (!outcome) return outcome.error();
    const acs::Verdict& verdict = outcome->verdict;
    for (const std::string& one : verdict.words)
        console::print(one);
    console::print("acs: " + std::to_string(verdict.expectations) + " expectations, " +
                   std::to_string(verdict.unmet) + " unmet, " + std::to_string(verdict.violations) +
                   " violations");
    return verdict.unmet == 0 && verdict.violations == 0 ? lab_fine : lab_found;
}

int conform_command(Words words) {
    if (!words.empty() && words.front() == "--pnp") return pnp_command(words.subspan(1));
    const auto outcome = lead(words, conform_seconds);
    if (!outcome) return outcome.error();
    return tell_cases(outcome->cases);
}

}  // namespace dialtone::sim
