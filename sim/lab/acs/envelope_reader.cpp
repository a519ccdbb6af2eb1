// SPDX-License-Identifier: Apache-2.0
#include <tinyxml2.h>

#include <algorithm>
#include <utility>

#include "agent/text.h"
#include "sim/lab/acs/envelope.h"
#include "sim/lab/acs/lexical.h"
#include "sim/lab/acs/schema.h"

namespace dialtone::sim::acs {
namespace {

using tinyxml2::XMLAttribute;
using tinyxml2::XMLElement;

constexpr uint32_t violations_kept = 40;  // of one envelope

struct Name {
    std::optional<std::string_view> uri;  // none: its prefix is not declared
    std::string_view local;

    bool is(std::string_view wanted_uri, std::string_view wanted) const {
        return uri == wanted_uri && local == wanted;
    }
};

// Namespaces in XML 1.0, section 6: the innermost declaration counts; without a prefix and without
// a declaration there is none, which is "".
std::optional<std::string_view> uri_of(std::string_view prefix, const XMLElement& inside) {
    const std::string wanted = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
    for (const tinyxml2::XMLNode* node = &inside; node != nullptr; node = node->Parent()) {
        const XMLElement* element = node->ToElement();
        const char* found = element == nullptr ? nullptr : element->Attribute(wanted.c_str());
        if (found != nullptr) return found;
    }
    if (prefix.empty()) return "";
    return std::nullopt;
}

Name resolve(std::string_view name, const XMLElement& inside, bool is_attribute = false) {
    const auto colon = name.find(':');
    if (colon == std::string_view::npos)
        return {is_attribute ? std::optional<std::string_view>("") : uri_of("", inside), name};
    return {uri_of(name.substr(0, colon), inside), name.substr(colon + 1)};
}

Name name_of(const XMLElement& element) {
    return resolve(element.Name(), element);
}

const char* find_attribute(const XMLElement& element, std::string_view uri,
                           std::string_view local) {
    for (const XMLAttribute* one = element.FirstAttribute(); one != nullptr; one = one->Next()) {
        if (resolve(one->Name(), element, true).is(uri, local)) return one->Value();
    }
    return nullptr;
}

std::string text_in(const XMLElement& element) {
    std::string text;
    for (const auto* node = element.FirstChild(); node != nullptr; node = node->NextSibling()) {
        if (node->ToText() != nullptr) text += node->Value();
    }
    return text;
}

std::vector<const XMLElement*> children_of(const XMLElement& element) {
    std::vector<const XMLElement*> out;
    for (const auto* one = element.FirstChildElement(); one != nullptr;
         one = one->NextSiblingElement())
        out.push_back(one);
    return out;
}

class Reader {
  public:
    explicit Reader(Envelope& out) : out_(out) {}

    void read_root(const XMLElement& root);

  private:
    void complain(std::string words) {
        if (out_.violations.size() < violations_kept) out_.violations.push_back(std::move(words));
    }
    void complain(std::string_view where, std::string_view words) {
        complain(std::string(where) + ": " + std::string(words));
    }
    void read_header(const XMLElement& header);
    void read_header_element(const XMLElement& one);
    void read_body(const XMLElement& body);
    void read_method(const XMLElement& element, const Name& name);
    void read_fault(const XMLElement& fault);
    void read_fault_detail(const XMLElement& detail);
    void read_fields(const XMLElement& element, std::string_view owner, uint32_t row,
                     std::span<const XMLElement* const> children);
    void read_field(const XMLElement& element, const Field& field, uint32_t row);
    void read_list(const XMLElement& element, const Field& field, uint32_t row);
    void read_array_type(const XMLElement& element, const List& list, uint64_t count);
    void read_value(const XMLElement& element, Leaf& leaf);
    void check_version(const Name& name);
    void check_unqualified(const XMLElement& element);

