// SPDX-License-Identifier: Apache-2.0
//
// The phone's own certificate and key, shown to a server that demands one. Read here and not by
// curl, which (8.14.1) leaks memory at each try when a file cannot be used. Called by
// transfers.cpp for each new TLS connection.
#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include <string>

#include "agent/result.h"

namespace dialtone {

class OwnCertificate {
  public:
    OwnCertificate();
    ~OwnCertificate();
    OwnCertificate(const OwnCertificate&) = delete;
    OwnCertificate& operator=(const OwnCertificate&) = delete;

    // PEM files, without a passphrase. `key_file` empty: the key is in the certificate's file.
    // Errors: malformed, with the file's name, for anything that cannot be used.
    Status load(const std::string& certificate_file, const std::string& key_file);

    // To be shown on connections with this mbedtls_ssl_config, as long as this lives.
    void use_in(void* mbedtls_ssl_config);

  private:
    mbedtls_x509_crt certificate_;
    mbedtls_pk_context key_;
};

}  // namespace dialtone
