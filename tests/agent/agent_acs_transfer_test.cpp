// SPDX-License-Identifier: Apache-2.0
//
// Whole lives of a phone whose ACS orders transfers: each is carried out once it is due, and told
// until the ACS has taken it, over sessions that fail and restarts.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/agent/acs_phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

std::string download(std::string_view key, std::string_view delay_s = "0") {
    return acs_call("Download", "<CommandKey>" + std::string(key) +
                                    "</CommandKey><FileType>3 Vendor Configuration File</FileType>"
                                    "<URL>http://10.0.0.1/gs/missing.xml</URL><Username>u"
                                    "</Username><Password>hush-hush</Password><FileSize>0"
                                    "</FileSize><TargetFileName/><DelaySeconds>" +
                                    std::string(delay_s) +
                                    "</DelaySeconds><SuccessURL/><FailureURL/>");
}
std::string cancel(std::string_view key) {
    return acs_call("CancelTransfer", "<CommandKey>" + std::string(key) + "</CommandKey>");
}

struct Ordering : Managed {
    Ordering() {
        set(Setting::splay, "0");
        // There is a server, and no file.
        site.web.put("http://10.0.0.1/gs/there-is-a-server", {});
        live(20);
        forget();
    }
    void forget() {
        reports.clear();
        said.clear();
        asked.clear();
    }
    // What a TransferComplete of the phone has in `name`.
    std::string told_in(uint32_t which, std::string_view name) const {
        REQUIRE(which < asked.size());
        REQUIRE(asked[which].method() == "TransferComplete");
        return std::string(asked[which].arguments().word(name).value_or("-"));
    }
    std::string fault_told(uint32_t which) const {
        const auto fault = asked.at(which).arguments().child("FaultStruct");
        REQUIRE(fault);
        CHECK(!fault->word("FaultString")->empty());
        return std::string(fault->word("FaultCode").value_or("-"));
    }
};

const std::string done = "7 TRANSFER COMPLETE, M Download (k)";

}  // namespace

TEST_CASE("a download begins after the session that ordered it, and is told in another") {
    Ordering it;
    it.calls = {download("k")};
    it.live(120);
    CHECK(it.said.at(0).method() == "DownloadResponse");
    CHECK(it.told() == Told{"1 BOOT", done});
    REQUIRE(it.asked.size() == 1);
    CHECK(it.told_in(0, "CommandKey") == "k");
    CHECK(it.fault_told(0) == "9016");
    CHECK(it.told_in(0, "StartTime") != "0001-01-01T00:00:00Z");
    CHECK(it.told_in(0, "StartTime") <= it.told_in(0, "CompleteTime"));
    CHECK(it.record().acs.transfers.empty());
    for (const std::string& entry : it.site.journal)
        CHECK(entry.find("hush-hush") == std::string::npos);
    // Nothing of it is told again.
    it.forget();
    it.live(60);
    CHECK(it.told() == Told{"1 BOOT"});
    CHECK(it.asked.empty());
}

TEST_CASE("what a session that failed has not told is told again, with its key and times") {
    Ordering it;
    it.calls = {download("k")};
    it.live(60);
    const std::string began = it.told_in(0, "StartTime");
    it.forget();
    it.calls = {download("k")};
    std::string first;
    // The ACS hears of it, and its answer is lost.
    it.site.web.serve(acs_url, [&](const StartTransfer& post) {
        Answer answer = it.answer(acs_url, post);
        if (it.asked.size() == 1 && first.empty()) {
            first = it.told_in(0, "StartTime") + it.told_in(0, "CompleteTime");
            return Answer{.status = 503};
        }
        return answer;
    });
    it.live(120);
    CHECK(it.told() == Told{"1 BOOT", done, done});
    REQUIRE(it.asked.size() == 2);
    CHECK(it.told_in(1, "StartTime") + it.told_in(1, "CompleteTime") == first);
    CHECK(it.told_in(1, "StartTime") > began);
}

