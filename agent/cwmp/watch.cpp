// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/watch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "agent/digest.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr uint8_t off = 0, active = 2;

// --- digests -------------------------------------------------------------------------------------

// FNV-1a, 64 bits: only names of the model are looked up by it.
constexpr uint64_t fnv_offset = 0xcbf29ce484222325;
constexpr uint64_t fnv_prime = 0x100000001b3;

uint64_t with_byte(uint64_t digest, uint8_t byte) {
    return (digest ^ byte) * fnv_prime;
}

uint32_t value_digest(const Model& model, const ModelParameter& parameter) {
    if (parameter.row->access == ModelAccess::hidden) return 1;
    const Sha256 digest = sha256_of(model.value_of(parameter));
    uint32_t out = 0;
    for (uint32_t i = 0; i < sizeof(out); ++i)
        out = out << 8U | digest[i];
    return std::max(out, 1U);  // 0 says something else
}

// What a parameter adds to the digest of the object that it is watched with.
uint32_t part_of_object(uint64_t path, uint32_t value) {
    uint64_t digest = path;
    for (uint32_t shift = 0; shift < 32; shift += 8)
        digest = with_byte(digest, static_cast<uint8_t>(value >> shift));
    return static_cast<uint32_t>(digest ^ digest >> 32U);
}

// --- the entry that says how a path is watched ---------------------------------------------------

auto place_of(auto& watched, uint64_t path) {
    return std::ranges::lower_bound(watched, path, {}, &WatchedValue::path);
}

const WatchedValue* find(std::span<const WatchedValue> watched, uint64_t path) {
    const auto place = place_of(watched, path);
    return place != watched.end() && place->path == path ? &*place : nullptr;
}

// Those of a parameter's path, or an object's with its dot.
struct Entries {
    uint64_t path = 0;                    // its digest
    const WatchedValue* own = nullptr;    // of the very path
    const WatchedValue* above = nullptr;  // of the nearest object that it lies in
};

Entries entries_of(std::span<const WatchedValue> watched, std::string_view path) {
    Entries out = {.path = fnv_offset};
    for (uint32_t at = 0; at < path.size(); ++at) {
        out.path = with_byte(out.path, static_cast<uint8_t>(path[at]));
        if (path[at] != '.' || at + 1 == path.size()) continue;
        if (const WatchedValue* one = find(watched, out.path); one != nullptr) out.above = one;
    }
    out.own = find(watched, out.path);
    return out;
}

uint8_t default_of(const ModelParameter& parameter) {
    return static_cast<uint8_t>(parameter.row->notification);
}

struct Watching {
    uint64_t path = 0;
    uint8_t notification = off;
    const WatchedValue* entry = nullptr;  // nullptr: the model alone says it
    bool is_below = false;                // it is an object's
};

// What is forced is watched by itself.
Watching watching_of(std::span<const WatchedValue> watched, const ModelParameter& parameter,
                     std::string_view path) {
    const Entries entries = entries_of(watched, path);
    Watching out = {entries.path, default_of(parameter), entries.own, false};
    if (is_forced(parameter)) return out;
    if (out.entry == nullptr) {
        out.entry = entries.above;
        out.is_below = out.entry != nullptr;
    }
    if (out.entry != nullptr) out.notification = out.entry->notification;
    return out;
}

// Each parameter whose changes are told. Only digests of those that an ACS has set are known, so
// where there are others than the model's own they are looked for from one end of the tree to the
// other: when a session begins, when it has changed something and when the configuration is another
// one.
template <typename Use>
void each_watched(std::span<const WatchedValue> watched, const Model& model, Use use) {
    auto left = std::ranges::count_if(
        watched, [](const WatchedValue& one) { return one.notification != off; });
    const auto take = [&](const ModelParameter& parameter) {
        const std::string path = model.path_of(parameter);
        const Watching watching = watching_of(watched, parameter, path);
        if (watching.entry != nullptr && !watching.is_below && watching.notification != off) --left;
        if (watching.notification != off) use(parameter, path, watching);
    };
    for (const ModelParameter& parameter : model.notified_parameters())
        take(parameter);
    if (left <= 0) return;
    for (const ModelParameter& parameter : model.parameters_at("")) {
        if (parameter.row->notification != Notification::off) continue;
        take(parameter);
        if (left == 0) return;
    }
}

