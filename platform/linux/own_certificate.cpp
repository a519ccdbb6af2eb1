// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/own_certificate.h"

#include <mbedtls/ssl.h>
#include <sys/random.h>

namespace dialtone {
namespace {

// mbedTLS blinds its computations with a private key.
int draw(void*, unsigned char* bytes, size_t count) {
    const ssize_t drawn = ::getrandom(bytes, count, 0);
    return drawn == static_cast<ssize_t>(count) ? 0 : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

}  // namespace

OwnCertificate::OwnCertificate() {
    ::mbedtls_x509_crt_init(&certificate_);
    ::mbedtls_pk_init(&key_);
}

OwnCertificate::~OwnCertificate() {
    ::mbedtls_pk_free(&key_);
    ::mbedtls_x509_crt_free(&certificate_);
}

Status OwnCertificate::load(const std::string& certificate_file, const std::string& key_file) {
    const std::string& key_path = key_file.empty() ? certificate_file : key_file;
    if (::mbedtls_x509_crt_parse_file(&certificate_, certificate_file.c_str()) != 0) {
        return fail(ErrorCode::malformed, "no certificate can be read from " + certificate_file);
    }
    if (::mbedtls_pk_parse_keyfile(&key_, key_path.c_str(), nullptr, &draw, nullptr) != 0) {
        return fail(ErrorCode::malformed, "no private key can be read from " + key_path);
    }
    if (::mbedtls_pk_check_pair(&certificate_.pk, &key_, &draw, nullptr) != 0) {
        return fail(ErrorCode::malformed,
                    "the key in " + key_path + " does not belong to " + certificate_file);
    }
    return {};
}

void OwnCertificate::use_in(void* ssl_config) {
    ::mbedtls_ssl_conf_own_cert(static_cast<mbedtls_ssl_config*>(ssl_config), &certificate_, &key_);
}

}  // namespace dialtone
