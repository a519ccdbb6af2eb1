// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/plan_run.h"

#include <algorithm>
#include <utility>

#include "agent/config/arrived_file.h"
#include "agent/config/signed_file.h"
#include "agent/digest.h"
#include "agent/discovery/static_server.h"
#include "agent/rival_keys.h"

namespace dialtone {
PlanRun::PlanRun(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
                 const Trust& trust)
    : Engine(ids), phone_(phone), clock_(clock), trust_(phone, trust), download_(ids) {
    drives(download_);
}

void PlanRun::start(Instant now, Source source, const Generation& active, SipServer sip_server) {
    now_ = now;
    forget_outcome();
    active_ = &active;
    source_ = std::move(source);
    sip_server_ = std::move(sip_server);
    first_found_ = asked_as_file_ = answered_ = failed_ = false;
    withheld_.clear();
    retry_after_s_ = 0;
    expired_ = false;
    turned_away_by_ = {};
    opening_ = Opening::none;
    awaits_signature_.reset();
    files_.clear();
    trust_.begin();
    draft_ = active;
    drawn_from_ = active.number;
    settings_ = phone_.settings;
    const auto urls = static_server_urls(settings_);
    static_url_ = urls.empty() ? std::string() : urls.front();
    auto plan = make_plan(source_.url, default_scheme(phone_.settings), *phone_.profile,
                          phone_.identity, names());
    if (!plan) return conclude(PlanVerdict::refused, plan.error().detail);
    if (!plan->from_folder && is_named_by_anyone(source_.kind) &&
        names_another_phone(plan->files.back().name, phone_.identity))
        return conclude(PlanVerdict::refused, "the file is called after another phone");
    begin_plan(std::move(*plan));
}

void PlanRun::handle(Instant now, const Event& event) {
    now_ = now;
    download_.handle(now, event);
    take_answers();
}

PlanNames PlanRun::names() const {
    return {settings_.get(Setting::config_prefix), settings_.get(Setting::config_postfix)};
}

// --- the files of a plan -------------------------------------------------------------------------

void PlanRun::begin_plan(Plan plan) {
    plan_ = std::move(plan);
    next_file_ = 0;
    ask_next_file();
}

bool PlanRun::wants(const PlannedFile& file) const {
    return file.ask == AskWhen::always || !first_found_;
}

void PlanRun::ask_next_file() {
    auto& files = plan_.files;
    while (next_file_ < files.size() && !wants(files[next_file_]))
        ++next_file_;
    if (next_file_ >= files.size()) return end_plan();
    download_.start(now_, request_for(files[next_file_]), sink_);
    take_answers();
}

FetchRequest PlanRun::request_for(const PlannedFile& file) const {
    FetchRequest request;
    request.url = file.url;
    request.default_scheme = default_scheme(phone_.settings);
    request.user_agent = fill_template(phone_.profile->user_agent, phone_.identity);
    request.basic_always = settings_.flag(Setting::http_basic_always);
    auto credentials = trust_.credentials_for(file.url, settings_);
    request.user = credentials.user;
    request.password = credentials.password;
    request.credentials_meant_for = std::move(credentials.meant_for);
    request.named_by = source_.kind;
    request.tls.clock_is_proven = clock_.proven();
    request.tls.verify = settings_.flag(Setting::tls_verify);
    request.tls.ca_file = settings_.get(Setting::tls_ca);
    request.tls.certificate_file = settings_.get(Setting::tls_cert);
    request.tls.key_file = settings_.get(Setting::tls_key);
    request.tls.only_1_3 = settings_.get(Setting::tls_minimum) == "1.3";
    return request;
}

// An answer may be there at once: a URL that nobody can be asked for fails as it is begun.
void PlanRun::take_answers() {
    while (auto answer = download_.take_outcome())
        take_answer(std::move(*answer));
}

void PlanRun::take_answer(FetchOutcome&& outcome) {
    using Kind = FetchOutcome::Kind;
    answered_ = answered_ || outcome.answered;
    note_time(outcome);
    if (awaits_signature_) return take_signature(std::move(outcome));
    if (outcome.kind == Kind::body) return take_body(std::move(outcome));
    if (outcome.kind != Kind::absent && outcome.kind != Kind::withheld) return fail_plan(outcome);
    note_absent(outcome);
    if (outcome.kind == Kind::withheld) withheld_ = outcome.reason;
    ++next_file_;
    ask_next_file();
}

void PlanRun::note_absent(const FetchOutcome& outcome) {
    journal(line(JournalKind::file_absent)
                .with("url", outcome.shown_url)
                .with("reason", outcome.reason));
}

void PlanRun::fail_plan(const FetchOutcome& outcome) {
    journal(line(JournalKind::request_failed)
                .with("url", outcome.shown_url)
                .with("reason", outcome.reason));
    expired_ = outcome.expired;
    if (outcome.unwelcome) turned_away_by_ = outcome.server;
    retry_after_s_ = outcome.retry_after_s;
    const bool refused = outcome.kind == FetchOutcome::Kind::refused;
    conclude(refused ? PlanVerdict::refused : PlanVerdict::unreachable,
             outcome.shown_url + ": " + outcome.reason);
}

// What speaks of the time is written down by whoever holds the key of a certificate. Its beginning
// says that it is later, whoever that is; a date is believed of the phone's own servers only.
void PlanRun::note_time(const FetchOutcome& outcome) {
    if (!outcome.tls_verified || outcome.valid_from_s == 0) return;
    clock_evidence_.later_than_s = std::max(clock_evidence_.later_than_s, outcome.valid_from_s);
    const Delivery delivery{source_.kind, outcome.server, true};
    const Grant grant = grant_of(tls_file_of(source_.kind), Right::sets_clock);
    const Pin& pin = trust_.pin();
    const bool is_own = grant == Grant::evidence ||
                        (pin.proof >= Proof::tls && trust_.proof_of(delivery) >= Proof::tls);
    const bool within =
        outcome.valid_from_s <= outcome.date_s && outcome.date_s <= outcome.valid_to_s;
    if (is_own && within) clock_evidence_.date_s = outcome.date_s;
}

void PlanRun::take_body(FetchOutcome&& outcome) {
    Arrived file;
    file.planned = plan_.files[next_file_];
    file.shown_url = outcome.shown_url;
    file.body = sink_.take_body();
    file.digest = {file.planned.role, file.planned.name, sha256_of(file.body)};
    file.delivery = {source_.kind, std::move(outcome.server), outcome.tls_verified};
    if (file.planned.ask == AskWhen::until_first) first_found_ = true;
    if (signatures_are_wanted(phone_.settings)) return ask_signature(std::move(file));
    use_file(std::move(file));
}

// Byte by byte.
bool PlanRun::is_installed(const Arrived& file) const {
    const FileDigest* known = active_->digest(file.digest.role, file.digest.name);
    return known && known->sha256 == file.digest.sha256;
}

void PlanRun::use_file(Arrived&& file) {
    if (is_installed(file)) {
        journal(line(JournalKind::file_unchanged).with("url", file.shown_url));
    } else if (!read(file) || !lay_over(file)) {
        return;
    } else {
        remark_on_settings(file);
        steer(file);
    }
    files_.push_back(std::move(file));
    ++next_file_;
    ask_next_file();
}

// --- its signature -------------------------------------------------------------------------------

void PlanRun::ask_signature(Arrived&& file) {
    PlannedFile signature = file.planned;
    signature.url = signature_url(file.planned.url);
    awaits_signature_ = std::move(file);
    download_.start(now_, request_for(signature), signature_sink_);
    take_answers();
}

// Whatever the server says it does not give is not there: it could say so as well. Of a file that
// is installed no failure counts for now, because nothing would follow from its signature.
void PlanRun::take_signature(FetchOutcome&& outcome) {
    using Kind = FetchOutcome::Kind;
    Arrived file = *std::exchange(awaits_signature_, std::nullopt);
    if (outcome.kind == Kind::body) {
        file.signature = signature_sink_.take_body();
    } else if (outcome.kind == Kind::absent || outcome.kind == Kind::withheld) {
        note_absent(outcome);
    } else if (is_installed(file)) {
        file.signature_failure = std::move(outcome);
    } else {
        return fail_plan(outcome);
    }
    use_file(std::move(file));
}

// An installed file counts again, beside what is new, and its signature could not be had. True: it
// does not count without, and the plan has failed: not by what the server said, but until it gives
// the signature.
bool PlanRun::lacks_signature(Arrived& file) {
    const bool is_needed = phone_.settings.flag(Setting::config_require_signature) ||
                           (pins(phone_.settings) && trust_.pin().proof == Proof::signed_);
    if (!file.signature_failure || !is_needed) return false;
    file.signature_failure->kind = FetchOutcome::Kind::unreachable;
    fail_plan(FetchOutcome(std::move(*file.signature_failure)));
    return true;
}

// A new serial alone is no other configuration: it is kept with the next one.
void PlanRun::keep_serial(Arrived& file) {
    if (file.delivery.content != Proof::signed_ || file.document->serial == 0) return;
    // The highest one of the plan, unless an operator lets it fall.
    if (pins(phone_.settings) && !check_serial(*file.document, draft_)) return;
    Document serial;
    serial.entries.push_back(
        {std::string(serial_key(*file.document)), std::to_string(file.document->serial)});
    file.document->entries.push_back(serial.entries.front());
    if (auto next = overlay(draft_, std::span(&serial, 1), Origin::file)) draft_ = std::move(*next);
}

// --- one file ------------------------------------------------------------------------------------

// Decrypts and parses. False: the plan has failed.
bool PlanRun::read(Arrived& file) {
    auto opened =
        open_config_file({.body = file.body,
                          .signature = file.signature ? &*file.signature : nullptr,
                          .role = file.planned.role,
                          .came_with_proof = trust_.proof_of(file.delivery) != Proof::none,
                          .keys_proven = trust_.keys_proven()},
                         phone_, settings_, *active_);
    if (!opened) {
        if (opened.error().code == ErrorCode::wrong_key) opening_ = Opening::failed;
        refuse_unreadable(file, opened.error());
        return false;
    }
    if (opened->document.cipher != FileCipher::none) opening_ = Opening::opened;
    file.delivery.content = std::max(file.delivery.content, opened->content);
    for (JournalLine& entry : lines_about(*opened, file.shown_url))
        journal(std::move(entry));
    file.document = std::move(opened->document);
    file.body = {};
    return true;
}

void PlanRun::refuse_unreadable(const Arrived& file, const Error& error) {
    auto entry = line(JournalKind::file_refused).with("url", file.shown_url);
    entry.with("where", words_for(error.where));
    journal(entry.with("reason", error.detail).with("next", "the configuration stays as it is"));
    conclude(PlanVerdict::refused, file.shown_url + ": " + describe(error));
}

// A key that is a setting of the agent, with a value the setting cannot take, is kept for the
// phone and left out by the agent.
void PlanRun::remark_on_settings(const Arrived& file) {
    for (const KeySetting& row : phone_.profile->key_settings) {
        const Item* item = draft_.find(row.key, Origin::file);
        if (!item || item->value.empty()) continue;
        const SettingForm& form = setting_form(row.setting);
        const std::string value = setting_value(row, item->value);
        if (!value.empty() && check_setting(form, value)) continue;
        const auto& entries = file.document->entries;
        const auto entry = std::ranges::find(entries, row.key, &Entry::key);
        if (entry == entries.end()) continue;  // an earlier file's
        journal(line(JournalKind::file_warning)
                    .with("url", file.shown_url)
                    .with("where", "line " + std::to_string(entry->line))
                    .with("reason", entry->key + " has a value that " + std::string(form.name) +
                                        " cannot take; it stays as it was"));
    }
}

// A document with weaker proof than what is installed may repeat it and change nothing. Empty: it
// may be laid over the draft, which becomes `next`.
std::string PlanRun::why_not_trusted(const Arrived& file, const Generation& next) const {
    const Proof proof = trust_.proof_of(file.delivery);
    if (!pins(phone_.settings) || proof >= trust_.pin().proof || next.same_meaning(draft_))
        return {};
    const std::string installed(proof_name(trust_.pin().proof));
    const bool by_another = file.delivery.by_verified_tls && proof < Proof::tls;
    if (by_another)
        return "it came from " + file.delivery.server.host + ", and the phone is pinned to " +
               trust_.pin().host + " by " + installed + " (trust.pin)";
    return "it came with " + std::string(proof_name(proof)) + ", and what is installed came with " +
           installed + " (trust.pin)";
}

// False: the plan has failed.
bool PlanRun::lay_over(Arrived& file) {
    auto next = overlay(draft_, std::span(&*file.document, 1), Origin::file);
    const std::string reason =
        next ? why_not_trusted(file, *next) : std::string(describe(next.error()));
    if (reason.empty()) {
        draft_ = std::move(*next);
        return true;
    }
    journal(line(JournalKind::file_refused)
                .with("url", file.shown_url)
                .with("reason", reason)
                .with("next", "the configuration stays as it is"));
    conclude(PlanVerdict::refused, file.shown_url + ": " + reason);
    return false;
}

// Something is new: files that were not read because their bytes are known count again, in the
// order of the plan. When all were read on arrival the draft has them already, unless an operator
// has set something since it was drawn.
bool PlanRun::lay_over_all() {
    const auto is_read = [](const Arrived& file) { return file.document.has_value(); };
    if (drawn_from_ == active_->number && std::ranges::all_of(files_, is_read)) return true;
    drawn_from_ = active_->number;
    draft_ = *active_;
    for (Arrived& file : files_) {
        if (!file.document && (lacks_signature(file) || !read(file))) return false;
        if (!lay_over(file)) return false;
    }
    return true;
}

// What an earlier file sets steers the later ones: passwords, user, and the server's path, before
// anything is committed.
void PlanRun::steer(const Arrived& file) {
    const Settings before = std::exchange(settings_, phone_.settings_with(draft_));
    trust_.note_file(file.delivery, before, settings_);
    const auto urls = static_server_urls(settings_);
    if (urls.empty() || urls.front() == static_url_ || !plan_.from_folder) return;
    static_url_ = urls.front();
    auto moved = make_plan(static_url_, default_scheme(phone_.settings), *phone_.profile,
                           phone_.identity, names());
    if (!moved || !moved->from_folder) return;
    for (uint32_t i = next_file_ + 1; i < plan_.files.size(); ++i)
        plan_.files[i] = moved->files[i];
}

// --- the verdict ---------------------------------------------------------------------------------

bool PlanRun::same_files_as_active() const {
    // Files that were part of the active generation and are gone now leave their keys as they
    // are, but what an earlier file says may count again: then the documents decide.
    if (files_.size() != active_->digests.size()) return false;
    return std::ranges::all_of(files_, [this](const Arrived& file) {
        const FileDigest* known = active_->digest(file.digest.role, file.digest.name);
        return known && *known == file.digest;
    });
}

// DHCP option 120 where dhcp.sip_server wants it: one more document of the plan, the last one, so
// that it comes and goes with the plan. In a pass that does not ask DHCP what was installed stays.
// It has no proof of its own: beside a verified configuration it may repeat itself and no more.
// False: the plan has failed.
bool PlanRun::add_sip_server() {
    const std::string_view key = phone_.profile->sip_server_key;
    if (key.empty() || !phone_.settings.flag(Setting::dhcp_sip_server)) return true;
    const Item* item = active_->find(key, Origin::file);
    const bool is_installed = item && active_->digest(option_120_role, key);
    const std::string installed = is_installed ? item->value : std::string();
    const std::string& server = sip_server_.known ? sip_server_.name : installed;
    if (server.empty()) return true;
    const Proof installed_with = trust_.pin().proof;
    const bool pinned = (pins(phone_.settings) && installed_with != Proof::none) ||
                        phone_.settings.flag(Setting::config_require_signature);
    if (pinned && server != installed) {
        journal(line(JournalKind::source_remark)
                    .with("source", source_name(SourceKind::dhcp))
                    .with("reason",
                          "option 120 would change the SIP server of a verified "
                          "configuration and is left out (trust.pin)"));
        return true;
    }
    Arrived file;
    file.planned.role = option_120_role;
    file.planned.name = key;
    file.shown_url = "DHCP option 120";
    file.digest = {file.planned.role, file.planned.name, sha256_of(server)};
    file.delivery.content = pinned ? installed_with : Proof::none;
    file.document.emplace();
    file.document->entries.push_back({std::string(key), server});
    const bool is_known = active_->digest(option_120_role, key) != nullptr && server == installed;
    if (!is_known && !lay_over(file)) return false;
    files_.push_back(std::move(file));
    return true;
}

void PlanRun::end_plan() {
    if (files_.empty()) {
        if (plan_.from_folder && !std::exchange(asked_as_file_, true))
            return begin_plan(one_file_plan(filled_placeholders(source_.url, phone_.identity)));
        if (!withheld_.empty()) return conclude(PlanVerdict::refused, withheld_);
        return conclude(PlanVerdict::absent, "none of the files exists there");
    }
    if (!add_sip_server()) return;
    if (same_files_as_active()) return conclude_unchanged();
    if (!lay_over_all()) return;
    let_files_win(draft_, *active_, *phone_.profile);
    if (draft_.same_meaning(*active_)) return conclude_unchanged();
    propose();
}

// Whoever names a server to a pinned phone could keep it from its own with a file that changes
// nothing.
void PlanRun::conclude_unchanged() {
    const bool is_own = std::ranges::all_of(files_, [this](const Arrived& file) {
        return is_of_own_server(file.delivery, trust_.pin());
    });
    const bool counts = is_own || !pins(phone_.settings);
    conclude(counts ? PlanVerdict::unchanged : PlanVerdict::repeated, {});
}

// Of the files that say anything.
Proof PlanRun::weakest_proof() const {
    Proof weakest = Proof::signed_;
    bool is_said = false;
    for (const Arrived& file : files_) {
        if (file.document->entries.empty() || file.planned.role == option_120_role) continue;
        weakest = std::min(weakest, trust_.proof_of(file.delivery));
        is_said = true;
    }
    return is_said ? weakest : Proof::none;
}

void PlanRun::propose() {
    PlanOutcome outcome{.verdict = PlanVerdict::changed, .opening = opening_};
    Proposal& proposal = outcome.proposal;
    proposal.source = source_;
    const auto best = std::ranges::max_element(
        files_, {}, [this](const Arrived& file) { return trust_.proof_of(file.delivery); });
    proposal.proof = weakest_proof();
    PlanTrust::Installed installed = trust_.installed_by(best->delivery);
    proposal.trust = std::move(installed.trust);
    if (!installed.remark.empty())
        journal(line(JournalKind::trust_moves).with("reason", installed.remark));
    for (Arrived& file : files_) {
        keep_serial(file);
        proposal.digests.push_back(std::move(file.digest));
        proposal.documents.push_back(std::move(*file.document));
    }
    proposal.drawn_from = drawn_from_;
    proposal.draft = std::move(draft_);
    files_.clear();
    finish(std::move(outcome));
}

void PlanRun::conclude(PlanVerdict verdict, std::string reason) {
    awaits_signature_.reset();
    files_.clear();
    draft_ = {};
    failed_ = verdict != PlanVerdict::unchanged;  // a repetition lets the next one have its say
    finish({.verdict = verdict,
            .reason = std::move(reason),
            .retry_after_s = retry_after_s_,
            .opening = opening_,
            .expired = expired_,
            .turned_away_by = turned_away_by_});
}

}  // namespace dialtone
