# SPDX-License-Identifier: Apache-2.0
"""The devices a scenario can be run on, by name."""

from hil.machine_device import MachineDevice
from hil.phone_device import PhoneDevice
from hil.process_device import ProcessDevice, QemuUserDevice

CLASSES = {one.name: one for one in (ProcessDevice, QemuUserDevice, MachineDevice, PhoneDevice)}
