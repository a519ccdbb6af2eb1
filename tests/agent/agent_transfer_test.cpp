// SPDX-License-Identifier: Apache-2.0
//
// The agent with a transfer of its ACS: jobs, disk, store and hooks behind the port. The ACS client
// here is one that has transfers carried out and nothing else: queue and sessions are not asked.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/cwmp/transfer_run.h"
#include "sim/world/phone.h"
#include "tests/agent/trust_phone.h"

using namespace dialtone;
using namespace dialtone::sim;
using namespace dialtone::test;

namespace {

constexpr uint64_t first_at_ms = 20'000;

// What a test orders, and what came of it.
struct Orders {
    std::deque<AcsTransfer> wanted = {};
    std::vector<TransferResult> results = {};
    bool vouches = false;
};
Orders* orders = nullptr;

class TransferClient final : public AcsClient {
  public:
    TransferClient(RequestIds& ids, PhoneFacts& phone, const WallClock& clock, const Record& record,
                   const Generation& active)
        : AcsClient(ids), run_(ids, phone, clock, record, active) {
        drives(run_);
    }

    void go_online(Instant) override {}
    void take_settings(Instant) override {}
    void forget() override {}
    bool restart_comes() override { return false; }
    void connection_requested(Instant) override {}
    Status take_voice(Instant, std::string_view) override { return {}; }
    void provisioned(Instant, std::string_view) override {}
    const AcsMemory& memory() const override { return memory_; }
    void memory_kept(Instant, bool, std::string_view) override {}
    bool has_change() const override { return false; }
    AcsChange take_change() override { return {}; }
    void change_done(Instant, AcsChangeOutcome) override {}
    void all_told(Instant) override {}
    bool is_changing() const override { return false; }
    bool take_vouch() override { return orders->vouches; }
    TransferPort& transfers() override { return run_; }
    const std::optional<Deferred>& ordered() const override { return ordered_; }
    void take_order() override {}
    AcsStanding standing() const override { return {}; }
    bool take_rediscovery() override { return false; }
    ModelListing list_model(Instant, std::string_view, uint32_t) const override { return {}; }

    void handle(Instant now, const Event& event) override {
        run_.handle(now, event);
        if (auto result = run_.take_outcome()) orders->results.push_back(std::move(*result));
        if (run_.busy() || now.ms < first_at_ms || orders->wanted.empty()) return;
        run_.start(now, orders->wanted.front());
        orders->wanted.pop_front();
    }
    std::optional<Instant> deadline() const override {
        const bool waits = !run_.busy() && !orders->wanted.empty();
        return earlier(run_.deadline(), waits ? std::optional(Instant{first_at_ms}) : std::nullopt);
    }

  private:
    TransferRun run_;
    AcsMemory memory_ = {};
    std::optional<Deferred> ordered_ = {};
};

std::unique_ptr<AcsClient> make_client(RequestIds& ids, PhoneFacts& phone, const WallClock& clock,
                                       const Record& record, const Generation& active) {
    return std::make_unique<TransferClient>(ids, phone, clock, record, active);
}

const std::string folder = "https://pbx.example/gs";
const std::string file = "https://files.example/a.xml";

// A phone with a configuration, from a server by verified TLS or without, and files for its ACS.
struct Bench {
    Site site = {};
    PhoneOptions options = asks_static(folder);
    Orders given = {};

    explicit Bench(bool pinned = false) {
        orders = &given;
        options.once = false;
        options.make_acs_client = &make_client;
        options.settings.emplace_back(Setting::tr069_acs_url, "https://acs.example/");
        options.settings.emplace_back(Setting::hooks_file_dir, "/etc/dialtone/file.d");
        site.web.put(own_file_at(folder), {.body = p47("own"), .tls_verified = pinned});
        live(10);
    }
    void put(std::string body, bool by_tls = true) {
        site.web.put(file, {.body = std::move(body), .tls_verified = by_tls});
    }
    void order(std::string type, Proof proof = Proof::tls,
               TransferKind kind = TransferKind::download) {
        given.wanted.push_back({.kind = kind,
                                .file_type = std::move(type),
                                .url = file,
                                .user = "acs",
                                .password = "hush",
                                .proof = proof});
    }
    template <typename Prepare>
    void live(uint64_t for_s, Prepare prepare) {
        Phone phone(site, options);
        phone.power_on([&](sim::World& world, uint32_t) {
            world.plan_command(for_s * 1000, CommandKind::stop);
            prepare(world);
        });
    }
    void live(uint64_t for_s = 60) {
        live(for_s, [](sim::World&) {});
    }
    std::string value(std::string_view key) { return value_of(Phone(site, options), key); }
    Record record() { return Phone(site, options).record(); }
    Generation active() { return Phone(site, options).active(); }
    uint32_t fault() {
        REQUIRE(given.results.size() == 1);
        CAPTURE(given.results.front().reason);
        const uint32_t fault = given.results.front().fault;
        given.results.clear();
        return fault;
    }
    bool has_staged_file() const {
        return site.disk.find("staged.0") != nullptr || site.disk.find("staged.1") != nullptr;
    }
};

const std::string configuration = "3 Vendor Configuration File";

}  // namespace

TEST_CASE("a configuration that an ACS has downloaded is its change, on trial until it is heard") {
    Bench bench;
    bench.put(p47("acs"));
    bench.order(configuration);
    bench.live();
    CHECK(bench.fault() == 0);
    const Generation active = bench.active();
    REQUIRE(active.find("P47", Origin::acs) != nullptr);
    CHECK(active.find("P47", Origin::acs)->value == "acs");
    CHECK(bench.record().acs_trial.under_way);
    CHECK(!bench.has_staged_file());
    CHECK(bench.site.hook_lines.back() == "P47=acs\n");
    bench.given.vouches = true;
    bench.live();
    CHECK(bench.record().trial == TrialState::none);
    CHECK(bench.value("P47") == "acs");
}

