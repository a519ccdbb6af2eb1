// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/image_reader.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "agent/digest.h"
#include "agent/store/durable_files.h"

namespace dialtone::sim {
namespace {

using Bytes = std::span<const uint8_t>;

// The layout, as store/ documents it, written down a second time.
constexpr uint32_t preface_bytes = 5;
constexpr uint32_t head_bytes = 5;
constexpr uint32_t sum_bytes = 32;
constexpr uint8_t seal_tag = 0xff;

uint32_t number_at(Bytes bytes, uint32_t at, uint32_t octets) {
    uint32_t number = 0;
    for (uint32_t i = at; i < at + octets; ++i)
        number = number << 8 | (i < bytes.size() ? bytes[i] : 0);
    return number;
}

std::string text_of(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

// Calls `take(tag, value)` for everything between preface and seal. False: not a whole file.
template <typename Take>
bool read_sealed(Bytes file, std::string_view magic, Take take) {
    constexpr uint32_t seal_bytes = head_bytes + sum_bytes;
    if (file.size() < preface_bytes + seal_bytes) return false;
    if (std::memcmp(file.data(), magic.data(), magic.size()) != 0) return false;
    const Bytes seal = file.last(seal_bytes);
    const Bytes sealed = file.first(file.size() - seal_bytes);
    if (seal[0] != seal_tag || number_at(seal, 1, 4) != sum_bytes) return false;
    if (!std::ranges::equal(sha256_of(file.first(file.size() - sum_bytes)), seal.last(sum_bytes)))
        return false;
    for (uint32_t at = preface_bytes; at < sealed.size();) {
        if (sealed.size() - at < head_bytes) return false;
        const uint32_t length = number_at(sealed, at + 1, 4);
        if (sealed.size() - at - head_bytes < length) return false;
        take(sealed[at], sealed.subspan(at + head_bytes, length));
        at += head_bytes + length;
    }
    return true;
}

// An event, or a session that is ordered; empty: it is one without a key.
std::string owed_words(uint8_t tag, Bytes value) {
    constexpr uint32_t event_head = 1, scheduled_head = 12;
    const uint32_t head = tag == 11 ? event_head : scheduled_head;
    if (value.size() < head + 2 || (tag == 11 && value[0] != 1)) return {};
    const std::string key = text_of(value.subspan(head + 2));
    return (tag == 11 ? "M Reboot " : "M ScheduleInform ") + key;
}

// A transfer: what the ACS is told when it is done. Empty: the ACS has not ordered it.
void read_transfer(Bytes value, ParsedRecord& into) {
    constexpr std::string_view methods[] = {"M Download ", "M ScheduleDownload ", "M Upload "};
    constexpr uint32_t flags_at = 1, started_at = 23, ended_at = 31, key_at = 39;
    if (value.size() < key_at + 2 || value[0] < 1 || value[0] > std::size(methods)) return;
    const uint32_t length = number_at(value, key_at, 2);
    if (value.size() < key_at + 2 + length) return;
    std::string words(methods[value[0] - 1]);
    words += text_of(value.subspan(key_at + 2, length));
    const auto seconds = [&](uint32_t at) {
        return " " + std::to_string(uint64_t{number_at(value, at, 4)} << 32 |
                                    number_at(value, at + 4, 4));
    };
    if (value[flags_at] == 1) into.done.push_back(words + seconds(started_at) + seconds(ended_at));
    into.owed.push_back(std::move(words));
}

uint32_t passive_ones(Bytes value) {
    constexpr uint32_t entry_bytes = 13;
    uint32_t count = 0;
    for (uint32_t at = entry_bytes - 1; at < value.size(); at += entry_bytes)
        count += value[at] == 1 ? 1 : 0;
    return count;
}

ParsedRecord read_record(Bytes file) {
    ParsedRecord record;
    record.whole = read_sealed(file, "DTRC", [&](uint8_t tag, Bytes value) {
        if (tag == 1) record.sequence = number_at(value, 0, 4);
        if (tag == 2) record.active = number_at(value, 0, 4);
        if (tag == 3) record.other = number_at(value, 0, 4);
        if (tag == 4) record.trial = static_cast<uint8_t>(number_at(value, 0, 1));
        if (tag == 14) record.passive = passive_ones(value);
        if (tag == 16) read_transfer(value, record);
        if (tag == 11 || tag == 13) {
            std::string words = owed_words(tag, value);
            if (!words.empty()) record.owed.push_back(std::move(words));
        }
        if (tag == 6) record.hooks_due = static_cast<uint8_t>(number_at(value, 0, 1));
    });
    return record;
}

ParsedGeneration read_generation(Bytes file) {
    ParsedGeneration generation;
    generation.whole = read_sealed(file, "DTGN", [&](uint8_t tag, Bytes value) {
        if (tag == 1) generation.number = number_at(value, 0, 4);
        if (tag != 4 || value.size() < 3) return;
        const auto room = static_cast<uint32_t>(value.size()) - 3;
        const uint32_t key_bytes = std::min(number_at(value, 1, 2), room);
        generation.items.push_back({.key = text_of(value.subspan(3, key_bytes)),
                                    .origin = value[0],
                                    .value = text_of(value.subspan(3 + key_bytes))});
    });
    return generation;
}

}  // namespace

std::string_view ParsedGeneration::value(std::string_view key) const {
    std::string_view found;
    for (const ParsedItem& item : items) {
        if (item.key == key) found = item.value;
    }
    return found;
}

std::string ParsedGeneration::lines() const {
    std::map<std::string, std::string> values;
    for (const ParsedItem& item : items)
        values[item.key] = item.value;
    std::string out;
    for (const auto& [key, value] : values)
        out.append(key).append("=").append(value).append("\n");
    return out;
}

DiskNames::DiskNames(Catalogue& catalogue) {
    hook_state = catalogue.name_id("(told)");
    for (uint32_t copy = 0; copy < 2; ++copy)
        records[copy] = catalogue.name_id(durable_name(DurableKind::record, copy));
    for (uint32_t slot = 0; slot < slots; ++slot)
        generations[slot] = catalogue.name_id(durable_name(DurableKind::generation, slot));
    for (uint32_t slot = 0; slot < limits::jobs_at_once; ++slot)
        staged[slot] = catalogue.name_id(durable_name(DurableKind::staged, slot));
}

const ParsedRecord& ImageReader::record(ContentId content) {
    const auto [place, is_new] = records_.try_emplace(content);
    if (is_new) place->second = read_record(catalogue_.bytes(content));
    return place->second;
}

const ParsedGeneration& ImageReader::generation(ContentId content) {
    const auto [place, is_new] = generations_.try_emplace(content);
    if (is_new) place->second = read_generation(catalogue_.bytes(content));
    return place->second;
}

ContentId ImageReader::counting_record(const Image& image) {
    ContentId counting = no_file;
    for (NameId name : names_.records) {
        const ContentId content = image.files[name];
        if (content == no_file || !record(content).whole) continue;
        const uint32_t ahead =
            counting == no_file ? 1 : record(content).sequence - record(counting).sequence;
        if (ahead != 0 && ahead < 0x8000'0000) counting = content;
    }
    return counting;
}

void ImageReader::remember_contents(ContentId record, NamedContents contents) {
    std::vector<NamedContents>& known = contents_[record];
    if (std::ranges::find(known, contents) == known.end()) known.push_back(contents);
}

std::span<const ImageReader::NamedContents> ImageReader::contents_named_by(ContentId record) const {
    const auto place = contents_.find(record);
    return place == contents_.end() ? std::span<const NamedContents>() : std::span(place->second);
}

}  // namespace dialtone::sim
