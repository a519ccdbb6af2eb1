// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/storage_medium.h"

#include <errno.h>

#include "agent/limits.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

}  // namespace

bool is_storage_name(std::string_view name) {
    if (name.empty() || name.size() > limits::file_name_bytes || name.front() == '.') return false;
    for (char c : name) {
        if (!is_name_character(c)) return false;
    }
    return true;
}

bool is_proper(const Storage& step, StorageResult& result) {
    const bool named = step.step != StorageStep::sync_directory && step.step != StorageStep::room;
    const bool renames = step.step == StorageStep::rename;
    const bool proper =
        (!named || is_storage_name(step.name)) && (!renames || is_storage_name(step.new_name));
    if (!proper) result.failure = "not a name for a file of the state directory";
    return proper;
}

void fail_with(StorageResult& result, const std::string& name, int number) {
    result.failure = name + ": " + state_file_words(number);
    result.not_found = number == ENOENT;
}

}  // namespace dialtone
