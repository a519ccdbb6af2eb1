// SPDX-License-Identifier: Apache-2.0
//
// Decodes gzip (RFC 1952) of DEFLATE (RFC 1951) piece by piece, for servers that send a file with
// Content-Encoding: gzip although nobody asked for it (RFC 9110 8.4.1.3). Called by the Linux
// world's transfers. zlib's inflate would be 17 KB of a phone's flash; this is 3 KB and slower.
//
// Bounds: 32 KB of what came before, the tables of a block, and the bytes given last. How much is
// decoded at a time says the caller, whatever the bytes promise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dialtone {

class GzipDecoder {
  public:
    // The next bytes. Only when nothing is left of the last ones: has_more() is false.
    void give(std::span<const uint8_t> bytes);
    // Puts at most `room` bytes behind `output`. False: they are no gzip, or damaged.
    bool decode(size_t room, std::vector<uint8_t>& output);
    // decode() may give more without being given anything.
    bool has_more() const { return has_more_; }
    // Nothing is missing: no byte came, or one or more members did, to their ends. What stands
    // behind the last one and begins no other is left out.
    bool is_whole() const { return phase_ >= Phase::behind || !began_; }
    // False: what came is something else than gzip, from its first bytes on.
    bool was_gzip() const { return is_gzip_; }

  private:
    // What comes next; each is done when its bits are there.
    enum class Phase : uint8_t {
        magic,
        header,  // the rest of its fixed part
        extra_length,
        extra,
        name,
        comment,
        header_check,
        block,
        stored_length,
        stored,
        table_sizes,
        table_order,    // code lengths of the code lengths
        table_lengths,  // code lengths of literals and distances
        symbol,
        copy,
        check,
        size,
        behind,  // the end of a member
        trailing,
    };
    // What became of a phase.
    enum class Step : uint8_t { done, needs_bits, needs_room, broken };

    static constexpr uint32_t window_bytes = 32 * 1024;
    static constexpr uint32_t longest_code = 15;
    static constexpr uint32_t literal_codes = 288;
    static constexpr uint32_t distance_codes = 32;
    static constexpr uint32_t length_codes = 19;

    // A canonical Huffman code: how many symbols have each length, and the symbols in order.
    struct Code {
        uint16_t counts[longest_code + 1];
        uint16_t symbols[literal_codes];

        // False: more codes than there are, or fewer, but for a single one (RFC 1951 3.2.7).
        bool set(std::span<const uint8_t> lengths, bool may_be_single);
    };

    void refill();
    uint32_t take_bits(uint32_t count);
    Step skip_text(Phase next);
    Step step(std::vector<uint8_t>& output, size_t end);
    Step read_magic();
    Step read_header(Phase next);
    Step begin_block();
    Step begin_stored();
    Step copy_stored(std::vector<uint8_t>& output, size_t end);
    Step read_table_sizes();
    Step read_table_order();
    Step read_table_lengths();
    Step begin_symbols(uint32_t literals, uint32_t distances);
    Step read_symbol(std::vector<uint8_t>& output, size_t end);
    Step read_match(uint32_t symbol);
    Step copy(std::vector<uint8_t>& output, size_t end);
    Step end_block();
    Step read_check();
    Step read_size();
    Step begin_member();
    Step read_code(const Code& code, uint32_t& symbol);
    void put(std::vector<uint8_t>& output, uint8_t octet);

    std::vector<uint8_t> input_ = {};
    uint32_t taken_ = 0;  // of it
    uint64_t bits_ = 0;
    uint32_t bit_count_ = 0;
    Phase phase_ = Phase::magic;
    bool began_ = false;
    bool is_gzip_ = true;
    bool has_more_ = false;
    bool is_last_block_ = false;
    uint8_t flags_ = 0;
    uint32_t left_ = 0;  // bytes to skip or to copy
    uint32_t distance_ = 0;
    uint32_t crc_ = 0;
    uint32_t member_bytes_ = 0;  // modulo 2^32, as a member has it
    uint32_t reach_ = 0;         // so far back may a copy begin
    uint32_t literals_ = 0;      // of a block's tables: so many codes
    uint32_t distances_ = 0;
    uint32_t order_ = 0;  // code lengths of the code lengths: how many there are
    uint32_t known_ = 0;  // of the lengths that are read
    uint8_t lengths_[literal_codes + distance_codes] = {};
    Code literal_code_ = {};
    Code distance_code_ = {};
    uint8_t window_[window_bytes] = {};
    uint32_t place_ = 0;  // of the next byte in it
};

}  // namespace dialtone
