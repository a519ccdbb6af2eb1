// SPDX-License-Identifier: Apache-2.0
//
// Closing a descriptor whose close(2) waits for the kernel: a packet socket's waits until every
// processor has let go of the packets it may be looking at, which takes 5 to 15 ms on Linux 6 with
// two processors, in the middle of a phone's provisioning. Called by dhcp_socket.cpp.
#pragma once

#include "platform/common/descriptor.h"

namespace dialtone {

// Returns at once; a thread that does nothing else closes the descriptor. Where there is no room
// for one, or several are at it, it is closed before this returns. A process that ends before
// the thread does is ended by the kernel as ever, with all its descriptors closed.
void close_in_background(Descriptor descriptor);

}  // namespace dialtone
