// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/lease.h"

#include <utility>
#include <vector>

#include "agent/limits.h"
#include "platform/world.h"

namespace dialtone {

LeaseBook::LeaseBook(std::string interface, std::span<const LeaseRecord> found)
    : interface_(std::move(interface)) {
    for (const LeaseRecord& record : found) {
        if (record.news == LeaseNews::lost) continue;
        // A file that names another interface inside than in its own name is passed over.
        if (const Status taken = take(LeaseRecord(record)); !taken) continue;
    }
}

Status LeaseBook::take(LeaseRecord&& record) {
    if (!interface_.empty() && record.interface != interface_) {
        return fail(ErrorCode::bad_usage,
                    "the lease is of " + record.interface + ", and the phone uses " + interface_);
    }
    auto& held = held_[record.ipv6 ? 1 : 0];
    const bool has_other = held_[record.ipv6 ? 0 : 1].has_value();
    news_ = record.news;
    if (record.news != LeaseNews::lost) {
        held = std::move(record);
        return {};
    }
    held.reset();
    // The other client's lease is what the phone has now.
    if (has_other) news_ = LeaseNews::bound;
    return {};
}

bool LeaseBook::deliver(Instant now, EventSink& sink) {
    if (!news_) return false;
    // Copied: the sink may cause the next record to be taken.
    const std::optional<LeaseRecord> shown[] = {held_[0], held_[1]};
    std::vector<LeaseOption> options;
    for (const auto& record : shown) {
        if (!record) continue;
        for (const LeaseRecord::Option& option : record->options)
            options.push_back({record->ipv6, option.code, option.value});
    }
    if (options.size() > limits::lease_options) options.resize(limits::lease_options);
    const std::string_view named = shown[0] ? shown[0]->vendor_class : std::string_view();
    sink.take(now, Lease{*std::exchange(news_, std::nullopt), options, named});
    return true;
}

}  // namespace dialtone
