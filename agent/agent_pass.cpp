// SPDX-License-Identifier: Apache-2.0
//
// From a URL to a verdict about the files it leads to.
#include <algorithm>
#include <cassert>

#include "agent/agent_state.h"
#include "agent/config/digest.h"
#include "agent/config/reader.h"
#include "agent/discovery/static_server.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

// The setting with the key meant for a file of the plan. A file that a URL names is the phone's.
Setting key_of(const Profile& profile, std::string_view role) {
    for (const PlanFile& file : profile.files) {
        if (file.role == role) return file.key;
    }
    return Setting::config_key;
}

Setting other_key(Setting own) {
    return own == Setting::config_key ? Setting::config_key_common : Setting::config_key;
}

}  // namespace

PlanNames AgentState::plan_names() const {
    return {run_.settings.get(Setting::config_prefix), run_.settings.get(Setting::config_postfix)};
}

Scheme AgentState::default_scheme() const {
    const std::string_view word = settings_.get(Setting::static_protocol);
    for (uint32_t i = 0; i <= static_cast<uint32_t>(Scheme::tftp); ++i) {
        if (scheme_name(static_cast<Scheme>(i)) == word) return static_cast<Scheme>(i);
    }
    return Scheme::http;
}

// --- the files of a plan -------------------------------------------------------------------------

void AgentState::begin_plan(Plan plan) {
    run_.plan = std::move(plan);
    run_.next_file = 0;
    ask_next_file();
}

bool AgentState::plan_wants(const PlannedFile& file) const {
    return file.ask == AskWhen::always || !run_.first_found;
}

void AgentState::ask_next_file() {
    auto& files = run_.plan.files;
    while (run_.next_file < files.size() && !plan_wants(files[run_.next_file]))
        ++run_.next_file;
    if (run_.next_file >= files.size()) return end_plan();
    download_.start(now_, request_for(files[run_.next_file]));
}

FetchRequest AgentState::request_for(const PlannedFile& file) const {
    const Settings& settings = run_.settings;
    FetchRequest request;
    request.url = file.url;
    request.default_scheme = default_scheme();
    request.user_agent = fill_template(options_.profile->user_agent, options_.identity);
    request.user = settings.get(Setting::provision_user);
    request.password = settings.get(Setting::provision_password);
    request.basic_always = settings.flag(Setting::http_basic_always);
    request.tls.verify = settings.flag(Setting::tls_verify);
    request.tls.ca_file = settings.get(Setting::tls_ca);
    request.tls.certificate_file = settings.get(Setting::tls_cert);
    request.tls.key_file = settings.get(Setting::tls_key);
    return request;
}

void AgentState::take_file() {
    auto outcome = download_.take_outcome();
    using Kind = FetchOutcome::Kind;
    run_.answered = run_.answered || outcome->answered;
    if (run_.answered) trial_due_.reset();
    switch (outcome->kind) {
        case Kind::body:
            return take_body(std::move(*outcome));
        case Kind::withheld:
            run_.any_withheld = true;
            run_.reason = outcome->reason;
            [[fallthrough]];
        case Kind::absent:
            journal(line(JournalKind::file_absent)
                        .with("url", outcome->shown_url)
                        .with("reason", outcome->reason));
            ++run_.next_file;
            return ask_next_file();
        case Kind::refused:
        case Kind::unreachable:
            const bool refused = outcome->kind == Kind::refused;
            run_.retry_after_s = outcome->retry_after_s;
            journal(line(JournalKind::request_failed)
                        .with("url", outcome->shown_url)
                        .with("reason", outcome->reason));
            return settle_plan(refused ? PlanVerdict::refused : PlanVerdict::unreachable,
                               outcome->shown_url + ": " + outcome->reason);
    }
}

void AgentState::take_body(FetchOutcome&& outcome) {
    ArrivedFile file;
    file.planned = run_.plan.files[run_.next_file];
    file.shown_url = outcome.shown_url;
    file.body = std::move(outcome.body);
    file.digest = {file.planned.role, file.planned.name, sha256_of(file.body)};
    file.proof = outcome.tls_verified ? Proof::tls : Proof::none;
    if (file.planned.ask == AskWhen::until_first) run_.first_found = true;
    const FileDigest* known = active_.digest(file.digest.role, file.digest.name);
    if (known && known->sha256 == file.digest.sha256) {
        journal(line(JournalKind::file_unchanged).with("url", file.shown_url));
    } else if (!read_file(file) || !lay_over(file)) {
        return;
    } else {
        remark_on_settings(file);
        steer();
    }
    run_.files.push_back(std::move(file));
    ++run_.next_file;
    ask_next_file();
}

