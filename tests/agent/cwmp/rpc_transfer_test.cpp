// SPDX-License-Identifier: Apache-2.0
//
// The methods of file transfers: what an order comes to, how it is refused, what the lists say.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/cwmp/rpc.h"
#include "agent/limits.h"
#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

using Arguments = std::vector<std::pair<std::string, std::string>>;

const Arguments download = {{"CommandKey", "k1"},
                            {"FileType", "3 Vendor Configuration File"},
                            {"URL", "http://files.example/cfg.xml"},
                            {"Username", "user"},
                            {"Password", " pass word "},
                            {"FileSize", "1234"},
                            {"TargetFileName", "cfg"},
                            {"DelaySeconds", "60"},
                            {"SuccessURL", ""},
                            {"FailureURL", ""}};
const Arguments upload = {{"CommandKey", "k2"},
                          {"FileType", "2 Vendor Log File"},
                          {"URL", "https://files.example/log"},
                          {"Username", ""},
                          {"Password", ""},
                          {"DelaySeconds", "0"}};

std::string window(std::string_view start, std::string_view end, std::string_view mode,
                   std::string_view retries = "-1") {
    return "<TimeWindowStruct><WindowStart>" + std::string(start) + "</WindowStart><WindowEnd>" +
           std::string(end) + "</WindowEnd><WindowMode>" + std::string(mode) +
           "</WindowMode><UserMessage/><MaxRetries>" + std::string(retries) +
           "</MaxRetries></TimeWindowStruct>";
}

// With `value` for the argument `name`; the list of windows is no text.
std::string with(Arguments arguments, std::string_view name = "", std::string_view value = "") {
    std::string out;
    for (auto& [one, text] : arguments) {
        if (one == name) text = value;
        ((out += "<" + one + ">") += text) += "</" + one + ">";
    }
    return out;
}

std::string schedule(const std::string& windows) {
    return with({{"CommandKey", "k3"},
                 {"FileType", "3 Vendor Configuration File"},
                 {"URL", "http://files.example/cfg.xml"},
                 {"FileSize", "0"},
                 {"TimeWindowList", windows}});
}

struct Bench {
    ManagedPhone managed = {};
    AcsMemory memory = {};
    Caller caller = {};
    std::optional<uint32_t> running = {};
    Deferred deferred = {};
    CallAnswer answer = {};
    SoapMessage message = {};

    uint32_t call(std::string_view method, std::string_view arguments) {
        message = read_soap(acs_call(method, arguments)).value();
        answer = answer_call(message, CwmpVersion::v1_2, managed.facts(), memory, caller, deferred,
                             running);
        CHECK(answer.pending.has_value() == answer.envelope.empty());
        CHECK(answer.reason.find("pass word") == std::string::npos);
        return answer.fault;
    }
    const AcsTransfer& ordered(std::string_view method, std::string_view arguments) {
        REQUIRE(call(method, arguments) == 0);
        REQUIRE(answer.pending);
        return std::get<TransferCall>(*answer.pending).transfer;
    }
    SoapMessage said(std::string_view envelope) {
        auto read = read_soap(envelope);
        REQUIRE(read);
        return std::move(*read);
    }
};

}  // namespace

TEST_CASE("a Download is an order with all that it says, answered when it is durable") {
    Bench bench;
    bench.caller.proof = Proof::tls;
    const AcsTransfer& order = bench.ordered("Download", with(download));
    CHECK(order == AcsTransfer{.kind = TransferKind::download,
                               .command_key = "k1",
                               .file_type = "3 Vendor Configuration File",
                               .url = "http://files.example/cfg.xml",
                               .user = "user",
                               .password = " pass word ",
                               .target_name = "cfg",
                               .file_bytes = 1234,
                               .proof = Proof::tls,
                               .left_s = 60});
    const SoapMessage said =
        bench.said(answer_stored(bench.message, CwmpVersion::v1_2, {}).envelope);
    CHECK(said.method() == "DownloadResponse");
    CHECK(said.arguments().word("Status") == "1");
    CHECK(said.arguments().word("StartTime") == "0001-01-01T00:00:00Z");
    CHECK(said.arguments().word("CompleteTime") == "0001-01-01T00:00:00Z");
    // What the disk refuses is none.
    const CallAnswer refused =
        answer_stored(bench.message, CwmpVersion::v1_2, {.fault = 9002, .reason = "disk full"});
    CHECK(refused.fault == 9002);
}

