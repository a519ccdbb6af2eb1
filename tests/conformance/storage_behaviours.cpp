// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/storage_behaviours.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dialtone::conformance {
namespace {

using S = StorageStep;

constexpr ListedStep whole[] = {
    {S::write, "a", "before"}, {S::write, "a", "now"}, {S::sync_file, "a"}, {S::read, "a"}};
constexpr ListedStep renamed[] = {{S::write, "a", "new"}, {S::write, "b", "old"},
                                  {S::rename, "a", "b"},  {S::sync_directory},
                                  {S::read, "a"},         {S::read, "b"}};
constexpr ListedStep removed[] = {
    {S::write, "a", "x"}, {S::remove, "a"}, {S::remove, "a"}, {S::read, "a"}};
constexpr ListedStep nobody[] = {{S::read, "a"}, {S::sync_file, "a"}, {S::rename, "a", "b"}};
constexpr ListedStep pieces[] = {{S::append, "a", "one ", 0},
                                 {S::append, "a", "two ", 4},
                                 {S::sync_file, "a"},
                                 {S::append, "a", "three", 8},
                                 {S::read, "a"}};
constexpr ListedStep behind_write[] = {
    {S::write, "a", "head "}, {S::append, "a", "tail", 5}, {S::read, "a"}};
constexpr ListedStep made_empty[] = {{S::append, "a", "", 0}, {S::read, "a"}};
constexpr ListedStep too_far[] = {
    {S::write, "a", "four"}, {S::append, "a", "x", 5}, {S::read, "a"}};
constexpr ListedStep over_it[] = {
    {S::write, "a", "four"}, {S::append, "a", "x", 3}, {S::read, "a"}};
constexpr ListedStep over_whole[] = {
    {S::write, "a", "four"}, {S::append, "a", "x", 0}, {S::read, "a"}};
constexpr ListedStep twice[] = {
    {S::append, "a", "xy", 0}, {S::append, "a", "xy", 0}, {S::read, "a"}};
constexpr ListedStep missing[] = {{S::append, "a", "x", 1}, {S::read, "a"}};
constexpr ListedStep anew[] = {
    {S::append, "a", "long", 0}, {S::remove, "a"}, {S::append, "a", "b", 0}, {S::read, "a"}};
constexpr ListedStep in_turns[] = {
    {S::append, "a", "1", 0}, {S::append, "b", "x", 0}, {S::write, "c", "c"},
    {S::append, "a", "2", 1}, {S::append, "b", "y", 1}, {S::append, "a", "3", 2},
    {S::sync_file, "a"},      {S::sync_file, "b"},      {S::sync_file, "c"},
    {S::read, "a"},           {S::read, "b"},           {S::read, "c"}};
constexpr ListedStep moved_on[] = {{S::append, "a", "1", 0}, {S::rename, "a", "b"},
                                   {S::append, "b", "2", 1}, {S::append, "a", "3", 0},
                                   {S::read, "a"},           {S::read, "b"}};
constexpr ListedStep room[] = {{S::room}, {S::write, "a", "x"}, {S::room}};

constexpr StorageBehaviour list[] = {
    {"a file holds what was written last", whole, "done, done, done, 'now'"},
    {"a file is renamed over another one", renamed, "done, done, done, done, missing, 'new'"},
    {"what is not there can be removed", removed, "done, done, done, missing"},
    {"what is not there can be neither read nor synced nor renamed", nobody,
     "missing, missing, missing"},
    {"a file is kept piece by piece", pieces, "done, done, done, done, 'one two three'"},
    {"a piece comes behind what was written", behind_write, "done, done, 'head tail'"},
    {"a piece without a byte makes a file without a byte", made_empty, "done, ''"},
    {"bad input: a piece behind the end of its file is refused", too_far, "done, refused, 'four'"},
    {"bad input: a piece over the end of its file is refused", over_it, "done, refused, 'four'"},
    {"bad input: a first piece for a file that has bytes is refused", over_whole,
     "done, refused, 'four'"},
    {"bad input: a piece that comes twice is refused the second time", twice,
     "done, refused, 'xy'"},
    {"bad input: a later piece of a file that is not there is refused", missing,
     "missing, missing"},
    {"a file that was removed begins anew", anew, "done, done, done, 'b'"},
    {"the pieces of several files come in turns", in_turns,
     "done, done, done, done, done, done, done, done, done, '123', 'xy', 'c'"},
    {"a file that was renamed goes on under its new name", moved_on,
     "done, done, done, done, '3', '12'"},
    {"how much room there is can be asked at any time", room, "room, done, room"},
};

// Takes the answers down, in the order in which they come.
class Answers : public EventSink {
  public:
    explicit Answers(const StorageBehaviour& behaviour) : behaviour_(behaviour) {}

    void take(Instant, const Event& event) override {
        const auto* done = std::get_if<StorageDone>(&event);
        if (done == nullptr) return;
        if (!text.empty()) text += ", ";
        text += words_of(*done);
        ++count;
    }

    std::string text = {};
    uint32_t count = 0;

  private:
    std::string words_of(const StorageDone& done) const {
        if (done.id != count + 1) return "out of turn";
        if (done.not_found) return "missing";
        if (!done.failure.empty()) return "refused";
        const StorageStep step = behaviour_.steps[count].step;
        if (step == S::room) return done.room_bytes > 0 ? "room" : "no room";
        if (step != S::read) return "done";
        return "'" + std::string(done.bytes.begin(), done.bytes.end()) + "'";
    }

    const StorageBehaviour& behaviour_;
};

}  // namespace

std::span<const StorageBehaviour> storage_behaviours() {
    return list;
}

const StorageBehaviour* storage_behaviour_called(std::string_view name) {
    const auto place = std::ranges::find(list, name, &StorageBehaviour::name);
    return place == std::end(list) ? nullptr : place;
}

std::string observe(World& world, const StorageBehaviour& behaviour) {
    constexpr uint64_t longest_ms = 10'000;
    RequestId id = 0;
    for (const ListedStep& listed : behaviour.steps) {
        Storage step{.id = ++id, .step = listed.step, .name = std::string(listed.name)};
        if (listed.step == S::rename) {
            step.new_name = listed.bytes;
        } else {
            step.bytes.assign(listed.bytes.begin(), listed.bytes.end());
        }
        step.offset = listed.offset;
        world.carry_out(std::move(step));
    }
    Answers answers(behaviour);
    const Instant end = world.now() + longest_ms;
    while (answers.count < behaviour.steps.size() && world.now() < end)
        world.wait(end, answers);
    return answers.text;
}

}  // namespace dialtone::conformance
