// SPDX-License-Identifier: Apache-2.0
#include "platform/world.h"

namespace dialtone {
namespace {

class Driver : public EventSink {
  public:
    Driver(World& world, Machine& machine) : world_(world), machine_(machine) {}

    void take(Instant now, const Event& event) override {
        machine_.handle(now, event);
        while (auto effect = machine_.next())
            world_.carry_out(std::move(*effect));
    }

  private:
    World& world_;
    Machine& machine_;
};

}  // namespace

Departure live(World& world, Machine& machine, const Boot& boot) {
    Driver driver(world, machine);
    driver.take(world.now(), boot);
    while (!world.departure())
        world.wait(machine.deadline(), driver);
    return *world.departure();
}

}  // namespace dialtone
