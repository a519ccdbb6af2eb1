// SPDX-License-Identifier: Apache-2.0
//
// One accepted connection of the misbehaving server, plain or TLS (mbedTLS as a server). Blocking;
// the server is a process of its own.
#pragma once

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/common/descriptor.h"
#include "tests/conformance/behaviours.h"

namespace dialtone::conformance {

// The server's side of TLS, for all connections.
class TlsServer {
  public:
    TlsServer();
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    // Loads the certificate that the behaviour's server has. False when a file cannot be used.
    bool load(const Behaviour& behaviour);
    const mbedtls_ssl_config* config() const { return &config_; }

  private:
    mbedtls_entropy_context entropy_;
    mbedtls_ctr_drbg_context random_;
    mbedtls_x509_crt certificate_;
    mbedtls_x509_crt authority_;
    mbedtls_pk_context key_;
    mbedtls_ssl_config config_;
};

class ServerConnection {
  public:
    // `tls` null: plain. `is_blocked` is set while the client takes nothing.
    ServerConnection(int socket, const TlsServer* tls, std::atomic<bool>& is_blocked);
    ~ServerConnection();
    ServerConnection(const ServerConnection&) = delete;
    ServerConnection& operator=(const ServerConnection&) = delete;

    int descriptor() const { return socket_.get(); }
    // False when the client is not content with the certificate, or has none to show.
    bool complete_handshake();
    // Empty when the client has gone.
    std::string read();
    // False when the client has gone.
    bool write(std::string_view text);
    void send_close_notify();  // of TLS
    void reset();              // the connection breaks when it is closed

  private:
    bool send_raw(const uint8_t* bytes, size_t count);
    static int on_send(void* connection, const uint8_t* bytes, size_t count);
    static int on_receive(void* connection, uint8_t* bytes, size_t count);

    Descriptor socket_;
    std::atomic<bool>& is_blocked_;
    bool is_tls_;
    mbedtls_ssl_context ssl_;
};

}  // namespace dialtone::conformance
