// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/settings_file.h"

#include "agent/limits.h"
#include "platform/common/output.h"
#include "platform/common/read_file.h"

namespace dialtone {
namespace {

std::string placed(const std::string& path, uint32_t line, std::string_view detail) {
    std::string sentence = path;
    if (line != 0) sentence += ":" + std::to_string(line);
    sentence += ": ";
    sentence += detail;
    return one_line(sentence);
}

}  // namespace

std::string add_settings_file(const std::string& path, Settings& settings) {
    const auto text = read_file_at_once(path, limits::settings_file_bytes);
    if (!text) return placed(path, 0, text.error().detail);
    const auto lines = parse_settings_file(*text);
    if (!lines) return placed(path, lines.error().where.number, lines.error().detail);
    for (const SettingLine& line : *lines) {
        const auto status = settings.set(Layer::file, line.setting, line.value);
        if (status) continue;
        settings.clear(Layer::file);
        return placed(path, line.line, status.error().detail);
    }
    return {};
}

}  // namespace dialtone
