// SPDX-License-Identifier: Apache-2.0
#include "agent/engine.h"

namespace dialtone {

RequestId RequestIds::next() {
    constexpr RequestId largest = 0x7fffffff;
    last_ = last_ == largest ? 1 : last_ + 1;
    return last_;
}

std::optional<Effect> EngineBase::next() {
    if (effects_.empty()) return std::nullopt;
    std::optional<Effect> effect(std::move(effects_.front()));
    effects_.pop_front();
    return effect;
}

void EngineBase::emit(Effect effect) {
    EngineBase* engine = this;
    if (!engine->complete(effect)) return;
    while (engine->owner_) {
        engine = engine->owner_;
        if (!engine->complete(effect)) return;
    }
    engine->effects_.push_back(std::move(effect));
}

}  // namespace dialtone
