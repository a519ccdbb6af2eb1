// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/plan.h"

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

std::string wrapped_name(const PlanFile& file, const Identity& identity, PlanNames names) {
    std::string out(names.prefix);
    out += file_name(file, identity);
    out += names.postfix;
    return out;
}

// The folder of the file that `url_text` names, with its query.
std::string folder_of(std::string_view url_text) {
    const auto query = url_text.find('?');
    const std::string_view path = url_text.substr(0, query);
    std::string out(path.substr(0, path.rfind('/') + 1));
    if (query != std::string_view::npos) out += url_text.substr(query);
    return out;
}

PlannedFile planned(const PlanFile& row, std::string_view folder, const Identity& identity,
                    PlanNames names) {
    PlannedFile file;
    file.role = row.role;
    file.name = wrapped_name(row, identity, names);
    file.url = file_under(folder, file.name);
    file.ask = row.ask;
    return file;
}

// The named file is the phone's own; what holds for all phones lies beside it and comes first.
Plan named_file_plan(std::string_view url_text, const Url& url, const Profile& profile,
                     const Identity& identity, PlanNames names) {
    Plan plan = one_file_plan(url_text);
    if (url.path.empty()) return plan;
    const std::string folder = folder_of(url_text);
    for (const PlanFile& row : profile.files) {
        if (!row.beside_named_file || plan.files.size() == limits::plan_files) continue;
        PlannedFile file = planned(row, folder, identity, names);
        if (file.name == plan.files.back().name) continue;
        plan.files.insert(plan.files.end() - 1, std::move(file));
    }
    return plan;
}

}  // namespace

bool names_a_file(const Url& url, const Profile& profile, const Identity& identity,
                  PlanNames names) {
    if (!url.query.empty()) return true;
    const std::string_view segment = last_segment(url);
    if (segment.empty()) return false;
    const auto dot = segment.rfind('.');
    if (dot != std::string_view::npos && dot + 1 < segment.size()) return true;
    for (const PlanFile& file : profile.files) {
        if (equals_without_case(segment, wrapped_name(file, identity, names))) return true;
        if (equals_without_case(segment, file_name(file, identity))) return true;
    }
    return false;
}

bool names_another_phone(std::string_view file_name, const Identity& identity) {
    constexpr uint32_t maker_digits = 6;
    const std::string own = mac_text(identity);
    std::string digits;
    const auto is_another = [&] {
        return digits.size() == own.size() && digits != own &&
               digits.starts_with(std::string_view(own).substr(0, maker_digits));
    };
    bool found = false;
    for (const char letter : lowered(file_name)) {
        const bool is_separator = (letter == ':' || letter == '-') && !digits.empty();
        if (is_separator) continue;
        if (hex_digit(letter)) {
            digits += letter;
            continue;
        }
        found = found || is_another();
        digits.clear();
    }
    return found || is_another();
}

Plan one_file_plan(std::string_view url_text) {
    PlannedFile file;
    file.role = one_file_role;
    file.url = url_text;
    const auto url = parse_url(url_text, Scheme::http);
    if (url) file.name = last_segment(*url);
    if (file.name.empty()) file.name = "/";
    Plan plan;
    plan.files.push_back(std::move(file));
    return plan;
}

std::string file_under(std::string_view url_text, std::string_view name) {
    const auto query = url_text.find('?');
    std::string out(url_text.substr(0, query));
    if (!out.ends_with('/')) out += '/';
    out += name;
    if (query != std::string_view::npos) out += url_text.substr(query);
    return out;
}

std::string signature_url(std::string_view url_text) {
    url_text = url_text.substr(0, url_text.find('#'));
    const auto query = url_text.find('?');
    std::string out(url_text.substr(0, query));
    const auto scheme = out.find("://");
    // Where there is no path the name of the host must not become another one.
    if (out.find('/', scheme == std::string::npos ? 0 : scheme + 3) == std::string::npos)
        out += '/';
    out += ".sig";
    if (query != std::string_view::npos) out += url_text.substr(query);
    return out;
}

Result<Plan> make_plan(std::string_view url_text, Scheme default_scheme, const Profile& profile,
                       const Identity& identity, PlanNames names) {
    // A fragment is nobody's business but a browser's, and names would be put behind it.
    const std::string filled =
        filled_placeholders(url_text.substr(0, url_text.find('#')), identity);
    const Url url = TRY(parse_url(filled, default_scheme));
    if (names_a_file(url, profile, identity, names))
        return named_file_plan(filled, url, profile, identity, names);
    Plan plan;
    plan.from_folder = true;
    for (const PlanFile& row : profile.files) {
        if (plan.files.size() == limits::plan_files) break;
        plan.files.push_back(planned(row, filled, identity, names));
    }
    return plan;
}

Scheme default_scheme(const Settings& settings) {
    const std::string_view word = settings.get(Setting::static_protocol);
    for (uint32_t i = 0; i <= static_cast<uint32_t>(Scheme::tftp); ++i) {
        if (scheme_name(static_cast<Scheme>(i)) == word) return static_cast<Scheme>(i);
    }
    return Scheme::http;
}

}  // namespace dialtone
