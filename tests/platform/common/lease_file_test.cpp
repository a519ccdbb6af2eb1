// SPDX-License-Identifier: Apache-2.0
#include "platform/common/lease_file.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr std::string_view head = "family=ipv4\ninterface=eth0\nnews=bound\n";

std::string with(std::string_view rest) {
    return std::string(head) + std::string(rest);
}

std::string refusal(std::string_view text) {
    const auto record = parse_lease(text);
    return record ? "" : describe(record.error());
}

TEST_CASE("a lease is written as lines and read again") {
    LeaseRecord record = {false, LeaseNews::renewed, "eth0.20", {}};
    record.options = {{66, {'h', ':', '/'}}, {43, {0, 255, '\n', '='}}, {254, {}}};
    const std::string text = lease_text(record);
    CHECK(text == "family=ipv4\ninterface=eth0.20\nnews=renewed\n66=683a2f\n43=00ff0a3d\n254=\n");
    CHECK(parse_lease(text) == record);
    const LeaseRecord lost = {true, LeaseNews::lost, "lo", {{59, {1}}, {65535, {2}}}};
    CHECK(parse_lease(lease_text(lost)) == lost);
    CHECK(parse_lease(head) == LeaseRecord{false, LeaseNews::bound, "eth0", {}});
}

TEST_CASE("a lease has the vendor class of its client, whatever is in it") {
    LeaseRecord record = {false, LeaseNews::bound, "eth0", {{66, {'p'}}}};
    record.vendor_class = "Fanvil X4\n66=";
    const std::string text = lease_text(record);
    CHECK(text ==
          "family=ipv4\ninterface=eth0\nnews=bound\nclass=46616e76696c2058340a36363d\n66=70\n");
    CHECK(parse_lease(text) == record);
    record.vendor_class = std::string(limits::dhcp_vendor_class_bytes, '\xff');
    CHECK(parse_lease(lease_text(record)) == record);
}

TEST_CASE("bad input: a vendor class in a lease file that cannot be") {
    for (const char* line : {"class=", "class=0", "class=zz"})
        CHECK(refusal(with(std::string(line) + "\n")) == "line 4: no vendor class");
    CHECK(refusal(with("class=00\nclass=00\n")) == "line 5: no vendor class");
    CHECK(refusal(with("class=" + std::string(512, '0') + "\n")) == "line 4: no vendor class");
}

TEST_CASE(
    "options that do not fit into the lease file are left out, smaller ones behind them not") {
    LeaseRecord record = {false, LeaseNews::bound, "eth0", {}};
    for (uint16_t code = 1; code <= 5; ++code)
        record.options.push_back({code, std::vector<uint8_t>(limits::dhcp_option_bytes, 'x')});
    record.options.push_back({66, {'p'}});
    const std::string text = lease_text(record);
    CHECK(text.size() <= limits::lease_file_bytes);
    const auto read = parse_lease(text);
    REQUIRE(read);
    CHECK(read->options.size() == 4);
    CHECK(read->options.back().code == 66);
}

TEST_CASE("a lease file has at most the options that may be told") {
    LeaseRecord record = {false, LeaseNews::bound, "eth0", {}};
    for (uint16_t code = 1; code <= limits::lease_options + 5; ++code)
        record.options.push_back({code, {1}});
    const auto read = parse_lease(lease_text(record));
    REQUIRE(read);
    CHECK(read->options.size() == limits::lease_options);
}

TEST_CASE("bad input: a lease file that is torn or of another form") {
    CHECK(refusal("") == "it ends too early");
    CHECK(refusal("family=ipv4\n") == "it ends too early");
    CHECK(refusal("family=ipv4\ninterface=eth0") == "line 2: the last line has no end");
    CHECK(refusal(with("66=00")) == "line 4: the last line has no end");
    CHECK(refusal(with("66\n")) == "line 4: a line without =");
    CHECK(refusal("family=ipv5\ninterface=eth0\nnews=bound\n") == "line 1: no family");
    CHECK(refusal("interface=eth0\nfamily=ipv4\nnews=bound\n") == "line 1: no family");
    CHECK(refusal("family=ipv4\ninterface=\nnews=bound\n") == "line 2: no interface");
    CHECK(refusal("family=ipv4\ninterface=a/b\nnews=bound\n") == "line 2: no interface");
    CHECK(refusal("family=ipv4\ninterface=eth0\nnews=renew\n") == "line 3: no news");
    CHECK(refusal(std::string(limits::lease_file_bytes + 1, '\n')) == "too long");
}

TEST_CASE("bad input: options in a lease file that cannot be") {
    for (const char* line : {"0=00\n", "255=00\n", "066=00\n", "+66=00\n", "x=00\n", "=00\n",
                             "65536=00\n", "news=lost\n"}) {
        CHECK(refusal(with(line)) == "line 4: no option's code");
    }
    CHECK(refusal(with("66=0\n")) == "line 4: a value that is not in hex digits");
    CHECK(refusal(with("66=zz\n")) == "line 4: a value that is not in hex digits");
    CHECK(refusal(with("66=00\n43=\n66=01\n")) == "line 6: an option that was there before");
    CHECK(refusal(with("66=" + std::string(2 * limits::dhcp_option_bytes + 2, '0') + "\n")) ==
          "line 4: a value that is too long");
    std::string many;
    for (uint32_t code = 1; code <= limits::lease_options + 1; ++code)
        many += std::to_string(code) + "=\n";
    CHECK(refusal(with(many)) == "line 36: too many options");
}

TEST_CASE("what an interface may be called") {
    CHECK(is_interface_name("eth0.20"));
    CHECK(is_interface_name("abcdefghijklmno"));
    for (const char* name : {"", ".", "..", "a/b", "a b", "abcdefghijklmnop", "a\n"})
        CHECK_FALSE(is_interface_name(name));
}

}  // namespace
}  // namespace dialtone
