// SPDX-License-Identifier: Apache-2.0
#include "agent/store/lane.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "agent/limits.h"

namespace dialtone {
namespace {

std::string words_for(const Storage& step) {
    switch (step.step) {
        case StorageStep::read:
            return "reading " + step.name;
        case StorageStep::write:
            return "writing " + step.name;
        case StorageStep::append:
            return "adding to " + step.name;
        case StorageStep::sync_file:
            return "bringing " + step.name + " to the medium";
        case StorageStep::sync_directory:
            return "bringing the directory to the medium";
        case StorageStep::rename:
            return "renaming " + step.name;
        case StorageStep::remove:
            return "removing " + step.name;
        case StorageStep::room:
            return "asking how much room there is";
    }
    __builtin_unreachable();
}

}  // namespace

TransactionId Lane::submit(std::vector<Storage> steps, LaneUse use) {
    assert(!steps.empty());
    if (transactions_.size() >= limits::lane_transactions) return 0;
    if (++last_ == 0) ++last_;
    auto place = transactions_.end();
    if (use == LaneUse::configuration && !transactions_.empty())
        place = std::find_if(transactions_.begin() + 1, transactions_.end(),
                             [](const Transaction& one) { return one.use == LaneUse::job; });
    Transaction& transaction = *transactions_.insert(place, {.id = last_, .use = use});
    std::move(steps.begin(), steps.end(), std::back_inserter(transaction.steps));
    if (transactions_.size() == 1) ask();
    return last_;
}

void Lane::ask() {
    Storage& step = transactions_.front().steps.front();
    step_ = step.id = new_id();
    // The bytes are not needed again, but the name is, for the words of a failure.
    std::vector<uint8_t> bytes = std::move(step.bytes);
    step.bytes = {};
    Storage out = step;
    out.bytes = std::move(bytes);
    emit(std::move(out));
}

void Lane::handle(Instant, const Event& event) {
    const auto* answer = std::get_if<StorageDone>(&event);
    if (!answer || transactions_.empty() || answer->id != step_) return;
    Transaction& transaction = transactions_.front();
    const bool failed = !answer->failure.empty();
    if (!failed && transaction.steps.size() > 1) {
        transaction.steps.pop_front();
        return ask();
    }
    LaneOutcome outcome{.transaction = transaction.id,
                        .done = !failed,
                        .not_found = answer->not_found,
                        .bytes = answer->bytes,
                        .room_bytes = answer->room_bytes};
    if (failed) {
        outcome.step = words_for(transaction.steps.front());
        outcome.reason = answer->failure;
    }
    transactions_.pop_front();
    finish(std::move(outcome));
    if (!transactions_.empty()) ask();
}

}  // namespace dialtone
