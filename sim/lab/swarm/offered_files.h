// SPDX-License-Identifier: Apache-2.0
//
// The configuration files that the laboratory's servers offer, good and bad. Every value of a file
// is its mark, so that a mixture of two files shows; a file may also break the phone's network, or
// name another server, as an administrator's mistake would.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/generation.h"
#include "sim/lab/file_signing.h"
#include "sim/lab/vendor/vendor.h"

namespace dialtone::sim {

enum class FileKind : uint8_t {
    good,
    breaks_network,  // the phone reaches no server while this is its configuration
    names_server,    // and it is not there
    html_page,
    broken,     // ends in the middle, though all of it was sent
    other_mac,  // another phone's
    empty,
    other_vendor,
    absent,
    count_
};

// What all secrets of the laboratory contain, and nothing else does.
inline constexpr std::string_view secret_mark = "hush";
inline constexpr std::string_view file_password = "hush-file";

// The files of one server, as the phone of their vendor asks for them.
struct FileSet {
    std::string device_name = {};  // empty: absent
    std::string device = {};
    std::string common_name = {};  // empty: there is none
    std::string common = {};
    std::string device_signature = {};  // empty: there is none
    std::string common_signature = {};
};

struct FileSpec {
    FileKind kind = FileKind::good;
    std::string mark = {};
    uint32_t name = 0;  // which of the names that the vendor's phones ask for
    bool encrypted = false;
    std::string_view password = file_password;  // of the encrypted file
    KeyValues sets = {};                        // more keys of the device file
    uint32_t filler_bytes = 0;
    const LabKey* key = nullptr;  // signs them; nullptr: nothing does
    uint32_t serial = 0;          // of both, 0: they have none
};

// FileSpec::name is drawn below this, whatever the vendor.
inline constexpr uint32_t name_choices = 4;

FileSet make_files(const LabVendor& vendor, const FileSpec& spec);

// Read back from a generation. mark_of: empty without a configuration, "?" for a mixture.
std::string mark_of(const LabVendor& vendor, const Generation& generation);
std::string common_mark_of(const LabVendor& vendor, const Generation& generation);
bool breaks_network(const LabVendor& vendor, const Generation& generation);
// What the lines handed to the hooks say about the network: "fine", "broken", or "" where
// the key is gone; nullopt: nothing.
std::optional<std::string_view> network_word(const LabVendor& vendor, std::string_view key_lines);
inline constexpr std::string_view lost_server = "10.0.0.250/lost";

}  // namespace dialtone::sim
