// SPDX-License-Identifier: Apache-2.0
//
// A library to be loaded before the C library's (LD_PRELOAD): makes one call of a program fail, or
// every call of a kind, as a full disk, a lost connection or an exhausted system would. It counts
// the calls of all processes that a program forks together. Programs they start know nothing of it.
//
//     DIALTONE_FAULT=KIND:MODE:K:WHAT      nothing fails without it
//         MODE   at (the K-th call), from (that and all later ones), every (each K-th)
//         WHAT   an error number, or "short": a read or write of one byte
//     DIALTONE_FAULT_PAGE=FILE             of one page: the counts by kind, and where it struck
//
// Who loads it: failing_calls_test.py.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string_view>

extern "C" {
void* libc_malloc(size_t size) __asm__("__libc_malloc");
void* libc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void* libc_realloc(void* block, size_t size) __asm__("__libc_realloc");
}

namespace {

// The order of `kind_names`; failing_calls_test.py reads the counts by it.
enum class Kind : uint32_t {
    open,
    read,
    receive,
    write,
    send,
    fsync,
    rename,
    remove,
    truncate,
    status,
    directory,
    lock,
    socket,
    accept,
    connect,
    listen,
    option,
    wait,
    descriptor,
    random,
    process,
    memory,
    count_
};
constexpr uint32_t kinds = static_cast<uint32_t>(Kind::count_);
constexpr std::string_view kind_names[kinds] = {
    "open",     "read",   "receive",    "write",  "send",    "fsync",  "rename",  "remove",
    "truncate", "status", "directory",  "lock",   "socket",  "accept", "connect", "listen",
    "option",   "wait",   "descriptor", "random", "process", "memory"};

enum class Mode : uint8_t { none, at, from, every };
constexpr int short_count = -1;

struct Plan {
    Mode mode = Mode::none;
    Kind kind = Kind::count_;
    uint32_t number = 0;
    int what = 0;
};

// Shared by all processes of a life, and read by the test.
struct Page {
    std::atomic<uint32_t> counts[kinds];
    std::atomic<uint32_t> strikes;
    std::atomic<uint32_t> process;  // of the first strike
    char call[32];
};

Plan plan;
Page own_page = {};
Page* page = &own_page;
uint32_t loaded_by = 0;

// The K-th call of a kind that is counted from 1.
bool is_struck(uint32_t number) {
    switch (plan.mode) {
        case Mode::at:
            return number == plan.number;
        case Mode::from:
            return number >= plan.number;
        case Mode::every:
            return number % plan.number == 0;
        case Mode::none:
            break;
    }
    return false;
}

// What this call is to do: 0 for what it always does, an error number, or short_count.
int fate_of(Kind kind, const char* call) {
    const uint32_t number = ++page->counts[static_cast<uint32_t>(kind)];
    if (plan.kind != kind || !is_struck(number)) return 0;
    if (++page->strikes == 1) {
        page->process = static_cast<uint32_t>(::getpid()) == loaded_by ? 1 : 2;
        ::strncpy(page->call, call, sizeof page->call - 1);
    }
    return plan.what;
}

template <typename Function>
Function real_call(const char* symbol) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, symbol));
}

uint32_t number_of(std::string_view text) {
    uint32_t number = 0;
    for (char c : text)
        number = number * 10 + static_cast<uint32_t>(c - '0');
    return number;
}

// Takes the text up to the next colon off the front.
std::string_view word_of(std::string_view& rest) {
    const auto colon = rest.find(':');
    const auto word = rest.substr(0, colon);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    return word;
}

void read_plan(std::string_view words) {
    const auto kind = word_of(words);
    const auto mode = word_of(words);
    Plan read;
    for (uint32_t i = 0; i < kinds; ++i) {
        if (kind_names[i] == kind) read.kind = static_cast<Kind>(i);
    }
    read.number = number_of(word_of(words));
    const auto what = word_of(words);
    read.what = what == "short" ? short_count : static_cast<int>(number_of(what));
    read.mode = mode == "at" ? Mode::at : mode == "from" ? Mode::from : Mode::every;
    if (read.kind == Kind::count_ || read.number == 0 || read.what == 0) {
        ::fprintf(stderr, "failing_calls: DIALTONE_FAULT cannot be read\n");
        ::_exit(EXIT_FAILURE);
    }
    plan = read;
}

