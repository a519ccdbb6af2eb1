// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/session.h"

#include <algorithm>
#include <utility>

#include "agent/text.h"

namespace dialtone::sim::acs {
namespace {

constexpr uint32_t words_kept = 200;
constexpr std::string_view moved_path = "/moved";

bool is_expectation(StepKind kind) {
    return kind >= StepKind::expect_inform || kind == StepKind::call || kind == StepKind::end;
}

// What a message is, for a person: the events of an Inform, the code of a fault, how much is told.
std::string summary_of(const Envelope& envelope) {
    std::string out = envelope.method + " id=" + envelope.id.value_or("(none)");
    uint32_t values = 0;
    for (const Leaf& leaf : envelope.leaves) {
        if (leaf.name == "EventCode" || leaf.name == "FaultCode" || leaf.name == "Status")
            out += ", " + leaf.name + " " + leaf.text;
        values += leaf.name == "Name" ? 1 : 0;
    }
    return values == 0 ? out : out + ", " + std::to_string(values) + " parameters";
}

std::string with_pattern(std::string_view what, std::string_view found,
                         const std::optional<std::string>& pattern) {
    if (!pattern || fits(*pattern, found)) return {};
    return std::string(what) + " is " + quoted(found);
}

}  // namespace

Session::Session(const Script& script, Log log)
    : script_(script), log_(std::move(log)), proof_(script) {
    for (const Step& one : script.steps)
        verdict_.expectations += is_expectation(one.kind) ? 1 : 0;
}

void Session::say(std::string_view who, std::string_view what) const {
    log_(std::string(who) + " " + std::string(what));
}

void Session::unmet(const Step& step, std::string_view why) {
    ++verdict_.unmet;
    const std::string words =
        "line " + std::to_string(step.line) + ": " + step.text + ": " + std::string(why);
    if (verdict_.words.size() < words_kept) verdict_.words.push_back("unmet: " + words);
    blame_case(words);
    say("unmet    ", words);
}

void Session::violation(std::string_view words) {
    ++verdict_.violations;
    if (verdict_.words.size() < words_kept)
        verdict_.words.push_back("violation: " + std::string(words));
    blame_case(words);
    say("violation", words);
}

// --- what comes
// -----------------------------------------------------------------------------------

HttpAnswer Session::take_malformed(std::string_view why) {
    violation("HTTP: " + std::string(why) + " (RFC 9112)");
    HttpAnswer answer;
    answer.status = 400;
    answer.closes = true;
    return answer;
}

HttpAnswer Session::take(const HttpRequest& request) {
    check_http(request);
    if (const std::string challenge = proof_.challenge(request); !challenge.empty()) {
        say("device ->", "a request without a proof of user and password");
        say("acs    <-", "401");
        HttpAnswer answer;
        answer.status = 401;
        answer.fields.push_back(challenge);
        style_answer(answer);
        return answer;
    }
    check_cookies(request);
    const bool is_repeated = !broken_body_.empty() && request.body == broken_body_;
    broken_body_.clear();
    if (request.body.empty()) return take_empty();
    Envelope envelope = read_envelope(request.body);
    for (const std::string& words : envelope.violations)
        violation((envelope.method.empty() ? std::string("message") : envelope.method) + ": " +
                  words);
    say("device ->", summary_of(envelope));
    if (!envelope.method.empty() && !envelope.is_answer && !envelope.id)
        violation(envelope.method + ": it has no ID (TR-069 3.5)");
    HttpAnswer answer;
    if (envelope.method == "Inform") {
        answer = take_inform(std::move(envelope));
    } else if (is_repeated) {
        last_ = std::move(envelope);
        answer = next_answer();
    } else if (!envelope.method.empty() && !envelope.is_answer) {
        answer = take_request(envelope);
    } else {
        answer = take_answer(std::move(envelope));
    }
    if (answer.resets || answer.cut_bytes) broken_body_ = request.body;
    return answer;
}

HttpAnswer Session::take_empty() {
    say("device ->", "an empty message");
    last_.reset();
    if (!is_open_) {
        violation("an empty message where no session is open: it begins with an Inform");
        return end_session();
    }
    if (called_ != nullptr) {
        violation("an empty message where the answer to " + called_->name + " is due");
        lose_call("an empty message came instead of its answer");
    }
    return next_answer();
}

HttpAnswer Session::take_inform(Envelope envelope) {
    if (is_open_ && called_ != nullptr) lose_call("the device began another session");
    skip_to_inform();
    is_open_ = true;
    holds_requests_ = false;
    cookies_.clear();
    const std::string id = envelope.id.value_or("");
    const auto name = envelope.text_of("ParameterValueStruct", "Name").value_or("");
    root_ = std::string(name.substr(0, name.find('.')));
    if (step() != nullptr) {
        if (const std::string flaw = flaw_of_inform(expanded(*step()), envelope); !flaw.empty())
            unmet(*step(), flaw);
        ++at_;
    }
    last_ = std::move(envelope);
    while (is_next(StepKind::hold) || is_next(StepKind::release))
        holds_requests_ = script_.steps[at_++].kind == StepKind::hold;
    if (auto other = replacement(id)) {
        is_open_ = false;
        return *other;
    }
    HttpAnswer answer = message(write_envelope(script_.style, id, holds_requests_, "InformResponse",
                                               {{"MaxEnvelopes", ArgumentKind::text, "1", {}}}));
    if (script_.has_cookie) cookies_.push_back("acs-session=" + std::to_string(++ids_));
    if (script_.has_second_cookie) cookies_.push_back("acs-node=n.7");
    for (const std::string& cookie : cookies_)
        answer.fields.push_back("Set-Cookie: " + cookie + "; Path=/");
    say("acs    <-", "InformResponse id=" + id);
    return answer;
}

HttpAnswer Session::take_answer(Envelope envelope) {
    if (called_ == nullptr) {
        violation((envelope.method.empty() ? "what is no message"
                                           : envelope.method + " where nothing was called") +
                  std::string(" came"));
        last_.reset();
        return is_open_ ? next_answer() : end_session();
    }
    check_id(envelope);
    const bool is_fault = envelope.method == "Fault";
    if (!is_fault && envelope.method != called_->name + "Response")
        unmet(*called_, "it was answered by " + quoted(envelope.method));
    else if (is_fault && !is_next(StepKind::expect_fault))
        unmet(*called_, "it was answered by the fault " +
                            std::string(envelope.text_of("Fault", "FaultCode").value_or("?")));
    called_ = nullptr;
    if (envelope.method == "GetRPCMethodsResponse") {
        methods_.clear();
        for (const Leaf& leaf : envelope.leaves)
            methods_.push_back(leaf.text);
    }
    last_ = std::move(envelope);
    return next_answer();
}

HttpAnswer Session::take_request(const Envelope& envelope) {
    if (!is_open_) violation(envelope.method + " where no session is open");
    if (called_ != nullptr) {
        violation(envelope.method + " where the answer to " + called_->name + " is due");
        lose_call("the device sent a request of its own instead of its answer");
    }
    if (holds_requests_) violation(envelope.method + " while the ACS holds requests");
    last_ = envelope;
    if (is_next(StepKind::expect_request)) check_step(script_.steps[at_++]);
    const std::string id = envelope.id.value_or("");
    if (auto other = replacement(id)) return *other;
    std::vector<Argument> arguments;
    if (envelope.method == "GetRPCMethods")
        arguments.push_back(
            {"MethodList",
             ArgumentKind::names,
             {},
             {{"Inform", {}, {}}, {"GetRPCMethods", {}, {}}, {"TransferComplete", {}, {}}}});
    say("acs    <-", envelope.method + "Response id=" + id);
    return message(write_envelope(script_.style, id, holds_requests_, envelope.method + "Response",
                                  arguments));
}

// --- what goes
// ------------------------------------------------------------------------------------

HttpAnswer Session::next_answer() {
    while (const Step* next = step()) {
        if (next->kind == StepKind::expect_inform) return end_session();
        if (next->kind == StepKind::call) return send_call(script_.steps[at_++]);
        if (auto other = replacement(called_id_)) {
            is_open_ = step() != nullptr;
            return *other;
        }
        ++at_;
        if (next->kind == StepKind::end) return end_session();
        if (next->kind == StepKind::begin_case)
            begin_case(*next);
        else if (next->kind == StepKind::needs)
            skip_case(*next);
        else if (next->kind == StepKind::hold || next->kind == StepKind::release)
            holds_requests_ = next->kind == StepKind::hold;
        else
            check_step(*next);
    }
    return end_session();
}

HttpAnswer Session::send_call(const Step& step) {
    called_ = &step;
    called_id_ = script_.style.has_null_id ? "null" : "acs-" + std::to_string(++ids_);
    say("acs    <-", step.name + " id=" + called_id_);
    return message(write_envelope(script_.style, called_id_, holds_requests_, step.name,
                                  expanded(step).arguments));
}

HttpAnswer Session::end_session() {
    if (is_open_) ++ended_sessions_;
    is_open_ = false;
    HttpAnswer answer;
    answer.status = script_.has_empty_200 ? 200 : 204;
    say("acs    <-", std::to_string(answer.status) + " and nothing: the session ends");
    style_answer(answer);
    if (answer.status == 204) answer.is_chunked = false;
    return answer;
}

HttpAnswer Session::message(std::string body) const {
    HttpAnswer answer;
    answer.body = std::move(body);
    answer.fields.push_back("Content-Type: text/xml; charset=\"utf-8\"");
    answer.fields.push_back("SOAPServer: dialtone-lab");
    style_answer(answer);
    return answer;
}

void Session::style_answer(HttpAnswer& answer) const {
    answer.closes = answer.closes || script_.is_closing;
    answer.is_chunked = script_.is_chunked;
}

std::optional<HttpAnswer> Session::replacement(std::string_view id) {
    const Step* next = step();
    if (next == nullptr) return std::nullopt;
    HttpAnswer answer;
    switch (next->kind) {
        case StepKind::answer:
            answer.status = next->number;
            if (next->retry_after_s)
                answer.fields.push_back("Retry-After: " + std::to_string(*next->retry_after_s));
            style_answer(answer);
            break;
        case StepKind::redirect:
            answer.status = next->number;
            answer.fields.push_back("Location: " + std::string(moved_path));
            style_answer(answer);
            break;
        case StepKind::fault:
            answer = message(write_fault(script_.style, id, next->number));
            break;
        case StepKind::truncate:
            answer = message(write_envelope(script_.style, id, false, "GetRPCMethods", {}));
            answer.cut_bytes = next->number;
            break;
        case StepKind::reset:
            answer.resets = true;
            break;
        default:
            return std::nullopt;
    }
    ++at_;
    say("acs    <-", next->text);
    return answer;
}

// --- what is held against it
// ----------------------------------------------------------------------

void Session::check_http(const HttpRequest& request) {
    if (request.method != "POST")
        violation("HTTP: method " + quoted(request.method) + ", TR-069 3.4 knows POST only");
    if (request.version != "HTTP/1.1")
        violation("HTTP: version " + quoted(request.version) + ", TR-069 3.4 asks for HTTP/1.1");
    if (!request.field("host")) violation("HTTP: no Host (RFC 9110 section 7.2)");
    if (request.body.empty()) {
        // Without a length either, nobody could tell that it is empty.
        if (!request.field("content-length") && !request.field("transfer-encoding"))
            violation("HTTP: an empty POST without Content-Length (RFC 9110 section 8.6)");
        return;
    }
    const std::string type = lowered(request.field("content-type").value_or(""));
    if (!type.starts_with("text/xml"))
        violation("HTTP: Content-Type is " + quoted(type) +
                  " and not text/xml (SOAP 1.1 section 6)");
    const auto action = request.field("soapaction");
    if (!action)
        violation("HTTP: a message without SOAPAction (SOAP 1.1 section 6.1.1)");
    else if (!action->empty() && *action != "\"\"")
        violation("HTTP: SOAPAction is " + quoted(*action) + " and not empty (TR-069 3.4)");
}

void Session::check_cookies(const HttpRequest& request) {
    if (!is_open_) return;
    std::vector<std::string> given;
    for (const auto& [name, value] : request.fields) {
        std::string_view rest = name == "cookie" ? value : std::string_view();
        while (!rest.empty())
            given.emplace_back(trimmed(take_piece(rest, ';')));
    }
    // A device that gives up begins anew, without what it was told.
    if (given.empty() && request.body.find("Inform") != std::string::npos) return;
    for (const std::string& cookie : cookies_) {
        if (std::ranges::find(given, cookie) == given.end())
            violation("HTTP: the cookie " + quoted(cookie) +
                      " of this session is not sent back (TR-069 3.4, RFC 6265 section 5.4)");
    }
}

void Session::check_id(const Envelope& envelope) {
    if (!script_.style.has_no_id && envelope.id != called_id_)
        violation(envelope.method + ": its ID is " + quoted(envelope.id.value_or("(none)")) +
                  ", that of the request " + quoted(called_id_) + " (TR-069 3.5)");
    if (!script_.style.is_undeclared && !envelope.version.empty() &&
        envelope.version != script_.style.version)
        violation(envelope.method + ": its namespace is cwmp-" + envelope.version +
                  ", that of the request cwmp-" + script_.style.version);
}

// Steps that a new session leaves behind.
void Session::skip_to_inform() {
    for (; step() != nullptr && !is_next(StepKind::expect_inform); ++at_) {
        if (is_next(StepKind::begin_case)) begin_case(*step());
        if (is_expectation(step()->kind)) unmet(*step(), "the device began another session before");
    }
}

void Session::begin_case(const Step& step) {
    say("case     ", step.name);
    cases_.push_back({step.name, step.pattern.value_or(""), true, {}});
}

// Goes on behind the case, where the device has not the method that it needs.
void Session::skip_case(const Step& needs) {
    if (std::ranges::find(methods_, needs.name) != methods_.end()) return;
    if (!cases_.empty()) {
        cases_.back().is_applicable = false;
        cases_.back().words.push_back("GetRPCMethods does not list " + needs.name);
    }
    for (; step() != nullptr && !is_next(StepKind::begin_case); ++at_)
        verdict_.expectations -= is_expectation(step()->kind) ? 1 : 0;
}

void Session::blame_case(std::string_view words) {
    if (!cases_.empty()) cases_.back().words.emplace_back(words);
}

// With the device's root object where the script has $root.
Step Session::expanded(Step step) const {
    const auto expand = [&](std::string& text) {
        if (text.starts_with("$root")) text.replace(0, 5, root_);
    };
    expand(step.name);
    for (Condition& one : step.conditions)
        expand(one.name);
    for (Argument& one : step.arguments) {
        expand(one.text);
        for (Item& item : one.items)
            expand(item.name);
    }
    return step;
}

void Session::lose_call(std::string_view why) {
    unmet(*called_, why);
    called_ = nullptr;
}

void Session::check_step(const Step& step) {
    const std::string flaw = flaw_of_answer(expanded(step));
    if (!flaw.empty()) unmet(step, flaw);
}

void Session::finish() {
    if (called_ != nullptr) lose_call("no answer came");
    for (; step() != nullptr; ++at_) {
        if (is_next(StepKind::begin_case)) begin_case(*step());
        if (is_expectation(step()->kind)) unmet(*step(), "it was not reached");
    }
}

// --- expectations
// ---------------------------------------------------------------------------------

std::string Session::flaw_of_inform(const Step& step, const Envelope& envelope) const {
    for (const Condition& one : step.conditions) {
        const bool is_event =
            one.kind == Condition::Kind::event || one.kind == Condition::Kind::no_event;
        if (is_event) {
            const bool is_there = std::ranges::any_of(envelope.leaves, [&](const Leaf& leaf) {
                if (leaf.name != "EventCode" || leaf.text != one.name) return false;
                const auto key = std::ranges::find_if(envelope.leaves, [&](const Leaf& other) {
                    return other.owner == leaf.owner && other.row == leaf.row &&
                           other.name == "CommandKey";
                });
                return !one.pattern ||
                       (key != envelope.leaves.end() && fits(*one.pattern, key->text));
            });
            if (is_there != (one.kind == Condition::Kind::event))
                return "the event " + quoted(one.name) +
                       (is_there ? " is there" : " is not there") +
                       (one.pattern ? " with that CommandKey" : "");
            continue;
        }
        if (one.kind == Condition::Kind::retry_count) {
            const std::string flaw = with_pattern(
                "RetryCount", envelope.text_of("Inform", "RetryCount").value_or(""), one.pattern);
            if (!flaw.empty()) return flaw;
            continue;
        }
        const Leaf* value = envelope.find_beside("ParameterValueStruct", "Name", one.name, "Value");
        if (value == nullptr) return "the parameter " + quoted(one.name) + " is not there";
        const std::string flaw = with_pattern(one.name, value->text, one.pattern);
        if (!flaw.empty()) return flaw;
    }
    return {};
}

namespace {

struct RowOwner {
    StepKind kind;
    std::string_view owner;  // whose row has the name
    std::string_view key;
    std::string_view value;
};
constexpr RowOwner row_owners[] = {
    {StepKind::expect_method, "MethodList", "string", "string"},
    {StepKind::expect_name, "ParameterInfoStruct", "Name", "Writable"},
    {StepKind::expect_value, "ParameterValueStruct", "Name", "Value"},
    {StepKind::expect_attribute, "ParameterAttributeStruct", "Name", "Notification"},
};

std::string flaw_of_row(const Step& step, const Envelope& last, const RowOwner& owner) {
    const Leaf* found = last.find_beside(owner.owner, owner.key, step.name, owner.value);
    if (step.is_denied) {
        const bool is_there =
            found != nullptr && (!step.pattern || fits(*step.pattern, found->text));
        return is_there ? "it is there" : "";
    }
    if (found == nullptr) return last.method + " has no " + quoted(step.name);
    return with_pattern("it", found->text, step.pattern);
}

std::string flaw_of_fault(const Step& step, const Envelope& last) {
    if (last.method != "Fault") return "no fault came, but " + last.method;
    if (step.name.empty())
        return with_pattern("the code", last.text_of("Fault", "FaultCode").value_or(""),
                            step.pattern);
    const Leaf* found =
        last.find_beside("SetParameterValuesFault", "ParameterName", step.name, "FaultCode");
    if (found == nullptr) return "the fault says nothing of that parameter";
    return with_pattern("its code", found->text, step.pattern);
}

std::string flaw_of_request(const Step& step, const Envelope& last) {
    if (last.method != step.name) return last.method + " came";
    for (const Condition& one : step.conditions) {
        const auto found = std::ranges::find(last.leaves, one.name, &Leaf::name);
        if (found == last.leaves.end()) return "it has no " + one.name;
        const std::string flaw = with_pattern(one.name, found->text, one.pattern);
        if (!flaw.empty()) return flaw;
    }
    return {};
}

}  // namespace

std::string Session::flaw_of_answer(const Step& step) const {
    if (!last_) return "nothing came that it could be about";
    for (const RowOwner& owner : row_owners) {
        if (owner.kind == step.kind) return flaw_of_row(step, *last_, owner);
    }
    switch (step.kind) {
        case StepKind::expect_request:
            return flaw_of_request(step, *last_);
        case StepKind::expect_fault:
            return flaw_of_fault(step, *last_);
        case StepKind::expect_answer:
            return last_->method == "Fault" ? "a fault came" : "";
        case StepKind::expect_status:
        case StepKind::expect_instance: {
            const std::string_view name =
                step.kind == StepKind::expect_status ? "Status" : "InstanceNumber";
            const auto found = last_->text_of(last_->method, name);
            if (!found) return last_->method + " has no " + std::string(name);
            return with_pattern(name, *found, step.pattern);
        }
        default:
            return {};
    }
}

}  // namespace dialtone::sim::acs