// The digest of each object that is watched as one, by its path.
using ObjectDigests = std::map<uint64_t, uint32_t>;

void add_to_object(ObjectDigests& objects, const Watching& watching, uint32_t value) {
    objects[watching.entry->path] += part_of_object(watching.path, value);
}

ObjectDigests object_digests(std::span<const WatchedValue> watched, const Model& model) {
    ObjectDigests out;
    each_watched(watched, model,
                 [&](const ModelParameter& parameter, std::string_view, const Watching& watching) {
                     if (watching.is_below)
                         add_to_object(out, watching, value_digest(model, parameter));
                 });
    for (auto& [path, digest] : out)
        digest = std::max(digest, 1U);
    return out;
}

// Of those that are not told as one: another value than the ACS knows.
bool is_other(uint32_t told, uint32_t value) {
    return told != 0 && told != value;
}

}  // namespace

uint64_t path_digest(std::string_view path) {
    uint64_t out = fnv_offset;
    for (const char byte : path)
        out = with_byte(out, static_cast<uint8_t>(byte));
    return out;
}

bool is_forced(const ModelParameter& parameter) {
    return parameter.row->rule == NotificationRule::forced;
}

uint8_t notification_of(const Model& model, const ModelParameter& parameter,
                        const AcsMemory& memory) {
    return watching_of(memory.watched, parameter, model.path_of(parameter)).notification;
}

// --- what has changed ----------------------------------------------------------------------------

ChangedValues changed_values(const AcsMemory& memory, const ModelFacts& facts,
                             std::span<const WatchedValue> below) {
    ChangedValues out;
    const Model model(facts);
    std::optional<ObjectDigests> objects;  // made when an object is met
    const auto is_changed = [&](const ModelParameter& parameter, const Watching& watching) {
        if (watching.entry == nullptr) return false;
        if (!watching.is_below)
            return is_other(watching.entry->told, value_digest(model, parameter));
        if (!objects) objects = object_digests(memory.watched, model);
        if (!is_other(watching.entry->told, objects->at(watching.entry->path))) return false;
        const WatchedValue* known = find(below, watching.path);
        return known == nullptr || known->told != value_digest(model, parameter);
    };
    each_watched(
        memory.watched, model,
        [&](const ModelParameter& parameter, const std::string& path, const Watching& watching) {
            if (!is_changed(parameter, watching)) return;
            out.paths.push_back(path);
            if (watching.notification == active) out.active.push_back(path);
        });
    return out;
}

std::vector<WatchedValue> watched_now(const AcsMemory& memory, const ModelFacts& facts) {
    std::vector<WatchedValue> out;
    const Model model(facts);
    ObjectDigests objects;
    each_watched(memory.watched, model,
                 [&](const ModelParameter& parameter, std::string_view, const Watching& watching) {
                     const uint32_t value = value_digest(model, parameter);
                     if (watching.is_below) return add_to_object(objects, watching, value);
                     out.push_back({watching.path, value, watching.notification});
                 });
    for (const auto& [path, digest] : objects)
        out.push_back({path, std::max(digest, 1U), find(memory.watched, path)->notification});
    return out;
}

std::vector<WatchedValue> values_below(const AcsMemory& memory, const ModelFacts& facts) {
    std::vector<WatchedValue> out;
    const Model model(facts);
    each_watched(
        memory.watched, model,
        [&](const ModelParameter& parameter, std::string_view, const Watching& watching) {
            if (!watching.is_below) return;
            out.push_back({watching.path, value_digest(model, parameter), watching.notification});
        });
    std::ranges::sort(out, {}, &WatchedValue::path);
    return out;
}

void take_told(AcsMemory& memory, std::span<const WatchedValue> told) {
    for (const WatchedValue& one : told) {
        const auto place = place_of(memory.watched, one.path);
        if (place != memory.watched.end() && place->path == one.path) {
            place->told = one.told;
        } else if (memory.watched.size() < limits::cwmp_watched) {
            memory.watched.insert(place, one);
        }
    }
}

// --- what the ACS itself has written -------------------------------------------------------------

uint64_t watched_path(const AcsMemory& memory, std::string_view path) {
    const Entries entries = entries_of(memory.watched, path);
    return entries.own == nullptr && entries.above != nullptr ? entries.above->path : entries.path;
}

