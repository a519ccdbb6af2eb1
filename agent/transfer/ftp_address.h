// SPDX-License-Identifier: Apache-2.0
//
// What an FTP address asks for (RFC 1738 3.2): called by Fetch before it starts a transfer.
#pragma once

#include <string>

#include "agent/result.h"
#include "agent/transfer/url.h"

namespace dialtone {

bool is_ftp(const Url& url);  // ftp or ftps

// The address for the world: as request_url(), without a query, which FTP does not have, and
// without ";type=", because a configuration is always read as it is. A second slash at the path's
// beginning makes it absolute, otherwise it begins where the login leads. Errors: empty (the
// address names no file, or a folder), bad_usage (control characters in the path, which would be
// commands of their own, or in user and password).
Result<std::string> ftp_address(const Url& url);

// What of the address stays in the phone, for the journal; empty: nothing.
std::string ftp_remark(const Url& url);

}  // namespace dialtone
