// SPDX-License-Identifier: Apache-2.0
//
// Signs files as `openssl dgst -sha256 -sign KEY` does, for the laboratory's servers and for
// administrators without openssl. agent/signature.h checks what this makes.
//
// Who calls it: sign_command.cpp, the servers of crash and swarm, the tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/result.h"

namespace dialtone::sim {

// Fills `bytes` with random ones; 0 when it has. `context` is handed through.
using DrawRandom = int (*)(void* context, unsigned char* bytes, size_t count);

// The signature of `file` by the private key in the PEM text, ECDSA or RSA.
// Errors: malformed (no such key), unsupported (a key that cannot sign).
Result<std::string> sign_file(std::string_view private_pem, std::string_view file, DrawRandom draw,
                              void* context);

// The MAC address in the last part of a path, as 12 lower-case hexadecimal digits: it stands there
// bare, or with one ':', '-', '.' or '_' between its octets. Empty: there is none.
std::string mac_in_name(std::string_view path);

// Whom a configuration file says that it is for.
enum class Named : uint8_t {
    the_phone,
    another,
    nobody,   // it is plain and says nothing, or is no configuration
    unknown,  // it is encrypted
};
Named who_is_named(std::string_view mac, std::string_view file);

struct LabKey {
    std::string_view private_pem;
    std::string_view public_key;  // as the setting has it
};

// The keys of the laboratory's administrators, which the whole world knows. The first one is RSA,
// which is quickly checked; the other one is for ECDSA.
extern const LabKey lab_key;
extern const LabKey other_lab_key;

// The same bytes each time, and quickly the second time.
const std::string& lab_signature(const LabKey& key, const std::string& file);

}  // namespace dialtone::sim
