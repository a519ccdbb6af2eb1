// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_client.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "agent/cwmp/acs_choice.h"
#include "agent/cwmp/acs_events.h"
#include "agent/cwmp/acs_transfers.h"
#include "agent/cwmp/connection_request.h"
#include "agent/cwmp/date_time.h"
#include "agent/cwmp/retry_wait.h"
#include "agent/cwmp/session.h"
#include "agent/cwmp/stun_client.h"
#include "agent/cwmp/voice_report.h"
#include "agent/cwmp/waiting_call.h"
#include "agent/cwmp/watch.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

// Where the model keeps what the ACS has said of how often it wants to hear.
constexpr std::string_view throttle_key = "ManagementServer.DefaultActiveNotificationThrottle";
constexpr std::string_view udp_limit_key =
    "ManagementServer.UDPConnectionRequestAddressNotificationLimit";
constexpr std::string_view udp_address_name = "ManagementServer.UDPConnectionRequestAddress";

class Client final : public AcsClient {
  public:
    Client(RequestIds& ids, PhoneFacts& phone, const WallClock& clock, const Record& record,
           const Generation& active)
        : AcsClient(ids),
          phone_(phone),
          clock_(clock),
          record_(record),
          active_(active),
          events_(clock),
          transfers_(ids, phone, clock, record, active, events_.transfers()),
          session_(ids, phone, clock, active, events_.memory(), &transfers_.queue()),
          call_(session_, events_, transfers_.queue(), record),
          connection_requests_(ids, phone),
          stun_(ids, phone, clock) {
        drives(session_);
        drives(transfers_);
        drives(connection_requests_);
        drives(stun_);
    }

    void go_online(Instant now) override;
    void take_settings(Instant now) override;
    void forget() override;
    bool restart_comes() override;
    void connection_requested(Instant now) override;
    Status take_voice(Instant now, std::string_view report) override;
    void provisioned(Instant now, std::string_view url) override {
        transfers_.provisioned(now, url);
    }
    const AcsMemory& memory() const override { return events_.memory(); }
    void memory_kept(Instant now, bool kept, std::string_view reason) override;
    bool has_change() const override { return call_.has_change(); }
    AcsChange take_change() override { return call_.take_change(told_url_, session_number_); }
    void change_done(Instant now, AcsChangeOutcome outcome) override;
    void all_told(Instant now) override;
    bool is_changing() const override { return session_.has_changed(); }
    bool take_vouch() override;
    TransferPort& transfers() override { return transfers_.port(); }
    const std::optional<Deferred>& ordered() const override { return ordered_; }
    void take_order() override { ordered_.reset(); }
    AcsStanding standing() const override;
    ModelListing list_model(Instant now, std::string_view path, uint32_t first) const override {
        return dialtone::list_model(facts(now), memory(), path, first);
    }
    bool take_rediscovery() override { return std::exchange(rediscovers_, false); }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    ModelFacts facts(Instant now) const { return {phone_, clock_, now, active_}; }
    const std::string& url() const { return choice_.server.url; }
    // There is an ACS, and it may do more than hear of the phone.
    bool has_say() const { return !url().empty() && !choice_.only_inform; }
    void take_choice(AcsChoice choice);
    void take_period(Instant now);
    void look_at_reach(Instant now);
    Proof installed_proof() const;
    bool may_begin() const;
    void plan_period(Instant now);
    void look(Instant now);
    void look_for_changes(Instant now);
    ChangedValues changes(Instant now) const;
    Instant change_may_be_told(std::string_view path) const;
    uint32_t kept_seconds(std::string_view key) const;
    std::vector<InformEvent> events(const ChangedValues& changed) const;
    void begin(Instant now);
    RetryTable waits() const;
    void follow_session(Instant now);
    void take_informed(Instant now);
    void take_session(Instant now, SessionOutcome&& outcome);
    void write_good_end(Instant now, const SessionOutcome& outcome);
    void take_deferred(Deferred&& deferred);
    void back_off(Instant now, SessionOutcome&& outcome);

