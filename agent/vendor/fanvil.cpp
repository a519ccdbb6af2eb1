// SPDX-License-Identifier: Apache-2.0
//
// Fanvil desk phones of the X and H series and their relatives, as their auto provision guide,
// exported configurations and public provisioning servers describe them. Values whose meaning no
// source gives are left out: a wrong meaning is worse than none.
#include "agent/config/fanvil_sysconf.h"
#include "agent/config/fanvil_text.h"
#include "agent/config/fanvil_xml.h"
#include "agent/config/file_encryption.h"
#include "agent/vendor/profiles.h"
#include "dialtone_features.h"

namespace dialtone {
namespace {

// The models whose file for all phones is not called f0MODELhw1.100.cfg. Upper and lower case are
// as servers have them.
constexpr ModelFile common_names[] = {
    {"C400", "f0C04000000.cfg"},    {"C58", "f0C00580000.cfg"},     {"C600", "f0C06000000.cfg"},
    {"F600", "f0F06000000.cfg"},    {"H2U-V2", "F0V2UV200000.cfg"}, {"V62", "F0VV6200000.cfg"},
    {"V67", "F0V0V6700000.cfg"},    {"X210", "F0VX21000000.cfg"},   {"X5S", "F0V0X5S00000.cfg"},
    {"X5U-V2", "F0V5UV200000.cfg"}, {"X6", "F0V00X600000.cfg"},     {"X6V2", "F0000X600000.cfg"},
    {"X7", "F0V00X700000.cfg"},     {"X7C", "F0V0X7C00000.cfg"},    {"i20S", "f0i20SVhw1.100.cfg"},
    {"i51W", "F0Vi51W00000.cfg"},
};

// The key that is meant for the file comes first, the other one is tried second.
constexpr Setting device_keys[] = {Setting::config_key, Setting::config_key_common};
constexpr Setting common_keys[] = {Setting::config_key_common, Setting::config_key};

// First the file for all phones, then the file for this one, which overrides it.
constexpr PlanFile files[] = {
    {.role = "common",
     .name = "f0{model}hw1.100.cfg",
     .by_model = common_names,
     .keys = common_keys,
     .beside_named_file = true},
    {.role = "device", .name = "{mac}.cfg"},
};

constexpr ProfileFormat formats[] = {
    {.format = &fanvil_text_format, .plain_with_key_refused = true},
    {.format = &fanvil_xml_format, .plain_with_key_refused = true},
    {.format = &fanvil_sysconf_format, .plain_with_key_refused = true},
};

// 1 and 3 are not published.
constexpr WordOfValue protocols[] = {{"2", "tftp"}, {"4", "http"}, {"5", "https"}};

constexpr WordOfValue check_modes[] = {{"0", "off"}, {"1", "reboot"}, {"2", "interval"}};

constexpr WordOfValue flags[] = {{"0", "0"}, {"1", "1"}};

constexpr uint32_t minutes_of_an_hour = 60;

// The order of the choices on the phone's own page.
constexpr WordOfValue transports[] = {{"0", "udp"}, {"1", "tcp"}};

constexpr std::string_view no_address = "0.0.0.0";

// Option 0 means that DHCP is not asked for a server.
constexpr WordOfValue no_option[] = {{"0", "0"}};

// Exports group some keys in lists, files made by hand do not. The names of older firmware
// (Download Server IP and so on) are left out: exports carry them filled with placeholders.
constexpr KeySetting key_settings[] = {
    {"AUTOUPDATE CONFIG MODULE/Default Username", Setting::provision_user},
    {"AUTOUPDATE CONFIG MODULE/Default Password", Setting::provision_password},
    {"AUTOUPDATE CONFIG MODULE/Device Cfg File Key", Setting::config_key},
    {"AUTOUPDATE CONFIG MODULE/Common Cfg File Key", Setting::config_key_common},
    {"AUTOUPDATE CONFIG MODULE/Flash Server IP", Setting::static_server},
    {"AUTOUPDATE CONFIG MODULE/Flash File Name", Setting::static_file},
    {"AUTOUPDATE CONFIG MODULE/Flash Protocol", Setting::static_protocol, protocols},
    {"AUTOUPDATE CONFIG MODULE/Flash Mode", Setting::static_mode, check_modes},
    {"AUTOUPDATE CONFIG MODULE/Flash Interval", Setting::static_interval, {}, minutes_of_an_hour},
    {"AUTOUPDATE CONFIG MODULE/PNP Enable", Setting::pnp_enabled, flags},
    {"AUTOUPDATE CONFIG MODULE/PNP IP", Setting::pnp_server},
    {"AUTOUPDATE CONFIG MODULE/PNP Transport", Setting::pnp_transport, transports},
    {"AUTOUPDATE CONFIG MODULE/PNP Interval", Setting::pnp_interval},
    {"AUTOUPDATE CONFIG MODULE/Sip Pnp List/PNP Enable", Setting::pnp_enabled, flags},
    {"AUTOUPDATE CONFIG MODULE/Sip Pnp List/PNP IP", Setting::pnp_server},
    {"AUTOUPDATE CONFIG MODULE/Sip Pnp List/PNP Transport", Setting::pnp_transport, transports},
    {"AUTOUPDATE CONFIG MODULE/Sip Pnp List/PNP Interval", Setting::pnp_interval},
    {"AUTOUPDATE CONFIG MODULE/DHCP Option", Setting::dhcp_options},
    {"AUTOUPDATE CONFIG MODULE/DHCP Option", Setting::dhcp_enabled, no_option},
    {"AUTOUPDATE CONFIG MODULE/Net Option/DHCP Option", Setting::dhcp_options},
    {"AUTOUPDATE CONFIG MODULE/Net Option/DHCP Option", Setting::dhcp_enabled, no_option},
    // The misspelt one is how phones export it. What the numbers of TLS Version mean is not
    // published, and of the server types both are understood at once.
    {"TR069 CONFIG MODULE/Enable TR069", Setting::tr069_enabled, flags},
    {.key = "TR069 CONFIG MODULE/ACS URL", .setting = Setting::tr069_acs_url, .none = no_address},
    {"TR069 CONFIG MODULE/ACS UserName", Setting::tr069_user},
    {"TR069 CONFIG MODULE/ACS Password", Setting::tr069_password},
    {"TR069 CONFIG MODULE/Periodix Interval", Setting::tr069_periodic_interval},
    {"TR069 CONFIG MODULE/CPE UserName", Setting::tr069_connection_request_user},
    {"TR069 CONFIG MODULE/CPE Password", Setting::tr069_connection_request_password},
    {"TR069 CONFIG MODULE/STUN Enable", Setting::tr069_stun_enable, flags},
    {"TR069 CONFIG MODULE/STUN Server Addr", Setting::tr069_stun_server},
    {"TR069 CONFIG MODULE/STUN Server Port", Setting::tr069_stun_port},
    {"TR069 CONFIG MODULE/STUN Max Period", Setting::tr069_stun_max_s},
    {"TR069 CONFIG MODULE/STUN Min Period", Setting::tr069_stun_min_s},
};

constexpr SettingDefault defaults[] = {
    {Setting::order, "dhcp,tr069,pnp,static"},
    {Setting::static_protocol, "tftp"},
};

// As captured from a phone set to option 43. dhcp.vendor_class stays empty: the phones send theirs
// only when told to, and servers know them by its absence.
constexpr uint8_t dhcp_requested[] = {1, 28, 3, 2, 4, 43, 6};

constexpr std::string_view secret_keys[] = {
    "AUTOUPDATE CONFIG MODULE/Default Password",
    "AUTOUPDATE CONFIG MODULE/Device Cfg File Key",
    "AUTOUPDATE CONFIG MODULE/Common Cfg File Key",
    "TR069 CONFIG MODULE/ACS Password",
    "TR069 CONFIG MODULE/CPE Password",
};

// Passwords have a key for each line, account and tunnel, in the spellings of exported files.
constexpr std::string_view secret_key_endings[] = {
    " Pswd",       " Pwd",       " Pass",      "Password", "password", " File Key",
    " Signal Key", " Media Key", "Crypto Key", "Pswd",     "Passwd",
};

// The keys of a line, with the number in the middle. The names on which exports and public
// templates agree; that of the transport differs between them.
constexpr uint32_t lines = 20;

using F = AccountForm;
constexpr AccountKey account_keys[] = {
    {.parameter = "Line.{i}.Enable",
     .form = F::active,
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Enable Reg",
     .other_pattern = "SIP CONFIG MODULE/SIP# Enable Reg"},
    {.parameter = "SIP.ProxyServer",
     .tells_account = true,
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Register Addr",
     .other_pattern = "SIP CONFIG MODULE/SIP# Register Addr"},
    {.parameter = "SIP.ProxyServerPort",
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Register Port",
     .other_pattern = "SIP CONFIG MODULE/SIP# Register Port"},
    {.parameter = "SIP.RegisterExpires",
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Register TTL",
     .other_pattern = "SIP CONFIG MODULE/SIP# Register TTL"},
    {.parameter = "Line.{i}.DirectoryNumber",
     .tells_account = true,
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Phone Number",
     .other_pattern = "SIP CONFIG MODULE/SIP# Phone Number"},
    {.parameter = "Line.{i}.SIP.AuthUserName",
     .tells_account = true,
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Register User",
     .other_pattern = "SIP CONFIG MODULE/SIP# Register User"},
    {.parameter = "Line.{i}.SIP.AuthPassword",
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Register Pswd",
     .other_pattern = "SIP CONFIG MODULE/SIP# Register Pswd"},
    {.parameter = "Line.{i}.CallingFeatures.CallerIDName",
     .pattern = "SIP CONFIG MODULE/SIP Line List/SIP# Display Name",
     .other_pattern = "SIP CONFIG MODULE/SIP# Display Name"},
};

// The vendor publishes the form of the user only. The order of the fields is the one that servers
// which find fields by their line number expect.
constexpr std::string_view subscribe =
    "SUBSCRIBE sip:{user}@{server} SIP/2.0\n"
    "Via: SIP/2.0/{transport} {address}:{port};branch={branch}{via_params}\n"
    "From: <sip:{user}@{server}>;tag={tag}\n"
    "To: <sip:{user}@{server}>\n"
    "Call-ID: {call}@{address}\n"
    "CSeq: 1 SUBSCRIBE\n"
    "Event: ua-profile;profile-type=\"device\";vendor=\"Fanvil\";model=\"{model}\";"
    "version=\"{version}\"\n"
    "Contact: <sip:{user}@{address}:{port}{contact_params}>\n"
    "Max-Forwards: 70\n"
    "User-Agent: Fanvil {model} {version} {mac}\n"
    "Expires: 0\n"
    "Accept: application/url\n"
    "Content-Length: 0\n";

constexpr std::string_view subscribe_other =
    "SUBSCRIBE sip:{user}@{server} SIP/2.0\n"
    "Via: SIP/2.0/{transport} {address}:{port};branch={branch}{via_params}\n"
    "From: <sip:{user}@{server}>;tag={tag}\n"
    "To: <sip:{user}@{server}>\n"
    "Call-ID: {call}@{address}\n"
    "CSeq: 1 SUBSCRIBE\n"
    "Event: ua-profile;profile-type=\"device\";vendor=\"Fanvil\";model=\"{model}\";"
    "version=\"{version}\"\n"
    "Contact: <sip:{user}@{address}:{port}{contact_params}>\n"
    "Max-Forwards: 70\n"
    "User-Agent: Fanvil {model} {version} {mac}\n"
    "Expires: 0\n"
    "Accept: application/url\n"
    "Content-Length: 0\n";

}  // namespace

constexpr Profile fanvil_profile = {
    .name = "fanvil",
    .vendor = "Fanvil",
    .default_model = "X4",
    .default_version = "2.10.2.6887",
    .user_agent = "Fanvil {model} {version} {mac}",
    .files = files,
    .formats = formats,
    .key_settings = key_settings,
    .defaults = defaults,
    .secret_keys = secret_keys,
    .secret_key_endings = secret_key_endings,
    .key_shape = KeyShape::module_path,
    .after_apply = AfterApply::second_pass,
    .encryption = &unpublished_aes_encryption,
    .keys = device_keys,
    .pnp = {.subscribe = subscribe,
            .subscribe_other = subscribe_other,
            .users = {"MAC{mac}", "MAC%3a{mac}", "MAC%3A{MAC}"}},
    .dhcp = {.requested = dhcp_requested},
    .sip_server_key = "SIP CONFIG MODULE/SIP Line List/SIP1 Register Addr",
    // A build without TR-069 has no use for them.
    .accounts = with_tr069 ? AccountKeys{lines, account_keys} : AccountKeys{},
};

}  // namespace dialtone