TEST_CASE("a configuration that the ACS is not heard with gives way to the one before it") {
    Bench bench;
    bench.options.settings.emplace_back(Setting::trial_timeout, "60");
    bench.put(p47("acs"));
    bench.order(configuration);
    bench.live(120);
    CHECK(bench.fault() == 0);
    CHECK(bench.value("P47") == "own");
}

TEST_CASE("a configuration that changes nothing is done, and no generation is made of it") {
    Bench bench;
    bench.put(config("<P47>acs</P47>"));
    bench.order(configuration);
    bench.order(configuration);
    bench.given.vouches = true;
    const uint32_t number = bench.active().number;
    bench.live();
    REQUIRE(bench.given.results.size() == 2);
    CHECK(bench.given.results[0].fault == 0);
    CHECK(bench.given.results[1].fault == 0);
    CHECK(bench.active().number == number + 1);
}

TEST_CASE("a pinned phone takes a configuration from its ACS by verified TLS all the way alone") {
    struct Case {
        Proof order;
        bool by_tls;
        uint32_t fault;
    };
    for (const Case& one : {Case{Proof::none, true, 9001}, Case{Proof::tls, false, 9001},
                            Case{Proof::tls, true, 0}}) {
        Bench bench(true);
        REQUIRE(bench.record().trust.pin.proof == Proof::tls);
        const Pin pin = bench.record().trust.pin;
        bench.put(p47("acs"), one.by_tls);
        bench.order(configuration, one.order);
        bench.live();
        CHECK(bench.fault() == one.fault);
        CHECK(bench.value("P47") == (one.fault == 0 ? "acs" : "own"));
        CHECK(bench.record().trust.pin == pin);
    }
}

TEST_CASE("a key to open files that an ACS sets without a proof proves nothing afterwards") {
    for (const bool proven : {false, true}) {
        Bench bench;
        REQUIRE(bench.record().trust.pin.keys_proven);
        bench.put(config("<P1359>rogue</P1359>"), proven);
        bench.order(configuration, proven ? Proof::tls : Proof::none);
        bench.live();
        CHECK(bench.fault() == 0);
        CHECK(bench.record().trust.pin.keys_proven == proven);
    }
}

TEST_CASE("a file for the phone's software comes to its programs whole, and is gone afterwards") {
    Bench bench;
    const std::string tones(200'000, 't');
    bench.put(tones);
    bench.order("4 Tone File");
    bench.live();
    CHECK(bench.fault() == 0);
    REQUIRE(bench.site.handed_over.size() == 1);
    CHECK(bench.site.handed_over.front().type == "4 Tone File");
    CHECK(bench.site.handed_over.front().name == "a.xml");
    CHECK(bench.site.handed_over.front().bytes.size() == tones.size());
    CHECK(!bench.has_staged_file());
    bench.site.file_hook_failure = "10-tones ended with status 3";
    bench.order("4 Tone File");
    bench.live();
    CHECK(bench.fault() == 9010);
}

TEST_CASE("a server that is not there is told after four tries, and nothing stays behind") {
    Bench bench;
    bench.site.web.set_down(true);
    bench.order("4 Tone File");
    bench.live(1'500);
    CHECK(bench.fault() == 9015);
    CHECK(count_entries(bench.site, JournalKind::job_waits) == 3);
    CHECK(!bench.has_staged_file());
    CHECK(bench.site.handed_over.empty());
}

TEST_CASE("what the phone has sent up it takes down again, and means the same") {
    Bench bench;
    std::string sent;
    bench.site.web.serve(file, [&](const StartTransfer& request) {
        if (request.method != HttpMethod::put) return Answer{.body = sent, .tls_verified = true};
        sent.assign(request.body.bytes.begin(), request.body.bytes.end());
        return Answer{.status = 201, .tls_verified = true};
    });
    bench.order("1 Vendor Configuration File", Proof::tls, TransferKind::upload);
    bench.live();
    CHECK(bench.fault() == 0);
    CHECK(sent.find("<P47>own</P47>") != std::string::npos);
    const uint32_t number = bench.active().number;
    bench.order(configuration);
    bench.given.vouches = true;
    bench.live();
    CHECK(bench.fault() == 0);
    CHECK(changed_keys({}, bench.active()).size() == 1);
    CHECK(bench.value("P47") == "own");
    // The ACS's word now is the file's: no server's value counts otherwise.
    CHECK(bench.active().number == number + 1);
}

TEST_CASE("a factory reset ends a download, and leaves nothing of it") {
    Bench bench;
    bench.site.web.put(
        file, {.body = std::string(500'000, 't'), .tls_verified = true, .piece_interval_ms = 100});
    bench.order("4 Tone File");
    bench.live(90, [](sim::World& world) {
        world.plan_command(first_at_ms + 5'000, CommandKind::factory_reset);
    });
    CHECK(bench.given.results.empty());
    CHECK(bench.site.handed_over.empty());
    CHECK(!bench.has_staged_file());
}

TEST_CASE("a phone that leaves ends a download without an outcome; the next life begins it anew") {
    Bench bench;
    bench.site.web.put(
        file, {.body = std::string(500'000, 't'), .tls_verified = true, .piece_interval_ms = 100});
    bench.order("4 Tone File");
    bench.live(25);
    CHECK(bench.given.results.empty());
    CHECK(!bench.has_staged_file());
    bench.order("4 Tone File");
    bench.live(120);
    CHECK(bench.fault() == 0);
    CHECK(bench.site.handed_over.size() == 1);
}
