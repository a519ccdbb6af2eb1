// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sip_message.h"

#include <osipparser2/osip_parser.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <memory>

#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view line_ends = "\r\n";
constexpr std::string_view blanks = " \t";
constexpr std::string_view version = "SIP/2.0";
constexpr uint32_t number_end = 1U << 31;  // of a CSeq and a Content-Length, RFC 3261 8.1.1.5

struct Compact {
    std::string_view letter;
    std::string_view name;
};

// RFC 3261 20, and `o` of RFC 6665 8.4.1.
constexpr Compact compact_names[] = {
    {"v", "via"},          {"f", "from"},           {"t", "to"},    {"i", "call-id"},
    {"c", "content-type"}, {"l", "content-length"}, {"o", "event"},
};

std::string field_name(std::string_view text) {
    std::string name = lowered(trimmed(text));
    for (const Compact& one : compact_names) {
        if (one.letter == name) return std::string(one.name);
    }
    return name;
}

// Takes the line at the front of `rest` with its end.
std::string_view take_line(std::string_view& rest) {
    const auto end = rest.find_first_of(line_ends);
    const std::string_view line = rest.substr(0, end);
    if (end == std::string_view::npos) {
        rest = {};
        return line;
    }
    const bool two = rest.substr(end).starts_with("\r\n");
    rest.remove_prefix(end + (two ? 2 : 1));
    return line;
}

std::optional<uint32_t> number_below_2_31(std::string_view text) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (number >= number_end) return std::nullopt;
    return number;
}

std::string_view word_of(std::string_view text) {
    return text.substr(0, text.find_first_of(blanks));
}

// --- the start line ------------------------------------------------------------------------------

Status read_status_line(std::string_view line, SipMessage& message) {
    const std::string_view code = word_of(trimmed(line.substr(version.size())));
    const auto status = number_below_2_31(code);
    if (code.size() != 3 || !status || *status < 100 || *status > 699)
        return fail(ErrorCode::malformed, "a SIP answer whose status is no number from 100 to 699");
    message.status = static_cast<uint16_t>(*status);
    return {};
}

Status read_request_line(std::string_view line, SipMessage& message) {
    message.request = true;
    message.method = word_of(line);
    line = trimmed(line.substr(message.method.size()));
    message.uri = word_of(line);
    if (!equals_without_case(trimmed(line.substr(message.uri.size())), version) ||
        message.uri.empty())
        return fail(ErrorCode::malformed, "neither a request nor an answer of SIP/2.0");
    return {};
}

Status read_start_line(std::string_view line, SipMessage& message) {
    line = trimmed(line);
    const bool answer = line.size() > version.size() && begins_without_case(line, version) &&
                        blanks.find(line[version.size()]) != std::string_view::npos;
    return answer ? read_status_line(line, message) : read_request_line(line, message);
}

// --- what libosip2 reads -------------------------------------------------------------------------

constexpr std::string_view parsed_fields[] = {"cseq", "content-type", "authorization"};

struct MessageFree {
    void operator()(osip_message_t* message) const { osip_message_free(message); }
};
using ParsedMessage = std::unique_ptr<osip_message_t, MessageFree>;

bool is_sip_uri(std::string_view uri) {
    return begins_without_case(uri, "sip:") || begins_without_case(uri, "sips:");
}

// The request line and the fields with a grammar, rewritten so that libosip2 accepts them: it
// demands a scheme in the request-URI, which two servers leave out, and no empty parameter.
std::string text_for_parser(const SipMessage& message, const SipHead& head) {
    std::string text = message.method + ' ';
    if (!is_sip_uri(message.uri)) text += "sip:";
    ((text += message.uri) += ' ') += version;
    text += "\r\n";
    for (const std::string_view name : parsed_fields) {
        const std::string* value = head.find(name);
        if (value == nullptr) continue;
        std::string_view shown = *value;
        while (!shown.empty() && (shown.back() == ';' || blanks.find(shown.back()) < blanks.size()))
            shown.remove_suffix(1);
        if (!shown.empty()) (((text += name) += ": ") += shown) += "\r\n";
    }
    return text + "\r\n";
}

ParsedMessage parse(const std::string& text) {
    static const bool ready = parser_init() == 0;
    osip_message_t* raw = nullptr;
    if (!ready || osip_message_init(&raw) != 0) return nullptr;
    ParsedMessage message(raw);
    if (osip_message_parse(raw, text.data(), text.size()) != 0) return nullptr;
    return message;
}

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(trimmed(text));
}

std::string without_quotes(const char* text) {
    std::string out = text_of(text);
    if (out.size() < 2 || out.front() != '"' || out.back() != '"') return out;
    return out.substr(1, out.size() - 2);
}

void take_content_type(const osip_message_t& parsed, SipMessage& message) {
    const osip_content_type_t* type = parsed.content_type;
    if (type == nullptr || type->type == nullptr || type->subtype == nullptr) return;
    message.content_type = lowered(text_of(type->type)) + '/' + lowered(text_of(type->subtype));
    osip_list_iterator_t place;
    for (const void* each = osip_list_get_first(&type->gen_params, &place); each != nullptr;
         each = osip_list_get_next(&place)) {
        const auto* parameter = static_cast<const osip_generic_param_t*>(each);
        if (parameter->gname == nullptr || !equals_without_case(text_of(parameter->gname), "url"))
            continue;
        message.content_url = without_quotes(parameter->gvalue);
        return;
    }
}

