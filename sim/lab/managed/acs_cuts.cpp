// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/managed/acs_cuts.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "agent/cwmp/model_values.h"
#include "agent/store/codec.h"

namespace dialtone::sim {
namespace {

constexpr uint64_t life_ms = 400'000;  // with periodic reports in it
constexpr uint64_t setup_ms = 90'000;
constexpr std::string_view interval = "150";
constexpr std::string_view time_of_reports = "2026-01-01T00:00:30Z";

// --- the session ---------------------------------------------------------------------------------

std::string keyed_call(std::string_view method, std::string_view key, std::string_view more = "") {
    return lab_call(method,
                    std::string(more) + "<CommandKey>" + std::string(key) + "</CommandKey>");
}

// What the ACS calls, one after the other; the number of a call is that of the message before it.
enum class Called : uint32_t { set_values, get_values, add_object, schedule, reboot, count_ };

std::string text_of(Called called) {
    const std::string server = "Device.ManagementServer.";
    switch (called) {
        case Called::set_values:
            return lab_set_call({{server + "PeriodicInformInterval", std::string(interval)},
                                 {server + "PeriodicInformTime", std::string(time_of_reports)}},
                                "p2");
        case Called::get_values:
            return lab_names_call("GetParameterValues", {server, "Device.DeviceInfo."});
        case Called::add_object:
            return lab_call("AddObject",
                            "<ObjectName>Device.Services.VoiceService.1.VoiceProfile."
                            "</ObjectName><ParameterKey>p3</ParameterKey>");
        case Called::schedule:
            return keyed_call("ScheduleInform", "s2", "<DelaySeconds>60</DelaySeconds>");
        case Called::reboot:
            return keyed_call("Reboot", "k2");
        case Called::count_:
            break;
    }
    return {};
}

// --- bytes on the wire ---------------------------------------------------------------------------

constexpr std::string_view status_line = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view length_field = "Content-Length: ";

std::string head_of(const Answer& answer) {
    if (answer.status == 204) return "HTTP/1.1 204 No Content\r\n\r\n";
    return std::string(status_line) + "Content-Type: text/xml; charset=\"utf-8\"\r\n" +
           std::string(length_field) + std::to_string(answer.body.size()) + "\r\n\r\n";
}

uint32_t bytes_of(const StartTransfer& post) {
    std::string head = "POST /cwmp HTTP/1.1\r\nHost: acs.example\r\nUser-Agent: ";
    head += post.user_agent;
    for (const auto& [name, value] : post.headers)
        head += "\r\n" + name + ": " + value;
    const uint64_t body = post.body.bytes.size();
    head += "\r\n" + std::string(length_field) + std::to_string(body) + "\r\n\r\n";
    return static_cast<uint32_t>(head.size() + body);
}

// What a client makes of an answer.
enum class Worth : uint8_t { whole, empty, broken };

// The head ends there, and the body follows it at once.
Worth truncate_head(Answer& answer, std::string_view head) {
    const auto line_end = head.rfind("\r\n");
    if (line_end == std::string_view::npos) {
        answer.head_fault = HeadFault::other_protocol;
        return Worth::broken;
    }
    const std::string_view last = head.substr(line_end + 2);
    if (!last.empty() && last.find(':') == std::string_view::npos) {
        answer.head_fault = HeadFault::field_without_colon;
        return Worth::broken;
    }
    const auto field = head.find(length_field.substr(0, length_field.size() - 1));
    if (answer.status == 204) return Worth::whole;
    if (field == std::string_view::npos) {
        answer.framing = Framing::until_close;
        answer.end = BodyEnd::closes;
        return Worth::whole;
    }
    const std::string_view digits = head.substr(std::min(field + length_field.size(), head.size()));
    uint32_t stated = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), stated).ec != std::errc()) {
        answer.head_fault = HeadFault::bad_length;
        return Worth::broken;
    }
    if (stated == answer.body.size()) return Worth::whole;
    answer.stated_bytes = stated;
    answer.end = BodyEnd::closes;
    return stated == 0 ? Worth::empty : Worth::broken;
}

Worth truncate_body(Answer& answer, uint32_t bytes) {
    answer.body.resize(bytes);
    return bytes == 0 ? Worth::empty : Worth::broken;
}

Worth cut_answer(Answer& answer, const Cut& cut) {
    const std::string head = head_of(answer);
    const bool in_head = cut.at < head.size();
    const auto in_body = cut.at - std::min<uint32_t>(cut.at, static_cast<uint32_t>(head.size()));
    switch (cut.kind) {
        case CutKind::closes:
            if (in_head)
                answer.head_fault = cut.at == 0 ? HeadFault::no_response : HeadFault::truncated;
            answer.ends_after = in_body;
            return Worth::broken;
        case CutKind::stalls:
            answer.stalls_before_head = in_head;
            answer.stalls_after = in_body;
            return Worth::broken;
        case CutKind::truncates:
        case CutKind::count_:
            break;
    }
    return in_head ? truncate_head(answer, std::string_view(head).substr(0, cut.at))
                   : truncate_body(answer, in_body);
}

