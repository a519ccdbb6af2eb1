// SPDX-License-Identifier: Apache-2.0
//
// The write paths of the agent that `dialtone-lab crash` cuts, as data: how the phone was before,
// what the server offers, who commands what and when, and with what the phone has to rest in the
// end. A new kind of durable change is a new row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agent/event.h"

namespace dialtone::sim {

// What the server has from one life of the phone on. Lives are counted from 0 at a power-on; each
// reboot begins the next.
struct Offer {
    uint32_t from_life = 0;
    std::string_view file = {};  // the mark of a configuration, empty: 404
    bool down = false;           // no connection at all
};

struct PlannedCommand {
    uint32_t life = 0;
    uint32_t after_ms = 0;  // since that life began
    CommandKind kind = CommandKind::resync;
    std::string_view argument = {};
};

// A download beside the pass, submitted with the first event after `after_ms` of the first life.
// Its owner has done with the staged file as soon as it hears of it.
struct PlannedJob {
    uint32_t after_ms = 0;
    uint32_t bytes = 0;  // 0: none
};

struct WritePath {
    std::string_view name;
    std::string_view words;
    std::string_view before = {};  // the configuration the phone has already, empty: it is new
    std::span<const Offer> offers;
    std::span<const PlannedCommand> commands = {};
    PlannedJob job = {};
    uint32_t ends_ms = 0;   // the recorded segment ends then; 0: when the phone rests
    uint32_t lasts_ms = 0;  // and not before, whether the phone rests or not
    // What the server offers after a cut. No commands are given then.
    Offer offer_after = {};
    uint32_t more_keys = 0;  // of every configuration file: such a generation has several blocks
    bool signs = false;      // every configuration file, with a serial that rises
    // An ACS manages the phone: it takes Informs, and in the first session it calls these.
    std::span<const std::string_view> acs_calls = {};
    // After the cut the phone is left alone for so long, in which its ACS hears what it has to.
    uint32_t acs_wait_ms = 0;
    // Marks of the configurations with which the phone may rest then.
    std::span<const std::string_view> final_marks;
    // What an enumeration at depth 2 has at least; fewer means that it is broken.
    uint64_t least_states = 0;
    uint64_t least_images = 0;
};

// Every value that a call of the ACS sets says which call it is of.
inline constexpr std::string_view acs_interval_key = "tr069.periodic_interval";
inline constexpr std::string_view acs_time_key = "tr069.periodic_time";
inline constexpr std::string_view acs_mark_key = "tr069.parameter_key";
// Whether these three values are of one call, by their last digits.
bool are_of_one_call(std::string_view interval, std::string_view time, std::string_view mark);

std::span<const WritePath> write_paths();
const WritePath* find_write_path(std::string_view name);

// The configuration file with this mark: every value of it ends in a dot and the mark, so that a
// mixture of two shows. `more_keys` of them, of about 50 bytes each, come on top; a serial, too,
// unless it is 0.
std::string marked_file(std::string_view mark, uint32_t more_keys = 0, uint32_t serial = 0);
// The serial of the file with this mark, where files are signed.
uint32_t serial_of_mark(std::string_view mark);
// The mark of the file that an ACS has downloaded.
inline constexpr std::string_view acs_file_mark = "two";
// What a job downloads.
std::string job_body(uint32_t bytes);
inline constexpr std::string_view marked_key = "P47";
// The mark "more" has a key that no other file names: it stays when another file follows, and must
// be gone after a factory reset.
inline constexpr std::string_view extra_key = "P330";

}  // namespace dialtone::sim
