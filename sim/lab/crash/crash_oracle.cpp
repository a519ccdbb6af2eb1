// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/crash_oracle.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "agent/config/digest.h"
#include "sim/lab/crash/crash_scenarios.h"

namespace dialtone::sim {
namespace {

using Bytes = std::span<const uint8_t>;

// The layout, as store/ documents it, written down a second time.
constexpr uint32_t preface_bytes = 5;
constexpr uint32_t head_bytes = 5;
constexpr uint32_t sum_bytes = 32;
constexpr uint8_t seal_tag = 0xff;
constexpr uint8_t trying = 1;
constexpr uint8_t operator_origin = 3;
constexpr uint8_t file_origin = 1;

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

ReadRecord read_record(Bytes file) {
    ReadRecord record;
    record.whole = read_sealed(file, "DTRC", [&](uint8_t tag, Bytes value) {
        if (tag == 1) record.sequence = number_at(value, 0, 4);
        if (tag == 2) record.active = number_at(value, 0, 4);
        if (tag == 3) record.other = number_at(value, 0, 4);
        if (tag == 4) record.trial = static_cast<uint8_t>(number_at(value, 0, 1));
        if (tag == 6) record.hooks_due = static_cast<uint8_t>(number_at(value, 0, 1));
    });
    return record;
}

ReadGeneration read_generation(Bytes file) {
    ReadGeneration generation;
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

// What comes after the last dot of a value: in the laboratory's configurations all values of a
// file say which file they are of.
std::string_view mark_of(std::string_view value) {
    const auto dot = value.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : value.substr(dot + 1);
}

bool is_mixture(const ReadGeneration& generation) {
    std::string_view mark;
    for (const ReadItem& item : generation.items) {
        if (item.origin != file_origin || item.key == lone_key) continue;
        if (!mark.empty() && mark != mark_of(item.value)) return true;
        mark = mark_of(item.value);
    }
    return false;
}

Complaint not_whole(std::string words) {
    return {Oracle::whole, std::move(words)};
}

uint64_t field_number(const JournalLine& line, std::string_view name) {
    uint64_t number = 0;
    for (const auto& [field, value] : line.fields) {
        if (field != name) continue;
        for (char c : value)
            number = number * 10 + static_cast<uint64_t>(c - '0');
    }
    return number;
}

}  // namespace

std::string_view oracle_name(Oracle oracle) {
    constexpr std::string_view names[oracle_count] = {"comes up", "whole", "kept word"};
    return names[static_cast<uint32_t>(oracle)];
}

std::string_view ReadGeneration::value(std::string_view key) const {
    std::string_view found;
    for (const ReadItem& item : items) {
        if (item.key == key) found = item.value;
    }
    return found;
}

std::string ReadGeneration::lines() const {
    std::map<std::string, std::string> values;
    for (const ReadItem& item : items)
        values[item.key] = item.value;
    std::string out;
    for (const auto& [key, value] : values)
        out.append(key).append("=").append(value).append("\n");
    return out;
}

AgentNames::AgentNames(Catalogue& catalogue) {
    told = catalogue.name_id("(told)");
    for (uint32_t copy = 0; copy < 2; ++copy)
        records[copy] = catalogue.name_id("record." + std::to_string(copy));
    for (uint32_t slot = 0; slot < slots; ++slot)
        generations[slot] = catalogue.name_id("generation." + std::to_string(slot));
}

const ReadRecord& MediumReader::record(ContentId content) {
    const auto [place, is_new] = records_.try_emplace(content);
    if (is_new) place->second = read_record(catalogue_.bytes(content));
    return place->second;
}

const ReadGeneration& MediumReader::generation(ContentId content) {
    const auto [place, is_new] = generations_.try_emplace(content);
    if (is_new) place->second = read_generation(catalogue_.bytes(content));
    return place->second;
}

ContentId MediumReader::counting_record(const Image& image) {
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

void MediumReader::remember(ContentId record, Meaning meaning) {
    std::vector<Meaning>& known = meanings_[record];
    if (std::ranges::find(known, meaning) == known.end()) known.push_back(meaning);
}

std::span<const MediumReader::Meaning> MediumReader::meanings(ContentId record) const {
    const auto place = meanings_.find(record);
    return place == meanings_.end() ? std::span<const Meaning>() : std::span(place->second);
}

Lineage::Lineage(MediumReader& reader, const Image& start) : reader_(reader) {
    Wish first;
    first.record = reader_.counting_record(start);
    if (first.record != no_file) first.read = reader_.record(first.record);
    const auto held = [&](uint32_t number) {
        return number == 0 ? no_file : start.files[reader_.names().generation(number)];
    };
    first.meaning = {held(first.read.active), held(first.read.other)};
    generations_[first.read.active] = first.meaning.active;
    generations_[first.read.other] = first.meaning.other;
    wishes_.push_back(first);
}

std::optional<Complaint> Lineage::wish(const Storage& step) {
    if (step.step != StorageStep::write) return {};
    const AgentNames& names = reader_.names();
    const NameId name = reader_.catalogue().name_id(step.name);
    const ContentId content = reader_.catalogue().intern(step.bytes);
    if (std::ranges::find(names.records, name) != std::end(names.records))
        return wish_record(content);
    if (std::ranges::find(names.generations, name) != std::end(names.generations))
        return wish_generation(content, name);
    return {};
}

std::optional<Complaint> Lineage::wish_record(ContentId content) {
    Wish wish;
    wish.record = content;
    wish.read = reader_.record(content);
    if (!wish.read.whole) return not_whole("the agent writes a record that is not whole");
    for (const auto& [number, held] : {std::pair(wish.read.active, &wish.meaning.active),
                                       std::pair(wish.read.other, &wish.meaning.other)}) {
        if (number == 0) continue;
        const auto place = generations_.find(number);
        if (place == generations_.end())
            return not_whole("the agent's record names generation " + std::to_string(number) +
                             ", which nobody wrote");
        *held = place->second;
    }
    wishes_.push_back(wish);
    reader_.remember(content, wish.meaning);
    return {};
}

std::optional<Complaint> Lineage::wish_generation(ContentId content, NameId slot) {
    const ReadGeneration& generation = reader_.generation(content);
    if (!generation.whole || slot != reader_.names().generation(generation.number))
        return not_whole("the agent writes a generation that is not whole, or not into its slot");
    generations_[generation.number] = content;
    promise_.slots_gone = false;
    if (is_mixture(generation)) return not_whole("the agent writes a mixture of two files");
    return {};
}

Complaint Lineage::broken_word(std::string_view what) const {
    const ReadRecord& last = wishes_.back().read;
    return {Oracle::kept_word, std::string(what) +
                                   " is reported, but the last record wished for "
                                   "says active " +
                                   std::to_string(last.active) + ", other " +
                                   std::to_string(last.other) + ", trial " +
                                   std::to_string(last.trial)};
}

std::optional<Complaint> Lineage::report(const JournalLine& line) {
    const ReadRecord& last = wishes_.back().read;
    const uint64_t generation = field_number(line, "generation");
    const uint64_t predecessor = field_number(line, "predecessor");
    bool holds = true;
    switch (line.kind) {
        case JournalKind::applied:
            holds = last.active == generation && last.other == predecessor;
            break;
        case JournalKind::trial_confirmed:
            holds = last.active == generation && last.trial == 0;
            break;
        case JournalKind::rolled_back:
            holds = last.active == predecessor && last.trial == 0 && last.other == 0;
            break;
        case JournalKind::factory_reset:
            holds = last.active == 0;
            promise_.slots_gone = true;
            break;
        default:
            return {};
    }
    promise_.floor = static_cast<uint32_t>(wishes_.size() - 1);
    if (!holds) return broken_word(journal_form(line.kind).name);
    return {};
}

// A command that was answered with "done".
std::optional<Complaint> Lineage::report(CommandKind kind, std::string_view argument) {
    const Wish& last = wishes_.back();
    const auto equals = argument.find('=');
    bool holds = true;
    if (kind == CommandKind::set) {
        const ReadGeneration& active = reader_.generation(last.meaning.active);
        holds = std::ranges::any_of(active.items, [&](const ReadItem& item) {
            return item.origin == operator_origin && item.key == argument.substr(0, equals) &&
                   item.value == argument.substr(equals + 1);
        });
    } else if (kind == CommandKind::confirm) {
        holds = last.read.trial != trying;
    } else if (kind == CommandKind::factory_reset) {
        holds = last.read.active == 0;
        promise_.slots_gone = true;
    } else {
        return {};
    }
    promise_.floor = static_cast<uint32_t>(wishes_.size() - 1);
    if (!holds) return broken_word("an operator's command");
    return {};
}

std::optional<Complaint> Lineage::judge(const Image& image, ContentId record,
                                        const Promise& promise) const {
    if (auto complaint = judge_record(image, record, promise)) return complaint;
    for (NameId slot : reader_.names().generations) {
        if (promise.slots_gone && image.files[slot] != no_file)
            return Complaint{Oracle::kept_word,
                             "a factory reset was reported as done, and a generation is found"};
    }
    return {};
}

std::optional<Complaint> Lineage::judge_record(const Image& image, ContentId record,
                                               const Promise& promise) const {
    const Wish& promised = wishes_[promise.floor];
    auto at = static_cast<uint32_t>(wishes_.size());
    while (at > 0 && wishes_[at - 1].record != record)
        --at;
    if (at == 0) {
        const auto meanings = reader_.meanings(record);
        const ReadRecord& read = reader_.record(record);
        const bool later = read.sequence - promised.read.sequence - 1 < 0x7fff'ffff;
        const bool whole = std::ranges::any_of(
            meanings, [&](const auto& meaning) { return stands_for(image, read, meaning); });
        if (later && whole) return {};
        return not_whole("the record that counts is none that was ever whole");
    }
    const Wish& wish = wishes_[at - 1];
    if (at - 1 < promise.floor)
        return Complaint{Oracle::kept_word,
                         "record " + std::to_string(wish.read.sequence) + " counts, but record " +
                             std::to_string(promised.read.sequence) + " was reported as done"};
    if (!stands_for(image, wish.read, wish.meaning))
        return not_whole("a generation that the record names, " + std::to_string(wish.read.active) +
                         " or " + std::to_string(wish.read.other) + ", is not whole");
    return {};
}

// The files of the generations that `record` names hold what they held when it was wished for.
bool Lineage::stands_for(const Image& image, const ReadRecord& record,
                         const MediumReader::Meaning& meaning) const {
    const auto holds = [&](uint32_t number, ContentId content) {
        return number == 0 || image.files[reader_.names().generation(number)] == content;
    };
    // A factory reset names what was active until hooks were told; then it removes it.
    if (record.active == 0) return true;
    return holds(record.active, meaning.active) && holds(record.other, meaning.other);
}

}  // namespace dialtone::sim