// What an ACS does that has read no more of a request.
Answer cut_request(CutKind kind) {
    if (kind == CutKind::stalls) return {.stalls_before_head = true};
    if (kind == CutKind::truncates) return {.status = 400, .connection_close = true};
    return {.head_fault = HeadFault::no_response};
}

// --- one session with a cut ----------------------------------------------------------------------

// The site in which it happens, in the first session.
class CutSite : public ManagedSite {
  public:
    explicit CutSite(const Cut* cut) : cut_(cut) {
        call = [this](const SoapMessage*) { return next_call(); };
        spoil_request = [this](const StartTransfer& post) { return take_request(post); };
        spoil_answer = [this](Answer& answer) { take_answer(answer); };
    }

    const std::vector<MessageLength>& lengths() const { return lengths_; }
    Worth worth() const { return worth_; }
    // The phone was told to do it.
    bool was_told(Called called) const { return static_cast<uint32_t>(called) < told_; }

  private:
    std::string next_call() {
        if (!is_under_way_ || next_ == static_cast<uint32_t>(Called::count_)) return {};
        return text_of(static_cast<Called>(next_++));
    }
    bool strikes(CutSide side) const {
        return cut_ != nullptr && cut_->side == side && cut_->message + 1 == lengths_.size();
    }
    std::optional<Answer> take_request(const StartTransfer& post) {
        if (!is_under_way_) return std::nullopt;
        lengths_.push_back({.request = bytes_of(post)});
        if (!strikes(CutSide::request)) return std::nullopt;
        is_under_way_ = false;
        worth_ = Worth::broken;
        return cut_request(cut_->kind);
    }
    void take_answer(Answer& answer) {
        if (!is_under_way_) return;
        MessageLength& length = lengths_.back();
        length.answer_head = static_cast<uint32_t>(head_of(answer).size());
        length.answer = length.answer_head + static_cast<uint32_t>(answer.body.size());
        is_under_way_ = answer.status != 204;
        if (strikes(CutSide::answer)) worth_ = cut_answer(answer, *cut_);
        if (worth_ == Worth::whole) {
            told_ = next_;
        } else {
            is_under_way_ = false;
        }
    }

    const Cut* cut_;
    std::vector<MessageLength> lengths_ = {};
    Worth worth_ = Worth::whole;
    uint32_t next_ = 0;  // call
    uint32_t told_ = 0;  // calls
    bool is_under_way_ = true;
};

uint32_t count_told(const ManagedSite& site, std::string_view event) {
    return static_cast<uint32_t>(std::ranges::count_if(
        site.informs(),
        [event](const HeardInform& one) { return one.events.find(event) != std::string::npos; }));
}

// --- what has to hold afterwards -----------------------------------------------------------------

class Judge {
  public:
    Judge(CutSite& site, const Cut& cut, std::string_view waiting)
        : site_(site), cut_(cut), waiting_(waiting) {}

    std::vector<std::string> find() {
        check_reason();
        check_events();
        check_calls();
        check_disk();
        return std::move(found_);
    }

  private:
    void demand(bool holds, std::string words) {
        if (!holds) found_.push_back(describe(cut_) + ": " + std::move(words));
    }
    bool was_heard() const { return cut_.message > 0 || site_.worth() == Worth::whole; }

    // It failed once, with a reason, and a good one followed.
    void check_reason() {
        const bool fails =
            site_.worth() == Worth::broken || (site_.worth() == Worth::empty && cut_.message == 0);
        const uint32_t failures = count_entries(site_.site(), JournalKind::acs_failed);
        demand(failures == (fails ? 1U : 0U), std::to_string(failures) + " sessions have failed");
        if (fails)
            demand(!last_entry(site_.site(), JournalKind::acs_failed).field("reason").empty(),
                   "a session failed without a reason");
        demand(count_entries(site_.site(), JournalKind::acs_session) >= 1,
               "no good session follows");
        demand(site_.lives() == (site_.was_told(Called::reboot) ? 2U : 1U),
               "the phone has lived " + std::to_string(site_.lives()) + " times");
    }

    // What was not heard comes again as it was, and what was heard does not.
    void check_events() {
        const auto& informs = site_.informs();
        const uint32_t first = cut_.side == CutSide::answer && !was_heard() ? 2 : 1;
        for (uint32_t i = 0; i < informs.size(); ++i) {
            const HeardInform& one = informs[i];
            const bool awaited = i < first;
            demand((one.events == waiting_) == awaited,
                   "Inform " + std::to_string(i) + " tells of " + one.events);
            const bool retries = !was_heard() && i + 1 == first;
            demand(!awaited || one.retry_count == (retries ? "1" : "0"),
                   "Inform " + std::to_string(i) + " has the RetryCount " + one.retry_count);
        }
        demand(informs.size() > first, "there is no report any more");
        check_told("M Reboot (k2)", Called::reboot);
        check_told("M ScheduleInform (s2)", Called::schedule);
    }
    void check_told(std::string_view event, Called called) {
        const uint32_t times = count_told(site_, event);
        demand(times == (site_.was_told(called) ? 1U : 0U),
               std::string(event) + " was told " + std::to_string(times) + " times");
    }

