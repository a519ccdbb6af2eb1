// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/inspect.h"

#include <doctest/doctest.h>

#include <string_view>

namespace dialtone {
namespace {

constexpr std::string_view good_file =
    "<?xml version=\"1.0\"?>\n<gs_provision version=\"1\">\n<mac>000b82273b89</mac>\n"
    "<config version=\"1\">\n<P47>sip.example</P47>\n<P271>1</P271>\n</config>\n"
    "</gs_provision>\n";

InspectRequest request_for(std::string_view text) {
    InspectRequest request;
    request.file = "cfg.xml";
    request.bytes.assign(text.begin(), text.end());
    return request;
}

bool has(const std::string& text, std::string_view piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("inspect prints nothing but sorted lines, and the kind of file beside them") {
    const auto inspection = inspect(request_for(good_file));
    CHECK(inspection.good);
    CHECK(inspection.output == "P271=1\nP47=sip.example\n");
    CHECK(has(inspection.remarks, "cfg.xml: Grandstream XML, cipher: "));
}

TEST_CASE("inspect as JSON names format, cipher and values") {
    auto request = request_for(good_file);
    request.form = OutputForm::json;
    const auto inspection = inspect(request);
    CHECK(has(inspection.output, R"("format":"Grandstream XML")"));
    CHECK(has(inspection.output, R"("values":{"P271":"1","P47":"sip.example"})"));
    CHECK(has(inspection.output, R"("warnings":[])"));
    CHECK(inspection.remarks.empty());
}

TEST_CASE("inspect shows a warning with its line") {
    const auto inspection = inspect(request_for(
        "<gs_provision version=\"1\">\n<config version=\"1\">\n<P1>a</P1>\n<P1>b</P1>\n</config>"
        "</gs_provision>"));
    CHECK(inspection.good);
    CHECK(inspection.output == "P1=b\n");
    CHECK(has(inspection.remarks, "cfg.xml:4: warning: "));
}

TEST_CASE("bad input: a value that would control a terminal is escaped by inspect") {
    const auto inspection = inspect(request_for(
        "<gs_provision version=\"1\">\n<config version=\"1\">\n<P1>a&#x9b;m&#x202e;&#x7f;</P1>\n"
        "</config></gs_provision>"));
    CHECK(inspection.good);
    CHECK(inspection.output == "P1=a\\xC2\\x9Bm\\xE2\\x80\\xAE\\x7F\n");
}

TEST_CASE("inspect judges the MAC address only when one is given") {
    auto request = request_for(good_file);
    CHECK(inspect(request).good);
    request.identity = *identity_from_mac("000b82000001");
    const auto inspection = inspect(request);
    CHECK(!inspection.good);
    CHECK(inspection.remarks.starts_with("cfg.xml:3: "));
    CHECK(inspection.output.empty());
}

TEST_CASE("bad input: inspect names the line of a broken XML file") {
    const auto inspection = inspect(request_for("<gs_provision version=\"1\">\n<config>\n</gs"));
    CHECK(!inspection.good);
    CHECK(inspection.remarks.starts_with("cfg.xml:"));
    CHECK(inspection.remarks[8] >= '1');
    CHECK(inspection.remarks.ends_with("\n"));
}

TEST_CASE("bad input: inspect names an offset for binaries and line 1 for an empty file") {
    CHECK(inspect(request_for("")).remarks.starts_with("cfg.xml:1: "));
    const std::string_view binary("\x01\x02\xff\x00\x80\x81\x00\x13\x01\x02\xff\x00\x80\x81\x00",
                                  15);
    CHECK(inspect(request_for(binary)).remarks.starts_with("cfg.xml:0: "));
    CHECK(inspect(request_for("Salted__12345678")).remarks.starts_with("cfg.xml:"));
}

TEST_CASE("bad input: inspect says in JSON what is wrong with a file") {
    auto request = request_for("<html><body>Login</body></html>");
    request.form = OutputForm::json;
    const auto inspection = inspect(request);
    CHECK(!inspection.good);
    CHECK(has(inspection.output, R"("error":{"code":"not_a_config","line":1,"detail":)"));
    CHECK(inspection.remarks.starts_with("cfg.xml:1: "));
}

TEST_CASE("bad input: a file bigger than the limit is refused by inspect too") {
    auto request = request_for("");
    request.bytes.assign(600'000, ' ');
    const auto inspection = inspect(request);
    CHECK(!inspection.good);
    CHECK(has(inspection.remarks, "600000"));
}

}  // namespace dialtone
