// SPDX-License-Identifier: Apache-2.0
//
// The smallest world there is: a phone with a link and nobody on it, no disk, time that passes when
// the agent waits. Shows a maker with a system of his own how the agent is driven; install_test.py
// builds it from an installed tree. Prints the life's journal and ends with the life's status.
#include <cstdio>
#include <deque>
#include <variant>

#include "agent/agent.h"
#include "agent/journal.h"
#include "platform/world.h"

namespace {

using namespace dialtone;

class OwnWorld final : public World {
  public:
    Instant now() const override { return now_; }

    void carry_out(Effect&& effect) override {
        if (const auto* line = std::get_if<JournalLine>(&effect)) {
            std::fputs(encode_journal_line(*line).c_str(), stdout);
        } else if (const auto* step = std::get_if<Storage>(&effect)) {
            answers_.push_back({step->id});
        } else if (const auto* end = std::get_if<Exit>(&effect)) {
            departure_ = Departure{.kind = Departure::Kind::exit, .status = end->status};
        } else if (std::holds_alternative<Reboot>(effect)) {
            departure_ = Departure{.kind = Departure::Kind::reboot};
        }  // everything else goes out to nobody, and nobody answers
    }

    void wait(std::optional<Instant> deadline, EventSink& sink) override {
        if (!linked_) {
            linked_ = true;
            sink.take(now_, LinkChanged{.up = true, .address = {{192, 0, 2, 20}, 4}});
        } else if (!answers_.empty()) {
            const RequestId id = answers_.front();
            answers_.pop_front();
            sink.take(now_, StorageDone{.id = id, .failure = "no disk", .not_found = true});
        } else if (deadline) {
            now_ = *deadline;
            sink.take(now_, Wake{});
        } else {
            departure_ = Departure{.status = 99};  // nothing will ever happen again
        }
    }

    std::optional<Departure> departure() const override { return departure_; }

  private:
    Instant now_ = {};
    bool linked_ = false;
    std::deque<RequestId> answers_ = {};
    std::optional<Departure> departure_ = {};
};

}  // namespace

int main() {
    auto identity = identity_from_mac("000b82273b89");
    const Profile* profile = find_profile("grandstream");
    if (!identity || profile == nullptr) return 98;
    identity->model = profile->default_model;
    identity->version = profile->default_version;
    OwnWorld world;
    Agent agent({.profile = profile, .identity = *identity, .interface = "eth0", .once = true});
    return live(world, agent, Boot{.entropy = 1}).status;
}
