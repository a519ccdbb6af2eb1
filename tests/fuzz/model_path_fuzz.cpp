// SPDX-License-Identifier: Apache-2.0
//
// Any text as what an ACS asks for and writes, and an operator looks at: the first byte chooses the
// phone and the root, then each line is a path, or a path, a blank and a value. What a path names
// can be named again by its own names, and a change that is made reads as it was written.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/cwmp/model_listing.h"
#include "agent/cwmp/model_values.h"
#include "agent/cwmp/model_write.h"
#include "agent/text.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

struct Phone {
    PhoneFacts phone = {};
    WallClock clock = {};
    Generation active = {};

    explicit Phone(uint8_t choice) {
        constexpr std::array<std::string_view, 3> roots = {"device1", "device2", "igd"};
        const bool is_fanvil = choice / 3 % 2 == 1;
        phone.profile = find_profile(is_fanvil ? "fanvil" : "grandstream");
        phone.identity = {{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56}, "X", "1"};
        const auto fits =
            phone.given_settings.set(Layer::file, Setting::tr069_root, roots[choice % 3]);
        demand(fits.has_value());
        phone.voice.codecs = {{"G.722", 64'000, "20", false}};
        phone.voice.buttons = {"1", "2"};
        take({{.key = is_fanvil ? "SIP CONFIG MODULE/SIP2 Phone Number" : "P47", .value = "a:1"},
              {.key = is_fanvil ? "A MODULE/B. c" : "P1361", .value = "x"}},
             Origin::file);
    }
    void take(std::vector<Entry> entries, Origin origin) {
        Document document;
        document.entries = std::move(entries);
        auto next = overlay(active, {&document, 1}, origin);
        if (!next) return;
        active = std::move(*next);
        phone.settings = phone.settings_with(active);
    }
    ModelFacts facts() const { return {phone, clock, {}, active}; }
};

void read(const Phone& phone, std::string_view path) {
    const Model model(phone.facts());
    const auto names = model.names_at(path, false);
    demand(names.empty() != model.has(path));
    demand(path.empty() || names.empty() || names.front().path == path);
    for (const ModelParameter& one : model.parameters_at(path)) {
        const std::string own = model.path_of(one);
        demand(own.size() <= limits::cwmp_path_bytes && own.starts_with(path));
        demand(model.parameters_at(own) == std::vector{one});
        demand(one.row->access != ModelAccess::hidden || model.value_of(one).empty());
    }
    for (const ModelName& name : model.names_at(path, true))
        demand(model.has(name.path));
    const ModelListing listing = list_model(phone.facts(), {}, path, 0);
    demand(listing.found || (names.empty() && listing.lines.empty()));
    demand(!listing.found || !listing.lines.empty());
}

void write(Phone& phone, std::string_view path, std::string_view value) {
    const std::vector<ParameterWrite> writes = {{std::string(path), "", std::string(value)}};
    const auto change = change_of(writes, phone.facts());
    if (!change) {
        demand(change.error().size() == 1 && change.error().front().path == path);
        return;
    }
    phone.take(change->document.entries, Origin::acs);
    const auto again = change_of(writes, phone.facts());
    demand(again.has_value());
    const bool is_command = path.ends_with("Reset") || path.ends_with("ResetStatistics");
    demand(is_command || again->document.entries.empty());
}

void add_and_delete(Phone& phone, std::string_view path) {
    if (const auto added = add_object(path, 1, phone.facts())) {
        const std::string row = std::string(path) + std::to_string(added->instance) + '.';
        demand(!Model(phone.facts()).has(row));
        phone.take(added->change.document.entries, Origin::acs);
        demand(Model(phone.facts()).has(row));
    } else if (const auto deleted = delete_object(path, phone.facts())) {
        phone.take(deleted->document.entries, Origin::acs);
        demand(!Model(phone.facts()).has(path));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    Phone phone(data[0]);
    std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    for (uint32_t lines = 0; !text.empty() && lines < 16; ++lines) {
        std::string_view line = take_piece(text, '\n');
        const bool is_write = line.find(' ') != std::string_view::npos;
        const std::string_view path = take_piece(line, ' ');
        read(phone, path);
        if (is_write) {
            write(phone, path, line);
        } else {
            add_and_delete(phone, path);
        }
    }
    return 0;
}
