// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/explain.h"

#include <algorithm>

#include "platform/common/journal_text.h"
#include "platform/tool/journal_json.h"
#include "platform/tool/json_writer.h"
#include "platform/tool/status.h"

namespace dialtone {
namespace {

std::vector<PhoneLife> last_lives(std::span<const JournalEntry> journal, uint32_t last) {
    std::vector<PhoneLife> lives = phone_lives(journal);
    const auto kept = std::min<size_t>(last, lives.size());
    lives.erase(lives.begin(), lives.end() - static_cast<ptrdiff_t>(kept));
    return lives;
}

std::string life_title(const PhoneLife& life, uint64_t number, uint64_t count) {
    std::string title = "Life " + std::to_string(number) + " of " + std::to_string(count);
    const std::string time = utc_text(life.entries.front().wall_s);
    return title +
           (life.whole ? ", power-on at " + time
                       : "; the journal begins at " + time + ", after its power-on") +
           ":\n";
}

}  // namespace

// A life begins with the line that says that the power came on. Should a power cut have torn that
// line, the time since power-on, which begins at 0 again, shows it.
bool begins_life(const JournalEntry& entry, const JournalEntry* before) {
    if (entry.kind == JournalKind::boot && entry.field("cause") == "power-on") return true;
    return before != nullptr && entry.at_ms < before->at_ms;
}

std::vector<PhoneLife> phone_lives(std::span<const JournalEntry> journal) {
    std::vector<PhoneLife> lives;
    size_t begin = 0;
    bool whole = !journal.empty() && begins_life(journal[0], nullptr);
    for (size_t i = 1; i <= journal.size(); ++i) {
        if (i < journal.size() && !begins_life(journal[i], &journal[i - 1])) continue;
        lives.push_back({journal.subspan(begin, i - begin), whole});
        begin = i;
        whole = i < journal.size() && journal[i].kind == JournalKind::boot;
    }
    return lives;
}

std::string explain_text(const StateView& view, uint32_t last) {
    const PhoneStatus status = phone_status(view);
    std::string text = headline(status) + "\n";
    const auto lives = last_lives(view.journal, last);
    if (lives.empty()) text += "The journal is empty: dialtoned has not run with this state.\n";
    for (size_t i = 0; i < lives.size(); ++i) {
        text += "\n" + life_title(lives[i], i + 1, lives.size());
        for (const JournalEntry& entry : lives[i].entries)
            text += entry_line(entry);
    }
    return text + "\nNext: " + status.next + "\n";
}

std::string explain_json(const StateView& view, uint32_t last) {
    const PhoneStatus status = phone_status(view);
    JsonWriter json;
    json.begin_object();
    json.member("headline", headline(status));
    json.key("lives").begin_array();
    for (const PhoneLife& life : last_lives(view.journal, last)) {
        json.begin_object();
        json.key("whole").flag(life.whole);
        json.key("entries").begin_array();
        for (const JournalEntry& entry : life.entries)
            write_entry(json, entry);
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.member("next", status.next);
    json.end_object();
    return json.str() + "\n";
}

}  // namespace dialtone
