// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/soap.h"

#include <tinyxml2.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/config/utf8.h"
#include "agent/config/xml_encoding.h"
#include "agent/config/xml_reader.h"
#include "agent/config/xml_text.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view soap_uri = "http://schemas.xmlsoap.org/soap/envelope/";
constexpr std::string_view soap_1_2_uri = "http://www.w3.org/2003/05/soap-envelope";
constexpr std::string_view cwmp_uri = "urn:dslforum-org:cwmp-1-";  // and a digit
constexpr std::string_view blanks = " \t\r\n";
constexpr XmlBounds bounds = {limits::cwmp_depth, limits::cwmp_elements, limits::cwmp_attributes};

// --- names ---------------------------------------------------------------------------------------

struct Name {
    std::string_view uri = {};  // empty: of no namespace, or by a prefix that nobody declared
    std::string_view local = {};
};

std::string_view local_part(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string_view prefix_of(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
}

// Whether the attribute declares the prefix; an empty one is that of the default namespace.
bool declares(std::string_view attribute, std::string_view prefix) {
    if (prefix.empty()) return attribute == "xmlns";
    return attribute.starts_with("xmlns:") && attribute.substr(6) == prefix;
}

// The namespace of a prefix at `element`: the innermost declaration counts (Namespaces in XML 1.0,
// section 6).
std::string_view uri_of(std::string_view prefix, const tinyxml2::XMLElement& element) {
    const tinyxml2::XMLNode* node = &element;
    for (; node != nullptr && node->ToElement() != nullptr; node = node->Parent()) {
        const auto* one = node->ToElement()->FirstAttribute();
        for (; one != nullptr; one = one->Next()) {
            if (declares(one->Name(), prefix)) return trimmed(one->Value(), blanks);
        }
    }
    return {};
}

Name name_of(const tinyxml2::XMLElement& element) {
    const std::string_view name = element.Name();
    return {uri_of(prefix_of(name), element), local_part(name)};
}

bool is_soap(const Name& name, std::string_view local) {
    return name.local == local && (name.uri == soap_uri || name.uri.empty());
}

std::optional<CwmpVersion> version_of(std::string_view uri) {
    if (!uri.starts_with(cwmp_uri) || uri.size() != cwmp_uri.size() + 1) return {};
    const char digit = uri.back();
    if (!is_digit(digit)) return {};
    return static_cast<CwmpVersion>(std::min(digit - '0', 2));
}

// --- elements ------------------------------------------------------------------------------------

std::string text_of(const tinyxml2::XMLElement& element) {
    std::string text;
    for (const auto* node = element.FirstChild(); node != nullptr; node = node->NextSibling()) {
        if (const auto* piece = node->ToText()) text += piece->Value();
    }
    return text;
}

// By whatever prefix the ACS has for XML Schema instances, or none that it declares.
std::string_view type_of(const tinyxml2::XMLElement& element) {
    constexpr std::string_view instance_uri = "http://www.w3.org/2001/XMLSchema-instance";
    const auto* one = element.FirstAttribute();
    for (; one != nullptr; one = one->Next()) {
        const std::string_view name = one->Name();
        if (local_part(name) != "type" || prefix_of(name).empty()) continue;
        const std::string_view uri = uri_of(prefix_of(name), element);
        if (uri.empty() || uri == instance_uri) return local_part(trimmed(one->Value(), blanks));
    }
    return {};
}

// Depth and number are those of check_xml().
void add_elements(std::vector<SoapElement>& out, const tinyxml2::XMLElement& element) {
    const auto place = out.size();
    out.push_back({.name = std::string(local_part(element.Name())),
                   .text = text_of(element),
                   .type = std::string(type_of(element))});
    const auto* child = element.FirstChildElement();
    for (; child != nullptr; child = child->NextSiblingElement())
        add_elements(out, *child);
    out[place].inside = static_cast<uint32_t>(out.size() - place - 1);
}

uint32_t number_of(std::string_view text) {
    uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

SoapFault fault_of(const SoapView& fault) {
    SoapFault out{.text = std::string(fault.word("faultstring").value_or(""))};
    const auto detail = fault.child("detail");
    const auto inner = detail ? detail->child("Fault") : std::nullopt;
    if (!inner) return out;
    out.code = number_of(inner->word("FaultCode").value_or(""));
    if (const auto words = inner->word("FaultString"); words && !words->empty()) out.text = *words;
    return out;
}

// --- headers -------------------------------------------------------------------------------------

bool must_be_understood(const tinyxml2::XMLElement& header) {
    const auto* one = header.FirstAttribute();
    for (; one != nullptr; one = one->Next()) {
        if (local_part(one->Name()) != "mustUnderstand") continue;
        return read_boolean(one->Value()).value_or(false);
    }
    return false;
}

// Headers that say nothing to a phone: of CWMP 1.0, and of 1.4 where the phone has one version.
constexpr std::string_view passed_over[] = {"NoMoreRequests", "SessionTimeout", "UseCWMPVersion"};

Status take_header(SoapMessage& message, const tinyxml2::XMLElement& header) {
    const Name name = name_of(header);
    const auto version = version_of(name.uri);
    const bool is_ours = version || name.uri.empty();
    if (version) message.version = version;
    if (is_ours && name.local == "ID") {
        message.id = text_of(header);
        if (message.id->size() > limits::cwmp_id_bytes)
            return fail(ErrorCode::too_big, "the message's ID is longer than " +
                                                std::to_string(limits::cwmp_id_bytes) + " bytes");
    } else if (is_ours && name.local == "HoldRequests") {
        message.holds_requests = read_boolean(text_of(header)).value_or(false);
    } else if (must_be_understood(header) &&
               !(is_ours && std::ranges::find(passed_over, name.local) != std::end(passed_over))) {
        message.not_understood = shown(name.local);
    }
    return {};
}

Status take_body(SoapMessage& message, const tinyxml2::XMLElement& body) {
    const auto* element = body.FirstChildElement();
    if (element == nullptr) return {};
    const Name name = name_of(*element);
    if (name.local.size() > limits::cwmp_method_bytes)
        return fail(ErrorCode::too_big, "the method's name is longer than " +
                                            std::to_string(limits::cwmp_method_bytes) + " bytes");
    if (const auto version = version_of(name.uri)) message.version = version;
    message.is_of_cwmp = version_of(name.uri) || name.uri.empty();
    add_elements(message.elements, *element);
    if (is_soap(name, "Fault")) message.fault = fault_of(message.arguments());
    return {};
}

Result<SoapMessage> read_envelope(const tinyxml2::XMLElement& root) {
    const Name name = name_of(root);
    if (name.uri == soap_1_2_uri)
        return fail(ErrorCode::unsupported, "the envelope is one of SOAP 1.2");
    if (!is_soap(name, "Envelope"))
        return fail(ErrorCode::malformed,
                    "the root element is <" + shown(root.Name()) + ">, and no SOAP envelope");
    SoapMessage message;
    const auto* body = root.FirstChildElement();
    for (; body != nullptr && is_soap(name_of(*body), "Header");
         body = body->NextSiblingElement()) {
        const auto* header = body->FirstChildElement();
        for (; header != nullptr; header = header->NextSiblingElement())
            TRY(take_header(message, *header));
    }
    if (body == nullptr || !is_soap(name_of(*body), "Body"))
        return fail(ErrorCode::malformed, "the envelope has no body");
    TRY(take_body(message, *body));
    return message;
}

}  // namespace

// --- reading -------------------------------------------------------------------------------------

std::optional<bool> read_boolean(std::string_view text) {
    const std::string_view word = trimmed(text, blanks);
    if (word == "1" || word == "true") return true;
    if (word == "0" || word == "false") return false;
    return {};
}

std::vector<SoapView> SoapView::children() const {
    std::vector<SoapView> out;
    for (uint32_t at = 1; at < elements_.size(); at += 1 + elements_[at].inside)
        out.emplace_back(elements_.subspan(at, 1 + elements_[at].inside));
    return out;
}

std::optional<SoapView> SoapView::child(std::string_view name) const {
    for (uint32_t at = 1; at < elements_.size(); at += 1 + elements_[at].inside) {
        if (elements_[at].name == name)
            return SoapView(elements_.subspan(at, 1 + elements_[at].inside));
    }
    return {};
}

std::optional<std::string_view> SoapView::word(std::string_view name) const {
    const auto found = child(name);
    if (!found) return {};
    return trimmed(found->text(), blanks);
}

Result<SoapMessage> read_soap(std::string_view text) {
    if (text.size() > limits::cwmp_envelope_bytes)
        return fail(ErrorCode::too_big, "the message has more than " +
                                            std::to_string(limits::cwmp_envelope_bytes) + " bytes");
    std::string converted;
    const std::string_view utf8 = TRY(xml_as_utf8(text, converted));
    TRY(check_xml(utf8, bounds));
    tinyxml2::XMLDocument document(true, tinyxml2::PRESERVE_WHITESPACE);
    if (document.Parse(utf8.data(), utf8.size()) != tinyxml2::XML_SUCCESS) {
        const auto line = static_cast<uint32_t>(std::max(document.ErrorLineNum(), 0));
        return fail(ErrorCode::malformed, "the XML cannot be read", Position::at_line(line));
    }
    const auto* root = document.RootElement();
    if (root == nullptr) return fail(ErrorCode::malformed, "there is no root element");
    return read_envelope(*root);
}

// --- writing -------------------------------------------------------------------------------------

SoapWriter::SoapWriter(CwmpVersion version, const std::optional<std::string>& id) {
    out_ =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<soap-env:Envelope xmlns:soap-env=\"http://schemas.xmlsoap.org/soap/envelope/\""
        " xmlns:soap-enc=\"http://schemas.xmlsoap.org/soap/encoding/\""
        " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
        " xmlns:cwmp=\"";
    (out_ += cwmp_uri) += static_cast<char>('0' + static_cast<uint8_t>(version));
    out_ += "\">";
    open_.emplace_back("soap-env:Envelope");
    if (id) {
        out_ += "<soap-env:Header><cwmp:ID soap-env:mustUnderstand=\"1\">";
        (out_ += xml_escaped(*id)) += "</cwmp:ID></soap-env:Header>";
    }
    open("soap-env:Body");
}

void SoapWriter::begin_tag(std::string_view name) {
    (out_ += '<') += name;
}

SoapWriter& SoapWriter::open(std::string_view name) {
    begin_tag(name);
    out_ += '>';
    open_.emplace_back(name);
    return *this;
}

SoapWriter& SoapWriter::open_method(std::string_view name, std::string_view ending) {
    return open(("cwmp:" + std::string(name)).append(ending));
}

SoapWriter& SoapWriter::open_array(std::string_view name, std::string_view type, uint32_t count) {
    begin_tag(name);
    (out_ += " soap-enc:arrayType=\"") += type;
    ((out_ += '[') += std::to_string(count)) += "]\">";
    open_.emplace_back(name);
    return *this;
}

SoapWriter& SoapWriter::put(std::string_view name, std::string_view text) {
    open(name);
    out_ += xml_escaped(text);
    return close();
}

SoapWriter& SoapWriter::put(std::string_view name, uint64_t number) {
    return put(name, std::to_string(number));
}

SoapWriter& SoapWriter::put_typed(std::string_view name, std::string_view type,
                                  std::string_view text) {
    begin_tag(name);
    ((out_ += " xsi:type=\"xsd:") += type) += "\">";
    open_.emplace_back(name);
    out_ += xml_escaped(text);
    return close();
}

SoapWriter& SoapWriter::close() {
    ((out_ += "</") += open_.back()) += '>';
    open_.pop_back();
    return *this;
}

SoapWriter& SoapWriter::put_fault(uint32_t code, std::string_view text) {
    return open_fault(code, text).close().close().close();
}

SoapWriter& SoapWriter::open_fault(uint32_t code, std::string_view text) {
    // Annex A.5.1: those that the caller's arguments cause are the client's.
    const bool by_client = code == 9003 || (code >= 9005 && code <= 9008);
    open("soap-env:Fault");
    put("faultcode", by_client ? "soap-env:Client" : "soap-env:Server");
    put("faultstring", "CWMP fault").open("detail").open_method("Fault");
    return put("FaultCode", code).put("FaultString", text);
}

SoapWriter& SoapWriter::put_not_understood(std::string_view header) {
    open("soap-env:Fault").put("faultcode", "soap-env:MustUnderstand");
    return put("faultstring", "the header " + std::string(header) + " is not known").close();
}

std::string SoapWriter::finish() {
    while (!open_.empty())
        close();
    return std::move(out_);
}

}  // namespace dialtone
