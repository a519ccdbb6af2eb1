// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/plan.h"

#include <doctest/doctest.h>

using namespace dialtone;

namespace {

Identity phone() {
    Identity identity = *identity_from_mac("000B82273B89");
    identity.model = "GXP1628";
    identity.version = "1.0.2.7";
    return identity;
}

Plan plan_for(std::string_view url, PlanNames names = {}) {
    const auto plan = make_plan(url, Scheme::http, *find_profile("grandstream"), phone(), names);
    REQUIRE(plan);
    return *plan;
}

// What the first file of the plan is asked for by, as the engine that gets it would ask.
std::string first_request(std::string_view text, Scheme scheme, std::string_view profile) {
    const auto plan = make_plan(text, scheme, *find_profile(profile), phone(), {});
    if (!plan) return "error: " + plan.error().detail;
    const auto url = parse_url(plan->files.front().url, scheme);
    REQUIRE(url);
    return (plan->from_folder ? "folder " : "file ") + request_url(*url);
}

struct Shape {
    std::string_view text;
    std::string_view expected;  // of a Grandstream whose static.protocol is http
};

bool is_file(std::string_view url) {
    return !plan_for(url).from_folder;
}

}  // namespace

TEST_CASE("a folder is asked for the profile's files, with or without a slash at its end") {
    for (std::string_view url : {"http://h/gs", "http://h/gs/"}) {
        const Plan plan = plan_for(url);
        REQUIRE(plan.files.size() == 4);
        CHECK(plan.files[0].url == "http://h/gs/cfg000b82273b89");
        CHECK(plan.files[1].url == "http://h/gs/cfg000b82273b89.xml");
        CHECK(plan.files[2].url == "http://h/gs/cfggxp1628.xml");
        CHECK(plan.files[3].url == "http://h/gs/cfg.xml");
    }
}

TEST_CASE("a signature lies beside its file, whose query stays behind it") {
    constexpr std::pair<std::string_view, std::string_view> urls[] = {
        {"http://h/gs/cfg.xml", "http://h/gs/cfg.xml.sig"},
        {"http://h/p.php?mac=1&x=/y", "http://h/p.php.sig?mac=1&x=/y"},
        {"http://u:p@h:88/cfg", "http://u:p@h:88/cfg.sig"},
        {"h/cfg#part", "h/cfg.sig"},
        {"tftp://h/cfg", "tftp://h/cfg.sig"},
        {"http://h", "http://h/.sig"},
        {"http://h?x=y", "http://h/.sig?x=y"},
        {"h", "h/.sig"},
    };
    for (const auto& [file, signature] : urls)
        CHECK(signature_url(file) == signature);
}

TEST_CASE("a URL without any path is a folder") {
    CHECK(plan_for("http://admin:123456@192.168.0.25:88").files[0].url ==
          "http://admin:123456@192.168.0.25:88/cfg000b82273b89");
}

TEST_CASE("an extension, a query, or one of the profile's own names makes a file") {
    CHECK(is_file("http://h/gs/phone.xml"));
    CHECK(is_file("http://h/gs/phone?token=1"));
    CHECK(is_file("http://h/provisioning/cfg000B82273B89"));
    CHECK(is_file("http://h/CFG.XML"));
    CHECK(!is_file("http://h/gs/phone"));
    CHECK(!is_file("http://h/gs/phone."));
    CHECK(!is_file("http://h.example.com"));
    CHECK(!is_file("http://h/v1.2/"));
}

TEST_CASE("a file named by the URL is asked for in its own spelling") {
    const Plan plan = plan_for("http://172.18.0.10:5481/provisioning/cfg000B82273B89");
    REQUIRE(plan.files.size() == 1);
    CHECK(plan.files[0].url == "http://172.18.0.10:5481/provisioning/cfg000B82273B89");
    CHECK(plan.files[0].name == "cfg000B82273B89");
}

TEST_CASE("prefix and postfix wrap the whole name") {
    const Plan plan = plan_for("http://h/gs", {"gs_", "_001"});
    CHECK(plan.files[1].name == "gs_cfg000b82273b89.xml_001");
}

TEST_CASE("placeholders are filled before the URL is judged") {
    CHECK(plan_for("http://h/$mac.xml").files[0].url == "http://h/000b82273b89.xml");
}

TEST_CASE("bad input: a URL that does not parse makes no plan") {
    const auto plan = make_plan("http://", Scheme::http, *find_profile("grandstream"), phone(), {});
    CHECK(!plan);
}

