// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/files.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "sim/lab/swarm/openssl_enc.h"

namespace dialtone::sim {
namespace {

// The keys of a vendor that carry the mark, and those that mean something here.
struct Keys {
    std::string_view profile;
    std::string_view mac;
    std::string_view marks[3];
    std::string_view common_marks[2];
    std::string_view network;  // what it says is "fine" or "broken"
    std::string_view server;
};

constexpr Keys all_keys[] = {
    {"grandstream", grandstream_mac, {"P270", "P3", "P35"}, {"", ""}, "P8888", "P237"},
    {"fanvil",
     fanvil_mac,
     {"SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number",
      "SIP CONFIG MODULE/SIP Line List/SIP1 Display Name", "PHONE FEATURE MODULE/Banner Title"},
     {"GLOBAL CONFIG MODULE/SNTP Server", "GLOBAL CONFIG MODULE/Time Zone Name"},
     "NETWORK CONFIG MODULE/Net State",
     "AUTOUPDATE CONFIG MODULE/Flash Server IP"},
};

const Keys& keys_of(const Profile& profile) {
    return *std::find_if(std::begin(all_keys), std::end(all_keys),
                         [&](const Keys& keys) { return keys.profile == profile.name; });
}

using Pairs = std::vector<std::pair<std::string_view, std::string>>;

std::string xml_file(std::string_view mac, const Pairs& pairs) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\">\n<mac>";
    ((out += mac) += "</mac>\n<config version=\"1\">\n");
    for (const auto& [key, value] : pairs)
        (((((out += '<') += key) += '>') += value) += "</").append(key) += ">\n";
    return out + "</config>\n</gs_provision>\n";
}

// Keys come as MODULE/Key or MODULE/List/Key, those of one module and list side by side.
std::string text_file(const Pairs& pairs) {
    std::string out = "<<VOIP CONFIG FILE>>Version:2.0002";
    out.resize(62, ' ');
    out += "\r\n\r\n";
    std::string_view module;
    std::string_view list;
    for (const auto& [key, value] : pairs) {
        const auto first = key.find('/');
        const auto last = key.rfind('/');
        if (key.substr(0, first) != module) {
            module = key.substr(0, first);
            list = {};
            ((out += '<') += module) += ">\r\n";
        }
        if (last != first && key.substr(first + 1, last - first - 1) != list) {
            list = key.substr(first + 1, last - first - 1);
            ((out += "--") += list) += "--  :\r\n";
        }
        (((out += key.substr(last + 1)) += " :") += value) += "\r\n";
    }
    return out + "<<END OF FILE>>\r\n";
}

std::string text_of(const Profile& profile, std::string_view mac, const Pairs& pairs) {
    return profile.name == "grandstream" ? xml_file(mac, pairs) : text_file(pairs);
}

Pairs device_pairs(const Keys& keys, const FileWish& wish) {
    Pairs pairs;
    const std::string filler(wish.filler_bytes, '.');
    for (const std::string_view key : keys.marks)
        pairs.emplace_back(key, key == keys.marks[2] ? wish.mark + filler : wish.mark);
    pairs.emplace_back(keys.network, wish.kind == FileKind::breaks_network ? "broken" : "fine");
    if (wish.kind == FileKind::names_server) pairs.emplace_back(keys.server, lost_server);
    return pairs;
}

std::string device_name(const Profile& profile, uint32_t number) {
    if (profile.name == "fanvil") return std::string(fanvil_mac) + ".cfg";
    const std::string mac(grandstream_mac);
    const std::string names[device_names] = {"cfg" + mac + ".xml", "cfg" + mac, "cfggxp1628.xml",
                                             "cfg.xml"};
    return names[number % device_names];
}

std::string damaged(const Profile& profile, const FileWish& wish, std::string text) {
    switch (wish.kind) {
        case FileKind::html_page:
            return "<!DOCTYPE html>\n<html><head><title>Log "
                   "in</title></head><body></body></html>\n";
        case FileKind::broken:
            return text.substr(0, profile.name == "fanvil" ? 20 : text.size() * 2 / 3);
        case FileKind::empty:
            return {};
        case FileKind::other_vendor:
            return profile.name == "fanvil" ? xml_file(fanvil_mac, {{"P270", wish.mark}})
                                            : text_file({{all_keys[1].marks[0], wish.mark}});
        default:
            return text;
    }
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

std::string_view mac_of_profile(const Profile& profile) {
    return keys_of(profile).mac;
}

FileSet make_files(const Profile& profile, const FileWish& wish) {
    FileSet files;
    if (wish.kind == FileKind::absent) return files;
    const Keys& keys = keys_of(profile);
    const bool other_mac = wish.kind == FileKind::other_mac;
    files.device_name = device_name(profile, wish.name);
    files.device =
        damaged(profile, wish,
                text_of(profile, other_mac ? "000b82ffffff" : keys.mac, device_pairs(keys, wish)));
    if (wish.encrypted && wish.kind != FileKind::empty)
        files.device = openssl_enc(file_password, files.device);
    if (keys.common_marks[0].empty() || wish.name % 2 == 0) return files;
    files.common_name = "f0X4hw1.100.cfg";
    files.common = text_of(profile, keys.mac,
                           {{keys.common_marks[0], wish.mark}, {keys.common_marks[1], wish.mark}});
    return files;
}

std::string mark_of(const Profile& profile, const Generation& generation) {
    return one_mark(generation, keys_of(profile).marks);
}

std::string common_mark_of(const Profile& profile, const Generation& generation) {
    const auto& keys = keys_of(profile).common_marks;
    return keys[0].empty() ? "" : one_mark(generation, keys);
}

bool breaks_network(const Profile& profile, const Generation& generation) {
    const Item* item = generation.find(keys_of(profile).network);
    return item && item->value == "broken";
}

std::optional<std::string_view> network_word(const Profile& profile, std::string_view key_lines) {
    const std::string_view key = keys_of(profile).network;
    const auto at = key_lines.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    key_lines.remove_prefix(at + key.size() + 1);
    return key_lines.substr(0, key_lines.find('\n'));
}

}  // namespace dialtone::sim
