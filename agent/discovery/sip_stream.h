// SPDX-License-Identifier: Apache-2.0
//
// SIP messages out of the bytes of a TCP connection, by Content-Length: RFC 3261 18.3. A message
// without one has no body, because nothing else would say where the next one begins. Called by
// the plug and play engine, one for each connection.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dialtone {

class SipStream {
  public:
    struct Taken {
        std::vector<std::string> messages = {};  // whole ones, in order
        bool broken = false;                     // the connection is of no more use
    };

    // Keeps what does not make a message yet, at most limits::sip_message_bytes. Broken: a message
    // that is longer, a Content-Length that is no number, a head that cannot be read. Line ends
    // between two messages are keep-alives (RFC 5626 3.5.1) and are passed over.
    Taken take(std::span<const uint8_t> bytes);

  private:
    bool cut_message(Taken& taken);

    std::string buffer_ = {};
    uint32_t searched_ = 0;  // no blank line ends before here
    uint32_t wanted_ = 0;    // size of the message at the front; 0: its head is not whole
};

}  // namespace dialtone
