// SPDX-License-Identifier: Apache-2.0
//
// For whom a certificate stands (RFC 9525, and RFC 6125 6.4.4 for old ones): the hosts and
// addresses of its subjectAltName. The common name counts only where that names no host, as OpenSSL
// has it; docs/decisions.md has the differences. mbedTLS compares names too, more loosely (an
// address written as a host's name, "*.example") and in one case more strictly (a subjectAltName
// with nothing but an e-mail address hides the common name).
//
// Called by certificates.cpp.
#pragma once

#include <mbedtls/x509_crt.h>

#include <string>
#include <string_view>

namespace dialtone {

// `host`: a name, with or without a dot at its end, or an address.
bool stands_for(const mbedtls_x509_crt& certificate, std::string_view host);

// One name out of a certificate: letters and digits as they are, "*.lab.example" for any one label
// in front, never for a whole domain ("*.example").
bool name_covers(std::string_view name, std::string_view host);

// "pbx.example, *.lab.example and 10.0.0.5"; of many only some. "nobody" if it names none.
std::string certificate_names_words(const mbedtls_x509_crt& certificate);

}  // namespace dialtone
