// SPDX-License-Identifier: Apache-2.0
//
// What an ACS sees of the phone: parameters as rows of one table (TR-106 Device:1.2, Baseline:1 and
// what is known of LAN:1). Paths in the table are relative to the root, "Device."; objects are not
// rows, the paths of the parameters name them. The methods (rpc.h) read it, and the session writes
// the parameters into its Inform that belong there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/clock/wall_clock.h"
#include "agent/phone.h"

namespace dialtone {

enum class ValueType : uint8_t { string, boolean, unsigned_int, date_time, integer };
std::string_view value_type_name(ValueType type);  // of XML Schema

enum class ModelAccess : uint8_t {
    read_only,
    read_write,
    hidden,  // read_write, and reads as an empty value
};

// Whether a change is told to the ACS (TR-069 table of SetParameterAttributes).
enum class Notification : uint8_t { off, passive, active };

// What a value is made of.
struct ModelFacts {
    const PhoneFacts& phone;
    const WallClock& clock;
    Instant now;
};

struct ModelRow {
    std::string_view path;  // below the root
    ValueType type;
    ModelAccess access;
    Notification notification;
    bool in_inform;  // with every Inform (TR-106, "Forced Inform")
    std::string (*value)(const ModelFacts&);
};

// Sorted so that the parameters of an object follow one another.
std::span<const ModelRow> model_rows();
inline constexpr std::string_view model_root = "Device.";

// A parameter or, with a dot at its end, an object.
struct ModelName {
    std::string path = {};
    bool writable = false;
};

// The rows that a path names: a parameter's one, those below an object's, all for the empty path.
// None: there is nothing of that name.
std::vector<const ModelRow*> rows_at(std::string_view path);
// The names at a path, of an object itself and all below it, or with `next_level` of its direct
// children alone; the empty path has the root as its one child. None: there is nothing of that
// name.
std::vector<ModelName> names_at(std::string_view path, bool next_level);

std::string full_path(const ModelRow& row);

// Who the phone is (DeviceIdStruct).
struct DeviceId {
    std::string manufacturer = {};
    std::string oui = {};
    std::string product_class = {};
    std::string serial_number = {};
};
DeviceId device_id(const PhoneFacts& phone);

// As xsd:dateTime, in UTC, between 1970 and 2100.
std::string date_time_text(WallSeconds wall_s);
inline constexpr std::string_view unknown_time = "0001-01-01T00:00:00Z";

}  // namespace dialtone
