// SPDX-License-Identifier: Apache-2.0
//
// The frame around every durable file of the agent: a magic and a version, tag-length-values, and
// a SHA-256 at the end. codec.cpp and record.cpp say what the tags mean.
//
//     file   = magic:4 version:u8 { tlv } tag 0xFF length 32 sha256 of everything before it
//     tlv    = tag:u8 length:u32be value
//
// All numbers are big-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "agent/result.h"
#include "agent/unknown_tag.h"

namespace dialtone {

inline constexpr uint32_t tlv_magic_bytes = 4;
inline constexpr uint32_t tlv_head_bytes = 5;     // tag and length
inline constexpr uint32_t tlv_preface_bytes = 5;  // magic and version
inline constexpr uint8_t tlv_seal_tag = 0xff;

// Bytes of one value, or of a whole file, on their way out.
class ByteWriter {
  public:
    ByteWriter& u8(uint8_t number);
    ByteWriter& u16(uint16_t number);
    ByteWriter& u32(uint32_t number);
    ByteWriter& u64(uint64_t number);
    ByteWriter& bytes(std::span<const uint8_t> bytes);
    ByteWriter& text(std::string_view text);
    ByteWriter& short_text(std::string_view text);  // its length as u16 before it

    void clear() { bytes_.clear(); }
    std::span<const uint8_t> view() const { return bytes_; }
    std::vector<uint8_t> take() { return std::move(bytes_); }

  private:
    std::vector<uint8_t> bytes_ = {};
};

class TlvWriter {
  public:
    TlvWriter(std::string_view magic, uint8_t version);
    void put(uint8_t tag, std::span<const uint8_t> value);
    // Closes the file with its checksum; the writer is used up.
    std::vector<uint8_t> seal();

  private:
    ByteWriter out_ = {};
};

// Reads one value. A read past the end gives 0 or nothing and makes whole() false for good, so
// that a caller reads all fields and asks once.
class ByteReader {
  public:
    explicit ByteReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

    uint8_t u8();
    uint16_t u16();
    uint32_t u32();
    uint64_t u64();
    std::span<const uint8_t> bytes(uint32_t count);
    std::string_view short_text();
    std::string_view rest_as_text();

    // Everything was there and nothing is left.
    bool whole() const { return !overrun_ && rest_.empty(); }

  private:
    uint64_t number(uint32_t octets);

    std::span<const uint8_t> rest_;
    bool overrun_ = false;
};

struct Tlv {
    uint8_t tag = 0;
    std::span<const uint8_t> value = {};
    uint32_t offset = 0;  // of the tag, in the file
};

// The tag-length-values of a file whose frame holds. Views into the file.
class TlvReader {
  public:
    // Errors, with the offset: too_big (over `limit_bytes`), truncated, malformed (another magic),
    // unsupported (a version over `version`), corrupt (the checksum does not hold).
    static Result<TlvReader> open(std::span<const uint8_t> file, std::string_view magic,
                                  uint8_t version, uint32_t limit_bytes);

    // The next one without the seal; nothing at the end. Cannot fail: open() looked at all of it.
    std::optional<Tlv> next();

  private:
    explicit TlvReader(std::span<const uint8_t> file) : file_(file) {}

    std::span<const uint8_t> file_;
    uint32_t at_ = tlv_preface_bytes;
};

// False when it is over limits::unknown_tags_kept or limits::unknown_tag_bytes with those that are
// kept already; the file is read without it then.
[[nodiscard]] bool keep_unknown(std::vector<UnknownTag>& unknown, const Tlv& tlv);
void put_unknown(TlvWriter& out, std::span<const UnknownTag> unknown);

// For tags below 32 that may stand in a file once: marks one in `seen`. Errors: malformed when it
// was there already.
Status see_once(uint32_t& seen, const Tlv& tlv);

}  // namespace dialtone
