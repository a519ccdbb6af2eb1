// SPDX-License-Identifier: Apache-2.0
//
// A library to be loaded before the C library's (LD_PRELOAD): writes down what dialtoned does to
// the files of its state directory, and how long the log of the disk under it was at that moment.
// Who loads it: ext4_test.py; recorded_check.cpp reads the lines.
//
//     DIALTONE_RECORD=FILE       where lines are added:
//         begin POSITION write NAME CONTENT       before the file is opened; CONTENT in hex digits
//         begin POSITION remove NAME
//         done POSITION sync_file NAME            when fsync() is over
//         done POSITION sync_directory
//         report POSITION LINE                    a line of the journal
//     DIALTONE_RECORD_LOG=FILE   of the disk's writes; a POSITION is its length in bytes
//     DIALTONE_RECORD_LIES=1     fsync() does nothing and says that it is done: to be caught
// Words are separated by tabs.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "agent/store/durable_files.h"

namespace {

constexpr std::string_view journal = dialtone::durable_name(dialtone::DurableKind::journal, 0);

constexpr int most_files = 256;

// What an open descriptor is, and for a file that is written: from where on.
struct Open {
    std::string name = {};
    uint64_t begun_at = 0;
};

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
Open open_files[most_files];

template <typename Function>
Function real_call(const char* symbol) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, symbol));
}

uint64_t position() {
    struct stat status = {};
    const char* log = ::getenv("DIALTONE_RECORD_LOG");
    if (log == nullptr || ::stat(log, &status) < 0) return 0;
    return static_cast<uint64_t>(status.st_size);
}

void add(std::string_view what, uint64_t at, std::string_view rest) {
    static const auto real_write = real_call<ssize_t (*)(int, const void*, size_t)>("write");
    const char* path = ::getenv("DIALTONE_RECORD");
    const int file = path == nullptr ? -1 : ::open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0) return;
    std::string line(what);
    line.append("\t").append(std::to_string(at)).append("\t").append(rest);
    if (!line.ends_with('\n')) line += '\n';
    if (real_write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::abort();
    ::close(file);
}

std::string hex(const void* bytes, size_t size) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (size_t at = 0; at < size; ++at) {
        const auto byte = static_cast<const uint8_t*>(bytes)[at];
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

bool is_ours(std::string_view name) {
    return dialtone::find_durable_file(name) != nullptr;
}

bool is_directory(int file) {
    struct stat status = {};
    return ::fstat(file, &status) == 0 && S_ISDIR(status.st_mode);
}

void remember(int file, std::string name, uint64_t begun_at) {
    if (file < 0 || file >= most_files) return;
    ::pthread_mutex_lock(&mutex);
    open_files[file] = {std::move(name), begun_at};
    ::pthread_mutex_unlock(&mutex);
}

Open what_is(int file) {
    if (file < 0 || file >= most_files) return {};
    ::pthread_mutex_lock(&mutex);
    Open found = open_files[file];
    ::pthread_mutex_unlock(&mutex);
    return found;
}

}  // namespace

// In place of the C library's functions, under names that its headers do not know.
extern "C" int recorded_openat(int directory, const char* path, int flags,
                               unsigned mode) __asm__("openat64");
extern "C" int recorded_openat(int directory, const char* path, int flags, unsigned mode) {
    static const auto real = real_call<int (*)(int, const char*, int, unsigned)>("openat64");
    const uint64_t at = position();
    const int file = real(directory, path, flags, mode);
    remember(file, is_ours(path) ? path : "", at);
    return file;
}

extern "C" int recorded_close(int file) __asm__("close");
extern "C" int recorded_close(int file) {
    static const auto real = real_call<int (*)(int)>("close");
    remember(file, "", 0);
    return real(file);
}

extern "C" ssize_t recorded_write(int file, const void* bytes, size_t size) __asm__("write");
extern "C" ssize_t recorded_write(int file, const void* bytes, size_t size) {
    static const auto real = real_call<ssize_t (*)(int, const void*, size_t)>("write");
    const Open about = what_is(file);
    if (about.name == journal)
        add("report", position(), std::string_view(static_cast<const char*>(bytes), size));
    else if (!about.name.empty())
        add("begin", about.begun_at, "write\t" + about.name + "\t" + hex(bytes, size));
    return real(file, bytes, size);
}

extern "C" int recorded_fsync(int file) __asm__("fsync");
extern "C" int recorded_fsync(int file) {
    static const auto real = real_call<int (*)(int)>("fsync");
    const Open about = what_is(file);
    const int result = ::getenv("DIALTONE_RECORD_LIES") == nullptr ? real(file) : 0;
    if (result < 0) return result;
    if (!about.name.empty()) {
        add("done", position(), "sync_file\t" + about.name);
    } else if (is_directory(file)) {
        add("done", position(), "sync_directory");
    }
    return result;
}

extern "C" int recorded_unlinkat(int directory, const char* name, int flags) __asm__("unlinkat");
extern "C" int recorded_unlinkat(int directory, const char* name, int flags) {
    static const auto real = real_call<int (*)(int, const char*, int)>("unlinkat");
    if (is_ours(name)) add("begin", position(), "remove\t" + std::string(name));
    return real(directory, name, flags);
}
