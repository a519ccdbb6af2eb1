// SPDX-License-Identifier: Apache-2.0
//
// Where the parameters of the data model that are kept have their values, how they are read there
// and written, and which values they take. The model reads by it (data_model.h), model_write.h
// writes.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "agent/cwmp/data_model.h"

namespace dialtone {

// The values of keys and settings: those of the active generation, and over them what has been put
// here.
class KeyValues {
  public:
    explicit KeyValues(const ModelFacts& facts) : facts_(facts) {}

    // Empty: nobody has set it.
    std::string_view get(std::string_view key) const;
    std::string_view get(Setting setting) const;
    void put(std::string key, std::string value);
    void put(Setting setting, std::string value);
    // What was put into `other`, and nothing else.
    void take(KeyValues&& other) { changed_ = std::move(other.changed_); }

    const ModelFacts& facts() const { return facts_; }
    // By key; a setting stands under its name.
    const std::map<std::string, std::string, std::less<>>& changed() const { return changed_; }

  private:
    ModelFacts facts_;
    std::map<std::string, std::string, std::less<>> changed_ = {};
};

// The key under which the parameter's value stands, alone or with another one's.
std::string key_of(const ModelParameter& parameter, const ModelFacts& facts);
// The model's own key for it, whatever the vendor has.
std::string own_key(const ModelObject& object, const Instances& at, uint32_t account,
                    std::string_view name);

// The value of a parameter that is kept, as it is and not as an ACS is told it.
std::string kept_value(const ModelParameter& parameter, const KeyValues& values);
// `value`: one that checked_value() gave for the parameter.
void keep_value(const ModelParameter& parameter, std::string_view value, KeyValues& values);

struct ValueFault {
    uint32_t code = 0;  // 9006 or 9007
    std::string reason = {};
};
// `text` as the parameter takes it, in the one spelling of each value. `type`: the local name of
// its xsi:type, or empty.
std::expected<std::string, ValueFault> checked_value(const ModelRow& row, std::string_view type,
                                                     std::string_view text, const Model& model);

// --- accounts ------------------------------------------------------------------------------------

// What tells whether VoiceProfile and Line of an account are there: nothing, and they are there
// with the account's own number (the line with 1) while it is set up; a number, and they are; a
// number behind a hyphen, and an ACS has deleted them: what else sets the account up again gets the
// next number.
std::string profile_state_key(uint32_t account);
std::string line_state_key(uint32_t account);
// Instance numbers of VoiceProfiles grow by so many: account n has n, n + 64, ..., and no number is
// ever another account's.
inline constexpr uint32_t profile_stride = 64;

VoiceAccount voice_account(uint32_t account, const KeyValues& values);
// VoiceProfile.Enable stays what it is, whatever becomes of the line.
void hold_profile_enable(uint32_t account, KeyValues& values);
// The highest instance number that the account's profile or line has had; 0: none.
uint32_t last_profile(uint32_t account, const KeyValues& values);
uint32_t last_line(uint32_t account, const KeyValues& values);

}  // namespace dialtone