    void take_pending(Instant now, PendingCall&& call);
    void take_record(bool kept);

    PhoneFacts& phone_;
    const WallClock& clock_;
    const Record& record_;
    const Generation& active_;
    AcsEvents events_;
    AcsTransfers transfers_;
    Session session_;
    WaitingCall call_;
    ConnectionRequests connection_requests_;
    StunClient stun_;
    bool loaded_ = false;  // events_ has what the record says, or newer
    bool online_ = false;
    AcsChoice choice_ = {};  // its URL is empty: there is no ACS, or it is not to be spoken to
    bool wanted_ = false;    // something new is to be told, at once
    uint32_t failures_ = 0;  // sessions in a row
    bool rediscovers_ = false;
    uint16_t seen_port_ = 0;  // of phone_.acs_reach
    std::string seen_udp_address_ = {};
    bool spoken_ = false;       // a session with this ACS has ended, well or not
    std::string failure_ = {};  // why the last one failed
    std::optional<Instant> retry_due_ = {};
    uint32_t interval_s_ = 0;  // 0: no periodic reports
    std::string reference_ = {};
    std::optional<Instant> period_due_ = {};
    std::optional<Instant> changes_due_ = {};    // of values, which were told a moment ago
    std::optional<Instant> change_told_ = {};    // by the last session that told one
    std::optional<Instant> udp_told_ = {};       // of UDPConnectionRequestAddress
    std::vector<WatchedValue> told_below_ = {};  // of objects that are watched as one
    std::vector<WatchedValue> sent_below_ = {};  // by the session under way
    std::optional<Deferred> ordered_ = {};
    // Of the session under way.
    uint32_t session_number_ = 0;
    std::string told_url_ = {};
    bool told_no_more_ = false;  // than an Inform, as it has no say
    std::vector<WatchedValue> told_values_ = {};
    uint32_t told_generation_ = 0;  // active when it began
    bool told_ = false;             // its Inform was taken
    bool told_restart_ = false;     // what it has ordered is an event already, or carried out
    // The generation that the ACS was heard with; 0: it was not.
    uint32_t vouched_ = 0;
};

// --- what comes from the agent -------------------------------------------------------------------

void Client::go_online(Instant now) {
    if (std::exchange(online_, true)) return;
    wanted_ = true;
    events_.aim(now);
    transfers_.queue().aim(now);
    plan_period(now);
    look(now);
}

void Client::take_settings(Instant now) {
    if (!std::exchange(loaded_, true)) {
        events_.load(now, record_.acs);
        transfers_.queue().load(now);
    }
    take_choice(choose_acs(phone_, clock_, record_.trust));
    // The configuration from before the trial asks the ACS in turn, at once.
    if (record_.trial == TrialState::returning && record_.acs_trial.under_way &&
        told_generation_ != record_.active) {
        failures_ = 0;
        transfers_.queue().rolled_back();
        wanted_ = !url().empty();
    }
    take_period(now);
    connection_requests_.take_settings(now, has_say() && !phone_.once);
    stun_.take_settings(now, has_say() && !phone_.once);
    look_for_changes(now);
    look(now);
}

void Client::take_choice(AcsChoice choice) {
    if (!choice.news.remark.empty() && choice.news.remark != choice_.news.remark)
        journal(line(JournalKind::source_remark)
                    .with("source", source_name(SourceKind::dhcp))
                    .with("reason", choice.news.remark));
    const bool is_other = choice.server.url != url();
    choice_ = std::move(choice);
    if (!is_other) return;
    failures_ = 0;
    spoken_ = false;
    retry_due_.reset();
    wanted_ = !url().empty();
}

