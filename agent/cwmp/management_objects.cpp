// SPDX-License-Identifier: Apache-2.0
//
// The management objects of the three roots: TR-106 Device:1.2, TR-181 Device:2.11 and TR-098
// InternetGatewayDevice:1.14, as far as a phone knows of what they ask for.
#include "agent/address.h"
#include "agent/cwmp/acs_option.h"
#include "agent/cwmp/connection_request.h"
#include "agent/cwmp/data_model.h"
#include "agent/cwmp/model_rows.h"
#include "agent/cwmp/model_values.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

using namespace model_rows;
using T = ValueType;
using M = const Model&;
using P = const ModelParameter&;

constexpr auto forced_active = NotificationRule::forced;

// --- what is told --------------------------------------------------------------------------------

// A profile is named once all of it is there.
std::string device_summary(M model, P) {
    const std::string root = model.root() == Root::igd ? "InternetGatewayDevice:1.14[]()"
                                                       : "Device:1.2[](Baseline:1, Time:1)";
    return root + ", VoiceService:1.1[1](Endpoint:1, SIPEndpoint:1)";
}

std::string up_time(M model, P) {
    return std::to_string(model.facts().now.ms / 1000);
}

// Without its userinfo.
std::string acs_url(M model, P) {
    const std::string_view text = model.facts().phone.settings.get(Setting::tr069_acs_url);
    const auto url = parse_url(text, Scheme::http);
    if (!url) return {};
    return url->has_userinfo ? request_url(*url) : std::string(text);
}

std::string parameter_key(M model, P) {
    return model.facts().phone.parameter_key;
}

std::string periodic_time(M model, P) {
    const auto text = model.facts().phone.settings.get(Setting::tr069_periodic_time);
    return std::string(text.empty() ? unknown_time : text);
}

// TR-111 part 1.
GatewayIdentity gateway(M model) {
    return acs_of_vendor_options(model.facts().phone.vendor_options).gateway;
}

std::string local_time(M model, P) {
    const ModelFacts& facts = model.facts();
    return facts.clock.believed() ? date_time_text(facts.clock.at(facts.now))
                                  : std::string(unknown_time);
}
std::string time_status(M model, P) {
    return model.facts().clock.believed() ? "Synchronized" : "Unsynchronized";
}

bool is_static(M model) {
    return model.facts().phone.settings.get(Setting::network_mode) == "static";
}
std::string addressing_type(M model, P) {
    return is_static(model) ? "Static" : "DHCP";
}
std::string has_dhcp(M model, P) {
    return is_static(model) ? "0" : "1";
}
std::string dhcp_status(M model, P) {
    return is_static(model) ? "Disabled" : "Enabled";
}
std::string ip_address(M model, P) {
    return address_text(model.facts().phone.address);
}
std::string leased_address(M model, P parameter) {
    return is_static(model) ? std::string() : ip_address(model, parameter);
}
std::string mac_address(M model, P) {
    return fill_template("{mac:}", model.facts().phone.identity);
}
std::string interface_name(M model, P) {
    return model.facts().phone.interface;
}
std::string link_status(M model, P) {
    return model.facts().phone.link_up ? "Up" : "Down";
}
std::string link_status_of_igd(M model, P) {
    return model.facts().phone.link_up ? "Up" : "NoLink";
}

constexpr char status_up[] = "Up";
constexpr char enabled[] = "Enabled";
constexpr char type_normal[] = "Normal";
constexpr char root_version[] = "2.11";
constexpr char spec_version[] = "1.0";
constexpr char ip_interface[] = "Device.IP.Interface.1";
constexpr char ethernet_interface[] = "Device.Ethernet.Interface.1";
constexpr char requests[] = "HTTP";
constexpr char dhcp_bound[] = "Bound";
constexpr char dhcp_init[] = "Init";

std::string dhcp_state(M model, P) {
    const bool is_bound = !is_static(model) && model.facts().phone.address.octet_count != 0;
    return is_bound ? dhcp_bound : dhcp_init;
}

// The models that the tree is made of, by the names of the Broadband Forum's files.
struct DataModel {
    std::string_view name;
    std::string_view feature;
};
constexpr DataModel data_models[] = {{"tr-181-2-11-0", "Device"}, {"tr-104-1-1-0", "Voice"}};

