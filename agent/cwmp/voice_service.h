// SPDX-License-Identifier: Apache-2.0
//
// The VoiceService of TR-104 issue 1.1 as a SIP phone has it: the objects of the profiles
// Endpoint:1 and SIPEndpoint:1 with the features and buttons beside them, below Services. One
// VoiceProfile is one SIP account, with one Line. What an account is made of lies in the active
// generation; what the phone alone knows, such as a line's calls, comes as VoiceFacts
// (voice_facts.h).
//
// The data model (data_model.h) has these objects among its own.
#pragma once

#include <span>
#include <string_view>

namespace dialtone {

// As TR-104 words them, in the order of voice_facts.h.
inline constexpr std::string_view line_status_words[] = {
    "Up",    "Initializing", "Registering", "Unregistering",
    "Error", "Testing",      "Quiescent",   "Disabled"};
inline constexpr std::string_view call_state_words[] = {
    "Idle", "Calling", "Ringing", "Connecting", "InCall", "Hold", "Disconnecting"};
inline constexpr std::string_view second_call_words[] = {"Disabled",
                                                         "Idle",
                                                         "SecondaryRinging",
                                                         "SecondaryCalling",
                                                         "SecondaryConnecting",
                                                         "SecondaryConnected",
                                                         "InConferenceCall"};

struct ModelObject;
// Sorted as data_model.h wants objects.
std::span<const ModelObject> voice_objects();
// Of the accounts' own profile: where the rows below it have their keys.
inline constexpr std::string_view voice_profile_path =
    "Services.VoiceService.{i}.VoiceProfile.{i}.";
inline constexpr std::string_view voice_line_path =
    "Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.";

}  // namespace dialtone
