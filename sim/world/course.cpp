// SPDX-License-Identifier: Apache-2.0
#include "sim/world/course.h"

#include <algorithm>
#include <utility>

namespace dialtone::sim {
namespace {

constexpr uint16_t no_content = 204;
constexpr uint16_t not_modified = 304;

bool is_tls(std::string_view url) {
    return url.starts_with("https:") || url.starts_with("ftps:");
}

void fail(Course& course, TransferFault fault, std::string words) {
    course.fails = true;
    course.fault = fault;
    course.words = std::move(words);
}

// A failure that comes in place of a head.
Course failure(TransferFault fault, std::string words, uint32_t after_ms = 1) {
    Course course;
    course.has_head = false;
    fail(course, fault, std::move(words));
    course.fails_after_ms = after_ms;
    return course;
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

void end_by_length(Course& course, const Sent& sent) {
    const auto promised = static_cast<uint64_t>(course.content_length);
    course.body_bytes = std::min(sent.bytes, promised);
    if (sent.bytes >= promised) return;
    if (sent.end == BodyEnd::resets)
        return fail(course, TransferFault::broken,
                    "the connection was reset after " + bytes_words(sent.bytes) + " of the body");
    if (sent.end == BodyEnd::stays_open) {
        if (course.stalls_after < 0) course.stalls_after = static_cast<int64_t>(sent.bytes);
    }
    fail(course, TransferFault::truncated,
         "the body ended after " + std::to_string(sent.bytes) + " of " + bytes_words(promised));
}

void end_by_chunk(Course& course, const Sent& sent) {
    course.body_bytes = sent.bytes;
    if (sent.end == BodyEnd::stays_open) return;
    const bool closed = sent.end == BodyEnd::closes || sent.end == BodyEnd::closes_without_notify;
    if (closed)
        return fail(course, TransferFault::truncated,
                    "the body ended inside a chunk after " + bytes_words(sent.bytes));
    fail(course, TransferFault::broken,
         "what follows " + bytes_words(sent.bytes) + " of the body is no chunk");
}

void end_by_close(Course& course, const Sent& sent, bool tls) {
    course.body_bytes = sent.bytes;
    if (sent.end == BodyEnd::stays_open && course.stalls_after < 0 && sent.bytes != UINT64_MAX)
        course.stalls_after = static_cast<int64_t>(sent.bytes);
    if (sent.end == BodyEnd::resets || (sent.end == BodyEnd::closes_without_notify && tls))
        fail(course, TransferFault::broken,
             "the connection broke after " + bytes_words(sent.bytes) + " of the body");
}

std::string_view words_of(HeadFault fault) {
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
    return {};
}

Course course_of_http(const StartTransfer& request, const Answer& answer) {
    if (answer.head_fault != HeadFault::none)
        return failure(TransferFault::broken, std::string(words_of(answer.head_fault)));
    Course course;
    course.status = answer.status;
    course.tls_verified = answer.tls_verified;
    const Sent sent = sent_of(answer);
    course.stalls_after = answer.stalls_after;
    const bool bodiless = answer.framing == Framing::no_body || answer.status == no_content ||
                          answer.status == not_modified;
    if (bodiless) {
        course.content_length = answer.stated_bytes;
    } else if (answer.framing == Framing::chunked) {
        end_by_chunk(course, sent);
    } else if (answer.framing == Framing::until_close || answer.endless) {
        end_by_close(course, sent, is_tls(request.url));
    } else {
        course.content_length = answer.stated_bytes >= 0 ? answer.stated_bytes
                                                         : static_cast<int64_t>(answer.body.size());
        end_by_length(course, sent);
    }
    course.keeps_connection = !course.fails && sent.end == BodyEnd::stays_open &&
                              !answer.connection_close && answer.framing != Framing::until_close;
    return course;
}

// --- FTP -----------------------------------------------------------------------------------------

Course refused_by_ftp(uint16_t reply, std::string_view words) {
    return failure(TransferFault::broken, "the FTP server " + std::string(words) + " (reply " +
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

Course course_of_greeting(const StartTransfer& request, HeadFault fault) {
    switch (fault) {
        case HeadFault::endless_fields:
            return failure(TransferFault::broken, "the FTP server's reply has no end",
                           request.connect_ms);
        case HeadFault::endless_line:
            return failure(TransferFault::broken, "a line of the FTP server is too long");
        case HeadFault::no_response:
        case HeadFault::truncated:
            return failure(TransferFault::broken, "the FTP server hung up");
        default: {  // lines that are no replies are passed over
            Course course;
            course.stalls_before_head = true;
            return course;
        }
    }
}

// Up to the announcement of the file. Gives whether `course` is decided.
bool decide_session(const StartTransfer& request, const Answer& answer, const FtpReplies& replies,
                    Course& course) {
    const auto decide = [&course](Course decided) {
        course = std::move(decided);
        return true;
    };
    if (answer.head_fault != HeadFault::none)
        return decide(course_of_greeting(request, answer.head_fault));
    if (replies.greeting / 100 != 2)
        return decide(refused_by_ftp(replies.greeting, "asks to come back later"));
    const bool known = request.user == answer.user && request.password == answer.password;
    if (!answer.user.empty() && (request.auth == AuthPolicy::none || !known))
        return decide(failure(TransferFault::credentials,
                              request.auth == AuthPolicy::none
                                  ? "the FTP server wants a user and password and none is set"
                                  : "the FTP server does not accept the user and password"));
    if (is_tls(request.url) && replies.protection != 200)
        return decide(failure(TransferFault::tls, "does not protect the data connection"));
    if (replies.size == 550) {
        course.status = 404;
        course.keeps_connection = true;
        return true;
    }
    if (replies.extended != 229 && replies.passive != 227)
        return decide(refused_by_ftp(replies.passive, "opens no data connection"));
    if (replies.preliminary == 0) {
        course.stalls_before_head = true;
        return false;
    }
    if (replies.preliminary == 550) {
        course.status = 404;
        course.keeps_connection = true;
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
void end_by_reply(Course& course, const Sent& sent, uint16_t last, bool tls) {
    const std::string after = " after " + bytes_words(sent.bytes) + " of the file";
    if (sent.end == BodyEnd::resets || (sent.end == BodyEnd::closes_without_notify && tls))
        return fail(course, TransferFault::broken, "the data connection broke" + after);
    if (sent.end == BodyEnd::closes)
        return fail(course, TransferFault::broken, "the FTP server hung up" + after);
    if (last == 0) return fail(course, TransferFault::broken, "did not say that the file is whole");
    if (last / 100 != 2) fail(course, TransferFault::truncated, "the FTP server gave up" + after);
}

Course course_of_ftp(const StartTransfer& request, const Answer& answer) {
    Course course;
    course.tls_verified = answer.tls_verified;
    const FtpReplies replies = replies_of(answer);
    if (decide_session(request, answer, replies, course)) return course;
    const Sent sent = sent_of(answer);
    course.stalls_after = answer.stalls_after;
    const bool tls = is_tls(request.url);
    if (replies.size == 213 && !answer.endless) {
        course.content_length = answer.stated_bytes >= 0 ? answer.stated_bytes
                                                         : static_cast<int64_t>(answer.body.size());
    } else if (replies.size_in_preliminary) {
        course.content_length = static_cast<int64_t>(answer.body.size());
    }
    const auto promised = static_cast<uint64_t>(course.content_length);
    course.body_bytes = sent.bytes;
    if (course.content_length < 0) {
        end_by_reply(course, sent, replies.completion, tls);
    } else if (sent.bytes >= promised) {
        course.body_bytes = promised;
    } else {
        const bool reset = sent.end == BodyEnd::resets;
        fail(course, reset ? TransferFault::broken : TransferFault::truncated,
             "the file ended after " + std::to_string(sent.bytes) + " of " + bytes_words(promised));
    }
    // The head comes with the first byte, or with the end of an empty file.
    if (course.fails && course.body_bytes == 0) course.has_head = false;
    if (course.stalls_after == 0) course.stalls_before_head = true;
    course.keeps_connection = !course.fails && sent.end == BodyEnd::stays_open &&
                              replies.completion != 0 && !answer.connection_close;
    return course;
}

}  // namespace

Course course_of(const StartTransfer& request, const Answer& answer) {
    Course course = request.url.starts_with("ftp") ? course_of_ftp(request, answer)
                                                   : course_of_http(request, answer);
    course.stalls_before_head = course.stalls_before_head || answer.stalls_before_head;
    return course;
}

}  // namespace dialtone::sim
