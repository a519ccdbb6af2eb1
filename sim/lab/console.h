// SPDX-License-Identifier: Apache-2.0
//
// What a program of the laboratory has of the machine it runs on: two streams of text, a clock
// and Ctrl-C. Nothing that decides anything may look at the clock; it serves progress, time limits
// and figures of speed.
//
// Who calls it: main.cpp and the subcommands.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dialtone::sim::console {

// A line of the result, on standard output. In all that is written here, what controls a terminal
// is escaped (agent/harmless_text.h), but for line feeds and tabs.
void print(std::string_view line);
// A line about it, on standard error.
void remark(std::string_view line);
// How far it is. A terminal shows the last one only; a file gets one every few seconds.
void progress(std::string_view words);

// Since some moment before.
uint64_t now_ms();

// Memory of this program that is really there.
uint64_t resident_bytes();

// A whole file of at most `most_bytes`; nothing when there is none or it cannot be read.
std::optional<std::string> read_file(std::string_view path, uint32_t most_bytes);
// Writes a whole file. False: it could not be.
bool write_file(std::string_view path, std::string_view text);

// Fills `bytes` from the system's random source. False: it gives none.
bool draw_random(std::span<uint8_t> bytes);

// What is said on standard error, should an assertion of the agent end this program.
void set_last_words(std::string_view words);

// From now on Ctrl-C does not end the program but makes interrupted() true; the second one ends it.
void listen_for_interrupt();
bool interrupted();

}  // namespace dialtone::sim::console
