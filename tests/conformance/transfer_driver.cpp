// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/transfer_driver.h"

#include <optional>
#include <utility>
#include <variant>

namespace dialtone::conformance {
namespace {

// How long nothing has to happen before it counts as silence, once the server rests, and how often
// in a row: a busy machine may need that long to look at what has come already.
constexpr uint64_t silence_ms = 10;
constexpr uint32_t silences = 3;
// No behaviour takes that long; then the world has forgotten its answer.
constexpr uint64_t deadline_ms = 20'000;

constexpr std::string_view fault_names[] = {"name",        "connect",     "tls",
                                            "expired",     "truncated",   "broken",
                                            "credentials", "unsupported", "stored_file"};

std::string number_or_star(int64_t number) {
    return number < 0 ? "*" : std::to_string(number);
}

std::string part_words(const ContentRange& range) {
    if (range.first < 0 && range.total < 0) return {};
    return " part " + number_or_star(range.first) + "-" + number_or_star(range.last) + "/" +
           number_or_star(range.total);
}

class Driver : public EventSink {
  public:
    Driver(WorldFixture& fixture, const Behaviour& behaviour)
        : fixture_(fixture), world_(fixture.world()), behaviour_(behaviour) {}

    Observation run();
    void take(Instant now, const Event& event) override {
        if (!std::holds_alternative<Wake>(event)) silences_ = 0;
        std::visit(EventVisitor{*this, now}, event);
    }

  private:
    struct EventVisitor {
        Driver& self;
        Instant now;
        void operator()(const TransferHead& head) const { self.on_event(head); }
        void operator()(const TransferChunk& chunk) const { self.on_event(chunk); }
        void operator()(const TransferEnd& end) const { self.on_event(end); }
        void operator()(const TransferFailed& failed) const { self.on_event(failed); }
        void operator()(const Wake&) const { self.on_silence(); }
        void operator()(const LinkChanged&) const {}
        void operator()(const auto&) const { self.note("an event that nobody asked for"); }
    };

    void on_event(const TransferHead& head);
    void on_event(const TransferChunk& chunk);
    void on_event(const TransferEnd& end);
    void on_event(const TransferFailed& failed);
    void on_silence();
    void start();
    void stop();
    RequestId next_session();
    void grant(uint32_t bytes);
    void note(std::string_view item);
    void flush_body();
    bool is_mine(RequestId id);
    void next();

