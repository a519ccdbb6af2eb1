// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/background_close.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace dialtone {
namespace {

// The agent has one DHCP socket at a time, and opens the next one seconds later.
constexpr uint32_t at_once = 4;
constexpr size_t stack_bytes = 32 * size_t{1024};

std::atomic<uint32_t> under_way = 0;

void* close_it(void* descriptor) {
    std::unique_ptr<Descriptor>(static_cast<Descriptor*>(descriptor)).reset();
    --under_way;
    return nullptr;
}

// The thread owns the descriptor then; if no thread can be made, the caller keeps it.
void start_thread(std::unique_ptr<Descriptor>& descriptor) {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    const auto least_bytes = static_cast<size_t>(PTHREAD_STACK_MIN);
    ::pthread_attr_setstacksize(&attributes, std::max(stack_bytes, least_bytes));
    // Signals are for the loop's thread.
    sigset_t all, before;
    ::sigfillset(&all);
    ::sigdelset(&all, SIGSYS);  // but this one (call_filter.h)
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    Descriptor* const handed_over = descriptor.release();
    if (::pthread_create(&thread, &attributes, close_it, handed_over) != 0)
        descriptor.reset(handed_over);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
}

}  // namespace

void close_in_background(Descriptor descriptor) {
    if (!descriptor.is_open()) return;
    auto owned = std::make_unique<Descriptor>(std::move(descriptor));
    if (++under_way <= at_once) start_thread(owned);
    if (owned) --under_way;  // no thread has it: it is closed at the end of this function
}

}  // namespace dialtone
