// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/curl_pool.h"

#include <sys/epoll.h>

#include "agent/limits.h"

namespace dialtone {

CurlPool::~CurlPool() {
    discard_authenticated();
    hang_up();
    if (cookies_ != nullptr) ::curl_share_cleanup(cookies_);
}

bool CurlPool::set_up() {
    if (session_ != 0 && cookies_ == nullptr) {
        cookies_ = ::curl_share_init();
        if (cookies_ == nullptr) return false;
        ::curl_share_setopt(cookies_, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
    }
    if (multi_ != nullptr) return true;
    multi_ = ::curl_multi_init();
    if (multi_ == nullptr) return false;
    ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlPool::on_socket);
    ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlPool::on_timer);
    ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    const long connections = session_ == 0 ? limits::transfers : 1;
    ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections);
    return true;
}

void CurlPool::hang_up() {
    if (multi_ != nullptr) ::curl_multi_cleanup(multi_);
    multi_ = nullptr;
    due_.reset();
}

void CurlPool::share_cookies(CURL* easy) {
    if (cookies_ == nullptr) return;
    ::curl_easy_setopt(easy, CURLOPT_SHARE, cookies_);
    // No file: curl heeds cookies from then on.
    ::curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
}

void CurlPool::discard_authenticated() {
    if (authenticated.easy != nullptr) ::curl_easy_cleanup(authenticated.easy);
    authenticated = {};
}

int CurlPool::on_socket(CURL*, curl_socket_t socket, int what, void* pool, void*) {
    auto& self = *static_cast<CurlPool*>(pool);
    if (what == CURL_POLL_REMOVE) {
        self.loop_.forget(socket);
        return 0;
    }
    const uint32_t events = ((what & CURL_POLL_IN) != 0 ? uint32_t{EPOLLIN} : 0U) |
                            ((what & CURL_POLL_OUT) != 0 ? uint32_t{EPOLLOUT} : 0U);
    return self.loop_.watch(socket, events, self) ? 0 : -1;
}

int CurlPool::on_timer(CURLM*, long wait_ms, void* pool) {
    auto& self = *static_cast<CurlPool*>(pool);
    self.due_.reset();
    if (wait_ms >= 0) self.due_ = self.clock_.now() + static_cast<uint64_t>(wait_ms);
    return 0;
}

void CurlPool::ready(int descriptor, uint32_t events) {
    const int selected = ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                         ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                         ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    drive(descriptor, selected);
}

void CurlPool::tick(Instant now) {
    if (!due_ || now < *due_) return;
    due_.reset();
    drive(CURL_SOCKET_TIMEOUT, 0);
}

void CurlPool::drive(int descriptor, int events) {
    int running = 0;
    ::curl_multi_socket_action(multi_, descriptor, events, &running);
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE)
            owner_.conclude(message->easy_handle, message->data.result);
    }
}

}  // namespace dialtone
