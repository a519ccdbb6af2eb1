// SPDX-License-Identifier: Apache-2.0
//
// Phones that begin with what release 0.1.0 left on the disk, whose power goes away at every step
// of what they do with it.
#include <doctest/doctest.h>

#include "agent/store/codec.h"
#include "sim/lab/crash/crash.h"
#include "sim/world/phone.h"
#include "tests/agent/store/state_directory.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

struct Vendor {
    std::string_view profile;
    std::string_view mac;
    std::string_view url;
    std::string_view own_file;
    std::string_view key;  // whose value tells the configurations apart
    std::string (*file)(std::string_view mark);
    std::string (*value)(std::string_view mark);
};

std::string grandstream_file(std::string_view mark) {
    return marked_file(mark);
}
std::string grandstream_value(std::string_view mark) {
    return "value of P47." + std::string(mark);
}

std::string fanvil_file(std::string_view mark) {
    std::string head = "<<VOIP CONFIG FILE>>Version:2.0002";
    head.resize(62, ' ');
    return head + "\r\n\r\n<SIP CONFIG MODULE>\r\nSIP  Port          :5060\r\n" +
           "--SIP Line List--  :\r\nSIP1 Phone Number  :user." + std::string(mark) +
           "\r\nSIP1 Register Addr :sip." + std::string(mark) + ".example\r\n" +
           "<<END OF FILE>>\r\n";
}
std::string fanvil_value(std::string_view mark) {
    return "user." + std::string(mark);
}

constexpr Vendor vendors[] = {
    {"grandstream", "000B82273B89", "http://10.0.0.1/gs", "http://10.0.0.1/gs/cfg000b82273b89.xml",
     "P47", grandstream_file, grandstream_value},
    {"fanvil", "0C383E07E16C", "http://10.0.0.1/fanvil/", "http://10.0.0.1/fanvil/0c383e07e16c.cfg",
     "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number", fanvil_file, fanvil_value},
};

// A phone of 0.1.0 with the firmware of today, on a server that has the configuration "two".
struct UpgradedPhone {
    static WallSeconds last_time_of(const std::vector<std::string>& journal) {
        const std::string_view line = journal.back();
        return decode_journal_line(line.substr(0, line.find('\n')))->wall_s;
    }

    UpgradedPhone(const Vendor& its_vendor, std::string_view state) : vendor(its_vendor) {
        const std::string name = "0.1.0/" + std::string(vendor.profile) + "-" + std::string(state);
        const StateDirectory left = state_directory(name);
        REQUIRE(!left.files.empty());
        REQUIRE(!left.journal.empty());
        for (const auto& [file, bytes] : left.files) {
            site.disk.edit(file) = bytes;
            site.disk.carry_out({.step = StorageStep::sync_file, .name = file});
        }
        site.journal = left.journal;
        old_lines = static_cast<uint32_t>(left.journal.size());
        site.hardware_wall_s = last_time_of(left.journal) + 60;
        site.web.put_body(std::string(vendor.own_file), vendor.file("two"));
        PhoneOptions options;
        options.profile = vendor.profile;
        options.mac = vendor.mac;
        options.settings = {{Setting::static_url, std::string(vendor.url)},
                            {Setting::order, "static"},
                            {Setting::trial_timeout, "20"}};
        phone.emplace(site, options);
    }

    // The configuration that counts: "one", "two", nothing without one, else its value.
    std::string holds() const {
        const Generation active = phone->active();
        if (active.number == 0) return {};
        const Item* item = active.find(vendor.key, Origin::file);
        if (item == nullptr) return "a configuration without its key";
        for (const char* mark : {"one", "two"}) {
            if (item->value == vendor.value(mark)) return mark;
        }
        return item->value;
    }
    // Whether today's firmware has written a line of this kind.
    bool said(JournalKind kind) const {
        for (auto line = site.journal.begin() + old_lines; line != site.journal.end(); ++line) {
            const auto entry = decode_journal_line(line->substr(0, line->size() - 1));
            if (entry && entry->kind == kind) return true;
        }
        return false;
    }

    const Vendor& vendor;
    Site site = {};
    std::optional<Phone> phone = {};
    uint32_t old_lines = 0;
};

// Boots what 0.1.0 left again and again: with a power cut at each storage step of each of its first
// lives, and once without a cut. `judge` is given each phone after the boot that follows. Fewer
// cuts than `least_cuts` mean that the phone did not do what was to be cut.
template <typename Judge>
void cut_everywhere(std::string_view state, uint32_t least_cuts, Judge judge) {
    for (const Vendor& vendor : vendors) {
        uint32_t cuts = 0;
        for (uint32_t life = 0, step = 0; life < 4;) {
            CAPTURE(vendor.profile);
            CAPTURE(life);
            CAPTURE(step);
            UpgradedPhone one(vendor, state);
            const Departure departure = one.phone->power_on([&](sim::World& world, uint32_t lives) {
                if (lives == life) world.plan_power_cut_after_steps(step);
            });
            const bool was_cut = departure.why == "the power is gone";
            if (was_cut) one.phone->power_on();
            const Record record = one.phone->record();
            CHECK(record.trial == TrialState::none);
            CHECK(!record.hooks_due);
            CHECK(!one.said(JournalKind::state_of_later));
            judge(one);
            cuts += was_cut ? 1 : 0;
            life += was_cut ? 0 : 1;
            step = was_cut ? step + 1 : 0;
        }
        CHECK(cuts >= least_cuts);
    }
}

}  // namespace

