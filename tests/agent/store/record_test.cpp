// SPDX-License-Identifier: Apache-2.0
#include "agent/store/record.h"

#include <doctest/doctest.h>

#include "agent/store/codec.h"
#include "tests/agent/store/first_release.h"
#include "tests/agent/store/samples.h"

namespace dialtone {
namespace {

ErrorCode decode_failure(std::span<const uint8_t> bytes) {
    const auto record = decode_record(bytes);
    REQUIRE(!record);
    return record.error().code;
}

std::vector<uint8_t> copy_with(uint32_t sequence) {
    Record record = a_record();
    record.sequence = sequence;
    return encode_record(record);
}

RecordChoice choose(std::span<const uint8_t> first, std::span<const uint8_t> second) {
    const std::span<const uint8_t> copies[] = {first, second};
    return choose_record(copies);
}

Record read_with_remark(std::span<const uint8_t> copy, std::string_view remark) {
    std::string words = "left over";
    auto read = decode_record(copy, &words);
    REQUIRE(read);
    CHECK(words == remark);
    return std::move(*read);
}

// The six numbers of a whole record, for tests that change one of them.
struct Parts {
    std::vector<std::vector<uint8_t>> numbers = {{0, 0, 0, 1}, {0, 0, 0, 2}, {0, 0, 0, 3},
                                                 {0},          {0},          {0}};
    std::vector<std::pair<uint8_t, std::vector<uint8_t>>> more = {};

