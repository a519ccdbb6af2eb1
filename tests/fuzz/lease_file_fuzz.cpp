// SPDX-License-Identifier: Apache-2.0
//
// Any text as a lease file: what is read is within its bounds, has no option twice and nothing in
// an interface's name that a path or a line would stumble over, and written again it is the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "agent/limits.h"
#include "platform/common/lease_file.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void check(const LeaseRecord& record, size_t text_bytes) {
    demand(!record.interface.empty() && record.interface.size() < 16);
    demand(record.interface.find_first_of(std::string_view("/\n\0", 3)) == std::string::npos);
    demand(record.options.size() <= limits::lease_options);
    std::set<uint16_t> codes;
    for (const LeaseRecord::Option& option : record.options) {
        demand(option.code != 0 && (record.ipv6 || option.code < 255));
        demand(codes.insert(option.code).second);
        demand(option.value.size() <= limits::dhcp_option_bytes);
    }
    const std::string written = lease_text(record);
    demand(written.size() == text_bytes);  // a record can be written in one way only
    const auto again = parse_lease(written);
    demand(again && *again == record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto record = parse_lease(text);
    if (record) {
        check(*record, size);
    } else {
        demand(!record.error().detail.empty() && record.error().detail.size() < 100);
    }
    return 0;
}
