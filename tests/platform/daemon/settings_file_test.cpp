// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/settings_file.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {

TEST_CASE("a settings file fills its layer, below the command line") {
    const ScratchDirectory scratch;
    scratch.write("d.conf", "# site\nstatic.url = http://s/\nsplay=7\n");
    Settings settings;
    REQUIRE(settings.set(Layer::command_line, Setting::splay, "1"));
    CHECK(add_settings_file(scratch.file("d.conf"), settings).empty());
    CHECK(settings.get(Setting::static_url) == "http://s/");
    CHECK(settings.layer_of(Setting::static_url) == Layer::file);
    CHECK(settings.get(Setting::splay) == "1");
}

TEST_CASE("bad input: a settings file with a typo names file, line and the nearest setting") {
    const ScratchDirectory scratch;
    scratch.write("d.conf", "splay=7\nstatic.ulr=http://s/\n");
    Settings settings;
    const auto sentence = add_settings_file(scratch.file("d.conf"), settings);
    CHECK(sentence.starts_with(scratch.file("d.conf") + ":2: "));
    CHECK(sentence.find("static.ulr") != std::string::npos);
    CHECK(sentence.find("static.url") != std::string::npos);
    CHECK(settings.layer_of(Setting::splay) == Layer::initial);
}

TEST_CASE("bad input: a settings file that is missing, too big or has a bad value") {
    const ScratchDirectory scratch;
    Settings settings;
    CHECK(add_settings_file(scratch.file("d.conf"), settings) ==
          scratch.file("d.conf") + ": No such file or directory");
    scratch.write("d.conf", std::string(limits::settings_file_bytes + 1, '#'));
    CHECK(add_settings_file(scratch.file("d.conf"), settings).find("bigger") != std::string::npos);
    scratch.write("d.conf", "\nsip.port=none\n");
    CHECK(add_settings_file(scratch.file("d.conf"), settings).find(":2: ") != std::string::npos);
}

}  // namespace dialtone
