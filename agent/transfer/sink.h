// SPDX-License-Identifier: Apache-2.0
//
// Where a download's bytes go, and how fast they may come. The owner of a download hands a sink in;
// Fetch and Tftp put the body into it and ask it how much room it has: that is the credit a server
// gets. It comes back when bytes are kept, so that no server can send faster than a phone keeps.
//
//     MemorySink   the whole body in memory, up to a limit (memory_sink.h)
//     FileSink     piece by piece into a durable file (file_sink.h)
//
// HTTP and FTP get credit in bytes (effect CreditTransfer). A TFTP server sends a window for each
// acknowledgement (RFC 7440), so the next one waits until the sink has room for a window.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace dialtone {

class Sink {
  public:
    virtual ~Sink() = default;

    // A body begins, and whatever came before is forgotten. `announced` is its length, negative:
    // not said. False: it will not fit, so that none of it has to come.
    virtual bool begin(int64_t announced) = 0;
    // So many bytes it takes now. Grows when bytes are kept; the owner then calls
    // Download::sink_kept().
    virtual uint32_t room() const = 0;
    // The next bytes of the body; at most room(), and size() stays within limit().
    virtual void take(std::span<const uint8_t> bytes) = 0;
    // The body is whole.
    virtual void end() = 0;
    // No more of it will come, and what came is of no use.
    virtual void drop() = 0;

    virtual uint64_t size() const = 0;   // of the body so far
    virtual uint64_t limit() const = 0;  // of a body
    // What is wrong with a body over the limit, for people.
    virtual std::string too_long() const = 0;

    bool fits(uint64_t more) const { return size() + more <= limit(); }
};

}  // namespace dialtone
