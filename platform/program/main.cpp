// SPDX-License-Identifier: Apache-2.0
//
// The one program a phone carries, under two names: started as `dialtoned` it is the daemon, as
// `dialtone` the operator's tool. What the two share, the agent above all, then stands in the flash
// once. Names that begin with one of the two, `dialtoned-armhf` for instance, mean the same.
#include <span>
#include <string>
#include <string_view>

#include "platform/common/output.h"
#include "platform/daemon/dialtoned.h"
#include "platform/tool/dialtone.h"

namespace dialtone {
namespace {

constexpr int bad_usage = 2;

struct Program {
    std::string_view name;
    int (*run)(std::span<char* const> arguments);
};

// A name before those it begins with.
constexpr Program programs[] = {{"dialtoned", run_daemon}, {"dialtone", run_tool}};

int start(std::string_view path, std::span<char* const> arguments) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    for (const Program& program : programs) {
        if (name.starts_with(program.name)) return program.run(arguments);
    }
    complain(name, "this program is called dialtoned or dialtone: the name says which it is");
    return bad_usage;
}

}  // namespace
}  // namespace dialtone

int main(int argc, char** argv) {
    if (argc < 1) return dialtone::start("", {});
    return dialtone::start(argv[0], {argv + 1, argv + argc});
}
