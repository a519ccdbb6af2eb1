// SPDX-License-Identifier: Apache-2.0
//
// One transfer of an ACS by itself. The test is the agent with its jobs, its disk and its store,
// and the world with its servers and hooks.
#include "agent/cwmp/transfer_run.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/limits.h"
#include "sim/lab/file_signing.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

const std::string file_url = "https://files.example/phones/a.xml";
const std::string own_mac = "<mac>000b82273b89</mac>";

std::string config(std::string_view items, std::string_view head = "") {
    return "<gs_provision version=\"1\">" + std::string(head) + "<config version=\"1\">" +
           std::string(items) + "</config></gs_provision>\n";
}

AcsTransfer download(std::string type) {
    return {.kind = TransferKind::download,
            .file_type = std::move(type),
            .url = file_url,
            .user = "acs",
            .password = "hush",
            .proof = Proof::tls};
}
AcsTransfer upload(std::string type) {
    AcsTransfer transfer = download(std::move(type));
    transfer.kind = TransferKind::upload;
    return transfer;
}
const std::string configuration = "3 Vendor Configuration File";
const std::string tones = "4 Tone File";

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// How a job ends that did not bring the file.
struct Missed {
    std::string_view what;
    JobVerdict verdict;
    bool unwelcome;
    bool answered;
    bool begun;
    uint32_t fault;
};

struct Bench {
    ManagedPhone managed = {};
    RequestIds ids = {};
    Record record = {};
    TransferRun run{ids, managed.phone, managed.clock, record, managed.active};
    Instant now = {};
    std::vector<StartTransfer> asked = {};
    std::vector<RunHooks> hooks = {};
    std::string said = {};  // by the journal

    Bench() { managed.set(Setting::hooks_file_dir, "/etc/dialtone/file.d"); }
    void drain() {
        while (auto effect = run.next()) {
            if (auto* start = std::get_if<StartTransfer>(&*effect)) asked.push_back(*start);
            if (auto* wanted = std::get_if<RunHooks>(&*effect)) hooks.push_back(*wanted);
            if (auto* entry = std::get_if<JournalLine>(&*effect))
                said += encode_journal_line(*entry);
        }
    }
    void start(const AcsTransfer& transfer) {
        run.start(now, transfer);
        drain();
    }
    void give(const Event& event) {
        run.handle(now, event);
        drain();
    }
    template <typename Wish>
    Wish wish() {
        auto taken = run.take_wish();
        REQUIRE(taken);
        REQUIRE(std::holds_alternative<Wish>(*taken));
        return std::get<Wish>(std::move(*taken));
    }
    // Nothing but the release of a file is wanted any more.
    void check_released() {
        wish<ReleaseWish>();
        CHECK(!run.take_wish());
    }
    // The job has downloaded this.
    void arrive(std::string_view body, bool tls_verified = true) {
        wish<FileWish>();
        run.take_file(now, JobOutcome{.verdict = JobVerdict::kept,
                                      .shown_url = file_url,
                                      .tls_verified = tls_verified,
                                      .file = "staged.1",
                                      .bytes = static_cast<uint32_t>(body.size()),
                                      .sha256 = sha256_of(bytes_of(body))});
        drain();
    }
    void read(std::string_view body, std::string_view failure = "") {
        CHECK(wish<ReadWish>().file == "staged.1");
        run.take_bytes(now, bytes_of(body), failure);
        drain();
    }
    void bring(std::string_view body, bool tls_verified = true) {
        arrive(body, tls_verified);
        read(body);
    }
    void answer(uint16_t status, std::string_view body = "") {
        const RequestId id = asked.back().id;
        give(TransferHead{.id = id, .status = status, .tls_verified = true});
        if (!body.empty()) give(TransferChunk{id, bytes_of(body)});
        give(TransferEnd{id});
    }
    void break_off(TransferFault fault) {
        give(TransferFailed{asked.back().id, fault, "it does not work"});
    }
    void end_hooks(uint32_t ran, uint32_t failed, std::string_view first_failure = "") {
        REQUIRE(!hooks.empty());
        give(HooksDone{hooks.back().id, ran, failed, first_failure});
    }
    TransferResult result() {
        CHECK(!run.busy());
        auto outcome = run.take_outcome();
        REQUIRE(outcome);
        return std::move(*outcome);
    }
    uint32_t fault() { return result().fault; }
    std::string sent() const {
        const auto& bytes = asked.back().body.bytes;
        return {bytes.begin(), bytes.end()};
    }
};

}  // namespace

