// SPDX-License-Identifier: Apache-2.0
//
// The part of PhoneRun in which somebody asks the phone for a session with its ACS, rightly and
// wrongly, and which finds out whether one began that nobody had proved to be wanted.
#include <algorithm>

#include "sim/lab/swarm/phone_run.h"
#include "sim/world/phone.h"

namespace dialtone::sim {
namespace {

constexpr auto request_steps = 3U;
constexpr uint32_t answer_ms = 50;  // after which a client looks for it
constexpr uint16_t request_port = 7547;
constexpr Address client_address = {{10, 0, 0, 77}, 4};

std::string path_of(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    const auto at = url.find('/', std::min(scheme.size(), url.size()));
    return at == std::string_view::npos ? "/" : std::string(url.substr(at));
}

}  // namespace

void PhoneRun::schedule_request(World& world, uint64_t in_ms, RequestStep step, uint32_t request) {
    static_assert(static_cast<uint32_t>(RequestStep::count_) == request_steps);
    world.schedule_event(world.now().ms + in_ms,
                         request_events + request * request_steps + static_cast<uint32_t>(step));
}

// Each comes once, in whichever life has its time.
void PhoneRun::schedule_requests(World& world) {
    session_is_wanted_ = false;
    for (uint32_t i = 0; i < visits_.size(); ++i) {
        const uint64_t at_ms = scenario_.acs.requests[i].at_ms;
        const uint64_t now_ms = lab_.site().clock_ms;
        if (!visits_[i].began)
            schedule_request(world, at_ms - std::min(at_ms, now_ms), RequestStep::ask, i);
    }
}

void PhoneRun::take_request_event(World& world, uint32_t number) {
    const uint32_t request = number / request_steps;
    switch (static_cast<RequestStep>(number % request_steps)) {
        case RequestStep::ask:
            return ask_for_session(world, request);
        case RequestStep::prove:
            return prove_request(world, request);
        case RequestStep::hear:
            return hear_answer(world, request);
        case RequestStep::count_:
            return;
    }
}

void PhoneRun::ask_for_session(World& world, uint32_t request) {
    Visit& visit = visits_[request];
    const RequestWord word = scenario_.acs.requests[request].word;
    visit = {.began = true};
    visit.connection = world.connect_http(request_port, client_address, 40'000);
    if (visit.connection == 0) return;
    ClientRequest asked;
    asked.target = path_of(lab_.request_url());
    if (word == RequestWord::other_path) asked.target += "0";
    if (word == RequestWord::other_method) asked.method = "POST";
    if (word == RequestWord::basic)
        asked.fields = {{"Authorization", "Basic YWNzOmh1c2gtcmVxdWVzdA=="}};
    if (word == RequestWord::said_before && !said_before_.empty())
        asked.fields = {{"Authorization", said_before_}};
    world.send_http(visit.connection, asked);
    schedule_request(world, answer_ms, RequestStep::prove, request);
}

void PhoneRun::prove_request(World& world, uint32_t request) {
    Visit& visit = visits_[request];
    const LabConnectionRequest& asked = scenario_.acs.requests[request];
    const auto news = world.heard_http(visit.connection);
    if (news && news->status == 200)
        violation("a connection request without a new proof was answered with 200");
    const bool answers = asked.word == RequestWord::right ||
                         asked.word == RequestWord::other_password ||
                         asked.word == RequestWord::other_user;
    if (!news || news->status != 401 || !answers) return;
    const std::string target = path_of(lab_.request_url());
    const auto challenge =
        std::ranges::find(news->fields, "WWW-Authenticate",
                          [](const auto& one) -> std::string_view { return one.first; });
    if (challenge == news->fields.end()) return violation("a 401 without a challenge");
    visit.authorization = digest_answer(
        challenge->second, asked.word == RequestWord::other_user ? "other" : lab_request_user,
        asked.word == RequestWord::other_password ? "hush-other" : lab_request_password, target);
    if (!asked.over_one)
        visit.connection = world.connect_http(request_port, client_address, 40'001);
    if (visit.connection == 0) return;
    if (asked.word == RequestWord::right) {
        session_is_wanted_ = true;
        proved_ms_ = lab_.site().clock_ms;
    }
    world.send_http(visit.connection,
                    {.target = target, .fields = {{"Authorization", visit.authorization}}});
    schedule_request(world, answer_ms, RequestStep::hear, request);
}

void PhoneRun::hear_answer(World& world, uint32_t request) {
    const Visit& visit = visits_[request];
    const auto news = world.heard_http(visit.connection);
    if (!news || news->status != 200) return;
    if (scenario_.acs.requests[request].word != RequestWord::right)
        violation("a connection request without proof was answered with 200");
    said_before_ = visit.authorization;
}

// Whatever comes to the port: a session of that kind begins for proof, and once for it. An ACS
// without TLS that DHCP names is no pinned phone's own.
void PhoneRun::check_session(const JournalLine& line) {
    const auto has = [&](std::string_view name, std::string_view words) {
        return std::ranges::any_of(line.fields, [&](const auto& field) {
            return field.first == name && field.second.find(words) != std::string::npos;
        });
    };
    // What is about to be durable is nothing that the phone goes by yet.
    const bool is_pinned = Phone(lab_.site(), {}).record().trust.pin.proof != Proof::none;
    if (line.kind == JournalKind::boot || line.kind == JournalKind::applied)
        was_pinned_ = is_pinned;
    if (line.kind == JournalKind::acs_inform)
        acs_has_no_say_ = !disk_failed_ && has("server", "option ") && was_pinned_ && is_pinned;
    if (line.kind == JournalKind::acs_call && acs_has_no_say_)
        violation("an ACS that DHCP has named calls a pinned phone's methods");
    if (line.kind == JournalKind::connection_request && !session_is_wanted_)
        violation("a connection request was taken that nobody had proved");
    if (line.kind != JournalKind::acs_inform || !has("events", "6 CONNECTION REQUEST")) return;
    if (!session_is_wanted_) violation("a session that nobody had asked for");
    // Another proof may be on its way.
    session_is_wanted_ = lab_.site().clock_ms - proved_ms_ < answer_ms;
}

}  // namespace dialtone::sim