// An event counter, a timer or a signal descriptor moves eight bytes or nothing, and a datagram
// whole. What is no descriptor at all may fail as it likes.
bool moves_streams(int file) {
    static const auto status_of = real_call<int (*)(int, struct stat*)>("fstat64");
    static const auto option_of =
        real_call<int (*)(int, int, int, void*, socklen_t*)>("getsockopt");
    struct stat status = {};
    if (status_of(file, &status) < 0) return true;
    if (!S_ISSOCK(status.st_mode)) return (status.st_mode & S_IFMT) != 0;
    int type = SOCK_STREAM;
    socklen_t size = sizeof type;
    option_of(file, SOL_SOCKET, SO_TYPE, &type, &size);
    return type == SOCK_STREAM;
}

// Nothing fails before it.
__attribute__((constructor)) void begin() {
    loaded_by = static_cast<uint32_t>(::getpid());
    const char* path = ::getenv("DIALTONE_FAULT_PAGE");
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file >= 0) {
        void* mapped = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::close(file);
        if (mapped != MAP_FAILED) page = static_cast<Page*>(mapped);
    }
    for (auto& count : page->counts)
        count = 0;
    if (const char* words = ::getenv("DIALTONE_FAULT")) read_plan(words);
}

}  // namespace

// In place of the C library's function `symbol`, under a name that its headers do not know.
#define DIALTONE_INSTEAD_OF(result, name, symbol, parameters)       \
    extern "C" result instead_of_##name parameters __asm__(symbol); \
    extern "C" result instead_of_##name parameters

// One that fails with `failure` and errno.
#define DIALTONE_CALL(kind, failure, result, name, symbol, parameters, ...) \
    DIALTONE_INSTEAD_OF(result, name, symbol, parameters) {                 \
        static const auto real = real_call<result(*) parameters>(symbol);   \
        if (const int fate = fate_of(Kind::kind, symbol); fate > 0) {       \
            errno = fate;                                                   \
            return failure;                                                 \
        }                                                                   \
        return real(__VA_ARGS__);                                           \
    }                                                                       \
    static_assert(true)

// One that may also move less than it was asked to, from or to a file that can do that.
#define DIALTONE_MOVE(kind, name, symbol, parameters, size, ...)           \
    DIALTONE_INSTEAD_OF(ssize_t, name, symbol, parameters) {               \
        static const auto real = real_call<ssize_t(*) parameters>(symbol); \
        const bool is_stream = moves_streams(file);                        \
        const int fate = is_stream ? fate_of(Kind::kind, symbol) : 0;      \
        if (fate > 0) {                                                    \
            errno = fate;                                                  \
            return -1;                                                     \
        }                                                                  \
        if (fate == short_count && size > 1) size = 1;                     \
        return real(__VA_ARGS__);                                          \
    }                                                                      \
    static_assert(true)

// One that returns its error number.
#define DIALTONE_NUMBER(kind, name, symbol, parameters, ...)                     \
    DIALTONE_INSTEAD_OF(int, name, symbol, parameters) {                         \
        static const auto real = real_call<int(*) parameters>(symbol);           \
        if (const int fate = fate_of(Kind::kind, symbol); fate > 0) return fate; \
        return real(__VA_ARGS__);                                                \
    }                                                                            \
    static_assert(true)

// --- files ---------------------------------------------------------------------------------------

DIALTONE_CALL(open, -1, int, open, "open64", (const char* path, int flags, unsigned mode), path,
              flags, mode);
DIALTONE_CALL(open, -1, int, openat, "openat64",
              (int directory, const char* path, int flags, unsigned mode), directory, path, flags,
              mode);
