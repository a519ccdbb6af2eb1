// SPDX-License-Identifier: Apache-2.0
//
// Gets one file by the agent's TFTP engine over the Linux world, as the bench measures it:
//     tftp_get URL FILE
// The engine is the agent's, with a larger bound than it has for configuration files.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "agent/transfer/memory_sink.h"
#include "agent/transfer/tftp.h"
#include "platform/linux/world.h"

namespace {

using namespace dialtone;

constexpr uint32_t largest_bytes = 32 * 1024 * 1024;

class Getter final : public EventSink {
  public:
    explicit Getter(World& world) : world_(world) {}

    FetchOutcome get(std::string url) {
        FetchRequest request;
        request.url = std::move(url);
        tftp_.start(world_.now(), std::move(request), sink_);
        drain();
        while (!tftp_.ready())
            world_.wait(tftp_.deadline(), *this);
        return *tftp_.take_outcome();
    }
    std::vector<uint8_t> body() { return sink_.take_body(); }
    void take(Instant now, const Event& event) override {
        tftp_.handle(now, event);
        drain();
    }

  private:
    void drain() {
        while (auto effect = tftp_.next())
            world_.carry_out(std::move(*effect));
    }

    World& world_;
    RequestIds ids_ = {};
    Tftp tftp_{ids_};
    MemorySink sink_{largest_bytes};
};

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        std::fputs("usage: tftp_get URL FILE\n", stderr);
        return 2;
    }
    auto world = LinuxWorld::open({});
    if (!world) return 1;
    Getter getter(**world);
    const FetchOutcome outcome = getter.get(words[1]);
    if (outcome.kind != FetchOutcome::Kind::body) {
        std::fprintf(stderr, "tftp_get: %s\n", outcome.reason.c_str());
        return 1;
    }
    std::FILE* file = std::fopen(words[2], "wb");
    if (file == nullptr) return 1;
    const std::vector<uint8_t> body = getter.body();
    const size_t written = std::fwrite(body.data(), 1, body.size(), file);
    return std::fclose(file) == 0 && written == body.size() ? 0 : 1;
}