void Client::take_period(Instant now) {
    const Settings& settings = phone_.settings;
    const bool is_periodic = settings.flag(Setting::tr069_periodic_enable);
    const uint32_t interval_s = is_periodic ? settings.number(Setting::tr069_periodic_interval) : 0;
    std::string reference(settings.get(Setting::tr069_periodic_time));
    const bool is_other = interval_s != interval_s_ || reference != reference_;
    interval_s_ = interval_s;
    reference_ = std::move(reference);
    if (is_other) period_due_.reset();
    plan_period(now);
}

void Client::forget() {
    transfers_.queue().forget();
    events_.forget();
    wanted_ = true;
}

// The answer may have gone out; the order is none any more when the phone is back.
bool Client::restart_comes() {
    const Deferred order = ordered_          ? *ordered_
                           : session_.busy() ? session_.deferred()
                                             : Deferred{};
    if (told_restart_ || !(order.reboot || order.factory_reset)) return false;
    told_restart_ = true;
    // A session that is over has made an event of it.
    if (!order.factory_reset && !ordered_) events_.add_restart(order.command_key);
    if (order.factory_reset) ordered_.reset();
    return order.factory_reset;
}

void Client::connection_requested(Instant now) {
    events_.add_knock();
    wanted_ = true;
    look(now);
}

Status Client::take_voice(Instant now, std::string_view report) {
    phone_.voice = TRY(with_voice_report(phone_.voice, report));
    look_for_changes(now);
    look(now);
    return {};
}

void Client::handle(Instant now, const Event& event) {
    session_.handle(now, event);
    follow_session(now);
    call_.check(now);
    follow_session(now);
    transfers_.handle(now, event);
    connection_requests_.handle(now, event);
    if (connection_requests_.take_outcome()) connection_requested(now);
    stun_.handle(now, event);
    if (stun_.take_outcome()) connection_requested(now);
    look_at_reach(now);
    if (std::holds_alternative<LinkChanged>(event)) look_for_changes(now);
    look(now);
}

// Where the ACS may ask for a session is a value like others.
void Client::look_at_reach(Instant now) {
    const AcsReach& reach = phone_.acs_reach;
    if (reach.http_port == seen_port_ && reach.udp_address == seen_udp_address_) return;
    seen_port_ = reach.http_port;
    seen_udp_address_ = reach.udp_address;
    look_for_changes(now);
}

std::optional<Instant> Client::deadline() const {
    if (may_begin() && wanted_) return Instant{};  // at once
    auto due = earlier(session_.deadline(), call_.deadline());
    due = earlier(due, transfers_.deadline());
    due = earlier(due, earlier(connection_requests_.deadline(), stun_.deadline()));
    due = earlier(due, changes_due_);
    if (online_ && !url().empty()) due = earlier(due, earlier(period_due_, events_.next_due()));
    return may_begin() ? earlier(due, retry_due_) : due;
}

AcsStanding Client::standing() const {
    if (!has_say()) return {};
    AcsStanding standing = {.shown_url = masked_url(url(), Scheme::http)};
    standing.contact = session_.busy() || wanted_ || !spoken_ ? AcsContact::awaited
                       : failures_ > 0                        ? AcsContact::failed
                                                              : AcsContact::well;
    if (standing.contact == AcsContact::failed) standing.reason = failure_;
    return standing;
}

// --- when a session begins -----------------------------------------------------------------------

bool Client::may_begin() const {
    return online_ && phone_.link_up && !url().empty() && !session_.busy() && !ordered_ &&
           !connection_requests_.is_opening();
}

// By tr069.periodic_time, or else drawn: phones that got power together must not report together.
void Client::plan_period(Instant now) {
    if (!online_ || url().empty() || interval_s_ == 0) return period_due_.reset();
    if (period_due_) return;
    const uint64_t interval_ms = uint64_t{interval_s_} * 1000;
    const auto reference_s = read_date_time(reference_);
    if (!reference_s || !clock_.believed()) {
        period_due_ = now + 1 + phone_.rng.below(static_cast<uint32_t>(interval_ms));
        return;
    }
    const WallSeconds into_s = (clock_.at(now) - *reference_s) % WallSeconds{interval_s_};
    const WallSeconds left_s = into_s < 0 ? -into_s : interval_s_ - into_s;
    period_due_ = now + static_cast<uint64_t>(left_s) * 1000;
}

