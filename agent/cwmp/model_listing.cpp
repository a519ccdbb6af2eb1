// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/model_listing.h"

#include <algorithm>
#include <utility>

#include "agent/cwmp/model_values.h"
#include "agent/cwmp/watch.h"
#include "agent/limits.h"
#include "agent/nearest_name.h"
#include "agent/text.h"
#include "agent/transfer/masked_value.h"

namespace dialtone {
namespace {

// --- one line ------------------------------------------------------------------------------------

// A secret shows only whether there is one.
std::string shown_value(const Model& model, const ModelParameter& parameter) {
    const ModelFacts& facts = model.facts();
    if (parameter.row->access == ModelAccess::hidden) {
        const bool is_set = !kept_value(parameter, KeyValues(facts)).empty();
        return is_set ? std::string(secret_mask) : std::string();
    }
    const bool is_kept = parameter.row->keeping != Keeping::none;
    const bool is_url = is_kept && is_url_key(*facts.phone.profile, key_of(parameter, facts));
    return without_url_secrets(model.value_of(parameter), is_url);
}

std::string line_of(const Model& model, const AcsMemory& memory, const ModelName& name) {
    std::string out = name.writable ? "RW " : "RO ";
    const auto place = model.find(name.path);
    if (!place || !place->parameter) return out + "- " + name.path;
    out += std::to_string(notification_of(model, *place->parameter, memory));
    return out + " " + name.path + " " + shown_value(model, *place->parameter);
}

// --- a name that there is not --------------------------------------------------------------------

std::string listed(std::string_view introduction, const std::vector<std::string>& names) {
    std::string out(introduction);
    for (uint32_t at = 0; at < names.size() && at < limits::model_names_told; ++at)
        out += (at == 0 ? " " : ", ") + names[at];
    return names.size() > limits::model_names_told ? out + " ..." : out;
}

// Whoever leaves out the beginning of a path means one of those that end with it.
std::vector<std::string> names_ending_with(const Model& model, std::string_view path) {
    const std::string wanted = "." + lowered(path);
    std::vector<std::string> out;
    for (ModelName& name : model.names_at({}, false)) {
        const std::string whole = lowered(name.path);
        if (whole.ends_with(wanted) || whole.ends_with(wanted + ".")) out.push_back(name.path);
    }
    return out;
}

// The part of `path` that there is, with its dot; empty: not even the root.
std::string_view existing_part(const Model& model, std::string_view path) {
    while (!path.empty()) {
        const auto dot = path.substr(0, path.size() - 1).find_last_of('.');
        path = path.substr(0, dot == std::string_view::npos ? 0 : dot + 1);
        if (model.has(path)) break;  // there is the empty one
    }
    return path;
}

// The words behind "there is nothing called PATH".
std::string nearest_words(const Model& model, std::string_view path) {
    const auto ending = names_ending_with(model, path);
    if (!ending.empty()) return listed(", but", ending);
    const std::string_view above = existing_part(model, path);
    std::string_view rest = path.substr(above.size());
    const std::string_view wrong = take_piece(rest, '.');
    std::vector<std::string> names;
    std::vector<std::string_view> last_parts;
    for (ModelName& name : model.names_at(above, true))
        names.push_back(std::move(name.path));
    for (const std::string& name : names) {
        std::string_view part = std::string_view(name).substr(above.size());
        if (part.ends_with('.')) part.remove_suffix(1);
        last_parts.push_back(part);
    }
    const std::string_view nearest = nearest_name(wrong, last_parts);
    if (!nearest.empty())
        return ", did you mean " + std::string(above) + std::string(nearest) + "?";
    return listed(above.empty() ? "; paths begin with" : "; there are", names);
}

// Objects are found without their dot, too.
std::string full_path(const Model& model, std::string_view path) {
    std::string out(path);
    const bool lacks_dot = !path.empty() && !path.ends_with('.') && !model.has(path);
    if (lacks_dot && model.has(out + ".")) out += '.';
    return out;
}

}  // namespace

ModelListing list_model(const ModelFacts& facts, const AcsMemory& memory, std::string_view path,
                        uint32_t first) {
    if (path.size() > limits::cwmp_path_bytes) return {.text = "the path is too long"};
    const Model model(facts);
    const std::string whole = full_path(model, path);
    if (!model.has(whole))
        return {.text = "there is nothing called " + whole + nearest_words(model, whole)};
    const auto names = model.names_at(whole, false);
    ModelListing out{.found = true, .text = std::to_string(names.size())};
    const auto count = static_cast<uint32_t>(names.size());
    const uint32_t end = first + std::min(limits::reply_lines, count - std::min(first, count));
    for (uint32_t at = first; at < end; ++at)
        out.lines.push_back(line_of(model, memory, names[at]));
    return out;
}

}  // namespace dialtone
