// SPDX-License-Identifier: Apache-2.0
//
// Grandstream's phones: XML with P values, for the device alone, perhaps encrypted.
#include "sim/lab/vendor/vendor.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view device_names[] = {"cfg000b82273b89.xml", "cfg000b82273b89",
                                             "cfggxp1628.xml", "cfg.xml"};

std::string write_xml(std::string_view mac, const KeyValues& values) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\">\n<mac>";
    out.append(mac).append("</mac>\n<config version=\"1\">\n");
    for (const auto& [key, value] : values)
        out.append("<").append(key).append(">").append(value).append("</").append(key).append(
            ">\n");
    return out + "</config>\n</gs_provision>\n";
}

}  // namespace

const LabVendor& grandstream_lab_vendor() {
    static constexpr LabVendor vendor = {
        .profile = "grandstream",
        .mac = "000b82273b89",
        .device_names = device_names,
        .mark_keys = {"P270", "P3", "P35"},
        .unmarked_key = "P330",
        .network_key = "P8888",
        .server_key = "P237",
        .user_key = "P1360",
        .password_key = "P1361",
        .file_key = "P1359",
        .encrypts = true,
        .always_names_phone = true,
        .file_start = "<?xml",
        .write_file = write_xml,
    };
    return vendor;
}

}  // namespace dialtone::sim
