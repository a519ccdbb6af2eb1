// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/console.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "agent/harmless_text.h"

namespace dialtone::sim::console {
namespace {

constexpr uint64_t terminal_every_ms = 100;
constexpr uint64_t file_every_ms = 5'000;

volatile sig_atomic_t interrupt_came = 0;
uint64_t last_progress_ms = 0;
bool progress_shows = false;

constexpr uint32_t last_words_bytes = 200;
char last_words[last_words_bytes] = {};

void say_last_words(int) {
    const auto written = write(STDERR_FILENO, last_words, strlen(last_words));
    static_cast<void>(written);
}

void take_interrupt(int) {
    interrupt_came = 1;
}

// What a line quotes was written by others: an argument, a file's name. Line feeds and tabs are the
// laboratory's own; whoever quotes words with such in them escapes them before.
std::string shown(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto own = std::min(text.find_first_of("\n\t"), text.size());
        out += harmless(text.substr(0, own));
        if (own < text.size()) out += text[own];
        text.remove_prefix(std::min(own + 1, text.size()));
    }
    return out;
}

void put_line(FILE* stream, std::string_view line) {
    if (progress_shows) fputs("\r\033[K", stderr);
    progress_shows = false;
    fprintf(stream, "%s\n", shown(line).c_str());
    fflush(stream);
}

}  // namespace

void print(std::string_view line) {
    put_line(stdout, line);
}

void remark(std::string_view line) {
    put_line(stderr, line);
}

void progress(std::string_view words) {
    const bool terminal = isatty(STDERR_FILENO) == 1;
    const uint64_t now = now_ms();
    if (last_progress_ms == 0) last_progress_ms = now;
    if (now - last_progress_ms < (terminal ? terminal_every_ms : file_every_ms)) return;
    last_progress_ms = now;
    if (!terminal) return remark(words);
    fprintf(stderr, "\r\033[K%s", harmless(words).c_str());
    fflush(stderr);
    progress_shows = true;
}

uint64_t now_ms() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 +
           static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

uint64_t resident_bytes() {
    FILE* const file = fopen("/proc/self/statm", "re");
    if (file == nullptr) return 0;
    unsigned long long all_pages = 0;
    unsigned long long resident_pages = 0;
    const bool read = fscanf(file, "%llu %llu", &all_pages, &resident_pages) == 2;
    fclose(file);
    return read ? resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::optional<std::string> read_file(std::string_view path, uint32_t most_bytes) {
    FILE* const file = fopen(std::string(path).c_str(), "re");
    if (file == nullptr) return std::nullopt;
    std::string text(most_bytes + 1, 0);
    text.resize(fread(text.data(), 1, text.size(), file));
    const bool whole = ferror(file) == 0 && text.size() <= most_bytes;
    fclose(file);
    return whole ? std::optional(std::move(text)) : std::nullopt;
}

bool write_file(std::string_view path, std::string_view text) {
    FILE* const file = fopen(std::string(path).c_str(), "we");
    if (file == nullptr) return false;
    const bool written = fwrite(text.data(), 1, text.size(), file) == text.size();
    return fclose(file) == 0 && written;
}

bool draw_random(std::span<uint8_t> bytes) {
    return getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

void set_last_words(std::string_view words) {
    if (last_words[0] == 0) {
        struct sigaction action = {};
        action.sa_handler = say_last_words;
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        sigaction(SIGABRT, &action, nullptr);
    }
    const uint64_t size = std::min<uint64_t>(words.size(), last_words_bytes - 1);
    std::copy_n(words.begin(), size, last_words);
    last_words[size] = 0;
}

void listen_for_interrupt() {
    struct sigaction action = {};
    action.sa_handler = take_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
}

bool interrupted() {
    return interrupt_came != 0;
}

}  // namespace dialtone::sim::console
