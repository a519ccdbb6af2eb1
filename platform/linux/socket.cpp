// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <string>

#include "platform/linux/socket_address.h"

namespace dialtone {

std::unexpected<Error> fail_with_errno(int number) {
    return fail(ErrorCode::io, ::strerror(number));
}

Status bind_port(int descriptor, uint8_t octet_count, uint16_t port) {
    if (port == 0) return {};
    const SocketAddress here = any_address(octet_count, port);
    if (::bind(descriptor, here.generic(), here.length_bytes) == 0) return {};
    const std::string name = "port " + std::to_string(port);
    if (errno == EADDRINUSE) return fail(ErrorCode::io, name + " is taken");
    return fail(ErrorCode::io, name + ": " + ::strerror(errno));
}

}  // namespace dialtone
