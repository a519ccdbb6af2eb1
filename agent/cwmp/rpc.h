// SPDX-License-Identifier: Apache-2.0
//
// The methods that an ACS may call (TR-069 annex A.3 and A.4), as one table of names and functions;
// nothing else in the agent asks for a method's name. Called by the session for each request of the
// ACS. What has to wait for the session's end, a restart or a reset, is only noted. A method that
// changes something (rpc_write.cpp) or orders a transfer (rpc_transfer.cpp) checks all of it and
// answers nothing yet: what it asks for is pending until the ACS client knows that it is durable,
// and then answered by answer_stored().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/cwmp/data_model.h"
#include "agent/cwmp/model_write.h"
#include "agent/cwmp/soap.h"
#include "agent/provenance.h"
#include "agent/trust/table.h"

namespace dialtone {

// Annex A.5.1.
namespace cpe_fault {
inline constexpr uint32_t method_not_supported = 9000;
inline constexpr uint32_t request_denied = 9001;
inline constexpr uint32_t internal_error = 9002;
inline constexpr uint32_t invalid_arguments = 9003;
inline constexpr uint32_t resources_exceeded = 9004;
inline constexpr uint32_t invalid_parameter_name = 9005;
inline constexpr uint32_t invalid_parameter_type = 9006;
inline constexpr uint32_t invalid_parameter_value = 9007;
inline constexpr uint32_t not_writable = 9008;
inline constexpr uint32_t notification_rejected = 9009;
inline constexpr uint32_t transfer_failure = 9010;
inline constexpr uint32_t not_within_windows = 9020;
inline constexpr uint32_t cancelation_not_permitted = 9021;
}  // namespace cpe_fault

// What an ACS has ordered for after the session.
struct Deferred {
    bool reboot = false;
    std::string command_key = {};  // of the reboot
    bool factory_reset = false;
};

// SetParameterValues, AddObject, DeleteObject: one transaction of the configuration.
struct ValuesCall {
    ModelChange change = {};
    std::string parameter_key = {};
    std::vector<uint64_t> paths = {};             // watched_path() of what is written
    std::optional<InstanceCounter> counter = {};  // of the table that AddObject has an instance of
};
// SetParameterAttributes: all that is watched from then on.
struct AttributesCall {
    std::vector<WatchedValue> watched = {};
};
struct ScheduleCall {
    uint32_t delay_s = 0;
    std::string command_key = {};
};
// Download, ScheduleDownload, Upload.
struct TransferCall {
    AcsTransfer transfer = {};
};
struct CancelCall {
    std::string command_key = {};
};
using PendingCall =
    std::variant<ValuesCall, AttributesCall, ScheduleCall, TransferCall, CancelCall>;

struct CallAnswer {
    std::string envelope = {};  // empty while something is pending
    uint32_t fault = 0;         // 0: none
    std::string reason = {};
    std::optional<PendingCall> pending = {};
};

// Who calls, and what he has to prove for what changes the phone (docs/trust.md).
struct Caller {
    Party party = Party::acs;
    Proof proof = Proof::none;      // of the session so far
    Proof installed = Proof::none;  // of what the phone has; none: nothing is asked
};
// Why he may not do that; empty: he may.
std::string denial(const Caller& caller, Right right);

// Answers `call`, in the namespace `version`. `running`: of the memory's transfers, the one that is
// under way.
CallAnswer answer_call(const SoapMessage& call, CwmpVersion version, const ModelFacts& facts,
                       const AcsMemory& memory, const Caller& caller, Deferred& deferred,
                       std::optional<uint32_t> running = {});

// What became of a pending call.
struct StoredCall {
    uint32_t fault = 0;  // 0: it is durable
    std::string reason = {};
    bool is_applied = true;  // else the phone's software has still to be told
    uint32_t instance = 0;   // that AddObject has made
};
CallAnswer answer_stored(const SoapMessage& call, CwmpVersion version, StoredCall&& stored);

// Whether it is one as CommandKey and ParameterKey are.
bool is_key(std::string_view text);

// The names of the methods that an ACS may call, in the order of GetRPCMethods.
std::vector<std::string_view> method_names();

// A parameter of an Inform or an answer (ParameterValueStruct).
void put_value(SoapWriter& out, const Model& model, const ModelParameter& parameter);

}  // namespace dialtone
