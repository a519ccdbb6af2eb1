// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/session.h"

#include <algorithm>
#include <utility>

#include "agent/config/utf8.h"
#include "agent/limits.h"
#include "agent/table_registry.h"
#include "agent/text.h"

namespace dialtone {
namespace {

using S = SessionState;
using C = SessionCue;
using A = SessionAction;

constexpr uint32_t waiting = in(S::informing, S::requesting, S::serving);
constexpr uint32_t asking = in(S::informing, S::requesting);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                     cue             action             next
    {in(S::idle),                 C::start,       A::inform,         S::informing},

    {in(S::informing),            C::response,    A::take_informed,  S::turn},
    {in(S::informing),            C::fault,       A::fail_by_fault,  S::idle},
    {in(S::requesting),           C::response,    A::take_response,  S::turn},
    {in(S::requesting),           C::fault,       A::take_response,  S::turn},
    {asking,                      C::fault_retry, A::repeat,         S{}, true},
    {asking,                      C::request,     A::fail,           S::idle},
    {asking,                      C::empty,       A::fail,           S::idle},

    {in(S::turn),                 C::ask,         A::send_request,   S::requesting},
    {in(S::turn),                 C::listen,      A::send_empty,     S::serving},
    {in(S::turn),                 C::done,        A::conclude,       S::idle},

    {in(S::serving),              C::request,     A::serve,          S{}, true},
    {in(S::serving),              C::store,       A::nothing,        S::storing},
    {in(S::storing),              C::stored,      A::answer_stored,  S::serving},
    {in(S::storing),              C::time_up,     A::fail_by_time,   S::idle},
    {in(S::serving),              C::empty,       A::take_empty,     S::turn},
    {in(S::serving),              C::fault,       A::fail_by_fault,  S::idle},
    {in(S::serving),              C::fault_retry, A::repeat,         S::serving},

    {waiting,                     C::unusable,    A::fail,           S::idle},
    {waiting,                     C::lost,        A::fail,           S::idle},
    {waiting,                     C::time_up,     A::fail_by_time,   S::idle},
};
// clang-format on
constexpr auto table =
    completed(rows, C::start, C::response, C::request, C::store, C::stored, C::empty, C::fault,
              C::fault_retry, C::unusable, C::lost, C::ask, C::listen, C::done, C::time_up);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle",       "informing", "turn",
                                            "requesting", "serving",   "storing"};
constexpr std::string_view cue_names[] = {"start", "response", "request",      "store",    "stored",
                                          "empty", "fault",    "fault: retry", "unusable", "lost",
                                          "ask",   "listen",   "done",         "time up"};
constexpr std::string_view action_names[] = {
    "nothing",    "inform", "take informed", "take response", "send request",
    "send empty", "serve",  "answer stored", "repeat",        "take empty",
    "conclude",   "fail",   "fail by fault", "fail by time"};
constexpr TableView view = table_view(
    {.name = "acs session", .title = "TR-069: a session", .about = "`agent/cwmp/session.cpp`."},
    table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

// TR-069 annex A.5.2.
constexpr uint32_t method_not_listed = 8000;
constexpr uint32_t retry_request = 8005;
constexpr std::string_view response_ending = "Response";

bool is_blank(std::string_view text) {
    return trimmed(text, " \t\r\n").empty();
}

std::string fault_words(const SoapFault& fault) {
    return "it answered with the fault " + std::to_string(fault.code) + " (" + shown(fault.text) +
           ")";
}

void put_argument(SoapWriter& out, const OwnArgument& argument) {
    const auto count = static_cast<uint32_t>(argument.inside.size());
    const bool is_array = !argument.array_of.empty();
    if (!is_array && count == 0) {
        out.put(argument.name, argument.text);
        return;
    }
    if (is_array) {
        out.open_array(argument.name, argument.array_of, count);
    } else {
        out.open(argument.name);
    }
    for (const OwnArgument& one : argument.inside)
        put_argument(out, one);
    out.close();
}

}  // namespace

Session::Session(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
                 const Generation& active, const AcsMemory& memory, const TransferQueue* transfers)
    : Engine(ids),
      phone_(phone),
      clock_(clock),
      active_(active),
      memory_(memory),
      transfers_(transfers),
      exchange_(ids) {
    drives(exchange_);
}

void Session::start(Instant now, SessionRequest request) {
    now_ = began_at_ = now;
    request_ = std::move(request);
    found_ = {};
    pending_.reset();
    answers_.clear();
    version_ = CwmpVersion::v1_0;
    last_id_ = messages_ = written_ = 0;
    held_ = acs_is_done_ = false;
    exchange_.begin(request_.server);
    step(C::start);
    settle();
}

void Session::handle(Instant now, const Event& event) {
    if (!busy()) return;
    now_ = now;
    exchange_.handle(now, event);
    settle();
    if (busy() && began_at_ + limits::cwmp_session_ms <= now) step(C::time_up);
}

std::optional<Instant> Session::deadline() const {
    if (!busy()) return std::nullopt;
    return earlier(exchange_.deadline(), began_at_ + limits::cwmp_session_ms);
}

