// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/http_message.h"

#include <algorithm>
#include <charconv>

#include "agent/text.h"

namespace dialtone::sim::acs {
namespace {

constexpr uint32_t chunk_written_bytes = 100;  // small, so that a message has several

std::optional<size_t> number_of(std::string_view text, int base) {
    size_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || fault != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::string_view take_line(std::string_view& text) {
    const auto end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min<size_t>(text.size(), line.size() + 2));
    return line;
}

Status read_field(HttpRequest& request, std::string_view line) {
    const auto colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos || line.find(' ') < colon)
        return fail(ErrorCode::malformed, "a header field without a name");
    if (request.fields.size() == http_fields)
        return fail(ErrorCode::too_big, "more than " + std::to_string(http_fields) + " fields");
    request.fields.emplace_back(lowered(line.substr(0, colon)),
                                std::string(trimmed(line.substr(colon + 1))));
    return {};
}

Status read_framing(RequestHead& head) {
    const auto coding = head.request.field("transfer-encoding");
    const auto length = head.request.field("content-length");
    head.wants_continue =
        equals_without_case(head.request.field("expect").value_or(""), "100-continue");
    if (coding) {
        if (!equals_without_case(*coding, "chunked") || length)
            return fail(ErrorCode::malformed, "Transfer-Encoding is not chunked alone");
        head.is_chunked = true;
        return {};
    }
    if (!length) return {};
    const auto bytes = number_of(*length, 10);
    if (!bytes) return fail(ErrorCode::malformed, "Content-Length is no number");
    if (*bytes > http_body_bytes) return fail(ErrorCode::too_big, "a body that is too long");
    head.body_bytes = static_cast<uint32_t>(*bytes);
    return {};
}

// The chunks at the beginning of `stream`, whose bytes are told by `used`.
Result<std::optional<std::string>> read_chunks(std::string_view stream, size_t& used) {
    std::string body;
    std::string_view rest = stream;
    while (true) {
        if (rest.find("\r\n") == std::string_view::npos) return std::nullopt;
        std::string_view line = take_line(rest);
        const auto bytes = number_of(trimmed(take_piece(line, ';')), 16);
        if (!bytes) return fail(ErrorCode::malformed, "a chunk without a size");
        if (*bytes > http_body_bytes || body.size() + *bytes > http_body_bytes)
            return fail(ErrorCode::too_big, "a body that is too long");
        if (rest.size() < *bytes + 2) return std::nullopt;
        if (rest.substr(*bytes, 2) != "\r\n")
            return fail(ErrorCode::malformed, "a chunk that does not end where it says");
        body += rest.substr(0, *bytes);
        rest.remove_prefix(*bytes + 2);
        if (*bytes == 0) break;
    }
    used = stream.size() - rest.size();
    return body;
}

}  // namespace

std::optional<std::string_view> HttpRequest::field(std::string_view name) const {
    for (const auto& [own, value] : fields) {
        if (own == name) return value;
    }
    return std::nullopt;
}

Result<std::optional<RequestHead>> read_head(std::string_view stream) {
    const auto end = stream.find("\r\n\r\n");
    if (end == std::string_view::npos && stream.size() <= http_head_bytes) return std::nullopt;
    if (end > http_head_bytes) return fail(ErrorCode::too_big, "a head that is too long");
    RequestHead head;
    head.bytes = static_cast<uint32_t>(end + 4);
    std::string_view rest = stream.substr(0, end);
    std::string_view line = take_line(rest);
    head.request.method = std::string(take_piece(line, ' '));
    head.request.target = std::string(take_piece(line, ' '));
    head.request.version = std::string(line);
    if (head.request.method.empty() || head.request.target.empty() || !line.starts_with("HTTP/1."))
        return fail(ErrorCode::malformed, "the first line is no request of HTTP/1.1");
    while (!rest.empty())
        TRY(read_field(head.request, take_line(rest)));
    TRY(read_framing(head));
    return head;
}

Result<std::optional<HttpRequest>> take_request(std::string& stream) {
    auto found = TRY(read_head(stream));
    if (!found) return std::nullopt;
    RequestHead& head = *found;
    const std::string_view rest = std::string_view(stream).substr(head.bytes);
    size_t used = head.body_bytes;
    if (head.is_chunked) {
        auto body = TRY(read_chunks(rest, used));
        if (!body) return std::nullopt;
        head.request.body = std::move(*body);
    } else {
        if (rest.size() < head.body_bytes) return std::nullopt;
        head.request.body = std::string(rest.substr(0, head.body_bytes));
    }
    stream.erase(0, head.bytes + used);
    return std::move(head.request);
}

std::string write_answer(const HttpAnswer& answer) {
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " As the script has it\r\n";
    for (const std::string& field : answer.fields)
        out += field + "\r\n";
    if (answer.closes) out += "Connection: close\r\n";
    const size_t bytes = answer.cut_bytes ? std::min<size_t>(*answer.cut_bytes, answer.body.size())
                                          : answer.body.size();
    if (!answer.is_chunked) {
        if (answer.status != 204)
            out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
        return out + "\r\n" + answer.body.substr(0, bytes);
    }
    out += "Transfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < bytes; at += chunk_written_bytes) {
        const std::string piece =
            answer.body.substr(at, std::min<size_t>(chunk_written_bytes, bytes - at));
        char size[16] = {};
        const auto end = std::to_chars(size, size + sizeof size, piece.size(), 16).ptr;
        out += std::string(size, end) + "\r\n" + piece + "\r\n";
    }
    return answer.cut_bytes ? out : out + "0\r\n\r\n";
}

}  // namespace dialtone::sim::acs
