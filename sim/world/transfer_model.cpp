// SPDX-License-Identifier: Apache-2.0
#include "sim/world/transfer_model.h"

#include <algorithm>
#include <utility>

#include "agent/transfer/content_coding.h"
#include "agent/transfer/content_range.h"

namespace dialtone::sim {
namespace {

constexpr uint16_t no_content = 204;
constexpr uint16_t partial_content = 206;
constexpr uint16_t not_modified = 304;

bool is_tls(std::string_view url) {
    return url.starts_with("https:") || url.starts_with("ftps:");
}

void fail(TransferModel& model, TransferFault fault, std::string reason) {
    model.fails = true;
    model.fault = fault;
    model.reason = std::move(reason);
}

// A failure that comes in place of a head.
TransferModel failure(TransferFault fault, std::string reason, uint32_t after_ms = 1) {
    TransferModel model;
    model.has_head = false;
    fail(model, fault, std::move(reason));
    model.fails_after_ms = after_ms;
    return model;
}

std::string bytes_words(uint64_t bytes) {
    return std::to_string(bytes) + " bytes";
}

// What the server sends of the body, and how that ends.
struct Sent {
    uint64_t bytes = 0;
    BodyEnd end = BodyEnd::stays_open;
};

Sent sent_of(const Answer& answer) {
    if (answer.endless) return {UINT64_MAX, answer.end};
    const uint64_t bytes = answer.body.size();
    if (answer.ends_after < 0) return {bytes, answer.end};
    return {std::min<uint64_t>(bytes, static_cast<uint64_t>(answer.ends_after)), BodyEnd::closes};
}

// --- HTTP ----------------------------------------------------------------------------------------

void end_by_length(TransferModel& model, const Sent& sent) {
    const auto stated = static_cast<uint64_t>(model.content_length);
    model.body_bytes = std::min(sent.bytes, stated);
    if (sent.bytes >= stated) return;
    if (sent.end == BodyEnd::resets)
        return fail(model, TransferFault::broken,
                    "the connection was reset after " + bytes_words(sent.bytes) + " of the body");
    if (sent.end == BodyEnd::stays_open) {
        if (model.stalls_after < 0) model.stalls_after = static_cast<int64_t>(sent.bytes);
    }
    fail(model, TransferFault::truncated,
         "the body ended after " + std::to_string(sent.bytes) + " of " + bytes_words(stated));
}

void end_by_chunk(TransferModel& model, const Sent& sent) {
    model.body_bytes = sent.bytes;
    if (sent.end == BodyEnd::stays_open) return;
    const bool closed = sent.end == BodyEnd::closes || sent.end == BodyEnd::closes_without_notify;
    if (closed)
        return fail(model, TransferFault::truncated,
                    "the body ended inside a chunk after " + bytes_words(sent.bytes));
    fail(model, TransferFault::broken,
         "what follows " + bytes_words(sent.bytes) + " of the body is no chunk");
}

void end_by_close(TransferModel& model, const Sent& sent, bool tls) {
    model.body_bytes = sent.bytes;
    if (sent.end == BodyEnd::stays_open && model.stalls_after < 0 && sent.bytes != UINT64_MAX)
        model.stalls_after = static_cast<int64_t>(sent.bytes);
    if (sent.end == BodyEnd::resets || (sent.end == BodyEnd::closes_without_notify && tls))
        fail(model, TransferFault::broken,
             "the connection broke after " + bytes_words(sent.bytes) + " of the body");
}

int64_t stated_length(const Answer& answer) {
    return answer.stated_bytes >= 0 ? answer.stated_bytes
                                    : static_cast<int64_t>(answer.body.size());
}

std::string_view reason_of(HeadFault fault) {
    switch (fault) {
        case HeadFault::none:
            return {};
        case HeadFault::no_response:
            return "the server hung up without an answer";
        case HeadFault::truncated:
            return "the answer ended inside its header";
        case HeadFault::field_without_colon:
        case HeadFault::bad_length:
            return "the header breaks HTTP";
        case HeadFault::two_lengths:
            return "the header names two lengths";
        case HeadFault::no_head:
        case HeadFault::other_protocol:
            return "the answer is not HTTP";
        case HeadFault::endless_fields:
            return "the header is larger than 300 KB";
        case HeadFault::endless_line:
            return "a line of the header is too long";
    }
    __builtin_unreachable();
}

// The body comes out of gzip.
void decode(TransferModel& model, const Answer& answer) {
    model.is_decoded = true;
    model.content_length = -1;
    const bool is_empty = model.body_bytes == 0 && answer.gzip_fault == GzipFault::no_gzip;
    if (model.fails || answer.gzip_fault == GzipFault::none || is_empty) return;
    if (answer.gzip_fault == GzipFault::no_gzip) model.body_bytes = 0;
    const bool is_cut = answer.gzip_fault == GzipFault::cut;
    fail(model, is_cut ? TransferFault::truncated : TransferFault::broken,
         is_cut ? "the file's gzip has no end" : "the file's gzip is damaged, or none");
}

TransferModel model_http(const StartTransfer& request, const Answer& answer) {
    if (answer.head_fault != HeadFault::none)
        return failure(TransferFault::broken, std::string(reason_of(answer.head_fault)));
    const bool is_file = answer.status / 100 == 2;
    const ContentCoding coding = is_file
                                     ? content_coding(answer.content_encoding, answer.content_type)
                                     : ContentCoding::none;
    const bool is_part = answer.status == partial_content;
    const bool is_bodiless = request.method == HttpMethod::head;
    if (!is_bodiless &&
        (coding == ContentCoding::other || (coding == ContentCoding::gzip && is_part)))
        return failure(TransferFault::unsupported, "the server encodes the file");
    TransferModel model;
    model.status = answer.status;
    model.tls_verified = answer.tls_verified;
    const Sent sent = sent_of(answer);
    model.stalls_after = answer.stalls_after;
    model.range = parse_content_range(answer.content_range);
    const bool bodiless = answer.framing == Framing::no_body || answer.status == no_content ||
                          answer.status == not_modified;
    if (bodiless) {
        model.content_length = answer.stated_bytes;
    } else if (request.method == HttpMethod::head) {
        // The fields are those that a GET would bring.
        if (answer.framing == Framing::length) model.content_length = stated_length(answer);
    } else if (answer.framing == Framing::chunked) {
        end_by_chunk(model, sent);
    } else if (answer.framing == Framing::until_close || answer.endless) {
        end_by_close(model, sent, is_tls(request.url));
    } else {
        model.content_length = stated_length(answer);
        end_by_length(model, sent);
    }
    if (coding != ContentCoding::none) decode(model, answer);
    model.keeps_connection = !model.fails && sent.end == BodyEnd::stays_open &&
                             !answer.connection_close && answer.framing != Framing::until_close;
    return model;
}

// --- FTP -----------------------------------------------------------------------------------------

TransferModel refused_by_ftp(uint16_t reply, std::string_view what) {
    return failure(TransferFault::broken, "the FTP server " + std::string(what) + " (reply " +
                                              std::to_string(reply) + ")");
}

// An answer's status where the replies say nothing of their own.
FtpReplies replies_of(const Answer& answer) {
    FtpReplies replies = answer.ftp;
    switch (answer.status) {
        case 200:
            return replies;
        case 404:
            replies.size = 550;
            return replies;
        case 429:
        case 503:
            replies.greeting = 421;
            return replies;
        default:
            replies.preliminary = 553;
            return replies;
    }
}

TransferModel model_greeting(const StartTransfer& request, HeadFault fault) {
    switch (fault) {
        case HeadFault::endless_fields:
            return failure(TransferFault::broken, "the FTP server's reply has no end",
                           request.login_ms);
        case HeadFault::endless_line:
            return failure(TransferFault::broken, "a line of the FTP server is too long");
        case HeadFault::no_response:
        case HeadFault::truncated:
            return failure(TransferFault::broken, "the FTP server hung up");
        case HeadFault::none:
        case HeadFault::field_without_colon:
        case HeadFault::bad_length:
        case HeadFault::two_lengths:
        case HeadFault::no_head:
        case HeadFault::other_protocol:
            break;
    }
    // The client waits for a reply and skips lines that are none.
    TransferModel model;
    model.stalls_before_head = true;
    return model;
}

// The time in which a server greets and looks at the password.
TransferModel slow_login(const StartTransfer& request) {
    return failure(TransferFault::broken, "the login takes the FTP server too long",
                   request.login_ms);
}

// Up to the announcement of the file. Gives whether `model` is decided.
bool decide_session(const StartTransfer& request, const Answer& answer, const FtpReplies& replies,
                    TransferModel& model) {
    const auto decide = [&model](TransferModel decided) {
        model = std::move(decided);
        return true;
    };
    if (answer.head_fault != HeadFault::none)
        return decide(model_greeting(request, answer.head_fault));
    const uint64_t login_ms = uint64_t{replies.greeting_ms} + replies.login_ms;
    if (login_ms > request.login_ms) return decide(slow_login(request));
    model.login_ms = static_cast<uint32_t>(login_ms);
    if (replies.greeting / 100 != 2)
        return decide(refused_by_ftp(replies.greeting, "asks to come back later"));
    const bool known = request.user == answer.user && request.password == answer.password;
    const bool says_none =
        request.auth == AuthPolicy::none || request.auth == AuthPolicy::digest_only;
    if (!answer.user.empty() && (says_none || !known))
        return decide(failure(TransferFault::credentials,
                              says_none ? "the FTP server wants a user and password and none is set"
                                        : "the FTP server does not accept the user and password"));
    if (is_tls(request.url) && replies.protection != 200)
        return decide(failure(TransferFault::tls, "does not protect the data connection"));
    if (replies.size == 550) {
        model.status = 404;
        model.keeps_connection = true;
        return true;
    }
    if (replies.extended != 229 && replies.passive != 227)
        return decide(refused_by_ftp(replies.passive, "opens no data connection"));
    if (replies.preliminary == 0) {
        model.stalls_before_head = true;
        return false;
    }
    if (replies.preliminary == 550) {
        model.status = 404;
        model.keeps_connection = true;
        return true;
    }
    if (replies.preliminary / 100 == 4)
        return decide(refused_by_ftp(replies.preliminary, "asks to come back later"));
    if (replies.preliminary / 100 == 5)
        return decide(refused_by_ftp(replies.preliminary, "does not give the file"));
    if (!is_tls(request.url)) return false;
    if (replies.plain_data)
        return decide(failure(TransferFault::tls, "the data connection has no TLS"));
    if (replies.stalls_data_handshake)
        return decide(failure(TransferFault::connect, "no TLS answer", request.connect_ms));
    return false;
}

// The file's end when its size was not said: only the last reply tells that it is whole.
void end_by_reply(TransferModel& model, const Sent& sent, uint16_t last, bool tls) {
    const std::string after = " after " + bytes_words(sent.bytes) + " of the file";
    if (sent.end == BodyEnd::resets || (sent.end == BodyEnd::closes_without_notify && tls))
        return fail(model, TransferFault::broken, "the data connection broke" + after);
    if (sent.end == BodyEnd::closes)
        return fail(model, TransferFault::broken, "the FTP server hung up" + after);
    if (last == 0) return fail(model, TransferFault::broken, "did not say that the file is whole");
    if (last / 100 != 2) fail(model, TransferFault::truncated, "the FTP server gave up" + after);
}

TransferModel model_ftp(const StartTransfer& request, const Answer& answer) {
    TransferModel model;
    model.tls_verified = answer.tls_verified;
    const FtpReplies replies = replies_of(answer);
    if (decide_session(request, answer, replies, model)) return model;
    const Sent sent = sent_of(answer);
    model.stalls_after = answer.stalls_after;
    const bool tls = is_tls(request.url);
    if (replies.size == 213 && !answer.endless) {
        model.content_length = stated_length(answer);
    } else if (replies.size_in_preliminary) {
        model.content_length = static_cast<int64_t>(answer.body.size());
    }
    const auto stated = static_cast<uint64_t>(model.content_length);
    model.body_bytes = sent.bytes;
    if (model.content_length < 0) {
        end_by_reply(model, sent, replies.completion, tls);
    } else if (sent.bytes >= stated) {
        model.body_bytes = stated;
    } else {
        const bool reset = sent.end == BodyEnd::resets;
        fail(model, reset ? TransferFault::broken : TransferFault::truncated,
             "the file ended after " + std::to_string(sent.bytes) + " of " + bytes_words(stated));
    }
    // The head comes with the first byte, or with the end of an empty file.
    if (model.fails && model.body_bytes == 0) model.has_head = false;
    if (model.stalls_after == 0) model.stalls_before_head = true;
    model.keeps_connection = !model.fails && sent.end == BodyEnd::stays_open &&
                             replies.completion != 0 && !answer.connection_close;
    return model;
}

}  // namespace

TransferModel model_transfer(const StartTransfer& request, const Answer& answer) {
    TransferModel model =
        request.url.starts_with("ftp") ? model_ftp(request, answer) : model_http(request, answer);
    model.stalls_before_head = model.stalls_before_head || answer.stalls_before_head;
    return model;
}

}  // namespace dialtone::sim
