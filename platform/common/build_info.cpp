// SPDX-License-Identifier: Apache-2.0
#include "platform/common/build_info.h"

#include <ares_version.h>
#include <curl/curlver.h>
#include <mbedtls/version.h>
#include <tinyxml2.h>

#include "agent/profile.h"
#include "dialtone_build.h"
#include "dialtone_features.h"
#include "platform/common/journal_text.h"

namespace dialtone {
namespace {

#if defined(__aarch64__)
constexpr std::string_view target = "arm64";
#elif defined(__arm__)
constexpr std::string_view target = "armhf";
#elif defined(__x86_64__)
constexpr std::string_view target = "amd64";
#else
constexpr std::string_view target = "other";
#endif

std::string tinyxml2_version() {
    return std::to_string(TIXML2_MAJOR_VERSION) + "." + std::to_string(TIXML2_MINOR_VERSION) + "." +
           std::to_string(TIXML2_PATCH_VERSION);
}

std::string profile_names() {
    std::string names;
    for (const Profile* profile : all_profiles()) {
        if (!names.empty()) names += ",";
        names += profile->name;
    }
    return names;
}

}  // namespace

std::string build_info(std::string_view program) {
    std::string text;
    const auto add = [&](std::string_view name, std::string_view value) {
        text += name;
        text += '=';
        text += value;
        text += '\n';
    };
    add("program", program);
    add("version", build_version);
    add("built", utc_text(build_time_s));
    add("compiler", __VERSION__);
    add("target", target);
    add("curl", LIBCURL_VERSION);
    add("c-ares", ARES_VERSION_STR);
    add("mbedtls", MBEDTLS_VERSION_STRING);
    add("tinyxml2", tinyxml2_version());
    add("profiles", profile_names());
    for (const BuildFeature& feature : build_features)
        add(feature.name, feature.state);
    return text;
}

}  // namespace dialtone
