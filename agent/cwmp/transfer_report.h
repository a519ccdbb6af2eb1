// SPDX-License-Identifier: Apache-2.0
//
// How the ACS is told of transfers: the events of an Inform (TR-069 3.7.1.5), and the calls of the
// phone's own that follow it (A.3.3.2, A.4.2.1, A.4.2.2). The ACS client asks for them when a
// session begins.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "agent/cwmp/session.h"
#include "agent/cwmp/transfer_queue.h"

namespace dialtone {

using ReadyTransfers = std::span<const TransferQueue::Ready>;

// Puts the events in among those that an Inform has already, in the order of the codes.
void add_transfer_events(std::vector<InformEvent>& events, ReadyTransfers ready,
                         bool requests_download);

// The number of the answer to RequestDownload; no transfer has it.
inline constexpr uint32_t request_download_number = UINT32_MAX;
std::deque<OwnRequest> transfer_requests(ReadyTransfers ready, bool requests_download);

}  // namespace dialtone