// --- faults --------------------------------------------------------------------------------------

TEST_CASE("a file that could not be had is told by the fault of TR-069 for it") {
    using V = JobVerdict;
    constexpr Missed cases[] = {
        {"nobody answers, or has that name", V::unreachable, false, false, false, 9015},
        {"the server is busy", V::unreachable, false, true, false, 9016},
        {"the file ends too early", V::unreachable, false, true, true, 9017},
        {"there is no such file", V::absent, false, true, false, 9016},
        {"the server forbids it", V::withheld, false, true, false, 9012},
        {"it wants another password", V::refused, true, true, false, 9012},
        {"the file is too large", V::refused, false, true, true, 9018},
        {"redirects go round in a circle", V::refused, false, true, false, 9016},
        {"the disk is full", V::no_room, false, true, true, 9010},
    };
    for (const Missed& one : cases) {
        CAPTURE(one.what);
        Bench bench;
        bench.start(download(tones));
        bench.wish<FileWish>();
        bench.run.take_file({}, JobOutcome{.verdict = one.verdict,
                                           .reason = "so it is",
                                           .unwelcome = one.unwelcome,
                                           .answered = one.answered,
                                           .begun = one.begun});
        const TransferResult result = bench.result();
        CHECK(result.fault == one.fault);
        CHECK(result.reason == "so it is");
        bench.check_released();
    }
}

TEST_CASE("a download that no job takes is an internal error") {
    Bench bench;
    bench.start(download(tones));
    bench.wish<FileWish>();
    bench.run.take_file({}, std::nullopt);
    CHECK(bench.fault() == 9002);
}

TEST_CASE("a file of another size than the ACS has announced is unusable") {
    for (const auto& [announced, fault] :
         {std::pair(4U, 9018U), std::pair(5U, 0U), std::pair(0U, 0U)}) {
        Bench bench;
        AcsTransfer transfer = download(tones);
        transfer.file_bytes = announced;
        bench.start(transfer);
        bench.arrive("tones");
        if (fault == 0) bench.end_hooks(1, 0);
        CHECK(bench.fault() == fault);
    }
}

TEST_CASE("a configuration that is none for this phone is unusable, and the reason is told") {
    const std::pair<std::string, std::string_view> cases[] = {
        {"<html><body>please log in</body></html>", "HTML"},
        {config("<P47>a</P47>", "<mac>000b82ffffff</mac>"), "names another phone"},
        {config("<P47>a"), "inside it is open"},
        {"<<VOIP CONFIG FILE>>\n<<END OF FILE>>\n", "no format of Grandstream phones"},
    };
    for (const auto& [body, words] : cases) {
        Bench bench;
        bench.start(download(configuration));
        bench.bring(body);
        const TransferResult result = bench.result();
        CHECK(result.fault == 9018);
        CHECK_MESSAGE(result.reason.find(words) != std::string::npos, result.reason);
        CHECK(bench.said.find("file_refused") != std::string::npos);
        bench.check_released();
    }
}

TEST_CASE("an encrypted configuration that no key opens is unusable") {
    Bench bench;
    bench.managed.set(Setting::config_password, "another");
    bench.start(download(configuration));
    bench.bring("Salted__12345678" + std::string(64, 'x'));
    CHECK(bench.fault() == 9018);
}