TEST_CASE("an Upload is one, too") {
    Bench bench;
    const AcsTransfer& order = bench.ordered("Upload", with(upload));
    CHECK(order.kind == TransferKind::upload);
    CHECK(order.file_type == "2 Vendor Log File");
    CHECK(order.left_s == 0);
    const SoapMessage said =
        bench.said(answer_stored(bench.message, CwmpVersion::v1_2, {}).envelope);
    CHECK(said.method() == "UploadResponse");
    CHECK(said.arguments().word("Status") == "1");
}

TEST_CASE("an ACS may leave out what says nothing") {
    Bench bench;
    const AcsTransfer& order = bench.ordered("Download",
                                             "<FileType>3 Vendor Configuration File</FileType>"
                                             "<URL> http://files.example/cfg.xml </URL>");
    CHECK(order.url == "http://files.example/cfg.xml");
    CHECK(order.command_key.empty());
    CHECK(order.file_bytes == 0);
    CHECK(order.left_s == 0);
}

TEST_CASE("bad input: arguments of a transfer that are none or too long get 9003") {
    const std::string long_text(limits::cwmp_transfer_letters + 1, 'x');
    const std::string long_key(limits::cwmp_key_letters + 1, 'k');
    const std::pair<std::string_view, std::string> faults[] = {
        {"CommandKey", long_key},
        {"FileType", ""},
        {"FileType", std::string(limits::cwmp_file_type_bytes + 1, '3')},
        {"URL", ""},
        {"URL", "http://h/" + long_text},
        {"URL", "http://user:pass@files.example/cfg.xml"},
        {"Username", long_text},
        {"Password", long_text},
        {"FileSize", "-1"},
        {"FileSize", "4294967296"},
        {"TargetFileName", long_text},
        {"DelaySeconds", "soon"},
        {"SuccessURL", long_text},
        {"FailureURL", long_text},
    };
    for (const auto& [name, text] : faults) {
        CAPTURE(name);
        Bench bench;
        CHECK(bench.call("Download", with(download, name, text)) == 9003);
        const bool is_of_upload = std::ranges::any_of(
            upload, [&](const auto& argument) { return argument.first == name; });
        if (is_of_upload) CHECK(bench.call("Upload", with(upload, name, text)) == 9003);
    }
    // Letters count, and not bytes.
    std::string letters;
    for (uint32_t i = 0; i < limits::cwmp_transfer_letters; ++i)
        letters += "\xC3\xA9";
    Bench bench;
    CHECK(bench.call("Download", with(download, "Password", letters)) == 0);
}

TEST_CASE("bad input: a scheme that the phone has not gets 9013") {
    Bench bench;
    CHECK(bench.call("Download", with(download, "URL", "gopher://files.example/c")) == 9013);
    CHECK(bench.call("Upload", with(upload, "URL", "gopher://files.example/c")) == 9013);
}

TEST_CASE("an order for which there is no room gets 9004") {
    Bench bench;
    bench.memory.transfers.assign(limits::cwmp_transfers, {.url = "http://files.example/a"});
    CHECK(bench.call("Download", with(download)) == 9004);
    CHECK(bench.call("Upload", with(upload)) == 9004);
    bench.memory.transfers.assign(2, {.url = std::string(900, 'u')});
    CHECK(bench.call("Download", with(download)) == 9004);
    bench.memory.transfers.pop_back();
    CHECK(bench.call("Download", with(download)) == 0);
}

// --- ScheduleDownload ----------------------------------------------------------------------------

TEST_CASE("a ScheduleDownload has one or two windows, each with its mode and retries") {
    Bench bench;
    const AcsTransfer& order = bench.ordered(
        "ScheduleDownload",
        schedule(window("10", "20", "1 At Any Time", "3") + window("30", "40", "3 When Idle")));
    CHECK(order.kind == TransferKind::scheduled_download);
    CHECK(order.windows == std::vector<TransferWindow>{
                               {.start_s = 10, .end_s = 20, .at_any_time = true, .retries = 3},
                               {.start_s = 30, .end_s = 40, .at_any_time = false, .retries = -1}});
    CHECK(order.left_s == 40);
    const AcsTransfer& at_once =
        bench.ordered("ScheduleDownload", schedule(window("0", "1", "2 Immediately")));
    CHECK(at_once.windows[0].at_any_time);
    const SoapMessage said =
        bench.said(answer_stored(bench.message, CwmpVersion::v1_2, {}).envelope);
    CHECK(said.method() == "ScheduleDownloadResponse");
    CHECK(said.arguments().children().empty());
}

