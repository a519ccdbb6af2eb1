// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/offered_files.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "sim/lab/swarm/openssl_enc.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view other_mac = "000b82ffffff";

KeyValues common_values(const LabVendor& vendor, const FileSpec& spec) {
    KeyValues values;
    if (spec.serial != 0) values.emplace_back("serial", std::to_string(spec.serial));
    for (const std::string_view key : vendor.common_mark_keys)
        values.emplace_back(key, spec.mark);
    return values;
}

KeyValues device_values(const LabVendor& vendor, const FileSpec& spec, std::string_view mac) {
    KeyValues values;
    if (spec.key != nullptr && !vendor.always_names_phone) values.emplace_back("mac", mac);
    if (spec.serial != 0) values.emplace_back("serial", std::to_string(spec.serial));
    for (const std::string_view key : vendor.mark_keys)
        values.emplace_back(key, spec.mark);
    values.back().second.append(spec.filler_bytes, '.');
    const bool breaks = spec.kind == FileKind::breaks_network;
    values.emplace_back(vendor.network_key, breaks ? "broken" : "fine");
    if (spec.kind == FileKind::names_server) values.emplace_back(vendor.server_key, lost_server);
    values.insert(values.end(), spec.sets.begin(), spec.sets.end());
    return values;
}

// A file that a phone of `vendor` must not read.
std::string file_of_another_vendor(const LabVendor& vendor, const FileSpec& spec) {
    for (const LabVendor* other : lab_vendors()) {
        if (other != &vendor)
            return other->write_file(vendor.mac, {{other->mark_keys[0], spec.mark}});
    }
    return "nobody's file";
}

std::string device_file(const LabVendor& vendor, const FileSpec& spec) {
    const std::string_view mac = spec.kind == FileKind::other_mac ? other_mac : vendor.mac;
    std::string file = vendor.write_file(mac, device_values(vendor, spec, mac));
    switch (spec.kind) {
        case FileKind::good:
        case FileKind::breaks_network:
        case FileKind::names_server:
        case FileKind::other_mac:
            return file;
        case FileKind::html_page:
            return "<!DOCTYPE html>\n<html><head><title>Log "
                   "in</title></head><body></body></html>\n";
        case FileKind::broken:
            return file.substr(
                0, vendor.broken_bytes != 0 ? vendor.broken_bytes : file.size() * 2 / 3);
        case FileKind::other_vendor:
            return file_of_another_vendor(vendor, spec);
        case FileKind::empty:
        case FileKind::absent:
        case FileKind::count_:
            return {};
    }
    __builtin_unreachable();
}

std::string_view without_filler(std::string_view value) {
    return value.substr(0, value.find('.'));
}

std::string one_mark(const Generation& generation, std::span<const std::string_view> keys) {
    std::string mark;
    for (const std::string_view key : keys) {
        const Item* item = generation.find(key, Origin::file);
        const std::string_view here = item ? without_filler(item->value) : "";
        if (key == keys.front()) {
            mark = here;
        } else if (mark != here) {
            return "?";
        }
    }
    return mark;
}

}  // namespace

FileSet make_files(const LabVendor& vendor, const FileSpec& spec) {
    FileSet files;
    if (spec.kind == FileKind::absent) return files;
    files.device_name = vendor.device_names[spec.name % vendor.device_names.size()];
    files.device = device_file(vendor, spec);
    if (spec.encrypted && spec.kind != FileKind::empty)
        files.device = openssl_enc(spec.password, files.device);
    if (spec.key != nullptr) files.device_signature = lab_signature(*spec.key, files.device);
    if (vendor.common_name.empty() || spec.name % 2 == 0) return files;
    files.common_name = vendor.common_name;
    files.common = vendor.write_file(vendor.mac, common_values(vendor, spec));
    if (spec.key != nullptr) files.common_signature = lab_signature(*spec.key, files.common);
    return files;
}

std::string mark_of(const LabVendor& vendor, const Generation& generation) {
    return one_mark(generation, vendor.mark_keys);
}

std::string common_mark_of(const LabVendor& vendor, const Generation& generation) {
    return vendor.common_name.empty() ? "" : one_mark(generation, vendor.common_mark_keys);
}

bool breaks_network(const LabVendor& vendor, const Generation& generation) {
    const Item* item = generation.find(vendor.network_key);
    return item && item->value == "broken";
}

std::optional<std::string_view> network_word(const LabVendor& vendor, std::string_view key_lines) {
    const std::string_view key = vendor.network_key;
    const auto at = key_lines.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    key_lines.remove_prefix(at + key.size() + 1);
    return key_lines.substr(0, key_lines.find('\n'));
}

}  // namespace dialtone::sim
