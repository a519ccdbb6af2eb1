// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/tftp.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "agent/transfer/memory_sink.h"

using namespace dialtone;
using namespace std::string_view_literals;
using Kind = FetchOutcome::Kind;

namespace {

constexpr Address server = {{10, 0, 0, 1}, 4};
constexpr Address other = {{10, 0, 0, 9}, 4};
constexpr uint16_t tid = 50000;

// What a download came to, and the bytes its sink holds.
struct Got : FetchOutcome {
    std::vector<uint8_t> body = {};
};

// Drives one Tftp by hand; the test is the network and says what the server sends.
struct Bench {
    RequestIds ids = {};
    Tftp tftp{ids};
    MemorySink sink;
    Instant now = {};
    std::vector<Resolve> resolves = {};
    std::vector<RequestId> sockets = {};
    std::vector<DatagramOut> sent = {};
    std::vector<RequestId> closed = {};
    std::vector<JournalLine> lines = {};

    explicit Bench(uint32_t file_bytes = limits::config_file_bytes) : sink(file_bytes) {}

    void drain() {
        while (auto effect = tftp.next()) {
            if (auto* resolve = std::get_if<Resolve>(&*effect)) resolves.push_back(*resolve);
            if (auto* open = std::get_if<OpenSocket>(&*effect)) sockets.push_back(open->socket);
            if (auto* close = std::get_if<CloseSocket>(&*effect)) closed.push_back(close->socket);
            if (auto* out = std::get_if<DatagramOut>(&*effect)) sent.push_back(*out);
            if (auto* line = std::get_if<JournalLine>(&*effect)) lines.push_back(*line);
        }
    }
    void give(const Event& event) {
        tftp.handle(now, event);
        drain();
    }
    void start(std::string url) {
        tftp.start(now, {.url = std::move(url)}, sink);
        drain();
    }
    void addresses(std::vector<Address> list) {
        give(Resolved{resolves.back().id, list, "no such name"});
    }
    void ask() {
        start("tftp://pbx/cfg.xml");
        addresses({server});
    }
    void packet(std::string_view bytes, Address from = server, uint16_t port = tid) {
        give(DatagramIn{sockets.back(),
                        from,
                        port,
                        {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}});
    }
    void data(uint16_t number, std::string_view payload, Address from = server,
              uint16_t port = tid) {
        std::string bytes = {0, 3, static_cast<char>(number >> 8), static_cast<char>(number)};
        packet(bytes += payload, from, port);
    }
    void oack(std::string_view options) { packet(std::string("\0\6"sv) += options); }
    void let_pass() {
        REQUIRE(tftp.deadline());
        now = *tftp.deadline();
        give(Wake{});
    }
    // "ack 7", "error 5", "request": the last thing that was said.
    std::string last() const {
        if (sent.empty()) return "";
        const auto& bytes = sent.back().bytes;
        const std::string number = std::to_string(bytes[2] * 256 + bytes[3]);
        return bytes[1] == 1 ? "request" : (bytes[1] == 4 ? "ack " : "error ") + number;
    }
    Got outcome() {
        auto outcome = tftp.take_outcome();
        REQUIRE(outcome);
        return {std::move(*outcome), sink.take_body()};
    }
};

const std::string full_block(512, 'b');

std::string text_of(const Got& outcome) {
    return {outcome.body.begin(), outcome.body.end()};
}

}  // namespace

TEST_CASE("a file of one block is asked for on port 69, acknowledged and delivered") {
    Bench bench;
    bench.ask();
    CHECK(bench.resolves[0].name == "pbx");
    REQUIRE(bench.sent.size() == 1);
    CHECK(bench.sent[0].to == server);
    CHECK(bench.sent[0].to_port == 69);
    bench.data(1, "hello");
    CHECK(bench.last() == "ack 1");
    CHECK(bench.sent.back().to_port == tid);
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::body);
    CHECK(text_of(outcome) == "hello");
    CHECK(outcome.answered);
    CHECK(!outcome.tls_verified);
    CHECK(outcome.shown_url == "tftp://pbx/cfg.xml");
    CHECK(!bench.tftp.busy());
}