std::string data_model_url(M, P parameter) {
    return "http://www.broadband-forum.org/cwmp/" +
           std::string(data_models[parameter.at.numbers[0] - 1].name) + ".xml";
}
std::string data_model_urn(M, P parameter) {
    return "urn:broadband-forum-org:" + std::string(data_models[parameter.at.numbers[0] - 1].name);
}
std::string data_model_count(M, P) {
    return std::to_string(std::size(data_models));
}

constexpr ModelTable data_model_table = {
    TableRows::fixed, [](M, const Instances&) { return counted(std::size(data_models)); }};

// --- the table -----------------------------------------------------------------------------------

constexpr ModelRow root_rows[] = {
    told("DeviceSummary", T::string, &device_summary)
        .only(in_igd | in_device1)
        .forced(in_igd | in_device1),
    told("RootDataModelVersion", T::string, &words<root_version>)
        .only(in_device2)
        .forced(in_device2),
    told("LANDeviceNumberOfEntries", T::unsigned_int, &one).only(in_igd),
    told("WANDeviceNumberOfEntries", T::unsigned_int, &no).only(in_igd),
};

constexpr ModelRow device_info_rows[] = {
    told("Manufacturer", T::string,
         [](M model, P) { return device_id(model.facts().phone).manufacturer; }),
    told("ManufacturerOUI", T::string,
         [](M model, P) { return device_id(model.facts().phone).oui; }),
    told("ModelName", T::string, [](M model, P) { return model.facts().phone.identity.model; })
        .may_deny(),
    told("Description", T::string,
         [](M model, P) { return std::string(model.facts().phone.profile->vendor) + " IP phone"; })
        .may_deny(),
    told("ProductClass", T::string,
         [](M model, P) { return device_id(model.facts().phone).product_class; }),
    told("SerialNumber", T::string,
         [](M model, P) { return device_id(model.facts().phone).serial_number; }),
    told("HardwareVersion", T::string, &nothing).forced(in_all),
    told("SoftwareVersion", T::string,
         [](M model, P) { return model.facts().phone.identity.version; })
        .active(forced_active)
        .forced(in_all),
    told("SpecVersion", T::string, &words<spec_version>).only(in_igd).forced(in_igd),
    kept("ProvisioningCode", T::string, letters(64))
        .active(forced_active)
        .forced(in_igd | in_device2),
    told("DeviceStatus", T::string, &words<status_up>).only(in_device1),
    told("UpTime", T::unsigned_int, &up_time).may_deny(),
    told("SupportedDataModelNumberOfEntries", T::unsigned_int, &data_model_count).only(in_device2),
};

constexpr ModelRow data_model_rows[] = {
    told("URL", T::string, &data_model_url),
    told("URN", T::string, &data_model_urn),
    told("Features", T::string,
         [](M, P parameter) {
             return std::string(data_models[parameter.at.numbers[0] - 1].feature);
         }),
};

