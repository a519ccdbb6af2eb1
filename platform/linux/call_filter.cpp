// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/call_filter.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <string>
#include <string_view>

#include "dialtone_build.h"

namespace dialtone {
namespace {

// --- this machine --------------------------------------------------------------------------------

// What the kernel calls it (0: unknown, and then there is no filter), and where a call's result is
// found when a signal comes in its place.
#if defined(__x86_64__) && !defined(__ILP32__)
constexpr uint32_t machine = AUDIT_ARCH_X86_64;
constexpr bool answers_by_signal = true;
void set_error(mcontext_t& registers, int number) {
    registers.gregs[REG_RAX] = -number;
}
#elif defined(__i386__)
constexpr uint32_t machine = AUDIT_ARCH_I386;
constexpr bool answers_by_signal = true;
void set_error(mcontext_t& registers, int number) {
    registers.gregs[REG_EAX] = -number;
}
#elif defined(__aarch64__)
constexpr uint32_t machine = AUDIT_ARCH_AARCH64;
constexpr bool answers_by_signal = true;
void set_error(mcontext_t& registers, int number) {
    registers.regs[0] = static_cast<uint64_t>(-number);
}
#elif defined(__arm__) && defined(__ARMEL__)
constexpr uint32_t machine = AUDIT_ARCH_ARM;
constexpr bool answers_by_signal = true;
void set_error(mcontext_t& registers, int number) {
    registers.arm_r0 = static_cast<unsigned long>(-number);
}
#elif defined(__mips__) && defined(_ABIO32)
constexpr uint32_t machine =
    std::endian::native == std::endian::big ? AUDIT_ARCH_MIPS : AUDIT_ARCH_MIPSEL;
constexpr bool answers_by_signal = true;
void set_error(mcontext_t& registers, int number) {
    registers.gregs[2] = static_cast<uint64_t>(number);  // v0: which error
    registers.gregs[7] = 1;                              // a3: that it is one
}
#elif defined(__riscv) && __riscv_xlen == 64
constexpr uint32_t machine = AUDIT_ARCH_RISCV64;
constexpr bool answers_by_signal = false;
void set_error(mcontext_t&, int) {
}
#else
constexpr uint32_t machine = 0;
constexpr bool answers_by_signal = false;
void set_error(mcontext_t&, int) {
}
#endif

// --- the calls -----------------------------------------------------------------------------------

// Allowed whatever their arguments are. What stands under a condition is another name, or another
// width of time and size, of what stands above it.
constexpr uint32_t allowed[] = {
    // files of the state directory, certificates, the resolver's files
    __NR_openat,
    __NR_close,
    __NR_read,
    __NR_write,
    __NR_pread64,
    __NR_readv,
    __NR_writev,
    __NR_faccessat,
    __NR_fsync,
    __NR_unlinkat,
    __NR_renameat,
    __NR_getdents64,
    __NR_fcntl,
    __NR_ioctl,
#ifdef __NR_faccessat2
    __NR_faccessat2,
#endif
#ifdef __NR_renameat2
    __NR_renameat2,
#endif
#ifdef __NR_statx
    __NR_statx,
#endif
#ifdef __NR_open
    __NR_open,
    __NR_access,
    __NR_stat,
    __NR_lstat,
#endif
#ifdef __NR_mmap2
    __NR_mmap2,
    __NR__llseek,
    __NR_fcntl64,
    __NR_fstat64,
    __NR_stat64,
    __NR_lstat64,
    __NR_fstatat64,
    __NR_ftruncate64,
    __NR_fstatfs64,
#else
    __NR_mmap,
    __NR_lseek,
    __NR_fstat,
    __NR_newfstatat,
    __NR_ftruncate,
    __NR_fstatfs,
#endif
    // sockets; which kinds, below
    __NR_bind,
    __NR_connect,
    __NR_listen,
    __NR_accept4,
    __NR_getsockname,
    __NR_getpeername,
    __NR_sendto,
    __NR_recvfrom,
    __NR_sendmsg,
    __NR_recvmsg,
    __NR_setsockopt,
    __NR_getsockopt,
    __NR_shutdown,
#ifdef __NR_send
    __NR_send,
    __NR_recv,
#endif
    // the loop
    __NR_epoll_create1,
    __NR_epoll_ctl,
    __NR_epoll_pwait,
    __NR_ppoll,
    __NR_eventfd2,
    __NR_timerfd_create,
    __NR_timerfd_settime,
#ifdef __NR_epoll_wait
    __NR_epoll_wait,
    __NR_poll,
#endif
#ifdef __NR_ppoll_time64
    __NR_ppoll_time64,
    __NR_timerfd_settime64,
#endif
    // time, chance, who it is
    __NR_clock_gettime,
    __NR_gettimeofday,
    __NR_getrandom,
    __NR_getpid,
    __NR_gettid,
    __NR_geteuid,
    __NR_getuid,
    __NR_getegid,
    __NR_getgid,
    __NR_uname,
#ifdef __NR_time
    __NR_time,
#endif
#ifdef __NR_clock_gettime64
    __NR_clock_gettime64,
#endif
#ifdef __NR_getuid32
    __NR_geteuid32,
    __NR_getuid32,
    __NR_getegid32,
    __NR_getgid32,
#endif
    // memory, threads, signals, the end
    __NR_brk,
    __NR_munmap,
    __NR_mremap,
    __NR_mprotect,
    __NR_madvise,
    __NR_futex,
    __NR_set_robust_list,
    __NR_sched_yield,
    __NR_rt_sigaction,
    __NR_rt_sigprocmask,
    __NR_rt_sigreturn,
    __NR_restart_syscall,
    __NR_exit,
    __NR_exit_group,
#ifdef __NR_futex_time64
    __NR_futex_time64,
#endif
#ifdef __NR_rseq
    __NR_rseq,
#endif
#ifdef __NR_sigreturn
    __NR_sigreturn,
#endif
};

// What comes of a call if the first argument's lower half has one of the bits, or is the value.
struct Condition {
    enum class Kind : uint8_t { equals, has_bit };
    uint32_t call;
    Kind kind;
    uint32_t value;
    uint32_t action = SECCOMP_RET_ALLOW;
};

constexpr uint32_t error(int number) {
    return SECCOMP_RET_ERRNO | static_cast<uint32_t>(number);
}

// The last one's value is the process's own number, known when the filter is put in place.
constexpr Condition conditions[] = {
    {__NR_clone, Condition::Kind::has_bit, CLONE_THREAD},  // threads, and no other process
    {__NR_socket, Condition::Kind::equals, AF_INET},
    {__NR_socket, Condition::Kind::equals, AF_INET6},
    {__NR_socket, Condition::Kind::equals, AF_NETLINK},  // what the link has come to
    {__NR_socket, Condition::Kind::equals, AF_PACKET},   // DHCPINFORM beside the DHCP client
    // if_nametoindex() of glibc wants any socket, and takes another kind then.
    {__NR_socket, Condition::Kind::equals, AF_UNIX, error(EAFNOSUPPORT)},
    {__NR_tgkill, Condition::Kind::equals, 0},  // abort(), of itself
};

// Libraries ask for these first and take what is older when there is no such call.
constexpr uint32_t unknown[] = {
#ifdef __NR_clone3
    __NR_clone3,
#endif
#ifdef __NR_epoll_pwait2
    __NR_epoll_pwait2,
#endif
};

// --- the filter ----------------------------------------------------------------------------------

constexpr uint32_t refused_action = answers_by_signal ? SECCOMP_RET_TRAP : error(EPERM);
constexpr uint32_t lower_half = std::endian::native == std::endian::big ? 4 : 0;

constexpr sock_filter load(uint32_t offset) {
    return {BPF_LD | BPF_W | BPF_ABS, 0, 0, offset};
}

constexpr sock_filter give(uint32_t action) {
    return {BPF_RET | BPF_K, 0, 0, action};
}

constexpr uint32_t condition_steps = 5;
constexpr uint32_t filter_steps =
    4 + condition_steps * std::size(conditions) + 2 * std::size(unknown) + std::size(allowed) + 2;
using Filter = std::array<sock_filter, filter_steps>;

consteval Filter make_filter() {
    Filter filter = {};
    uint32_t at = 0;
    constexpr uint32_t number_offset = offsetof(seccomp_data, nr);
    filter[at++] = load(offsetof(seccomp_data, arch));
    filter[at++] = {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, machine};
    filter[at++] = give(SECCOMP_RET_KILL_PROCESS);  // the numbers of another machine's calls
    filter[at++] = load(number_offset);
    for (const Condition& condition : conditions) {
        const uint16_t test = condition.kind == Condition::Kind::equals ? BPF_JEQ : BPF_JSET;
        filter[at++] = {BPF_JMP | BPF_JEQ | BPF_K, 0, condition_steps - 1, condition.call};
        filter[at++] = load(offsetof(seccomp_data, args) + lower_half);
        filter[at++] = {static_cast<uint16_t>(BPF_JMP | test | BPF_K), 0, 1, condition.value};
        filter[at++] = give(condition.action);
        filter[at++] = load(number_offset);
    }
    for (const uint32_t call : unknown) {
        filter[at++] = {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call};
        filter[at++] = give(error(ENOSYS));
    }
    constexpr uint32_t allowed_step = filter_steps - 1;
    for (const uint32_t call : allowed) {
        filter[at] = {BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint8_t>(allowed_step - at - 1), 0,
                      call};
        ++at;
    }
    filter[at++] = give(refused_action);
    filter[at] = give(SECCOMP_RET_ALLOW);
    return filter;
}
static_assert(std::size(allowed) < 250, "a jump of the filter goes no farther");

// The step that compares with the process's own number.
constexpr uint32_t own_number_step = 4 + condition_steps * (std::size(conditions) - 1) + 2;

// --- what was refused ----------------------------------------------------------------------------

constexpr uint32_t most_numbers = 16;
std::atomic<uint32_t> refused[most_numbers] = {};  // a call's number and 1; 0: free
static_assert(std::atomic<uint32_t>::is_always_lock_free, "a signal handler writes it");
uint32_t taken = 0;  // of them

void note_refused(uint32_t number) {
    for (std::atomic<uint32_t>& place : refused) {
        uint32_t found = 0;
        if (place.compare_exchange_strong(found, number + 1) || found == number + 1) return;
    }
}

// Calls nothing, so that it may come at any time and does not change errno.
void answer_refused(int, siginfo_t* about, void* context) {
    if (about->si_code != 1) return;  // SYS_SECCOMP: not what somebody sent by kill(2)
    note_refused(static_cast<uint32_t>(about->si_syscall));
    set_error(static_cast<ucontext_t*>(context)->uc_mcontext, EPERM);
}

std::unexpected<Error> fail_with(std::string_view what) {
    return fail(ErrorCode::io, std::string(what) + ": " + ::strerror(errno));
}

}  // namespace

Status restrict_calls() {
    if constexpr (!with_call_filter || machine == 0) return {};
    struct sigaction action = {};
    action.sa_sigaction = answer_refused;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    if (::sigaction(SIGSYS, &action, nullptr) < 0) return fail_with("SIGSYS cannot be taken");
    Filter filter = make_filter();
    filter[own_number_step].k = static_cast<uint32_t>(::getpid());
    const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0) return {};
    if (errno == EINVAL || errno == ENOSYS) return {};  // this kernel has none, or it is qemu-user
    return fail_with("system calls cannot be given up");
}

std::optional<uint32_t> take_refused_call() {
    if (taken == most_numbers) return std::nullopt;
    const uint32_t found = refused[taken].load();
    if (found == 0) return std::nullopt;
    ++taken;
    return found - 1;
}

}  // namespace dialtone