TEST_CASE("the journal says that a file is read by TFTP, and what came") {
    Bench bench;
    bench.ask();
    bench.now = {40};
    bench.data(1, "hello");
    REQUIRE(bench.lines.size() == 2);
    CHECK(encode_journal_line(bench.lines[0]) ==
          "0\t0\trequest\tmethod=TFTP read\turl=tftp://pbx/cfg.xml\n");
    CHECK(encode_journal_line(bench.lines[1]) ==
          "0\t0\tanswer\turl=tftp://pbx/cfg.xml\tbytes=5\tms=40\n");
}

TEST_CASE("the port of the address is asked, and a name without a scheme takes the default") {
    Bench bench;
    bench.tftp.start(bench.now, {.url = "pbx:6969/f", .default_scheme = Scheme::tftp}, bench.sink);
    bench.drain();
    bench.addresses({server});
    CHECK(bench.sent[0].to_port == 6969);
}

TEST_CASE(
    "user, password and query of the address never leave the phone, and the journal says so") {
    Bench bench;
    bench.start("tftp://joe:secret@pbx/f?token=secret");
    bench.addresses({server});
    const std::string request(bench.sent[0].bytes.begin(), bench.sent[0].bytes.end());
    CHECK(request.find("secret") == std::string::npos);
    const std::string line = encode_journal_line(bench.lines[0]);
    CHECK(line.find("secret") == std::string::npos);
    CHECK(line.find("remark=TFTP knows no user and password") != std::string::npos);
}

TEST_CASE("options that the server takes are acknowledged as block 0 and used") {
    Bench bench;
    bench.ask();
    bench.oack("blksize\0001024\0tsize\0001027\0"sv);
    CHECK(bench.last() == "ack 0");
    bench.data(1, std::string(1024, 'a'));
    CHECK(bench.last() == "ack 1");
    CHECK(bench.tftp.busy());
    bench.data(2, "end");
    CHECK(bench.outcome().body.size() == 1027);
}

TEST_CASE("a server that passes the options over is read in blocks of 512") {
    Bench bench;
    bench.ask();
    bench.data(1, full_block);
    CHECK(bench.last() == "ack 1");
    bench.data(2, "");
    CHECK(bench.outcome().body.size() == 512);
}

TEST_CASE("a server that takes a block size without an OACK is asked once more without options") {
    Bench bench;
    bench.ask();
    bench.data(1, std::string(limits::tftp_block_bytes, 'b'));
    REQUIRE(bench.sent.size() == 3);
    CHECK(bench.sent[1].bytes[1] == 5);
    CHECK(bench.sent[1].bytes[3] == 8);
    CHECK(bench.sent[1].to_port == tid);
    CHECK(bench.last() == "request");
    CHECK(bench.sockets.size() == 2);
    bench.data(1, full_block);
    bench.data(2, "end");
    CHECK(bench.outcome().body.size() == 515);
    REQUIRE(bench.lines.size() >= 2);
    CHECK(
        encode_journal_line(bench.lines[1])
            .find("remark=once more without options: the server sent a block of 1428 bytes and no "
                  "OACK") != std::string::npos);
}

TEST_CASE("bad input: a large TFTP block without any options is refused") {
    Bench bench;
    bench.ask();
    bench.data(1, std::string(513, 'b'));
    bench.data(1, std::string(513, 'b'));
    CHECK(bench.last() == "error 4");
    CHECK(bench.outcome().reason == "the server sent a block of 513 bytes where 512 were agreed");
}

TEST_CASE("an answer of another address is named when nobody else answers") {
    for (const std::string_view answer :
         {"\0\3\0\1x"sv, "\0\6blksize\000512\0"sv, "\0\5\0\1no\0"sv}) {
        Bench bench;
        bench.ask();
        bench.packet(answer, other);
        while (bench.tftp.busy())
            bench.let_pass();
        const Got outcome = bench.outcome();
        CHECK(outcome.reason ==
              "no TFTP server answered for 8 s; an answer came from 10.0.0.9, which was not asked");
        CHECK_FALSE(outcome.answered);
    }
}

TEST_CASE("an answer of another port is not named, nor one of another address beside the file") {
    Bench bench;
    bench.ask();
    bench.data(1, full_block);
    bench.data(1, "x", server, tid + 1);
    while (bench.tftp.busy())
        bench.let_pass();
    CHECK(bench.outcome().reason == "nothing new arrived for 8 s, so the transfer was given up");
    bench.ask();
    bench.data(1, "x", other);
    bench.data(1, "file");
    CHECK(bench.outcome().reason.empty());
}

