// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/json_writer.h"

#include <doctest/doctest.h>

namespace dialtone {
namespace {

std::string json_text(std::string_view value) {
    JsonWriter json;
    return json.text(value).str();
}

}  // namespace

TEST_CASE("objects and arrays get their commas") {
    JsonWriter json;
    json.begin_object();
    json.member("a", "b");
    json.key("list").begin_array().number(-1).flag(true).null().begin_object().end_object();
    json.end_array();
    json.key("empty").begin_array().end_array();
    json.key("n").number(2);
    json.end_object();
    CHECK(json.str() == R"({"a":"b","list":[-1,true,null,{}],"empty":[],"n":2})");
}

TEST_CASE("quotes, backslashes and control characters are escaped") {
    CHECK(json_text("a\"b\\c\n\r\t") == R"("a\"b\\c\n\r\t")");
    CHECK(json_text(std::string_view("\0\x1f\x7f", 3)) == R"("\u0000\u001f\u007f")");
}

TEST_CASE("what would turn a line around on a terminal, or control it, is escaped") {
    CHECK(json_text("a\xe2\x80\xae"
                    "b\xc2\x9b") == R"("a\u202eb\u009b")");
    CHECK(json_text("\xe2\x81\xa9") == R"("\u2069")");
}

TEST_CASE("UTF-8 passes and anything else becomes U+FFFD") {
    CHECK(json_text("\xc3\xa4\xe2\x82\xac") == "\"\xc3\xa4\xe2\x82\xac\"");
    CHECK(json_text("a\xff"
                    "b\xc3") ==
          "\"a\xef\xbf\xbd"
          "b\xef\xbf\xbd\"");
}

}  // namespace dialtone