// Decrypts and parses. False: the plan has failed.
bool AgentState::read_file(ArrivedFile& file) {
    ReadKeys keys;
    for (Setting setting : {Setting::config_password, Setting::config_password_old}) {
        if (const auto text = run_.settings.get(setting); !text.empty())
            keys.passwords.push_back(text);
    }
    const Setting own = key_of(*options_.profile, file.planned.role);
    for (Setting setting : {own, other_key(own)})
        keys.keys.push_back(run_.settings.get(setting));
    auto document = read_config_file(file.body, options_.identity, *options_.profile, keys);
    if (!document) {
        const Error& error = document.error();
        auto entry = line(JournalKind::file_refused).with("url", file.shown_url);
        const bool at_line = error.where.kind == Position::Kind::line;
        if (error.where.kind != Position::Kind::nowhere)
            entry.with("where",
                       (at_line ? "line " : "offset ") + std::to_string(error.where.number));
        journal(std::move(
            entry.with("reason", error.detail).with("next", "the configuration stays as it is")));
        settle_plan(PlanVerdict::refused, file.shown_url + ": " + describe(error));
        return false;
    }
    if (document->cipher != FileCipher::none && file.proof == Proof::none) file.proof = Proof::key;
    for (const Warning& warning : document->warnings)
        journal(line(JournalKind::file_warning)
                    .with("url", file.shown_url)
                    .with("where", "line " + std::to_string(warning.where.number))
                    .with("reason", warning.detail));
    journal(line(JournalKind::file_read)
                .with("url", file.shown_url)
                .with("format", format_name(document->format))
                .with("cipher", cipher_name(document->cipher))
                .with("keys", document->entries.size()));
    file.document = std::move(*document);
    file.body = {};
    return true;
}

// A key that is a setting of the agent, with a value the setting cannot take, is kept for the
// phone and left out by the agent.
void AgentState::remark_on_settings(const ArrivedFile& file) {
    for (const KeySetting& row : options_.profile->key_settings) {
        const Item* item = run_.draft.find(row.key, Origin::file);
        if (!item || item->value.empty()) continue;
        const SettingForm& form = setting_form(row.setting);
        const std::string value = setting_value(row, item->value);
        if (!value.empty() && check_setting(form, value)) continue;
        const auto& entries = file.document->entries;
        const auto entry = std::find_if(entries.begin(), entries.end(),
                                        [&](const Entry& one) { return one.key == row.key; });
        if (entry == entries.end()) continue;  // an earlier file's
        journal(line(JournalKind::file_warning)
                    .with("url", file.shown_url)
                    .with("where", "line " + std::to_string(entry->line))
                    .with("reason", entry->key + " has a value that " + std::string(form.name) +
                                        " cannot take; it stays as it was"));
    }
}

// What vouches for a file. Whoever forges a NOTIFY or a DHCP answer may well have a certificate for
// a server of his own: once something verified is installed, a server that such a source names
// counts as verified only if it is the one the installed configuration came from.
Proof AgentState::proof_of(const ArrivedFile& file) const {
    const SourceKind kind = run_.source.kind;
    const bool named_by_anyone = kind == SourceKind::pnp || kind == SourceKind::dhcp;
    if (file.proof != Proof::tls || !named_by_anyone || active_.proof == Proof::none)
        return file.proof;
    const auto asked = parse_url(run_.source.url, default_scheme());
    const auto known = parse_url(active_.source.url, default_scheme());
    if (asked && known && same_server(*asked, *known)) return file.proof;
    return file.document->cipher != FileCipher::none ? Proof::key : Proof::none;
}

// Lays the document over the draft. A document with weaker proof than what is installed may
// repeat it and change nothing. False: the plan has failed.
bool AgentState::lay_over(ArrivedFile& file) {
    auto next = overlay(run_.draft, std::span(&*file.document, 1), Origin::file);
    std::string reason;
    if (!next) {
        reason = describe(next.error());
    } else if (settings_.flag(Setting::trust_pin) && proof_of(file) < active_.proof &&
               !next->same_meaning(run_.draft)) {
        reason = "it came with " + std::string(proof_name(proof_of(file))) +
                 (proof_of(file) == file.proof ? "" : " from the server that was installed from") +
                 ", and what is installed came with " + std::string(proof_name(active_.proof)) +
                 " (trust.pin)";
    }
    if (reason.empty()) {
        run_.draft = std::move(*next);
        return true;
    }
    journal(line(JournalKind::file_refused)
                .with("url", file.shown_url)
                .with("reason", reason)
                .with("next", "the configuration stays as it is"));
    settle_plan(PlanVerdict::refused, file.shown_url + ": " + reason);
    return false;
}

