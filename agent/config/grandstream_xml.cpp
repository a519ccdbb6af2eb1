// SPDX-License-Identifier: Apache-2.0
#include "agent/config/grandstream_xml.h"

#include <tinyxml2.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "agent/config/addressee.h"
#include "agent/config/remarks.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/config/xml_text.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view root_name = "gs_provision";

uint32_t line_of(const tinyxml2::XMLNode& node) {
    return static_cast<uint32_t>(std::max(node.GetLineNum(), 0));
}

std::unexpected<Error> fail_at(const tinyxml2::XMLNode& node, ErrorCode code, std::string detail) {
    return fail(code, std::move(detail), Position::at_line(line_of(node)));
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// The text of an element that holds text only, in however many pieces.
Result<std::string> text_of(const tinyxml2::XMLElement& element) {
    std::string value;
    for (const auto* child = element.FirstChild(); child; child = child->NextSibling()) {
        if (child->ToText() != nullptr) {
            value += child->Value();
        } else if (child->ToComment() == nullptr) {
            return fail_at(
                *child, ErrorCode::malformed,
                "<" + shown(element.Name()) + "> holds an element where its value is text");
        }
        if (value.size() > limits::config_value_bytes) {
            return fail_at(element, ErrorCode::too_big,
                           "the value of " + shown(element.Name()) + " is longer than " +
                               std::to_string(limits::config_value_bytes) + " bytes");
        }
    }
    if (is_blank(value)) value.clear();
    return value;
}

// The next child that is an element. Text between elements means that a tag was lost; the error
// does not quote it, because it may be a password.
Result<const tinyxml2::XMLElement*> next_element(const tinyxml2::XMLNode* child) {
    for (; child != nullptr; child = child->NextSibling()) {
        if (const auto* element = child->ToElement()) return element;
        if (child->ToText() != nullptr && !is_blank(child->Value())) {
            return fail_at(*child, ErrorCode::malformed, "text between elements");
        }
    }
    return nullptr;
}

class Reading {
  public:
    // No more than `elements` of the file can be entries.
    Reading(const Identity& identity, uint32_t elements) : identity_(identity) {
        entries_.reserve(std::min(elements, limits::config_entries));
    }

    Status read_root(const tinyxml2::XMLElement& root) {
        bool any_config = false;
        const auto* child = TRY(next_element(root.FirstChild()));
        while (child != nullptr) {
            const std::string_view name = child->Name();
            if (name == "mac") {
                TRY(read_mac(*child));
            } else if (name == "config") {
                TRY(read_config(*child));
                any_config = true;
            } else {
                pass_over(*child);
            }
            child = TRY(next_element(child->NextSibling()));
        }
        if (any_config) return {};
        return fail_at(root, ErrorCode::malformed, "there is no <config> element");
    }

    Document take() {
        document_.format = &grandstream_xml_format;
        drop_overridden();
        document_.entries = std::move(entries_);
        document_.warnings = remarks_.take();
        return std::move(document_);
    }

  private:
    void pass_over(const tinyxml2::XMLElement& element) {
        remarks_.add(line_of(element),
                     "<" + shown(element.Name()) + "> is not known and was passed over");
    }

    // What is wrong with the text of `element`, at its line.
    static Status at_line_of(const tinyxml2::XMLElement& element, Status status) {
        if (status) return {};
        return fail_at(element, status.error().code, std::move(status.error().detail));
    }

    Status read_mac(const tinyxml2::XMLElement& element) {
        const std::string text = TRY(text_of(element));
        if (text.empty()) {
            remarks_.add(line_of(element), "the <mac> element is empty and was passed over");
            return {};
        }
        return at_line_of(element, take_addressee(text, "the <mac> element", identity_, document_));
    }

    Status read_config(const tinyxml2::XMLElement& config) {
        const char* const version = config.Attribute("version");
        if (version == nullptr) {
            remarks_.add(line_of(config), "<config> has no version and was read as version 1");
        } else if (std::string_view(version) == "2") {
            return fail_at(config, ErrorCode::unsupported,
                           "<config version=\"2\">, with named items, is not read by this version; "
                           "it comes with a later release");
        } else if (std::string_view(version) != "1") {
            return fail_at(config, ErrorCode::unsupported,
                           "<config> has the unknown version " + quoted(shown(version)));
        }
        const auto* child = TRY(next_element(config.FirstChild()));
        while (child != nullptr) {
            TRY(read_entry(*child));
            child = TRY(next_element(child->NextSibling()));
        }
        return {};
    }

    Status read_entry(const tinyxml2::XMLElement& element) {
        const std::string_view key = element.Name();
        if (key == serial_name)
            return at_line_of(element, take_serial(TRY(text_of(element)), document_));
        if (!key_has_shape(key, KeyShape::p_number)) {
            pass_over(element);
            return {};
        }
        if (entries_.size() == limits::config_entries) {
            return fail_at(
                element, ErrorCode::too_big,
                "more than " + std::to_string(limits::config_entries) + " values in the file");
        }
        std::string value = TRY(text_of(element));
        entries_.push_back({std::string(key), std::move(value), line_of(element)});
        return {};
    }

    // Of a key that appears more than once only the last entry is kept, where it stands. Keys are
    // sorted by their first eight bytes as one number, which nearly always is the whole key.
    void drop_overridden() {
        struct Place {
            uint64_t key_begin;
            uint32_t index;
        };
        std::vector<Place> order;
        order.reserve(entries_.size());
        for (uint32_t index = 0; index < entries_.size(); ++index) {
            order.push_back({key_begin(entries_[index].key), index});
        }
        std::sort(order.begin(), order.end(), [this](const Place& one, const Place& other) {
            if (one.key_begin != other.key_begin) return one.key_begin < other.key_begin;
            const int compared = entries_[one.index].key.compare(entries_[other.index].key);
            return compared < 0 || (compared == 0 && one.index < other.index);
        });
        std::vector<uint32_t> dropped;
        for (uint32_t place = 1; place < order.size(); ++place) {
            if (order[place - 1].key_begin != order[place].key_begin) continue;
            const Entry& before = entries_[order[place - 1].index];
            const Entry& entry = entries_[order[place].index];
            if (before.key != entry.key) continue;
            dropped.push_back(order[place - 1].index);
            remarks_.add(entry.line, entry.key + " stood in line " + std::to_string(before.line) +
                                         " already; the last one counts");
        }
        drop(std::move(dropped));
    }

    static uint64_t key_begin(std::string_view key) {
        uint64_t begin = 0;
        for (uint32_t at = 0; at < sizeof begin; ++at) {
            begin = begin << 8 | (at < key.size() ? static_cast<uint8_t>(key[at]) : 0U);
        }
        return begin;
    }

    void drop(std::vector<uint32_t> indexes) {
        if (indexes.empty()) return;
        std::sort(indexes.begin(), indexes.end());
        std::vector<Entry> kept;
        kept.reserve(entries_.size() - indexes.size());
        auto next = indexes.begin();
        for (uint32_t index = 0; index < entries_.size(); ++index) {
            if (next != indexes.end() && *next == index) {
                ++next;
            } else {
                kept.push_back(std::move(entries_[index]));
            }
        }
        entries_ = std::move(kept);
    }

    const Identity& identity_;
    Document document_ = {};
    std::vector<Entry> entries_ = {};
    Remarks remarks_ = {};
};

// The errors that check_xml() does not find and tinyxml2 does.
std::string_view words_for(tinyxml2::XMLError error) {
    switch (error) {
        case tinyxml2::XML_ERROR_PARSING_ATTRIBUTE:
            return "an attribute that is not written as name=\"value\"";
        case tinyxml2::XML_ERROR_PARSING_DECLARATION:
            return "a <?xml ?> declaration after the beginning of the file";
        case tinyxml2::XML_ERROR_MISMATCHED_ELEMENT:
            return "an element that is not closed";
        default:
            return "XML that cannot be read";
    }
}

Status check_kind(std::string_view text) {
    if (text.size() > limits::config_file_bytes) {
        return fail(ErrorCode::too_big, "the file has " + std::to_string(text.size()) +
                                            " bytes, the limit is " +
                                            std::to_string(limits::config_file_bytes));
    }
    const Sniffed sniffed = sniff(text);
    if (sniffed.content != Content::xml) return std::unexpected(unreadable(sniffed.content));
    return {};
}

}  // namespace

