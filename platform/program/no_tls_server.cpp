// SPDX-License-Identifier: Apache-2.0
//
// The program is a TLS client and nothing else, but mbedTLS asks at each step of a handshake which
// side it is on, so that the linker would keep its server as well: 10 KB of a phone's flash. These
// two stand in for it. Only the program has them; the tests' servers are linked with the library's.
#include <mbedtls/ssl.h>

extern "C" {

int mbedtls_ssl_handshake_server_step(mbedtls_ssl_context* /*ssl*/) {
    return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
}

int mbedtls_ssl_tls13_handshake_server_step(mbedtls_ssl_context* /*ssl*/) {
    return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
}

}  // extern "C"