TEST_CASE("a server that refuses options is asked once more without them, from a new port") {
    for (std::string_view error : {"\0\5\0\10\0"sv, "\0\5\0\4\0"sv, "\0\5\0\0\0"sv}) {
        Bench bench;
        bench.ask();
        bench.packet(error);
        REQUIRE(bench.sent.size() == 2);
        CHECK(std::string(bench.sent[1].bytes.begin(), bench.sent[1].bytes.end()) ==
              "\0\1cfg.xml\0octet\0"sv);
        CHECK(bench.sent[1].to_port == 69);
        CHECK(bench.sockets.size() == 2);
        CHECK(bench.closed == std::vector<RequestId>{bench.sockets[0]});
        bench.data(1, "x");
        CHECK(bench.outcome().kind == Kind::body);
    }
}

TEST_CASE("errors are told apart as absent, withheld, refused and worth another try") {
    struct Case {
        uint8_t code;
        Kind kind;
    };
    for (const Case& row :
         {Case{0, Kind::unreachable}, Case{1, Kind::absent}, Case{2, Kind::withheld},
          Case{3, Kind::unreachable}, Case{4, Kind::refused}, Case{5, Kind::unreachable},
          Case{6, Kind::refused}, Case{7, Kind::refused}, Case{8, Kind::refused},
          Case{99, Kind::refused}}) {
        CAPTURE(row.code);
        Bench bench;
        bench.ask();
        const std::string error = {0, 5, 0, static_cast<char>(row.code), 'n', 'o', 0};
        bench.packet(error);
        if (bench.tftp.busy()) bench.packet(error);  // without options now
        const Got outcome = bench.outcome();
        CHECK(outcome.kind == row.kind);
        CHECK(outcome.answered);
        CHECK(outcome.reason.find("(error " + std::to_string(row.code) + ": no)") !=
              std::string::npos);
        CHECK(bench.closed.size() == bench.sockets.size());
        CHECK(!bench.tftp.deadline());
    }
}

TEST_CASE("a request without an answer is repeated after 1, 2 and 4 s and given up after 8") {
    Bench bench;
    bench.ask();
    std::vector<uint64_t> times;
    while (bench.tftp.busy()) {
        const auto before = bench.sent.size();
        bench.let_pass();
        if (bench.sent.size() > before) times.push_back(bench.now.ms);
    }
    CHECK(times == std::vector<uint64_t>{1000, 3000, 7000});
    CHECK(bench.now.ms == limits::transfer_stall_ms);
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::unreachable);
    CHECK(!outcome.answered);
    CHECK(outcome.reason == "no TFTP server answered for 8 s");
    CHECK(!outcome.begun);
    CHECK(bench.closed == bench.sockets);
}

TEST_CASE("an acknowledgement is repeated in the same way, and the server is told the end") {
    Bench bench;
    bench.ask();
    bench.now = {500};
    bench.data(1, full_block);
    std::vector<uint64_t> times;
    while (bench.tftp.busy()) {
        const auto before = bench.sent.size();
        bench.let_pass();
        if (bench.sent.size() > before) times.push_back(bench.now.ms);
    }
    CHECK(times == std::vector<uint64_t>{1500, 3500, 7500, 8500});
    CHECK(bench.last() == "error 0");
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::unreachable);
    CHECK(outcome.answered);
}

TEST_CASE("a name that cannot be resolved, or not in time, is no answer") {
    Bench bench;
    bench.start("tftp://pbx/f");
    bench.addresses({});
    CHECK(bench.outcome().reason == "no such name");
    bench.start("tftp://pbx/f");
    while (bench.tftp.busy())
        bench.let_pass();
    CHECK(bench.outcome().reason == "the name could not be resolved in 8 s");
    CHECK(bench.sockets.empty());
}

TEST_CASE("a silent or unreachable address makes way for the next one, each with its own port") {
    Bench bench;
    bench.start("tftp://pbx/f");
    bench.addresses({{{0x20, 1}, 16}, other, server});
    bench.give(SocketFailed{bench.sockets.back(), "the network is unreachable"});
    REQUIRE(bench.sockets.size() == 2);
    CHECK(bench.sent.back().to == other);
    bench.let_pass();
    bench.let_pass();
    CHECK(bench.now.ms == 3000);
    REQUIRE(bench.sockets.size() == 3);
    CHECK(bench.sent.back().to == server);
    bench.data(1, "x");
    CHECK(bench.outcome().kind == Kind::body);
}

