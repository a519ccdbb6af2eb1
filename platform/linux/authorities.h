// SPDX-License-Identifier: Apache-2.0
//
// The certificates of the authorities that a phone trusts: a PEM bundle (RFC 7468), one DER
// certificate, or a directory of such files. mbedTLS could read them all and keep them; for
// Debian's bundle of 145 that is 7 million instructions and 313 KiB at each connection, of which
// one or two are needed. So load() takes note of where each one lies and of its subject, and a
// certificate is read when a chain asks for its issuer (mbedtls_x509_crt_ca_cb_t).
//
// mbedTLS judges every certificate that is handed to it as ever: subject, signature, dates, whether
// it may sign. What is noted here is only which ones are worth a look.
//
// Called by transfers.cpp for each new TLS connection.
#pragma once

#include <mbedtls/x509_crt.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

class Authorities {
  public:
    // Adds what the file or directory holds. Errors: not_found, io, too_big, and empty when not one
    // certificate is there.
    Status load(const std::string& path);

    // To be trusted by connections with this mbedtls_ssl_config, as long as this lives.
    void use_in(void* mbedtls_ssl_config);

    // The same certificate, byte by byte, is one of them.
    bool hold(const mbedtls_x509_crt& certificate) const;

    // Those whose subject is the issuer of `child`, as a list; null: none. The caller owes it to
    // mbedtls_x509_crt_free() and mbedtls_free().
    mbedtls_x509_crt* issuers_of(const mbedtls_x509_crt& child) const;

  private:
    struct Place {
        uint32_t subject = 0;  // name_mark()
        uint16_t file = 0;     // in files_
        bool is_pem = true;
        uint32_t offset = 0;  // of its bytes or of its base64
        uint32_t size_bytes = 0;
    };

    Status load_file(const std::string& path);
    Status load_directory(const std::string& path);
    size_t note_whole(std::string_view text, uint32_t offset);
    void note(std::string_view encoded, uint32_t offset, bool is_pem);
    std::vector<uint8_t> bytes_at(const Place& place) const;

    std::vector<std::string> files_ = {};
    std::vector<Place> places_ = {};
};

}  // namespace dialtone
