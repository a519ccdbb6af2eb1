// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/notify.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;
using namespace std::string_view_literals;

namespace {

NotifyReading read(std::string_view event, std::string_view body,
                   std::string_view type = "application/url") {
    const auto message = read_sip_message(notify_text(event, body, type));
    REQUIRE(message);
    return read_notify_request(*message);
}

std::vector<std::string> urls_in(std::string_view body, std::string_view type = "application/url") {
    return read("ua-profile", body, type).urls;
}

using Urls = std::vector<std::string>;

}  // namespace

TEST_CASE("the events of the vendors are known, in any case and with any parameters") {
    struct Row {
        std::string_view event;
        NotifyKind kind;
    };
    constexpr Row rows[] = {
        {"check-sync", NotifyKind::check},
        {"Check-Sync;reboot=false", NotifyKind::check},
        {"check-sync ; reboot=true", NotifyKind::check_and_reboot},
        {"check-sync;x=1;Reboot=True", NotifyKind::check_and_reboot},
        {"resync", NotifyKind::check},
        {"sys-control", NotifyKind::check},
        {"reboot=true", NotifyKind::check_and_reboot},
    };
    for (const Row& row : rows) {
        CAPTURE(row.event);
        const NotifyReading reading = read(row.event, {}, {});
        CHECK(reading.status == 200);
        CHECK(reading.kind == row.kind);
        CHECK(!reading.about_profile);
        CHECK(reading.urls.empty());
    }
    for (const std::string_view event :
         {"ua-profile", "UA-Profile", "ua-profile;effective-by=0",
          "ua-profile;profile-type=\"device\";vendor=\"OEM\";model=\"OEM\";version=\"7.1.19\""}) {
        CHECK(read(event, "http://a/").status == 200);
        CHECK(read(event, "http://a/").about_profile);
    }
}

TEST_CASE("other events are not ours") {
    for (const std::string_view event : {"", "message-summary", "presence", "ua-profile2",
                                         "ua-profil", ";ua-profile", "reboot", "reboot=false"})
        CHECK(read(event, "http://a/").status == 489);
}

TEST_CASE("a URL in a check-sync counts as one") {
    const NotifyReading reading = read("check-sync;reboot=true", "http://a/");
    CHECK(reading.kind == NotifyKind::urls);
    CHECK(reading.urls == Urls{"http://a/"});
    CHECK(!reading.about_profile);
}

TEST_CASE("URLs are taken in every shape that servers send") {
    for (const std::string_view url :
         {"http://10.0.0.5/provisioning/x7kq2/", "http://admin:123456@192.168.0.25:88",
          "ftp://1:1@172.16.7.87/$input.xml", "tftp://10.13.4.121", "http://h/p?hw=&fw=2#x",
          "http://h/{mac}.cfg", "http://h/$mac.cfg", "192.168.1.1", "pbx.example/gs",
          "[2001:db8::1]/x", "http://[2001:db8::1]/x"})
        CHECK(urls_in(url) == Urls{std::string(url)});
}

TEST_CASE("line ends, blanks and NULs around a URL are cut off") {
    for (const std::string_view body :
         {"http://a/\r\n"sv, "\r\n\r\nhttp://a/\r\n\r\n"sv, "  http://a/\t "sv, "http://a/\0\0"sv,
          "\nhttp://a/    "sv, "http://a/\r"sv})
        CHECK(urls_in(body) == Urls{"http://a/"});
}

TEST_CASE("several lines are alternatives, in order, each once, useless ones passed over") {
    CHECK(urls_in("http://a/\r\nnot a url\r\n\r\n<x>\nhttp://a/\ntftp://b") ==
          Urls{"http://a/", "tftp://b"});
    CHECK(urls_in("http://a/\n" + std::string(limits::url_bytes + 1, 'x') + "\nhttp://b/") ==
          Urls{"http://a/", "http://b/"});
}

TEST_CASE("without a content type only what has a scheme is a URL") {
    CHECK(urls_in("http://a/", {}) == Urls{"http://a/"});
    CHECK(urls_in("Messages-Waiting: yes", {}).empty());
    CHECK(urls_in("pbx.example", {}).empty());
}

TEST_CASE("an external body names its URL in the type, and only there") {
    CHECK(urls_in({}, "message/external-body; access-type=URL; URL=\"https://a/b.xml\"") ==
          Urls{"https://a/b.xml"});
    CHECK(urls_in("http://elsewhere/", "message/external-body;access-type=URL;URL=\"http://a/\"") ==
          Urls{"http://a/"});
    CHECK(read("ua-profile", "http://a/", "message/external-body").status == 400);
}

TEST_CASE("content of another type is never taken for a URL") {
    for (const std::string_view type :
         {"text/plain", "application/simservs+xml", "application/x-gs-ucm-url", "application/urls",
          "text/url", "multipart/mixed;boundary=x", "application/simple-message-summary"}) {
        CAPTURE(type);
        const NotifyReading reading = read("ua-profile", "http://a/", type);
        CHECK(reading.status == 400);
        CHECK(reading.urls.empty());
        CHECK(reading.remark == "a NOTIFY whose content is no URL");
    }
    CHECK(read("check-sync", "http://a/", "application/simple-message-summary").kind ==
          NotifyKind::check);
}

TEST_CASE("what the phone's own SIP stack hands in is read the same way") {
    const auto notice = read_notify(notify_text("check-sync;reboot=true", {}, {}));
    REQUIRE(notice);
    CHECK(notice->kind == NotifyKind::check_and_reboot);
    CHECK(read_notify(notify_text("ua-profile", "http://a/"))->urls == Urls{"http://a/"});
    CHECK(read_notify(notify_text("presence")).error().code == ErrorCode::unsupported);
    CHECK(read_notify(notify_text("ua-profile")).error().code == ErrorCode::malformed);
    CHECK(read_notify("SIP/2.0 200 OK\r\n\r\n").error().code == ErrorCode::malformed);
    CHECK(read_notify("").error().code == ErrorCode::empty);
}

TEST_CASE("bad input: URLs that cannot be any") {
    for (const std::string_view body :
         {"", " ", "gopher://a/", "file:///etc/passwd", "FTPX://a", "http://", "://a", "-x",
          "/etc/passwd", "http://a b", "http://a\x01", "\"http://a\"", "<http://a>", "http://a\x7f",
          "{\"url\":\"http://a\"}", "<?xml version=\"1.0\"?>"})
        CHECK(read("ua-profile", body).status == 400);
}

TEST_CASE("bad input: a URL over its bound, up to 100 kB") {
    const std::string longest = "http://a/" + std::string(limits::url_bytes - 9, 'x');
    CHECK(urls_in(longest) == Urls{longest});
    CHECK(read("ua-profile", longest + "x").status == 400);
    const std::string huge = "http://a/" + std::string(100'000, 'x');
    CHECK(read_notify(notify_text("ua-profile", huge)).error().code == ErrorCode::too_big);
    const std::string in_type = "message/external-body;access-type=URL;URL=\"" + longest + "x\"";
    CHECK(read("ua-profile", {}, in_type).status == 400);
}

TEST_CASE("bad input: a NOTIFY whose fields are missing is refused with the field's name") {
    std::string text = notify_text("ua-profile", "http://a/");
    text.erase(text.find("Call-ID"), text.find("CSeq") - text.find("Call-ID"));
    const auto notice = read_notify(text);
    CHECK(notice.error().detail == "a NOTIFY that is broken: Missing Call-ID");
}
