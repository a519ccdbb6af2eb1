// SPDX-License-Identifier: Apache-2.0
//
// RunHooks effects on their way through a HookRunner, which takes one at a time.
#pragma once

#include <deque>

#include "agent/effect.h"
#include "platform/linux/hooks.h"
#include "platform/linux/loop.h"

namespace dialtone {

class HookQueue final : public Part, private Watcher {
  public:
    // `runner` stays the caller's. Null: this phone has no hooks, and none of them fails.
    HookQueue(Loop& loop, HookRunner* runner);
    ~HookQueue() override;

    void submit(RunHooks&& wanted);
    bool deliver(Instant now, EventSink& sink) override;

  private:
    void ready(int descriptor, uint32_t events) override;
    void start_first();
    void watch();

    Loop& loop_;
    HookRunner* runner_;
    int watched_ = -1;
    std::deque<RunHooks> queue_;  // the first one runs
};

}  // namespace dialtone
