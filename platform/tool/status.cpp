// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/status.h"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "agent/transfer/url.h"
#include "platform/common/journal_text.h"
#include "platform/common/output.h"
#include "platform/tool/json_writer.h"

namespace dialtone {
namespace {

using Kinds = std::initializer_list<JournalKind>;

// Lines that end a pass or a trial: what came of it.
constexpr Kinds verdict_kinds = {
    JournalKind::settings_refused, JournalKind::plan_absent,
    JournalKind::plan_refused,     JournalKind::plan_unreachable,
    JournalKind::plan_unchanged,   JournalKind::plan_held_back,
    JournalKind::applied,          JournalKind::apply_failed,
    JournalKind::trial_confirmed,  JournalKind::trial_failed,
    JournalKind::return_failed,    JournalKind::rolled_back,
    JournalKind::nothing_found,    JournalKind::factory_reset,
    JournalKind::finished,         JournalKind::plan_was_rolled_back,
};

// Lines that say what the agent does now or will do.
constexpr Kinds next_kinds = {
    JournalKind::boot,        JournalKind::link_down,   JournalKind::pass_begins,
    JournalKind::retry_waits, JournalKind::applying,    JournalKind::reboot,
    JournalKind::request,     JournalKind::source_next, JournalKind::source_asked,
    JournalKind::rest,        JournalKind::finished,    JournalKind::trial_begins,
};

const JournalEntry* newest_of(std::span<const JournalEntry> journal, Kinds kinds) {
    for (auto entry = journal.rbegin(); entry != journal.rend(); ++entry) {
        if (std::find(kinds.begin(), kinds.end(), entry->kind) != kinds.end()) return &*entry;
    }
    return nullptr;
}

const JournalEntry* newest_failure(std::span<const JournalEntry> journal) {
    for (auto entry = journal.rbegin(); entry != journal.rend(); ++entry) {
        if (journal_form(entry->kind).level == JournalLevel::failure) return &*entry;
    }
    return nullptr;
}

std::string sentence_or_nothing(const JournalEntry* entry) {
    return entry == nullptr ? std::string() : one_line(journal_sentence(*entry));
}

std::string next_step(const StateView& view) {
    if (view.in_memory) return "The daemon tells it on its standard error.";
    if (!view.running) return "Nothing until dialtoned is started: it is not running.";
    const JournalEntry* entry = newest_of(view.journal, next_kinds);
    if (entry == nullptr) return "The agent has just been started.";
    return sentence_or_nothing(entry);
}

// Items are sorted by key, then origin: the last one of a key is the one that counts.
std::array<uint32_t, origin_count> count_values(const std::vector<Item>& items) {
    std::array<uint32_t, origin_count> counts = {};
    for (uint32_t i = 0; i < items.size(); ++i) {
        const bool counts_here = i + 1 == items.size() || items[i + 1].key != items[i].key;
        if (counts_here) ++counts[static_cast<uint32_t>(items[i].origin)];
    }
    return counts;
}

std::string_view trial_word(TrialState trial) {
    static constexpr std::array<std::string_view, 3> words = {"none", "trying", "returning"};
    return words[static_cast<uint32_t>(trial)];
}

std::string row(std::string_view name, std::string_view value) {
    static constexpr uint32_t column = 15;
    std::string line(name);
    line += ':';
    line.resize(std::max<size_t>(column, line.size() + 1), ' ');
    line += value;
    line += '\n';
    return line;
}

std::string source_words(const PhoneStatus& status) {
    std::string words(source_name(status.source));
    if (!status.url.empty()) words += ", " + status.url;
    if (status.proof == Proof::signed_) return words + ", signed";
    if (status.proof != Proof::none)
        words += ", proven by " + std::string(proof_name(status.proof));
    return words;
}

// Whom the phone is pinned to, and how it came to that.
std::string pin_words(const PhoneStatus& status) {
    const Pin& pin = status.pin;
    if (pin.proof == Proof::none) return "to nobody: a later server may change the configuration";
    const bool by_anyone = status.source == SourceKind::pnp || status.source == SourceKind::dhcp;
    const std::string host = pin.host.empty() ? "" : pin.host + ", ";
    return "to " + host + "by " + std::string(proof_name(pin.proof)) +
           (by_anyone ? "; it answered first" : "");
}

std::string value_words(const PhoneStatus& status) {
    std::string words;
    for (uint32_t i = 0; i < origin_count; ++i) {
        if (!words.empty()) words += ", ";
        words += std::to_string(status.values[i]) + " by " +
                 std::string(origin_name(static_cast<Origin>(i)));
    }
    return words;
}

std::string trial_words(const PhoneStatus& status) {
    const std::string other = std::to_string(status.other);
    switch (status.trial) {
        case TrialState::none:
            return "none";
        case TrialState::trying:
            return "waiting for the server's answer" +
                   (status.other == 0 ? std::string()
                                      : "; configuration " + other + " would return");
        case TrialState::returning:
            return "the predecessor is back and asks its server; configuration " + other + " waits";
    }
    return {};
}

}  // namespace

PhoneStatus phone_status(const StateView& view) {
    PhoneStatus status;
    status.directory = view.directory;
    status.running = view.running;
    status.generation = view.record.active;
    status.other = view.record.other;
    status.trial = view.record.trial;
    status.pin = view.record.trust.pin;
    status.pin_known = view.record.trust_known;
    status.trouble = view.active_error;
    status.in_memory = view.in_memory;
    status.volatile_words = view.volatile_words;
    if (view.active) {
        const Source& source = view.active->source;
        status.source = source.kind;
        if (!source.url.empty()) status.url = whole_masked_url(source.url, Scheme::http);
        status.proof = view.active->proof;
        status.values = count_values(view.active->items);
    }
    status.verdict = sentence_or_nothing(newest_of(view.journal, verdict_kinds));
    status.next = next_step(view);
    const JournalEntry* failure = newest_failure(view.journal);
    status.last_error = sentence_or_nothing(failure);
    status.last_error_s = failure == nullptr ? 0 : failure->wall_s;
    for (const JournalEntry& entry : view.journal) {
        status.last_seen_s = std::max(status.last_seen_s, entry.wall_s);
    }
    return status;
}

std::string headline(const PhoneStatus& status) {
    const std::string number = std::to_string(status.generation);
    if (status.in_memory)
        return "The phone has what configuration it has in memory, and loses it at the next start.";
    if (!status.trouble.empty()) {
        return "The phone's configuration cannot be read: " + status.trouble + ".";
    }
    if (status.generation == 0) return "The phone is not provisioned: no configuration is active.";
    switch (status.trial) {
        case TrialState::none:
            return "The phone is provisioned: configuration " + number +
                   " is active and confirmed.";
        case TrialState::trying:
            return "The phone is provisioned on trial: configuration " + number +
                   " is active and not confirmed yet.";
        case TrialState::returning:
            return "The phone has gone back to configuration " + number + " and asks its server.";
    }
    return {};
}

std::string status_text(const PhoneStatus& status) {
    std::string text = headline(status) + "\n";
    text += row("daemon", status.running ? "running" : "not running");
    text += row("state", status.directory);
    if (!status.volatile_words.empty())
        text += row("not kept", "lost at the next start: " + status.volatile_words);
    if (status.generation != 0) {
        text += row("configuration", std::to_string(status.generation));
        text += row("trial", trial_words(status));
    }
    if (status.generation != 0 && status.trouble.empty()) {
        text += row("source", source_words(status));
        if (status.pin_known) text += row("pinned", pin_words(status));
        text += row("values set", value_words(status));
    }
    text += row("last verdict", status.verdict.empty() ? "none yet" : status.verdict);
    text += row("next", status.next);
    std::string error = status.last_error.empty() ? "none in the journal" : status.last_error;
    if (status.last_error_s != 0) error += " (" + utc_text(status.last_error_s) + ")";
    text += row("last error", error);
    if (status.last_seen_s != 0) text += row("last seen", utc_text(status.last_seen_s));
    return text;
}

std::string status_json(const PhoneStatus& status) {
    JsonWriter json;
    json.begin_object();
    json.member("state", status.directory);
    json.key("running").flag(status.running);
    json.member("headline", headline(status));
    json.key("in_memory").flag(status.in_memory);
    json.key("state_lasts").flag(status.volatile_words.empty());
    json.member("state_words", status.volatile_words);
    json.key("generation").number(status.generation);
    json.key("other_generation").number(status.other);
    json.member("trial", trial_word(status.trial));
    json.member("source", source_name(status.source));
    json.member("url", status.url);
    json.member("proof", proof_name(status.proof));
    json.member("pinned_proof", proof_name(status.pin.proof));
    json.member("pinned_host", status.pin.host);
    json.key("values").begin_object();
    for (uint32_t i = 0; i < origin_count; ++i) {
        json.key(origin_name(static_cast<Origin>(i))).number(status.values[i]);
    }
    json.end_object();
    json.member("trouble", status.trouble);
    json.member("last_verdict", status.verdict);
    json.member("next", status.next);
    json.member("last_error", status.last_error);
    json.key("last_error_s").number(status.last_error_s);
    json.key("last_seen_s").number(status.last_seen_s);
    json.end_object();
    return json.str() + "\n";
}

}  // namespace dialtone
