// SPDX-License-Identifier: Apache-2.0
//
// The ACS client by itself, where no life of a whole phone leads: what knocks on it.
#include "agent/cwmp/acs_client.h"

#include <doctest/doctest.h>

#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

struct Bench {
    ManagedPhone managed = {};
    RequestIds ids = {};
    Record record = {};
    std::unique_ptr<AcsClient> client = {};
    Instant now = {};
    std::vector<StartTransfer> posts = {};

    Bench() {
        managed.set(Setting::tr069_periodic_enable, "0");
        client = make_acs_client(ids, managed.phone, managed.clock, record, managed.active);
        client->take_settings(now);
        client->go_online(now);
        drain();
    }
    void drain() {
        while (auto effect = client->next()) {
            if (auto* post = std::get_if<StartTransfer>(&*effect)) posts.push_back(*post);
        }
    }
    void give(const Event& event) {
        client->handle(now, event);
        drain();
    }
    void answer(std::string_view text, uint16_t status) {
        const RequestId id = posts.back().id;
        give(TransferHead{.id = id, .status = status});
        if (status != 200) return;
        give(TransferChunk{id, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
        give(TransferEnd{id});
    }
    // The Inform that is out is taken, and the ACS has nothing to say.
    void hear() {
        answer(inform_response(), 200);
        const RequestId id = posts.back().id;
        give(TransferHead{.id = id, .status = 204});
        give(TransferEnd{id});
        record.acs = client->memory();
    }
    std::vector<std::string> events() const {
        const auto& bytes = posts.back().body.bytes;
        const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        std::vector<std::string> out;
        if (!message || message->method() != "Inform") return out;
        for (const SoapView& event : message->arguments().child("Event")->children())
            out.emplace_back(*event.word("EventCode"));
        return out;
    }
    void knock() {
        client->connection_requested(now);
        drain();
    }
};

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("a connection request begins a session at once, and is told in it") {
    Bench bench;
    bench.hear();
    const auto posts = bench.posts.size();
    bench.knock();
    REQUIRE(bench.posts.size() == posts + 1);
    CHECK(bench.events() == Events{"6 CONNECTION REQUEST"});
    bench.hear();
    CHECK(!bench.client->deadline());
}

TEST_CASE("a connection request that comes in a session is told in the next") {
    Bench bench;
    CHECK(bench.events() == Events{"0 BOOTSTRAP", "1 BOOT"});
    bench.knock();
    bench.hear();
    CHECK(bench.events() == Events{"6 CONNECTION REQUEST"});
    bench.hear();
    CHECK(!bench.client->deadline());
}

TEST_CASE("a session for a connection request that fails is not tried again") {
    Bench bench;
    bench.hear();
    bench.knock();
    const auto posts = bench.posts.size();
    bench.answer("", 503);
    CHECK(bench.posts.size() == posts);
    CHECK(!bench.client->deadline());
}
