// SPDX-License-Identifier: Apache-2.0
//
// What the laboratory has to know of a vendor beside the agent's profile of it: which files its
// servers offer, which keys of them the laboratory reads back, and how such a file is written. One
// file of data a vendor; the laboratory itself names none.
//
// Who calls it: the swarm's scenarios, servers and runs; crash and fleet, for the vendor they use.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/profile.h"

namespace dialtone::sim {

using KeyValues = std::vector<std::pair<std::string_view, std::string>>;

struct LabVendor {
    std::string_view profile;  // its name in the agent
    // One phone in so many of the swarm is this vendor's; 0: those that no other vendor has.
    uint32_t one_in = 0;
    std::string_view mac;
    // The file names that its phones ask for, the one of the device and perhaps a common one.
    std::span<const std::string_view> device_names;
    std::string_view common_name = {};
    // Keys of the device file and of the common one that carry the mark of the file's version.
    // Those of the device may be followed by filler in the last one.
    std::string_view mark_keys[3];
    std::string_view common_mark_keys[2] = {};
    std::string_view unmarked_key;    // no file has it: an operator may set it
    std::string_view network_key;     // "fine" or "broken": what it does to the phone's network
    std::string_view server_key;      // names a provisioning server
    std::string_view user_key;        // for the phone's provisioning servers
    std::string_view password_key;    // beside it
    std::string_view file_key;        // sets a password or key to encrypted files
    bool encrypts = false;            // its files may be encrypted (openssl_enc.h)
    bool always_names_phone = false;  // write_file() puts the MAC address in; else a key `mac` does
    // Some of its SUBSCRIBEs escape the colon of the user as %3A.
    bool escapes_colon_in_upper_case = true;
    std::string_view file_start;  // how each of its files begins
    // 0: a file that ends in the middle is broken. Else the format does not tell where a file ends,
    // and only one that ends within so many bytes is broken.
    uint32_t broken_bytes = 0;
    // A key `mac` or `serial` is no value of the phone's (agent/config/addressee.h).
    std::string (*write_file)(std::string_view mac, const KeyValues& values);
};

// All vendors whose profile the agent has; the first one is drawn when no other is.
std::span<const LabVendor* const> lab_vendors();
// The vendor of a profile that is in the list.
const LabVendor& vendor_of(const Profile& profile);
// The vendor that a plain file is of; nullptr: it is encrypted, or no vendor's.
const LabVendor* vendor_of_file(std::string_view body);

// One file of the folder each.
const LabVendor& grandstream_lab_vendor();
const LabVendor& fanvil_lab_vendor();

}  // namespace dialtone::sim