TEST_CASE("an address of IPv6 is asked for smaller blocks") {
    Bench bench;
    bench.start("tftp://[2001::1]/f");
    CHECK(bench.resolves[0].name == "2001::1");
    bench.addresses({{{0x20, 1}, 16}});
    const std::string request(bench.sent[0].bytes.begin(), bench.sent[0].bytes.end());
    CHECK(request.find("blksize\0001412\0"sv) != std::string::npos);
}

TEST_CASE("when the socket fails and there is no other address, that is the reason") {
    Bench bench;
    bench.ask();
    bench.give(SocketFailed{bench.sockets.back(), "the network is unreachable"});
    CHECK(bench.outcome().reason == "the network is unreachable");
    bench.ask();
    bench.data(1, full_block);
    bench.give(SocketFailed{bench.sockets.back(), "the cable is gone"});
    CHECK(bench.outcome().reason == "the cable is gone");
}

TEST_CASE("a repeated block is not acknowledged again, so that doubled packets die out") {
    Bench bench;
    bench.ask();
    bench.data(1, full_block);
    bench.data(2, full_block);
    const auto count = bench.sent.size();
    bench.data(2, full_block);
    bench.data(1, full_block);
    bench.oack("blksize\0008\0"sv);
    CHECK(bench.sent.size() == count);
    bench.data(3, "x");
    CHECK(bench.outcome().body.size() == 1025);
}

TEST_CASE("inside a window only its last block is acknowledged") {
    Bench bench;
    bench.ask();
    bench.oack("blksize\0008\0windowsize\0003\0"sv);
    bench.data(1, "11111111");
    bench.data(2, "22222222");
    CHECK(bench.last() == "ack 0");
    bench.data(3, "33333333");
    CHECK(bench.last() == "ack 3");
    bench.data(4, "4");
    CHECK(bench.last() == "ack 4");
    CHECK(text_of(bench.outcome()) == "1111111122222222333333334");
}

TEST_CASE("a gap in a window is told once, at once, and the window begins again behind it") {
    Bench bench;
    bench.ask();
    bench.oack("blksize\0008\0windowsize\0004\0"sv);
    bench.data(1, "11111111");
    bench.data(3, "33333333");
    CHECK(bench.last() == "ack 1");
    const auto count = bench.sent.size();
    bench.data(4, "44444444");
    CHECK(bench.sent.size() == count);
    for (uint16_t block = 2; block <= 4; ++block)
        bench.data(block, "xxxxxxxx");
    CHECK(bench.sent.size() == count);
    bench.data(5, "xxxxxxxx");
    CHECK(bench.last() == "ack 5");
    bench.data(6, "");
    CHECK(bench.outcome().body.size() == 40);
}

TEST_CASE("a window whose end is lost is asked for by the timer") {
    Bench bench;
    bench.ask();
    bench.oack("blksize\0008\0windowsize\0004\0"sv);
    bench.data(1, "11111111");
    bench.data(2, "22222222");
    bench.let_pass();
    CHECK(bench.now.ms == limits::tftp_wait_ms);
    CHECK(bench.last() == "ack 2");
}

TEST_CASE("a stranger gets an error 5, a few times, and changes nothing") {
    Bench bench;
    bench.ask();
    bench.data(1, "stolen", other);
    CHECK(bench.last() == "error 5");
    CHECK(bench.sent.back().to == other);
    bench.data(1, full_block);
    for (uint32_t i = 0; i < 50; ++i)
        bench.data(2, "stolen", server, tid + 1);
    CHECK(bench.sent.back().to_port == tid + 1);
    CHECK(bench.sent.size() == 2 + limits::tftp_strangers_answered);
    bench.packet("\0\5\0\1gone\0"sv, other);
    bench.packet("\0\5\0\1gone\0"sv, server, tid + 1);
    CHECK(bench.tftp.busy());
    bench.data(2, "mine");
    CHECK(text_of(bench.outcome()) == full_block + "mine");
}

