// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/status.h"

#include <doctest/doctest.h>

#include "tests/agent/store/samples.h"

namespace dialtone {
namespace {

bool has(const std::string& text, std::string_view piece) {
    return text.find(piece) != std::string::npos;
}

StateView provisioned() {
    StateView view;
    view.directory = "/data";
    view.running = true;
    view.record.active = 3;
    Generation generation;
    generation.number = 3;
    generation.source = {SourceKind::static_server, "http://me:hunter2@pbx/cfg"};
    generation.proof = Proof::tls;
    REQUIRE(set_item(generation, "P47", Origin::file, "sip.example"));
    REQUIRE(set_item(generation, "P47", Origin::operator_, "other.example"));
    REQUIRE(set_item(generation, "P3", Origin::file, "x"));
    view.active = generation;
    view.journal = {
        {.kind = JournalKind::file_refused,
         .at_ms = 1,
         .wall_s = 1'793'534'400,
         .fields = {{"url", "http://pbx/f"}, {"reason", "it is broken"}}},
        {.kind = JournalKind::rest,
         .at_ms = 2,
         .wall_s = 1'793'534'401,
         .fields = {{"generation", "3"}}},
    };
    return view;
}

}  // namespace

TEST_CASE("status counts of each key the value that counts") {
    const auto status = phone_status(provisioned());
    CHECK(status.values[static_cast<uint32_t>(Origin::file)] == 1);
    CHECK(status.values[static_cast<uint32_t>(Origin::operator_)] == 1);
}

TEST_CASE("status says that the state is lost at the next start, and why") {
    auto view = provisioned();
    CHECK(has(status_json(phone_status(view)), "\"state_lasts\":true"));
    view.volatile_words = "/data lies on tmpfs";
    CHECK(has(status_text(phone_status(view)),
              "not kept:      lost at the next start: /data lies on tmpfs\n"));
    CHECK(has(status_json(phone_status(view)), "\"state_lasts\":false"));
    view = {.directory = "/data", .running = true, .in_memory = true};
    view.volatile_words = "state directory /data: it belongs to the user 7";
    const auto text = status_text(phone_status(view));
    CHECK(text.starts_with("The phone has what configuration it has in memory, and loses it"));
    CHECK(has(text, "it belongs to the user 7\n"));
    CHECK(!has(text, "not provisioned"));
}

TEST_CASE("status masks the userinfo of the source") {
    const auto status = phone_status(provisioned());
    CHECK(status.url == "http://***@pbx/cfg");
    CHECK(!has(status_text(status), "hunter2"));
    CHECK(!has(status_json(status), "hunter2"));
}

TEST_CASE("status says daemon, source, trial, last error and what comes next") {
    auto view = provisioned();
    const auto text = status_text(phone_status(view));
    CHECK(has(text, "The phone is provisioned: configuration 3 is active and confirmed.\n"));
    CHECK(has(text, "daemon:        running\n"));
    CHECK(has(text, "source:        static, http://***@pbx/cfg, proven by tls\n"));
    CHECK(has(text, "last error:    "));
    CHECK(has(text, "it is broken"));
    CHECK(has(text, "2026-11-01 12:00:00 UTC"));
    view.record.trial = TrialState::trying;
    view.record.other = 2;
    const auto trial = status_text(phone_status(view));
    CHECK(has(trial, "on trial"));
    CHECK(has(trial, "configuration 2 would return"));
    view.record.trial = TrialState::returning;
    CHECK(has(status_text(phone_status(view)), "gone back to configuration 3"));
    view.active->proof = Proof::signed_;
    CHECK(has(status_text(phone_status(view)), "static, http://***@pbx/cfg, signed\n"));
}

TEST_CASE("status of a phone that is new") {
    const auto text = status_text(phone_status(StateView{}));
    CHECK(has(text, "The phone is not provisioned"));
    CHECK(has(text, "daemon:        not running\n"));
    CHECK(has(text, "last verdict:  none yet\n"));
}

TEST_CASE("status of a configuration that cannot be read says why") {
    auto view = provisioned();
    view.active.reset();
    view.active_error = "/data/generation.3: offset 4: it is cut short";
    const auto text = status_text(phone_status(view));
    CHECK(has(text, "cannot be read: /data/generation.3: offset 4: it is cut short"));
}

TEST_CASE("status as JSON has the same facts as fields") {
    const auto json = status_json(phone_status(provisioned()));
    CHECK(has(json, R"("running":true)"));
    CHECK(has(json, R"("generation":3)"));
    CHECK(has(json, R"("trial":"none")"));
    CHECK(has(json, R"("values":{"profile":0,"file":1,"acs":0,"operator":1})"));
}

}  // namespace dialtone
