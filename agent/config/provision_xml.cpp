// SPDX-License-Identifier: Apache-2.0
#include "agent/config/provision_xml.h"

#include <string>
#include <utility>

#include "agent/config/addressee.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/config/xml_file.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view blanks = " \t\r\n";

class Reading : private XmlFile {
  public:
    Reading(std::string_view text, const Identity& identity, const ProvisionXml& form)
        : XmlFile(text, identity, stray_markup | lone_ampersand), form_(form) {}

    Status read() {
        TRY(read_root(form_.root));
        const uint32_t root_line = reader_.line();
        while (TRY(next_element())) {
            const std::string_view name = reader_.name();
            if (name == "mac") {
                TRY(read_mac());
            } else if (name == "config") {
                TRY(read_config());
            } else {
                TRY(pass_over());
            }
        }
        TRY(reader_.next());
        if (config_seen_) return {};
        return fail(ErrorCode::malformed, "there is no <config> element",
                    Position::at_line(root_line));
    }

    Document take() { return take_document(*form_.format); }

  private:
    Status read_config() {
        config_seen_ = true;
        const auto version = reader_.attribute("version");
        if (!version)
            remarks_.add(reader_.line(), "<config> has no version and was read as version 1");
        const bool has_items = form_.has_items && version == "2";
        if (version && *version != "1" && !has_items) {
            return refuse(ErrorCode::unsupported,
                          "<config> has the unknown version " + quoted(shown(*version)));
        }
        while (TRY(next_element()))
            TRY(has_items ? read_item() : read_value());
        return {};
    }

    // --- version 1 -------------------------------------------------------------------------------

    Status read_value() {
        const std::string_view key = reader_.name();
        const uint32_t line = reader_.line();
        if (key == serial_name) return read_serial();
        const bool is_value = key_has_shape(key, KeyShape::p_number) ||
                              (form_.has_named_values && key_has_shape(key, KeyShape::name));
        if (!is_value) return pass_over();
        return entries_.add(std::string(key), TRY(reader_.value()), line);
    }

    // --- version 2 -------------------------------------------------------------------------------

    Status read_item() {
        const uint32_t line = reader_.line();
        if (reader_.name() == serial_name) return read_serial();
        if (key_has_shape(reader_.name(), KeyShape::p_number)) {
            return refuse(ErrorCode::malformed,
                          "a P value under <config version=\"2\">, which has <item> elements; P "
                          "values stand under version=\"1\"");
        }
        const std::string name = TRY(name_of("item"));
        if (name.empty()) return pass_over();
        bool has_parts = false;
        std::string value;
        for (;;) {
            const XmlPiece piece = TRY(reader_.next());
            if (piece == XmlPiece::end) break;
            if (piece == XmlPiece::text) {
                value += reader_.text();
            } else {
                has_parts = true;
                TRY(read_part(name));
            }
        }
        if (!has_parts) return entries_.add(name, std::move(value), line);
        if (!value.empty()) pass_text(line);
        return {};
    }

    Status read_part(const std::string& item) {
        const uint32_t line = reader_.line();
        const std::string part = TRY(name_of("part"));
        if (part.empty()) return pass_over();
        return entries_.add(item + "/" + part, TRY(reader_.value()), line);
    }

    // Of the element that begins, when it is called so; else empty.
    Result<std::string> name_of(std::string_view element) {
        if (reader_.name() != element) return std::string();
        std::string name(trimmed(reader_.attribute("name").value_or(""), blanks));
        if (!key_has_shape(name, KeyShape::name)) {
            return refuse(ErrorCode::malformed, "an <" + std::string(element) +
                                                    "> without a name, or with one that is "
                                                    "no key");
        }
        return name;
    }

    const ProvisionXml& form_;
    bool config_seen_ = false;
};

}  // namespace

bool may_have_root(const Sniffed& sniffed, std::string_view root) {
    return sniffed.content == Content::xml && (sniffed.root.empty() || sniffed.root == root);
}

Result<Document> parse_provision_xml(std::string_view text, const Identity& identity,
                                     const ProvisionXml& form) {
    TRY(check_xml_kind(text));
    Reading reading(text, identity, form);
    TRY(reading.read());
    return reading.take();
}

}  // namespace dialtone