TEST_CASE("an error of a stranger is not answered, so that two sides cannot go on for ever") {
    Bench bench;
    bench.ask();
    bench.packet("\0\5\0\1gone\0"sv, other);
    CHECK(bench.tftp.busy());
    CHECK(bench.sent.size() == 1);
}

TEST_CASE("inside a window block 1 after 65535 means that block 0 is missing") {
    Bench bench(1024 * 1024);
    bench.ask();
    bench.oack("blksize\0008\0windowsize\0003\0"sv);
    for (uint32_t block = 1; block <= UINT16_MAX; ++block)
        bench.data(static_cast<uint16_t>(block), "xxxxxxxx");
    bench.data(1, "late");
    CHECK(bench.last() == "ack 65535");
    CHECK(bench.tftp.busy());
    bench.data(0, "xxxxxxxx");
    bench.data(1, "late");
    CHECK(bench.outcome().body.size() == 65536 * 8 + 4);
}

TEST_CASE("the second answer to a repeated request is a stranger's") {
    Bench bench;
    bench.ask();
    bench.let_pass();
    bench.oack("blksize\0008\0"sv);
    bench.packet("\0\6blksize\0008\0"sv, server, tid + 1);
    CHECK(bench.last() == "error 5");
    CHECK(bench.sent.back().to_port == tid + 1);
    bench.data(1, "x");
    CHECK(bench.outcome().kind == Kind::body);
}

TEST_CASE("the last acknowledgement is repeated for a server that did not hear it") {
    Bench bench;
    bench.ask();
    bench.data(1, "x");
    bench.outcome();
    CHECK(bench.closed.empty());
    for (uint32_t i = 0; i < 10; ++i)
        bench.data(1, "x");
    CHECK(bench.last() == "ack 1");
    CHECK(bench.sent.size() == 2 + limits::tftp_farewell_acks);
    bench.let_pass();
    CHECK(bench.now.ms == limits::tftp_farewell_ms);
    CHECK(bench.closed == bench.sockets);
    CHECK(!bench.tftp.deadline());
}

TEST_CASE("a farewell lasts into the next file and ends with that or with a stop") {
    Bench bench;
    bench.ask();
    bench.data(1, "x");
    const RequestId first = bench.sockets.back();
    bench.ask();
    CHECK(bench.closed.empty());
    bench.give(DatagramIn{first, server, tid, std::span<const uint8_t>()});
    bench.data(1, "y");
    CHECK(bench.closed == std::vector<RequestId>{first});
    CHECK(text_of(bench.outcome()) == "y");
    bench.tftp.stop(bench.now);
    bench.drain();
    CHECK(bench.closed == bench.sockets);
}

TEST_CASE("a stop tells the server and leaves no socket, no timer and no outcome") {
    Bench bench;
    bench.ask();
    bench.data(1, full_block);
    bench.tftp.stop(bench.now);
    bench.drain();
    CHECK(bench.last() == "error 0");
    CHECK(bench.closed == bench.sockets);
    CHECK(!bench.tftp.deadline());
    CHECK(!bench.tftp.ready());
    bench.data(2, "x");
    CHECK(!bench.tftp.ready());
}

TEST_CASE("a name that names no file is absent, without a question") {
    Bench bench;
    bench.start("tftp://pbx/folder/");
    CHECK(bench.resolves.empty());
    CHECK(bench.outcome().kind == Kind::absent);
}

TEST_CASE("bad input: a TFTP address that cannot be is refused without a question") {
    for (const std::string& url : {std::string("tftp://"), std::string("tftp://h/a%00b"),
                                   "tftp://h/" + std::string(1000, 'n')}) {
        Bench bench;
        bench.start(url);
        CHECK(bench.resolves.empty());
        const Got outcome = bench.outcome();
        CHECK(outcome.kind == Kind::refused);
        CHECK(!outcome.reason.empty());
        CHECK(!bench.tftp.busy());
    }
}

TEST_CASE("bad input: a TFTP server that answers options with more than was asked gets error 8") {
    for (std::string_view options : {"blksize\00065464\0"sv, "windowsize\00065535\0"sv,
                                     "multicast\0x\0"sv, "blksize"sv, "blksize\000\0"sv}) {
        Bench bench;
        bench.ask();
        bench.oack(options);
        REQUIRE(bench.sent.size() == 3);
        CHECK(bench.sent[1].bytes[3] == 8);
        CHECK(bench.sent[1].to_port == tid);
        CHECK(bench.last() == "request");
        CHECK(bench.sent[2].to_port == 69);
        bench.oack(options);  // and once more, although none were asked for
        CHECK(bench.last() == "error 8");
        CHECK(bench.outcome().kind == Kind::refused);
    }
}

