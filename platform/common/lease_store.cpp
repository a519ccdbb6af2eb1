// SPDX-License-Identifier: Apache-2.0
#include "platform/common/lease_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/limits.h"
#include "platform/common/descriptor.h"
#include "platform/common/output.h"
#include "platform/common/read_file.h"
#include "platform/common/runtime_directory.h"
#include "platform/common/state_directory.h"

namespace dialtone {
namespace {

std::string path_of(const std::string& runtime_directory, std::string_view real_path,
                    std::string_view interface, bool ipv6) {
    return runtime_directory + "/" + runtime_name(real_path) + "." + std::string(interface) +
           (ipv6 ? ".lease6" : ".lease4");
}

// The real path that the directory has, or will have once it is made.
Result<std::string> real_path_to_be(const std::string& directory) {
    auto real_path = real_path_of(directory);
    if (real_path || real_path.error().code != ErrorCode::not_found) return real_path;
    std::string_view name = directory;
    while (name.size() > 1 && name.ends_with('/'))
        name.remove_suffix(1);
    const auto slash = name.rfind('/');
    const std::string parent(slash == std::string_view::npos ? "." : name.substr(0, slash + 1));
    if (parent == name) return real_path;
    std::string path = TRY(real_path_to_be(parent));
    if (!path.ends_with('/')) path += '/';
    return path + std::string(name.substr(slash + 1));
}

std::unexpected<Error> fail_about(const std::string& path, int number) {
    return fail(ErrorCode::io, "lease file " + path + ": " + ::strerror(number));
}

}  // namespace

Status write_lease(const std::string& runtime_directory, const std::string& state_directory,
                   const LeaseRecord& record) {
    TRY(make_runtime_directory(runtime_directory));
    const std::string real_path = TRY(real_path_to_be(state_directory));
    const std::string path = path_of(runtime_directory, real_path, record.interface, record.ipv6);
    const std::string next = path + "." + std::to_string(::getpid());
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    ::unlink(next.c_str());  // of a process that had our number and was killed
    Descriptor file(::open(next.c_str(), flags, 0600));
    if (!file.is_open()) return fail_about(next, errno);
    if (write_all(file.get(), lease_text(record)) && ::rename(next.c_str(), path.c_str()) == 0) {
        return {};
    }
    const int number = errno;
    ::unlink(next.c_str());
    return fail_about(path, number);
}

FoundLeases read_leases(const std::string& runtime_directory, const std::string& real_path,
                        const std::string& interface) {
    FoundLeases found;
    if (!make_runtime_directory(runtime_directory)) return found;
    for (const bool ipv6 : {false, true}) {
        const std::string path = path_of(runtime_directory, real_path, interface, ipv6);
        const auto text = read_file(path, limits::lease_file_bytes);
        if (!text && text.error().code == ErrorCode::not_found) continue;
        auto record = text ? parse_lease(*text) : std::unexpected(text.error());
        if (record && record->ipv6 == ipv6) {
            found.records.push_back(std::move(*record));
        } else {
            found.remark = "lease file " + path + " is left out: " +
                           (record ? "of another family" : describe(record.error()));
        }
    }
    return found;
}

}  // namespace dialtone
