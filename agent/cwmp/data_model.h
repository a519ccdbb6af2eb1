// SPDX-License-Identifier: Apache-2.0
//
// What an ACS sees of the phone: objects with their parameters as one table, relative to the root
// that the setting tr069.root names: Device:1 (TR-106), Device:2 (TR-181), InternetGatewayDevice:1
// (TR-098). Each row says in which of them it stands. The methods (rpc.h) read it, the session
// writes the parameters into its Inform that belong there, and model_write.h makes a change of the
// configuration out of what an ACS writes.
//
// A parameter's value is told by the phone, or kept: under a setting's name, under the vendor's key
// of a SIP account, or under the parameter's own path. What is kept lies in the active generation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/clock/wall_clock.h"
#include "agent/cwmp/date_time.h"
#include "agent/cwmp/voice_service.h"
#include "agent/generation.h"
#include "agent/limits.h"
#include "agent/phone.h"

namespace dialtone {

// --- the facts -----------------------------------------------------------------------------------

// What values are made of. All of it outlives what is made of it.
struct ModelFacts {
    const PhoneFacts& phone;
    const WallClock& clock;
    Instant now;
    const Generation& active;
};

// --- the table -----------------------------------------------------------------------------------

// Of XML Schema.
enum class ValueType : uint8_t { string, boolean, integer, unsigned_int, date_time };
std::string_view value_type_name(ValueType type);

enum class ModelAccess : uint8_t {
    read_only,
    read_write,
    hidden,  // read_write, and reads as an empty value
};

// Whether a change is told to the ACS (TR-069 table of SetParameterAttributes).
enum class Notification : uint8_t { off, passive, active };
enum class NotificationRule : uint8_t {
    free,
    may_deny_active,  // the phone may refuse `active` with fault 9009
    forced,           // it cannot be changed
};

// The values a parameter takes besides those of its type.
enum class RangeKind : uint8_t {
    none,
    letters,  // up to `high` of them
    number,   // `low` to `high`
    words,    // one of `words`, separated by |
    host,     // a name or an address without a port, up to `high` letters; empty too
};
struct ValueRange {
    std::string_view words = {};
    int32_t low = 0;
    uint32_t high = 0;
    RangeKind kind = RangeKind::none;
};

enum class Root : uint8_t { igd, device1, device2 };
inline constexpr uint32_t root_count = 3;
std::string_view root_name(Root root);  // with its dot
using Roots = uint8_t;                  // a set of them
inline constexpr Roots in_igd = 1;
inline constexpr Roots in_device1 = 2;
inline constexpr Roots in_device2 = 4;
inline constexpr Roots in_all = in_igd | in_device1 | in_device2;
constexpr bool has_root(Roots roots, Root root) {
    return (roots >> static_cast<uint8_t>(root) & 1U) != 0;
}

// The instance numbers in a path, from left to right.
struct Instances {
    std::array<uint32_t, 4> numbers = {};
    uint8_t count = 0;

    Instances with(uint32_t number) const;
    bool operator==(const Instances&) const = default;
};

class Model;
struct ModelParameter;

// Where a value is kept.
enum class Keeping : uint8_t {
    none,       // the phone tells it
    own,        // under the parameter's path, or an account's key of the vendor
    setting,    // under the name of `setting`
    list_part,  // it is one of several that share `setting`, separated by commas
    enable,     // VoiceProfile.Enable or Line.Enable: both make the account active
    command,    // it reads false; each true counts up what lies under its path
};

struct ModelRow {
    std::string_view name;
    std::string_view initial = {};  // what is kept reads as while nobody has set it
    std::string (*value)(const Model& model, const ModelParameter& of) = nullptr;  // what is told
    ValueRange range = {};
    ValueType type = ValueType::string;
    ModelAccess access = ModelAccess::read_only;
    Keeping keeping = Keeping::none;
    Setting setting = {};
    uint8_t part = 0;
    Notification notification = Notification::off;
    NotificationRule rule = NotificationRule::free;
    Roots roots = in_all;
    Roots forced_roots = 0;  // it is in every Inform there (TR-106 "Forced Inform", TR-069 3.7.1.5)

    constexpr ModelRow active(NotificationRule rule_of_it = NotificationRule::free) const {
        ModelRow out = *this;
        out.notification = Notification::active;
        out.rule = rule_of_it;
        return out;
    }
    constexpr ModelRow may_deny() const {
        ModelRow out = *this;
        out.rule = NotificationRule::may_deny_active;
        return out;
    }
    constexpr ModelRow only(Roots roots_of_it) const {
        ModelRow out = *this;
        out.roots = roots_of_it;
        return out;
    }
    constexpr ModelRow forced(Roots roots_of_it) const {
        ModelRow out = *this;
        out.forced_roots = roots_of_it;
        return out;
    }
};

// Whether an ACS may add rows to a table, and which.
enum class TableRows : uint8_t { fixed, accounts, lines };

struct ModelTable {
    TableRows rows = TableRows::fixed;
    std::vector<uint32_t> (*instances)(const Model& model, const Instances& above);
};

// Objects stand before those below them, and those follow them at once. The object above each is in
// the table, too. A table is its row's object, whose path ends in "{i}.".
struct ModelObject {
    std::string_view path;  // below the root, "" for the root itself
    std::span<const ModelRow> rows = {};
    const ModelTable* table = nullptr;
    Roots roots = in_all;
    bool of_vendor_keys = false;  // its parameters are the generation's keys, "{oui}" is filled
};

// The two parts of the table: the management objects, and those of TR-104.
std::span<const ModelObject> management_objects();

// --- a model with its instances ------------------------------------------------------------------

// A parameter as a path names it.
struct ModelParameter {
    const ModelObject* object = nullptr;
    const ModelRow* row = nullptr;
    Instances at = {};
    uint32_t account = 0;              // that its VoiceProfile is; 0: it has none
    std::string_view vendor_key = {};  // of an object of vendor keys

