// SPDX-License-Identifier: Apache-2.0
//
// The sessions of the laboratory's ACS with one device: an HTTP request goes in, the answer that
// the script has for it comes out, and each expectation that is not met and each departure from
// HTTP, SOAP, the schemas and TR-069 is told in words.
//
// Who calls it: the server, one request after the other; the tests. It has no clock and no socket.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/lab/acs/envelope.h"
#include "sim/lab/acs/http_message.h"
#include "sim/lab/acs/proof.h"
#include "sim/lab/acs/script.h"
#include "sim/lab/case_result.h"

namespace dialtone::sim::acs {

struct Verdict {
    uint32_t expectations = 0;
    uint32_t unmet = 0;
    uint32_t violations = 0;
    std::vector<std::string> words;  // of each that is unmet or violated
};

class Session {
  public:
    // A line for people: who speaks, and what.
    using Log = std::function<void(std::string_view line)>;

    // `script` outlives it.
    Session(const Script& script, Log log);

    HttpAnswer take(const HttpRequest& request);
    // What came could not be read as HTTP.
    HttpAnswer take_malformed(std::string_view why);

    // Every step is done, and no session is open.
    bool is_done() const { return at_ == script_.steps.size() && !is_open_; }
    uint32_t ended_sessions() const { return ended_sessions_; }
    // Nobody comes any more: what was not reached is unmet. To be called once, at the end.
    void finish();
    const Verdict& verdict() const { return verdict_; }
    // In the script's order, those it has come to.
    const std::vector<CaseResult>& cases() const { return cases_; }

  private:
    HttpAnswer take_empty();
    HttpAnswer take_inform(Envelope envelope);
    HttpAnswer take_answer(Envelope envelope);
    HttpAnswer take_request(const Envelope& envelope);
    HttpAnswer next_answer();
    HttpAnswer send_call(const Step& step);
    HttpAnswer end_session();
    HttpAnswer message(std::string body) const;
    // What stands in the script instead of the answer that is due, if anything does.
    std::optional<HttpAnswer> replacement(std::string_view id);
    void style_answer(HttpAnswer& answer) const;

    void check_http(const HttpRequest& request);
    void check_cookies(const HttpRequest& request);
    void check_id(const Envelope& envelope);
    void check_step(const Step& step);
    std::string flaw_of_inform(const Step& step, const Envelope& envelope) const;
    std::string flaw_of_answer(const Step& step) const;
    void skip_to_inform();
    void begin_case(const Step& step);
    void skip_case(const Step& needs);
    void blame_case(std::string_view words);
    Step expanded(Step step) const;
    void lose_call(std::string_view why);
    void unmet(const Step& step, std::string_view why);
    void violation(std::string_view words);
    void say(std::string_view who, std::string_view what) const;
    const Step* step() const { return at_ < script_.steps.size() ? &script_.steps[at_] : nullptr; }
    bool is_next(StepKind kind) const { return step() != nullptr && step()->kind == kind; }

    const Script& script_;
    Log log_;
    Verdict verdict_;
    ProofCheck proof_;
    uint32_t at_ = 0;               // the step that is next
    const Step* called_ = nullptr;  // whose answer is due
    std::string called_id_;
    std::optional<Envelope> last_;  // what expectations are about
    std::vector<std::string> cookies_;
    std::vector<std::string> methods_;  // of the answer to GetRPCMethods that came last
    std::vector<CaseResult> cases_;
    std::string root_;         // of the device's parameters, "Device"
    std::string broken_body_;  // of the request whose answer was cut; it may come again
    uint32_t ids_ = 0;
    uint32_t ended_sessions_ = 0;
    bool is_open_ = false;
    bool holds_requests_ = false;
};

}  // namespace dialtone::sim::acs
