// SPDX-License-Identifier: Apache-2.0
//
// Whole small files: settings, passwords, configuration files to inspect, the state directory.
#pragma once

#include <cstdint>
#include <string>

#include "agent/result.h"

namespace dialtone {

// The content of `path`, which may be a pipe. Errors: not_found, io (with the system's words),
// too_big (more than `limit_bytes`). The detail does not repeat the path.
Result<std::string> read_file(const std::string& path, uint32_t limit_bytes);

// The same for a daemon, which waits for nobody: a FIFO that nobody writes to is an empty file.
Result<std::string> read_file_at_once(const std::string& path, uint32_t limit_bytes);

// The same of an open file.
Result<std::string> read_descriptor(int descriptor, uint32_t limit_bytes);

// read_file(), or a test's own.
using FileReader = Result<std::string> (*)(const std::string& path, uint32_t limit_bytes);

}  // namespace dialtone