void Client::look(Instant now) {
    if (period_due_ && *period_due_ <= now) {
        const uint64_t interval_ms = uint64_t{interval_s_} * 1000;
        period_due_ = *period_due_ + (now.since(*period_due_) / interval_ms + 1) * interval_ms;
        events_.add_report();
        wanted_ = true;
    }
    if (online_ && !url().empty() && events_.take_due(now)) wanted_ = true;
    if (changes_due_ && *changes_due_ <= now) look_for_changes(now);
    const bool retries = retry_due_ && *retry_due_ <= now;
    if (may_begin() && (wanted_ || retries)) begin(now);
    // A transfer waits for the end of the session; one that is under way keeps no session waiting.
    const bool may_transfer = may_begin() && has_say() && !wanted_;
    transfers_.look(now, may_transfer, phone_.voice);
}

// Those of the ACS's own are none.
void Client::look_for_changes(Instant now) {
    if (call_.is_submitted()) events_.set_memory(call_.memory_with_change());
    if (!online_) return;
    changes_due_.reset();
    for (const std::string& path : changes(now).active) {
        const Instant due = change_may_be_told(path);
        if (due <= now) wanted_ = true;
        changes_due_ = earlier(changes_due_, due);
    }
    if (wanted_) changes_due_.reset();
}

ChangedValues Client::changes(Instant now) const {
    return changed_values(memory(), facts(now), told_below_);
}

// ManagementServer.DefaultActiveNotificationThrottle bounds how often changes begin a session, and
// UDPConnectionRequestAddressNotificationLimit how often that address does (Annex G.2.1.2). A
// session that begins for another reason tells them all the same.
Instant Client::change_may_be_told(std::string_view path) const {
    const auto after = [this](std::optional<Instant> told, std::string_view key) {
        return told ? *told + uint64_t{kept_seconds(key)} * 1000 : Instant{};
    };
    const Instant due = after(change_told_, throttle_key);
    return path.ends_with(udp_address_name) ? std::max(due, after(udp_told_, udp_limit_key)) : due;
}

uint32_t Client::kept_seconds(std::string_view key) const {
    uint32_t seconds = 0;
    const Item* const item = active_.find(key);
    if (item != nullptr)
        std::from_chars(item->value.data(), item->value.data() + item->value.size(), seconds);
    return seconds;
}

std::vector<InformEvent> Client::events(const ChangedValues& changed) const {
    if (choice_.only_inform) return {{.code = "0 BOOTSTRAP"}, {.code = "1 BOOT"}};
    std::vector<std::string> others;
    if (!changed.paths.empty()) others.emplace_back("4 VALUE CHANGE");
    auto out = events_.waiting(url(), others);
    transfers_.add_events(out, events_.is_new_to(url()));
    const bool is_trial = record_.trial != TrialState::none && record_.acs_trial.under_way;
    const bool asks = std::ranges::any_of(out, [](const InformEvent& one) {
        return one.code == "0 BOOTSTRAP" || one.code == "1 BOOT";
    });
    if (is_trial && !asks) out.push_back({.code = "X " + device_id(phone_).oui + " TRIAL"});
    return out;
}

// Of what the phone has; with trust.pin off it asks for nothing.
Proof Client::installed_proof() const {
    const bool pins = phone_.settings.get(Setting::trust_pin) != "0";
    return pins ? record_.trust.pin.proof : Proof::none;
}

