// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/tftp_driver.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "agent/transfer/download.h"
#include "agent/transfer/memory_sink.h"

namespace dialtone::conformance {
namespace {

using Kind = FetchOutcome::Kind;

// For what is on its way to the server when the engine is done.
constexpr uint64_t deadline_ms = 2'000;

// Keeps bytes as slowly as the behaviour says.
class SlowSink final : public Sink {
  public:
    explicit SlowSink(const TftpBehaviour& behaviour) : behaviour_(behaviour) {}

    bool begin(int64_t announced) override {
        held_ = 0;
        return whole_.begin(announced);
    }
    uint32_t room() const override { return behaviour_.sink_bytes - held_; }
    void take(std::span<const uint8_t> bytes) override {
        CHECK(bytes.size() <= room());
        whole_.take(bytes);
        if (behaviour_.keeps_after_ms == 0) return;
        held_ += static_cast<uint32_t>(bytes.size());
    }
    void end() override {}
    void drop() override { whole_.drop(); }
    uint64_t size() const override { return whole_.size(); }
    uint64_t limit() const override { return whole_.limit(); }
    std::string too_long() const override { return whole_.too_long(); }

    // True: what it held is kept.
    bool keep(Instant now) {
        if (held_ == 0 || behaviour_.keeps_after_ms == UINT32_MAX) return false;
        if (!due_) due_ = now + behaviour_.keeps_after_ms;
        if (*due_ > now) return false;
        due_.reset();
        held_ = 0;
        return true;
    }
    std::optional<Instant> due() const { return due_; }
    std::vector<uint8_t> take_body() { return whole_.take_body(); }

  private:
    const TftpBehaviour& behaviour_;
    MemorySink whole_{};
    uint32_t held_ = 0;
    std::optional<Instant> due_ = {};
};

class Driver : public EventSink {
  public:
    Driver(TftpFixture& fixture, const TftpBehaviour& behaviour)
        : fixture_(fixture), world_(fixture.world()), behaviour_(behaviour) {}

    TftpObservation run();
    void take(Instant now, const Event& event) override {
        download_.handle(stretched(now), event);
        if (sink_.keep(stretched(now))) download_.sink_kept(stretched(now));
        drain();
    }

  private:
    // The engine lives faster than the world.
    Instant stretched(Instant of_world) const { return {of_world.ms * behaviour_.speed_up}; }
    void drain() {
        while (auto effect = download_.next())
            world_.carry_out(std::move(*effect));
    }
    void wait(Instant at_most);
    void fetch();
    void note(const FetchOutcome& outcome, const std::vector<uint8_t>& body);
    bool errors_arrived() const;

    TftpFixture& fixture_;
    World& world_;
    const TftpBehaviour& behaviour_;
    RequestIds ids_ = {};
    Download download_{ids_};
    SlowSink sink_{behaviour_};
    TftpObservation seen_ = {};
};

void Driver::wait(Instant at_most) {
    Instant until = at_most;
    if (const auto due = earlier(download_.deadline(), sink_.due())) {
        until = std::min(until, Instant{due->ms / behaviour_.speed_up + 1});
    }
    world_.wait(until, *this);
}

void Driver::fetch() {
    const Instant now = world_.now();
    FetchRequest request;
    request.url = "tftp://" + fixture_.server() + "/" + tftp_file;
    download_.start(stretched(now), std::move(request), sink_);
    drain();
    // The engine promises an end.
    const Instant end = now + limits::transfer_total_ms + deadline_ms;
    while (!download_.ready() && world_.now() < end)
        wait(end);
    const auto outcome = download_.take_outcome();
    if (outcome) return note(*outcome, sink_.take_body());
    seen_.sequence += "no outcome";
}

void Driver::note(const FetchOutcome& outcome, const std::vector<uint8_t>& body) {
    constexpr std::string_view names[] = {"body", "absent", "withheld", "refused", "unreachable"};
    std::string& sequence = seen_.sequence;
    if (!sequence.empty()) sequence += ", ";
    sequence += names[static_cast<size_t>(outcome.kind)];
    if (outcome.kind == Kind::body) sequence += ' ' + std::to_string(body.size());
    if (!outcome.answered) sequence += " unanswered";
    if (outcome.tls_verified) sequence += " verified";
    const std::string sent = tftp_body(behaviour_.body_bytes);
    const bool is_right =
        std::equal(body.begin(), body.end(), sent.begin(), sent.end(),
                   [](uint8_t one, char other) { return one == static_cast<uint8_t>(other); });
    if (outcome.kind == Kind::body && !is_right) sequence += " of other bytes";
    seen_.reason = outcome.reason;
}

bool Driver::errors_arrived() const {
    return behaviour_.errors == "any" || fixture_.errors() == behaviour_.errors;
}

TftpObservation Driver::run() {
    for (uint32_t i = 0; i < behaviour_.files; ++i)
        fetch();
    const Instant end = world_.now() + deadline_ms;
    while (!errors_arrived() && world_.now() < end)
        wait(world_.now() + 5);
    download_.stop(stretched(world_.now()));
    drain();
    seen_.requests = fixture_.requests();
    seen_.errors = fixture_.errors();
    return seen_;
}

}  // namespace

TftpObservation observe(TftpFixture& fixture, const TftpBehaviour& behaviour) {
    return Driver(fixture, behaviour).run();
}

void check_tftp(TftpFixture& fixture, const TftpBehaviour& behaviour) {
    const TftpObservation seen = observe(fixture, behaviour);
    CAPTURE(seen.reason);
    CHECK(seen.sequence == std::string(behaviour.expected));
    CHECK(seen.reason.find(behaviour.says) != std::string::npos);
    if (behaviour.errors != "any") CHECK(seen.errors == std::string(behaviour.errors));
    if (behaviour.requests != 0) CHECK(seen.requests == behaviour.requests);
}

}  // namespace dialtone::conformance