TEST_CASE("every shape of URL that servers are known to send means a folder or a file") {
    constexpr Shape shapes[] = {
        // Folders, with and without a path.
        {"http://h/gs/", "folder http://h/gs/cfg000b82273b89"},
        {"http://h/gs", "folder http://h/gs/cfg000b82273b89"},
        {"http://h/a/b//c", "folder http://h/a/b//c/cfg000b82273b89"},
        {"http://h", "folder http://h/cfg000b82273b89"},
        {"http://h/", "folder http://h/cfg000b82273b89"},
        {"tftp://10.13.4.121", "folder tftp://10.13.4.121/cfg000b82273b89"},
        {"http://h/gs#top", "folder http://h/gs/cfg000b82273b89"},
        // Files: named, by the profile's own name, with a query.
        {"http://h/p/phone.xml", "file http://h/p/phone.xml"},
        {"http://172.18.0.10:5481/provisioning/cfg000B82273B89",
         "file http://172.18.0.10:5481/provisioning/cfg000B82273B89"},
        {"http://h/get?token=secret", "file http://h/get?token=secret"},
        {"http://h/?mac=1", "file http://h/?mac=1"},
        {"http://h?mac=1", "file http://h/?mac=1"},
        {"tftp://172.16.6.45/$input.txt", "file tftp://172.16.6.45/000b82273b89.txt"},
        // Userinfo.
        {"http://admin:123456@192.168.0.25:88", "folder http://192.168.0.25:88/cfg000b82273b89"},
        {"ftp://1:1@192.168.2.45/$input.xml", "file ftp://192.168.2.45/000b82273b89.xml"},
        {"admin:pw@10.0.0.5/gs", "folder http://10.0.0.5/gs/cfg000b82273b89"},
        // Without a scheme.
        {"pbx.example", "folder http://pbx.example/cfg000b82273b89"},
        {"172.18.6.37", "folder http://172.18.6.37/cfg000b82273b89"},
        {"pbx:8080", "folder http://pbx:8080/cfg000b82273b89"},
        {"pbx:8080/gs/", "folder http://pbx:8080/gs/cfg000b82273b89"},
        {"pbx/gs/phone.xml", "file http://pbx/gs/phone.xml"},
        {"pbx?mac=$mac", "file http://pbx/?mac=000b82273b89"},
        // IPv6.
        {"http://[2001:db8::1]/gs/", "folder http://[2001:db8::1]/gs/cfg000b82273b89"},
        {"[2001:db8::1]:8080", "folder http://[2001:db8::1]:8080/cfg000b82273b89"},
        {"2001:db8::1", "folder http://[2001:db8::1]/cfg000b82273b89"},
        // Other spellings of a scheme, and other schemes.
        {"HTTPS://H/gs", "folder https://H/gs/cfg000b82273b89"},
        {"ftps://h/gs", "folder ftps://h/gs/cfg000b82273b89"},
    };
    for (const Shape& shape : shapes) {
        CAPTURE(shape.text);
        CHECK(first_request(shape.text, Scheme::http, "grandstream") == shape.expected);
    }
}

TEST_CASE("placeholders are filled in every spelling, in path and query") {
    constexpr Shape shapes[] = {
        {"http://h/$mac.xml", "file http://h/000b82273b89.xml"},
        {"http://h/$MAC.xml", "file http://h/000B82273B89.xml"},
        {"http://h/${mac}.xml", "file http://h/000b82273b89.xml"},
        {"http://h/{mac}.xml", "file http://h/000b82273b89.xml"},
        {"http://h/{MAC}.xml", "file http://h/000B82273B89.xml"},
        {"http://h/{$mac}.xml", "file http://h/000b82273b89.xml"},
        {"http://h/$input", "folder http://h/000b82273b89/cfg000b82273b89"},
        {"http://h/$input.xml", "file http://h/000b82273b89.xml"},
        {"http://ip/mac.cfg?mac=$mac.cfg", "file http://ip/mac.cfg?mac=000b82273b89.cfg"},
        {"http://ip/input.cfg?input=$input.cfg", "file http://ip/input.cfg?input=000b82273b89.cfg"},
        {"http://h/p?m={$mac}&n={MAC}&o=1", "file http://h/p?m=000b82273b89&n=000B82273B89&o=1"},
        {"http://h/$mac/", "folder http://h/000b82273b89/cfg000b82273b89"},
        {"http://{mac}.example/", "folder http://000b82273b89.example/cfg000b82273b89"},
    };
    for (const Shape& shape : shapes) {
        CAPTURE(shape.text);
        CHECK(first_request(shape.text, Scheme::http, "grandstream") == shape.expected);
    }
}

TEST_CASE("a bare host takes the protocol that the phone has for such, and its own first file") {
    CHECK(first_request("10.13.4.121", Scheme::tftp, "fanvil") ==
          "folder tftp://10.13.4.121/f0GXP1628hw1.100.cfg");
    CHECK(first_request("http://172.16.6.45/$mac.cfg", Scheme::tftp, "fanvil") ==
          "file http://172.16.6.45/f0GXP1628hw1.100.cfg");
}

TEST_CASE("bad input: URLs of no shape that can be asked for make no plan") {
    constexpr Shape shapes[] = {
        {"", "error: the address is empty"},
        {"gopher://h/gs", "error: no transfer is known for 'gopher://' addresses"},
        {"sip:pbx.example", "error: the address has a port that is no port"},
        {"http:///gs/cfg.xml", "error: the address names no host"},
        {"/gs/cfg.xml", "error: the address names no host"},
        {"//pbx/gs", "error: the address names no host"},
        {"?mac=$mac", "error: the address names no host"},
        {"pbx:99999/gs", "error: the address has a port that is no port"},
        {"http://[2001:db8::1/gs", "error: the address opens a bracket and never closes it"},
        {"http://h/gs\r\nX: y", "error: the address has control characters in it"},
        {"this is no address", "error: the address has a host that cannot be"},
    };
    for (const Shape& shape : shapes) {
        CAPTURE(shape.text);
        CHECK(first_request(shape.text, Scheme::http, "grandstream") == shape.expected);
    }
}