DIALTONE_CALL(open, nullptr, FILE*, fopen, "fopen64", (const char* path, const char* mode), path,
              mode);
DIALTONE_CALL(open, -1, int, mkostemp, "mkostemp64", (char* path, int flags), path, flags);
DIALTONE_MOVE(read, read, "read", (int file, void* bytes, size_t size), size, file, bytes, size);
DIALTONE_MOVE(read, pread, "pread64", (int file, void* bytes, size_t size, off_t at), size, file,
              bytes, size, at);
DIALTONE_MOVE(write, write, "write", (int file, const void* bytes, size_t size), size, file, bytes,
              size);
DIALTONE_CALL(fsync, -1, int, fsync, "fsync", (int file), file);
DIALTONE_CALL(rename, -1, int, rename, "rename", (const char* from, const char* to), from, to);
DIALTONE_CALL(rename, -1, int, renameat, "renameat",
              (int from, const char* name, int to, const char* new_name), from, name, to, new_name);
DIALTONE_CALL(remove, -1, int, unlink, "unlink", (const char* path), path);
DIALTONE_CALL(remove, -1, int, unlinkat, "unlinkat", (int directory, const char* name, int flags),
              directory, name, flags);
DIALTONE_CALL(truncate, -1, int, ftruncate, "ftruncate64", (int file, off_t size), file, size);
DIALTONE_CALL(status, -1, int, fstat, "fstat64", (int file, void* status), file, status);
DIALTONE_CALL(status, -1, int, stat, "stat64", (const char* path, void* status), path, status);
DIALTONE_CALL(status, -1, int, lstat, "lstat64", (const char* path, void* status), path, status);
DIALTONE_CALL(status, -1, int, access, "access", (const char* path, int mode), path, mode);
DIALTONE_CALL(status, nullptr, char*, realpath, "realpath", (const char* path, char* resolved),
              path, resolved);
DIALTONE_CALL(directory, -1, int, mkdir, "mkdir", (const char* path, mode_t mode), path, mode);
DIALTONE_CALL(directory, nullptr, void*, opendir, "opendir", (const char* path), path);
DIALTONE_CALL(lock, -1, int, flock, "flock", (int file, int operation), file, operation);

// --- sockets -------------------------------------------------------------------------------------

DIALTONE_CALL(socket, -1, int, socket, "socket", (int family, int type, int protocol), family, type,
              protocol);
DIALTONE_CALL(socket, -1, int, socketpair, "socketpair",
              (int family, int type, int protocol, int* pair), family, type, protocol, pair);
DIALTONE_CALL(accept, -1, int, accept, "accept4",
              (int own, sockaddr* address, socklen_t* size, int flags), own, address, size, flags);
DIALTONE_CALL(connect, -1, int, connect, "connect",
              (int own, const sockaddr* address, socklen_t size), own, address, size);
DIALTONE_CALL(listen, -1, int, bind, "bind", (int own, const sockaddr* address, socklen_t size),
              own, address, size);
DIALTONE_CALL(listen, -1, int, listen, "listen", (int own, int backlog), own, backlog);
DIALTONE_CALL(option, -1, int, setsockopt, "setsockopt",
              (int own, int level, int name, const void* value, socklen_t size), own, level, name,
              value, size);
DIALTONE_CALL(option, -1, int, getsockopt, "getsockopt",
              (int own, int level, int name, void* value, socklen_t* size), own, level, name, value,
              size);
DIALTONE_CALL(option, -1, int, getsockname, "getsockname",
              (int own, sockaddr* address, socklen_t* size), own, address, size);
DIALTONE_CALL(option, -1, int, fcntl, "fcntl64", (int file, int command, void* argument), file,
              command, argument);
DIALTONE_MOVE(receive, recv, "recv", (int file, void* bytes, size_t size, int flags), size, file,
              bytes, size, flags);
