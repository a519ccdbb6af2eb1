// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/static_server.h"

#include <algorithm>

namespace dialtone {
namespace {

void append_segment(std::string& url, std::string_view segment) {
    if (segment.empty()) return;
    if (!url.ends_with('/') && !segment.starts_with('/')) url += '/';
    if (url.ends_with('/') && segment.starts_with('/')) segment.remove_prefix(1);
    url += segment;
}

std::string url_of_server(const Settings& settings, std::string_view server) {
    std::string url;
    if (server.find("://") == std::string_view::npos) {
        url = settings.get(Setting::static_protocol);
        url += "://";
    }
    url += server;
    append_segment(url, settings.get(Setting::static_path));
    append_segment(url, settings.get(Setting::static_file));
    return url;
}

std::vector<std::string> urls_of_layers(const Settings& settings, bool owned_only) {
    std::vector<std::string> urls;
    if (settings.get(Setting::static_mode) == "off") return urls;
    for (uint32_t i = 0; i < layer_count; ++i) {
        const auto layer = static_cast<Layer>(i);
        if (owned_only && !is_owned(layer)) continue;
        std::string url;
        if (const auto whole = settings.get_in(layer, Setting::static_url); whole) url = *whole;
        const auto server = settings.get_in(layer, Setting::static_server);
        if (url.empty() && server && !server->empty()) url = url_of_server(settings, *server);
        if (!url.empty() && std::find(urls.begin(), urls.end(), url) == urls.end())
            urls.push_back(std::move(url));
    }
    return urls;
}

}  // namespace

std::vector<std::string> static_server_urls(const Settings& settings) {
    return urls_of_layers(settings, false);
}

std::vector<std::string> owned_static_server_urls(const Settings& settings) {
    return urls_of_layers(settings, true);
}

}  // namespace dialtone
