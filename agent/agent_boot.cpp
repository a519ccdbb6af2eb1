// SPDX-License-Identifier: Apache-2.0
//
// From the Boot event until the phone is online.
#include <algorithm>
#include <cassert>

#include "agent/agent_state.h"
#include "agent/discovery/static_server.h"
#include "agent/limits.h"
#include "agent/store/codec.h"

namespace dialtone {
namespace {

std::string_view cause_name(ResetCause cause) {
    constexpr std::string_view names[] = {"power-on", "provisioning", "crash"};
    return names[static_cast<uint32_t>(cause)];
}

}  // namespace

void AgentState::boot(const Boot& boot) {
    if (state_ != LifeState::off) return;
    born_ = now_;
    reset_cause_ = boot.reset_cause;
    reboots_ = boot.provisioning_reboots;
    rng_ = Rng(options_.identity.mac, boot.entropy);
    for (const SettingDefault& row : options_.profile->defaults) {
        const auto fits = options_.settings.set(Layer::profile, row.setting, row.value);
        assert(fits);  // the profile is data of this build
    }
    take_clock(boot);
    const RecordChoice choice = choose_record(boot.record_copies);
    record_ = choice.record;
    next_copy_ = choice.next_copy;
    for (uint32_t i = 0; i < limits::record_copies; ++i)
        copy_exists_[i] = !boot.record_copies[i].empty();
    journal(line(JournalKind::boot)
                .with("profile", options_.profile->name)
                .with("model", options_.identity.model)
                .with("version", options_.identity.version)
                .with("mac", mac_text(options_.identity))
                .with("generation", record_.active)
                .with("cause", cause_name(boot.reset_cause)));
    if (boot.wall_s < floor_s_)
        journal(line(JournalKind::clock_floor)
                    .with("hardware", static_cast<uint64_t>(std::max<WallSeconds>(boot.wall_s, 0)))
                    .with("floor", static_cast<uint64_t>(floor_s_)));
    if (choice.broken > 0)
        journal(
            line(JournalKind::state_recovered)
                .with("file", "the boot record")
                .with("reason", std::to_string(choice.broken) + " of its two copies is not whole")
                .with("next",
                      record_.sequence != 0 ? "the other copy counts" : "the phone starts as new"));
    if (!choice.remark.empty())
        journal(line(JournalKind::state_of_later)
                    .with("file", "the boot record")
                    .with("reason", choice.remark));
    if (!boot.settings_error.empty()) {
        journal(line(JournalKind::settings_refused)
                    .with("reason", boot.settings_error)
                    .with("next", options_.once ? "nothing is asked for"
                                                : "the file is left out as a whole"));
        if (options_.once)
            return finish(static_cast<uint8_t>(Verdict::not_applied),
                          std::string(boot.settings_error));
    }
    cue(LifeCue::booted);
}

// A clock that is behind what the phone has already seen cannot be right: it starts from there.
void AgentState::take_clock(const Boot& boot) {
    floor_s_ = std::max(options_.floor_s, boot.last_seen_s);
    clock_believed_ = boot.wall_s >= floor_s_;
    wall_base_ = now_;
    wall_base_s_ = std::max(boot.wall_s, floor_s_);
    if (!clock_believed_) emit(SetWallClock{wall_base_s_});
}

void AgentState::load() {
    for (uint32_t number : {record_.active, record_.other}) {
        if (number != 0) to_load_.push_back(number);
    }
    load_next();
}

void AgentState::load_next() {
    load_id_ = 0;
    if (to_load_.empty()) return finish_loading();
    load_id_ = new_id();
    Storage read;
    read.id = load_id_;
    read.step = StorageStep::read;
    read.name = generation_name(to_load_.front());
    emit(std::move(read));
}

void AgentState::take_loaded(const StorageDone& done) {
    const uint32_t number = to_load_.front();
    to_load_.pop_front();
    std::string reason(done.failure);
    if (done.not_found) reason = "the file is not there";
    if (reason.empty()) {
        std::string remark;
        auto generation = decode_generation(done.bytes, &remark);
        if (!generation) {
            reason = describe(generation.error());
        } else if (generation->number != number) {
            reason = "it holds generation " + std::to_string(generation->number);
        } else {
            (number == record_.active ? active_ : other_) = std::move(*generation);
            if (!remark.empty())
                journal(line(JournalKind::state_of_later)
                            .with("file", generation_name(number))
                            .with("reason", remark));
        }
    }
    // A factory reset was cut while it removed what the record still names.
    const bool half_reset = done.not_found && record_.active == 0;
    if (!reason.empty() && !half_reset)
        journal(line(JournalKind::state_recovered)
                    .with("file", generation_name(number))
                    .with("reason", reason)
                    .with("next", number == record_.active
                                      ? "the predecessor counts, if it is whole"
                                      : "it is left out"));
    load_next();
}

void AgentState::finish_loading() {
    if (record_.other != 0 && other_.number == 0) {
        record_.other = 0;
        record_.trial = TrialState::none;
        record_stale_ = true;
    }
    if (record_.active != 0 && active_.number == 0) {
        active_ = std::move(other_);
        other_ = {};
        record_.active = active_.number;
        record_.other = 0;
        record_.trial = TrialState::none;
        record_.hooks_due = true;
        record_stale_ = true;
    }
    rebuild_settings();
    if (options_.once) {
        uint64_t total_ms = limits::once_total_ms;
        if (record_.trial != TrialState::none)
            total_ms += uint64_t{settings_.number(Setting::trial_timeout)} * 1000;
        once_due_ = Instant{total_ms};
    }
    cue(LifeCue::loaded);
}

// A trial that never gets as far as its timeout, because the phone restarts each time before,
// has failed too.
void AgentState::count_trial_start() {
    if (record_.trial == TrialState::none) {
        if (!record_stale_) return cue(LifeCue::saved);
        return save_record(Record(record_));
    }
    if (record_.trial_boots >= limits::trial_boots) return cue(LifeCue::trial_over);
    Record next = record_;
    ++next.trial_boots;
    if (record_.trial == TrialState::trying) begin_trial();
    save_record(std::move(next));
}

// The time in which the new configuration has to reach its server runs from now on.
void AgentState::begin_trial() {
    const uint32_t wait_s = settings_.number(Setting::trial_timeout);
    trial_due_ = now_ + uint64_t{wait_s} * 1000;
    journal(
        line(JournalKind::trial_begins).with("generation", record_.active).with("wait_s", wait_s));
}

void AgentState::go_online() {
    if (link_up_) return cue(LifeCue::link_up);
    verdict_why_ = "the interface " + options_.interface + " has no link or no address";
    if (!static_server_urls(settings_).empty()) verdict_ = Verdict::not_applied;
}

void AgentState::set_clock() {
    const std::string_view servers = settings_.get(Setting::clock_sntp);
    if (clock_believed_ || servers.empty()) return cue(LifeCue::clock_ready);
    sntp_.start(now_, servers, floor_s_, rng_);
}

void AgentState::take_sntp() {
    const auto outcome = sntp_.take_outcome();
    if (outcome->known) {
        journal(line(JournalKind::clock_set)
                    .with("server", outcome->server)
                    .with("offset_s", static_cast<uint64_t>(
                                          std::max<WallSeconds>(outcome->wall_s - wall_now(), 0))));
        wall_base_ = now_;
        wall_base_s_ = outcome->wall_s;
        clock_believed_ = true;
        emit(SetWallClock{wall_base_s_});
    } else {
        journal(line(JournalKind::clock_unset).with("reason", outcome->reason));
    }
    cue(LifeCue::clock_ready);
}

// Ten thousand phones come up together after a power cut. One that has a configuration works
// already and can wait its turn; nobody else should.
void AgentState::spread() {
    const bool in_no_hurry = active_.number != 0 && record_.trial == TrialState::none &&
                             reset_cause_ == ResetCause::power_on && !options_.once &&
                             !passed_once_ && applies_in_a_row_ == 0;
    if (!in_no_hurry) return cue(LifeCue::due);
    const uint64_t wait_ms = rng_.below(settings_.number(Setting::splay) * 1000);
    wait_until_due(wait_ms);
    journal(
        line(JournalKind::splay).with("wait_s", wait_ms / 1000).with("generation", active_.number));
}

void AgentState::rebuild_settings() {
    settings_ = settings_with(active_);
}

Settings AgentState::settings_with(const Generation& generation) const {
    Settings settings = options_.settings;
    // What a setting cannot take was remarked upon when its file was read, and is left out.
    const auto take = [&](Layer layer, Setting setting, std::string_view value) {
        if (!check_setting(setting_form(setting), value)) return;
        const auto fits = settings.set(layer, setting, value);
        assert(fits);
    };
    for (const Item& item : generation.items) {
        if (item.origin != Origin::operator_) continue;
        if (const SettingForm* form = find_setting(item.key))
            take(Layer::operator_, form->setting, item.value);
    }
    for (const KeySetting& row : options_.profile->key_settings) {
        if (!generation.find(row.key)) continue;
        for (Origin origin : {Origin::file, Origin::acs, Origin::operator_}) {
            const Item* item = generation.find(row.key, origin);
            if (!item || item->value.empty()) continue;
            const bool by_operator = origin == Origin::operator_;
            const std::string value = setting_value(row, item->value);
            if (!value.empty())
                take(by_operator ? Layer::operator_ : Layer::configuration, row.setting, value);
        }
    }
    return settings;
}

}  // namespace dialtone
