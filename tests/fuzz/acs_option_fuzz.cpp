// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the DHCP options that may name an ACS: what is read is within its bounds and can be
// shown and asked for, and what is refused is told in this program's own words. The first byte says
// how many bytes are option 43, the second how many are option 125; the rest is option 17 of
// DHCPv6.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "agent/cwmp/acs_option.h"
#include "agent/limits.h"
#include "agent/transfer/url.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::vector<uint8_t> taken(std::span<const uint8_t>& rest, size_t size) {
    const auto first = rest.first(std::min(size, rest.size()));
    rest = rest.subspan(first.size());
    return {first.begin(), first.end()};
}

bool is_in(uint32_t value, uint32_t lowest) {
    return value == 0 || (value >= lowest && value <= 65'535);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::span<const uint8_t> rest(data, size);
    if (rest.size() < 2) return 0;
    const size_t information = rest[0];
    const size_t identifying = rest[1];
    rest = rest.subspan(2);
    VendorOptions options;
    options.information = taken(rest, information);
    options.identifying = taken(rest, identifying);
    options.identifying_v6 = taken(rest, rest.size());
    const AcsNews news = acs_of_vendor_options(options);
    demand(news.url.size() <= limits::cwmp_url_bytes && is_plain(news.url));
    demand(news.url.empty() || parse_url(news.url, Scheme::http).has_value());
    demand(news.url.empty() == news.option.empty());
    demand(news.url.empty() || news.remark.empty());
    demand(news.remark.size() < 100);
    for (const std::string_view text :
         {std::string_view(news.provisioning_code), std::string_view(news.gateway.oui),
          std::string_view(news.gateway.serial_number),
          std::string_view(news.gateway.product_class)})
        demand(text.size() <= limits::cwmp_code_bytes && is_plain(text));
    demand(is_in(news.retry_minimum_s, 1) && is_in(news.retry_multiplier, 1000));
    return 0;
}