TEST_CASE("0.1.0 at rest: the new configuration is applied, the operator's value stays") {
    cut_everywhere("idle", 6, [](const UpgradedPhone& one) {
        CHECK(one.holds() == "two");
        uint32_t by_operator = 0;
        for (const Item& item : one.phone->active().items)
            by_operator += item.origin == Origin::operator_ && item.value == "front desk" ? 1 : 0;
        CHECK(by_operator == 1);
    });
}

TEST_CASE("0.1.0 in a trial: the server's answer confirms it") {
    cut_everywhere("trying", 3, [](const UpgradedPhone& one) {
        CHECK(one.holds() == "two");
        CHECK(one.said(JournalKind::trial_confirmed));
    });
}

TEST_CASE("0.1.0 in a trial: without an answer it ends with a whole configuration") {
    for (const Vendor& vendor : vendors) {
        UpgradedPhone one(vendor, "trying");
        one.site.web.set_down(true);
        CHECK(one.phone->power_on().status == 4);
        CHECK(one.said(JournalKind::trial_failed));
        CHECK(one.holds() == "two");
        CHECK(one.phone->record().trial == TrialState::none);
    }
}

TEST_CASE("0.1.0 on its way back: the predecessor's server answers, the newer one is refused") {
    cut_everywhere("returning", 3, [](const UpgradedPhone& one) {
        CHECK(one.holds() == "one");
        CHECK(one.said(JournalKind::rolled_back));
        REQUIRE(one.phone->record().refused.size() == 1);
        CHECK(one.phone->record().refused[0].tries == 1);
    });
}

TEST_CASE("0.1.0 with a refused plan: it stays refused until its time has come") {
    cut_everywhere("refused", 0, [](UpgradedPhone& one) {
        CHECK(one.holds() == "one");
        CHECK(one.said(JournalKind::plan_was_rolled_back));
        one.site.clock_ms += 3'700'000;
        one.phone->power_on();
        CHECK(one.holds() == "two");
        CHECK(one.phone->record().refused.empty());
    });
}

TEST_CASE("0.1.0 with hooks due: they are told of the change, and the trial goes on") {
    cut_everywhere("hooks-due", 4, [](const UpgradedPhone& one) {
        CHECK(one.holds() == "two");
        REQUIRE(!one.site.hook_lines.empty());
        const std::string line = key_value_line(one.vendor.key, one.vendor.value("two")) + "\n";
        CHECK(one.site.hook_lines.front().find(line) != std::string::npos);
    });
}

TEST_CASE("0.1.0 in a factory reset: it is brought to its end") {
    cut_everywhere("half-reset", 8, [](UpgradedPhone& one) {
        CHECK(one.holds() == "two");
        CHECK(one.phone->active().number == 1);
        CHECK(one.site.disk.find("generation.2") == nullptr);
    });
    for (const Vendor& vendor : vendors) {
        UpgradedPhone one(vendor, "half-reset");
        one.site.web.remove(std::string(vendor.own_file));
        one.phone->power_on();
        CHECK(one.holds().empty());
        for (const std::string& name : one.site.disk.names())
            CHECK(name.find("generation") == std::string::npos);
    }
}

TEST_CASE("0.1.0 pinned by TLS: a document without proof changes nothing") {
    UpgradedPhone one(vendors[0], "pinned");
    CHECK(one.phone->active().proof == Proof::tls);
    one.phone->power_on();
    CHECK(one.holds() == "one");
    CHECK(one.said(JournalKind::file_refused));
}

// --- every image that a cut may leave, as `dialtone-lab crash` finds them ---------------------

namespace {

class Unhurried : public CrashProgress {
  public:
    bool keep_going(const CrashFigures&, uint32_t, uint64_t, uint64_t) override { return true; }
};

struct LeftBehind {
    std::string_view state;
    uint32_t hooks_know;  // the generation that the hooks were handed, 0: none
    std::string_view before;
    std::string_view final_mark;
    uint64_t least_images;
};

constexpr LeftBehind left_behind[] = {
    {"grandstream-idle", 2, "one", "two", 150},     {"grandstream-trying", 2, "one", "two", 60},
    {"grandstream-returning", 1, "one", "one", 60}, {"grandstream-refused", 1, "one", "two", 150},
    {"grandstream-hooks-due", 1, "one", "two", 90}, {"grandstream-half-reset", 0, {}, "two", 100},
    {"grandstream-pinned", 1, "one", "one", 1},
};

}  // namespace

TEST_CASE("no image that a cut leaves of what 0.1.0 left is torn, and each phone ends whole") {
    for (const LeftBehind& row : left_behind) {
        CAPTURE(row.state);
        const StateDirectory left = state_directory("0.1.0/" + std::string(row.state));
        CrashStart start{.files = left.files};
        if (row.hooks_know != 0) {
            const auto handed = decode_generation(left.files.at(generation_name(row.hooks_know)));
            REQUIRE(handed);
            start.hook_state = key_value_lines(*handed);
        }
        constexpr Offer two[] = {{.file = "two"}};
        WritePath path{};
        path.name = row.state;
        path.before = row.before;
        path.offers = two;
        path.offer_after = two[0];
        path.final_marks = std::span(&row.final_mark, 1);
        Unhurried progress;
        const CrashFigures figures = crash_path(path, {.depth = 1, .start = &start}, progress);
        for (const std::string& found : figures.found)
            MESSAGE(found);
        CHECK(figures.all_violations() == 0);
        CHECK(figures.complete);
        CHECK(figures.images >= row.least_images);
    }
}
