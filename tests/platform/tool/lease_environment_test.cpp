// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/lease_environment.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agent/limits.h"

namespace dialtone {
namespace {

using namespace std::string_literals;

// What busybox 1.35 gave its script, with the DHCP server dnsmasq 2.90.
const std::vector<std::string> bound_variables = {
    "PATH=/usr/sbin:/usr/bin",
    "bootfile=boot;file",
    "broadcast=10.7.0.255",
    "interface=p0",
    "ip=10.7.0.59",
    "lease=3600",
    "mask=24",
    "opt150=0a0700010a070002",
    "opt160=687474703a2f2f782f313630",
    "opt200=6120622263",
    "opt43=0103616263",
    "opt53=05",
    "opt58=00000708",
    "opt59=00000c4e",
    "router=10.7.0.1",
    "serverid=10.7.0.1",
    "siaddr=10.7.0.1",
    "sipsrv=sip.example.com",
    "subnet=255.255.255.0",
    "tftp=bad",
    "vlanid=",
};

LeaseRecord record_of(const std::vector<std::string>& variables, LeaseNews news = LeaseNews::bound,
                      bool ipv6 = false) {
    const std::vector<std::string_view> views(variables.begin(), variables.end());
    const auto record = lease_from_environment(views, news, ipv6);
    REQUIRE(record);
    return *record;
}

std::string options_of(const LeaseRecord& record) {
    std::string text;
    for (const auto& option : record.options) {
        text += std::to_string(option.code) + "=";
        text.append(option.value.begin(), option.value.end());
        text += "; ";
    }
    return text;
}

TEST_CASE("the vendor class that udhcpc was started with comes with the lease") {
    auto variables = bound_variables;
    CHECK(record_of(variables).vendor_class.empty());
    variables.push_back("DIALTONE_VENDOR_CLASS=Fanvil X4 {x}");
    CHECK(record_of(variables).vendor_class == "Fanvil X4 {x}");
    CHECK(record_of(variables, LeaseNews::bound, true).vendor_class.empty());
    CHECK(record_of(variables, LeaseNews::lost).vendor_class.empty());
    variables.back() = "DIALTONE_VENDOR_CLASS=" + std::string(300, 'x');
    CHECK(record_of(variables).vendor_class.size() == limits::dhcp_vendor_class_bytes);
}

TEST_CASE("udhcpc's variables become options, those that name servers first") {
    const LeaseRecord record = record_of(bound_variables);
    CHECK(record.interface == "p0");
    CHECK(record.news == LeaseNews::bound);
    CHECK(options_of(record) ==
          "66=bad; 43=\x01\x03"
          "abc; 160=http://x/160; 150=\x0a\x07\0\x01\x0a\x07\0\x02; "
          "120=sip.example.com; 67=boot;file; 200=a b\"c; "
          "53=\x05; 58=\0\0\x07\x08; 59=\0\0\x0cN; "s);
}

TEST_CASE("udhcpc6's variables become options of DHCPv6") {
    const std::vector<std::string> variables = {
        "interface=eth0", "ipv6=fd00::7", "opt17=0001", "bootfile_url=http://[fd00::1]/$mac.cfg",
        "tftp=x",         "opt300=41"};
    const LeaseRecord record = record_of(variables, LeaseNews::renewed, true);
    CHECK(record.ipv6);
    CHECK(options_of(record) == "59=http://[fd00::1]/$mac.cfg; 17=\0\x01; 300=A; "s);
}

TEST_CASE("a lease that is lost has no options, whatever the environment says") {
    CHECK(record_of(bound_variables, LeaseNews::lost).options.empty());
}

TEST_CASE("each event of a DHCP client is known") {
    CHECK(lease_news("bound") == LeaseNews::bound);
    CHECK(lease_news("renew") == LeaseNews::renewed);
    for (const char* event : {"deconfig", "leasefail", "nak"})
        CHECK(lease_news(event) == LeaseNews::lost);
    for (const char* event : {"", "BOUND", "stop"})
        CHECK(lease_news(event).error().code == ErrorCode::bad_usage);
}

TEST_CASE("bad input: variables that are no options are passed over") {
    const std::vector<std::string> variables = {
        "interface=eth0", "opt=00",     "opt0=00",   "opt255=00", "opt65536=00",
        "opt66x=00",      "opt43=0",    "opt160=zz", "optic=00",  "opt-1=00",
        "opt150",         "tftp=",      "opt128=",   "Opt129=00", "xtftp=host",
        "tftpx=host",     "opt 130=00", "=",         ""};
    CHECK(options_of(record_of(variables)).empty());
}

TEST_CASE("bad input: of an option that is there twice the first counts, and a long one none") {
    const std::string digits(2 * limits::dhcp_option_bytes + 2, '4');
    const std::vector<std::string> variables = {
        "interface=eth0",  "tftp=one",
        "tftp=two",        "opt66=41",
        "opt43=" + digits, "opt160=41",
        "opt160=42",       "sipsrv=" + digits.substr(limits::dhcp_option_bytes)};
    CHECK(options_of(record_of(variables)) == "66=one; 160=A; ");
}

TEST_CASE("bad input: a flood of options leaves those that name servers in") {
    std::vector<std::string> variables = {"interface=eth0"};
    for (int code = 1; code <= 254; ++code)
        variables.push_back("opt" + std::to_string(code) + "=41");
    const LeaseRecord record = record_of(variables);
    CHECK(record.options.size() == limits::lease_options);
    CHECK(options_of(record).starts_with("66=A; 43=A; 160=A; 150=A; 120=A; 67=A; 128=A; "));
}

TEST_CASE("bad input: an environment without an interface") {
    for (const char* variable : {"interface=", "interface=a/b", "interfaces=eth0", "x=y"}) {
        const std::string_view views[] = {variable};
        const auto record = lease_from_environment(views, LeaseNews::bound, false);
        REQUIRE(!record);
        CHECK(record.error().code == ErrorCode::bad_usage);
    }
}

}  // namespace
}  // namespace dialtone
