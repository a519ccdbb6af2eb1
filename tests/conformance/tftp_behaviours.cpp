// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/tftp_behaviours.h"

namespace dialtone::conformance {
namespace {

using Options = sim::TftpServerBehaviour::Options;
using namespace std::string_literals;

// Fast enough for a test, slow enough for a busy machine: 8 s of silence in one second.
constexpr uint32_t sped_up = 8;
constexpr uint32_t over_the_limit = 300 * 1024;

const TftpBehaviour table[] = {
    // --- files -----------------------------------------------------------------------------------
    {.name = "a TFTP file is its bytes", .expected = "body 3000"},
    {.name = "an empty TFTP file is a body", .body_bytes = 0, .expected = "body 0"},
    {.name = "a TFTP file of whole blocks ends with an empty one",
     .body_bytes = 2856,
     .expected = "body 2856"},
    {.name = "the largest TFTP file there may be comes in windows",
     .body_bytes = 256 * 1024,
     .expected = "body 262144"},
    {.name = "TFTP files come one after another",
     .files = 3,
     .expected = "body 3000, body 3000, body 3000",
     .requests = 3},
    {.name = "a TFTP server without options sends blocks of 512",
     .server = {.options = Options::ignored},
     .expected = "body 3000"},
    {.name = "a TFTP server that refuses options is asked once more without",
     .server = {.options = Options::refused},
     .expected = "body 3000",
     .requests = 2},
    {.name = "a TFTP server that does not understand options is asked once more without",
     .server = {.options = Options::not_understood},
     .expected = "body 3000",
     .requests = 2},
    {.name = "a TFTP server may want smaller blocks",
     .server = {.largest_block = 100},
     .expected = "body 3000"},
    {.name = "a TFTP server may know no window",
     .server = {.largest_window = 1},
     .expected = "body 3000"},
    {.name = "a TFTP server may not say a size",
     .server = {.echoes_tsize = true},
     .expected = "body 3000"},

    // --- the sink --------------------------------------------------------------------------------
    {.name = "a TFTP file arrives whole though each window has to be kept before the next",
     .body_bytes = 100'000,
     .sink_bytes = 24 * 1024,
     .keeps_after_ms = 30,
     .expected = "body 100000"},
    {.name = "a TFTP server that repeats itself while the sink holds loses nothing",
     .body_bytes = 60'000,
     .sink_bytes = 24 * 1024,
     .keeps_after_ms = 2'500,
     .speed_up = sped_up,
     .expected = "body 60000"},
    {.name = "a TFTP server without options waits for a sink that holds",
     .server = {.options = Options::ignored},
     .sink_bytes = 600,
     .keeps_after_ms = 30,
     .expected = "body 3000"},
    {.name = "a TFTP transfer ends when the sink holds for too long",
     .body_bytes = 60'000,
     .sink_bytes = 24 * 1024,
     .keeps_after_ms = UINT32_MAX,
     .speed_up = sped_up,
     .expected = "unreachable",
     .says = "was not kept in 10 s",
     .errors = "any"},

    // --- the network -----------------------------------------------------------------------------
    {.name = "a TFTP file arrives whole over a network that loses",
     .body_bytes = 100'000,
     .server = {.drops_one_in = 12},
     .speed_up = sped_up,
     .expected = "body 100000",
     .requests = 0},
    {.name = "a TFTP file arrives whole over a network that doubles everything",
     .body_bytes = 100'000,
     .server = {.doubles_one_in = 1},
     .expected = "body 100000",
     .requests = 0},
    {.name = "a TFTP file arrives whole over a network that reorders",
     .body_bytes = 100'000,
     .server = {.delays_one_in = 5},
     .expected = "body 100000",
     .requests = 0},
    {.name = "a TFTP server that answers doubled acknowledgements is kept up with",
     .body_bytes = 20'000,
     .server = {.largest_window = 1, .answers_doubled_acks = true, .doubles_one_in = 3},
     .expected = "body 20000",
     .requests = 0},
    {.name = "bad input: a second TFTP transfer to one request is turned away",
     .server = {.second_transfer = true},
     .expected = "body 3000",
     .errors = "5"},
    {.name = "bad input: datagrams that are no TFTP packets are passed over",
     .server = {.garbage_first = true},
     .expected = "body 3000"},

    // --- servers that say no ---------------------------------------------------------------------
    {.name = "a TFTP error 1 is an absent file", .error = 1, .expected = "absent"},
    {.name = "a TFTP error 2 is a file withheld", .error = 2, .expected = "withheld"},
    {.name = "a TFTP error 3 is worth another try", .error = 3, .expected = "unreachable"},
    {.name = "a TFTP error 0 to options is worth a question without them",
     .error = 0,
     .expected = "unreachable",
     .requests = 2},
    {.name = "bad input: a TFTP error that makes no sense refuses the file",
     .error = 6,
     .expected = "refused"},

    // --- servers that fail -----------------------------------------------------------------------
    {.name = "bad input: where no TFTP server is, there is silence",
     .is_down = true,
     .speed_up = sped_up,
     .expected = "unreachable unanswered",
     .says = "no TFTP server answered for 8 s",
     .requests = 0},
    {.name = "bad input: a TFTP server that never answers is given up",
     .server = {.silent_after_blocks = 0},
     .speed_up = sped_up,
     .expected = "unreachable unanswered",
     .says = "no TFTP server answered for 8 s",
     .requests = 0},
    {.name = "bad input: a TFTP server that stalls is given up and told",
     .body_bytes = 50'000,
     .server = {.silent_after_blocks = 20},
     .speed_up = sped_up,
     .expected = "unreachable",
     .says = "nothing new arrived for 8 s",
     .errors = "0"},
    {.name = "bad input: a TFTP server that drips is given up after the whole time",
     .body_bytes = 100'000,
     .server = {.options = Options::ignored, .latency_ms = 900},
     .speed_up = 30,
     .expected = "unreachable",
     .says = "not complete after 60 s",
     .requests = 0,
     .errors = "any"},
    {.name = "bad input: a TFTP error in the middle yields no file",
     .body_bytes = 50'000,
     .server = {.error_after_blocks = 16},
     .expected = "unreachable",
     .says = "the server gave up (error 0: the disk is gone)"},
    {.name = "bad input: a TFTP file shorter than announced is not used",
     .server = {.oack_tsize = 5'000},
     .expected = "unreachable",
     .says = "announced 5000 bytes and sent 3000"},
    {.name = "bad input: a TFTP file longer than announced is not used",
     .server = {.oack_tsize = 50},
     .expected = "unreachable",
     .says = "announced 50 bytes and sent 3000"},
    {.name = "bad input: a TFTP file announced as too large is refused",
     .body_bytes = over_the_limit,
     .expected = "refused",
     .says = "larger than the 256 KiB",
     .errors = "3"},
    {.name = "bad input: a TFTP file that turns out too large is refused",
     .body_bytes = over_the_limit,
     .server = {.echoes_tsize = true},
     .expected = "refused",
     .says = "larger than the 256 KiB",
     .errors = "3"},
    {.name = "bad input: a TFTP file without an end is refused",
     .server = {.echoes_tsize = true, .endless = true},
     .expected = "refused",
     .says = "larger than the 256 KiB",
     .errors = "3"},
    {.name = "bad input: a TFTP block larger than agreed is refused",
     .server = {.oversize_bytes = 1},
     .expected = "refused",
     .says = "a block of 1429 bytes where 1428 were agreed",
     .errors = "4"},
    {.name = "bad input: a TFTP block size over the asked one is declined",
     .server = {.oack_blksize = 1429},
     .expected = "body 3000",
     .requests = 2,
     .errors = "8"},
    {.name = "bad input: a TFTP window over the asked one is declined",
     .server = {.oack_windowsize = 17},
     .expected = "body 3000",
     .requests = 2,
     .errors = "8"},
    {.name = "bad input: a TFTP option that nobody asked for is declined",
     .server = {.more_options = "multicast\0\0"s},
     .expected = "body 3000",
     .requests = 2,
     .errors = "8"},
};

}  // namespace

std::span<const TftpBehaviour> tftp_behaviours() {
    return table;
}

const TftpBehaviour* tftp_behaviour_called(std::string_view name) {
    for (const TftpBehaviour& behaviour : table) {
        if (behaviour.name == name) return &behaviour;
    }
    return nullptr;
}

std::string tftp_body(uint32_t bytes) {
    std::string body;
    for (uint32_t i = 0; i < bytes; ++i)
        body += static_cast<char>('A' + (i * 7 + i / 251) % 53);
    return body;
}

}  // namespace dialtone::conformance
