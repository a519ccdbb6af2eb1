// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/follow.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <vector>

#include "platform/common/descriptor.h"
#include "platform/common/journal_text.h"
#include "platform/common/output.h"
#include "platform/common/state_directory.h"
#include "platform/tool/explain.h"
#include "platform/tool/journal_json.h"
#include "platform/tool/journal_tail.h"

namespace dialtone {
namespace {

// What the journal holds already: the entries of its last life. At most one file of them.
std::vector<JournalEntry> present_life(JournalTail& tail) {
    std::vector<JournalEntry> entries;
    while (auto entry = tail.next()) {
        const JournalEntry* before = entries.empty() ? nullptr : &entries.back();
        if (begins_life(*entry, before)) entries.clear();
        entries.push_back(std::move(*entry));
    }
    return entries;
}

Result<Descriptor> watch_directory(const std::string& directory) {
    Descriptor watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    const uint32_t events = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
    if (watch.is_open() && ::inotify_add_watch(watch.get(), directory.c_str(), events) >= 0) {
        return watch;
    }
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                "state directory " + directory + " cannot be watched: " + ::strerror(errno));
}

// Sleeps until something happened in the directory. False when the reader of `output` is gone or
// the directory is.
bool wait_for_change(const Descriptor& watch, int output) {
    pollfd waits[] = {{watch.get(), POLLIN, 0}, {output, 0, 0}};
    if (::poll(waits, 2, -1) < 0) return errno == EINTR;
    if ((waits[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return false;
    alignas(inotify_event) char events[4096];
    for (;;) {
        const ssize_t got = ::read(watch.get(), events, sizeof events);
        if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
        const auto* first = reinterpret_cast<const inotify_event*>(events);
        if ((first->mask & IN_IGNORED) != 0) return false;
    }
}

}  // namespace

std::string entry_text(const JournalEntry& entry, OutputForm form) {
    if (form == OutputForm::text) return entry_line(entry);
    JsonWriter json;
    write_entry(json, entry);
    return json.str() + "\n";
}

Status follow_journal(const std::string& directory, EntryText* text, OutputForm form, int output) {
    // The tail is opened before the watch is set: what the daemon writes in between is read from
    // the tail below, so that no line is missed.
    JournalTail tail(directory);
    const auto past = present_life(tail);
    const bool running = TRY(is_daemon_running(directory));
    const Descriptor watch = TRY(watch_directory(directory));
    if (running) {
        for (const JournalEntry& entry : past) {
            if (!write_all(output, text(entry, form))) return {};
        }
    }
    do {
        while (auto entry = tail.next()) {
            if (!write_all(output, text(*entry, form))) return {};
        }
    } while (wait_for_change(watch, output));
    return {};
}

}  // namespace dialtone
