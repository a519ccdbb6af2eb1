// SPDX-License-Identifier: Apache-2.0
//
// An ACS that fails at a byte of a message: of a request that it reads, or of an answer that it
// sends, head and body. A phone with events that wait meets it in a session with calls that set
// values, make an object, order a session and a restart; a good ACS follows. Whatever the byte, the
// events come again with equal keys until they were heard, a call is carried out whole or not at
// all, and what lies on the disk is whole.
//
// Who calls it: the subcommand acs-cuts, and its test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/lab/managed/managed_site.h"

namespace dialtone::sim {

enum class CutSide : uint8_t { request, answer, count_ };
enum class CutKind : uint8_t {
    closes,
    stalls,
    truncates,  // what there is counts as the whole head, or the whole body
    count_
};

struct Cut {
    uint32_t message = 0;  // of the session, counted from 0
    CutSide side = CutSide::request;
    CutKind kind = CutKind::closes;
    uint32_t at = 0;  // so many bytes of it are there
};
std::string describe(const Cut& cut);

// In bytes, of one message of the session and its answer.
struct MessageLength {
    uint32_t request = 0;
    uint32_t answer = 0;  // with its head
    uint32_t answer_head = 0;
};

class AcsCuts {
  public:
    AcsCuts();
    // All cuts, or of each message those at every n-th byte, the first and the last.
    std::vector<Cut> cuts(uint32_t every) const;
    // What is wrong after it, in words; none: nothing is.
    std::vector<std::string> find(const Cut& cut) const;

    // The events that the phone has to tell, in the words of its Inform.
    const std::string& waiting() const { return waiting_; }
    const std::vector<MessageLength>& lengths() const { return lengths_; }

  private:
    void live(ManagedSite& site) const;

    Disk disk_ = {};  // of a phone that has events to tell
    uint64_t clock_ms_ = 0;
    std::string waiting_ = {};
    std::vector<MessageLength> lengths_ = {};  // without a cut
};

}  // namespace dialtone::sim