void Session::step(SessionCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(row.action);
}

void Session::act(SessionAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::inform:
            return inform();
        case A::take_informed:
            found_.informed = true;
            return take_turn();
        case A::take_response:
            return take_response();
        case A::send_request:
            return send_request();
        case A::send_empty:
            method_.clear();
            found_.message = "an empty message";
            write(line(JournalKind::acs_turn));
            return send({});
        case A::serve:
            return serve();
        case A::answer_stored:
            return answer(dialtone::answer_stored(message_, version_, std::exchange(stored_, {})));
        case A::repeat:
            return repeat();
        case A::take_empty:
            acs_is_done_ = true;
            return take_turn();
        case A::conclude:
            return end(true);
        case A::fail_by_fault:
            found_.reason = fault_words(*message_.fault);
            return end(false);
        case A::fail_by_time:
            found_.reason = "the session was not over after " +
                            std::to_string(limits::cwmp_session_ms / 1000) + " s";
            return end(false);
        case A::fail:
            return end(false);
    }
}

// --- what the phone says -------------------------------------------------------------------------

// Those that stand in every Inform, and those whose changes are told.
std::vector<ModelParameter> Session::values_of_inform(const Model& model) const {
    auto values = model.forced_parameters();
    const auto forced = values.size();
    for (const std::string& path : request_.changed) {
        for (const ModelParameter& parameter : model.parameters_at(path)) {
            const auto first = values.begin();
            const auto end = first + static_cast<std::ptrdiff_t>(forced);
            if (std::find(first, end, parameter) == end) values.push_back(parameter);
        }
    }
    return values;
}

void Session::inform() {
    const DeviceId device = device_id(phone_);
    const Model model(facts());
    const auto values = values_of_inform(model);
    last_id_ = inform_id;
    SoapWriter out(version_, std::to_string(last_id_));
    out.open_method("Inform").open("DeviceId").put("Manufacturer", device.manufacturer);
    out.put("OUI", device.oui).put("ProductClass", device.product_class);
    out.put("SerialNumber", device.serial_number).close();
    out.open_array("Event", "cwmp:EventStruct", static_cast<uint32_t>(request_.events.size()));
    for (const InformEvent& event : request_.events) {
        out.open("EventStruct").put("EventCode", event.code);
        out.put("CommandKey", event.command_key).close();
    }
    out.close().put("MaxEnvelopes", 1);
    out.put("CurrentTime",
            clock_.believed() ? date_time_text(clock_.at(now_)) : std::string(unknown_time));
    out.put("RetryCount", request_.retry_count);
    out.open_array("ParameterList", "cwmp:ParameterValueStruct",
                   static_cast<uint32_t>(values.size()));
    for (const ModelParameter& parameter : values)
        put_value(out, model, parameter);
    method_ = found_.message = "Inform";
    send(out.finish());
}

void Session::send_request() {
    const OwnRequest& own = request_.requests.front();
    SoapWriter out(version_, std::to_string(++last_id_));
    out.open_method(own.method);
    for (const OwnArgument& argument : own.arguments)
        put_argument(out, argument);
    method_ = found_.message = own.method;
    acs_is_done_ = false;
    send(out.finish());
}

Caller Session::caller() const {
    const bool is_verified = exchange_.is_verified();
    const Party configured = is_verified ? Party::acs_tls : Party::acs;
    return {.party = request_.is_named_by_dhcp ? Party::acs_named : configured,
            .proof = is_verified ? Proof::tls : Proof::none,
            .installed = request_.installed};
}

void Session::serve() {
    ++found_.calls;
    found_.message = shown(message_.method());
    const auto running = transfers_ != nullptr ? transfers_->running() : std::nullopt;
    CallAnswer answered =
        answer_call(message_, version_, facts(), memory_, caller(), found_.deferred, running);
    if (!answered.pending) return answer(std::move(answered));
    pending_ = std::move(answered.pending);
    step(C::store);
}

void Session::answer(CallAnswer&& answer) {
    JournalLine entry = line(JournalKind::acs_call);
    entry.with("method", shown(message_.method()));
    if (message_.id) entry.with("id", shown(*message_.id));
    if (answer.fault != 0) entry.with("fault", answer.fault).with("reason", answer.reason);
    write(std::move(entry));
    method_.clear();
    found_.message = answer.fault != 0 ? "the fault in answer to " : "the answer to ";
    found_.message += shown(message_.method());
    send(std::move(answer.envelope));
}

void Session::stored(Instant now, StoredCall stored, bool changed, bool touched_acs_way) {
    now_ = now;
    stored_ = std::move(stored);
    found_.changed = found_.changed || changed;
    found_.touched_acs_way = found_.touched_acs_way || touched_acs_way;
    step(C::stored);
    settle();
}

void Session::repeat() {
    if (++repeats_ > limits::cwmp_repeats) {
        found_.reason = "it asked for the same message more than " +
                        std::to_string(limits::cwmp_repeats) + " times";
        return step(C::unusable);
    }
    exchange_.send(now_, sent_);
}