// What an earlier file sets steers the later ones: passwords, user, and the server's path, before
// anything is committed.
void AgentState::steer() {
    run_.settings = settings_with(run_.draft);
    const auto urls = static_server_urls(run_.settings);
    if (urls.empty() || urls.front() == run_.static_url || !run_.plan.from_folder) return;
    run_.static_url = urls.front();
    auto moved = make_plan(run_.static_url, default_scheme(), *options_.profile, options_.identity,
                           plan_names());
    if (!moved || !moved->from_folder) return;
    for (uint32_t i = run_.next_file + 1; i < run_.plan.files.size(); ++i)
        run_.plan.files[i] = moved->files[i];
}

bool AgentState::same_files_as_active() const {
    // Files that were part of the active generation and are gone now leave their keys as they
    // are, but what an earlier file says may count again: then the documents decide.
    if (run_.files.size() != active_.digests.size()) return false;
    return std::all_of(run_.files.begin(), run_.files.end(), [this](const ArrivedFile& file) {
        const FileDigest* known = active_.digest(file.digest.role, file.digest.name);
        return known && *known == file.digest;
    });
}

// Something is new: files that were not read because their bytes are known count again, in the
// order of the plan. When all were read on arrival the draft has them already.
bool AgentState::lay_over_all() {
    const auto is_read = [](const ArrivedFile& file) { return file.document.has_value(); };
    if (std::all_of(run_.files.begin(), run_.files.end(), is_read)) return true;
    run_.draft = active_;
    for (ArrivedFile& file : run_.files) {
        if (!file.document && !read_file(file)) return false;
        if (!lay_over(file)) return false;
    }
    return true;
}

// DHCP option 120 where dhcp.sip_server wants it: one more document of the plan, the last one, so
// that it comes and goes with the plan. In a pass that does not ask DHCP what was installed stays.
// It has no proof of its own: beside a verified configuration it may repeat itself and no more.
// False: the plan has failed.
bool AgentState::add_sip_server() {
    const std::string_view key = options_.profile->sip_server_key;
    if (key.empty() || !settings_.flag(Setting::dhcp_sip_server)) return true;
    const Item* item = active_.find(key, Origin::file);
    const std::string installed =
        item && active_.digest(option_120_role, key) ? item->value : std::string();
    const std::string& server = sip_server_known_ ? sip_server_ : installed;
    if (server.empty()) return true;
    const bool pinned = settings_.flag(Setting::trust_pin) && active_.proof != Proof::none;
    if (pinned && server != installed) {
        journal(line(JournalKind::source_remark)
                    .with("source", source_name(SourceKind::dhcp))
                    .with("reason",
                          "option 120 would change the SIP server of a verified "
                          "configuration and is left out (trust.pin)"));
        return true;
    }
    ArrivedFile file;
    file.planned.role = option_120_role;
    file.planned.name = key;
    file.shown_url = "DHCP option 120";
    const auto* bytes = reinterpret_cast<const uint8_t*>(server.data());
    file.digest = {file.planned.role, file.planned.name, sha256_of({bytes, server.size()})};
    file.proof = pinned ? active_.proof : Proof::none;
    file.document.emplace();
    file.document->entries.push_back({std::string(key), server});
    const bool is_known = active_.digest(option_120_role, key) != nullptr && server == installed;
    if (!is_known && !lay_over(file)) return false;
    run_.files.push_back(std::move(file));
    return true;
}

void AgentState::end_plan() {
    if (run_.files.empty()) {
        if (run_.plan.from_folder && !run_.asked_as_file) {
            run_.asked_as_file = true;
            return begin_plan(
                one_file_plan(filled_placeholders(run_.source.url, options_.identity)));
        }
        if (run_.any_withheld) return settle_plan(PlanVerdict::refused, run_.reason);
        return settle_plan(PlanVerdict::absent, "none of the files exists there");
    }
    if (!add_sip_server()) return;
    if (same_files_as_active()) return settle_plan(PlanVerdict::unchanged, {});
    if (!lay_over_all()) return;
    const bool changed = !run_.draft.same_meaning(active_);
    settle_plan(changed ? PlanVerdict::changed : PlanVerdict::unchanged, {});
}

// The plan is over with this verdict, good or bad.
void AgentState::settle_plan(PlanVerdict verdict, std::string reason) {
    run_.verdict = verdict;
    run_.reason = std::move(reason);
    cue(LifeCue::plan_over);
}

// --- the verdict ---------------------------------------------------------------------------------

// First what the answer means for a trial, then, once that is durable, for the phone.
void AgentState::judge() {
    if (record_.trial == TrialState::none) return cue(LifeCue::saved);
    if (!run_.answered) {
        ++tries_;
        return cue(record_.trial == TrialState::returning && tries_ >= limits::once_tries
                       ? LifeCue::trial_over
                       : LifeCue::unheard);
    }
    if (record_.trial == TrialState::trying) return confirm_record("its server's answer");
    judge_return();
}