    // A call is carried out whole, or not at all.
    void check_calls() {
        const Generation active = site_.active();
        const auto value = [&active](std::string_view key) {
            const Item* item = active.find(key, Origin::acs);
            return item != nullptr ? std::string_view(item->value) : std::string_view();
        };
        const bool set = site_.was_told(Called::set_values);
        const bool added = site_.was_told(Called::add_object);
        demand(value("tr069.periodic_interval") == (set ? interval : ""), "the interval");
        demand(value("tr069.periodic_time") == (set ? time_of_reports : ""), "the time of reports");
        demand(value(parameter_key_name) == (added ? "p3" : set ? "p2" : ""), "the ParameterKey");
        demand(value(profile_state_key(2)).empty() != added, "the object");
    }

    void check_disk() {
        const Record record = site_.record();
        const Generation active = site_.active();
        demand(record.active != 0 && active.number == record.active,
               "the record names no whole generation");
        demand(record.trial == TrialState::none && !record.acs_trial.under_way,
               "a trial has no end");
        demand(active.find("P47", Origin::file) != nullptr, "the file's value is gone");
        demand(record.acs.events.empty() && record.acs.scheduled.empty(),
               "an event is left that was heard");
        for (uint8_t copy = 0; copy < limits::record_copies; ++copy) {
            const auto* bytes = site_.site().disk.find(record_copy_name(copy));
            demand(bytes != nullptr && decode_record(*bytes).has_value(),
                   "a copy of the record is none");
        }
    }

    CutSite& site_;
    const Cut& cut_;
    std::string_view waiting_;
    std::vector<std::string> found_ = {};
};

void set_reports(ManagedSite& site) {
    site.options().file_settings.back() = {Setting::tr069_periodic_enable, "1"};
    site.options().file_settings.emplace_back(Setting::tr069_periodic_interval, "120");
}

}  // namespace

std::string describe(const Cut& cut) {
    constexpr std::string_view kinds[] = {"closes", "stalls", "truncates"};
    return "an ACS that " + std::string(kinds[static_cast<uint32_t>(cut.kind)]) + " at byte " +
           std::to_string(cut.at) + " of " +
           (cut.side == CutSide::request ? "message " : "its answer to message ") +
           std::to_string(cut.message);
}

// A restart and a session are ordered, and until the power is cut nobody hears that they came.
AcsCuts::AcsCuts() {
    ManagedSite site;
    site.install();
    std::vector<std::string> calls = {
        keyed_call("ScheduleInform", "s1", "<DelaySeconds>40</DelaySeconds>"),
        keyed_call("Reboot", "k1")};
    site.call = [&calls](const SoapMessage*) {
        if (calls.empty()) return std::string();
        std::string next = std::move(calls.front());
        calls.erase(calls.begin());
        return next;
    };
    site.spoil_request = [&site](const StartTransfer&) -> std::optional<Answer> {
        if (site.lives() < 2) return std::nullopt;
        return Answer{.status = 503};
    };
    site.live_until_power_cut(setup_ms);
    disk_ = site.site().disk;
    clock_ms_ = site.site().clock_ms;
    CutSite whole(nullptr);
    live(whole);
    lengths_ = whole.lengths();
    waiting_ = whole.informs().front().events;
}

void AcsCuts::live(ManagedSite& site) const {
    site.site().disk = disk_;
    site.site().clock_ms = clock_ms_;
    set_reports(site);
    site.live(life_ms);
}

std::vector<Cut> AcsCuts::cuts(uint32_t every) const {
    std::vector<Cut> out;
    const auto add = [&](uint32_t message, CutSide side, uint32_t bytes) {
        for (uint32_t at = 0; at < bytes; ++at) {
            if (at % every != 0 && at + 1 != bytes) continue;
            for (const CutKind kind : {CutKind::closes, CutKind::stalls, CutKind::truncates})
                out.push_back({message, side, kind, at});
        }
    };
    for (uint32_t message = 0; message < lengths_.size(); ++message) {
        add(message, CutSide::request, lengths_[message].request);
        add(message, CutSide::answer, lengths_[message].answer);
    }
    return out;
}

std::vector<std::string> AcsCuts::find(const Cut& cut) const {
    CutSite site(&cut);
    live(site);
    return Judge(site, cut, waiting_).find();
}

}  // namespace dialtone::sim
