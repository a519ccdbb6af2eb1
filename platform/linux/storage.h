// SPDX-License-Identifier: Apache-2.0
//
// The Storage effect: files in the state directory by bare name, one step after the other. What
// may wait for the medium is done by a worker thread, the only one that stays for longer than a
// close(2); it is started by the first step that is not a read, so a life that writes nothing has
// none.
#pragma once

#include <pthread.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "platform/common/descriptor.h"
#include "platform/linux/loop.h"

namespace dialtone {

// A file of the state directory is named by letters, digits, '.', '-' and '_', does not begin with
// '.', and is no longer than limits::file_name_bytes.
bool is_storage_name(std::string_view name);

struct StorageResult {
    RequestId id = 0;
    std::string failure = {};  // "generation.2: No space left on device"
    bool not_found = false;
    std::vector<uint8_t> bytes = {};
    uint64_t room_bytes = 0;
};

// Carries the steps out, at once and in this thread. Keeps the files written last open until they
// are synced, so that an error which the medium reports late is not lost; limits::files_written of
// them, because the pieces of several bodies and a configuration come in turns.
class StorageFiles {
  public:
    explicit StorageFiles(int directory) : directory_(directory) {}

    StorageResult carry_out(const Storage& step);

  private:
    void read(const Storage& step, StorageResult& result);
    void write(const Storage& step, StorageResult& result);
    void append(const Storage& step, StorageResult& result);
    void sync_file(const Storage& step, StorageResult& result);
    void sync_directory(StorageResult& result);
    void rename(const Storage& step, StorageResult& result);
    void remove(const Storage& step, StorageResult& result);
    void room(StorageResult& result);
    void keep_open(std::string name, Descriptor file);
    // Gives the file away, and closes what is not taken; not open when it is not among them.
    Descriptor take_open(const std::string& name);

    struct WrittenFile {
        std::string name = {};
        Descriptor file = {};
    };
    int directory_;
    std::deque<WrittenFile> written_ = {};  // not synced yet
};

class StorageQueue final : public Part, private Watcher {
  public:
    // `directory`: the open state directory, stays the caller's. -1: every step fails.
    StorageQueue(Loop& loop, int directory);
    // Finishes what was submitted.
    ~StorageQueue() override;

    void submit(Storage&& step);
    bool deliver(Instant now, EventSink& sink) override;

    // Waits until everything that was submitted is done. The answers stay undelivered.
    void finish();

  private:
    void ready(int descriptor, uint32_t events) override;
    bool start_worker();
    void hand_to_worker(Storage&& step);
    void take_results();
    void read_here();
    static void* work(void* queue);
    void work();

    Loop& loop_;
    StorageFiles files_;         // the worker's while handed_over_ > 0, else the loop's
    std::deque<Storage> reads_;  // waiting for the loop, only while the worker has nothing
    std::deque<StorageResult> done_;
    uint32_t handed_over_ = 0;
    bool running_ = false;
    pthread_t thread_ = {};
    Descriptor done_signal_;

    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t work_there_ = PTHREAD_COND_INITIALIZER;
    // Shared with the worker, under mutex_.
    std::deque<Storage> steps_;
    std::deque<StorageResult> results_;
    bool leave_ = false;
};

}  // namespace dialtone