void take_authorization(const osip_message_t& parsed, SipMessage& message) {
    const auto* from =
        static_cast<const osip_authorization_t*>(osip_list_get(&parsed.authorizations, 0));
    if (from == nullptr || !equals_without_case(text_of(from->auth_type), "digest")) return;
    SipAuthorization& to = message.authorization.emplace();
    to.user = without_quotes(from->username);
    to.realm = without_quotes(from->realm);
    to.nonce = without_quotes(from->nonce);
    to.uri = without_quotes(from->uri);
    to.response = without_quotes(from->response);
    to.algorithm = without_quotes(from->algorithm);
    to.quality = without_quotes(from->message_qop);
    to.cnonce = without_quotes(from->cnonce);
    to.nonce_count = without_quotes(from->nonce_count);
}

bool take_parsed_fields(const SipHead& head, SipMessage& message) {
    const ParsedMessage parsed = parse(text_for_parser(message, head));
    if (!parsed) return false;
    take_content_type(*parsed, message);
    take_authorization(*parsed, message);
    return true;
}

// --- fields that stay as they are ----------------------------------------------------------------

void take_plain_fields(const SipHead& head, SipMessage& message) {
    for (const SipHead::Field& field : head.fields) {
        if (field.name == "via" && !field.value.empty()) message.vias.push_back(field.value);
    }
    const auto take = [&](std::string_view name, std::string& to) {
        if (const std::string* value = head.find(name)) to = *value;
    };
    take("from", message.from);
    take("to", message.to);
    take("call-id", message.call_id);
    take("cseq", message.cseq);
    take("event", message.event);
    take("subscription-state", message.subscription_state);
}

// The fields handed to libosip2 are bounded: its time grows with the square of a field's length and
// of its parameters.
bool is_costly(std::string_view text) {
    const auto separators = static_cast<uint32_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c == ';' || c == ','; }));
    return text.size() > limits::sip_field_bytes || separators > limits::sip_parameters;
}

bool has_costly_field(const SipHead& head) {
    return is_costly(head.start_line) ||
           std::any_of(std::begin(parsed_fields), std::end(parsed_fields), [&](const auto& name) {
               const std::string* value = head.find(name);
               return value != nullptr && is_costly(*value);
           });
}

std::string flaw_of(const SipHead& head, SipMessage& message) {
    if (has_costly_field(head)) return "Header Field Too Long";
    if (message.vias.empty()) return "Missing Via";
    if (message.from.empty()) return "Missing From";
    if (message.to.empty()) return "Missing To";
    if (message.call_id.empty()) return "Missing Call-ID";
    if (message.cseq.empty()) return "Missing CSeq";
    if (!number_below_2_31(word_of(message.cseq))) return "Bad CSeq";
    if (!take_parsed_fields(head, message)) return "Malformed Header Field";
    return {};
}

std::string_view body_of(std::string_view bytes, const SipHead& head) {
    std::string_view body = bytes.substr(head.body_at);
    const auto length = head.content_length();
    if (!length || *length >= body.size()) return body;
    const bool at_line = *length > 0 && line_ends.find(body[*length - 1]) < line_ends.size();
    return body.substr(0, at_line ? *length : body.find_first_of(line_ends, *length));
}

}  // namespace

const std::string* SipHead::find(std::string_view name) const {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == name; });
    return found == fields.end() ? nullptr : &found->value;
}

std::optional<uint32_t> SipHead::content_length() const {
    const std::string* value = find("content-length");
    return value == nullptr ? std::nullopt : number_below_2_31(*value);
}

Result<SipHead> read_sip_head(std::string_view bytes) {
    SipHead head;
    std::string_view rest = bytes;
    while (!rest.empty() && head.start_line.empty())
        head.start_line = take_line(rest);
    while (!rest.empty()) {
        const std::string_view line = take_line(rest);
        if (line.empty()) break;
        const bool folded = blanks.find(line.front()) < blanks.size();
        if (folded && !head.fields.empty()) {
            (head.fields.back().value += ' ') += trimmed(line);
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        if (head.fields.size() >= limits::sip_headers)
            return fail(ErrorCode::too_big,
                        "more than " + std::to_string(limits::sip_headers) + " header fields");
        head.fields.push_back(
            {field_name(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
    }
    head.body_at = static_cast<uint32_t>(bytes.size() - rest.size());
    if (head.start_line.empty()) return fail(ErrorCode::empty, "no SIP message at all");
    if (bytes.substr(0, head.body_at).find('\0') != std::string_view::npos)
        return fail(ErrorCode::malformed, "a NUL in the head of a SIP message");
    return head;
}

Result<SipMessage> read_sip_message(std::string_view bytes) {
    if (bytes.size() > limits::sip_message_bytes)
        return fail(ErrorCode::too_big,
                    "a SIP message of " + std::to_string(bytes.size()) + " bytes");
    const SipHead head = TRY(read_sip_head(bytes));
    SipMessage message;
    if (auto read = read_start_line(head.start_line, message); !read)
        return std::unexpected(std::move(read).error());
    take_plain_fields(head, message);
    if (message.request) message.flaw = flaw_of(head, message);
    message.body = body_of(bytes, head);
    return message;
}

namespace {

// `name` with its equals sign.
std::string_view parameter_of(std::string_view field, std::string_view name) {
    for (auto at = field.find(';'); at != std::string_view::npos; at = field.find(';')) {
        field.remove_prefix(at + 1);
        const std::string_view parameter = trimmed(field.substr(0, field.find(';')));
        if (begins_without_case(parameter, name)) return trimmed(parameter.substr(name.size()));
    }
    return {};
}

}  // namespace

std::string_view via_branch(std::string_view via) {
    return parameter_of(via.substr(0, via.find(',')), "branch=");
}

std::string_view address_tag(std::string_view field) {
    const auto bracket = field.rfind('>');
    return parameter_of(bracket == std::string_view::npos ? field : field.substr(bracket), "tag=");
}

}  // namespace dialtone