TEST_CASE("a signature that is wrong, or is missing and demanded, is a fault of its own") {
    const std::string body = config("<P47>a</P47>", own_mac);
    struct Case {
        std::string signature;  // empty: 404
        bool demanded;
        uint32_t fault;
    };
    const Case cases[] = {{sim::lab_signature(sim::lab_key, body), true, 0},
                          {sim::lab_signature(sim::other_lab_key, body), false, 9019},
                          {"", true, 9019},
                          {"", false, 0}};
    for (const Case& one : cases) {
        CAPTURE(one.demanded);
        Bench bench;
        bench.managed.set(Setting::config_public_key, sim::lab_key.public_key);
        bench.managed.set(Setting::config_require_signature, one.demanded ? "1" : "0");
        bench.start(download(configuration));
        bench.arrive(body);
        REQUIRE(bench.asked.size() == 1);
        CHECK(bench.asked.front().url == file_url + ".sig");
        CHECK(bench.asked.front().user == "acs");
        bench.answer(one.signature.empty() ? 404 : 200, one.signature);
        bench.read(body);
        if (one.fault == 0) {
            REQUIRE(bench.run.has_change());
            bench.run.take_change({});
            bench.run.change_done({}, {});
        }
        CHECK(bench.fault() == one.fault);
    }
}

TEST_CASE("a signature that could not be asked for leaves the file alone") {
    Bench bench;
    bench.managed.set(Setting::config_public_key, sim::lab_key.public_key);
    bench.start(download(configuration));
    bench.arrive(config("<P47>a</P47>"));
    bench.break_off(TransferFault::connect);
    const TransferResult result = bench.result();
    CHECK(result.fault == 9015);
    CHECK(result.reason == "its signature: it does not work");
}

TEST_CASE("a disk that does not give back what was downloaded fails the transfer") {
    const std::string body = config("<P47>a</P47>");
    for (const std::string_view failure : {"reading staged.1: I/O error", ""}) {
        Bench bench;
        bench.start(download(configuration));
        bench.arrive(body);
        bench.read(failure.empty() ? "something else" : "", failure);
        CHECK(bench.fault() == 9010);
    }
}

TEST_CASE("what becomes of a change is what becomes of the transfer") {
    for (const auto& [of_change, fault] : {std::pair(0U, 0U), std::pair(9001U, 9001U),
                                           std::pair(9002U, 9002U), std::pair(9004U, 9018U)}) {
        Bench bench;
        bench.start(download(configuration));
        bench.bring(config("<P47>a</P47>"));
        REQUIRE(bench.run.has_change());
        const TransferChange change = bench.run.take_change({});
        CHECK(change.url == file_url);
        REQUIRE(change.document.entries.size() == 1);
        CHECK(change.document.entries.front().value == "a");
        bench.run.change_done({}, {of_change, "so it is"});
        CHECK(bench.fault() == fault);
        bench.check_released();
    }
}

TEST_CASE("an upload is told by the fault of TR-069 for what the server made of it") {
    struct Case {
        uint16_t status;
        uint32_t fault;
    };
    constexpr Case cases[] = {{200, 0},    {201, 0},    {204, 0},    {401, 9012}, {403, 9012},
                              {404, 9011}, {405, 9011}, {500, 9011}, {507, 9011}};
    for (const Case& one : cases) {
        CAPTURE(one.status);
        Bench bench;
        bench.start(upload("2 Vendor Log File"));
        CHECK(bench.asked.back().method == HttpMethod::put);
        CHECK(bench.asked.back().body.stored_name == "journal");
        bench.answer(one.status);
        CHECK(bench.fault() == one.fault);
    }
    constexpr std::pair<TransferFault, uint32_t> faults[] = {
        {TransferFault::name, 9015},        {TransferFault::connect, 9015},
        {TransferFault::tls, 9015},         {TransferFault::broken, 9015},
        {TransferFault::stored_file, 9011}, {TransferFault::unsupported, 9011}};
    for (const auto& [fault, told] : faults) {
        Bench bench;
        bench.start(upload("4 Vendor Log File 1"));
        bench.break_off(fault);
        CHECK(bench.fault() == told);
    }
}

