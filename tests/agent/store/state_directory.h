// SPDX-License-Identifier: Apache-2.0
//
// The state directories of tests/data/state, as releases left them; the README there says how each
// came about.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/limits.h"
#include "agent/store/record.h"

namespace dialtone {

// What lies in a state directory besides the journal, by name, and the journal's lines.
struct StateDirectory {
    std::map<std::string, std::vector<uint8_t>> files = {};
    std::vector<std::string> journal = {};
};

inline std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// `name`: "0.1.0/grandstream-idle".
inline StateDirectory state_directory(std::string_view name) {
    const std::string folder = DIALTONE_TEST_DATA "/state/" + std::string(name) + "/";
    StateDirectory state;
    std::vector<std::string> names;
    names.reserve(limits::record_copies + limits::generation_slots);
    for (uint8_t copy = 0; copy < limits::record_copies; ++copy)
        names.push_back(record_copy_name(copy));
    for (uint32_t slot = 0; slot < limits::generation_slots; ++slot)
        names.push_back(generation_name(slot));
    for (const std::string& file : names) {
        const std::string bytes = content_of(folder + file);
        if (!bytes.empty()) state.files[file].assign(bytes.begin(), bytes.end());
    }
    const std::string journal = content_of(folder + "journal");
    for (size_t from = 0; from < journal.size();) {
        const size_t end = journal.find('\n', from) + 1;
        state.journal.push_back(journal.substr(from, end - from));
        from = end;
    }
    return state;
}

}  // namespace dialtone
