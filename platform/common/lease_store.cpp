// SPDX-License-Identifier: Apache-2.0
#include "platform/common/lease_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/limits.h"
#include "platform/common/descriptor.h"
#include "platform/common/output.h"
#include "platform/common/runtime_directory.h"
#include "platform/common/state_directory.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

std::string name_for(std::string_view real_path, std::string_view interface, bool ipv6) {
    return runtime_name(real_path) + "." + std::string(interface) + (ipv6 ? ".lease6" : ".lease4");
}

// A service's user reads what root wrote for him.
bool give_to_owner(int file, int directory) {
    struct stat found = {};
    if (::fstat(directory, &found) < 0) return false;
    return found.st_uid == ::geteuid() || ::fchown(file, found.st_uid, found.st_gid) == 0;
}

std::unexpected<Error> fail_about(const std::string& path, int number) {
    return fail(ErrorCode::io, "lease file " + path + ": " + ::strerror(number));
}

}  // namespace

Status write_lease(const std::string& runtime_directory, const std::string& state_directory,
                   const LeaseRecord& record) {
    TRY(make_runtime_directory(runtime_directory));
    const std::string real_path = TRY(real_path_to_be(state_directory));
    const std::string name = name_for(real_path, record.interface, record.ipv6);
    const std::string path = runtime_directory + "/" + name;
    const std::string next = name + "." + std::to_string(::getpid());
    const Descriptor place = TRY(open_directory(runtime_directory));
    ::unlinkat(place.get(), next.c_str(), 0);  // of a process that had our number and was killed
    Descriptor file = open_state_file(place.get(), next.c_str(), O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) return fail_about(path, errno);
    if (write_all(file.get(), lease_text(record)) && give_to_owner(file.get(), place.get()) &&
        ::renameat(place.get(), next.c_str(), place.get(), name.c_str()) == 0) {
        return {};
    }
    const int number = errno;
    ::unlinkat(place.get(), next.c_str(), 0);
    return fail_about(path, number);
}

FoundLeases read_leases(const std::string& runtime_directory, const std::string& real_path,
                        const std::string& interface) {
    FoundLeases found;
    if (!make_runtime_directory(runtime_directory)) return found;
    const auto place = open_directory(runtime_directory);
    if (!place) return found;
    for (const bool ipv6 : {false, true}) {
        const std::string name = name_for(real_path, interface, ipv6);
        const auto text = read_state_file(place->get(), name, limits::lease_file_bytes);
        if (!text && text.error().code == ErrorCode::not_found) continue;
        auto record = text ? parse_lease(*text) : std::unexpected(text.error());
        if (record && record->ipv6 == ipv6) {
            found.records.push_back(std::move(*record));
        } else {
            found.remark = "lease file " + runtime_directory + "/" + name + " is left out: " +
                           (record ? "of another family" : describe(record.error()));
        }
    }
    return found;
}

}  // namespace dialtone
