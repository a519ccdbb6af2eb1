// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/server_connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <psa/crypto.h>
#include <sys/socket.h>

#include <algorithm>

#include "tests/conformance/certificates.h"

namespace dialtone::conformance {
namespace {

// A client that takes nothing for so long is blocking.
constexpr int blocked_ms = 20;

std::string file_of(std::string_view name) {
    return DIALTONE_TEST_DATA "/tls/" + std::string(name);
}

}  // namespace

TlsServer::TlsServer() {
    ::mbedtls_entropy_init(&entropy_);
    ::mbedtls_ctr_drbg_init(&random_);
    ::mbedtls_x509_crt_init(&certificate_);
    ::mbedtls_x509_crt_init(&authority_);
    ::mbedtls_pk_init(&key_);
    ::mbedtls_ssl_config_init(&config_);
}

TlsServer::~TlsServer() {
    ::mbedtls_ssl_config_free(&config_);
    ::mbedtls_pk_free(&key_);
    ::mbedtls_x509_crt_free(&authority_);
    ::mbedtls_x509_crt_free(&certificate_);
    ::mbedtls_ctr_drbg_free(&random_);
    ::mbedtls_entropy_free(&entropy_);
}

bool TlsServer::load(const Behaviour& behaviour) {
    const std::string file = file_of_certificate(*behaviour.server.certificate);
    if (file.empty()) return false;
    const std::string name = file_of(file);
    int failed = ::psa_crypto_init();
    failed |= ::mbedtls_ctr_drbg_seed(&random_, ::mbedtls_entropy_func, &entropy_, nullptr, 0);
    failed |= ::mbedtls_x509_crt_parse_file(&certificate_, (name + ".pem").c_str());
    failed |= ::mbedtls_x509_crt_parse_file(&authority_, file_of(authority_file).c_str());
    failed |= ::mbedtls_pk_parse_keyfile(&key_, (name + ".key").c_str(), nullptr,
                                         ::mbedtls_ctr_drbg_random, &random_);
    failed |= ::mbedtls_ssl_config_defaults(
        &config_, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    failed |= ::mbedtls_ssl_conf_own_cert(&config_, &certificate_, &key_);
    ::mbedtls_ssl_conf_rng(&config_, ::mbedtls_ctr_drbg_random, &random_);
    ::mbedtls_ssl_conf_ca_chain(&config_, &authority_, nullptr);
    const sim::WebServer& server = behaviour.server;
    ::mbedtls_ssl_conf_authmode(&config_,
                                server.demands_client_certificate ? MBEDTLS_SSL_VERIFY_REQUIRED
                                : server.asks_client_certificate  ? MBEDTLS_SSL_VERIFY_OPTIONAL
                                                                  : MBEDTLS_SSL_VERIFY_NONE);
    if (behaviour.extra.tls_1_2_only) {
        ::mbedtls_ssl_conf_max_tls_version(&config_, MBEDTLS_SSL_VERSION_TLS1_2);
    }
    return failed == 0;
}

ServerConnection::ServerConnection(int socket, const TlsServer* tls, std::atomic<bool>& is_blocked)
    : socket_(socket), is_blocked_(is_blocked), is_tls_(tls != nullptr) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::mbedtls_ssl_init(&ssl_);
    if (tls == nullptr) return;
    if (::mbedtls_ssl_setup(&ssl_, tls->config()) != 0) socket_.reset();
    ::mbedtls_ssl_set_bio(&ssl_, this, &ServerConnection::on_send, &ServerConnection::on_receive,
                          nullptr);
}

ServerConnection::~ServerConnection() {
    ::mbedtls_ssl_free(&ssl_);
}

bool ServerConnection::complete_handshake() {
    return !is_tls_ || ::mbedtls_ssl_handshake(&ssl_) == 0;
}

bool ServerConnection::send_raw(const uint8_t* bytes, size_t count) {
    size_t sent = 0;
    while (sent < count) {
        const ssize_t some =
            ::send(socket_.get(), bytes + sent, count - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (some >= 0) {
            sent += static_cast<size_t>(some);
            continue;
        }
        if (errno != EAGAIN) return false;
        pollfd wait = {socket_.get(), POLLOUT, 0};
        while (::poll(&wait, 1, blocked_ms) == 0)
            is_blocked_ = true;
        is_blocked_ = false;
    }
    return true;
}

int ServerConnection::on_send(void* connection, const uint8_t* bytes, size_t count) {
    const bool sent = static_cast<ServerConnection*>(connection)->send_raw(bytes, count);
    return sent ? static_cast<int>(count) : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

int ServerConnection::on_receive(void* connection, uint8_t* bytes, size_t count) {
    const ssize_t got =
        ::recv(static_cast<ServerConnection*>(connection)->socket_.get(), bytes, count, 0);
    return got > 0 ? static_cast<int>(got) : MBEDTLS_ERR_SSL_CONN_EOF;
}

std::string ServerConnection::read() {
    uint8_t bytes[2048];
    const auto got = is_tls_ ? ::mbedtls_ssl_read(&ssl_, bytes, sizeof bytes)
                             : on_receive(this, bytes, sizeof bytes);
    if (got <= 0) return {};
    return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(got)};
}

bool ServerConnection::write(std::string_view text) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    if (!is_tls_) return send_raw(bytes, text.size());
    size_t sent = 0;
    while (sent < text.size()) {
        const int some = ::mbedtls_ssl_write(&ssl_, bytes + sent, text.size() - sent);
        if (some <= 0) return false;
        sent += static_cast<size_t>(some);
    }
    return true;
}

void ServerConnection::send_close_notify() {
    if (is_tls_) ::mbedtls_ssl_close_notify(&ssl_);
}

void ServerConnection::reset() {
    const linger at_once = {1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace dialtone::conformance