constexpr ValueRange ports = numbers(0, 65'535);

constexpr ModelRow with_value(ModelRow row, TellValue* value) {
    row.value = value;
    return row;
}

constexpr ModelRow management_server_rows[] = {
    with_value(set_as("URL", T::string, letters(256), Setting::tr069_acs_url), &acs_url),
    set_as("Username", T::string, letters(256), Setting::tr069_user),
    set_as_secret("Password", 256, Setting::tr069_password),
    set_as("PeriodicInformEnable", T::boolean, {}, Setting::tr069_periodic_enable),
    set_as("PeriodicInformInterval", T::unsigned_int, numbers(1), Setting::tr069_periodic_interval),
    with_value(set_as("PeriodicInformTime", T::date_time, {}, Setting::tr069_periodic_time),
               &periodic_time),
    told("ParameterKey", T::string, &parameter_key).may_deny().forced(in_all),
    told("ConnectionRequestURL", T::string,
         [](M model, P) { return connection_request_url(model.facts().phone); })
        .active()
        .forced(in_all),
    set_as("ConnectionRequestUsername", T::string, letters(256),
           Setting::tr069_connection_request_user),
    set_as_secret("ConnectionRequestPassword", 256, Setting::tr069_connection_request_password),
    kept_flag("UpgradesManaged"),
    told("UDPConnectionRequestAddress", T::string,
         [](M model, P) { return model.facts().phone.acs_reach.udp_address; }),
    kept("UDPConnectionRequestAddressNotificationLimit", T::unsigned_int, {}, "0")
        .only(in_igd | in_device1),
    set_as("STUNEnable", T::boolean, {}, Setting::tr069_stun_enable),
    set_as("STUNServerAddress", T::string, letters(256), Setting::tr069_stun_server),
    set_as("STUNServerPort", T::unsigned_int, ports, Setting::tr069_stun_port),
    set_as("STUNUsername", T::string, letters(256), Setting::tr069_stun_user),
    set_as_secret("STUNPassword", 256, Setting::tr069_stun_password),
    set_as("STUNMaximumKeepAlivePeriod", T::integer, numbers(-1, 86'400),
           Setting::tr069_stun_max_s),
    set_as("STUNMinimumKeepAlivePeriod", T::unsigned_int, numbers(1, 86'400),
           Setting::tr069_stun_min_s),
    told("NATDetected", T::boolean,
         [](M model, P) -> std::string {
             return model.facts().phone.acs_reach.nat_detected ? "1" : "0";
         }),
    told("AliasBasedAddressing", T::boolean, &no)
        .only(in_igd | in_device2)
        .forced(in_igd | in_device2),
    kept("DefaultActiveNotificationThrottle", T::unsigned_int, {}, "0").only(in_igd | in_device2),
    set_as("CWMPRetryMinimumWaitInterval", T::unsigned_int, numbers(1, 65'535),
           Setting::tr069_retry_minimum)
        .only(in_igd | in_device2),
    set_as("CWMPRetryIntervalMultiplier", T::unsigned_int, numbers(1000, 65'535),
           Setting::tr069_retry_multiplier)
        .only(in_igd | in_device2),
    told("SupportedConnReqMethods", T::string, &words<requests>).only(in_igd | in_device2),
};

constexpr ModelRow gateway_rows[] = {
    told("ManufacturerOUI", T::string, [](M model, P) { return gateway(model).oui; }).active(),
    told("ProductClass", T::string, [](M model, P) { return gateway(model).product_class; })
        .active(),
    told("SerialNumber", T::string, [](M model, P) { return gateway(model).serial_number; })
        .active(),
};

constexpr ModelRow time_rows[] = {
    told("Enable", T::boolean, &yes).only(in_igd | in_device2),
    told("Status", T::string, &time_status).only(in_igd | in_device2),
    part_of("NTPServer1", a_host(64), Setting::clock_sntp, 0),
    part_of("NTPServer2", a_host(64), Setting::clock_sntp, 1),
    part_of("NTPServer3", a_host(64), Setting::clock_sntp, 2),
    part_of("NTPServer4", a_host(64), Setting::clock_sntp, 3),
    told("CurrentLocalTime", T::date_time, &local_time).may_deny(),
    kept("LocalTimeZone", T::string, letters(256)).only(in_device1 | in_device2),
    kept("LocalTimeZoneName", T::string, letters(64)).only(in_igd),
};
static_assert(limits::sntp_servers == 4);

constexpr ModelRow lan_rows[] = {
    told("AddressingType", T::string, &addressing_type),
    told("IPAddress", T::string, &ip_address).forced(in_device1),
    told("MACAddress", T::string, &mac_address),
};

constexpr ModelRow ethernet_count_rows[] = {
    told("InterfaceNumberOfEntries", T::unsigned_int, &one),
};
constexpr ModelRow ethernet_rows[] = {
    told("Enable", T::boolean, &yes),
    told("Status", T::string, &link_status),
    told("Name", T::string, &interface_name),
    told("LowerLayers", T::string, &nothing),
    told("MACAddress", T::string, &mac_address),
};

constexpr ModelRow ip_count_rows[] = {
    told("InterfaceNumberOfEntries", T::unsigned_int, &one),
};
constexpr ModelRow ip_rows[] = {
    told("Enable", T::boolean, &yes),
    told("Status", T::string, &link_status),
    told("Name", T::string, &interface_name),
    told("LowerLayers", T::string, &words<ethernet_interface>),
    told("Type", T::string, &words<type_normal>),
    told("IPv4AddressNumberOfEntries", T::unsigned_int,
         [](M model, P) -> std::string {
             return model.facts().phone.address.octet_count == 4 ? "1" : "0";
         }),
};
constexpr ModelRow ipv4_rows[] = {
    told("Enable", T::boolean, &yes),
    told("Status", T::string, &words<enabled>),
    told("IPAddress", T::string, &ip_address),
    told("AddressingType", T::string, &addressing_type),
};
constexpr ModelTable ipv4_table = {TableRows::fixed, [](M model, const Instances&) {
                                       const bool has_v4 =
                                           model.facts().phone.address.octet_count == 4;
                                       return counted(has_v4 ? 1 : 0);
                                   }};

constexpr ModelRow dhcpv4_count_rows[] = {
    told("ClientNumberOfEntries", T::unsigned_int, &one),
};
constexpr ModelRow dhcpv4_rows[] = {
    told("Enable", T::boolean, &has_dhcp),
    told("Interface", T::string, &words<ip_interface>),
    told("Status", T::string, &dhcp_status),
    told("DHCPStatus", T::string, &dhcp_state),
    told("IPAddress", T::string, &leased_address),
};

constexpr ModelRow lan_device_rows[] = {
    told("LANEthernetInterfaceNumberOfEntries", T::unsigned_int, &one),
    told("LANUSBInterfaceNumberOfEntries", T::unsigned_int, &no),
    told("LANWLANConfigurationNumberOfEntries", T::unsigned_int, &no),
};
constexpr ModelRow lan_host_rows[] = {
    told("MACAddress", T::string, &mac_address),
    told("DHCPServerEnable", T::boolean, &no),
    told("IPInterfaceNumberOfEntries", T::unsigned_int, &one),
};
constexpr ModelRow lan_ip_rows[] = {
    told("Enable", T::boolean, &yes),
    told("IPInterfaceIPAddress", T::string, &ip_address),
    told("IPInterfaceAddressingType", T::string, &addressing_type),
};
constexpr ModelRow lan_ethernet_rows[] = {
    told("Enable", T::boolean, &yes),
    told("Status", T::string, &link_status_of_igd),
    told("Name", T::string, &interface_name),
    told("MACAddress", T::string, &mac_address),
};

constexpr ModelObject objects[] = {
    {"", root_rows},
    {"DeviceInfo.", device_info_rows},
    {"DeviceInfo.SupportedDataModel.{i}.", data_model_rows, &data_model_table, in_device2},
    {"ManagementServer.", management_server_rows},
    {"GatewayInfo.", gateway_rows, nullptr, in_device1 | in_device2},
    {"Time.", time_rows},
    {"LAN.", lan_rows, nullptr, in_device1},
    {"Ethernet.", ethernet_count_rows, nullptr, in_device2},
    {"Ethernet.Interface.{i}.", ethernet_rows, &single_table, in_device2},
    {"IP.", ip_count_rows, nullptr, in_device2},
    {"IP.Interface.{i}.", ip_rows, &single_table, in_device2},
    {"IP.Interface.{i}.IPv4Address.{i}.", ipv4_rows, &ipv4_table, in_device2},
    {"DHCPv4.", dhcpv4_count_rows, nullptr, in_device2},
    {"DHCPv4.Client.{i}.", dhcpv4_rows, &single_table, in_device2},
    {"LANDevice.{i}.", lan_device_rows, &single_table, in_igd},
    {"LANDevice.{i}.LANHostConfigManagement.", lan_host_rows, nullptr, in_igd},
    {"LANDevice.{i}.LANHostConfigManagement.IPInterface.{i}.", lan_ip_rows, &single_table, in_igd},
    {"LANDevice.{i}.LANEthernetInterfaceConfig.{i}.", lan_ethernet_rows, &single_table, in_igd},
    {.path = "X_{oui}_Config.", .of_vendor_keys = true},
};

}  // namespace

std::span<const ModelObject> management_objects() {
    return objects;
}

}  // namespace dialtone
