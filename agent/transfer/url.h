// SPDX-License-Identifier: Apache-2.0
//
// URLs as provisioning servers write them, which is looser than RFC 3986: a bare host, a host
// with a path, no path at all, a query with a token, userinfo, the vendor's placeholders.
// Called by plan (which files), fetch (redirects) and all code that shows a URL to a person.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/profile.h"
#include "agent/result.h"
#include "agent/trust/server_name.h"

namespace dialtone {

enum class Scheme : uint8_t { http, https, ftp, ftps, tftp };
std::string_view scheme_name(Scheme scheme);
uint16_t scheme_port(Scheme scheme);  // the registered default port

// All parts are views into the text that was parsed.
struct Url {
    Scheme scheme = Scheme::http;
    bool scheme_given = false;
    std::string_view user = {};      // still percent-encoded
    std::string_view password = {};  // still percent-encoded
    bool has_userinfo = false;
    std::string_view host = {};  // an IPv6 literal without its brackets
    uint16_t port = 0;           // never 0 after parse: the scheme's default if none was given
    bool port_given = false;
    std::string_view path = {};   // empty, or begins with '/'
    std::string_view query = {};  // with its '?', or empty
};

// Parses `text`; a URL without a scheme gets `default_scheme`. A fragment is dropped.
// Errors: bad_usage (empty, control characters, no host, a port that is no port), unsupported (a
// scheme we do not know), too_big (over limits::url_bytes).
Result<Url> parse_url(std::string_view text, Scheme default_scheme);

// The URL for a transfer: scheme, host, port if it is not the default, path (at least "/"), query;
// never userinfo. Characters a request line cannot carry are percent-encoded.
std::string request_url(const Url& url);

// The URL for people and the journal: no userinfo (shown as "***@"), no query values ("?***"). Of a
// long one the first limits::journal_url_bytes are shown, "..." being the last of them: whoever
// names URLs may not fill the journal with them.
std::string masked_url(const Url& url);
// The same for text that may not parse at all; what cannot be shown safely becomes "(unreadable)".
std::string masked_url(std::string_view text, Scheme default_scheme);
// The same, and not cut: of a URL that the operator's own configuration has.
std::string whole_masked_url(std::string_view text, Scheme default_scheme);

// `url` with this user and password in it, in place of others; both empty: as it is.
std::string url_with_user(const Url& url, std::string_view user, std::string_view password);

// Same scheme, host (ASCII case aside) and port: the same server may have the credentials again.
bool same_server(const Url& one, const Url& other);

// As trust speaks of it (trust/server_name.h).
ServerName server_name(const Url& url);
// The same of text; nobody when it does not parse.
ServerName server_name(std::string_view url, Scheme default_scheme);

// What a Location field means for a request to `base` (RFC 9110 10.2.2, RFC 3986 5.2): absolute,
// scheme-relative, absolute path, relative path, query only. The result is text to be parsed
// again. Dot segments are removed.
std::string resolved_reference(const Url& base, std::string_view reference);

// Replaces the vendors' spellings of the phone's MAC ($mac ${mac} {mac} {$mac}, and the same with
// MAC) in a URL that came from a server or an administrator. Upper-case names give upper-case
// digits. $input, which a Fanvil phone asks its user for, is the MAC here: nobody is asked, and
// that is what the file is called by default.
std::string filled_placeholders(std::string_view text, const Identity& identity);

// The text after the last '/' of the path.
std::string_view last_segment(const Url& url);

}  // namespace dialtone