TEST_CASE("a delay counts from the answer, and goes on over a restart") {
    Ordering it;
    it.calls = {download("k", "60"), acs_call("Reboot", "<CommandKey>r</CommandKey>")};
    it.live(200);
    REQUIRE(it.reports.size() == 3);
    CHECK(it.reports[1].events == "1 BOOT, M Reboot (r)");
    CHECK(it.reports[2].events == done);
    CHECK(it.reports[2].at_ms >= it.reports[0].at_ms + 60'000);
    CHECK(it.record().acs.transfers.empty());
}

TEST_CASE("several transfers are told together when they are done together") {
    Ordering it;
    it.calls = {download("k"), download("l")};
    it.live(120);
    CHECK(it.asked.size() == 2);
    CHECK(it.told_in(0, "CommandKey") == "k");
    CHECK(it.told_in(1, "CommandKey") == "l");
    CHECK(it.record().acs.transfers.empty());
}

TEST_CASE("a transfer that is cancelled is not carried out, and nothing is told of it") {
    Ordering it;
    it.calls = {download("k", "30"), cancel("k"), acs_call("GetQueuedTransfers"), cancel("other")};
    it.live(120);
    REQUIRE(it.said.size() == 4);
    for (const SoapMessage& answer : it.said)
        CHECK(!answer.fault);
    CHECK(it.said[2].arguments().child("TransferList")->children().empty());
    CHECK(it.told() == Told{"1 BOOT"});
    CHECK(it.record().acs.transfers.empty());
}

TEST_CASE("a fault of the ACS counts as heard, and the journal says it") {
    Ordering it;
    it.asked_fault = "8002";
    it.calls = {download("k")};
    it.live(120);
    CHECK(it.asked.size() == 1);
    CHECK(it.told() == Told{"1 BOOT", done});
    CHECK(journal_has(it.site, JournalKind::acs_refused));
    CHECK(it.record().acs.transfers.empty());
}

TEST_CASE("another ACS hears nothing of what the one before has ordered") {
    Ordering it;
    it.calls = {download("k", "30")};
    it.live(20);
    CHECK(it.record().acs.transfers.size() == 1);
    it.forget();
    const std::string other = "http://other.example/cwmp";
    it.serve(other);
    it.set(Setting::tr069_acs_url, other);
    it.live(120);
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(it.asked.empty());
    CHECK(it.record().acs.transfers.empty());
}

TEST_CASE("a file of another server is told to an ACS that wants to hear of it") {
    for (const bool is_listed : {true, false}) {
        CAPTURE(is_listed);
        Ordering it;
        it.set(Setting::tr069_autonomous, "1");
        it.set(Setting::static_url, "http://10.0.0.1/gs");
        it.site.web.put_body(file_url,
                             "<?xml version=\"1.0\"?><gs_provision version=\"1\"><config "
                             "version=\"1\"><P47>pbx.example</P47></config>"
                             "</gs_provision>");
        if (is_listed) it.methods += "<string>AutonomousTransferComplete</string>";
        it.live(120);
        const auto has_event = [](const Report& report) {
            return report.events.find("10 AUTONOMOUS TRANSFER COMPLETE") != std::string::npos;
        };
        CHECK(std::ranges::count_if(it.reports, has_event) == 1);
        REQUIRE(!it.asked.empty());
        CHECK(it.asked[0].method() == "GetRPCMethods");
        REQUIRE(it.asked.size() == (is_listed ? 2 : 1));
        if (is_listed) {
            const SoapView told = it.asked[1].arguments();
            CHECK(told.word("AnnounceURL") == "");
            CHECK(told.word("TransferURL") == "http://10.0.0.1/gs");
            CHECK(told.word("IsDownload") == "1");
            CHECK(told.word("FileType") == "3 Vendor Configuration File");
            CHECK(told.child("FaultStruct")->word("FaultCode") == "0");
        }
        CHECK(journal_has(it.site, JournalKind::acs_refused) != is_listed);
        CHECK(it.record().acs.transfers.empty());
    }
}

TEST_CASE("nobody is told of a file of another server unless that is set") {
    Ordering it;
    it.set(Setting::static_url, "http://10.0.0.1/gs");
    it.site.web.put_body(file_url,
                         "<?xml version=\"1.0\"?><gs_provision version=\"1\"><config "
                         "version=\"1\"><P47>pbx.example</P47></config></gs_provision>");
    it.live(120);
    CHECK(it.asked.empty());
    CHECK(it.active().find("P47") != nullptr);
}

TEST_CASE("a new ACS is asked for a configuration file, where that is set") {
    for (const bool is_set : {false, true}) {
        Managed it;
        it.set(Setting::tr069_request_download, is_set ? "1" : "0");
        it.live(20);
        CHECK(it.told() ==
              Told{is_set ? "0 BOOTSTRAP, 1 BOOT, 9 REQUEST DOWNLOAD" : "0 BOOTSTRAP, 1 BOOT"});
        REQUIRE(it.asked.size() == (is_set ? 1 : 0));
        if (is_set) {
            CHECK(it.asked[0].method() == "RequestDownload");
            CHECK(it.asked[0].arguments().word("FileType") == "3 Vendor Configuration File");
            CHECK(it.asked[0].arguments().child("FileTypeArg")->children().empty());
        }
        it.live(20);
        CHECK(it.asked.size() == (is_set ? 1 : 0));
    }
}
