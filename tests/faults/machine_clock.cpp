// SPDX-License-Identifier: Apache-2.0
//
// A machine whose clock is wrong. With LD_PRELOAD before a program, it moves the time of day that
// the program reads by DIALTONE_CLOCK_OFFSET_S seconds. tests/integration/hostile_test.py starts
// dialtoned so; the machine's own clock stays as it is.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    static const char* const offset = std::getenv("DIALTONE_CLOCK_OFFSET_S");
    const auto status = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
    if (status == 0 && clock == CLOCK_REALTIME && offset != nullptr)
        time->tv_sec += std::strtol(offset, nullptr, 10);
    return status;
}
