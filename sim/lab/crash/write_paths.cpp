// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/write_paths.h"

#include <algorithm>

namespace dialtone::sim {
namespace {

constexpr Offer one[] = {{.file = "one"}};
constexpr Offer two[] = {{.file = "two"}};
constexpr Offer nothing[] = {{}};
constexpr Offer two_then_silence[] = {{.file = "two"}, {.from_life = 1, .down = true}};
constexpr Offer two_but_not_in_its_trial[] = {
    {.file = "two"}, {.from_life = 1, .down = true}, {.from_life = 2, .file = "two"}};
constexpr Offer more_then_two[] = {{.file = "more"}, {.from_life = 1, .file = "two"}};

constexpr Offer more_then_nothing[] = {{.file = "more"}, {.from_life = 1}};

constexpr PlannedCommand confirms[] = {
    {.life = 1, .after_ms = 5'000, .kind = CommandKind::confirm}};
constexpr PlannedCommand resets[] = {
    {.life = 0, .after_ms = 5'000, .kind = CommandKind::factory_reset}};
constexpr PlannedCommand sets[] = {
    {.life = 0, .after_ms = 5'000, .kind = CommandKind::set, .argument = "P270=front desk"},
    {.life = 0, .after_ms = 9'000, .kind = CommandKind::set, .argument = "P270=reception"}};
constexpr PlannedCommand asks_again[] = {
    {.life = 0, .after_ms = 5'000, .kind = CommandKind::resync}};
constexpr PlannedCommand sets_first[] = {
    {.life = 0, .after_ms = 15'000, .kind = CommandKind::set, .argument = "P270=front desk"}};

constexpr PlannedCommand sets_interval[] = {{.life = 0,
                                             .after_ms = 9'000,
                                             .kind = CommandKind::set,
                                             .argument = "tr069.periodic_interval=7200"}};

// Later than limits::notify_reboot_after_s.
constexpr PlannedCommand check_syncs[] = {{.life = 0,
                                           .after_ms = 400'000,
                                           .kind = CommandKind::notify,
                                           .argument =
                                               "NOTIFY sip:1001@10.0.0.2 SIP/2.0\r\n"
                                               "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
                                               "From: <sip:1001@10.0.0.1>;tag=1\r\n"
                                               "To: <sip:1001@10.0.0.2>\r\n"
                                               "Call-ID: 1\r\n"
                                               "CSeq: 1 NOTIFY\r\n"
                                               "Event: check-sync;reboot=true\r\n"
                                               "Content-Length: 0\r\n\r\n"}};

constexpr std::string_view orders_restart[] = {"<C:Reboot><CommandKey>key</CommandKey></C:Reboot>"};

constexpr std::string_view sets_twice[] = {
    "<C:SetParameterValues><ParameterList>"
    "<P><Name>Device.ManagementServer.PeriodicInformInterval</Name><Value>3601</Value></P>"
    "<P><Name>Device.ManagementServer.PeriodicInformTime</Name>"
    "<Value>2026-01-01T00:00:01Z</Value></P>"
    "</ParameterList><ParameterKey>call 1</ParameterKey></C:SetParameterValues>",
    "<C:SetParameterValues><ParameterList>"
    "<P><Name>Device.ManagementServer.PeriodicInformInterval</Name><Value>3602</Value></P>"
    "<P><Name>Device.ManagementServer.PeriodicInformTime</Name>"
    "<Value>2026-01-01T00:00:02Z</Value></P>"
    "</ParameterList><ParameterKey>call 2</ParameterKey></C:SetParameterValues>"};
constexpr std::string_view sets_another_url[] = {
    "<C:SetParameterValues><ParameterList>"
    "<P><Name>Device.ManagementServer.URL</Name><Value>http://10.0.0.3/acs</Value></P>"
    "</ParameterList><ParameterKey/></C:SetParameterValues>"};
constexpr std::string_view schedules[] = {
    "<C:ScheduleInform><DelaySeconds>20</DelaySeconds><CommandKey>one</CommandKey>"
    "</C:ScheduleInform>",
    "<C:ScheduleInform><DelaySeconds>30</DelaySeconds><CommandKey>two</CommandKey>"
    "</C:ScheduleInform>"};
constexpr std::string_view downloads[] = {
    "<C:Download><CommandKey>one</CommandKey><FileType>3 Vendor Configuration File</FileType>"
    "<URL>http://10.0.0.1/gs/acs.xml</URL><Username/><Password/><FileSize>0</FileSize>"
    "<TargetFileName/><DelaySeconds>0</DelaySeconds><SuccessURL/><FailureURL/></C:Download>",
    "<C:Download><CommandKey>two</CommandKey><FileType>3 Vendor Configuration File</FileType>"
    "<URL>http://10.0.0.1/gs/missing.xml</URL><Username/><Password/><FileSize>0</FileSize>"
    "<TargetFileName/><DelaySeconds>5</DelaySeconds><SuccessURL/><FailureURL/></C:Download>"};
constexpr std::string_view watches[] = {
    "<C:SetParameterAttributes><ParameterList><P>"
    "<Name>Device.ManagementServer.PeriodicInformInterval</Name>"
    "<NotificationChange>1</NotificationChange><Notification>1</Notification>"
    "<AccessListChange>0</AccessListChange><AccessList/></P></ParameterList>"
    "</C:SetParameterAttributes>"};

constexpr std::string_view only_one[] = {"one"};
constexpr std::string_view only_two[] = {"two"};
constexpr std::string_view more_or_nothing[] = {"more", {}};
constexpr std::string_view one_or_two[] = {"one", "two"};

constexpr WritePath paths[] = {
    {
        .name = "first-apply",
        .words = "a new phone gets its first configuration",
        .offers = one,
        .offer_after = {.file = "one"},
        .final_marks = only_one,
        .least_states = 5'000,
        .least_images = 700,
    },
    {
        .name = "configuration-apply",
        .words = "a second configuration is applied, tried and confirmed by its server",
        .before = "one",
        .offers = two,
        .offer_after = {.file = "two"},
        .final_marks = only_two,
        .least_states = 15'000,
        .least_images = 1'000,
    },
    {
        .name = "signed-apply",
        .words = "the same with files that are signed and have serials",
        .before = "one",
        .offers = two,
        .offer_after = {.file = "two"},
        .signs = true,
        .final_marks = only_two,
        .least_states = 15'000,
        .least_images = 1'000,
    },
    {
        .name = "trial-confirmed",
        .words = "an operator confirms a trial while the server is silent",
        .before = "one",
        .offers = two_then_silence,
        .commands = confirms,
        .ends_ms = 15'000,
        .offer_after = {.down = true},
        .final_marks = one_or_two,
        .least_states = 15'000,
        .least_images = 500,
    },
    {
        .name = "trial-return",
        .words = "the server is silent in a trial, and the predecessor returns",
        .before = "one",
        .offers = two_but_not_in_its_trial,
        .offer_after = {.file = "two"},
        .final_marks = one_or_two,
        .least_states = 20'000,
        .least_images = 1'500,
    },
    {
        .name = "trial-return-in-silence",
        .words = "the same, and no server is there after the cut",
        .before = "one",
        .offers = two_but_not_in_its_trial,
        .offer_after = {.down = true},
        .final_marks = one_or_two,
        .least_states = 25'000,
        .least_images = 800,
    },
    {
        .name = "return-failed",
        .words = "the predecessor reaches nobody either, and the newer one stays",
        .before = "one",
        .offers = two_then_silence,
        .ends_ms = 120'000,
        .offer_after = {.file = "two"},
        .final_marks = one_or_two,
        .least_states = 20'000,
        .least_images = 1'500,
    },
    {
        .name = "factory-reset",
        .words = "an operator resets the phone, which then gets a configuration anew",
        .before = "more",
        .offers = more_then_two,
        .commands = resets,
        .offer_after = {.file = "two"},
        .final_marks = only_two,
        .least_states = 15'000,
        .least_images = 2'000,
    },
    {
        .name = "factory-reset-for-good",
        .words = "the same, and no server has anything for the phone any more",
        .before = "more",
        .offers = more_then_nothing,
        .commands = resets,
        .ends_ms = 30'000,
        .offer_after = {},
        .final_marks = more_or_nothing,
        .least_states = 2'000,
        .least_images = 150,
    },
    {
        .name = "notify-reboot",
        .words = "a server has the phone start again",
        .before = "one",
        .offers = one,
        .commands = check_syncs,
        .offer_after = {.file = "one"},
        .final_marks = only_one,
        .least_states = 100,
        .least_images = 10,
    },
    {
        .name = "acs-reboot",
        .words = "an ACS hears of a new phone, orders a restart and hears that it happened",
        .offers = one,
        .offer_after = {.file = "one"},
        .acs_calls = orders_restart,
        .final_marks = only_one,
        .least_states = 5'000,
        .least_images = 700,
    },
    {
        .name = "acs-set-values",
        .words = "an ACS sets values twice in one session, whose end confirms them",
        .before = "one",
        .offers = one,
        .offer_after = {.file = "one"},
        .acs_calls = sets_twice,
        .final_marks = only_one,
        .least_states = 5'000,
        .least_images = 500,
    },
    {
        .name = "acs-set-url",
        .words = "an ACS names another one, which is silent, and the one before returns",
        .before = "one",
        .offers = one,
        .ends_ms = 90'000,
        .offer_after = {.file = "one"},
        .acs_calls = sets_another_url,
        .acs_wait_ms = 90'000,
        .final_marks = only_one,
        .least_states = 5'000,
        .least_images = 500,
    },
    {
        .name = "acs-schedule",
        .words = "an ACS orders two sessions for later, and hears of both",
        .before = "one",
        .offers = one,
        .ends_ms = 40'000,
        .offer_after = {.file = "one"},
        .acs_calls = schedules,
        .acs_wait_ms = 60'000,
        .final_marks = only_one,
        .least_states = 200,
        .least_images = 20,
    },
    {
        .name = "acs-download",
        .words = "an ACS orders two downloads, of which one fails, and hears of both",
        .before = "one",
        .offers = one,
        .lasts_ms = 60'000,
        .offer_after = {.file = "one"},
        .acs_calls = downloads,
        .acs_wait_ms = 60'000,
        .final_marks = one_or_two,
        .least_states = 500,
        .least_images = 50,
    },
    {
        .name = "acs-watch",
        .words = "an ACS wants a value's changes told, and an operator changes it",
        .before = "one",
        .offers = one,
        .commands = sets_interval,
        .offer_after = {.file = "one"},
        .acs_calls = watches,
        .final_marks = only_one,
        .least_states = 1'000,
        .least_images = 100,
    },
    {
        .name = "operator-set",
        .words = "an operator sets a value, and then another one",
        .before = "one",
        .offers = one,
        .commands = sets,
        .offer_after = {.file = "one"},
        .final_marks = only_one,
        .least_states = 2'000,
        .least_images = 200,
    },
    {
        .name = "operator-set-first",
        .words = "an operator sets a value on a phone without a configuration",
        .offers = nothing,
        .commands = sets_first,
        .ends_ms = 30'000,
        .offer_after = {.file = "one"},
        .final_marks = only_one,
        .least_states = 8'000,
        .least_images = 1'000,
    },
    {
        .name = "staged-download",
        .words = "a file is downloaded beside the pass, kept, and removed by whoever wanted it",
        .before = "one",
        .offers = one,
        .commands = asks_again,
        .job = {.after_ms = 4'000, .bytes = 40'000},
        .offer_after = {.file = "one"},
        .final_marks = only_one,
        .least_states = 500,
        .least_images = 100,
    },
    {
        .name = "staged-download-beside-set",
        .words = "the same, while an operator sets values",
        .before = "one",
        .offers = one,
        .commands = sets,
        .job = {.after_ms = 4'000, .bytes = 18'000},
        .offer_after = {.file = "one"},
        .final_marks = only_one,
        .least_states = 3'000,
        .least_images = 300,
    },
};

}  // namespace

std::span<const WritePath> write_paths() {
    return paths;
}

const WritePath* find_write_path(std::string_view name) {
    const auto place = std::ranges::find(paths, name, &WritePath::name);
    return place == std::end(paths) ? nullptr : place;
}

bool are_of_one_call(std::string_view interval, std::string_view time, std::string_view mark) {
    if (interval.empty() && time.empty()) return true;
    if (interval.empty() || time.size() < 2 || mark.empty()) return false;
    return interval.back() == mark.back() && time[time.size() - 2] == mark.back();
}

std::string marked_file(std::string_view mark, uint32_t more_keys, uint32_t serial) {
    constexpr std::string_view keys[] = {"P47",  "P35",  "P34",  "P36",  "P3",    "P271", "P2312",
                                         "P404", "P405", "P406", "P735", "P1360", "P8851"};
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\">"
        "<mac>000b82273b89</mac><config version=\"1\">";
    const auto put = [&](const std::string& key) {
        out += "<" + key + ">value of " + key + "." + std::string(mark) + "</" + key + ">";
    };
    if (serial != 0) out += "<serial>" + std::to_string(serial) + "</serial>";
    for (std::string_view key : keys)
        put(std::string(key));
    for (uint32_t number = 0; number < more_keys; ++number)
        put("P" + std::to_string(5000 + number));
    if (mark == "more") put(std::string(extra_key));
    return out + "</config></gs_provision>\n";
}

uint32_t serial_of_mark(std::string_view mark) {
    return mark == "one" ? 1 : 2;
}

std::string job_body(uint32_t bytes) {
    std::string body(bytes, 'x');
    for (uint32_t at = 0; at < bytes; ++at)
        body[at] = static_cast<char>('A' + (at * 11 + at / 509) % 53);
    return body;
}

}  // namespace dialtone::sim
