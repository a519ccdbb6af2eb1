// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/download.h"

#include <doctest/doctest.h>

#include "agent/transfer/memory_sink.h"

using namespace dialtone;

namespace {

// What the download has asked of the world, one word an effect.
std::string wanted(Download& download) {
    std::string words;
    while (auto effect = download.next()) {
        if (std::holds_alternative<StartTransfer>(*effect)) words += "transfer ";
        if (std::holds_alternative<StopTransfer>(*effect)) words += "stop ";
        if (std::holds_alternative<Resolve>(*effect)) words += "resolve ";
    }
    return words;
}

}  // namespace

TEST_CASE("the scheme of the address, or else the default, chooses the engine") {
    RequestIds ids;
    Download download(ids);
    MemorySink sink;
    download.start({}, {.url = "http://h/f"}, sink);
    CHECK(wanted(download) == "transfer ");
    download.start({}, {.url = "tftp://h/f"}, sink);
    CHECK(wanted(download) == "stop resolve ");
    download.start({}, {.url = "h/f", .default_scheme = Scheme::tftp}, sink);
    CHECK(wanted(download) == "resolve ");
    download.start({}, {.url = "h/f"}, sink);
    CHECK(wanted(download) == "transfer ");
    CHECK(download.busy());
    download.stop({});
    CHECK(wanted(download) == "stop ");
    CHECK(!download.busy());
    CHECK(!download.deadline());
}

TEST_CASE("the outcome is that of the engine that was started last") {
    RequestIds ids;
    Download download(ids);
    MemorySink sink;
    download.start({}, {.url = "tftp://h/"}, sink);
    CHECK(download.ready());
    download.start({}, {.url = "http://h/f"}, sink);
    CHECK(!download.ready());
    download.start({}, {.url = "tftp://h/"}, sink);
    REQUIRE(download.ready());
    CHECK(download.take_outcome()->kind == FetchOutcome::Kind::absent);
    CHECK(!download.take_outcome());
}

TEST_CASE("bad input: an address that does not parse is refused whatever its scheme") {
    for (const char* url : {"tftp://", "gopher://h/f", ""}) {
        RequestIds ids;
        Download download(ids);
        MemorySink sink;
        download.start({}, {.url = url}, sink);
        REQUIRE(download.ready());
        CHECK(download.take_outcome()->kind == FetchOutcome::Kind::refused);
    }
}

TEST_CASE("bad input: a web server that redirects to TFTP starts no TFTP") {
    RequestIds ids;
    Download download(ids);
    MemorySink sink;
    download.start({}, {.url = "http://h/f"}, sink);
    RequestId id = 0;
    while (auto effect = download.next()) {
        if (auto* transfer = std::get_if<StartTransfer>(&*effect)) id = transfer->id;
    }
    TransferHead head;
    head.id = id;
    head.status = 302;
    head.location = "tftp://10.0.0.9/evil";
    download.handle({}, head);
    download.handle({}, TransferEnd{id});
    // The world knows no such transfer and says so (TransferFault::unsupported).
    CHECK(wanted(download).find("resolve") == std::string::npos);
}