void Client::begin(Instant now) {
    wanted_ = false;
    retry_due_.reset();
    choice_ = choose_acs(phone_, clock_, record_.trust);
    const bool is_new = events_.is_new_to(url());
    if (is_new) transfers_.meet_new_acs();
    ChangedValues changed;
    if (!choice_.only_inform) changed = changes(now);
    SessionRequest request{.server = choice_.server,
                           .events = events(changed),
                           .retry_count = failures_,
                           .requests = transfers_.requests(is_new),
                           .only_inform = choice_.only_inform,
                           .is_named_by_dhcp = !choice_.named_by.empty(),
                           .installed = installed_proof()};
    if (request.events.empty()) return;
    changes_due_.reset();
    for (const std::string& path : changed.active) {
        change_told_ = now;
        if (path.ends_with(udp_address_name)) udp_told_ = now;
    }
    request.changed = std::move(changed.paths);
    ++session_number_;
    told_url_ = url();
    told_no_more_ = choice_.only_inform;
    told_ = told_restart_ = false;
    told_generation_ = record_.active;
    told_values_ = watched_now(memory(), facts(now));
    sent_below_ = values_below(memory(), facts(now));
    if (!told_no_more_) events_.begin(url());
    std::string words;
    for (const InformEvent& event : request.events)
        (words += words.empty() ? "" : ", ") += event.code;
    JournalLine entry = line(JournalKind::acs_inform);
    entry.with("url", masked_url(url(), Scheme::http)).with("events", words);
    entry.with("id", inform_id);
    if (!choice_.named_by.empty()) entry.with("server", choice_.named_by);
    if (failures_ > 0) entry.with("try", failures_ + 1);
    journal(std::move(entry));
    session_.start(now, std::move(request));
    follow_session(now);
}

// --- what a session comes to ---------------------------------------------------------------------

void Client::follow_session(Instant now) {
    if (session_.informed() && !told_ && !told_no_more_) take_informed(now);
    for (const OwnAnswer& answer : session_.take_answers())
        transfers_.take_answer(now, answer);
    if (auto call = session_.take_pending()) take_pending(now, std::move(*call));
    if (auto outcome = session_.take_outcome()) take_session(now, std::move(*outcome));
}

void Client::take_informed(Instant now) {
    told_ = true;
    told_below_ = std::move(sent_below_);
    if (events_.is_new_to(told_url_)) transfers_.drop_orders(now);
    events_.take_informed(now, told_values_);
    if (record_.acs_trial.under_way && told_generation_ == record_.active)
        vouched_ = record_.active;
}

// What was changed, and not the way to the ACS, is confirmed by a good end. Else the ACS has to be
// reached anew, in another session.
void Client::take_session(Instant now, SessionOutcome&& outcome) {
    spoken_ = true;
    failure_ = outcome.reason;
    if (outcome.informed && !told_ && !told_no_more_) take_informed(now);
    call_.session_is_over();
    if (outcome.deferred.reboot || outcome.deferred.factory_reset)
        take_deferred(std::move(outcome.deferred));
    const bool is_good = outcome.ended_well && !outcome.touched_acs_way;
    if (outcome.changed && is_good) vouched_ = record_.active;
    if (outcome.changed && outcome.ended_well && !is_good) wanted_ = true;
    if (!outcome.ended_well) return back_off(now, std::move(outcome));
    failures_ = 0;
    write_good_end(now, outcome);
}

void Client::write_good_end(Instant now, const SessionOutcome& outcome) {
    JournalLine entry = line(JournalKind::acs_session);
    entry.with("url", outcome.shown_url).with("calls", outcome.calls);
    if (outcome.unwritten > 0) entry.with("unwritten", outcome.unwritten);
    if (told_no_more_) {
        entry.with("next", "it has no say: tr069.acs_url makes it the phone's");
    } else if (ordered_) {
        entry.with("next",
                   ordered_->factory_reset ? "it ordered a factory reset" : "it ordered a restart");
    } else if (period_due_ && *period_due_ > now) {
        entry.with("wait_s", (period_due_->since(now) + 999) / 1000);
    }
    journal(std::move(entry));
}

