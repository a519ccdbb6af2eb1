// SPDX-License-Identifier: Apache-2.0
// Faults of the libraries that toolchains/patches mends: what a server could do with them.
#include <curl/curl.h>
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace {

// Memory that ends where a page begins that nobody may read.
namespace guarded {

constexpr size_t page_bytes = 4'096;
constexpr size_t head_bytes = page_bytes;  // holds the block's size and the mapping's

struct Head {
    size_t size_bytes;
    size_t mapped_bytes;
};

size_t whole_pages(size_t size_bytes) {
    return (size_bytes + page_bytes - 1) / page_bytes * page_bytes;
}

void* allocate(size_t size_bytes) {
    const size_t block_bytes = whole_pages(size_bytes);
    const size_t mapped_bytes = head_bytes + block_bytes + page_bytes;
    void* const mapping =
        ::mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) return nullptr;
    auto* const first = static_cast<char*>(mapping);
    const Head head = {size_bytes, mapped_bytes};
    std::memcpy(first, &head, sizeof head);
    ::mprotect(first + head_bytes + block_bytes, page_bytes, PROT_NONE);
    return first + head_bytes + block_bytes - size_bytes;
}

char* mapping_of(void* block) {
    auto* const first = static_cast<char*>(block);
    // A block of whole pages begins where one begins, every other one in its first page.
    return first - reinterpret_cast<uintptr_t>(block) % page_bytes - head_bytes;
}

Head head_of(void* block) {
    Head head;
    std::memcpy(&head, mapping_of(block), sizeof head);
    return head;
}

void release(void* block) {
    if (block != nullptr) ::munmap(mapping_of(block), head_of(block).mapped_bytes);
}

void* resize(void* block, size_t size_bytes) {
    void* const other = allocate(size_bytes);
    if (block == nullptr || other == nullptr) return other;
    const size_t old_bytes = head_of(block).size_bytes;
    std::memcpy(other, block, old_bytes < size_bytes ? old_bytes : size_bytes);
    release(block);
    return other;
}

char* duplicate(const char* text) {
    const size_t size_bytes = std::strlen(text) + 1;
    void* const block = allocate(size_bytes);
    return block == nullptr ? nullptr : static_cast<char*>(std::memcpy(block, text, size_bytes));
}

void* allocate_array(size_t count, size_t size_bytes) {
    return allocate(count * size_bytes);
}

}  // namespace guarded

// A connection whose other end has answered already.
curl_socket_t answered_connection(void* answer, curlsocktype, curl_sockaddr*) {
    int ends[2];
    const auto& text = *static_cast<const std::string_view*>(answer);
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return CURL_SOCKET_BAD;
    const auto sent = ::send(ends[1], text.data(), text.size(), 0);
    return sent == static_cast<ssize_t>(text.size()) ? ends[0] : CURL_SOCKET_BAD;
}

int is_connected(void*, curl_socket_t, curlsocktype) {
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

// The first cookie that curl has in the end, where a server with TLS has set `first`, and one at
// the same address without TLS answers with `second`: whether it is one for TLS alone, and its
// value.
std::string cookie_after(const char* first, std::string_view second) {
    CURL* const easy = ::curl_easy_init();
    if (easy == nullptr) return "no handle";
    ::curl_easy_setopt(easy, CURLOPT_URL, "http://192.0.2.1/");
    ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
    ::curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    ::curl_easy_setopt(easy, CURLOPT_COOKIELIST, first);
    ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &answered_connection);
    ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &second);
    ::curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &is_connected);
    const CURLcode code = ::curl_easy_perform(easy);
    curl_slist* cookies = nullptr;
    ::curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &cookies);
    // Domain, whether it is one of several hosts, path, whether it is for TLS alone, time, name,
    // value.
    const std::string_view cookie = cookies == nullptr ? "" : cookies->data;
    const bool is_secure = cookie.find("\t/\tTRUE\t") != std::string_view::npos;
    std::string found = is_secure ? "secure " : "open ";
    found += cookie.substr(cookie.rfind('\t') + 1);
    if (code != CURLE_OK) found = ::curl_easy_strerror(code);
    ::curl_slist_free_all(cookies);
    ::curl_easy_cleanup(easy);
    return found;
}

TEST_CASE("a cookie set over TLS with the path / is kept, and nothing behind it is read") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::signal(SIGSEGV, SIG_DFL);
        // The memory is chosen with the first use of curl, and other tests have used it.
        for (int uses = 0; uses < 16; ++uses)
            ::curl_global_cleanup();
        ::curl_global_init_mem(CURL_GLOBAL_NOTHING, &guarded::allocate, &guarded::release,
                               &guarded::resize, &guarded::duplicate, &guarded::allocate_array);
        const std::string found =
            cookie_after("Set-Cookie: id=of-tls; domain=192.0.2.1; path=/; secure",
                         "HTTP/1.1 200 OK\r\nSet-Cookie: id=of-another; path=/\r\n"
                         "Content-Length: 0\r\n\r\n");
        ::_exit(found == "secure of-tls" ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a cookie whose `secure` stands behind a tab is one for TLS") {
    CHECK(cookie_after("Set-Cookie: id=of-tls; domain=192.0.2.1; path=/;\tsecure",
                       "HTTP/1.1 200 OK\r\nSet-Cookie: id=of-another; path=/\r\n"
                       "Content-Length: 0\r\n\r\n") == "secure of-tls");
}

}  // namespace
