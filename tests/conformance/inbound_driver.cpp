// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/inbound_driver.h"

#include <variant>

namespace dialtone::conformance {
namespace {

// How long nothing has to happen before it counts as silence.
constexpr uint64_t turn_ms = 5;
constexpr uint32_t silent_turns = 8;
// Of a behaviour that is slow; of two patiences, one after the other.
constexpr auto slow_turns = static_cast<uint32_t>(uint64_t{3} * short_patience_ms / turn_ms);
constexpr uint64_t deadline_ms = 20'000;

constexpr RequestId port_number = 7;

class Driver : public EventSink {
  public:
    Driver(InboundFixture& fixture, const InboundBehaviour& behaviour)
        : fixture_(fixture), world_(fixture.world()), behaviour_(behaviour) {}

    std::string run();
    void take(Instant, const Event& event) override {
        hear();  // what was said before
        if (const auto* request = std::get_if<HttpRequest>(&event)) on_request(*request);
        if (std::holds_alternative<SocketFailed>(event)) note("failed");
    }

  private:
    void on_request(const HttpRequest& request);
    void on_news(const sim::ClientNews& news);
    void hear();
    void say_more();
    void note(const std::string& item);
    void turn();

    InboundFixture& fixture_;
    World& world_;
    const InboundBehaviour& behaviour_;
    std::string seen_ = {};
    uint32_t said_ = 0;      // requests
    uint32_t answered_ = 0;  // of them
    uint32_t silent_ = 0;    // turns in a row
    bool is_over_ = false;
};

void Driver::note(const std::string& item) {
    silent_ = 0;
    if (!seen_.empty()) seen_ += ", ";
    seen_ += item;
}

void Driver::on_request(const HttpRequest& request) {
    std::string item = "request " + std::string(method_name(request.method)) + " ";
    item += request.target;
    const std::pair<std::string_view, std::string_view> fields[] = {
        {" host ", request.host},
        {" auth ", request.authorization},
        {" type ", request.content_type},
    };
    for (const auto& [name, value] : fields) {
        if (!value.empty()) item.append(name).append(value);
    }
    if (!request.body.empty()) item += " body " + std::to_string(request.body.size());
    for (const uint8_t octet : request.body) {
        if (octet != 'z') item = "bytes that the client did not send";
    }
    if (request.listener != port_number) item = "a request of another port";
    note(item);
    if (behaviour_.agent == AgentManner::never_answers) return;
    if (behaviour_.agent == AgentManner::closes_port)
        return world_.carry_out(CloseHttp{port_number});
    const HttpReply reply = {.request = request.request,
                             .status = behaviour_.status,
                             .fields = {{"X-Phone", "yes"}},
                             .body = std::vector<uint8_t>(behaviour_.body_bytes, 'x'),
                             .closes = behaviour_.closes};
    world_.carry_out(HttpReply(reply));
    if (behaviour_.agent == AgentManner::answers_twice) world_.carry_out(HttpReply(reply));
}

void Driver::on_news(const sim::ClientNews& news) {
    if (news.is_closed) {
        is_over_ = true;
        return note("closed");
    }
    std::string item = "answer " + std::to_string(news.status);
    const bool is_agents = news.status == behaviour_.status;
    if (is_agents && !news.body.empty()) item += " body " + std::to_string(news.body.size());
    for (const auto& [name, value] : news.fields) {
        if (name == "Date") item = "a time of a phone without a clock";
    }
    note(item);
    ++answered_;
}

void Driver::hear() {
    while (const auto news = fixture_.next())
        on_news(*news);
}

void Driver::say_more() {
    const auto all = static_cast<uint32_t>(behaviour_.requests.size());
    while (said_ < all && (behaviour_.pipelined || said_ == answered_))
        fixture_.send(behaviour_.requests[said_++]);
}

void Driver::turn() {
    ++silent_;
    world_.wait(world_.now() + turn_ms, *this);
    hear();
    if (!is_over_) say_more();
    if (silent_ > (behaviour_.is_slow ? slow_turns : silent_turns)) is_over_ = true;
}

std::string Driver::run() {
    const Instant end = world_.now() + deadline_ms;
    world_.carry_out(OpenHttp{.listener = port_number, .port = fixture_.port()});
    for (uint32_t i = 0; i < behaviour_.idle_connections; ++i)
        fixture_.connect(true);
    fixture_.connect(false);
    while (!is_over_ && world_.now() < end)
        turn();
    return seen_;
}

}  // namespace

std::string observe(InboundFixture& fixture, const InboundBehaviour& behaviour) {
    return Driver(fixture, behaviour).run();
}

}  // namespace dialtone::conformance
