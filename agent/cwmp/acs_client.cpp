// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/cwmp/acs_choice.h"
#include "agent/cwmp/connection_request.h"
#include "agent/cwmp/retry_wait.h"
#include "agent/cwmp/session.h"
#include "agent/cwmp/stun_client.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

class Client final : public AcsClient {
  public:
    Client(RequestIds& ids, PhoneFacts& phone, const WallClock& clock, const Record& record,
           const Generation& active)
        : AcsClient(ids),
          phone_(phone),
          clock_(clock),
          record_(record),
          session_(ids, phone, clock, active),
          connection_requests_(ids, phone),
          stun_(ids, phone, clock) {
        drives(session_);
        drives(connection_requests_);
        drives(stun_);
    }

    void go_online(Instant now) override;
    void take_settings(Instant now) override;
    void forget() override;
    const AcsMemory& memory() const override { return memory_; }
    const std::optional<Deferred>& ordered() const override { return ordered_; }
    void take_order() override { ordered_.reset(); }
    AcsStanding standing() const override;
    bool take_rediscovery() override { return std::exchange(rediscovers_, false); }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    const std::string& url() const { return choice_.server.url; }
    // There is an ACS, and it may do more than hear of the phone.
    bool has_say() const { return !url().empty() && !choice_.only_inform; }
    void take_choice(AcsChoice choice);
    bool may_begin() const;
    bool is_new_to(const std::string& url) const;
    std::vector<InformEvent> events() const;
    void plan_period(Instant now);
    void look(Instant now);
    void begin(Instant now);
    void connection_requested(Instant now);
    void take_session(Instant now, SessionOutcome&& outcome);
    void take_informed();
    void take_deferred(Deferred&& deferred);
    RetryTable waits() const;
    void back_off(Instant now, SessionOutcome&& outcome);

    PhoneFacts& phone_;
    const WallClock& clock_;
    const Record& record_;
    Session session_;
    ConnectionRequests connection_requests_;
    StunClient stun_;
    AcsMemory memory_ = {};
    bool loaded_ = false;  // memory_ is what the record says, or newer
    bool online_ = false;
    AcsChoice choice_ = {};   // its URL is empty: there is no ACS, or it is not to be spoken to
    bool boot_ = true;        // 1 BOOT waits
    bool periodic_ = false;   // 2 PERIODIC waits
    bool requested_ = false;  // 6 CONNECTION REQUEST waits
    bool wanted_ = false;     // something new is to be told, at once
    uint32_t failures_ = 0;   // sessions in a row
    bool rediscovers_ = false;
    bool spoken_ = false;       // a session with this ACS has ended, well or not
    std::string failure_ = {};  // why the last one failed
    std::optional<Instant> retry_due_ = {};
    uint32_t interval_s_ = 0;  // 0: no periodic reports
    std::optional<Instant> period_due_ = {};
    std::optional<Deferred> ordered_ = {};
    // Of the session under way: whom it speaks to, and how many of memory_.events it tells.
    std::string told_url_ = {};
    bool told_no_more_ = false;  // than an Inform, as it has no say
    uint32_t told_events_ = 0;
    bool told_periodic_ = false;
};

// --- what comes from the agent -------------------------------------------------------------------

void Client::go_online(Instant now) {
    if (std::exchange(online_, true)) return;
    wanted_ = true;
    plan_period(now);
    look(now);
}

void Client::take_settings(Instant now) {
    if (!std::exchange(loaded_, true)) memory_ = record_.acs;
    const Settings& settings = phone_.settings;
    take_choice(choose_acs(phone_, clock_, record_.trust));
    const bool is_periodic = settings.flag(Setting::tr069_periodic_enable);
    const uint32_t interval_s = is_periodic ? settings.number(Setting::tr069_periodic_interval) : 0;
    if (interval_s != std::exchange(interval_s_, interval_s)) period_due_.reset();
    plan_period(now);
    connection_requests_.take_settings(now, has_say() && !phone_.once);
    stun_.take_settings(now, has_say() && !phone_.once);
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
    // Another ACS learns of the phone as it is now (TR-069 3.7.1.5, 0 BOOTSTRAP). What was to be
    // told waits while it is one that has no say.
    if (!wanted_ || choice_.only_inform || !is_new_to(url())) return;
    periodic_ = false;
    memory_.events.clear();
    told_events_ = 0;
}

void Client::forget() {
    memory_ = {};
    periodic_ = false;
    wanted_ = true;
}

void Client::handle(Instant now, const Event& event) {
    session_.handle(now, event);
    if (auto outcome = session_.take_outcome()) take_session(now, std::move(*outcome));
    connection_requests_.handle(now, event);
    if (connection_requests_.take_outcome()) connection_requested(now);
    stun_.handle(now, event);
    if (stun_.take_outcome()) connection_requested(now);
    look(now);
}

