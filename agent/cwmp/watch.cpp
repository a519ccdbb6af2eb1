// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/watch.h"

#include <algorithm>

#include "agent/digest.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr uint8_t off = 0, active = 2;

uint32_t value_digest(const Model& model, const ModelParameter& parameter) {
    if (parameter.row->access == ModelAccess::hidden) return 1;
    const Sha256 digest = sha256_of(model.value_of(parameter));
    uint32_t out = 0;
    for (uint32_t i = 0; i < sizeof(out); ++i)
        out = out << 8U | digest[i];
    return std::max(out, 1U);  // 0 says something else
}

auto place_of(auto& watched, uint64_t path) {
    return std::ranges::lower_bound(watched, path, {}, &WatchedValue::path);
}

const WatchedValue* find(const std::vector<WatchedValue>& watched, uint64_t path) {
    const auto place = place_of(watched, path);
    return place != watched.end() && place->path == path ? &*place : nullptr;
}

uint8_t default_of(const ModelParameter& parameter) {
    return static_cast<uint8_t>(parameter.row->notification);
}

// The parameters among all there are whose notification an ACS has set, and is not what the model
// says. Only their digests are known, so they are looked for from one end of the tree to the other,
// which is done when a session begins, when it has changed something and when the configuration is
// another one.
template <typename Use>
void each_set(const AcsMemory& memory, const Model& model, Use use) {
    auto left = std::ranges::count_if(
        memory.watched, [](const WatchedValue& one) { return one.notification != off; });
    for (const ModelParameter& parameter : model.notified_parameters()) {
        const WatchedValue* known = find(memory.watched, path_digest(model.path_of(parameter)));
        if (known != nullptr && known->notification != off) --left;
    }
    if (left <= 0) return;
    for (const ModelParameter& parameter : model.parameters_at("")) {
        if (parameter.row->notification != Notification::off) continue;
        const uint64_t path = path_digest(model.path_of(parameter));
        const WatchedValue* known = find(memory.watched, path);
        if (known == nullptr || known->notification == off) continue;
        use(parameter, path, known->notification, known);
        if (--left == 0) return;
    }
}

// Each parameter whose changes are told, with what the memory has of it, if it has anything.
template <typename Use>
void each_watched(const AcsMemory& memory, const Model& model, Use use) {
    for (const ModelParameter& parameter : model.notified_parameters()) {
        const uint64_t path = path_digest(model.path_of(parameter));
        const WatchedValue* known = find(memory.watched, path);
        const uint8_t notification = known != nullptr ? known->notification : default_of(parameter);
        if (notification != off) use(parameter, path, notification, known);
    }
    each_set(memory, model, use);
}

}  // namespace

// FNV-1a, 64 bits: only names of the model are looked up by it.
uint64_t path_digest(std::string_view path) {
    uint64_t out = 0xcbf29ce484222325;
    for (char byte : path)
        out = (out ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
    return out;
}

uint8_t notification_of(const Model& model, const ModelParameter& parameter,
                        const AcsMemory& memory) {
    const WatchedValue* known = find(memory.watched, path_digest(model.path_of(parameter)));
    return known != nullptr ? known->notification : default_of(parameter);
}

bool is_forced(const ModelParameter& parameter) {
    return parameter.row->rule == NotificationRule::forced;
}

ChangedValues changed_values(const AcsMemory& memory, const ModelFacts& facts) {
    ChangedValues out;
    const Model model(facts);
    each_watched(memory, model,
                 [&](const ModelParameter& parameter, uint64_t, uint8_t notification,
                     const WatchedValue* known) {
                     if (known == nullptr || known->told == 0) return;
                     if (known->told == value_digest(model, parameter)) return;
                     out.paths.push_back(model.path_of(parameter));
                     out.starts_session = out.starts_session || notification == active;
                 });
    return out;
}

std::vector<WatchedValue> watched_now(const AcsMemory& memory, const ModelFacts& facts) {
    std::vector<WatchedValue> out;
    const Model model(facts);
    each_watched(memory, model,
                 [&](const ModelParameter& parameter, uint64_t path, uint8_t notification,
                     const WatchedValue*) {
                     out.push_back({path, value_digest(model, parameter), notification});
                 });
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

void set_notification(std::vector<WatchedValue>& watched, const Model& model,
                      const ModelParameter& parameter, uint8_t notification) {
    const uint64_t path = path_digest(model.path_of(parameter));
    const auto place = place_of(watched, path);
    const bool is_known = place != watched.end() && place->path == path;
    if (notification == off && default_of(parameter) == off) {
        if (is_known) watched.erase(place);
    } else if (!is_known) {
        watched.insert(place, {path, value_digest(model, parameter), notification});
    } else {
        // What changed while nobody watched was not to be told.
        if (place->notification == off) place->told = value_digest(model, parameter);
        place->notification = notification;
    }
}

// Those that the model watches by itself find their place with the first Inform.
bool has_room(const std::vector<WatchedValue>& watched, const Model& model) {
    const auto defaults = model.notified_parameters();
    const auto open = std::ranges::count_if(defaults, [&](const ModelParameter& parameter) {
        return find(watched, path_digest(model.path_of(parameter))) == nullptr;
    });
    return watched.size() + static_cast<uint64_t>(open) <= limits::cwmp_watched;
}

}  // namespace dialtone
