// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/clock.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <string>

#include "platform/world.h"

namespace dialtone {
namespace {

constexpr time_t far_away_s = 8'000'000'000;  // the year 2223, the kernel's clocks end in 2262

WallSeconds machine_wall_s() {
    timespec time = {};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec;
}

}  // namespace

uint64_t monotonic_ms() {
    timespec time = {};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1000 +
           static_cast<uint64_t>(time.tv_nsec) / 1000000;
}

Instant Clock::now() const {
    return {Instant{monotonic_ms()}.since({power_on_ms_})};
}

WallSeconds Clock::wall_s() const {
    return machine_wall_s() + offset_s_;
}

void Clock::set_wall(WallSeconds wall_s) {
    offset_s_ = wall_s - machine_wall_s();
}

std::string wall_text(WallSeconds wall_s) {
    const auto seconds = static_cast<time_t>(wall_s);
    tm parts = {};
    char text[40];
    if (::gmtime_r(&seconds, &parts) == nullptr ||
        ::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
        return std::to_string(wall_s) + " s after 1970";
    }
    return text;
}

WallWatch::WallWatch(Loop& loop, const Clock& clock) : loop_(loop), clock_(clock) {
    timer_.reset(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!timer_.is_open()) return;
    arm();
    loop_.watch(timer_.get(), EPOLLIN, *this);
}

WallWatch::~WallWatch() {
    loop_.forget(timer_.get());
}

void WallWatch::arm() {
    itimerspec never = {};
    never.it_value.tv_sec = far_away_s;
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

void WallWatch::ready(int, uint32_t) {
    uint64_t expirations = 0;
    if (::read(timer_.get(), &expirations, sizeof expirations) >= 0) {
        loop_.forget(timer_.get());  // the far day has come
        return;
    }
    was_set_ = true;  // ECANCELED: the clock jumped
    arm();
}

bool WallWatch::deliver(Instant now, EventSink& sink) {
    if (!was_set_) return false;
    was_set_ = false;
    sink.take(now, WallClockSet{clock_.wall_s()});
    return true;
}

}  // namespace dialtone
