// SPDX-License-Identifier: Apache-2.0
//
// Messages of STUN as CWMP uses it: RFC 3489 with the two attributes of TR-069 Annex G. What a
// server by RFC 5389 says is understood where it means the same. Called by the STUN engines.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/address.h"
#include "agent/result.h"

namespace dialtone {

enum class StunType : uint16_t {
    binding_request = 0x0001,
    binding_response = 0x0101,
    binding_error = 0x0111,
};

// RFC 3489 11.2, RFC 5389 18.2, TR-069 G.2.1.1.
enum class StunAttribute : uint16_t {
    mapped_address = 0x0001,
    response_address = 0x0002,
    change_request = 0x0003,
    source_address = 0x0004,
    changed_address = 0x0005,
    username = 0x0006,
    message_integrity = 0x0008,
    error_code = 0x0009,
    unknown_attributes = 0x000a,
    reflected_from = 0x000b,
    xor_mapped_address = 0x0020,
    connection_request_binding = 0xc001,
    binding_change = 0xc002,
};

// The value of CONNECTION-REQUEST-BINDING, whose blank makes it a multiple of four bytes.
inline constexpr std::string_view connection_request_binding_value = "dslforum.org/TR-111 ";

using StunTransaction = std::array<uint8_t, 16>;

struct StunEndpoint {
    Address address = {};
    uint16_t port = 0;
    bool operator==(const StunEndpoint&) const = default;
};

struct StunMessage {
    uint16_t type = 0;
    StunTransaction transaction = {};
    // The first one of its kind each; of MAPPED-ADDRESS and XOR-MAPPED-ADDRESS the latter counts,
    // which no gateway rewrites.
    std::optional<StunEndpoint> mapped_address = {};
    std::optional<StunEndpoint> response_address = {};
    std::optional<StunEndpoint> source_address = {};
    std::optional<StunEndpoint> changed_address = {};
    std::optional<StunEndpoint> reflected_from = {};
    std::string username = {};
    uint16_t error = 0;  // 300 to 699; 0: none
    std::string error_words = {};
    bool changes_address = false;  // CHANGE-REQUEST
    bool changes_port = false;
    bool has_connection_request_binding = false;
    bool has_binding_change = false;
    bool has_unknown = false;   // an attribute that has to be understood, and is not
    uint32_t integrity_at = 0;  // where MESSAGE-INTEGRITY begins; 0: there is none
};

// Errors: malformed, too_big (limits::stun_message_bytes, limits::stun_attributes).
Result<StunMessage> read_stun(std::span<const uint8_t> bytes);

// Whether the MESSAGE-INTEGRITY of what read_stun() has read is made with the password.
bool has_integrity(std::span<const uint8_t> bytes, const StunMessage& message,
                   std::string_view password);

// Builds a message attribute by attribute.
class StunWriter {
  public:
    StunWriter(StunType type, const StunTransaction& transaction);

    void add(StunAttribute attribute, std::span<const uint8_t> value);
    void add(StunAttribute attribute, std::string_view text);  // padded with blanks
    void add(StunAttribute attribute, const StunEndpoint& endpoint);
    // The last one: of all that was added before.
    void add_integrity(std::string_view password);
    std::vector<uint8_t> take() { return std::move(bytes_); }

  private:
    void set_length(uint64_t bytes);

    std::vector<uint8_t> bytes_ = {};
};

}  // namespace dialtone