TEST_CASE("what a server makes of an upload and does not say within 30 s is no contact") {
    Bench bench;
    bench.start(upload("2 Vendor Log File"));
    REQUIRE(bench.run.deadline());
    CHECK(bench.run.deadline()->ms == limits::transfer_stall_ms);
    bench.now = *bench.run.deadline();
    bench.give(Wake{});
    CHECK(bench.fault() == 9015);
}

TEST_CASE("a reason is no longer than a TransferComplete may have, and whole letters") {
    Bench bench;
    bench.start(download(tones));
    bench.wish<FileWish>();
    std::string reason = "a";
    while (reason.size() < 400)
        reason += "\xC3\xBC";
    bench.run.take_file({}, JobOutcome{.verdict = JobVerdict::absent, .reason = reason});
    CHECK(bench.result().reason == reason.substr(0, 255));
}

// --- what is refused at the call -----------------------------------------------------------------

TEST_CASE("a call for files that the phone has not, or by a way it has not, is refused at once") {
    struct Case {
        AcsTransfer transfer;
        uint32_t fault;  // 0: it is taken
    };
    const auto by = [](AcsTransfer transfer, std::string url) {
        transfer.url = std::move(url);
        return transfer;
    };
    const Case cases[] = {
        {download("1 Firmware Upgrade Image"), 9003},
        {download("2 Web Content"), 0},
        {download(configuration), 0},
        {download("4 Tone File"), 0},
        {download("5 Ringer File"), 0},
        {download("X 00256D Wallpaper"), 0},
        {download("6 Stored Firmware Image"), 9003},
        {download("Vendor Configuration File"), 9003},
        {download("X 00256D \x07"), 9003},
        {download(""), 9003},
        {upload("1 Vendor Configuration File"), 0},
        {upload("2 Vendor Log File"), 0},
        {upload("3 Vendor Configuration File 1"), 0},
        {upload("3 Vendor Configuration File 2"), 9003},
        {upload("4 Vendor Log File 1"), 0},
        {upload("4 Vendor Log File 7"), 9003},
        {upload("X 00256D Screenshot"), 9003},
        {by(download(configuration), "ftp://files.example/a"), 0},
        {by(download(configuration), "tftp://files.example/a"), 0},
        {by(download(configuration), "gopher://files.example/a"), 9013},
        {by(download(configuration), ""), 9003},
        {by(download(configuration), "http://"), 9003},
        {by(upload("2 Vendor Log File"), "ftp://files.example/a"), 9013},
        {by(upload("2 Vendor Log File"), "tftp://files.example/a"), 9013},
        {by(upload("2 Vendor Log File"), "http://files.example/a"), 0},
    };
    const Bench bench;
    for (const Case& one : cases) {
        CAPTURE(one.transfer.file_type);
        CAPTURE(one.transfer.url);
        const auto refused = why_not(one.transfer, bench.managed.phone);
        CHECK((refused ? refused->fault : 0) == one.fault);
        CHECK((!refused || !refused->reason.empty()));
    }
}

TEST_CASE("a phone whose software takes no files refuses those for it, and no others") {
    const ManagedPhone managed;
    for (const std::string type : {"2 Web Content", "4 Tone File", "5 Ringer File", "X 1 y"}) {
        const auto refused = why_not(download(type), managed.phone);
        REQUIRE(refused);
        CHECK(refused->fault == 9003);
        CHECK(refused->reason.find("hooks.file_dir") != std::string::npos);
    }
    CHECK(!why_not(download(configuration), managed.phone));
}

// --- files for the phone's software --------------------------------------------------------------

TEST_CASE("another file is handed to the phone's software, under a name that says no place") {
    const std::pair<std::string, std::string> names[] = {{"ring.wav", "ring.wav"},
                                                         {"../../etc/passwd", "passwd"},
                                                         {"C:\\tones\\a b.wav", "a_b.wav"},
                                                         {".hidden", "hidden"},
                                                         {"", "a.xml"},
                                                         {"$(reboot)", "reboot_"},
                                                         {"...", "file"},
                                                         {"a\nb", "a_b"}};
    for (const auto& [target, name] : names) {
        Bench bench;
        AcsTransfer transfer = download("5 Ringer File");
        transfer.target_name = target;
        bench.start(transfer);
        bench.arrive("RIFF");
        REQUIRE(bench.hooks.size() == 1);
        CHECK(bench.hooks.front().directory == "/etc/dialtone/file.d");
        CHECK(bench.hooks.front().file.stored_name == "staged.1");
        CHECK(bench.hooks.front().file.type == "5 Ringer File");
        CHECK(bench.hooks.front().file.name == name);
        CHECK(bench.hooks.front().key_lines.empty());
        bench.end_hooks(1, 0);
        CHECK(bench.fault() == 0);
        bench.check_released();
    }
}

