// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/data_model.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/cwmp/model_values.h"
#include "agent/hex.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view placeholder = "{i}.";

constexpr ModelRow vendor_rows[] = {
    {.name = {}, .access = ModelAccess::read_write, .keeping = Keeping::own},
    {.name = {}, .access = ModelAccess::hidden, .keeping = Keeping::own},
};

const VoiceLine silent_line = {};

Root root_of(std::string_view word) {
    if (word == "igd") return Root::igd;
    return word == "device2" ? Root::device2 : Root::device1;
}

// Of an object's path, and of a parameter's without the parameter.
uint32_t depth_of(std::string_view path) {
    return static_cast<uint32_t>(std::ranges::count(path, '.'));
}

// A number as paths have it: without leading zeros.
std::optional<uint32_t> read_instance(std::string_view segment) {
    if (segment.empty() || segment.front() == '0') return std::nullopt;
    uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(segment.data(), segment.data() + segment.size(), number);
    const bool whole = error == std::errc{} && end == segment.data() + segment.size();
    if (!whole || number > limits::cwmp_instance_highest) return std::nullopt;
    return number;
}

// The rows of `objects` that follow `at` and lie below it.
uint32_t end_of_subtree(std::span<const ModelObject> objects, uint32_t at) {
    const std::string_view path = objects[at].path;
    uint32_t end = at + 1;
    while (end < objects.size() && objects[end].path.starts_with(path))
        ++end;
    return end;
}

}  // namespace

std::string_view value_type_name(ValueType type) {
    constexpr std::string_view names[] = {"string", "boolean", "int", "unsignedInt", "dateTime"};
    return names[static_cast<uint32_t>(type)];
}

std::string_view root_name(Root root) {
    return root == Root::igd ? "InternetGatewayDevice." : "Device.";
}

Instances Instances::with(uint32_t number) const {
    Instances out = *this;
    out.numbers[out.count++] = number;
    return out;
}

// --- what there is -------------------------------------------------------------------------------

Model::Model(const ModelFacts& facts)
    : facts_(facts),
      root_(root_of(facts.phone.settings.get(Setting::tr069_root))),
      vendor_object_("X_" + device_id(facts.phone).oui + "_Config.") {
    const KeyValues values(facts_);
    for (uint32_t number = 1; number <= facts_.phone.profile->accounts.accounts; ++number) {
        const VoiceAccount account = voice_account(number, values);
        if (account.profile != 0) accounts_.push_back(account);
    }
}

const VoiceAccount* Model::account_of_profile(uint32_t profile) const {
    const auto found = std::ranges::find(accounts_, profile, &VoiceAccount::profile);
    return found == accounts_.end() ? nullptr : &*found;
}

const VoiceLine& Model::line_of(uint32_t account) const {
    const auto found = std::ranges::find(facts_.phone.voice.lines, account, &VoiceLine::account);
    return found == facts_.phone.voice.lines.end() ? silent_line : *found;
}

void Model::find_vendor_keys() const {
    const Profile& profile = *facts_.phone.profile;
    std::vector<std::string> taken;
    for (const AccountKey& row : profile.accounts.keys) {
        for (uint32_t account = 1; account <= profile.accounts.accounts; ++account) {
            taken.push_back(account_key(row, account));
            if (!row.other_pattern.empty()) taken.push_back(other_account_key(row, account));
        }
    }
    std::ranges::sort(taken);
    std::vector<VendorKey> out;
    const uint64_t name_bytes =
        limits::cwmp_path_bytes - root_name(root_).size() - vendor_object_.size();
    for (const Item& item : facts_.active.items) {
        if (!key_has_shape(item.key, profile.key_shape)) continue;
        if (!out.empty() && out.back().key == item.key) continue;  // of another origin
        if (std::ranges::binary_search(taken, item.key)) continue;
        std::string name = name_of_vendor_key(item.key);
        if (name.size() <= name_bytes) out.push_back({std::move(name), item.key});
    }
    std::ranges::sort(out, {}, &VendorKey::name);
    vendor_keys_ = std::move(out);
}

std::span<const Model::VendorKey> Model::vendor_keys() const {
    if (!vendor_keys_) find_vendor_keys();
    return *vendor_keys_;
}

ModelParameter Model::vendor_parameter(const ModelObject& object, const VendorKey& key) const {
    const bool is_secret = is_secret_key(*facts_.phone.profile, key.key);
    return {.object = &object, .row = &vendor_rows[is_secret ? 1 : 0], .vendor_key = key.key};
}

uint32_t Model::account_at(const ModelObject& object, const Instances& at) const {
    if (!object.path.starts_with(voice_profile_path)) return 0;
    const VoiceAccount* const account = account_of_profile(at.numbers[1]);
    return account == nullptr ? 0 : account->number;
}

// --- going through it ----------------------------------------------------------------------------

