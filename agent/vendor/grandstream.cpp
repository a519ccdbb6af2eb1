// SPDX-License-Identifier: Apache-2.0
//
// Grandstream GXP, GRP, HT and DP phones, as their provisioning guides and the templates of
// public configuration servers describe them. Key numbers whose meaning differs between series
// or is not published are left out: a wrong meaning is worse than none.
#include "agent/vendor/profiles.h"

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

constexpr FileFormat formats[] = {FileFormat::grandstream_xml};

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
};

constexpr SettingDefault defaults[] = {
    {Setting::static_protocol, "http"},
};

// The web pages' passwords, the SIP passwords of accounts 1 to 6, those of the configuration and
// firmware servers and that of the XML file. One too many hides a value, one too few shows it.
constexpr std::string_view secret_keys[] = {
    "P2",    "P196",                                      // administrator, user
    "P34",   "P406",  "P506",  "P606", "P1706", "P1806",  // SIP
    "P1359", "P1361", "P6769",                            // files
};

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
    .key_shape = KeyShape::p_number,
    .after_apply = AfterApply::reboot,
    .plain_xml_with_key_refused = true,
};

}  // namespace dialtone
