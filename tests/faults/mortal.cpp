// SPDX-License-Identifier: Apache-2.0
//
// Linked into a daemon of the tests, dialtoned-mortal, in front of the lookup of the agent's tables
// (agent/table.h): it counts the states that the agent comes through, and in one of them the
// process is ended by kill -9. The daemon that ships knows nothing of it.
//
//     DIALTONE_MORTAL=TABLE:STATE:MOMENT:WHO    once; without it no process is ended
//         MOMENT   entered (before anything of the state is done), left (at its next cue)
//         WHO      child (the agent's process), group (with the supervisor and all others)
//     DIALTONE_MORTAL_PAGE=FILE                 of two pages: whether it struck, and the visits
//     DIALTONE_MORTAL=list                      prints TABLE:STATE of all, in the order of the page
//
// Who starts it: kill_test.py.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/table_registry.h"
#include "platform/linux/call_filter.h"

namespace dialtone {
namespace {

constexpr uint32_t most_states = 32;
constexpr uint32_t most_tables = 31;

const std::vector<const TableView*>& tables() {
    static const std::vector<const TableView*> all = all_tables();
    assert(all.size() <= most_tables);
    return all;
}

enum class Moment : uint8_t { never, entered, left };

struct Plan {
    uint32_t table = 0;
    uint32_t state = 0;
    Moment moment = Moment::never;
    bool takes_group = false;
};

// Shared by all processes of a life, and read by the test.
struct Page {
    std::atomic<uint32_t> strikes;
    std::atomic<uint32_t> entered[most_tables][most_states];
    std::atomic<uint32_t> left[most_tables][most_states];
};

Plan plan;
Page own_page = {};
Page* page = &own_page;

std::string words_of(const TableView& table, std::string_view state) {
    return std::string(table.title.name) + ":" + std::string(state);
}

void list_and_exit() {
    for (const TableView* table : tables()) {
        for (const std::string_view state : table->states)
            ::fputs((words_of(*table, state) + "\n").c_str(), stdout);
    }
    ::exit(EXIT_SUCCESS);
}

bool read_plan(const std::string& words) {
    for (uint32_t table = 0; table < tables().size(); ++table) {
        for (uint32_t state = 0; state < tables()[table]->states.size(); ++state) {
            const std::string begin =
                words_of(*tables()[table], tables()[table]->states[state]) + ":";
            if (!words.starts_with(begin)) continue;
            const std::string rest = words.substr(begin.size());
            plan = {.table = table, .state = state, .takes_group = rest.ends_with(":group")};
            plan.moment = rest.starts_with("entered:") ? Moment::entered : Moment::left;
            return rest.ends_with(":group") || rest.ends_with(":child");
        }
    }
    return false;
}

__attribute__((constructor)) void begin() {
    const char* path = ::getenv("DIALTONE_MORTAL_PAGE");
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file >= 0) {
        void* mapped = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::close(file);
        if (mapped != MAP_FAILED) page = static_cast<Page*>(mapped);
    }
    const char* words = ::getenv("DIALTONE_MORTAL");
    if (words == nullptr) return;
    if (std::string_view(words) == "list") list_and_exit();
    if (read_plan(words)) return;
    ::fputs("mortal: DIALTONE_MORTAL cannot be read\n", stderr);
    ::_exit(EXIT_FAILURE);
}

void die_once() {
    uint32_t nobody = 0;
    if (!page->strikes.compare_exchange_strong(nobody, 1)) return;
    ::kill(plan.takes_group ? 0 : ::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

void pass(uint32_t table, uint32_t from, uint32_t to) {
    ++page->left[table][from];
    if (to != from) ++page->entered[table][to];
    if (plan.moment == Moment::never || plan.table != table) return;
    if (plan.moment == Moment::left && from == plan.state) die_once();
    if (plan.moment == Moment::entered && to == plan.state && to != from) die_once();
}

}  // namespace

// In place of the platform's: this daemon needs a call that no other one does, kill(2).
Status restrict_calls() {
    return {};
}
std::optional<uint32_t> take_refused_call() {
    return {};
}

}  // namespace dialtone

// In place of the agent's lookup, by the linker's --wrap.
extern "C" uint32_t real_find_row(const void* rows, uint32_t state,
                                  uint32_t cue) __asm__("__real_dialtone_find_row");
extern "C" uint32_t wrapped_find_row(const void* rows, uint32_t state,
                                     uint32_t cue) __asm__("__wrap_dialtone_find_row");

uint32_t wrapped_find_row(const void* rows, uint32_t state, uint32_t cue) {
    const uint32_t index = real_find_row(rows, state, cue);
    const auto& row = static_cast<const dialtone::RowBytes*>(rows)[index];
    for (uint32_t table = 0; table < dialtone::tables().size(); ++table) {
        if (dialtone::tables()[table]->rows == rows)
            dialtone::pass(table, state, row.stay != 0 ? state : row.next);
    }
    return index;
}
