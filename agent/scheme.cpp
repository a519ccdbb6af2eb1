// SPDX-License-Identifier: Apache-2.0
#include "agent/scheme.h"

#include "agent/settings.h"
#include "agent/text.h"

namespace dialtone {

std::string_view scheme_of(std::string_view text) {
    const auto mark = text.find("://");
    if (mark == std::string_view::npos) return {};
    const std::string_view scheme = text.substr(0, mark);
    return scheme.find_first_of("/?") == std::string_view::npos ? scheme : std::string_view();
}

bool is_known_scheme(std::string_view scheme) {
    return check_setting(setting_form(Setting::static_protocol), lowered(scheme)).has_value();
}

}  // namespace dialtone
