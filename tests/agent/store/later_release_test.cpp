// SPDX-License-Identifier: Apache-2.0
//
// Phones whose firmware has fallen back: what lies on the disk was written by a release that this
// one knows nothing of.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/store/codec.h"
#include "sim/world/phone.h"
#include "tests/agent/store/samples.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";
const std::string own_file = server + "/cfg000b82273b89.xml";

std::string sip_server(std::string_view name) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(name) +
           "</P47></config></gs_provision>\n";
}

std::vector<uint8_t> ten_kib_tag() {
    return std::vector<uint8_t>(10 * 1024, 0x5a);
}

// The tags of a file that this release wrote, and what a later one would have besides.
std::vector<uint8_t> of_later_release(std::span<const uint8_t> file, std::string_view magic,
                                      uint32_t stamp, uint8_t later_tag) {
    auto in = TlvReader::open(file, magic, 1, limits::generation_bytes);
    REQUIRE(in);
    std::vector<Tlv> tlvs;
    while (const auto tlv = in->next())
        tlvs.push_back(*tlv);
    const std::vector<uint8_t> big = ten_kib_tag();
    ByteWriter value;
    value.u32(stamp).u8(9);
    tlvs.push_back({later_tag, value.view()});
    tlvs.push_back({60, big});
    tlvs.push_back({61, {}});
    return sealed(magic, tlvs);
}

PhoneOptions with_server() {
    PhoneOptions options;
    options.settings = {{Setting::static_url, server}, {Setting::trial_timeout, "20"}};
    return options;
}

// A phone that a later release provisioned with "one"; proof and trial have values of that release
// beside those of this one.
struct FallenBack {
    FallenBack() {
        site.web.put_body(own_file, sip_server("one"));
        phone.power_on();
        const Record record = phone.record();
        REQUIRE(record.active == 1);
        auto& generation = site.disk.edit("generation.1");
        generation = of_later_release(generation, "DTGN", 1, 131);
        auto& copy = site.disk.edit(record_copy_name(newest_copy()));
        copy = of_later_release(copy, "DTRC", record.sequence, 132);
        site.web.forget_requests();
        site.journal.clear();
    }

    uint8_t newest_copy() const {
        const auto sequence = [&](uint8_t copy) {
            const auto record = decode_record(*site.disk.find(record_copy_name(copy)));
            return record ? record->sequence : 0;
        };
        return sequence(0) > sequence(1) ? 0 : 1;
    }
    std::string value() const {
        const Generation active = phone.active();
        const Item* item = active.find("P47");
        return item ? item->value : "";
    }

    Site site = {};
    Phone phone{site, with_server()};
};

bool has_tag(const std::vector<UnknownTag>& unknown, const UnknownTag& tag) {
    return std::ranges::find(unknown, tag) != unknown.end();
}

}  // namespace

TEST_CASE("a phone that falls back to this release keeps its configuration, and says nothing") {
    FallenBack one;
    CHECK(one.phone.power_on().status == 0);
    CHECK(one.value() == "one");
    CHECK(journal_has(one.site, JournalKind::plan_unchanged));
    CHECK(!journal_has(one.site, JournalKind::state_recovered));
    CHECK(!journal_has(one.site, JournalKind::state_of_later));
}

TEST_CASE("what a later release wrote survives the next generation, but for its values") {
    FallenBack one;
    const std::vector<UnknownTag> before = one.phone.active().unknown;
    CHECK(has_tag(before, {131, {0, 0, 0, 1, 9}}));
    one.site.web.put_body(own_file, sip_server("two"));
    CHECK(one.phone.power_on().status == 0);
    CHECK(one.value() == "two");
    const Generation active = one.phone.active();
    const Record record = one.phone.record();
    for (const std::vector<UnknownTag>& unknown : {active.unknown, record.unknown}) {
        CHECK(has_tag(unknown, {60, ten_kib_tag()}));
        CHECK(has_tag(unknown, {61, {}}));
        CHECK(unknown.size() == 2);
    }
}

TEST_CASE("a phone that finds values it does not know keeps its configuration, and says so") {
    FallenBack one;
    const Generation generation = one.phone.active();
    auto spoilt = [&](std::string_view magic, std::vector<uint8_t>& file, uint8_t tag) {
        auto in = TlvReader::open(file, magic, 1, limits::generation_bytes);
        REQUIRE(in);
        std::vector<Tlv> tlvs;
        const uint8_t nine[] = {9};
        while (const auto tlv = in->next())
            tlvs.push_back(tlv->tag == tag ? Tlv{tag, nine} : *tlv);
        file = sealed(magic, tlvs);
    };
    spoilt("DTGN", one.site.disk.edit("generation.1"), 3);
    spoilt("DTRC", one.site.disk.edit(record_copy_name(one.newest_copy())), 4);
    CHECK(one.phone.active().proof == Proof::tls);
    one.phone.power_on();
    CHECK(one.value() == "one");
    REQUIRE(count_entries(one.site, JournalKind::state_of_later) >= 2);
    CHECK(last_entry(one.site, JournalKind::state_of_later).field("file") == "generation.1");
    CHECK(last_entry(one.site, JournalKind::state_of_later).field("reason") ==
          "its proof 9 is not known and counts as tls");
}

TEST_CASE("a configuration whose proof is not known is changed by no document without proof") {
    FallenBack one;
    auto& file = one.site.disk.edit("generation.1");
    Generation generation = decode_generation(file).value();
    generation.proof = Proof::tls;
    file = of_later_release(encode_generation(generation), "DTGN", 1, 131);
    // A record that keeps no pin: it is worked out from the generation.
    auto& record = one.site.disk.edit(record_copy_name(one.newest_copy()));
    auto in = TlvReader::open(record, "DTRC", 1, limits::record_bytes);
    REQUIRE(in);
    std::vector<Tlv> tlvs;
    while (const auto tlv = in->next()) {
        if (tlv->tag != 9) tlvs.push_back(*tlv);
    }
    record = sealed("DTRC", tlvs);
    one.site.web.put_body(own_file, sip_server("two"));
    one.phone.power_on();
    CHECK(one.value() == "one");
    CHECK(journal_has(one.site, JournalKind::file_refused));
}
