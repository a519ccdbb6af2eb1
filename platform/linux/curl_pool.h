// SPDX-License-Identifier: Apache-2.0
//
// The connections of one libcurl multi handle, driven by the loop. Transfers in it may use one
// another's connections; what is in another pool they never see. There is one for all transfers of
// no session and one for each session, which keeps the session's cookies, too.
//
// Called by transfers.cpp.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>

#include "agent/effect.h"
#include "platform/linux/clock.h"
#include "platform/linux/loop.h"

namespace dialtone {

// A handle whose last transfer was answered with a challenge. curl sends user and password with the
// first request from then on (RFC 7617 2.2, RFC 7616 3.6), which saves every further file of a plan
// a round trip.
struct AuthenticatedHandle {
    CURL* easy = nullptr;
    std::string origin = {};
    StartTransfer wanted = {};  // without its body
};

class CurlPool final : private Watcher {
  public:
    // Is told of each handle that curl is done with.
    class Owner {
      public:
        virtual void conclude(CURL* easy, CURLcode code) = 0;

      protected:
        ~Owner() = default;
    };

    // `session` 0: no cookies are kept.
    CurlPool(RequestId session, Loop& loop, const Clock& clock, Owner& owner)
        : session_(session), loop_(loop), clock_(clock), owner_(owner) {}
    // Closes all connections; no handle is in the pool any more.
    ~CurlPool();
    CurlPool(const CurlPool&) = delete;
    CurlPool& operator=(const CurlPool&) = delete;

    RequestId session() const { return session_; }
    // False when the system has no room for it. Does nothing the second time.
    bool set_up();
    bool is_set_up() const { return multi_ != nullptr; }
    // Closes all connections, of which none is in use.
    void hang_up();
    // Before the handle is configured.
    void share_cookies(CURL* easy);
    bool add(CURL* easy) { return ::curl_multi_add_handle(multi_, easy) == CURLM_OK; }
    void remove(CURL* easy) { ::curl_multi_remove_handle(multi_, easy); }

    void tick(Instant now);
    std::optional<Instant> deadline() const { return due_; }

    void discard_authenticated();

    AuthenticatedHandle authenticated = {};
    std::string trust = {};  // the files that the open TLS connections stand on

  private:
    void ready(int descriptor, uint32_t events) override;
    void drive(int descriptor, int events);
    static int on_socket(CURL*, curl_socket_t socket, int what, void* pool, void*);
    static int on_timer(CURLM*, long wait_ms, void* pool);

    RequestId session_;
    Loop& loop_;
    const Clock& clock_;
    Owner& owner_;
    CURLM* multi_ = nullptr;
    CURLSH* cookies_ = nullptr;
    std::optional<Instant> due_ = {};
};

}  // namespace dialtone
