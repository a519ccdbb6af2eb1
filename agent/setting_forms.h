// SPDX-License-Identifier: Apache-2.0
//
// The table of all settings, each with the sentence that docs/settings.md has of it. settings.cpp
// takes the forms out of it, and the program that prints the page the sentences: they are no bytes
// of the phone's.
#pragma once

#include <string_view>

#include "agent/settings.h"

namespace dialtone {

struct DocumentedSetting : SettingForm {
    std::string_view text;
};

// In the order of the enum.
inline constexpr DocumentedSetting documented_settings[] = {
    {{Setting::order, SettingSection::chain, "order", SettingType::list, "pnp,dhcp,static,tr069", 0,
      0, "pnp|dhcp|static|tr069|mdns|fdps"},
     "The sources that are asked for a server, in this order; a source that leads nowhere never "
     "ends the chain."},
    {{Setting::static_url, SettingSection::static_server, "static.url", SettingType::text, "", 0, 0,
      ""},
     "The URL of a folder with the phone's files, or of one file; wins over static.server."},
    {{Setting::static_protocol, SettingSection::static_server, "static.protocol", SettingType::word,
      "http", 0, 0, "tftp|ftp|ftps|http|https"},
     "The protocol for every server that is named without one."},
    {{Setting::static_server, SettingSection::static_server, "static.server", SettingType::text, "",
      0, 0, ""},
     "The server as HOST, HOST:PORT or either with a path; a scheme in front wins over "
     "static.protocol."},
    {{Setting::static_path, SettingSection::static_server, "static.path", SettingType::text, "", 0,
      0, ""},
     "The folder on static.server."},
    {{Setting::static_file, SettingSection::static_server, "static.file", SettingType::text, "", 0,
      0, ""},
     "The one file to ask static.server for, instead of the phone's own list."},
    {{Setting::static_mode, SettingSection::static_server, "static.mode", SettingType::word,
      "reboot", 0, 0, "off|reboot|interval"},
     "When the static server is asked: never, after each start, or also every static.interval."},
    {{Setting::static_interval, SettingSection::static_server, "static.interval",
      SettingType::number, "10080", 60, 5'256'000, ""},
     "Minutes between two checks while static.mode is interval."},
    {{Setting::provision_user, SettingSection::credentials, "provision.user", SettingType::text, "",
      0, 0, ""},
     "The user for a server that asks for one, where the URL names none."},
    {{Setting::provision_password, SettingSection::credentials, "provision.password",
      SettingType::secret, "", 0, 0, ""},
     "The password that belongs to provision.user."},
    {{Setting::provision_servers, SettingSection::credentials, "provision.servers",
      SettingType::text, "", 0, 0, ""},
     "Hosts, separated by commas, that are given provision.user and provision.password in whole, "
     "whoever names them; others that SIP plug and play or DHCP name get a digest answer at "
     "most. With https:// or ftps:// before it a host counts by TLS only, as does one that the "
     "phone knows by TLS, unless another scheme stands there."},
    {{Setting::config_password, SettingSection::configuration_files, "config.password",
      SettingType::secret, "", 0, 0, ""},
     "The password that decrypts configuration files."},
    {{Setting::config_password_old, SettingSection::configuration_files, "config.password_old",
      SettingType::secret, "", 0, 0, ""},
     "The password before the current one, tried second while a site changes over."},
    {{Setting::config_key, SettingSection::configuration_files, "config.key", SettingType::secret,
      "", 0, 0, ""},
     "The key, in hexadecimal digits, that decrypts the file made for this phone."},
    {{Setting::config_key_common, SettingSection::configuration_files, "config.key_common",
      SettingType::secret, "", 0, 0, ""},
     "The key, in hexadecimal digits, that decrypts files made for many phones."},
    {{Setting::config_prefix, SettingSection::configuration_files, "config.prefix",
      SettingType::text, "", 0, 0, ""},
     "Text put before the name of each configuration file."},
    {{Setting::config_postfix, SettingSection::configuration_files, "config.postfix",
      SettingType::text, "", 0, 0, ""},
     "Text put after the name of each configuration file."},
    {{Setting::pnp_enabled, SettingSection::pnp, "pnp.enabled", SettingType::flag, "1", 0, 0, ""},
     "Whether the phone asks for its server by SIP plug and play."},
    {{Setting::pnp_server, SettingSection::pnp, "pnp.server", SettingType::text, "224.0.1.75", 0, 0,
      ""},
     "The address or name that SIP plug and play asks."},
    {{Setting::pnp_port, SettingSection::pnp, "pnp.port", SettingType::number, "5060", 1, 65'535,
      ""},
     "The port of pnp.server."},
    {{Setting::pnp_transport, SettingSection::pnp, "pnp.transport", SettingType::word, "udp", 0, 0,
      "udp|tcp"},
     "The transport of SIP plug and play."},
    {{Setting::pnp_interval, SettingSection::pnp, "pnp.interval", SettingType::number, "0", 0, 99,
      ""},
     "Hours until SIP plug and play asks again; 0 asks only after a start."},
    {{Setting::pnp_listen, SettingSection::pnp, "pnp.listen", SettingType::number, "1440", 0,
      10'080, ""},
     "Minutes in which a phone without a configuration takes a late answer from a server that "
     "has accepted its request."},
    {{Setting::dhcp_enabled, SettingSection::dhcp, "dhcp.enabled", SettingType::flag, "1", 0, 0,
      ""},
     "Whether the phone takes its server from DHCP options."},
    {{Setting::dhcp_options, SettingSection::dhcp, "dhcp.options", SettingType::list, "66,43", 1,
      254, ""},
     "The DHCP options that may name a server, best first."},
    {{Setting::dhcp_vendor_class, SettingSection::dhcp, "dhcp.vendor_class", SettingType::text, "",
      0, 0, ""},
     "The vendor class (option 60) of the agent's own DHCP question; braces as in {model} are "
     "filled; empty sends none. Until somebody sets it, it is the one that the phone's DHCP client "
     "has sent, and else the profile's."},
    {{Setting::dhcp_inform, SettingSection::dhcp, "dhcp.inform", SettingType::flag, "1", 0, 0, ""},
     "Whether the agent asks DHCP servers itself when the lease does not show the options."},
    {{Setting::dhcp_sip_server, SettingSection::dhcp, "dhcp.sip_server", SettingType::flag, "0", 0,
      0, ""},
     "Whether DHCP option 120 replaces the SIP server that the configuration names."},
    {{Setting::dhcp_renew_check, SettingSection::dhcp, "dhcp.renew_check", SettingType::flag, "1",
      0, 0, ""},
     "Whether the sources are asked again when the DHCP lease is renewed."},
    {{Setting::network_mode, SettingSection::network, "network.mode", SettingType::word, "dhcp", 0,
      0, "dhcp|static"},
     "How the phone gets its address; with static, DHCP is not waited for and not asked."},
    {{Setting::sip_port, SettingSection::sip, "sip.port", SettingType::number, "5060", 1, 65'535,
      ""},
     "The local port on which SIP plug and play listens."},
    {{Setting::http_basic_always, SettingSection::http, "http.basic_always", SettingType::flag, "0",
      0, 0, ""},
     "Whether user and password go out with the first request, before the server asks for them."},
    {{Setting::tls_verify, SettingSection::tls, "tls.verify", SettingType::flag, "1", 0, 0, ""},
     "Whether a server's certificate and name must be right."},
    {{Setting::tls_ca, SettingSection::tls, "tls.ca", SettingType::path, "", 0, 0, ""},
     "The file with the certificate authorities that are trusted; empty means the system's."},
    {{Setting::tls_cert, SettingSection::tls, "tls.cert", SettingType::path, "", 0, 0, ""},
     "The file with the certificate the phone shows to servers that ask for one."},
    {{Setting::tls_key, SettingSection::tls, "tls.key", SettingType::path, "", 0, 0, ""},
     "The file with the private key that belongs to tls.cert."},
    {{Setting::trust_pin, SettingSection::trust, "trust.pin", SettingType::word, "1", 0, 0,
      "0|1|strict"},
     "Whether a phone that was configured over verified TLS or by an encrypted file refuses "
     "changes that come without such a proof; with 1 its own server may still move it to one "
     "without TLS, with strict it may not."},
    {{Setting::config_public_key, SettingSection::trust, "config.public_key",
      SettingType::public_key, "", 0, 0, ""},
     "The public key that signatures of configuration files have to fit: after each FILE the phone "
     "asks for FILE.sig. No configuration can set it."},
    {{Setting::config_public_key_2, SettingSection::trust, "config.public_key_2",
      SettingType::public_key, "", 0, 0, ""},
     "A second such key, which counts as much, while a site changes over."},
    {{Setting::config_require_signature, SettingSection::trust, "config.require_signature",
      SettingType::flag, "0", 0, 0, ""},
     "Whether a file without a signature that counts is refused, however it came."},
    {{Setting::trial_timeout, SettingSection::trial, "trial.timeout", SettingType::number, "900", 1,
      86'400, ""},
     "Seconds a new configuration has to reach its server before the one before it returns."},
    {{Setting::splay, SettingSection::chain, "splay", SettingType::number, "600", 0, 86'400, ""},
     "Seconds over which phones that have a configuration spread their first request after a "
     "start."},
    {{Setting::clock_sntp, SettingSection::clock, "clock.sntp", SettingType::text, "", 0, 0, ""},
     "Time servers, separated by commas, asked once after each start; empty asks none."},
    {{Setting::hooks_dir, SettingSection::hooks, "hooks.dir", SettingType::path,
      "/etc/dialtone/hooks.d", 0, 0, ""},
     "The directory of the programs that tell the phone's other software what changed."},
    {{Setting::state_persistent, SettingSection::state, "state.persistent", SettingType::word,
      "auto", 0, 0, "auto|0|1"},
     "Whether the state directory outlives a restart of the machine; with auto as the board says, "
     "or else unless it lies in memory. Where it does not, no configuration makes the phone "
     "reboot. Read at each start."},
    {{Setting::tr069_enabled, SettingSection::tr069, "tr069.enabled", SettingType::flag, "1", 0, 0,
      ""},
     "Whether the phone talks to an auto-configuration server (ACS) once it knows one."},
    {{Setting::tr069_acs_url, SettingSection::tr069, "tr069.acs_url", SettingType::text, "", 0, 0,
      ""},
     "The URL of the ACS."},
    {{Setting::tr069_user, SettingSection::tr069, "tr069.user", SettingType::text, "", 0, 0, ""},
     "The user the phone names to the ACS."},
    {{Setting::tr069_password, SettingSection::tr069, "tr069.password", SettingType::secret, "", 0,
      0, ""},
     "The password that belongs to tr069.user."},
    {{Setting::tr069_periodic_enable, SettingSection::tr069, "tr069.periodic_enable",
      SettingType::flag, "1", 0, 0, ""},
     "Whether the phone reports to the ACS every tr069.periodic_interval."},
    {{Setting::tr069_periodic_interval, SettingSection::tr069, "tr069.periodic_interval",
      SettingType::number, "3600", 1, 2'419'200, ""},
     "Seconds between two such reports; the first one comes at a drawn moment within them, unless "
     "tr069.periodic_time says which."},
    {{Setting::tr069_periodic_time, SettingSection::tr069, "tr069.periodic_time", SettingType::text,
      "", 0, 0, ""},
     "A moment of such a report, as in 2026-01-31T02:00:00Z, from which the others are counted; "
     "empty or the year 1: none."},
    {{Setting::tr069_retry_minimum, SettingSection::tr069, "tr069.retry_minimum",
      SettingType::number, "5", 1, 65'535, ""},
     "Seconds of the shortest wait after a session with the ACS that failed."},
    {{Setting::tr069_retry_multiplier, SettingSection::tr069, "tr069.retry_multiplier",
      SettingType::number, "2000", 1'000, 65'535, ""},
     "Thousandths by which such waits grow from one failed session to the next."},
};

}  // namespace dialtone