void take_written(AcsMemory& memory, std::span<const uint64_t> paths) {
    for (const uint64_t path : paths) {
        const auto place = place_of(memory.watched, path);
        if (place != memory.watched.end() && place->path == path) place->told = 0;
    }
}

void settle_written(AcsMemory& memory, const ModelFacts& facts) {
    const auto is_open = [](const WatchedValue& one) { return one.told == 0; };
    if (std::ranges::none_of(memory.watched, is_open)) return;
    for (const WatchedValue& now : watched_now(memory, facts)) {
        const auto place = place_of(memory.watched, now.path);
        if (place != memory.watched.end() && place->path == now.path && place->told == 0)
            place->told = now.told;
    }
}

// --- what an ACS wants to be told ----------------------------------------------------------------

namespace {

void put_entry(std::vector<WatchedValue>& watched, const WatchedValue& entry) {
    const auto place = place_of(watched, entry.path);
    if (place != watched.end() && place->path == entry.path) {
        *place = entry;
    } else {
        watched.insert(place, entry);
    }
}

void erase_entry(std::vector<WatchedValue>& watched, uint64_t path) {
    const auto place = place_of(watched, path);
    if (place != watched.end() && place->path == path) watched.erase(place);
}

void set_parameter(std::vector<WatchedValue>& watched, const Model& model,
                   const ModelParameter& parameter, std::string_view path, uint8_t notification) {
    const Entries entries = entries_of(watched, path);
    const bool is_free = !is_forced(parameter) && entries.above != nullptr;
    const uint8_t without = is_free ? entries.above->notification : default_of(parameter);
    if (notification == without && (without == off || is_free))
        return erase_entry(watched, entries.path);
    // What changed while nobody watched was not to be told.
    const bool was_watched = entries.own != nullptr && entries.own->notification != off;
    put_entry(watched,
              {entries.path, was_watched ? entries.own->told : value_digest(model, parameter),
               notification});
}

// All that was said of the object, and of what lies in it.
void erase_below(std::vector<WatchedValue>& watched, std::span<const std::string> paths,
                 std::string_view object) {
    erase_entry(watched, path_digest(object));
    for (const std::string& path : paths) {
        uint64_t digest = path_digest(object);
        for (const char byte : std::string_view(path).substr(object.size())) {
            digest = with_byte(digest, static_cast<uint8_t>(byte));
            if (byte == '.') erase_entry(watched, digest);
        }
        erase_entry(watched, digest);
    }
}

void set_object(std::vector<WatchedValue>& watched, const Model& model, std::string_view object,
                uint8_t notification) {
    std::vector<ModelParameter> parameters = model.parameters_at(object);
    std::erase_if(parameters, is_forced);
    std::vector<std::string> paths;
    paths.reserve(parameters.size());
    for (const ModelParameter& parameter : parameters)
        paths.push_back(model.path_of(parameter));
    erase_below(watched, paths, object);
    std::vector<uint32_t> others;  // that would be watched in another way
    for (uint32_t i = 0; i < paths.size(); ++i) {
        if (watching_of(watched, parameters[i], paths[i]).notification != notification)
            others.push_back(i);
    }
    const uint64_t wanted = watched.size() + others.size();
    if (others.size() > limits::cwmp_watched_apart || wanted > limits::cwmp_watched)
        return put_entry(watched, {path_digest(object), 1, notification});
    for (const uint32_t i : others)
        set_parameter(watched, model, parameters[i], paths[i], notification);
}

}  // namespace

void set_notification(std::vector<WatchedValue>& watched, const Model& model, std::string_view path,
                      uint8_t notification) {
    const auto place = model.find(path);
    if (place && place->parameter) {
        set_parameter(watched, model, *place->parameter, path, notification);
    } else {
        set_object(watched, model, path.empty() ? root_name(model.root()) : path, notification);
    }
    // Which parameters an object is the digest of has changed with it.
    for (const auto& [object, digest] : object_digests(watched, model))
        place_of(watched, object)->told = digest;
}

// Those that the model watches by itself find their place with the first Inform.
bool has_room(const std::vector<WatchedValue>& watched, const Model& model) {
    const auto defaults = model.notified_parameters();
    const auto open = std::ranges::count_if(defaults, [&](const ModelParameter& parameter) {
        return watching_of(watched, parameter, model.path_of(parameter)).entry == nullptr;
    });
    return watched.size() + static_cast<uint64_t>(open) <= limits::cwmp_watched;
}

}  // namespace dialtone
