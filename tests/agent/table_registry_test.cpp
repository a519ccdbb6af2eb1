// SPDX-License-Identifier: Apache-2.0
#include "agent/table_registry.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <set>
#include <string>

using namespace dialtone;

namespace {

enum class DoorState : uint8_t { open, closed, count_ };
enum class DoorCue : uint8_t { push, pull, knock, count_ };
enum class DoorAction : uint8_t { nothing, close, open_up };

using S = DoorState;
using C = DoorCue;
using A = DoorAction;

constexpr Row<S, C, A> rows[] = {
    {in(S::open), C::push, A::close, S::closed},
    {in(S::closed), C::pull, A::open_up, S::open},
};
constexpr auto table = completed(rows, C::push, C::pull, C::knock);
static_assert(is_total(table));

// What the proof does not take.
constexpr Row<S, C, A> doubled[] = {
    {all_states<S>(), C::push, A::close, S::closed},
    {in(S::closed), C::push, A::open_up, S::open},
};
static_assert(!is_total(completed(rows, C::push, C::pull)), "a cue is not answered at all");
static_assert(!is_total(completed(rows, C::pull, C::knock)), "a cue is not answered by a state");
static_assert(!is_total(completed(doubled, C::pull, C::knock)), "two rows answer the same");
constexpr Row<S, C, A> full[] = {{all_states<S>(), C::push, A::close, S::closed}};
static_assert(is_total(completed(full, C::pull, C::knock)));
static_assert(!is_total(completed(full, C::push, C::pull, C::knock)), "nothing is left to ignore");

constexpr std::string_view state_names[] = {"open", "closed"};
constexpr std::string_view cue_names[] = {"push", "pull", "knock"};
constexpr std::string_view action_names[] = {"nothing", "close", "open up"};
constexpr TableView view = table_view({.name = "door", .title = "A door", .about = "A test's own."},
                                      table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

void check_names(std::span<const std::string_view> names) {
    const std::set<std::string_view> different(names.begin(), names.end());
    CHECK(different.size() == names.size());
    CHECK(!different.contains(""));
}

}  // namespace

TEST_CASE("an ignored cue changes nothing in all states that no row names") {
    CHECK(row_for(table, S::open, C::push).next == S::closed);
    const auto& ignored = row_for(table, S::closed, C::push);
    CHECK(ignored.action == A::nothing);
    CHECK(ignored.stay);
    CHECK(answers(table, S::closed, C::pull));
    CHECK(!answers(table, S::open, C::pull));
    CHECK(!answers(table, S::open, C::knock));
}

TEST_CASE("a table that is registered is found, once and sorted by its name") {
    const auto tables = all_tables();
    CHECK(std::ranges::count(tables, &view) == 1);
    CHECK(std::ranges::is_sorted(tables, {}, [](const TableView* one) { return one->title.name; }));
    check_names([&] {
        std::vector<std::string_view> names;
        for (const TableView* one : tables)
            names.push_back(one->title.name);
        return names;
    }());
}

TEST_CASE("a view shows the rows that the lookup finds") {
    CHECK(view.row_at(1, 1).action == 2);
    CHECK(view.row_at(1, 1).next == 0);
    CHECK(view.row_at(0, 2).stay == 1);
    CHECK(view.row(0).states == 1);
}

TEST_CASE("every state, cue and action of every table has a name of its own") {
    for (const TableView* one : all_tables()) {
        CAPTURE(one->title.name);
        check_names(one->states);
        check_names(one->cues);
        check_names(one->actions);
    }
}

TEST_CASE("every state but the first is reached from another one, in every table") {
    for (const TableView* one : all_tables()) {
        uint32_t reached = 1;
        for (uint32_t index = 0; index < one->row_count; ++index) {
            const RowBytes row = one->row(index);
            const bool from_another = (row.states & ~(1U << row.next)) != 0;
            if (row.stay == 0 && from_another) reached |= 1U << row.next;
        }
        CAPTURE(one->title.name);
        CHECK(reached == (1U << one->states.size()) - 1);
    }
}