TEST_CASE("bad input: a TFTP file announced as too large is refused before a byte of it") {
    Bench bench;
    bench.ask();
    bench.oack("tsize\000524289\0"sv);
    CHECK(bench.last() == "error 3");
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::refused);
    CHECK(outcome.reason == "the file is larger than the 512 KiB it may have");
    CHECK(outcome.begun);
    CHECK(bench.closed == bench.sockets);
}

TEST_CASE("bad input: a TFTP file that turns out too large is refused at its bound") {
    Bench bench;
    bench.ask();
    for (uint16_t block = 1; bench.tftp.busy(); ++block)
        bench.data(block, full_block);
    CHECK(bench.last() == "error 3");
    CHECK(bench.outcome().kind == Kind::refused);
}

TEST_CASE("bad input: a TFTP file of another length than announced is not used") {
    Bench bench;
    bench.ask();
    bench.oack("tsize\0005\0"sv);
    bench.data(1, "four");
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::unreachable);
    CHECK(outcome.reason == "the server announced 5 bytes and sent 4");
    CHECK(outcome.begun);
    CHECK(outcome.body.empty());
}

TEST_CASE("bad input: a TFTP block larger than agreed is refused") {
    Bench bench;
    bench.ask();
    bench.oack("blksize\00016\0"sv);
    bench.data(1, std::string(17, 'x'));
    CHECK(bench.last() == "error 4");
    CHECK(bench.outcome().reason == "the server sent a block of 17 bytes where 16 were agreed");
}

TEST_CASE("bad input: a flood of nonsense or of old blocks keeps no TFTP transfer alive") {
    Bench bench;
    bench.ask();
    bench.data(1, full_block);
    while (bench.tftp.busy() && bench.now.ms < 20'000) {
        bench.now = bench.now + 10;
        bench.packet("\0\7rubbish"sv);
        bench.packet("");
        bench.data(1, full_block);
        bench.data(2, "x", server, 0);
    }
    CHECK(bench.now.ms == limits::transfer_stall_ms);
    CHECK(bench.sent.size() < 10);
    CHECK(bench.outcome().reason == "nothing new arrived for 8 s, so the transfer was given up");
}

TEST_CASE("bad input: a TFTP server that drips blocks is given up after the whole time") {
    Bench bench;
    bench.ask();
    for (uint16_t block = 1; bench.tftp.busy(); ++block) {
        bench.now = bench.now + 900;
        bench.data(block, full_block);
    }
    CHECK(bench.now.ms < limits::transfer_total_ms + 1000);
    CHECK(bench.outcome().reason == "the file was not complete after 60 s");
}

TEST_CASE("bad input: the first TFTP answer with a block that is not the first is passed over") {
    Bench bench;
    bench.ask();
    bench.data(2, "x");
    bench.data(0, "x");
    CHECK(bench.sent.size() == 1);
    bench.data(1, "y");
    CHECK(text_of(bench.outcome()) == "y");
}

TEST_CASE("bad input: names, addresses and sockets of others are not the transfer's") {
    Bench bench;
    bench.start("tftp://pbx/f");
    bench.give(Resolved{bench.resolves[0].id + 7, std::span(&other, 1), {}});
    CHECK(bench.sent.empty());
    bench.addresses({server});
    bench.give(Resolved{bench.resolves[0].id, std::span(&other, 1), {}});
    bench.give(SocketFailed{bench.sockets[0] + 1, "not this one"});
    bench.give(DatagramIn{bench.sockets[0] + 1, server, tid, std::span<const uint8_t>()});
    CHECK(bench.tftp.busy());
    CHECK(bench.sent.size() == 1);
}

TEST_CASE("a server that can open a folder and not read it has no such file") {
    Bench bench;
    bench.ask();
    const auto refusal = "\0\5\0\0cannot read /srv/tftp/gs: Is a directory\0"sv;
    bench.packet(refusal);
    bench.packet(refusal);
    CHECK(bench.outcome().kind == Kind::absent);
}