    Envelope& out_;
};

void Reader::read_root(const XMLElement& root) {
    const Name name = name_of(root);
    if (!name.is(soap_namespace, "Envelope"))
        return complain("the document is no Envelope of SOAP 1.1 (SOAP 1.1 section 4)");
    const auto children = children_of(root);
    uint32_t at = 0;
    if (at < children.size() && name_of(*children[at]).is(soap_namespace, "Header"))
        read_header(*children[at++]);
    if (at == children.size() || !name_of(*children[at]).is(soap_namespace, "Body"))
        return complain("the envelope has no Body behind its Header (SOAP 1.1 section 4)");
    read_body(*children[at++]);
    if (at != children.size()) complain("something follows the Body of the envelope");
}

void Reader::read_header(const XMLElement& header) {
    for (const XMLElement* one : children_of(header))
        read_header_element(*one);
}

void Reader::read_header_element(const XMLElement& one) {
    const Name name = name_of(one);
    if (!name.uri || name.uri->empty())
        return complain("Header/" + std::string(name.local),
                        "a header element has to be of a namespace (SOAP 1.1 section 4.2)");
    if (!name.uri->starts_with(cwmp_namespace)) return;
    const char* must = find_attribute(one, soap_namespace, "mustUnderstand");
    const std::string_view demanded = must == nullptr ? std::string_view() : must;
    if (name.local == "ID") {
        if (out_.id) complain("the Header has two IDs");
        out_.id = text_in(one);
        check_version(name);
        if (out_.id->empty()) complain("the ID is empty");
        if (demanded != "1")
            complain("Header/ID", "mustUnderstand is required and fixed to 1 (schema, element ID)");
        return;
    }
    if (name.local == "HoldRequests" || name.local == "UseCWMPVersion")
        return complain("Header/" + std::string(name.local), "only an ACS sends it");
    if (name.local == "SessionTimeout" || name.local == "SupportedCWMPVersions") {
        if (demanded == "1")
            complain("Header/" + std::string(name.local),
                     "mustUnderstand has to be 0 (schema of protocol 1.4)");
        return;
    }
    if (name.local != "NoMoreRequests")
        complain("Header/" + std::string(name.local), "the schemas have no such header");
}

void Reader::check_version(const Name& name) {
    const std::string version(name.uri->substr(cwmp_namespace.size()));
    if (version != "1-0" && version != "1-1" && version != "1-2")
        complain("the namespace " + std::string(*name.uri) +
                 " is of no schema: there are cwmp-1-0, cwmp-1-1 and cwmp-1-2");
    if (!out_.version.empty() && out_.version != version)
        complain("ID and method are of two versions, cwmp-" + out_.version + " and cwmp-" +
                 version);
    out_.version = version;
}

void Reader::read_body(const XMLElement& body) {
    const auto children = children_of(body);
    if (children.size() != 1)
        return complain("the Body holds " + std::to_string(children.size()) +
                        " elements and not one");
    const Name name = name_of(*children.front());
    if (name.is(soap_namespace, "Fault")) return read_fault(*children.front());
    if (!name.uri)
        return complain("the prefix of <" + std::string(children.front()->Name()) +
                        "> is not declared");
    if (!name.uri->starts_with(cwmp_namespace))
        return complain("<" + std::string(children.front()->Name()) +
                        "> in the Body is of another namespace than CWMP's");
    check_version(name);
    read_method(*children.front(), name);
}

void Reader::read_method(const XMLElement& element, const Name& name) {
    const Message* message = find_message(name.local);
    if (message == nullptr) return complain("the schemas have no message " + quoted(name.local));
    out_.method = std::string(name.local);
    out_.is_answer = message->is_answer;
    if (message->sender == Sender::acs)
        return complain(std::string(name.local) + " is of an ACS and not of a CPE");
    read_fields(element, message->name, 0, children_of(element));
}

void Reader::read_fault(const XMLElement& fault) {
    out_.method = "Fault";
    out_.is_answer = true;
    const auto children = children_of(fault);
    constexpr std::string_view order[] = {"faultcode", "faultstring", "faultactor", "detail"};
    uint32_t place = 0;
    for (const XMLElement* one : children) {
        const Name name = name_of(*one);
        while (place < std::size(order) && !name.is("", order[place]))
            ++place;
        if (place == std::size(order))
            return complain("Fault/" + std::string(one->Name()),
                            "faultcode, faultstring, faultactor, detail stand there in this "
                            "order and have no namespace (SOAP 1.1 section 4.4)");
        const std::string text = text_in(*one);
        if (name.local == "faultcode") {
            const Name code = resolve(trimmed(text, " \t\r\n"), *one);
            if (!code.is(soap_namespace, "Client") && !code.is(soap_namespace, "Server"))
                complain("Fault/faultcode", quoted(text) +
                                                " is neither Client nor Server of SOAP's "
                                                "namespace (TR-069 3.5)");
        }
        if (name.local == "faultstring" && text != "CWMP fault")
            complain("Fault/faultstring", "it has to be 'CWMP fault' (TR-069 3.5)");
        if (name.local == "detail") read_fault_detail(*one);
    }
    if (fault.FirstChildElement("faultcode") == nullptr ||
        fault.FirstChildElement("faultstring") == nullptr ||
        fault.FirstChildElement("detail") == nullptr)
        complain("a Fault has faultcode, faultstring and detail (TR-069 3.5)");
}

void Reader::read_fault_detail(const XMLElement& detail) {
    const auto inner = children_of(detail);
    if (inner.size() != 1) return complain("Fault/detail: it holds one element, cwmp:Fault");
    const Name name = name_of(*inner.front());
    if (!name.uri || !name.uri->starts_with(cwmp_namespace) || name.local != "Fault")
        return complain("Fault/detail: it holds an element Fault of CWMP's namespace");
    check_version(name);
    uint32_t row = 0;
    bool has_code = false;
    uint32_t place = 0;
    for (const XMLElement* one : children_of(*inner.front())) {
        constexpr std::string_view order[] = {"FaultCode", "FaultString",
                                              "SetParameterValuesFault"};
        const auto found = std::ranges::find(order, one->Name());
        const auto here = static_cast<uint32_t>(found - std::begin(order));
        if (found == std::end(order) || here < place)
            return complain("cwmp:Fault/" + std::string(one->Name()),
                            "FaultCode, FaultString?, SetParameterValuesFault* stand there in "
                            "this order (schema, element Fault)");
        place = here;
        check_unqualified(*one);
        if (here == 2) {
            read_fields(*one, "SetParameterValuesFault", row++, children_of(*one));
            continue;
        }
        const Field field = {"Fault", order[here], here == 0 ? Kind::cpe_fault : Kind::text};
        has_code = has_code || here == 0;
        read_field(*one, field, 0);
    }
    if (!has_code) complain("cwmp:Fault: it has no FaultCode");
}

// Children are of no namespace: elementFormDefault is "unqualified".
void Reader::check_unqualified(const XMLElement& element) {
    const Name name = name_of(element);
    if (!name.uri || !name.uri->empty())
        complain(std::string(element.Name()) +
                 ": it must have no namespace (schema, elementFormDefault unqualified)");
}

void Reader::read_fields(const XMLElement& element, std::string_view owner, uint32_t row,
                         std::span<const XMLElement* const> children) {
    uint32_t at = 0;
    for (const Field& field : fields_of(owner)) {
        if (at < children.size() && name_of(*children[at]).local == field.name) {
            check_unqualified(*children[at]);
            read_field(*children[at++], field, row);
            continue;
        }
        if (field.is_optional) continue;
        const std::string found =
            at < children.size() ? quoted(children[at]->Name()) : std::string("its end");
        return complain(owner, "here " + std::string(field.name) +
                                   " has to stand (schema, the order of " + std::string(owner) +
                                   "), and there is " + found);
    }
    if (at != children.size())
        complain(owner, quoted(children[at]->Name()) + " is not of the schema");
    if (!trimmed(text_in(element), " \t\r\n").empty())
        complain(owner, "text stands between its elements");
}

void Reader::read_field(const XMLElement& element, const Field& field, uint32_t row) {
    if (field.kind == Kind::list) return read_list(element, field, row);
    if (field.kind == Kind::structure)
        return read_fields(element, field.type, row, children_of(element));
    const std::string where = std::string(field.owner) + "/" + std::string(field.name);
    if (element.FirstChildElement() != nullptr)
        return complain(where, "it holds elements where the schema has a simple type");
    Leaf leaf = {std::string(field.owner), std::string(field.name), row, text_in(element), {}};
    if (count_letters(leaf.text) == UINT32_MAX) complain(where, "it is not UTF-8");
    const std::string flaw = flaw_of(field.kind, leaf.text, field.letters);
    if (!flaw.empty()) complain(where, flaw);
    if (field.kind == Kind::any_simple) read_value(element, leaf);
    out_.leaves.push_back(std::move(leaf));
}

void Reader::read_list(const XMLElement& element, const Field& field, uint32_t row) {
    const List& list = *find_list(field.type);
    const auto children = children_of(element);
    read_array_type(element, list, children.size());
    if (children.size() < list.fewest || children.size() > list.most)
        complain(field.name, "it has " + std::to_string(children.size()) +
                                 " elements, which are too few or too many for " +
                                 std::string(list.type));
    uint32_t item_row = 0;
    for (const XMLElement* one : children) {
        if (name_of(*one).local != list.item)
            return complain(field.name, quoted(one->Name()) + " stands where the schema has " +
                                            std::string(list.item));
        check_unqualified(*one);
        if (list.item_is_of_schema) {
            read_fields(*one, list.item_type, item_row++, children_of(*one));
            continue;
        }
        // An access list belongs to the row of its parameter.
        const uint32_t own = list.type == "AccessList" ? row : item_row++;
        read_field(*one, {list.type, list.item, Kind::text, list.letters}, own);
    }
}

// SOAP 1.1 section 5.4.2: a qualified type and the count, as in "cwmp:EventStruct[2]".
void Reader::read_array_type(const XMLElement& element, const List& list, uint64_t count) {
    const std::string where = std::string(element.Name()) + "/@arrayType";
    const char* given = find_attribute(element, encoding_namespace, "arrayType");
    if (given == nullptr)
        return complain(where, "it is required (schema, " + std::string(list.type) + ")");
    const std::string_view text = given;
    const auto bracket = text.find('[');
    const Name type = resolve(text.substr(0, bracket), element);
    const bool is_right_uri =
        type.uri && (list.item_is_of_schema ? type.uri->starts_with(cwmp_namespace)
                                            : *type.uri == schema_namespace);
    if (!is_right_uri || type.local != list.item_type)
        complain(where, quoted(text) + " does not name " + std::string(list.item_type) + " of " +
                            (list.item_is_of_schema ? "CWMP's namespace" : "XML Schema"));
    const std::string wanted = "[" + std::to_string(count) + "]";
    if (bracket == std::string_view::npos || text.substr(bracket) != wanted)
        complain(where, quoted(text) + " has to end with " + wanted + ", its true count");
}

void Reader::read_value(const XMLElement& element, Leaf& leaf) {
    const std::string where = "ParameterValueStruct/Value";
    const char* type = find_attribute(element, instance_namespace, "type");
    if (type == nullptr) return complain(where, "it has no xsi:type, so nobody knows its type");
    const Name name = resolve(type, element);
    leaf.type = std::string(name.local);
    if (name.uri != schema_namespace && !name.is(encoding_namespace, "base64"))
        return complain(where, "its xsi:type " + quoted(type) + " is not of XML Schema");
    const std::string flaw = flaw_of_type(name.local, leaf.text);
    if (!flaw.empty()) complain(where, flaw);
}

}  // namespace

Envelope read_envelope(std::string_view text) {
    Envelope out;
    tinyxml2::XMLDocument document;
    if (document.Parse(text.data(), text.size()) != tinyxml2::XML_SUCCESS) {
        out.violations.push_back("it is no XML: line " + std::to_string(document.ErrorLineNum()));
        return out;
    }
    const XMLElement* root = document.RootElement();
    if (root == nullptr) {
        out.violations.push_back("it holds no element");
        return out;
    }
    Reader(out).read_root(*root);
    return out;
}

}  // namespace dialtone::sim::acs
