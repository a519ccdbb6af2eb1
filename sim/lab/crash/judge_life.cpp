// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/judge_life.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone::sim {
namespace {

bool may_rest_with(const WritePath& path, std::string_view value, uint32_t depth) {
    const auto is = [&](std::string_view mark) {
        return mark.empty() ? value.empty() : value.ends_with("." + std::string(mark));
    };
    // A trial in which the power was cut this often has failed, even if its server would have
    // answered.
    if (depth >= limits::trial_boots && !value.empty() && is(path.before)) return true;
    return std::ranges::any_of(path.final_marks, is);
}

// A key without a value means what no key means, and the hooks hear of no change between the two.
std::string with_values(std::string_view lines) {
    std::string out;
    while (!lines.empty()) {
        const std::string_view line = take_piece(lines, '\n');
        if (!line.ends_with('=')) (out += line) += '\n';
    }
    return out;
}

}  // namespace

std::vector<Violation> judge_life(const WritePath& path, ImageReader& reader, const Trace& life,
                                  uint32_t depth) {
    std::vector<Violation> found = life.violations;
    const auto add_violation = [&](Oracle oracle, std::string words) {
        found.push_back({oracle, std::move(words)});
    };
    const ContentId first = reader.counting_record(life.start);
    const uint32_t active = first == no_file ? 0 : reader.record(first).active;
    if (!life.booted_with || *life.booted_with != active)
        add_violation(Oracle::comes_up,
                      "the agent begins with another generation than the disk names");

    const ContentId last = reader.counting_record(life.seen);
    if (const auto violation = life.history.judge(life.seen, last, life.history.floor()))
        add_violation(violation->oracle, "in the end, " + violation->words);
    const ParsedRecord record = last == no_file ? ParsedRecord{} : reader.record(last);
    // A phone for which no server has a configuration never rests: it goes on asking.
    const Offer& after = path.offer_after;
    const bool ends_by_time = depth == 0 ? path.ends_ms != 0 : after.down || after.file.empty();
    if (!ends_by_time && !life.rested)
        add_violation(Oracle::comes_up, "the phone never rests: " + life.end);
    if (!ends_by_time && (record.trial != 0 || record.hooks_due != 0))
        add_violation(Oracle::comes_up, "the phone rests in the middle of a change");
    for (const NameId staged : reader.names().staged) {
        if (life.seen.files[staged] != no_file)
            add_violation(Oracle::comes_up, "a staged file is left over");
    }
    const ContentId held =
        record.active == 0 ? no_file : life.seen.files[reader.names().generation(record.active)];
    const ParsedGeneration& generation = reader.generation(held);
    const std::string_view value = generation.value(marked_key);
    if (depth != 0 && !may_rest_with(path, value, depth))
        add_violation(Oracle::comes_up, "the phone rests with '" + std::string(value) + "'");
    const auto told = reader.catalogue().bytes(life.seen.files[reader.names().hook_state]);
    const bool are_same =
        with_values(std::string(told.begin(), told.end())) == with_values(generation.lines());
    if (record.hooks_due == 0 && !are_same)
        add_violation(Oracle::comes_up, "the hooks were told something else than what is active");
    return found;
}

}  // namespace dialtone::sim
