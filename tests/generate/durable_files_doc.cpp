// SPDX-License-Identifier: Apache-2.0
//
// Prints docs/durable-files.md from the table of agent/store/durable_files.h. A test compares the
// two, and the tests in Python take the names from the page (tests/kit/durable.py).
#include <cstdio>
#include <iterator>
#include <string>

#include "agent/store/durable_files.h"

using namespace dialtone;

namespace {

constexpr std::string_view whose[] = {
    "the boot record, in two copies",
    "a whole configuration, in the slot of its number",
    "what a job downloads beside the pass; none of it outlives a start",
    "the journal, and the one before it; the world writes it",
};
static_assert(std::size(whose) == static_cast<uint32_t>(DurableKind::count_));
static_assert(std::size(durable_kind_names) == static_cast<uint32_t>(DurableKind::count_));

}  // namespace

int main() {
    std::string page =
        "# Durable files\n"
        "\n"
        "Generated from `agent/store/durable_files.h`; do not edit. What may lie in the\n"
        "state directory, besides `lock` and, on boards that restart their machine, `restart`. "
        "design.md\n"
        "says what a power cut leaves of it.\n"
        "\n"
        "| file | kind | number | bytes at most | what it holds |\n"
        "|---|---|---|---|---|\n";
    for (const DurableFile& file : durable_files) {
        const auto kind = static_cast<uint32_t>(file.kind);
        page += "| `" + std::string(file.name) + "` | " + std::string(durable_kind_names[kind]) +
                " | " + std::to_string(file.index) + " | " + std::to_string(file.most_bytes) +
                " | " + std::string(whose[kind]) + " |\n";
    }
    std::fwrite(page.data(), 1, page.size(), stdout);
    return 0;
}