// A new message; none is empty.
void Session::send(std::string body) {
    repeats_ = 0;
    sent_ = std::move(body);
    exchange_.send(now_, sent_);
}

// A session of thousands of messages must not push everything else out of the journal.
void Session::write(JournalLine&& entry) {
    if (written_ == limits::cwmp_messages_journaled) {
        ++found_.unwritten;
        return;
    }
    ++written_;
    journal(std::move(entry));
}

// What the ACS has answered to a request of the phone's own.
void Session::write_response() {
    JournalLine entry = line(JournalKind::acs_request);
    entry.with("method", method_).with("id", last_id_);
    if (message_.fault)
        entry.with("fault", message_.fault->code).with("reason", shown(message_.fault->text));
    write(std::move(entry));
}

// To a request of the phone's; a fault is one, too.
void Session::take_response() {
    write_response();
    const OwnRequest own = std::move(request_.requests.front());
    request_.requests.pop_front();
    if (own.method == "GetRPCMethods") take_methods();
    if (own.number != 0) {
        OwnAnswer answer{.number = own.number, .method = own.method};
        if (message_.fault) {
            answer.fault = message_.fault->code;
            answer.reason = fault_words(*message_.fault);
        }
        answers_.push_back(std::move(answer));
    }
    take_turn();
}

// What the ACS lists it may be sent; a fault lists nothing.
void Session::take_methods() {
    const auto list = message_.arguments().child("MethodList");
    if (!list) return;
    for (const SoapView& one : list->children()) {
        const std::string_view method = trimmed(one.text(), " \t\r\n");
        for (OwnRequest& own : request_.requests) {
            if (own.method == method) own.if_listed = false;
        }
    }
}

// Those for which the ACS has no method are over.
bool Session::has_request() {
    while (!request_.requests.empty()) {
        const OwnRequest& own = request_.requests.front();
        if (!own.if_listed) return true;
        answers_.push_back({.number = own.number,
                            .method = own.method,
                            .fault = method_not_listed,
                            .reason = "it does not list that method"});
        request_.requests.pop_front();
    }
    return false;
}

// Who says what next.
void Session::take_turn() {
    if (request_.only_inform) return step(C::done);
    const bool asks = !held_ && has_request();
    step(asks ? C::ask : acs_is_done_ ? C::done : C::listen);
}

// --- what the ACS says ---------------------------------------------------------------------------

// What cannot even be sent is over at once.
void Session::settle() {
    while (auto outcome = exchange_.take_outcome())
        take_exchange(std::move(*outcome));
}

void Session::take_exchange(ExchangeOutcome&& outcome) {
    if (!outcome.answered) {
        found_.reason = std::move(outcome.reason);
        found_.retry_after_s = outcome.retry_after_s;
        return step(C::lost);
    }
    if (++messages_ > limits::cwmp_messages) {
        return step(unusable("the session has more than " + std::to_string(limits::cwmp_messages) +
                             " messages"));
    }
    message_ = {};
    if (outcome.status == 204 || (outcome.status == 200 && is_blank(outcome.body))) {
        held_ = false;
        found_.reason = "it had no answer to " + method_;
        return step(C::empty);
    }
    auto message = read_soap(outcome.body);
    if (!message) {
        found_.retry_after_s = outcome.retry_after_s;
        return step(unusable(outcome.status == 500
                                 ? "it answered with status 500"
                                 : "what it sent is no message: " + describe(message.error())));
    }
    message_ = std::move(*message);
    if (message_.version) version_ = *message_.version;
    held_ = message_.holds_requests;
    step(cue_of_message());
}

SessionCue Session::unusable(std::string reason) {
    found_.reason = std::move(reason);
    return C::unusable;
}

// A response without an ID is taken; one with another ID answers something else.
SessionCue Session::cue_of_message() {
    const std::string_view method = message_.method();
    if (method.empty()) return unusable("its message has an empty body");
    if (!message_.fault && !method.ends_with(response_ending)) {
        found_.reason =
            "it called " + shown(method) + " where the answer to " + method_ + " was awaited";
        return C::request;
    }
    const bool is_foreign =
        state_ != S::serving && message_.id && *message_.id != std::to_string(last_id_);
    if (is_foreign) return unusable("its answer has another ID than the phone's message");
    if (message_.fault) return message_.fault->code == retry_request ? C::fault_retry : C::fault;
    if (!message_.not_understood.empty())
        return unusable("the header " + message_.not_understood + " is not known");
    const bool fits =
        method.size() == method_.size() + response_ending.size() && method.starts_with(method_);
    if (state_ == S::serving || !fits) return unusable("it sent " + shown(method) + " unasked");
    return C::response;
}

void Session::end(bool ended_well) {
    exchange_.end(now_);
    found_.ended_well = ended_well;
    found_.shown_url = exchange_.shown_url();
    if (ended_well) found_.reason.clear();
    request_ = {};
    sent_.clear();
    message_ = {};
    pending_.reset();
    finish(std::move(found_));
}

}  // namespace dialtone
