// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/cwmp/retry_wait.h"
#include "agent/cwmp/session.h"
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
          session_(ids, phone, clock, active) {
        drives(session_);
    }

    void go_online(Instant now) override;
    void take_settings(Instant now) override;
    void forget() override;
    const AcsMemory& memory() const override { return memory_; }
    const std::optional<Deferred>& ordered() const override { return ordered_; }
    void take_order() override { ordered_.reset(); }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    bool may_begin() const;
    bool is_new_to(const std::string& url) const;
    std::vector<InformEvent> events() const;
    void plan_period(Instant now);
    void look(Instant now);
    void begin(Instant now);
    AcsServer server() const;
    void take_session(Instant now, SessionOutcome&& outcome);
    void take_informed();
    void take_deferred(Deferred&& deferred);
    void back_off(Instant now, SessionOutcome&& outcome);

    PhoneFacts& phone_;
    const WallClock& clock_;
    const Record& record_;
    Session session_;
    AcsMemory memory_ = {};
    bool loaded_ = false;  // memory_ is what the record says, or newer
    bool online_ = false;
    std::string url_ = {};   // of the ACS; empty: there is none, or it is not to be spoken to
    bool boot_ = true;       // 1 BOOT waits
    bool periodic_ = false;  // 2 PERIODIC waits
    bool wanted_ = false;    // something new is to be told, at once
    uint32_t failures_ = 0;  // sessions in a row
    std::optional<Instant> retry_due_ = {};
    uint32_t interval_s_ = 0;  // 0: no periodic reports
    std::optional<Instant> period_due_ = {};
    std::optional<Deferred> ordered_ = {};
    // Of the session under way: whom it speaks to, and how many of memory_.events it tells.
    std::string told_url_ = {};
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
    const bool enabled = settings.flag(Setting::tr069_enabled);
    std::string url(enabled ? settings.get(Setting::tr069_acs_url) : std::string_view());
    if (url != url_) {
        url_ = std::move(url);
        failures_ = 0;
        retry_due_.reset();
        wanted_ = !url_.empty();
        // Another ACS learns of the phone as it is now (TR-069 3.7.1.5, 0 BOOTSTRAP).
        if (wanted_ && is_new_to(url_)) {
            periodic_ = false;
            memory_.events.clear();
            told_events_ = 0;
        }
    }
    const bool is_periodic = settings.flag(Setting::tr069_periodic_enable);
    const uint32_t interval_s = is_periodic ? settings.number(Setting::tr069_periodic_interval) : 0;
    if (interval_s != std::exchange(interval_s_, interval_s)) period_due_.reset();
    plan_period(now);
    look(now);
}

void Client::forget() {
    memory_ = {};
    periodic_ = false;
    wanted_ = true;
}

void Client::handle(Instant now, const Event& event) {
    session_.handle(now, event);
    if (auto outcome = session_.take_outcome()) take_session(now, std::move(*outcome));
    look(now);
}

std::optional<Instant> Client::deadline() const {
    if (may_begin() && wanted_) return Instant{};  // at once
    auto due = session_.deadline();
    if (online_ && !url_.empty()) due = earlier(due, period_due_);
    return may_begin() ? earlier(due, retry_due_) : due;
}

// --- when a session begins -----------------------------------------------------------------------

bool Client::may_begin() const {
    return online_ && phone_.link_up && !url_.empty() && !session_.busy() && !ordered_;
}

bool Client::is_new_to(const std::string& url) const {
    return memory_.bootstrapped != sha256_of(url);
}

// The phase of the reports is drawn: phones that got power together must not report together.
void Client::plan_period(Instant now) {
    if (!online_ || url_.empty() || interval_s_ == 0) return period_due_.reset();
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
    if (is_new_to(url_)) out.push_back({.code = "0 BOOTSTRAP"});
    if (boot_) out.push_back({.code = "1 BOOT"});
    if (periodic_) out.push_back({.code = "2 PERIODIC"});
    for (const AcsEvent& event : memory_.events)
        out.push_back({.code = "M Reboot", .command_key = event.command_key});
    return out;
}

void Client::begin(Instant now) {
    wanted_ = false;
    retry_due_.reset();
    SessionRequest request{.server = server(), .events = events(), .retry_count = failures_};
    if (request.events.empty()) return;
    told_url_ = url_;
    told_events_ = static_cast<uint32_t>(memory_.events.size());
    told_periodic_ = periodic_;
    std::string words;
    for (const InformEvent& event : request.events)
        (words += words.empty() ? "" : ", ") += event.code;
    JournalLine entry = line(JournalKind::acs_inform);
    entry.with("url", masked_url(url_, Scheme::http)).with("events", words);
    if (failures_ > 0) entry.with("try", failures_ + 1);
    journal(std::move(entry));
    session_.start(now, std::move(request));
    if (auto outcome = session_.take_outcome()) take_session(now, std::move(*outcome));
}

AcsServer Client::server() const {
    const Settings& settings = phone_.settings;
    AcsServer server;
    server.url = url_;
    server.user = settings.get(Setting::tr069_user);
    server.password = settings.get(Setting::tr069_password);
    server.user_agent = fill_template(phone_.profile->user_agent, phone_.identity);
    server.tls.verify = settings.flag(Setting::tls_verify);
    server.tls.clock_is_proven = clock_.proven();
    server.tls.ca_file = settings.get(Setting::tls_ca);
    server.tls.certificate_file = settings.get(Setting::tls_cert);
    server.tls.key_file = settings.get(Setting::tls_key);
    return server;
}

// --- what a session came to ----------------------------------------------------------------------

void Client::take_session(Instant now, SessionOutcome&& outcome) {
    if (outcome.informed) take_informed();
    if (outcome.deferred.reboot || outcome.deferred.factory_reset)
        take_deferred(std::move(outcome.deferred));
    if (!outcome.ended_well) return back_off(now, std::move(outcome));
    failures_ = 0;
    journal(line(JournalKind::acs_session)
                .with("url", outcome.shown_url)
                .with("calls", outcome.calls)
                .with("next", !ordered_                 ? ""
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

// A session that failed after its Inform was taken has nothing left to tell, and waits for the next
// event.
void Client::back_off(Instant now, SessionOutcome&& outcome) {
    JournalLine entry = line(JournalKind::acs_failed);
    entry.with("url", outcome.shown_url).with("reason", outcome.reason);
    if (!events().empty()) {
        ++failures_;
        const WaitRange range = retry_wait({}, failures_);
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