TEST_CASE("a program that does not take the file is named with its status, and none is a failure") {
    Bench bench;
    bench.start(download(tones));
    bench.arrive("RIFF");
    bench.end_hooks(2, 1, "10-tones ended with status 3");
    const TransferResult result = bench.result();
    CHECK(result.fault == 9010);
    CHECK(result.reason == "10-tones ended with status 3");
    Bench without;
    without.start(download(tones));
    without.arrive("RIFF");
    without.end_hooks(0, 0);
    CHECK(without.fault() == 9010);
}

TEST_CASE("hooks that somebody else has run mean nothing to a transfer") {
    Bench bench;
    bench.start(download(tones));
    bench.arrive("RIFF");
    bench.give(HooksDone{bench.hooks.back().id + 1, 1, 0, ""});
    CHECK(bench.run.busy());
}

// --- who is given what ---------------------------------------------------------------------------

TEST_CASE("user and password of the call go to the host of its URL and to no other") {
    Bench bench;
    AcsTransfer transfer = upload("2 Vendor Log File");
    transfer.password = "hush/@:%";
    bench.start(transfer);
    CHECK(bench.asked.back().url == file_url);
    CHECK(bench.asked.back().user == "acs");
    CHECK(bench.asked.back().password == "hush/@:%");
    CHECK(bench.asked.back().auth == AuthPolicy::on_challenge);
    const RequestId id = bench.asked.back().id;
    bench.give(TransferHead{
        .id = id, .status = 307, .tls_verified = true, .location = "https://elsewhere.example/a"});
    bench.give(TransferEnd{id});
    REQUIRE(bench.asked.size() == 2);
    CHECK(bench.asked.back().method == HttpMethod::put);
    CHECK(bench.asked.back().user.empty());
    CHECK(bench.asked.back().password.empty());
    CHECK(bench.asked.back().auth == AuthPolicy::none);
    bench.answer(200);
    CHECK(bench.said.find("hush") == std::string::npos);
}

TEST_CASE("the proof of a configuration is the weakest of its order and its own") {
    struct Case {
        Proof order;
        bool by_tls;
        Proof proof;
    };
    constexpr Case cases[] = {{Proof::tls, true, Proof::tls},
                              {Proof::tls, false, Proof::none},
                              {Proof::none, true, Proof::none},
                              {Proof::none, false, Proof::none}};
    for (const Case& one : cases) {
        Bench bench;
        AcsTransfer transfer = download(configuration);
        transfer.proof = one.order;
        bench.start(transfer);
        bench.bring(config("<P47>a</P47>"), one.by_tls);
        CHECK(bench.run.take_change({}).proof == one.proof);
    }
}

