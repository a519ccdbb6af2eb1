// SPDX-License-Identifier: Apache-2.0
//
// Grandstream GXP, GRP, HT and DP phones, as their provisioning guides and the templates of
// public configuration servers describe them. Key numbers whose meaning differs between series
// or is not published are left out: a wrong meaning is worse than none.
#include <iterator>

#include "agent/config/file_encryption.h"
#include "agent/config/grandstream_binary.h"
#include "agent/config/grandstream_xml.h"
#include "agent/vendor/profiles.h"
#include "dialtone_features.h"

namespace dialtone {
namespace {

// The phone asks for its binary file first, and always, because it may move the server path or
// set the password of the XML file. Of the XML files it takes the first there is.
constexpr PlanFile files[] = {
    {"mac-binary-or-xml", "cfg{mac}", AskWhen::always},
    {"mac-xml", "cfg{mac}.xml", AskWhen::until_first},
    {"model-xml", "cfg{model_lower}.xml", AskWhen::until_first},
    {"common-xml", "cfg.xml", AskWhen::until_first},
};

// The binary file is never encrypted, and may be what sets the password of the XML.
constexpr ProfileFormat formats[] = {
    {.format = &grandstream_xml_format, .plain_with_key_refused = true},
    {.format = &grandstream_binary_format, .plain_with_key_refused = false},
};

constexpr Setting keys[] = {Setting::config_password, Setting::config_password_old};

constexpr WordOfValue protocols[] = {
    {"0", "tftp"}, {"1", "http"}, {"2", "https"}, {"3", "ftp"}, {"4", "ftps"},
};

// Automatic upgrade. 0 means no timed check; the phone still asks after each power-on. 2 and 3
// (an hour of the day, a day of the week) have no counterpart and leave the setting as it is.
constexpr WordOfValue check_modes[] = {{"0", "reboot"}, {"1", "interval"}};

constexpr WordOfValue flags[] = {{"0", "0"}, {"1", "1"}};

constexpr KeySetting key_settings[] = {
    {"P193", Setting::static_interval},
    {"P194", Setting::static_mode, check_modes},
    {"P212", Setting::static_protocol, protocols},
    {"P234", Setting::config_prefix},
    {"P235", Setting::config_postfix},
    {"P237", Setting::static_server},  // host, port and path, usually without a scheme
    {"P1359", Setting::config_password},
    {"P1360", Setting::provision_user},
    {"P1361", Setting::provision_password},
    {"P8463", Setting::tls_verify, flags},
    {"P20713", Setting::http_basic_always, flags},
    // TR-069. No public text has the number of whether the phone speaks it at all.
    {"P4503", Setting::tr069_acs_url},
    {"P4504", Setting::tr069_user},
    {"P4505", Setting::tr069_password},
    {"P4506", Setting::tr069_periodic_enable, flags},
    {"P4507", Setting::tr069_periodic_interval},
    {"P4511", Setting::tr069_connection_request_user},
    {"P4512", Setting::tr069_connection_request_password},
};

constexpr SettingDefault defaults[] = {
    {Setting::static_protocol, "http"},
    {Setting::dhcp_vendor_class, "Grandstream {model}"},
};

// A capture shows nine codes and does not name them. These are what the guides say the phones use:
// mask, router, name servers, domain, time offset, time servers, and the two that name a server.
constexpr uint8_t dhcp_requested[] = {1, 3, 6, 15, 2, 42, 43, 66};

// The web pages' passwords, the SIP passwords of accounts 1 to 6, those of the configuration and
// firmware servers and that of the XML file, those of the ACS and of connection requests, and what
// else public templates call passwords. A key too many hides a value, a key too few shows one.
constexpr std::string_view secret_keys[] = {
    "P2",    "P196",  "P34",   "P406",  "P506", "P606", "P1706", "P1806", "P1359",
    "P1361", "P6769", "P4505", "P4512", "P83",  "P281", "P734",  "P6714", "P7903",
};

// Of items, whose names say it.
constexpr std::string_view secret_key_endings[] = {"password", "passwd", "passphrase", "secret"};

// Accounts 1 to 3, on which many public templates agree. That of the outbound proxy (P48) is left
// out, which some templates take for the server's port, and so are the registration's minutes.
constexpr std::string_view active_keys[] = {"P271", "P401", "P501"};
constexpr std::string_view name_keys[] = {"P270", "P417", "P517"};
constexpr std::string_view server_keys[] = {"P47", "P402", "P502"};
constexpr std::string_view user_keys[] = {"P35", "P404", "P504"};
constexpr std::string_view auth_user_keys[] = {"P36", "P405", "P505"};
constexpr std::string_view password_keys[] = {"P34", "P406", "P506"};
constexpr std::string_view display_name_keys[] = {"P3", "P407", "P507"};

using F = AccountForm;
constexpr AccountKey account_keys[] = {
    {.parameter = "Line.{i}.Enable", .form = F::active, .keys = active_keys},
    {.parameter = "Name", .keys = name_keys},
    {.parameter = "SIP.ProxyServer", .form = F::host, .tells_account = true, .keys = server_keys},
    {.parameter = "SIP.ProxyServerPort", .form = F::port, .keys = server_keys},
    {.parameter = "Line.{i}.DirectoryNumber", .tells_account = true, .keys = user_keys},
    {.parameter = "Line.{i}.SIP.AuthUserName", .tells_account = true, .keys = auth_user_keys},
    {.parameter = "Line.{i}.SIP.AuthPassword", .keys = password_keys},
    {.parameter = "Line.{i}.CallingFeatures.CallerIDName", .keys = display_name_keys},
};

// As captured in the vendor's text for PBX makers.
constexpr std::string_view subscribe =
    "SUBSCRIBE sip:{user}@{server} SIP/2.0\n"
    "Via: SIP/2.0/{transport} {address}:{port};branch={branch}{via_params}\n"
    "From: <sip:{user}@{server}>;tag={tag}\n"
    "To: <sip:{user}@{server}>\n"
    "Call-ID: {call}-{port}-1@{lettered}\n"
    "CSeq: 20000 SUBSCRIBE\n"
    "Contact: <sip:{address}:{port}{contact_params}>\n"
    "X-Grandstream-PBX: true\n"
    "Max-Forwards: 70\n"
    "User-Agent: Grandstream {model} {version}\n"
    "Expires: 0\n"
    "Supported: replaces, path, timer\n"
    "Event: ua-profile;profile-type=\"device\";vendor=\"Grandstream\";model=\"{model}\";"
    "version=\"{version}\"\n"
    "Accept: application/url\n"
    "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE\n"
    "Content-Length: 0\n";

// For servers that find fields by their line number, or take a CSeq of one digit only.
constexpr std::string_view subscribe_other =
    "SUBSCRIBE sip:{user}@{server} SIP/2.0\n"
    "Via: SIP/2.0/{transport} {address}:{port};branch={branch}{via_params}\n"
    "From: <sip:{user}@{server}>;tag={tag}\n"
    "To: <sip:{user}@{server}>\n"
    "Call-ID: {call}-{port}-2@{lettered}\n"
    "CSeq: 1 SUBSCRIBE\n"
    "Event: ua-profile;profile-type=\"device\";vendor=\"Grandstream\";model=\"{model}\";"
    "version=\"{version}\"\n"
    "Contact: <sip:{address}:{port}{contact_params}>\n"
    "X-Grandstream-PBX: true\n"
    "Max-Forwards: 70\n"
    "User-Agent: Grandstream {model} {version}\n"
    "Expires: 0\n"
    "Accept: application/url\n"
    "Content-Length: 0\n";

}  // namespace

constexpr Profile grandstream_profile = {
    .name = "grandstream",
    .vendor = "Grandstream",
    .default_model = "GXP1628",
    .default_version = "1.0.2.7",
    .user_agent = "Grandstream Model HW {model} SW {version} DevId {mac}",
    .files = files,
    .formats = formats,
    .key_settings = key_settings,
    .defaults = defaults,
    .secret_keys = secret_keys,
    .secret_key_endings = secret_key_endings,
    .key_shape = KeyShape::p_number,
    .has_items = true,
    .after_apply = AfterApply::reboot,
    .encryption = &openssl_encryption,
    .keys = keys,
    .pnp = {.subscribe = subscribe,
            .subscribe_other = subscribe_other,
            .users = {"MAC%3A{MAC}", "MAC{mac}", "MAC%3a{mac}"}},
    .dhcp = {.requested = dhcp_requested},
    .sip_server_key = "P47",
    // A build without TR-069 has no use for them.
    .accounts = with_tr069 ? AccountKeys{std::size(active_keys), account_keys} : AccountKeys{},
};

}  // namespace dialtone
