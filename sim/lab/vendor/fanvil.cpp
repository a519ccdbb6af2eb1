// SPDX-License-Identifier: Apache-2.0
//
// Fanvil's phones: a text of modules, lists and keys, one for the device and a common one.
#include "sim/lab/vendor/vendor.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view device_names[] = {"0c383e07e16c.cfg"};

// Keys come as MODULE/Key or MODULE/List/Key, those of one module and list side by side. The MAC
// address is in the file's name alone, unless the file is signed.
std::string write_text(std::string_view, const KeyValues& values) {
    std::string out = "<<VOIP CONFIG FILE>>Version:2.0002";
    out.resize(62, ' ');
    out += "\r\n\r\n";
    std::string_view module;
    std::string_view list;
    for (const auto& [key, value] : values) {
        const auto first = key.find('/');
        const auto last = key.rfind('/');
        if (first == std::string_view::npos) {  // what comes before the first module
            out.append(key).append(" :").append(value).append("\r\n");
            continue;
        }
        if (key.substr(0, first) != module) {
            module = key.substr(0, first);
            list = {};
            out.append("<").append(module).append(">\r\n");
        }
        if (last != first && key.substr(first + 1, last - first - 1) != list) {
            list = key.substr(first + 1, last - first - 1);
            out.append("--").append(list).append("--  :\r\n");
        }
        out.append(key.substr(last + 1)).append(" :").append(value).append("\r\n");
    }
    return out + "<<END OF FILE>>\r\n";
}

}  // namespace

const LabVendor& fanvil_lab_vendor() {
    static constexpr LabVendor vendor = {
        .profile = "fanvil",
        .one_in = 3,
        .mac = "0c383e07e16c",
        .device_names = device_names,
        .common_name = "f0X4hw1.100.cfg",
        .mark_keys = {"SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number",
                      "SIP CONFIG MODULE/SIP Line List/SIP1 Display Name",
                      "PHONE FEATURE MODULE/Banner Title"},
        .common_mark_keys = {"GLOBAL CONFIG MODULE/SNTP Server",
                             "GLOBAL CONFIG MODULE/Time Zone Name"},
        .unmarked_key = "PHONE FEATURE MODULE/Door",
        .network_key = "NETWORK CONFIG MODULE/Net State",
        .server_key = "AUTOUPDATE CONFIG MODULE/Flash Server IP",
        .user_key = "AUTOUPDATE CONFIG MODULE/Default Username",
        .password_key = "AUTOUPDATE CONFIG MODULE/Default Password",
        .file_key = "AUTOUPDATE CONFIG MODULE/Device Cfg File Key",
        .escapes_colon_in_upper_case = false,
        .file_start = "<<VOIP CONFIG FILE>>",
        .broken_bytes = 20,
        .write_file = write_text,
    };
    return vendor;
}

}  // namespace dialtone::sim