    bool operator==(const ModelParameter& other) const {
        return object == other.object && row == other.row && at == other.at &&
               vendor_key == other.vendor_key;
    }
};

// A parameter, an object or a table, the last two with a dot at their end.
struct ModelName {
    std::string path = {};
    bool writable = false;
};

// An account of the phone as VoiceProfile and Line; 0: there is none.
struct VoiceAccount {
    uint32_t number = 0;
    uint32_t profile = 0;
    uint32_t line = 0;
};

// The table with the instances that there are by `facts`. Made anew for each call of an ACS.
class Model {
  public:
    explicit Model(const ModelFacts& facts);

    const ModelFacts& facts() const { return facts_; }
    Root root() const { return root_; }

    // The parameters that a path names: one, those below an object, all for the empty path. None:
    // there is nothing of that name, or (an empty table) nothing in it; has() tells which.
    std::vector<ModelParameter> parameters_at(std::string_view path) const;
    bool has(std::string_view path) const;
    // An object itself and all below it, or with `next_level` its direct children alone; the empty
    // path has the root as its one child. None: there is nothing of that name.
    std::vector<ModelName> names_at(std::string_view path, bool next_level) const;
    // Of every Inform.
    std::vector<ModelParameter> forced_parameters() const;

    std::string path_of(const ModelParameter& parameter) const;
    // As an ACS is told it: a hidden one is empty.
    std::string value_of(const ModelParameter& parameter) const;
    static bool is_writable(const ModelParameter& parameter) {
        return parameter.row->access != ModelAccess::read_only;
    }

    // The profiles there are, by account.
    std::span<const VoiceAccount> accounts() const { return accounts_; }
    const VoiceAccount* account_of_profile(uint32_t profile) const;
    // What the phone says of the line of an account.
    const VoiceLine& line_of(uint32_t account) const;
    // A key of the vendor's that is no parameter of an account, and its name as one of its own.
    struct VendorKey {
        std::string name = {};
        std::string_view key = {};
    };
    // Those of the configuration, by name.
    std::span<const VendorKey> vendor_keys() const;
    // Those whose changes are told to the ACS unless it says otherwise.
    std::vector<ModelParameter> notified_parameters() const;

    // What a path names.
    struct Place {
        const ModelObject* object = nullptr;
        bool is_table = false;  // the table whose row `object` is
        Instances at = {};
        std::optional<ModelParameter> parameter = {};
    };
    std::optional<Place> find(std::string_view path) const;

  private:
    struct Node {
        ModelParameter parameter = {};  // its row is nullptr for an object
        bool is_table = false;
        uint32_t depth = 0;
    };
    using Objects = std::span<const ModelObject>;

    void find_vendor_keys() const;
    ModelParameter vendor_parameter(const ModelObject& object, const VendorKey& key) const;
    void collect(Objects objects, const Instances& above, std::vector<Node>& out) const;
    void collect_object(const ModelObject& object, const Instances& at,
                        std::vector<Node>& out) const;
    std::vector<Node> nodes_at(const Place& place) const;
    std::vector<Node> nodes_of_all() const;
    std::string name_of(const Node& node) const;
    bool is_writable_node(const Node& node) const;
    std::string object_path(const ModelObject& object, const Instances& at, bool is_table) const;
    bool exists(const ModelObject& object, const Instances& at) const;
    uint32_t account_at(const ModelObject& object, const Instances& at) const;
    std::optional<ModelParameter> find_row(const ModelObject& object, const Instances& at,
                                           std::string_view name) const;
    bool match(const ModelObject& object, std::string_view path, Place& place,
               std::string_view& rest) const;

    ModelFacts facts_;
    Root root_ = Root::device1;
    std::string vendor_object_ = {};  // the name that stands for "X_{oui}_Config"
    std::vector<VoiceAccount> accounts_ = {};
    // Found when they are first asked for: few calls are of them, and they are many.
    mutable std::optional<std::vector<VendorKey>> vendor_keys_ = {};
};

// --- small things --------------------------------------------------------------------------------

// Who the phone is (DeviceIdStruct).
struct DeviceId {
    std::string manufacturer = {};
    std::string oui = {};
    std::string product_class = {};
    std::string serial_number = {};
};
DeviceId device_id(const PhoneFacts& phone);

// A vendor's key as the name of a parameter: what is no letter, digit or hyphen in it becomes an
// underscore and two hex digits, so that no two keys have the same name.
std::string name_of_vendor_key(std::string_view key);

}  // namespace dialtone
