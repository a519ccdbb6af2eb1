// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/name_server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <string_view>

namespace dialtone::conformance {
namespace {

constexpr size_t header_bytes = 12;
constexpr std::string_view known_name("\6server\4test\0", 13);
constexpr char type_a = 1;

// The answer to one query; empty when it is none.
std::string answer_to(std::string_view query) {
    const size_t name_end = query.find('\0', header_bytes);
    if (query.size() < header_bytes || name_end == std::string_view::npos) return {};
    const size_t question_end = name_end + 1 + 4;
    if (query.size() < question_end) return {};
    const std::string_view name = query.substr(header_bytes, name_end + 1 - header_bytes);
    const bool is_known = name == known_name;
    const bool has_answer = is_known && query[name_end + 2] == type_a;
    std::string answer(query.substr(0, question_end));
    constexpr char response = static_cast<char>(0x81), recursion = static_cast<char>(0x80);
    constexpr char no_such_name = recursion | 3;
    answer[2] = response;
    answer[3] = is_known ? recursion : no_such_name;
    answer.replace(4, 8, std::string{0, 1, 0, has_answer ? '\1' : '\0', 0, 0, 0, 0});
    if (has_answer) {
        constexpr std::string_view record(
            "\xc0\x0c"            // the name of the question
            "\0\1\0\1\0\0\0\x3c"  // A, IN, 60 s
            "\0\4\x7f\0\0\1",
            16);
        answer += record;
    }
    return answer;
}

void serve(int socket) {
    for (;;) {
        char query[512];
        sockaddr_in from = {};
        socklen_t length = sizeof from;
        auto* client = reinterpret_cast<sockaddr*>(&from);
        const ssize_t count = ::recvfrom(socket, query, sizeof query, 0, client, &length);
        if (count <= 0) continue;
        const std::string answer = answer_to({query, static_cast<size_t>(count)});
        ::sendto(socket, answer.data(), answer.size(), 0, client, length);
    }
}

}  // namespace

bool NameServer::open(bool is_mute) {
    socket_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!socket_.is_open() || ::bind(socket_.get(), generic, length) < 0) return false;
    if (::getsockname(socket_.get(), generic, &length) < 0) return false;
    port_ = ntohs(address.sin_port);
    return is_mute || process_.start([this] { serve(socket_.get()); });
}

}  // namespace dialtone::conformance