TEST_CASE("secrets go up where verified TLS leads to the ACS and to the server, and nowhere else") {
    struct Case {
        std::string_view what;
        Proof order;
        std::string url;
        std::string_view verify;
        bool is_named;  // the ACS by a setting, else by DHCP
        Layer by;       // whom the setting has
        Proof installed;
        bool has_secrets;
    };
    const std::string plain_url = "http://files.example/a.xml";
    const Case cases[] = {
        {"all is proven", Proof::tls, file_url, "1", true, Layer::file, Proof::none, true},
        {"a proven file named the ACS", Proof::tls, file_url, "1", true, Layer::configuration,
         Proof::tls, true},
        {"anybody may have named the ACS", Proof::tls, file_url, "1", true, Layer::configuration,
         Proof::none, false},
        {"a key alone proves who named it", Proof::tls, file_url, "1", true, Layer::configuration,
         Proof::key, false},
        {"DHCP has named the ACS", Proof::tls, file_url, "1", false, Layer::file, Proof::tls,
         false},
        {"no TLS to the ACS", Proof::none, file_url, "1", true, Layer::file, Proof::none, false},
        {"no TLS to the server", Proof::tls, plain_url, "1", true, Layer::file, Proof::tls, false},
        {"nothing is verified", Proof::tls, file_url, "0", true, Layer::file, Proof::none, false},
    };
    for (const Case& one : cases) {
        CAPTURE(one.what);
        Bench bench;
        bench.managed.configure({{"P47", "sip.example"}, {"P34", "sesame"}});
        auto& given = bench.managed.phone.given_settings;
        given.clear(Layer::file);
        REQUIRE(given.set(Layer::file, Setting::tls_verify, one.verify));
        if (one.is_named)
            REQUIRE(given.set(one.by, Setting::tr069_acs_url, "https://acs.example/"));
        bench.managed.phone.settings = bench.managed.phone.settings_with(bench.managed.active);
        bench.record.trust.pin.proof = one.installed;
        AcsTransfer transfer = upload("1 Vendor Configuration File");
        transfer.proof = one.order;
        transfer.url = one.url;
        bench.start(transfer);
        CHECK(bench.sent().find("<P47>sip.example</P47>") != std::string::npos);
        CHECK((bench.sent().find("sesame") != std::string::npos) == one.has_secrets);
        CHECK((bench.sent().find("P34 is a secret and left out") != std::string::npos) ==
              !one.has_secrets);
    }
}

// --- an end that was ordered ---------------------------------------------------------------------

TEST_CASE("a transfer can be cancelled until it changes something") {
    const std::string body = config("<P47>a</P47>");
    Bench fetching;
    fetching.start(download(configuration));
    CHECK(fetching.run.cancel({}));
    fetching.check_released();

    Bench proving;
    proving.managed.set(Setting::config_public_key, sim::lab_key.public_key);
    proving.start(download(configuration));
    proving.arrive(body);
    CHECK(proving.run.cancel({}));

    Bench reading;
    reading.start(download(configuration));
    reading.arrive(body);
    CHECK(reading.run.cancel({}));
    reading.check_released();

    Bench waiting;
    waiting.start(download(configuration));
    waiting.bring(body);
    CHECK(waiting.run.cancel({}));
    CHECK(!waiting.run.has_change());

    Bench sending;
    sending.start(upload("2 Vendor Log File"));
    CHECK(sending.run.cancel({}));

    for (Bench* one : {&fetching, &proving, &reading, &waiting, &sending}) {
        CHECK(!one->run.busy());
        CHECK(!one->run.take_outcome());
        one->start(upload("2 Vendor Log File"));
        one->answer(200);
        CHECK(one->fault() == 0);
    }
}

TEST_CASE("a transfer that the store or the phone's software has is not cancelled any more") {
    Bench applying;
    applying.start(download(configuration));
    applying.bring(config("<P47>a</P47>"));
    applying.run.take_change({});
    CHECK(!applying.run.cancel({}));
    applying.run.change_done({}, {});
    CHECK(applying.fault() == 0);

    Bench handing;
    handing.start(download(tones));
    handing.arrive("RIFF");
    CHECK(!handing.run.cancel({}));
    handing.end_hooks(1, 0);
    CHECK(handing.fault() == 0);
    CHECK(handing.run.cancel({}));  // there is none
}

TEST_CASE("a factory reset ends a transfer wherever it is, and what comes late means nothing") {
    Bench bench;
    bench.start(download(tones));
    bench.arrive("RIFF");
    bench.run.forget({});
    CHECK(!bench.run.busy());
    bench.end_hooks(1, 0);
    bench.run.take_file({}, JobOutcome{.verdict = JobVerdict::absent});
    bench.run.take_bytes({}, {}, "");
    bench.run.change_done({}, {});
    CHECK(!bench.run.take_outcome());
    bench.check_released();
}
