// SPDX-License-Identifier: Apache-2.0
//
// A directory of a test's own under the system's temporary one, with everything in it gone at the
// end.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace dialtone {

class ScratchDirectory {
  public:
    ScratchDirectory() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
    ~ScratchDirectory() { ::nftw(path_.c_str(), remove, 8, FTW_DEPTH | FTW_PHYS); }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    const std::string& path() const { return path_; }
    std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

    void write(std::string_view name, std::string_view content, int flags = O_TRUNC) const {
        const int descriptor = ::open(file(name).c_str(), O_WRONLY | O_CREAT | flags, 0600);
        REQUIRE(descriptor >= 0);
        CHECK(::write(descriptor, content.data(), content.size()) ==
              static_cast<ssize_t>(content.size()));
        ::close(descriptor);
    }
    void append(std::string_view name, std::string_view content) const {
        write(name, content, O_APPEND);
    }

  private:
    static int remove(const char* path, const struct stat*, int, FTW*) { return ::remove(path); }

    std::string path_ = "/tmp/dialtone-test-XXXXXX";
};

}  // namespace dialtone