DIALTONE_MOVE(send, send, "send", (int file, const void* bytes, size_t size, int flags), size, file,
              bytes, size, flags);
DIALTONE_CALL(receive, -1, ssize_t, recvfrom, "recvfrom",
              (int own, void* bytes, size_t size, int flags, sockaddr* from, socklen_t* from_size),
              own, bytes, size, flags, from, from_size);
DIALTONE_CALL(receive, -1, ssize_t, recvmsg, "recvmsg", (int own, msghdr* message, int flags), own,
              message, flags);
DIALTONE_CALL(send, -1, ssize_t, sendto, "sendto",
              (int own, const void* bytes, size_t size, int flags, const sockaddr* to,
               socklen_t to_size),
              own, bytes, size, flags, to, to_size);

// --- waiting, descriptors, processes -------------------------------------------------------------

DIALTONE_CALL(wait, -1, int, poll, "poll", (pollfd * files, nfds_t count, int wait_ms), files,
              count, wait_ms);
DIALTONE_CALL(wait, -1, int, epoll_wait, "epoll_wait",
              (int own, epoll_event* events, int count, int wait_ms), own, events, count, wait_ms);
DIALTONE_CALL(wait, -1, int, select, "select",
              (int count, fd_set* read, fd_set* write, fd_set* other, timeval* wait), count, read,
              write, other, wait);
DIALTONE_CALL(wait, -1, pid_t, waitpid, "waitpid", (pid_t process, int* status, int flags), process,
              status, flags);
DIALTONE_CALL(wait, -1, int, sigtimedwait, "sigtimedwait",
              (const sigset_t* set, siginfo_t* info, const timespec* wait), set, info, wait);
DIALTONE_CALL(wait, -1, int, nanosleep, "nanosleep", (const timespec* wait, timespec* left), wait,
              left);
DIALTONE_CALL(descriptor, -1, int, epoll_create1, "epoll_create1", (int flags), flags);
DIALTONE_CALL(descriptor, -1, int, epoll_ctl, "epoll_ctl",
              (int own, int operation, int file, epoll_event* event), own, operation, file, event);
DIALTONE_CALL(descriptor, -1, int, eventfd, "eventfd", (unsigned count, int flags), count, flags);
DIALTONE_CALL(descriptor, -1, int, timerfd_create, "timerfd_create", (int clock, int flags), clock,
              flags);
DIALTONE_CALL(descriptor, -1, int, signalfd, "signalfd", (int file, const sigset_t* set, int flags),
              file, set, flags);
DIALTONE_CALL(random, -1, ssize_t, getrandom, "getrandom", (void* bytes, size_t size, unsigned how),
              bytes, size, how);
DIALTONE_CALL(process, -1, pid_t, fork, "fork", ());
DIALTONE_NUMBER(process, pthread_create, "pthread_create",
                (pthread_t * thread, const pthread_attr_t* attributes, void* (*work)(void*),
                 void* argument),
                thread, attributes, work, argument);
DIALTONE_NUMBER(process, posix_spawn, "posix_spawn",
                (pid_t * process, const char* path, const void* actions, const void* attributes,
                 char* const* arguments, char* const* environment),
                process, path, actions, attributes, arguments, environment);

// --- memory --------------------------------------------------------------------------------------

DIALTONE_INSTEAD_OF(void*, malloc, "malloc", (size_t size)) {
    if (fate_of(Kind::memory, "malloc") == 0) return libc_malloc(size);
    errno = ENOMEM;
    return nullptr;
}

DIALTONE_INSTEAD_OF(void*, calloc, "calloc", (size_t count, size_t size)) {
    if (fate_of(Kind::memory, "calloc") == 0) return libc_calloc(count, size);
    errno = ENOMEM;
    return nullptr;
}

DIALTONE_INSTEAD_OF(void*, realloc, "realloc", (void* block, size_t size)) {
    if (fate_of(Kind::memory, "realloc") == 0) return libc_realloc(block, size);
    errno = ENOMEM;
    return nullptr;
}
