// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/static_server.h"

#include <doctest/doctest.h>

using namespace dialtone;

namespace {

void set(Settings& settings, Layer layer, Setting setting, std::string_view value) {
    const auto fine = settings.set(layer, setting, value);
    REQUIRE(fine);
}

}  // namespace

TEST_CASE("without static.url and static.server the static source gives nothing") {
    CHECK(static_server_urls(Settings()).empty());
}

TEST_CASE("static.url wins over static.server in the same layer") {
    Settings settings;
    set(settings, Layer::file, Setting::static_server, "b.example");
    set(settings, Layer::file, Setting::static_url, "http://a.example/");
    CHECK(static_server_urls(settings) == std::vector<std::string>{"http://a.example/"});
}

TEST_CASE("each layer gives one URL, the highest first, and none twice") {
    Settings settings;
    set(settings, Layer::file, Setting::static_url, "http://file/");
    set(settings, Layer::configuration, Setting::static_server, "http://carried");
    set(settings, Layer::operator_, Setting::static_url, "http://file/");
    CHECK(static_server_urls(settings) ==
          std::vector<std::string>{"http://file/", "http://carried"});
}

TEST_CASE("a server without a scheme gets static.protocol, path and file") {
    Settings settings;
    set(settings, Layer::file, Setting::static_server, "10.0.0.5:8080/gs/");
    set(settings, Layer::file, Setting::static_protocol, "https");
    set(settings, Layer::file, Setting::static_path, "/phones");
    set(settings, Layer::file, Setting::static_file, "x.xml");
    CHECK(static_server_urls(settings) ==
          std::vector<std::string>{"https://10.0.0.5:8080/gs/phones/x.xml"});
}

TEST_CASE("static.mode off silences the source") {
    Settings settings;
    set(settings, Layer::file, Setting::static_url, "http://a/");
    set(settings, Layer::file, Setting::static_mode, "off");
    CHECK(static_server_urls(settings).empty());
}
