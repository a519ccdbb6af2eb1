// SPDX-License-Identifier: Apache-2.0
//
// The certificates of the authorities that a phone trusts, read from a PEM bundle (RFC 7468), one
// DER certificate, or a directory of such files. mbedTLS has a reader too; its base64 decoder is
// made for private keys and takes 85 million instructions for Debian's bundle, a second of a small
// phone's time at each connection. Certificates are public, so this one is the plain kind.
//
// Called by transfers.cpp for each new TLS connection.
#pragma once

#include <mbedtls/x509_crt.h>

#include <string>
#include <string_view>

#include "agent/result.h"

namespace dialtone {

class Authorities {
  public:
    Authorities() { ::mbedtls_x509_crt_init(&chain_); }
    ~Authorities() { ::mbedtls_x509_crt_free(&chain_); }
    Authorities(const Authorities&) = delete;
    Authorities& operator=(const Authorities&) = delete;

    // Adds what the file or directory holds. Certificates of a kind that mbedTLS does not know are
    // left out. Errors: not_found, io, too_big, and empty when not one certificate is there.
    Status load(const std::string& path);

    // The same for a file's content.
    Status load_text(std::string_view text);

    // To be trusted by connections with this mbedtls_ssl_config, as long as this lives.
    void use_in(void* mbedtls_ssl_config);

  private:
    Status load_directory(const std::string& path);

    mbedtls_x509_crt chain_;
};

}  // namespace dialtone
