// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/ftp_address.h"
#include "agent/hex.h"

#include <algorithm>

namespace dialtone {
namespace {

bool has_control(std::string_view encoded) {
    return std::ranges::any_of(percent_decoded(encoded),
                               [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

bool is_ftp(const Url& url) {
    return url.scheme == Scheme::ftp || url.scheme == Scheme::ftps;
}

Result<std::string> ftp_address(const Url& url) {
    Url bare = url;
    bare.query = {};
    bare.path = url.path.substr(0, url.path.find(";type="));
    const std::string name = percent_decoded(bare.path);
    if (name.empty() || name.ends_with('/'))
        return fail(ErrorCode::empty, "the address names a folder, and FTP gets files only");
    if (has_control(bare.path))
        return fail(ErrorCode::bad_usage, "the file's name has control characters in it");
    if (has_control(url.user) || has_control(url.password))
        return fail(ErrorCode::bad_usage, "the user or password has control characters in it");
    std::string out;
    for (const char c : request_url(bare)) {
        // It would begin a parameter.
        if (c == ';') {
            out += "%3B";
        } else {
            out += c;
        }
    }
    return out;
}

std::string ftp_remark(const Url& url) {
    return url.query.empty() ? "" : "FTP knows no query; that of the address stays here";
}

}  // namespace dialtone