    std::vector<uint8_t> file() const {
        std::vector<Tlv> tlvs;
        tlvs.reserve(numbers.size() + more.size());
        for (const auto& number : numbers)
            tlvs.push_back({static_cast<uint8_t>(tlvs.size() + 1), number});
        for (const auto& [tag, value] : more)
            tlvs.push_back({tag, value});
        return sealed("DTRC", tlvs);
    }
};

TEST_CASE("the reboots that servers may ask for are written only where they say something") {
    Record record = a_record();
    const auto bytes = encode_record(record).size();
    record.notify_reboots = {.left = 3, .under_way = true};
    CHECK(encode_record(record).size() > bytes);
    CHECK(decode_record(encode_record(record)).value() == record);
    record.notify_reboots.left = 200;
    CHECK(decode_record(encode_record(record))->notify_reboots.left == limits::notify_reboots);
}

TEST_CASE("whom the phone trusts is read back with the record it was written with") {
    Record record = a_record();
    record.trust_known = true;
    CHECK(decode_record(encode_record(record)).value() == record);
    record.trust = {.pin = {Proof::tls, "pbx.example", false},
                    .credential_servers = {{"pbx.example", false}, {"192.0.2.1", true}},
                    .floor_s = 1'800'000'000};
    CHECK(decode_record(encode_record(record)).value() == record);
}

TEST_CASE("of a record that a release without a pin wrote last, only the floor still holds") {
    Record record = a_record();
    record.trust_known = true;
    record.trust = {.pin = {Proof::tls, "pbx.example"},
                    .credential_servers = {{"pbx.example", false}},
                    .floor_s = 1'800'000'000};
    // That release keeps the tag as it is and counts the sequence on.
    Parts parts;
    const auto copy = encode_record(record);
    const auto in = TlvReader::open(copy, "DTRC", 1, limits::record_bytes);
    REQUIRE(in);
    TlvReader reader = *in;
    while (const auto tlv = reader.next()) {
        if (tlv->tag == 9) parts.more = {{9, {tlv->value.begin(), tlv->value.end()}}};
    }
    REQUIRE(parts.more.size() == 1);
    parts.numbers[0] = {0, 0, 0, static_cast<uint8_t>(record.sequence + 1)};
    const auto read = decode_record(parts.file());
    REQUIRE(read);
    CHECK(!read->trust_known);
    CHECK(read->trust == Trust{.floor_s = 1'800'000'000});
}

TEST_CASE("a proof of a later release asks for no less than the strongest one of this") {
    Parts parts;
    parts.more = {{9, {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 200, 1, 0, 1, 'h'}}};
    const auto read = decode_record(parts.file());
    REQUIRE(read);
    CHECK(read->trust_known);
    CHECK(read->trust.pin == Pin{strongest_proof, "h"});
    CHECK(read->trust.floor_s == 9);
}

TEST_CASE("bad input: a trust that is none refuses the record") {
    for (const std::vector<uint8_t>& value :
         {std::vector<uint8_t>{}, std::vector<uint8_t>{0, 0, 0, 1},
          std::vector<uint8_t>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 1, 0, 2, 'h'},
          std::vector<uint8_t>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 1, 0, 1, 'h', 1}}) {
        Parts parts;
        parts.more = {{9, value}};
        CHECK(decode_failure(parts.file()) == ErrorCode::malformed);
    }
}

TEST_CASE("a record is read back as it was written") {
    const auto read = decode_record(encode_record(a_record()));
    REQUIRE(read);
    CHECK(*read == a_record());
    CHECK(decode_record(encode_record(Record{})).value() == Record{});
}

TEST_CASE("the largest record is read back") {
    Record record = a_record();
    record.refused.assign(limits::refused_digests_kept, {sum_of(1), 255, INT64_MIN});
    record.unknown = {{99, std::vector<uint8_t>(limits::unknown_tag_bytes - tlv_head_bytes)}};
    record.trust_known = true;
    record.trust.pin.host.assign(limits::host_bytes, 'h');
    for (char letter = 'a'; record.trust.credential_servers.size() < limits::credential_servers;)
        record.trust.credential_servers.push_back(
            {std::string(limits::host_bytes, letter++), true});
    record.acs.bootstrapped = sum_of(7);
    const std::string key(limits::cwmp_key_bytes, 'k');
    record.acs.events.assign(limits::cwmp_methods_kept, {AcsEventCode::reboot_method, key});
    record.acs.events.push_back({AcsEventCode::periodic});
    record.acs.scheduled.assign(limits::cwmp_scheduled, {.due_s = 1, .command_key = key});
    record.acs.watched.assign(limits::cwmp_watched, {.path = 1});
    record.acs.counters.assign(limits::cwmp_tables, {.path = 1});
    record.acs.transfers = {{.windows = {{}, {}}}};
    const uint32_t rest = limits::cwmp_transfers_bytes - bytes_in_record(record.acs.transfers);
    record.acs.transfers[0].url.assign(rest, 'u');
    record.trial = TrialState::trying;
    record.acs_trial = {.under_way = true};
    CHECK(encode_record(record).size() <= limits::record_bytes);
    CHECK(decode_record(encode_record(record)).value() == record);
}

TEST_CASE("what an ACS has been told and has to hear is written only where there is something") {
    Record record = a_record();
    const auto bytes = encode_record(record).size();
    record.acs = {
        .bootstrapped = sum_of(3),
        .events = {{AcsEventCode::reboot_method, ""}, {AcsEventCode::reboot_method, "k"}}};
    CHECK(encode_record(record).size() > bytes);
    CHECK(decode_record(encode_record(record)).value() == record);
}

TEST_CASE("what an ACS has ordered, watches and counts is read back") {
    Record record = a_record();
    record.acs = {.events = {{AcsEventCode::periodic}},
                  .scheduled = {{.due_s = 1'800'000'000, .left_s = 60, .command_key = "k"},
                                {.due_s = 0, .left_s = UINT32_MAX, .command_key = ""}},
                  .watched = {{.path = 1, .told = 2, .notification = 0},
                              {.path = UINT64_MAX, .told = UINT32_MAX, .notification = 2}},
                  .counters = {{.path = 7, .next = 3}}};
    CHECK(decode_record(encode_record(record)).value() == record);
}

TEST_CASE("the transfers of an ACS are read back, with all that was ordered and came of them") {
    Record record = a_record();
    record.acs.transfers = {
        {.kind = TransferKind::scheduled_download,
         .command_key = "k",
         .file_type = "3 Vendor Configuration File",
         .url = "http://files.example/a",
         .user = "u",
         .password = "p",
         .target_name = "t",
         .file_bytes = 77,
         .proof = Proof::tls,
         .due_s = 1'800'000'000,
         .left_s = UINT32_MAX,
         .windows = {{.start_s = 1, .end_s = 2, .at_any_time = true, .retries = -1},
                     {.start_s = 3, .end_s = UINT32_MAX, .retries = INT32_MAX}}},
        {.kind = TransferKind::upload,
         .done = true,
         .fault = 9011,
         .reason = "no room",
         .started_s = 1'800'000'001,
         .completed_s = 1'800'000'002}};
    const uint32_t bytes = bytes_in_record(record.acs.transfers);
    const auto written = encode_record(record);
    CHECK(decode_record(written).value() == record);
    record.acs.transfers.clear();
    CHECK(written.size() == encode_record(record).size() + bytes);
}

// A transfer as the record has it: nothing but its kind, and so many bytes of URL.
std::vector<uint8_t> a_transfer(uint8_t kind, uint16_t url_bytes = 0) {
    std::vector<uint8_t> value(39 + 14 + url_bytes, 0);
    value[0] = kind;
    value[39 + 4] = static_cast<uint8_t>(url_bytes >> 8);
    value[39 + 5] = static_cast<uint8_t>(url_bytes & 0xff);
    return value;
}

TEST_CASE(
    "transfers of a kind that a later release knows are kept for it, and those without room") {
    Parts parts;
    parts.more = {{16, a_transfer(200)}, {16, a_transfer(1)}};
    const Record record = decode_record(parts.file()).value();
    CHECK(record.acs.transfers == std::vector<AcsTransfer>{{.kind = TransferKind::download}});
    CHECK(record.unknown == std::vector<UnknownTag>{{16, a_transfer(200)}});
    CHECK(decode_record(encode_record(record)).value() == record);

    parts.more.assign(limits::cwmp_transfers + 1, {16, a_transfer(1)});
    const Record many = decode_record(parts.file()).value();
    CHECK(many.acs.transfers.size() == limits::cwmp_transfers);
    CHECK(many.unknown.size() == 1);
    parts.more.assign(2, {16, a_transfer(1, 1'500)});
    const Record large = decode_record(parts.file()).value();
    CHECK(large.acs.transfers.size() == 1);
    CHECK(large.unknown.size() == 1);
}

TEST_CASE("the trial of an ACS counts beside the generation that it was written with") {
    Record record = a_record();
    record.trial = TrialState::trying;
    record.acs_trial = {.under_way = true, .several = true};
    CHECK(decode_record(encode_record(record)).value() == record);
    Parts parts;
    parts.numbers[3] = {1};
    parts.more = {{12, {0, 0, 0, 2, 0}}};
    CHECK(decode_record(parts.file())->acs_trial == AcsTrial{.under_way = true});
    // An older release has made another generation, and kept the tag.
    parts.more = {{12, {0, 0, 0, 9, 0}}};
    CHECK(decode_record(parts.file())->acs_trial == AcsTrial{});
    // Or has ended the trial.
    parts.numbers[3] = {0};
    parts.more = {{12, {0, 0, 0, 2, 0}}};
    CHECK(decode_record(parts.file())->acs_trial == AcsTrial{});
}

TEST_CASE("of more than is watched, counted or ordered the rest is left out, the record is not") {
    Parts parts;
    parts.more = {{14, std::vector<uint8_t>((limits::cwmp_watched + 1) * 13, 1)},
                  {15, std::vector<uint8_t>((limits::cwmp_tables + 1) * 12, 1)}};
    for (uint32_t i = 0; i <= limits::cwmp_scheduled; ++i)
        parts.more.push_back({13, std::vector<uint8_t>(14, 0)});
    const auto record = decode_record(parts.file());
    REQUIRE(record);
    CHECK(record->acs.watched.size() == limits::cwmp_watched);
    CHECK(record->acs.counters.size() == limits::cwmp_tables);
    CHECK(record->acs.scheduled.size() == limits::cwmp_scheduled);
    CHECK(record->acs.watched[0].notification == 1);
}

TEST_CASE("events of an ACS that a later release knows are kept for it, and told to nobody") {
    Parts parts;
    parts.more = {{11, {200, 0, 1, 'k'}}, {11, {1, 0, 1, 'k'}}};
    const Record record = decode_record(parts.file()).value();
    CHECK(record.acs.events == std::vector<AcsEvent>{{AcsEventCode::reboot_method, "k"}});
    CHECK(record.unknown == std::vector<UnknownTag>{{11, {200, 0, 1, 'k'}}});
    CHECK(decode_record(encode_record(record)).value() == record);
}

TEST_CASE("bad input: what the record says of an ACS is whole, or the record is none") {
    const std::vector<std::pair<uint8_t, std::vector<uint8_t>>> tags[] = {
        {{10, {1, 2, 3}}},
        {{10, std::vector<uint8_t>(33, 1)}},
        {{10, std::vector<uint8_t>(32, 1)}, {10, std::vector<uint8_t>(32, 1)}},
        {{11, {}}},
        {{11, {1}}},
        {{11, {1, 0, 2, 'k'}}},
        {{11, {1, 0, 1, 'k', 'k'}}},
        {{12, {0, 0, 0, 2}}},
        {{12, {0, 0, 0, 2, 0, 0}}},
        {{13, std::vector<uint8_t>(13, 0)}},
        {{13, std::vector<uint8_t>(15, 0)}},
        {{14, std::vector<uint8_t>(12, 0)}},
        {{14, std::vector<uint8_t>(13, 0)}, {14, std::vector<uint8_t>(13, 0)}},
        {{15, std::vector<uint8_t>(13, 0)}},
        {{16, std::vector<uint8_t>(52, 1)}},
        {{16, std::vector<uint8_t>(54, 0)}},
        {{16, std::vector<uint8_t>(53 + 3 * 13, 0)}}};
    for (const auto& more : tags) {
        Parts parts;
        parts.more = more;
        CHECK(decode_failure(parts.file()) == ErrorCode::malformed);
    }
    Parts longer;
    longer.more = {{11, std::vector<uint8_t>(3 + limits::cwmp_key_bytes + 1, 'k')}};
    longer.more[0].second[0] = 1;
    longer.more[0].second[1] = 0;
    longer.more[0].second[2] = limits::cwmp_key_bytes + 1;
    CHECK(decode_failure(longer.file()) == ErrorCode::malformed);
}

TEST_CASE("bad input: a record cut short anywhere is refused") {
    const std::vector<uint8_t> copy = encode_record(a_record());
    for (uint32_t size = 0; size < copy.size(); ++size) {
        CAPTURE(size);
        CHECK(decode_failure(std::span(copy).first(size)) == ErrorCode::truncated);
    }
}

TEST_CASE("bad input: a record with any bit turned is refused") {
    std::vector<uint8_t> copy = encode_record(a_record());
    for (uint32_t bit = 0; bit < copy.size() * 8; ++bit) {
        const auto mask = static_cast<uint8_t>(1U << bit % 8);
        copy[bit / 8] ^= mask;
        CAPTURE(bit);
        CHECK(!decode_record(copy));
        copy[bit / 8] ^= mask;
    }
    CHECK(decode_record(copy));
}

TEST_CASE("bad input: a generation is no record") {
    CHECK(decode_failure(encode_generation(a_generation())) == ErrorCode::malformed);
}

TEST_CASE("bad input: a record with a number missing, repeated or out of range is refused") {
    Parts parts;
    REQUIRE(decode_record(parts.file()));
    SUBCASE("short sequence") {
        parts.numbers[0] = {0, 0, 1};
    }
    SUBCASE("long number") {
        parts.numbers[1] = {0, 0, 0, 0, 1};
    }
    SUBCASE("no trial") {
        parts.numbers[3] = {};
    }
    SUBCASE("a number missing") {
        parts.numbers.pop_back();
    }
    SUBCASE("a number repeated") {
        parts.more = {{2, parts.numbers[1]}};
    }
    SUBCASE("a short refused plan") {
        parts.more = {{7, std::vector<uint8_t>(40)}};
    }
    SUBCASE("a long refused plan") {
        parts.more = {{7, std::vector<uint8_t>(42)}};
    }
    CHECK(decode_failure(parts.file()) == ErrorCode::malformed);
}

TEST_CASE("of more refused plans than are kept the oldest are left out") {
    Parts parts;
    for (uint8_t i = 0; i <= limits::refused_digests_kept; ++i)
        parts.more.push_back({7, std::vector<uint8_t>(41, i)});
    const Record read = read_with_remark(parts.file(), "1 of its parts are more than can be kept");
    REQUIRE(read.refused.size() == limits::refused_digests_kept);
    CHECK(read.refused.front().tries == 1);
}

TEST_CASE("an unknown trial is judged by the server's answer while there is a predecessor") {
    Parts parts;
    parts.numbers[3] = {3};
    const std::string_view remark = "its trial 3 is not known and counts as trying";
    CHECK(read_with_remark(parts.file(), remark).trial == TrialState::trying);
    parts.numbers[2] = {0, 0, 0, 0};
    CHECK(read_with_remark(parts.file(), remark).trial == TrialState::none);
}

TEST_CASE("hooks that are neither due nor not are due") {
    Parts parts;
    parts.numbers[5] = {2};
    CHECK(read_with_remark(parts.file(), "").hooks_due);
}

TEST_CASE("10 KiB of a record's tags that are not known are kept, and written again") {
    Parts parts;
    parts.more.assign(10, {99, std::vector<uint8_t>(1024 - tlv_head_bytes, 7)});
    const Record read = read_with_remark(parts.file(), "");
    CHECK(read.unknown.size() == 10);
    CHECK(encode_record(read) == parts.file());
}

TEST_CASE("a record's tags over the bound are left out, the record is not") {
    Parts parts;
    parts.more = {{99, std::vector<uint8_t>(limits::unknown_tag_bytes)}, {98, {1}}};
    const Record read = read_with_remark(parts.file(), "1 of its parts are more than can be kept");
    CHECK(read.active == 2);
    CHECK(read.unknown == std::vector<UnknownTag>{{98, {1}}});
}

TEST_CASE("a trial that came later counts only in the record that it was written with") {
    Parts parts;
    parts.numbers[3] = {1};
    parts.more = {{132, {0, 0, 0, 1, 3}}};
    const Record read = read_with_remark(parts.file(), "");
    CHECK(read.trial == TrialState::trying);
    CHECK(encode_record(read) == parts.file());
    Record next = read;
    ++next.sequence;
    CHECK(decode_record(encode_record(next)).value().unknown.empty());
}

TEST_CASE("the remark about a record is about the copy that counts") {
    Parts parts;
    parts.numbers[0] = {0, 0, 0, 99};
    parts.numbers[3] = {9};
    const std::string_view remark = "its trial 9 is not known and counts as trying";
    CHECK(choose(copy_with(5), parts.file()).remark == remark);
    CHECK(choose(parts.file(), copy_with(5)).remark == remark);
    CHECK(choose(parts.file(), copy_with(100)).remark.empty());
}

TEST_CASE("0.1.0 reads every record that has nothing of a later release") {
    CHECK(first_release_reads_record(encode_record(a_record())));
    CHECK(first_release_reads_record(encode_record(Record{})));
    Record most = a_record();
    most.trial = TrialState::returning;
    most.refused.assign(limits::refused_digests_kept, {sum_of(1), 255, INT64_MIN});
    CHECK(first_release_reads_record(encode_record(most)));
    Parts parts;
    parts.numbers[3] = {3};
    CHECK(!first_release_reads_record(parts.file()));
}

TEST_CASE("of two whole copies the later one counts and the other is written next") {
    CHECK(choose(copy_with(5), copy_with(6)).record.sequence == 6);
    CHECK(choose(copy_with(5), copy_with(6)).next_copy == 0);
    CHECK(choose(copy_with(6), copy_with(5)).record.sequence == 6);
    CHECK(choose(copy_with(6), copy_with(5)).next_copy == 1);
    CHECK(choose(copy_with(6), copy_with(5)).broken == 0);
}

TEST_CASE("sequence numbers count on over their end") {
    CHECK(choose(copy_with(0xffffffff), copy_with(0)).record.sequence == 0);
    CHECK(choose(copy_with(0xffffffff), copy_with(0)).next_copy == 0);
    CHECK(choose(copy_with(3), copy_with(0xfffffff0)).record.sequence == 3);
}

TEST_CASE("a copy that is alone counts, and the write goes to the other") {
    CHECK(choose(copy_with(5), {}).record.sequence == 5);
    CHECK(choose(copy_with(5), {}).next_copy == 1);
    CHECK(choose({}, copy_with(5)).record.sequence == 5);
    CHECK(choose({}, copy_with(5)).next_copy == 0);
    CHECK(choose({}, copy_with(5)).broken == 0);
}

TEST_CASE("a phone without copies begins with the empty record") {
    const RecordChoice choice = choose({}, {});
    CHECK(choice.record == Record{});
    CHECK(choice.next_copy == 0);
    CHECK(choice.broken == 0);
}

TEST_CASE("bad input: a broken copy is counted and the other one counts") {
    std::vector<uint8_t> torn = copy_with(9);
    torn.resize(torn.size() / 2);
    const RecordChoice second = choose(torn, copy_with(5));
    CHECK(second.record.sequence == 5);
    CHECK(second.next_copy == 0);
    CHECK(second.broken == 1);
    const RecordChoice first = choose(copy_with(5), torn);
    CHECK(first.record.sequence == 5);
    CHECK(first.next_copy == 1);
    CHECK(first.broken == 1);
}

TEST_CASE("bad input: with two broken copies the phone begins anew") {
    const uint8_t junk[] = {1, 2, 3};
    const RecordChoice choice = choose(junk, junk);
    CHECK(choice.record == Record{});
    CHECK(choice.broken == 2);
}

TEST_CASE("the files of the state directory have plain names") {
    CHECK(record_copy_name(0) == "record.0");
    CHECK(record_copy_name(1) == "record.1");
    CHECK(generation_name(1) == "generation.1");
}

TEST_CASE("generations that follow one another have slots of their own, which come round again") {
    for (uint32_t number = 1; number < 10; ++number) {
        for (uint32_t ahead = 1; ahead < limits::generation_slots; ++ahead)
            CHECK(generation_name(number) != generation_name(number + ahead));
        CHECK(generation_name(number) == generation_name(number + limits::generation_slots));
    }
}

}  // namespace
TEST_CASE("the next generation never lies in a slot that is in use") {
    for (uint32_t active = 0; active < 12; ++active) {
        for (uint32_t other = 0; other < 12; ++other) {
            Record record;
            record.active = active;
            record.other = other;
            const uint32_t next = next_generation_number(record);
            CHECK(next > active);
            CHECK(next > other);
            if (active != 0) CHECK(generation_name(next) != generation_name(active));
            if (other != 0) CHECK(generation_name(next) != generation_name(other));
        }
    }
}

}  // namespace dialtone