void AgentState::use_result() {
    passed_once_ = true;
    const std::string_view source = source_name(run_.source.kind);
    const std::string url = masked_url(run_.source.url, default_scheme());
    if (verdict_ == Verdict::rolled_back && options_.once) return cue(LifeCue::rest);
    switch (run_.verdict) {
        case PlanVerdict::none:
            return cue(LifeCue::rest);
        case PlanVerdict::unchanged:
            journal(line(JournalKind::plan_unchanged).with("source", source).with("url", url));
            verdict_ = Verdict::provisioned;
            verdict_why_ = "the configuration is what the server offers";
            return cue(LifeCue::rest);
        case PlanVerdict::changed:
            if (was_rolled_back()) return use_failure();
            if (applies_in_a_row_ + reboots_ >= limits::provisioning_reboots && !of_chain()) {
                journal(line(JournalKind::plan_held_back).with("source", source).with("url", url));
                verdict_ = Verdict::provisioned;
                verdict_why_ = "the server offers something else at each request; it waits";
                return cue(LifeCue::rest);
            }
            {
                const bool taken = submit(plan_proposal());
                assert(taken);  // an operator's change is never under way here
            }
            return cue(LifeCue::changed);
        case PlanVerdict::absent:
        case PlanVerdict::refused:
        case PlanVerdict::unreachable:
            return use_failure();
    }
}

Proposal AgentState::plan_proposal() {
    Proposal proposal;
    proposal.source = run_.source;
    for (ArrivedFile& file : run_.files) {
        proposal.proof = std::max(proposal.proof, file.proof);
        proposal.digests.push_back(std::move(file.digest));
        proposal.documents.push_back(std::move(*file.document));
    }
    return proposal;
}

void AgentState::use_failure() {
    struct Row {
        PlanVerdict verdict;
        JournalKind kind;
    };
    constexpr Row rows[] = {{PlanVerdict::absent, JournalKind::plan_absent},
                            {PlanVerdict::refused, JournalKind::plan_refused},
                            {PlanVerdict::unreachable, JournalKind::plan_unreachable}};
    const bool again = run_.verdict == PlanVerdict::unreachable && tries_ + 1 < limits::once_tries;
    for (const Row& row : rows) {
        if (row.verdict != run_.verdict || again) continue;
        journal(line(row.kind)
                    .with("source", source_name(run_.source.kind))
                    .with("url", masked_url(run_.source.url, default_scheme()))
                    .with("next", "the configuration stays as it is"));
    }
    const bool kept = pass_ == PassKind::second || pass_ == PassKind::trial;
    if (kept && run_.answered) {
        // The server is there, which is all a second pass has to show.
        verdict_ = Verdict::provisioned;
        verdict_why_ = "applied and confirmed; then: " + run_.reason;
        return cue(LifeCue::rest);
    }
    if (run_.verdict != PlanVerdict::absent) chain_failed_hard_ = true;
    if (run_.verdict == PlanVerdict::unreachable) chain_unreachable_ = true;
    if (of_chain()) {
        verdict_ = chain_failed_hard_ ? Verdict::not_applied : Verdict::no_source;
        if (run_.verdict != PlanVerdict::absent || !chain_failed_hard_) verdict_why_ = run_.reason;
    } else {
        verdict_why_ = "applied; the second pass failed: " + run_.reason;
    }
    ++tries_;
    if (again) return cue(LifeCue::wait);
    cue(LifeCue::next_url);
}

void AgentState::sit_out() {
    const uint32_t wait_ms =
        options_.once ? retry_.next_once_wait_ms(rng_)
                      : retry_.next_wait_ms(rng_, run_.retry_after_s, options_.profile->retry);
    wait_until_due(wait_ms);
    journal(line(JournalKind::retry_waits)
                .with("wait_s", (wait_ms + 999) / 1000)
                .with("try", tries_ + 1));
}

// A plan that failed its trial is tried again a few times, ever later, and then no more.
bool AgentState::was_rolled_back() {
    std::vector<FileDigest> digests;
    digests.reserve(run_.files.size());
    for (const ArrivedFile& file : run_.files)
        digests.push_back(file.digest);
    const Sha256 digest = plan_digest(digests);
    for (const RefusedPlan& refused : record_.refused) {
        if (refused.digest != digest) continue;
        const bool too_often = refused.tries >= limits::refused_tries;
        if (!too_often && wall_now() >= refused.not_before_s) return false;
        run_.verdict = PlanVerdict::refused;
        run_.reason = too_often ? "these files have failed their trial too often"
                                : "these files have failed their trial and wait to be tried again";
        journal(line(JournalKind::plan_was_rolled_back)
                    .with("source", source_name(run_.source.kind))
                    .with("url", masked_url(run_.source.url, default_scheme()))
                    .with("reason", run_.reason));
        return true;
    }
    return false;
}

}  // namespace dialtone