void Model::collect_object(const ModelObject& object, const Instances& at,
                           std::vector<Node>& out) const {
    const uint32_t depth = depth_of(object.path);
    const uint32_t account = account_at(object, at);
    out.push_back({.parameter = {.object = &object, .at = at, .account = account}, .depth = depth});
    for (const ModelRow& row : object.rows) {
        if (has_root(row.roots, root_))
            out.push_back({.parameter = {&object, &row, at, account}, .depth = depth + 1});
    }
    if (!object.of_vendor_keys) return;
    for (const VendorKey& key : vendor_keys())
        out.push_back({.parameter = vendor_parameter(object, key), .depth = depth + 1});
}

// Deeper than a path has placeholders it does not go.
void Model::collect(Objects objects, const Instances& above, std::vector<Node>& out) const {
    for (uint32_t at = 0; at < objects.size();) {
        const ModelObject& object = objects[at];
        const bool is_root = object.path.empty();
        const uint32_t end = is_root ? 1 : end_of_subtree(objects, at);
        if (!has_root(object.roots, root_)) {
            at = end;
            continue;
        }
        if (object.table == nullptr) {
            collect_object(object, above, out);
            ++at;
            continue;
        }
        const ModelParameter table = {
            .object = &object, .at = above, .account = account_at(object, above)};
        out.push_back({table, true, depth_of(object.path) - 1});
        for (const uint32_t number : object.table->instances(*this, above)) {
            collect_object(object, above.with(number), out);
            collect(objects.subspan(at + 1, end - at - 1), above.with(number), out);
        }
        at = end;
    }
}

std::vector<Model::Node> Model::nodes_of_all() const {
    std::vector<Node> out;
    collect(management_objects(), {}, out);
    collect(voice_objects(), {}, out);
    return out;
}

std::vector<Model::Node> Model::nodes_at(const Place& place) const {
    if (place.object == nullptr || place.object->path.empty()) return nodes_of_all();
    for (const Objects part : {management_objects(), voice_objects()}) {
        if (place.object < part.data() || place.object >= part.data() + part.size()) continue;
        const auto at = static_cast<uint32_t>(place.object - part.data());
        const uint32_t end = end_of_subtree(part, at);
        std::vector<Node> out;
        if (place.is_table) {
            collect(part.subspan(at, end - at), place.at, out);
            return out;
        }
        collect_object(*place.object, place.at, out);
        collect(part.subspan(at + 1, end - at - 1), place.at, out);
        return out;
    }
    return {};
}

// --- paths ---------------------------------------------------------------------------------------

std::string Model::object_path(const ModelObject& object, const Instances& at,
                               bool is_table) const {
    std::string out(root_name(root_));
    if (object.of_vendor_keys) return out += vendor_object_;
    std::string_view path = object.path;
    if (is_table) path.remove_suffix(placeholder.size());
    for (uint32_t instance = 0; !path.empty();) {
        const std::string_view segment = take_piece(path, '.');
        if (segment == "{i}") {
            out += std::to_string(at.numbers[instance++]);
        } else {
            out += segment;
        }
        out += '.';
    }
    return out;
}

std::string Model::path_of(const ModelParameter& parameter) const {
    std::string out = object_path(*parameter.object, parameter.at, false);
    if (!parameter.vendor_key.empty()) return out += name_of_vendor_key(parameter.vendor_key);
    return out += parameter.row->name;
}

std::string Model::name_of(const Node& node) const {
    if (node.parameter.row != nullptr) return path_of(node.parameter);
    return object_path(*node.parameter.object, node.parameter.at, node.is_table);
}

// What a table's rows can be, and so the table and each of them.
bool Model::is_writable_node(const Node& node) const {
    if (node.parameter.row != nullptr) return is_writable(node.parameter);
    const ModelTable* const table = node.parameter.object->table;
    return table != nullptr && table->rows != TableRows::fixed;
}

// Whether `path` begins as the object's does. `rest`: what stands behind it.
bool Model::match(const ModelObject& object, std::string_view path, Place& place,
                  std::string_view& rest) const {
    place = {.object = &object};
    rest = path;
    if (object.of_vendor_keys) {
        if (!rest.starts_with(vendor_object_)) return false;
        rest.remove_prefix(vendor_object_.size());
        return true;
    }
    std::string_view pattern = object.path;
    while (!pattern.empty()) {
        const std::string_view wanted = take_piece(pattern, '.');
        if (wanted == "{i}" && pattern.empty() && rest.empty()) {
            place.is_table = true;
            return true;
        }
        const auto dot = rest.find('.');
        if (dot == std::string_view::npos) return false;
        const std::string_view segment = rest.substr(0, dot);
        rest.remove_prefix(dot + 1);
        if (wanted != "{i}" && wanted != segment) return false;
        if (wanted != "{i}") continue;
        const auto number = read_instance(segment);
        if (!number) return false;
        place.at = place.at.with(*number);
    }
    return true;
}