    WorldFixture& fixture_;
    World& world_;
    const Behaviour& behaviour_;
    Observation seen_ = {};
    uint32_t started_ = 0;
    std::string_view sessions_ = behaviour_.sessions;  // of the transfers to come
    uint64_t body_bytes_ = 0;                          // not written down yet
    uint64_t credit_bytes_ = 0;
    uint32_t grants_ = 0;
    uint32_t silences_ = 0;  // in a row
    bool stopped_ = false;
    bool over_ = false;
};

void Driver::note(std::string_view item) {
    flush_body();
    if (!seen_.sequence.empty()) seen_.sequence += ", ";
    seen_.sequence += item;
}

void Driver::flush_body() {
    if (body_bytes_ == 0) return;
    const std::string item = "body " + std::to_string(std::exchange(body_bytes_, 0));
    note(item);
}

bool Driver::is_mine(RequestId id) {
    if (stopped_) note("an event of a stopped transfer");
    if (id != started_) note("an event of another transfer");
    return !stopped_ && id == started_;
}

void Driver::on_event(const TransferHead& head) {
    if (!is_mine(head.id)) return;
    std::string item = "head " + std::to_string(head.status);
    if (head.content_length >= 0) item += " length " + std::to_string(head.content_length);
    if (head.tls_verified) item += " verified";
    const std::pair<std::string_view, std::string_view> fields[] = {
        {" location ", head.location},       {" etag ", head.etag},
        {" retry-after ", head.retry_after}, {" type ", head.content_type},
        {" changed ", head.last_modified},   {" wants ", head.wants},
    };
    for (const auto& [name, value] : fields) {
        if (!value.empty()) item.append(name).append(value);
    }
    if (head.lacks_certificate) item += " lacks certificate";
    note(item + part_words(head.range));
}

void Driver::on_event(const TransferChunk& chunk) {
    if (!is_mine(chunk.id)) return;
    const auto size_bytes = static_cast<uint32_t>(chunk.bytes.size());
    if (size_bytes == 0) note("an empty chunk");
    if (size_bytes > credit_bytes_) note("more than was granted");
    for (uint8_t octet : chunk.bytes) {
        if (octet != 'x') return note("bytes that the server did not send");
    }
    body_bytes_ += size_bytes;
    credit_bytes_ -= size_bytes;
    if (behaviour_.then != Behaviour::Then::grant) grant(size_bytes);
}

void Driver::on_event(const TransferEnd& end) {
    if (!is_mine(end.id)) return;
    note("end");
    next();
}

void Driver::on_event(const TransferFailed& failed) {
    if (!is_mine(failed.id)) return;
    note("failed " + std::string(fault_names[static_cast<size_t>(failed.fault)]));
    seen_.reason = failed.reason;
    next();
}

void Driver::on_silence() {
    silences_ = stopped_ || fixture_.server_is_idle(started_) ? silences_ + 1 : 0;
    if (silences_ < silences) return;
    silences_ = 0;
    if (stopped_) {
        over_ = true;
        return;
    }
    note("silence");
    if (behaviour_.then == Behaviour::Then::go_on) return fixture_.go_on();
    if (behaviour_.then == Behaviour::Then::grant && grants_ < behaviour_.grants) {
        ++grants_;
        return grant(behaviour_.credit_bytes);
    }
    stop();
}

void Driver::grant(uint32_t bytes) {
    credit_bytes_ += bytes;
    world_.carry_out(CreditTransfer{started_, bytes});
}

RequestId Driver::next_session() {
    constexpr RequestId keys[] = {1, 2, 3};
    if (sessions_.starts_with('/')) {
        for (const RequestId key : keys)
            world_.carry_out(ReleaseSession{key});
        sessions_.remove_prefix(1);
    }
    if (sessions_.empty()) return 0;
    const auto key = static_cast<RequestId>(sessions_.front() - '0');
    sessions_.remove_prefix(1);
    return key;
}

void Driver::start() {
    ++started_;
    StartTransfer wanted = {.id = started_, .url = fixture_.url(), .user_agent = "Conductor"};
    wanted.auth = behaviour_.auth;
    if (behaviour_.auth != AuthPolicy::none) {
        wanted.user = user;
        wanted.password = behaviour_.right_password ? password : "a wrong one";
    }
    wanted.method = behaviour_.method;
    if (behaviour_.sends_stored) {
        wanted.body.stored_name = stored_name;
    } else {
        wanted.body.bytes.assign(behaviour_.sends_bytes, 'y');
    }
    wanted.range = behaviour_.range;
    wanted.session = next_session();
    wanted.connect_ms = behaviour_.connect_ms;
    wanted.login_ms = behaviour_.login_ms;
    wanted.tls.verify = behaviour_.verify;
    wanted.tls.clock_is_proven = behaviour_.clock_is_proven;
    fixture_.fill_tls(wanted.tls);
    world_.carry_out(std::move(wanted));
    credit_bytes_ = 0;
    grant(behaviour_.credit_bytes);
}

void Driver::stop() {
    world_.carry_out(StopTransfer{started_});
    note("stopped");
    stopped_ = true;
}

void Driver::next() {
    if (started_ < behaviour_.requests) return start();
    over_ = true;
}

Observation Driver::run() {
    const Instant end = world_.now() + deadline_ms;
    start();
    while (!over_ && world_.now() < end)
        world_.wait(world_.now() + silence_ms, *this);
    if (!over_) note("nothing more");
    flush_body();
    return seen_;
}

}  // namespace

Observation observe(WorldFixture& fixture, const Behaviour& behaviour) {
    return Driver(fixture, behaviour).run();
}

}  // namespace dialtone::conformance
