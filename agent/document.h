// SPDX-License-Identifier: Apache-2.0
//
// What a configuration file says, whatever its format was: an ordered list of keys and values.
// The parsers in config/ make Documents; the agent overlays them on the last generation.
//
// Keys are the vendor's own names, spelt so that they are unique within a phone: `P47` for
// Grandstream and Htek, `MODULE/Sub List/Key` for Fanvil.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

struct ConfigFormat;  // config/config_format.h

enum class FileCipher : uint8_t {
    none,
    aes_256_cbc_md5,         // openssl enc, key from EVP_BytesToKey with MD5
    aes_256_cbc_sha256,      // the same with SHA-256, OpenSSL's default since 1.1.0
    aes_256_cbc_pbkdf2,      // openssl enc -pbkdf2
    aes_256_cbc_md5_nosalt,  // openssl enc -nosalt, no header in the file
    aes_256_cbc_sha256_nosalt,
    aes_256_cbc_pbkdf2_nosalt,
};

std::string_view cipher_name(FileCipher cipher);

struct Entry {
    std::string key;
    std::string value;
    uint32_t line = 0;  // where it stands in its file, counted from 1; 0 when not known
};

struct Warning {
    Position where;
    std::string detail;
};

struct Document {
    const ConfigFormat* format = nullptr;  // whose parser made it; never none then
    FileCipher cipher = FileCipher::none;
    std::string version = {};  // as the file states it, for people; empty when it states none
    bool names_phone = false;  // it says that it is for this phone and no other
    uint64_t serial = 0;       // among the files for the phone, or for all; 0: it has none
    std::vector<Entry> entries = {};  // unique keys, in the order of the file; the last one won
    std::vector<Warning> warnings = {};
};

}  // namespace dialtone
