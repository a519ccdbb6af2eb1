// SPDX-License-Identifier: Apache-2.0
//
// Collects the warnings of one document while it is parsed, at most limits::config_warnings: the
// last one then says how many more there were.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/document.h"
#include "agent/limits.h"

namespace dialtone {

class Remarks {
  public:
    void add(uint32_t line, std::string detail) {
        if (kept_.size() + 1 < limits::config_warnings) {
            kept_.push_back({Position::at_line(line), std::move(detail)});
        } else {
            ++left_out_;
        }
    }

    std::vector<Warning> take() {
        if (left_out_ != 0) {
            kept_.push_back(
                {{}, "and " + std::to_string(left_out_) + " more remarks on this file"});
        }
        return std::move(kept_);
    }

  private:
    std::vector<Warning> kept_ = {};
    uint32_t left_out_ = 0;
};

}  // namespace dialtone
