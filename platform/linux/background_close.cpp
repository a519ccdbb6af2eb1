// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/background_close.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace dialtone {
namespace {

// A question by DHCP has one socket, and the next question comes seconds later.
constexpr uint32_t at_once = 4;
constexpr size_t stack_bytes = 32 * 1024;

std::atomic<uint32_t> under_way = 0;

void* close_it(void* number) {
    ::close(static_cast<int>(reinterpret_cast<intptr_t>(number)));
    --under_way;
    return nullptr;
}

bool start_thread(int number) {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    const auto least_bytes = static_cast<size_t>(PTHREAD_STACK_MIN);
    ::pthread_attr_setstacksize(&attributes, std::max(stack_bytes, least_bytes));
    // Signals are for the loop's thread.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    void* const argument = reinterpret_cast<void*>(intptr_t{number});
    const bool started = ::pthread_create(&thread, &attributes, close_it, argument) == 0;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
    return started;
}

}  // namespace

void close_in_background(Descriptor descriptor) {
    if (!descriptor.is_open()) return;
    if (++under_way <= at_once && start_thread(descriptor.get())) {
        descriptor.release();
        return;
    }
    --under_way;  // and the descriptor is closed by its owner's end
}

}  // namespace dialtone
