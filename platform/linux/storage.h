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
#include <optional>
#include <string>

#include "agent/effect.h"
#include "platform/common/descriptor.h"
#include "platform/linux/loop.h"
#include "platform/linux/memory_files.h"
#include "platform/linux/storage_medium.h"

namespace dialtone {

// Carries the steps out in a directory. Keeps the files written last open until they
// are synced, so that an error which the medium reports late is not lost; limits::files_written of
// them, because the pieces of several bodies and a configuration come in turns.
class StorageFiles final : public StorageMedium {
  public:
    explicit StorageFiles(int directory) : directory_(directory) {}

    StorageResult carry_out(const Storage& step) override;

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
    // `directory`: the open state directory, stays the caller's. -1: every step fails; with
    // `in_memory` each is carried out there instead.
    StorageQueue(Loop& loop, int directory, bool in_memory = false);
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
    void carry_out_here();
    static void* work(void* queue);
    void work();

    Loop& loop_;
    StorageFiles files_;                 // the worker's while handed_over_ > 0, else the loop's
    std::optional<MemoryFiles> memory_;  // instead of them, and the loop's
    std::deque<Storage> own_steps_;      // waiting for the loop, only while the worker has nothing
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
