// SPDX-License-Identifier: Apache-2.0
//
// A device that is a process of this machine: started for a script, ended with it.
//
// Who calls it: the acs and conform subcommands, where the command line names one.
#pragma once

#include <string_view>

namespace dialtone::sim::acs {

class DeviceProcess {
  public:
    DeviceProcess() = default;
    // Asks it and all that it started to end, waits for it, and ends it if that takes too long.
    ~DeviceProcess();
    DeviceProcess(const DeviceProcess&) = delete;
    DeviceProcess& operator=(const DeviceProcess&) = delete;

    // Runs `command` by sh, with `name`=`value` in its environment; what it prints goes to standard
    // error. False: no process can be had.
    bool start(std::string_view command, std::string_view name, std::string_view value);

  private:
    int process_ = -1;  // which leads a group of its own
};

}  // namespace dialtone::sim::acs