std::optional<Instant> Client::deadline() const {
    if (may_begin() && wanted_) return Instant{};  // at once
    auto due =
        earlier(session_.deadline(), earlier(connection_requests_.deadline(), stun_.deadline()));
    if (online_ && !url().empty()) due = earlier(due, period_due_);
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

// The ACS has asked for a session. During one it gets another one afterwards, however often it asks
// until then; it is told before any wait after a failed one is over (TR-069 3.2.2.2).
void Client::connection_requested(Instant now) {
    requested_ = wanted_ = true;
    look(now);
}

// --- when a session begins -----------------------------------------------------------------------

bool Client::may_begin() const {
    return online_ && phone_.link_up && !url().empty() && !session_.busy() && !ordered_;
}

bool Client::is_new_to(const std::string& url) const {
    return memory_.bootstrapped != sha256_of(url);
}

// The phase of the reports is drawn: phones that got power together must not report together.
void Client::plan_period(Instant now) {
    if (!online_ || url().empty() || interval_s_ == 0) return period_due_.reset();
    if (period_due_) return;
    const uint64_t interval_ms = uint64_t{interval_s_} * 1000;
    period_due_ = now + 1 + phone_.rng.below(static_cast<uint32_t>(interval_ms));
}

void Client::look(Instant now) {
    if (period_due_ && *period_due_ <= now) {
        const uint64_t interval_ms = uint64_t{interval_s_} * 1000;
        period_due_ = *period_due_ + (now.since(*period_due_) / interval_ms + 1) * interval_ms;
        periodic_ = wanted_ = true;
    }
    if (!may_begin()) return;
    const bool retries = retry_due_ && *retry_due_ <= now;
    if (wanted_ || retries) begin(now);
}

// In the order of their codes.
std::vector<InformEvent> Client::events() const {
    std::vector<InformEvent> out;
    if (is_new_to(url())) out.push_back({.code = "0 BOOTSTRAP"});
    if (boot_) out.push_back({.code = "1 BOOT"});
    if (periodic_) out.push_back({.code = "2 PERIODIC"});
    if (requested_) out.push_back({.code = "6 CONNECTION REQUEST"});
    if (choice_.only_inform) return out;
    for (const AcsEvent& event : memory_.events)
        out.push_back({.code = "M Reboot", .command_key = event.command_key});
    return out;
}

void Client::begin(Instant now) {
    wanted_ = false;
    retry_due_.reset();
    choice_ = choose_acs(phone_, clock_, record_.trust);
    SessionRequest request{.server = choice_.server,
                           .events = events(),
                           .retry_count = failures_,
                           .only_inform = choice_.only_inform};
    if (request.events.empty()) return;
    told_url_ = url();
    told_no_more_ = choice_.only_inform;
    told_events_ = static_cast<uint32_t>(memory_.events.size());
    told_periodic_ = periodic_;
    requested_ = false;  // it is told once, even if the session fails (TR-069 3.7.1.5)
    std::string words;
    for (const InformEvent& event : request.events)
        (words += words.empty() ? "" : ", ") += event.code;
    JournalLine entry = line(JournalKind::acs_inform);
    entry.with("url", masked_url(url(), Scheme::http)).with("events", words);
    if (!choice_.named_by.empty()) entry.with("server", choice_.named_by);
    if (failures_ > 0) entry.with("try", failures_ + 1);
    journal(std::move(entry));
    session_.start(now, std::move(request));
    if (auto outcome = session_.take_outcome()) take_session(now, std::move(*outcome));
}

// --- what a session came to ----------------------------------------------------------------------

void Client::take_session(Instant now, SessionOutcome&& outcome) {
    spoken_ = true;
    failure_ = outcome.reason;
    if (outcome.informed && !told_no_more_) take_informed();
    if (outcome.deferred.reboot || outcome.deferred.factory_reset)
        take_deferred(std::move(outcome.deferred));
    if (!outcome.ended_well) return back_off(now, std::move(outcome));
    failures_ = 0;
    journal(line(JournalKind::acs_session)
                .with("url", outcome.shown_url)
                .with("calls", outcome.calls)
                .with("next", told_no_more_ ? "it has no say: tr069.acs_url makes it the phone's"
                              : !ordered_   ? ""
                              : ordered_->factory_reset ? "it ordered a factory reset"
                                                        : "it ordered a restart"));
}

// Nothing of what the ACS has heard is told again.
void Client::take_informed() {
    boot_ = false;
    if (told_periodic_) periodic_ = false;
    memory_.bootstrapped = sha256_of(told_url_);
    const auto told = std::min<uint64_t>(told_events_, memory_.events.size());
    memory_.events.erase(memory_.events.begin(),
                         memory_.events.begin() + static_cast<int64_t>(told));
}

// A reset takes everything along, the restart's event too.
void Client::take_deferred(Deferred&& deferred) {
    if (deferred.reboot && !deferred.factory_reset) {
        if (memory_.events.size() == limits::cwmp_events_kept)
            memory_.events.erase(memory_.events.begin());
        memory_.events.push_back({AcsEventCode::reboot_method, deferred.command_key});
    }
    ordered_ = std::move(deferred);
}

// Those that DHCP named beside the ACS count for it.
RetryTable Client::waits() const {
    RetryTable table;
    const AcsNews& news = choice_.news;
    if (news.retry_minimum_s != 0) table.minimum_s = news.retry_minimum_s;
    if (news.retry_multiplier != 0) table.multiplier = news.retry_multiplier;
    return table;
}

// A session that failed after its Inform was taken has nothing left to tell, and waits for the next
// event.
void Client::back_off(Instant now, SessionOutcome&& outcome) {
    JournalLine entry = line(JournalKind::acs_failed);
    entry.with("url", outcome.shown_url).with("reason", outcome.reason);
    if (!events().empty()) {
        ++failures_;
        const bool often = failures_ % limits::cwmp_rediscovery_failures == 0;
        rediscovers_ = often && !choice_.named_by.empty();
        const WaitRange range = retry_wait(waits(), failures_);
        const uint64_t drawn_ms = phone_.rng.between(range.from_ms, range.to_ms);
        const uint64_t wait_ms = std::max(drawn_ms, uint64_t{outcome.retry_after_s} * 1000);
        retry_due_ = now + wait_ms;
        entry.with("wait_s", (wait_ms + 999) / 1000);
    }
    journal(std::move(entry));
}

}  // namespace

std::unique_ptr<AcsClient> make_acs_client(RequestIds& ids, PhoneFacts& phone,
                                           const WallClock& clock, const Record& record,
                                           const Generation& active) {
    return std::make_unique<Client>(ids, phone, clock, record, active);
}

}  // namespace dialtone
