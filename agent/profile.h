// SPDX-License-Identifier: Apache-2.0
//
// What differs between vendors, as data. A profile is one constexpr value in vendor/; no code
// asks which vendor it is running for.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "agent/account_keys.h"
#include "agent/document.h"
#include "agent/retry_rule.h"
#include "agent/settings.h"

namespace dialtone {

// The phone's own identity; fills the braces of a profile's templates.
struct Identity {
    uint8_t mac[6] = {};
    std::string model = {};
    std::string version = {};
};

// Fills {mac} (lower case, no separators), {MAC} (upper case), {mac:} (lower case with colons),
// {model}, {model_lower} and {version}. Anything else in braces stays as it is.
std::string fill_template(std::string_view text, const Identity& identity);

// "000B82273B89", "00:0b:82:..", "00-0b-.." to six octets. Errors: bad_usage.
Result<Identity> identity_from_mac(std::string_view mac);
std::string mac_text(const Identity& identity);  // 12 lower-case hex digits
// Of who made the phone (IEEE 802), as TR-069 spells it: 6 upper-case hex digits.
std::string oui_text(const Identity& identity);

// When a file of the plan is asked for, given what became of those before it.
enum class AskWhen : uint8_t {
    always,
    until_first,  // only while no file marked until_first has been found
};

// A file's name on one model, where the vendor's models differ. A template, too.
struct ModelFile {
    std::string_view model;  // compared as it is written
    std::string_view name;
};

struct PlanFile {
    std::string_view role;  // names the digest; stable across releases
    std::string_view name;  // a template, without prefix and postfix
    AskWhen ask = AskWhen::always;
    std::span<const ModelFile> by_model = {};  // wins over `name` for the models in it
    std::span<const Setting> keys = {};        // wins over Profile::keys for this file
    bool beside_named_file = false;  // a URL that names a file stands for this file beside it, too
};

// What the file is called on this phone, without prefix and postfix.
std::string file_name(const PlanFile& file, const Identity& identity);

// A configuration key that is also a setting of the agent, "what configurations carry".
struct WordOfValue {
    std::string_view value;
    std::string_view word;
};

struct KeySetting {
    std::string_view key;
    Setting setting;
    std::span<const WordOfValue> words = {};  // empty: the value is taken as it stands
    uint32_t unit = 1;  // of a number: how many of the setting's units one of the value's is
    std::string_view none = {};  // a value that exports have where there is none
};

// The setting's value for a configuration's value; empty when it has none.
std::string setting_value(const KeySetting& row, std::string_view value);
// The other way round: the configuration's value for a setting's; empty when it has none.
std::string key_value(const KeySetting& row, std::string_view setting);

// The spelling of the vendor's configuration keys; `dialtone set` accepts no others.
enum class KeyShape : uint8_t {
    p_number,     // P and digits
    name,         // letters, digits, dots, lines and blanks within; no slash
    module_path,  // MODULE/Key or MODULE/Sub List/Key; a key may hold a slash, a module may not
};

bool key_has_shape(std::string_view key, KeyShape shape);

struct Profile;
// Whether a file of the vendor's can set it: a key of its shape, or an item; no setting by its
// name.
bool is_file_key(const Profile& profile, std::string_view key);
// Whether the key's value is a secret of the vendor's phones.
bool is_secret_key(const Profile& profile, std::string_view key);

struct ConfigFormat;    // config/config_format.h
struct FileEncryption;  // config/file_encryption.h

// A format the vendor's phones take.
struct ProfileFormat {
    const ConfigFormat* format;
    bool plain_with_key_refused;  // a plain file of it, while the file's own key is set
};

// How the vendor's phones ask by SIP plug and play. The templates are whole SUBSCRIBE requests but
// for the blank line at the end, lines ended by LF (CR LF on the wire). Beside the braces of
// fill_template() they know:
//     {user}        the user that stands for the phone, one of `users`
//     {server}      the server asked: 224.0.1.75, or pnp.server, with its port unless that is 5060
//     {address}     the phone's own address, an IPv6 one in brackets
//     {port}        the phone's own port
//     {transport}   UDP or TCP
//     {via_params}  ";rport" over UDP, nothing over TCP
//     {contact_params}  nothing over UDP, ";transport=tcp" over TCP
//     {branch} {tag} {call}   drawn for each window and template; the Call-ID begins with {call}
//     {lettered}    the phone's address with its digits as letters, A for 0 to J for 9
struct PnpForm {
    std::string_view subscribe = {};        // tries 1 to 3
    std::string_view subscribe_other = {};  // tries 4 and 5
    // The vendor's own in tries 1 to 3; then spellings that servers of other vendors know.
    std::array<std::string_view, 3> users = {};
};

// What the vendor's phones ask DHCP for: the codes of the parameter request list, in its order.
// Codes of dhcp.options that are not in it are added at the end.
struct DhcpForm {
    std::span<const uint8_t> requested = {};
    uint16_t message_bytes = 576;  // option 57
};

enum class AfterApply : uint8_t { reboot, second_pass };

struct Profile {
    std::string_view name;  // as given to --profile
    std::string_view vendor;
    std::string_view default_model;
    std::string_view default_version;
    std::string_view user_agent;  // template
    std::span<const PlanFile> files;
    std::span<const ProfileFormat> formats;
    std::span<const KeySetting> key_settings;
    std::span<const SettingDefault> defaults;
    std::span<const std::string_view> secret_keys;  // masked by `dialtone show config --mask`
    std::span<const std::string_view> secret_key_endings = {};  // the same for all keys that end so
    KeyShape key_shape;
    // Files name values by items, too: NAME, or ITEM/PART. No operator sets these.
    bool has_items = false;
    AfterApply after_apply;
    const FileEncryption* encryption = nullptr;  // of its files; nullptr: they are never encrypted
    // The settings whose values open an encrypted file, the one meant for it first. A file that a
    // URL names is opened by these.
    std::span<const Setting> keys = {};
    PnpForm pnp = {};
    DhcpForm dhcp = {};
    std::string_view sip_server_key = {};  // the key that DHCP option 120 replaces
    AccountKeys accounts = {};
    RetryRule retry = {};
};

// The roles of a plan's documents beside those of Profile::files: a file that the URL itself names;
// the document that DHCP option 120 makes, whose name is the key it sets.
inline constexpr std::string_view one_file_role = "url";
inline constexpr std::string_view option_120_role = "option 120";
// Whether documents of that role come with a plan, and go with it.
bool is_plan_role(const Profile& profile, std::string_view role);
// Whether that role's file is for many phones: its name does not hold the phone's MAC.
bool is_common_role(const Profile& profile, std::string_view role);

// The settings whose values open the file of the plan with this role, the one meant for it first.
std::span<const Setting> keys_of(const Profile& profile, std::string_view role);

// Every profile of this build, sorted by name, and the one called `name` or nullptr.
std::span<const Profile* const> all_profiles();
const Profile* find_profile(std::string_view name);

}  // namespace dialtone
