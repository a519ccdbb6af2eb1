// SPDX-License-Identifier: Apache-2.0
#include "agent/store/durable_files.h"

#include <doctest/doctest.h>

#include "agent/store/record.h"

namespace dialtone {
namespace {

TEST_CASE("every durable file is found by its name") {
    for (const DurableFile& file : durable_files) {
        CAPTURE(file.name);
        CHECK(find_durable_file(file.name) == &file);
        CHECK(durable_name(file.kind, file.index) == file.name);
        CHECK(is_durable_file(file.name, file.kind));
    }
}

TEST_CASE("bad input: a name that only begins like a durable file's is none") {
    for (const std::string_view name : {"record", "record.2", "record.new", "generation.3", ""})
        CHECK(find_durable_file(name) == nullptr);
}

TEST_CASE("record copies and generations of any number have durable files") {
    for (uint8_t copy = 0; copy < limits::record_copies; ++copy)
        CHECK(is_durable_file(record_copy_name(copy), DurableKind::record));
    for (const uint32_t number : {1U, 2U, 3U, 4U, 1'000'000U})
        CHECK(is_durable_file(generation_name(number), DurableKind::generation));
}

}  // namespace
}  // namespace dialtone