TEST_CASE("bad input: windows that are none, overlap or have another mode get 9003") {
    const std::string good = window("10", "20", "1 At Any Time");
    for (const std::string& windows :
         {std::string(),
          good + window("20", "30", "3 When Idle") + window("40", "50", "3 When Idle"),
          good + window("19", "30", "3 When Idle"), window("20", "20", "1 At Any Time"),
          window("x", "20", "1 At Any Time"), window("10", "", "1 At Any Time"),
          window("10", "20", "4 Confirmation Needed"), window("10", "20", "X 000B82 Never"),
          window("10", "20", ""), window("10", "20", "1 At Any Time", "-2"),
          window("10", "20", "1 At Any Time", "often")}) {
        CAPTURE(windows);
        Bench bench;
        CHECK(bench.call("ScheduleDownload", schedule(windows)) == 9003);
    }
}

// --- CancelTransfer and the lists ----------------------------------------------------------------

TEST_CASE("a CancelTransfer names a key, and waits for what comes of it") {
    Bench bench;
    CHECK(bench.call("CancelTransfer", "<CommandKey>k1</CommandKey>") == 0);
    REQUIRE(bench.answer.pending);
    CHECK(std::get<CancelCall>(*bench.answer.pending).command_key == "k1");
    const std::string long_key(limits::cwmp_key_letters + 1, 'k');
    CHECK(bench.call("CancelTransfer", "<CommandKey>" + long_key + "</CommandKey>") == 9003);
}

TEST_CASE("the lists name each transfer with its state, and one of them the phone's own, too") {
    Bench bench;
    bench.memory.transfers = {
        {.command_key = "done", .file_type = "3 Vendor Configuration File", .done = true},
        {.command_key = "runs",
         .file_type = "1 Vendor Configuration File",
         .url = "http://files.example/a",
         .password = "hush"},
        {.command_key = "waits",
         .file_type = "5 Ringer File",
         .target_name = "bell",
         .file_bytes = 7},
        {.kind = TransferKind::autonomous,
         .file_type = "3 Vendor Configuration File",
         .done = true}};
    bench.memory.transfers[1].kind = TransferKind::upload;
    bench.running = 1;
    REQUIRE(bench.call("GetQueuedTransfers", "") == 0);
    CHECK(bench.answer.envelope.find("cwmp:QueuedTransferStruct[3]") != std::string::npos);
    SoapMessage said = bench.said(bench.answer.envelope);
    std::vector<std::string> states;
    for (const SoapView& one : said.arguments().child("TransferList")->children())
        states.push_back(std::string(*one.word("CommandKey")) + " " +
                         std::string(*one.word("State")));
    CHECK(states == std::vector<std::string>{"done 3", "runs 2", "waits 1"});

    REQUIRE(bench.call("GetAllQueuedTransfers", "") == 0);
    CHECK(bench.answer.envelope.find("cwmp:AllQueuedTransferStruct[4]") != std::string::npos);
    CHECK(bench.answer.envelope.find("hush") == std::string::npos);
    said = bench.said(bench.answer.envelope);
    const auto all = said.arguments().child("TransferList")->children();
    REQUIRE(all.size() == 4);
    CHECK(all[1].word("IsDownload") == "0");
    CHECK(all[2].word("IsDownload") == "1");
    CHECK(all[2].word("FileType") == "5 Ringer File");
    CHECK(all[2].word("FileSize") == "7");
    CHECK(all[2].word("TargetFileName") == "bell");
    CHECK(all[3].word("State") == "3");
}

// --- who may ------------------------------------------------------------------------------------

TEST_CASE("an ACS orders firmware and files with no weaker proof than what is installed") {
    const std::pair<std::string, std::string> calls[] = {
        {"Download", with(download, "FileType", "1 Firmware Upgrade Image")},
        {"Download", with(download)},
    };
    for (const Party party : {Party::acs, Party::acs_tls}) {
        for (const auto& [method, arguments] : calls) {
            CAPTURE(arguments);
            Bench bench;
            bench.caller = {.party = party, .proof = Proof::none, .installed = Proof::tls};
            CHECK(bench.call(method, arguments) == 9001);
            CHECK(bench.answer.reason.find("trust.pin") != std::string::npos);
            bench.caller.proof = Proof::tls;
            CHECK(bench.call(method, arguments) != 9001);
            bench.caller = {.party = party};
            CHECK(bench.call(method, arguments) != 9001);
        }
        Bench bench;
        bench.caller = {.party = party, .proof = Proof::none, .installed = Proof::tls};
        CHECK(bench.call("Upload", with(upload)) == 0);  // what goes up has no secrets then
    }
}