// A reset takes everything along, the restart's event too; one that came before another restart is
// over.
void Client::take_deferred(Deferred&& deferred) {
    if (deferred.factory_reset && told_restart_) return;
    const bool is_event = deferred.reboot && !deferred.factory_reset && !told_restart_;
    if (is_event) events_.add_restart(deferred.command_key);
    ordered_ = std::move(deferred);
}

// Those that DHCP named beside the ACS count for it, unless somebody has set others.
RetryTable Client::waits() const {
    const Settings& settings = phone_.settings;
    const AcsNews& news = choice_.news;
    const auto value = [&settings](Setting setting, uint32_t named) {
        const bool is_set = settings.layer_of(setting) != Layer::initial;
        return named == 0 || is_set ? settings.number(setting) : named;
    };
    return {.minimum_s = value(Setting::tr069_retry_minimum, news.retry_minimum_s),
            .multiplier = value(Setting::tr069_retry_multiplier, news.retry_multiplier)};
}

// A session that failed after its Inform was taken has nothing left to tell, and waits for the next
// event.
void Client::back_off(Instant now, SessionOutcome&& outcome) {
    JournalLine entry = line(JournalKind::acs_failed);
    entry.with("url", outcome.shown_url).with("message", outcome.message);
    entry.with("reason", outcome.reason);
    if (outcome.unwritten > 0) entry.with("unwritten", outcome.unwritten);
    if (!told_no_more_) events_.take_failure();
    if (!events(changes(now)).empty()) {
        ++failures_;
        const bool often = failures_ % limits::cwmp_rediscovery_failures == 0;
        rediscovers_ = often && !choice_.named_by.empty();
        const WaitRange range = retry_wait(waits(), failures_);
        const uint64_t drawn_ms = phone_.rng.between(range.from_ms, range.to_ms);
        const uint64_t wait_ms = std::max(drawn_ms, uint64_t{outcome.retry_after_s} * 1000);
        retry_due_ = now + wait_ms;
        entry.with("wait_s", (wait_ms + 999) / 1000);
    } else {
        entry.with("next", "the Inform was taken, so the phone waits for the next event");
    }
    journal(std::move(entry));
}

bool Client::take_vouch() {
    const uint32_t generation = std::exchange(vouched_, 0);
    return generation != 0 && generation == record_.active && record_.acs_trial.under_way;
}

// --- what a call changes -------------------------------------------------------------------------

void Client::take_pending(Instant now, PendingCall&& call) {
    const auto* const cancel = std::get_if<CancelCall>(&call);
    const bool watches_others = std::holds_alternative<AttributesCall>(call);
    if (cancel != nullptr && !transfers_.stop(now, cancel->command_key)) {
        call_.refuse(now, cpe_fault::cancelation_not_permitted,
                     "the transfer is past what can be undone");
    } else {
        call_.take(now, std::move(call));
    }
    if (watches_others) told_below_ = values_below(memory(), facts(now));
    follow_session(now);
}

void Client::memory_kept(Instant now, bool kept, std::string_view reason) {
    call_.memory_kept(now, kept, reason);
    take_record(kept);
    follow_session(now);
}

// It may be so late that its session is over; then a new one tells the ACS of the trial.
void Client::change_done(Instant now, AcsChangeOutcome outcome) {
    const bool is_done = outcome.fault == 0;
    if (call_.change_done(now, std::move(outcome), facts(now))) wanted_ = true;
    if (is_done) told_below_ = values_below(memory(), facts(now));
    take_record(true);
    follow_session(now);
}

void Client::all_told(Instant now) {
    call_.all_told(now);
    follow_session(now);
}

// What is done is told once it is durable: a cut in between tells nothing else.
void Client::take_record(bool kept) {
    if (transfers_.queue().take_record(record_.acs.transfers, kept)) wanted_ = true;
}

}  // namespace

std::unique_ptr<AcsClient> make_acs_client(RequestIds& ids, PhoneFacts& phone,
                                           const WallClock& clock, const Record& record,
                                           const Generation& active) {
    return std::make_unique<Client>(ids, phone, clock, record, active);
}

}  // namespace dialtone
