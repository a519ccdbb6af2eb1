// SPDX-License-Identifier: Apache-2.0
#include "sim/world/phone.h"

#include <cassert>

#include "agent/store/codec.h"

namespace dialtone::sim {

Departure Phone::live_once(World& world, ResetCause cause) {
    AgentOptions options;
    options.profile = find_profile(options_.profile);
    assert(options.profile != nullptr);
    auto identity = identity_from_mac(options_.mac);
    assert(identity);
    options.identity = *identity;
    options.identity.model = options.profile->default_model;
    options.identity.version = options.profile->default_version;
    options.interface = "eth0";
    options.once = options_.once;
    options.floor_s = options_.floor_s;
    options.make_acs_client = options_.make_acs_client;
    for (const auto& [setting, value] : options_.settings) {
        const auto fine = options.settings.set(Layer::command_line, setting, value);
        assert(fine);
    }
    for (const auto& [setting, value] : options_.file_settings) {
        const auto fine = options.settings.set(Layer::file, setting, value);
        assert(fine);
    }
    Agent agent(std::move(options));
    if (!site_.state_lasts) site_.disk.forget();
    Boot boot = world.boot(cause, reboots_);
    boot.settings_error = options_.settings_error;
    return live(world, agent, boot);
}

Record Phone::record() const {
    std::span<const uint8_t> copies[limits::record_copies];
    for (uint8_t i = 0; i < limits::record_copies; ++i) {
        if (const auto* bytes = site_.disk.find(record_copy_name(i))) copies[i] = *bytes;
    }
    return choose_record(copies).record;
}

Generation Phone::active() const {
    const uint32_t number = record().active;
    if (number == 0) return {};
    const auto* bytes = site_.disk.find(generation_name(number));
    if (bytes == nullptr) return {};
    auto generation = decode_generation(*bytes);
    if (!generation || generation->number != number) return {};
    return *generation;
}

bool journal_has(const Site& site, JournalKind kind) {
    return count_entries(site, kind) > 0;
}

uint32_t count_entries(const Site& site, JournalKind kind) {
    uint32_t count = 0;
    for (const std::string& line : site.journal) {
        const auto entry = decode_journal_line(std::string_view(line).substr(0, line.size() - 1));
        if (entry && entry->kind == kind) ++count;
    }
    return count;
}

JournalEntry last_entry(const Site& site, JournalKind kind) {
    JournalEntry last;
    for (const std::string& line : site.journal) {
        auto entry = decode_journal_line(std::string_view(line).substr(0, line.size() - 1));
        if (entry && entry->kind == kind) last = std::move(*entry);
    }
    return last;
}

}  // namespace dialtone::sim
