// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab acs: an ACS over HTTP that leads a device through a script; docs/acs-script.md.
#include <string>

#include "agent/harmless_text.h"
#include "sim/lab/acs/run.h"
#include "sim/lab/command.h"
#include "sim/lab/console.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t seconds_usual = 60;
constexpr uint32_t seconds_most = 86'400;

int refuse(std::string_view path, std::string_view why, int status) {
    console::remark("dialtone-lab: " + harmless(path) + ": " + std::string(why));
    return status;
}

}  // namespace

int acs_command(Words words) {
    uint32_t port = 0;
    uint32_t sessions = 0;
    uint32_t seconds = seconds_usual;
    std::string_view address = "127.0.0.1";
    std::string_view path;
    const LabOption options[] = {
        {.name = "--port", .number = &port, .highest = UINT16_MAX},
        {.name = "--address", .text = &address},
        {.name = "--script", .text = &path},
        {.name = "--sessions", .number = &sessions},
        {.name = "--seconds", .number = &seconds, .highest = seconds_most},
    };
    if (!take_options(words, options)) return lab_usage;
    if (path.empty()) return refuse("--script", "is missing", lab_usage);
    const auto text = console::read_file(path, acs::script_bytes);
    if (!text) return refuse(path, "it cannot be read, or is too long", lab_usage);
    const auto script = acs::read_script(*text);
    if (!script) return refuse(path, describe(script.error()), lab_usage);

    acs::HttpServer server;
    const auto bound = server.open(address, static_cast<uint16_t>(port));
    if (!bound) return refuse(address, bound.error().detail, lab_usage);
    console::remark("acs: listens at http://" + std::string(address) + ":" +
                    std::to_string(*bound) + "/");
    const acs::Verdict verdict = acs::run(server, *script, sessions, seconds).verdict;
    for (const std::string& one : verdict.words)
        console::print(one);
    console::print("acs: " + std::to_string(verdict.expectations) + " expectations, " +
                   std::to_string(verdict.unmet) + " unmet, " + std::to_string(verdict.violations) +
                   " violations");
    if (console::interrupted()) return lab_interrupted;
    return verdict.unmet == 0 && verdict.violations == 0 ? lab_fine : lab_found;
}

}  // namespace dialtone::sim
