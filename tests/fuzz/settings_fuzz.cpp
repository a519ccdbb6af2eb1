// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a settings file: an error that names a line, or values that each setting takes. An
// error never shows a secret.
#include <cstdint>
#include <cstdlib>

#include "agent/limits.h"
#include "agent/settings.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto lines = parse_settings_file(text);
    if (!lines) {
        demand(!lines.error().detail.empty());
        demand(lines.error().code == ErrorCode::bad_usage || size > limits::settings_file_bytes);
        for (char c : lines.error().detail)
            demand(static_cast<uint8_t>(c) >= 0x20);
    } else {
        Settings settings;
        for (const SettingLine& line : *lines) {
            demand(settings.set(Layer::file, line.setting, line.value).has_value());
            demand(settings.get(line.setting) == line.value);
            demand(line.line > 0 && line.line <= size + 1);
        }
    }

    for (const SettingForm& form : all_settings()) {
        const Status taken = check_setting(form, text);
        demand(taken || taken.error().detail.starts_with(form.name));
        if (!taken && form.type == SettingType::secret)
            demand(taken.error().detail.size() < form.name.size() + 64);
        if (taken && form.type == SettingType::number) {
            Settings settings;
            demand(settings.set(Layer::command_line, form.setting, text).has_value());
            const uint32_t number = settings.number(form.setting);
            demand(number >= form.low && number <= form.high);
        }
    }
    const std::string_view nearest = nearest_setting(text);
    demand(nearest.empty() || find_setting(nearest) != nullptr);
    return 0;
}