// A file that ends or breaks before its root is for the parser to explain.
constinit const ConfigFormat grandstream_xml_format = {
    .name = "Grandstream XML",
    .recognises =
        [](std::string_view, const Sniffed& sniffed) {
            return sniffed.content == Content::xml &&
                   (sniffed.root.empty() || sniffed.root == root_name);
        },
    .parse = parse_grandstream_xml,
    .write = write_grandstream_xml,
};

Result<Document> parse_grandstream_xml(std::string_view text, const Identity& identity) {
    TRY(check_kind(text));
    std::string converted;
    text = TRY(xml_as_utf8(text, converted));
    const uint32_t elements = TRY(check_xml(text));

    tinyxml2::XMLDocument xml;
    if (xml.Parse(text.data(), text.size()) != tinyxml2::XML_SUCCESS) {
        return fail(ErrorCode::malformed, std::string(words_for(xml.ErrorID())),
                    Position::at_line(static_cast<uint32_t>(std::max(xml.ErrorLineNum(), 0))));
    }
    const tinyxml2::XMLElement* const root = xml.RootElement();
    if (root == nullptr) return fail(ErrorCode::malformed, "there is no root element");
    if (root->Name() != root_name) {
        return fail_at(*root, ErrorCode::not_a_config,
                       "the root element is <" + shown(root->Name()) + ">, not <gs_provision>");
    }
    Reading reading(identity, elements);
    TRY(reading.read_root(*root));
    return reading.take();
}

}  // namespace dialtone
