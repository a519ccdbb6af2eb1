// SPDX-License-Identifier: Apache-2.0
#include "agent/config/fanvil_xml.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/addressee.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/config/xml_file.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view root_name = "VOIP_CONFIG_FILE";
constexpr std::string_view odd_root = "<VOIP CONFIG FILE>";  // in figure 6 of the guide
constexpr std::string_view version_names[] = {"version", "Version", "Digests"};
constexpr std::string_view id_name = "ID";
constexpr std::string_view blanks = " \t\r\n";
constexpr uint8_t oddities = stray_markup | lone_ampersand | odd_names | loose_end | start_as_end;

std::string text_name(std::string_view name) {
    std::string out(name);
    std::ranges::replace(out, '_', ' ');
    return out;
}

class Reading : private XmlFile {
  public:
    Reading(std::string_view text, const Identity& identity) : XmlFile(text, identity, oddities) {}

    Status read() {
        TRY(reader_.next());  // a text without a root is an error
        if (text_name(reader_.name()) != text_name(root_name)) {
            return refuse(ErrorCode::not_a_config, "the root element is <" + shown(reader_.name()) +
                                                       ">, not <VOIP_CONFIG_FILE>");
        }
        while (TRY(next_element()))
            TRY(read_module());
        TRY(reader_.next());
        return {};
    }

    Document take() { return take_document(fanvil_xml_format); }

  private:
    // An element that holds text, or else elements; those come one by one.
    struct Element {
        std::string name = {};
        uint32_t line = 0;
        std::string value = {};
    };

    // Reads the element that begins. `take_child` is called at the start of each one in it.
    template <class TakeChild>
    Result<bool> read_element(Element& element, TakeChild&& take_child) {
        element.name = text_name(reader_.name());
        element.line = reader_.line();
        bool has_children = false;
        for (;;) {
            const XmlPiece piece = TRY(reader_.next());
            if (piece == XmlPiece::end) break;
            if (piece == XmlPiece::text) {
                element.value += reader_.text();
                continue;
            }
            has_children = true;
            TRY(take_child(element));
        }
        element.value = trimmed(element.value, blanks);
        if (has_children && !element.value.empty()) pass_text(element.line);
        return has_children;
    }

    Status read_module() {
        const std::string_view name = reader_.name();
        const uint32_t line = reader_.line();
        if (std::ranges::find(version_names, name) != std::end(version_names))
            return read_version();
        if (name == "mac") return read_mac();
        if (name == serial_name) return read_serial();
        Element module;
        const bool has_children =
            TRY(read_element(module, [this](const Element& it) { return read_key(it.name); }));
        if (!has_children && !module.value.empty())
            remarks_.add(line, "a value outside of a module counts nowhere");
        return {};
    }

    // A value of the module, or a list.
    Status read_key(const std::string& module) {
        Element key;
        const auto take_child = [&](const Element& list) {
            return read_of_list(module + "/" + list.name + "/");
        };
        if (TRY(read_element(key, take_child))) return {};
        return entries_.add(module + "/" + key.name, std::move(key.value), key.line);
    }

    // What stands in a list: an entry of it, whose ID its keys begin with, or a value.
    Status read_of_list(const std::string& list) {
        std::vector<Element> values;
        Element entry;
        const auto take_child = [&](const Element&) -> Status {
            const bool is_deeper = TRY(read_value(values));
            if (!is_deeper) return {};
            return refuse(ErrorCode::malformed, "an element with elements in a list's entry");
        };
        if (!TRY(read_element(entry, take_child)))
            return entries_.add(list + entry.name, std::move(entry.value), entry.line);
        const auto id = std::ranges::find(values, id_name, &Element::name);
        if (id == values.end() || id->value.empty()) {
            return fail(ErrorCode::malformed, "an entry of a list without its <ID>",
                        Position::at_line(entry.line));
        }
        for (Element& one : values) {
            if (&one == &*id) continue;
            TRY(entries_.add(list + id->value + " " + one.name, std::move(one.value), one.line));
        }
        return {};
    }

    // True: it has elements in it.
    Result<bool> read_value(std::vector<Element>& values) {
        Element value;
        const auto pass_child = [this](const Element&) { return reader_.pass_over(); };
        const bool has_children = TRY(read_element(value, pass_child));
        if (values.size() == limits::config_list_keys) {
            return refuse(ErrorCode::too_big, "a list's entry has more than " +
                                                  std::to_string(limits::config_list_keys) +
                                                  " values");
        }
        values.push_back(std::move(value));
        return has_children;
    }
};

}  // namespace

constinit const ConfigFormat fanvil_xml_format = {
    .name = "Fanvil XML",
    .recognises =
        [](std::string_view text, const Sniffed& sniffed) {
            if (sniffed.content != Content::xml) return false;
            return sniffed.root == root_name ||
                   (sniffed.root == odd_root.substr(1, sniffed.root.size()) &&
                    !sniffed.root.empty() && text.find(odd_root) != std::string_view::npos);
        },
    .parse = parse_fanvil_xml,
};

Result<Document> parse_fanvil_xml(std::string_view text, const Identity& identity) {
    TRY(check_xml_kind(text));
    Reading reading(text, identity);
    TRY(reading.read());
    return reading.take();
}

}  // namespace dialtone
