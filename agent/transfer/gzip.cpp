// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/gzip.h"

#include <algorithm>
#include <utility>

namespace dialtone {
namespace {

constexpr uint32_t magic_deflate = 0x088b1f;  // ID1, ID2, CM (RFC 1952 2.3)
constexpr uint8_t gzip_id1 = 0x1f;
constexpr uint8_t flag_header_check = 0x02;
constexpr uint8_t flag_extra = 0x04;
constexpr uint8_t flag_name = 0x08;
constexpr uint8_t flag_comment = 0x10;
constexpr uint8_t flags_reserved = 0xe0;

// RFC 1951 3.2.5 to 3.2.7.
constexpr uint32_t end_of_block = 256;
constexpr uint32_t literals_at_most = 286;
constexpr uint32_t distances_at_most = 30;
constexpr uint32_t match_lengths = 29;
constexpr std::pair<uint32_t, uint8_t> fixed_lengths[] = {
    {144, 8}, {112, 9}, {24, 7}, {8, 8}, {32, 5}};
constexpr uint8_t order_of_lengths[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                        11, 4,  12, 3, 13, 2, 14, 1, 15};

// CRC-32 of RFC 1952 8, four bits at a time.
constexpr uint32_t crc_step(uint32_t crc) {
    for (int bit = 0; bit < 4; ++bit)
        crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    return crc;
}
struct CrcTable {
    uint32_t entries[16] = {};
    constexpr CrcTable() {
        for (uint32_t i = 0; i < 16; ++i)
            entries[i] = crc_step(i);
    }
};
constexpr CrcTable crc_table;

uint32_t crc_with(uint32_t crc, uint8_t octet) {
    crc ^= octet;
    crc = (crc >> 4) ^ crc_table.entries[crc & 15U];
    return (crc >> 4) ^ crc_table.entries[crc & 15U];
}

}  // namespace

void GzipDecoder::give(std::span<const uint8_t> bytes) {
    input_.assign(bytes.begin(), bytes.end());
    taken_ = 0;
    began_ = began_ || !bytes.empty();
}

bool GzipDecoder::decode(size_t room, std::vector<uint8_t>& output) {
    const size_t end = output.size() + room;
    Step made = Step::done;
    while (made == Step::done) {
        refill();
        made = step(output, end);
    }
    has_more_ = made == Step::needs_room;
    return made != Step::broken;
}

// As many whole bytes as fit: more than the 48 bits that the longest length with its distance has.
void GzipDecoder::refill() {
    while (bit_count_ <= 56 && taken_ < input_.size()) {
        bits_ |= uint64_t{input_[taken_++]} << bit_count_;
        bit_count_ += 8;
    }
}

// There are as many.
uint32_t GzipDecoder::take_bits(uint32_t count) {
    const auto value = static_cast<uint32_t>(bits_ & ((uint64_t{1} << count) - 1));
    bits_ >>= count;
    bit_count_ -= count;
    return value;
}

GzipDecoder::Step GzipDecoder::step(std::vector<uint8_t>& output, size_t end) {
    switch (phase_) {
        case Phase::magic:
            return read_magic();
        case Phase::header:
            if (bit_count_ < 48) return Step::needs_bits;
            take_bits(24);  // time
            take_bits(24);  // and kind of system
            return read_header(Phase::extra_length);
        case Phase::extra_length:
            if (bit_count_ < 16) return Step::needs_bits;
            left_ = take_bits(16);
            phase_ = Phase::extra;
            return Step::done;
        case Phase::extra:
            if (left_ == 0) return read_header(Phase::name);
            if (bit_count_ < 8) return Step::needs_bits;
            take_bits(8);
            --left_;
            return Step::done;
        case Phase::name:
            return skip_text(Phase::comment);
        case Phase::comment:
            return skip_text(Phase::header_check);
        case Phase::header_check:
            if (bit_count_ < 16) return Step::needs_bits;
            take_bits(16);
            phase_ = Phase::block;
            return Step::done;
        case Phase::block:
            return begin_block();
        case Phase::stored_length:
            return begin_stored();
        case Phase::stored:
            return copy_stored(output, end);
        case Phase::table_sizes:
            return read_table_sizes();
        case Phase::table_order:
            return read_table_order();
        case Phase::table_lengths:
            return read_table_lengths();
        case Phase::symbol:
            return read_symbol(output, end);
        case Phase::copy:
            return copy(output, end);
        case Phase::check:
            return read_check();
        case Phase::size:
            return read_size();
        case Phase::behind:
            return begin_member();
        case Phase::trailing:
            bits_ = bit_count_ = 0;
            taken_ = static_cast<uint32_t>(input_.size());
            return Step::needs_bits;
    }
    __builtin_unreachable();
}

// --- the header and the end of a member ----------------------------------------------------------

GzipDecoder::Step GzipDecoder::read_magic() {
    if (bit_count_ < 32) {
        // A text of three bytes is no gzip either.
        const uint32_t known = bit_count_ >= 24 ? 24 : bit_count_;
        is_gzip_ = ((bits_ ^ magic_deflate) & ((uint64_t{1} << known) - 1)) == 0;
        return is_gzip_ ? Step::needs_bits : Step::broken;
    }
    is_gzip_ = take_bits(24) == magic_deflate;
    flags_ = static_cast<uint8_t>(take_bits(8));
    if (!is_gzip_ || (flags_ & flags_reserved) != 0) return Step::broken;
    crc_ = UINT32_MAX;
    member_bytes_ = reach_ = 0;
    phase_ = Phase::header;
    return Step::done;
}

// The first part from `next` on that the flags announce.
GzipDecoder::Step GzipDecoder::read_header(Phase next) {
    constexpr std::pair<Phase, uint8_t> parts[] = {{Phase::extra_length, flag_extra},
                                                   {Phase::name, flag_name},
                                                   {Phase::comment, flag_comment},
                                                   {Phase::header_check, flag_header_check}};
    for (const auto& [phase, flag] : parts) {
        if (phase < next || (flags_ & flag) == 0) continue;
        phase_ = phase;
        return Step::done;
    }
    phase_ = Phase::block;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::skip_text(Phase next) {
    if (bit_count_ < 8) return Step::needs_bits;
    return take_bits(8) == 0 ? read_header(next) : Step::done;
}

GzipDecoder::Step GzipDecoder::read_check() {
    if (bit_count_ < 32) return Step::needs_bits;
    if (take_bits(32) != ~crc_) return Step::broken;
    phase_ = Phase::size;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::read_size() {
    if (bit_count_ < 32) return Step::needs_bits;
    if (take_bits(32) != member_bytes_) return Step::broken;
    phase_ = Phase::behind;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::begin_member() {
    if (bit_count_ < 8) return Step::needs_bits;
    phase_ = (bits_ & 0xff) == gzip_id1 ? Phase::magic : Phase::trailing;
    return Step::done;
}

// --- blocks --------------------------------------------------------------------------------------

GzipDecoder::Step GzipDecoder::begin_block() {
    if (bit_count_ < 3) return Step::needs_bits;
    is_last_block_ = take_bits(1) != 0;
    const uint32_t kind = take_bits(2);
    constexpr Phase phases[] = {Phase::stored_length, Phase::symbol, Phase::table_sizes};
    if (kind >= std::size(phases)) return Step::broken;
    phase_ = phases[kind];
    if (phase_ != Phase::symbol) return Step::done;
    uint8_t* lengths = lengths_;
    for (const auto& [count, length] : fixed_lengths)
        lengths = std::fill_n(lengths, count, length);
    return begin_symbols(literal_codes, distance_codes);
}

GzipDecoder::Step GzipDecoder::end_block() {
    phase_ = is_last_block_ ? Phase::check : Phase::block;
    if (is_last_block_) take_bits(bit_count_ % 8);
    return Step::done;
}

GzipDecoder::Step GzipDecoder::begin_stored() {
    const uint32_t to_whole_byte = bit_count_ % 8;
    if (bit_count_ < to_whole_byte + 32) return Step::needs_bits;
    take_bits(to_whole_byte);
    left_ = take_bits(16);
    if ((take_bits(16) ^ left_) != 0xffff) return Step::broken;
    phase_ = Phase::stored;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::copy_stored(std::vector<uint8_t>& output, size_t end) {
    if (left_ == 0) return end_block();
    if (output.size() >= end) return Step::needs_room;
    if (bit_count_ < 8) return Step::needs_bits;
    put(output, static_cast<uint8_t>(take_bits(8)));
    --left_;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::read_table_sizes() {
    if (bit_count_ < 14) return Step::needs_bits;
    literals_ = take_bits(5) + 257;
    distances_ = take_bits(5) + 1;
    order_ = take_bits(4) + 4;
    if (literals_ > literals_at_most || distances_ > distances_at_most) return Step::broken;
    known_ = 0;
    std::fill_n(lengths_, length_codes, uint8_t{0});
    phase_ = Phase::table_order;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::read_table_order() {
    if (known_ < order_) {
        if (bit_count_ < 3) return Step::needs_bits;
        lengths_[order_of_lengths[known_++]] = static_cast<uint8_t>(take_bits(3));
        return Step::done;
    }
    if (!literal_code_.set({lengths_, length_codes}, false)) return Step::broken;
    known_ = 0;
    phase_ = Phase::table_lengths;
    return Step::done;
}

// A symbol below 16 is a length, the others repeat one (RFC 1951 3.2.7).
GzipDecoder::Step GzipDecoder::read_table_lengths() {
    struct Repetition {
        uint8_t bits;
        uint8_t at_least;
    };
    constexpr Repetition repetitions[] = {{2, 3}, {3, 3}, {7, 11}};
    if (known_ == literals_ + distances_) return begin_symbols(literals_, distances_);
    const uint64_t bits = bits_;
    const uint32_t bit_count = bit_count_;
    uint32_t symbol = 0;
    const Step made = read_code(literal_code_, symbol);
    if (made != Step::done) return made;
    uint32_t count = 1;
    auto length = static_cast<uint8_t>(symbol);
    if (symbol >= 16) {
        const Repetition& repetition = repetitions[symbol - 16];
        if (bit_count_ < repetition.bits) {
            bits_ = bits;
            bit_count_ = bit_count;
            return Step::needs_bits;
        }
        count = repetition.at_least + take_bits(repetition.bits);
        if (symbol == 16 && known_ == 0) return Step::broken;
        length = symbol == 16 ? lengths_[known_ - 1] : uint8_t{0};
    }
    if (known_ + count > literals_ + distances_) return Step::broken;
    std::fill_n(lengths_ + known_, count, length);
    known_ += count;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::begin_symbols(uint32_t literals, uint32_t distances) {
    const bool holds = lengths_[end_of_block] != 0 &&
                       literal_code_.set({lengths_, literals}, true) &&
                       distance_code_.set({lengths_ + literals, distances}, true);
    phase_ = Phase::symbol;
    return holds ? Step::done : Step::broken;
}

GzipDecoder::Step GzipDecoder::read_symbol(std::vector<uint8_t>& output, size_t end) {
    if (output.size() >= end) return Step::needs_room;
    const uint64_t bits = bits_;
    const uint32_t bit_count = bit_count_;
    uint32_t symbol = 0;
    Step made = read_code(literal_code_, symbol);
    if (made == Step::done) {
        if (symbol == end_of_block) return end_block();
        if (symbol < end_of_block) {
            put(output, static_cast<uint8_t>(symbol));
            return Step::done;
        }
        made = read_match(symbol - end_of_block - 1);
    }
    if (made != Step::needs_bits) return made;
    bits_ = bits;
    bit_count_ = bit_count;
    return Step::needs_bits;
}

// A length and a distance (RFC 1951 3.2.5): each symbol is a base, 2 or 4 of them in a row with as
// many further bits.
GzipDecoder::Step GzipDecoder::read_match(uint32_t symbol) {
    if (symbol >= match_lengths) return Step::broken;
    const bool is_longest = symbol == match_lengths - 1;
    const uint32_t length_bits = symbol < 8 || is_longest ? 0 : symbol / 4 - 1;
    const uint32_t length_base = is_longest   ? 258
                                 : symbol < 8 ? 3 + symbol
                                              : 3 + ((4 + symbol % 4) << length_bits);
    if (bit_count_ < length_bits) return Step::needs_bits;
    left_ = length_base + take_bits(length_bits);
    if (const Step made = read_code(distance_code_, symbol); made != Step::done) return made;
    if (symbol >= distances_at_most) return Step::broken;
    const uint32_t distance_bits = symbol < 4 ? 0 : symbol / 2 - 1;
    if (bit_count_ < distance_bits) return Step::needs_bits;
    const uint32_t base = symbol < 2 ? symbol : (2 + symbol % 2) << distance_bits;
    distance_ = 1 + base + take_bits(distance_bits);
    if (distance_ > reach_) return Step::broken;
    phase_ = Phase::copy;
    return Step::done;
}

GzipDecoder::Step GzipDecoder::copy(std::vector<uint8_t>& output, size_t end) {
    for (; left_ != 0; --left_) {
        if (output.size() >= end) return Step::needs_room;
        put(output, window_[(place_ - distance_) % window_bytes]);
    }
    phase_ = Phase::symbol;
    return Step::done;
}

// --- codes ---------------------------------------------------------------------------------------

bool GzipDecoder::Code::set(std::span<const uint8_t> lengths, bool may_be_single) {
    std::fill(std::begin(counts), std::end(counts), uint16_t{0});
    for (const uint8_t length : lengths)
        ++counts[length];
    counts[0] = 0;
    uint16_t places[longest_code + 2] = {};
    int32_t left = 1;
    for (uint32_t length = 1; length <= longest_code; ++length) {
        left = 2 * left - counts[length];
        if (left < 0) return false;
        places[length + 1] = static_cast<uint16_t>(places[length] + counts[length]);
    }
    for (uint32_t symbol = 0; symbol < lengths.size(); ++symbol) {
        if (lengths[symbol] != 0)
            symbols[places[lengths[symbol]]++] = static_cast<uint16_t>(symbol);
    }
    const bool is_single = places[longest_code + 1] == counts[1] && counts[1] <= 1;
    return left == 0 || (may_be_single && is_single);
}

// The codes of one length are consecutive numbers, and those of the next begin behind twice their
// end (RFC 1951 3.2.2).
GzipDecoder::Step GzipDecoder::read_code(const Code& code, uint32_t& symbol) {
    uint32_t value = 0;
    uint32_t first = 0;
    uint32_t index = 0;
    for (uint32_t length = 1; length <= longest_code; ++length) {
        if (bit_count_ < length) return Step::needs_bits;
        value = 2 * value + static_cast<uint32_t>(bits_ >> (length - 1) & 1U);
        const uint32_t count = code.counts[length];
        if (value - first < count) {
            symbol = code.symbols[index + value - first];
            take_bits(length);
            return Step::done;
        }
        index += count;
        first = 2 * (first + count);
    }
    return Step::broken;
}

void GzipDecoder::put(std::vector<uint8_t>& output, uint8_t octet) {
    output.push_back(octet);
    window_[place_] = octet;
    place_ = (place_ + 1) % window_bytes;
    reach_ = std::min(reach_ + 1, window_bytes);
    ++member_bytes_;
    crc_ = crc_with(crc_, octet);
}

}  // namespace dialtone