// Whether each table above has the instance that the path names.
bool Model::exists(const ModelObject& object, const Instances& at) const {
    Instances above;
    auto end = object.path.find(placeholder);
    for (; end != std::string_view::npos && above.count < at.count;
         end = object.path.find(placeholder, end + 1)) {
        const std::string_view table_path = object.path.substr(0, end + placeholder.size());
        const uint32_t number = at.numbers[above.count];
        bool found = false;
        for (const Objects part : {management_objects(), voice_objects()}) {
            const auto table = std::ranges::find(part, table_path, &ModelObject::path);
            if (table == part.end()) continue;
            const auto numbers = table->table->instances(*this, above);
            found = std::ranges::find(numbers, number) != numbers.end();
        }
        if (!found) return false;
        above = above.with(number);
    }
    return true;
}

std::optional<ModelParameter> Model::find_row(const ModelObject& object, const Instances& at,
                                              std::string_view name) const {
    for (const ModelRow& row : object.rows) {
        if (row.name == name && has_root(row.roots, root_))
            return ModelParameter{&object, &row, at, account_at(object, at)};
    }
    if (!object.of_vendor_keys) return std::nullopt;
    const auto keys = vendor_keys();
    const auto found = std::ranges::lower_bound(keys, name, {}, &VendorKey::name);
    if (found == keys.end() || found->name != name) return std::nullopt;
    return vendor_parameter(object, *found);
}

std::optional<Model::Place> Model::find(std::string_view path) const {
    if (path.empty()) return Place{};
    if (path.size() > limits::cwmp_path_bytes || !path.starts_with(root_name(root_)))
        return std::nullopt;
    path.remove_prefix(root_name(root_).size());
    for (const Objects part : {management_objects(), voice_objects()}) {
        for (const ModelObject& object : part) {
            if (!has_root(object.roots, root_)) continue;
            Place place;
            std::string_view rest;
            if (!match(object, path, place, rest)) continue;
            if (rest.find('.') != std::string_view::npos) continue;
            if (!exists(object, place.at)) continue;
            if (rest.empty()) return place;
            place.parameter = find_row(object, place.at, rest);
            if (place.parameter) return place;
        }
    }
    return std::nullopt;
}

bool Model::has(std::string_view path) const {
    return find(path).has_value();
}

std::vector<ModelParameter> Model::parameters_at(std::string_view path) const {
    std::vector<ModelParameter> out;
    const auto place = find(path);
    if (!place) return out;
    if (place->parameter) return {*place->parameter};
    for (const Node& node : nodes_at(*place)) {
        if (node.parameter.row != nullptr) out.push_back(node.parameter);
    }
    return out;
}

std::vector<ModelName> Model::names_at(std::string_view path, bool next_level) const {
    std::vector<ModelName> out;
    const auto place = find(path);
    if (!place) return out;
    if (place->parameter) {
        out.push_back({std::string(path), is_writable(*place->parameter)});
        return out;
    }
    if (path.empty() && next_level) {
        out.push_back({std::string(root_name(root_)), false});
        return out;
    }
    const uint32_t depth =
        place->object == nullptr ? 0 : depth_of(place->object->path) - (place->is_table ? 1 : 0);
    for (const Node& node : nodes_at(*place)) {
        if (!next_level || node.depth == depth + 1)
            out.push_back({name_of(node), is_writable_node(node)});
    }
    return out;
}

// None of them is in a table.
template <typename Wanted>
std::vector<ModelParameter> rows_of_root(Root root, Wanted wanted) {
    std::vector<ModelParameter> out;
    for (const ModelObject& object : management_objects()) {
        if (object.table != nullptr || !has_root(object.roots, root)) continue;
        for (const ModelRow& row : object.rows) {
            if (has_root(row.roots, root) && wanted(row))
                out.push_back({.object = &object, .row = &row});
        }
    }
    return out;
}

std::vector<ModelParameter> Model::forced_parameters() const {
    return rows_of_root(root_,
                        [this](const ModelRow& row) { return has_root(row.forced_roots, root_); });
}

std::vector<ModelParameter> Model::notified_parameters() const {
    return rows_of_root(root_,
                        [](const ModelRow& row) { return row.notification != Notification::off; });
}

std::string Model::value_of(const ModelParameter& parameter) const {
    const ModelRow& row = *parameter.row;
    if (row.access == ModelAccess::hidden) return {};
    if (row.value != nullptr) return row.value(*this, parameter);
    return kept_value(parameter, KeyValues(facts_));
}

// --- small things --------------------------------------------------------------------------------

std::string name_of_vendor_key(std::string_view key) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char letter : key) {
        if (is_letter(letter) || is_digit(letter) || letter == '-') {
            out += letter;
            continue;
        }
        const auto byte = static_cast<uint8_t>(letter);
        out += '_';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

DeviceId device_id(const PhoneFacts& phone) {
    return {.manufacturer = std::string(phone.profile->vendor),
            .oui = oui_text(phone.identity),
            .product_class = phone.identity.model,
            .serial_number = fill_template("{MAC}", phone.identity)};
}

}  // namespace dialtone
