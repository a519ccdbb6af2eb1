// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/envelope.h"

#include <algorithm>
#include <utility>

#include "sim/lab/acs/schema.h"

namespace dialtone::sim::acs {

std::optional<std::string_view> Envelope::text_of(std::string_view owner,
                                                  std::string_view name) const {
    for (const Leaf& leaf : leaves) {
        if (leaf.owner == owner && leaf.name == name) return leaf.text;
    }
    return std::nullopt;
}

const Leaf* Envelope::find_beside(std::string_view owner, std::string_view name,
                                  std::string_view text, std::string_view wanted) const {
    const auto key = std::ranges::find_if(leaves, [&](const Leaf& leaf) {
        return leaf.owner == owner && leaf.name == name && leaf.text == text;
    });
    if (key == leaves.end()) return nullptr;
    const auto found = std::ranges::find_if(leaves, [&](const Leaf& leaf) {
        return leaf.owner == owner && leaf.row == key->row && leaf.name == wanted;
    });
    return found == leaves.end() ? nullptr : &*found;
}

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        switch (letter) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&apos;";
                break;
            default:
                out += letter;
        }
    }
    return out;
}

// Writes elements in one style.
class Writer {
  public:
    explicit Writer(const Style& style) : style_(style) {}

    std::string attribute(std::string_view name, std::string_view value) const {
        return " " + std::string(name) + "=" + style_.quote + escaped(value) + style_.quote;
    }
    std::string declaration(std::string_view prefix, std::string_view uri) const {
        return attribute(prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix), uri);
    }
    static std::string name(std::string_view prefix, std::string_view local) {
        return prefix.empty() ? std::string(local) : std::string(prefix) + ":" + std::string(local);
    }
    static std::string element(const std::string& name, std::string_view attributes,
                               std::string_view content) {
        return "<" + name + std::string(attributes) + ">" + std::string(content) + "</" + name +
               ">";
    }

    std::string document(std::string_view id, bool holds_requests, std::string_view body) const {
        const std::string must = attribute(name(style_.soap, "mustUnderstand"), "1");
        std::string header;
        if (!style_.has_no_id) header += element(name(style_.cwmp, "ID"), must, escaped(id));
        if (holds_requests) header += element(name(style_.cwmp, "HoldRequests"), must, "1");
        std::string names = declaration(style_.soap, soap_namespace) +
                            declaration(style_.encoding, encoding_namespace) +
                            declaration(style_.schema, schema_namespace) +
                            declaration(style_.instance, instance_namespace);
        if (!style_.is_undeclared)
            names += declaration(style_.cwmp, std::string(cwmp_namespace) + style_.version);
        std::string content;
        if (!header.empty()) content = element(name(style_.soap, "Header"), "", header);
        content += element(name(style_.soap, "Body"), "", body);
        return "<?xml version=" + std::string(1, style_.quote) + "1.0" + style_.quote +
               " encoding=" + style_.quote + "UTF-8" + style_.quote + "?>\n" +
               element(name(style_.soap, "Envelope"), names, content);
    }

    std::string array_type(std::string_view prefix, std::string_view type, uint64_t count) const {
        return attribute(name(style_.encoding, "arrayType"),
                         name(prefix, type) + "[" + std::to_string(count) + "]");
    }

    std::string argument(const Argument& given) const {
        const uint64_t count = given.items.size();
        std::string content;
        switch (given.kind) {
            case ArgumentKind::text:
                return element(given.name, "", escaped(given.text));
            case ArgumentKind::names:
                for (const Item& item : given.items)
                    content += element("string", "", escaped(item.name));
                return element(given.name, array_type(style_.schema, "string", count), content);
            case ArgumentKind::values:
                for (const Item& item : given.items)
                    content += value(item);
                return element(given.name, array_type(style_.cwmp, "ParameterValueStruct", count),
                               content);
            case ArgumentKind::attributes:
                for (const Item& item : given.items)
                    content += attributes(item);
                return element(given.name,
                               array_type(style_.cwmp, "SetParameterAttributesStruct", count),
                               content);
        }
        __builtin_unreachable();
    }

  private:
    std::string value(const Item& item) const {
        std::string type;
        if (!item.type.empty())
            type = attribute(name(style_.instance, "type"), name(style_.schema, item.type));
        return element(
            "ParameterValueStruct", "",
            element("Name", "", escaped(item.name)) + element("Value", type, escaped(item.text)));
    }

    std::string attributes(const Item& item) const {
        return element("SetParameterAttributesStruct", "",
                       element("Name", "", escaped(item.name)) +
                           element("NotificationChange", "", "1") +
                           element("Notification", "", escaped(item.text)) +
                           element("AccessListChange", "", "0") +
                           element("AccessList", array_type(style_.schema, "string", 0), ""));
    }

    const Style& style_;
};

}  // namespace

std::string write_envelope(const Style& style, std::string_view id, bool holds_requests,
                           std::string_view method, const std::vector<Argument>& arguments) {
    const Writer writer(style);
    std::vector<std::string> fields;
    fields.reserve(arguments.size());
    for (const Argument& one : arguments)
        fields.push_back(writer.argument(one));
    if (style.is_key_first) std::ranges::reverse(fields);
    std::string content;
    for (const std::string& field : fields)
        content += field;
    const std::string name = Writer::name(style.is_unqualified ? "" : style.cwmp, method);
    return writer.document(id, holds_requests, Writer::element(name, "", content));
}

std::string write_fault(const Style& style, std::string_view id, uint32_t code) {
    const Writer writer(style);
    const std::string detail =
        Writer::element(Writer::name(style.cwmp, "Fault"), "",
                        Writer::element("FaultCode", "", std::to_string(code)) +
                            Writer::element("FaultString", "", "As the script has it"));
    return writer.document(
        id, false,
        Writer::element(Writer::name(style.soap, "Fault"), "",
                        Writer::element("faultcode", "", Writer::name(style.soap, "Server")) +
                            Writer::element("faultstring", "", "CWMP fault") +
                            Writer::element("detail", "", detail)));
}

}  // namespace dialtone::sim::acs
