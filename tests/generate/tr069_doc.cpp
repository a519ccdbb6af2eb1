// SPDX-License-Identifier: Apache-2.0
//
// Prints docs/tr069.md: methods and events, every parameter of the three roots, the vendors' keys
// of accounts, and what is not supported. A test compares the two.
#include <cstdio>
#include <string>
#include <string_view>

#include "agent/cwmp/data_model.h"
#include "agent/cwmp/rpc.h"
#include "agent/profile.h"

using namespace dialtone;

namespace {

constexpr std::string_view head =
    "# TR-069: what an ACS can do with the phone\n"
    "\n"
    "Generated from `agent/cwmp` by `tests/generate/tr069_doc.cpp`; do not edit.\n"
    "\n"
    "The settings are those of `docs/settings.md` that begin with `tr069.`; why things are as "
    "they\n"
    "are stands in `docs/decisions.md`.\n";

constexpr std::string_view attribute_words =
    "\nTexts of vendors name GetAttributeValues and SetAttributeValues: on the wire these are\n"
    "GetParameterAttributes and SetParameterAttributes, as the Broadband Forum calls them.\n";

constexpr std::string_view events =
    "\n"
    "## Events of an Inform\n"
    "\n"
    "| code | when |\n"
    "|---|---|\n"
    "| `0 BOOTSTRAP` | the phone is new, was reset, or has another ACS than the last one it "
    "reached "
    "|\n"
    "| `1 BOOT` | the agent has started |\n"
    "| `2 PERIODIC` | every `tr069.periodic_interval`, counted from `tr069.periodic_time` |\n"
    "| `3 SCHEDULED`, `M ScheduleInform` | the time of a ScheduleInform has come; with its "
    "CommandKey |\n"
    "| `4 VALUE CHANGE` | a parameter whose changes are told has another value than the ACS knows, "
    "and the ACS has not set it |\n"
    "| `6 CONNECTION REQUEST` | the ACS has asked for a session |\n"
    "| `7 TRANSFER COMPLETE`, `M Download`, `M ScheduleDownload`, `M Upload` | a transfer that the "
    "ACS has ordered is over, well or not; with its CommandKey. TransferComplete follows |\n"
    "| `9 REQUEST DOWNLOAD` | the ACS is new to the phone, with `tr069.request_download`; "
    "RequestDownload follows |\n"
    "| `10 AUTONOMOUS TRANSFER COMPLETE` | the phone has got its configuration from another "
    "server, "
    "with `tr069.autonomous`; AutonomousTransferComplete follows where the ACS lists it |\n"
    "| `M Reboot` | a restart that the ACS ordered is over; with its CommandKey |\n"
    "| `X OUI TRIAL` | what the ACS has changed waits to be confirmed by a session |\n"
    "\n"
    "What waits is told until an ACS has taken it, over restarts and power cuts; 6 is told once.\n"
    "7 and 10 are told until the ACS has answered the message that follows; each fault but 8005 is "
    "an\n"
    "answer.\n"
    "\n"
    "## Transfers\n"
    "\n"
    "Download, Upload and ScheduleDownload are answered when the order is durable, with Status 1. "
    "One\n"
    "transfer at a time is carried out, between sessions, in the order of their times; up to 8 "
    "wait,\n"
    "with their texts in 2 KiB, else the fault is 9004. CancelTransfer takes away all with its\n"
    "CommandKey, and is no fault where there is none; 9021 where one is over and not told yet, or\n"
    "past what can be undone. Of the modes of a window `1 At Any Time` and `2 Immediately` mean "
    "the\n"
    "whole of it, `3 When Idle` the times without a call; others, `4 Confirmation Needed` too, "
    "get\n"
    "9003. A MaxRetries of -1 is 5, the first after a minute and the next after twice the wait. "
    "What\n"
    "is under way when its window ends is broken off where it can be; 9020 when the last one is "
    "over.\n";

constexpr std::string_view reading =
    "\n"
    "## What an administrator sees\n"
    "\n"
    "`dialtone acs` prints the last sessions, 5 or `--last N` of them, from the journal, whether "
    "the\n"
    "daemon runs or not; with `--follow` it goes on as they happen:\n"
    "\n"
    "    With http://acs.example/cwmp, 2026-11-01 12:00:00 UTC:\n"
    "         1.003 s  phone   Inform                   1            sent: 0 BOOTSTRAP, 1 BOOT\n"
    "         1.041 s  phone   (empty)                               the Inform is taken, and the "
    "ACS has its turn\n"
    "         1.077 s  ACS     GetParameterValues       a-17         answered\n"
    "         1.143 s  ACS     SetParameterValues       a-18         fault 9005: there is no "
    "parameter Device.X\n"
    "         1.181 s  The session with the ACS http://acs.example/cwmp ended well after 2 calls; "
    "...\n"
    "\n"
    "    Next: The next periodic report, due at 2026-11-01 13:00:00 UTC, or a session before it "
    "when ...\n"
    "\n"
    "The time since power-on is the one at which an Inform and the empty message were sent, and "
    "anything\n"
    "else was answered, a change once it was durable. Then come who spoke, the method, the ID of "
    "the\n"
    "message, and what came of it: `answered` or `taken`, or the code and the words of the fault. "
    "A "
    "session\n"
    "that failed says at which message and why; `Next` says what the phone does now. Values are "
    "never\n"
    "shown, and of a session of thousands of messages the first 64 are written down and the others "
    "counted.\n"
    "\n"
    "`dialtone model [PATH]` prints what an ACS sees of the running phone, whole or below a path: "
    "whether\n"
    "it may write (*RW*, at a table: add and delete), whether changes are told (*off*, *passive*, "
    "*active*),\n"
    "name and value. Passwords read `***` when they are set, URLs hide their user and query. A "
    "name "
    "that\n"
    "there is not is answered with the nearest ones; the end of a path is enough to find it:\n"
    "\n"
    "    $ dialtone model SIP.ProxyServer\n"
    "    dialtone: there is nothing called SIP.ProxyServer, but\n"
    "    Device.Services.VoiceService.1.VoiceProfile.1.SIP.ProxyServer\n";

constexpr std::string_view parameters_head =
    "\n"
    "## Parameters\n"
    "\n"
    "Below the root: `InternetGatewayDevice.` with `tr069.root=igd` (TR-098), `Device.` with "
    "`device1`\n"
    "(TR-106) and `device2` (TR-181). *W*: it can be set; *secret*: it can, and reads empty. In a "
    "table\n"
    "whose rows an ACS may add and delete, `{i}` is followed by a plus sign. *Inform*: it is in "
    "every\n"
    "Inform. Notifications are off where the column says nothing; *active, forced* cannot be "
    "changed,\n"
    "*active* is the initial state, and *not active* says that active is refused.\n"
    "\n"
    "| parameter | roots | type | access | values | notification | Inform |\n"
    "|---|---|---|---|---|---|---|\n";

std::string roots_text(Roots roots) {
    constexpr std::string_view names[] = {"igd", "device1", "device2"};
    if ((roots & in_all) == in_all) return "all";
    std::string out;
    for (uint32_t root = 0; root < root_count; ++root) {
        if (!has_root(roots, static_cast<Root>(root))) continue;
        if (!out.empty()) out += ", ";
        out += names[root];
    }
    return out;
}

// With the bars of a list escaped, which would end a cell.
std::string words_text(std::string_view words) {
    std::string out;
    for (const char letter : words) {
        if (letter == '|') {
            out += ", ";
        } else {
            out += letter;
        }
    }
    if (words.ends_with('|')) out += "or empty";
    return out;
}

std::string values_text(const ValueRange& range) {
    switch (range.kind) {
        case RangeKind::none:
            return {};
        case RangeKind::letters:
            return "up to " + std::to_string(range.high) + " letters";
        case RangeKind::number:
            return std::to_string(range.low) + " to " + std::to_string(range.high);
        case RangeKind::words:
            return words_text(range.words);
        case RangeKind::host:
            return "name or address, up to " + std::to_string(range.high) + " letters";
    }
    return {};
}

std::string notification_text(const ModelRow& row) {
    if (row.rule == NotificationRule::may_deny_active) return "not active";
    if (row.notification != Notification::active) return {};
    return row.rule == NotificationRule::forced ? "active, forced" : "active";
}

std::string access_text(ModelAccess access) {
    if (access == ModelAccess::read_only) return "R";
    return access == ModelAccess::hidden ? "secret" : "W";
}

// The object's path with what may be added to it.
std::string object_text(const ModelObject& object, std::span<const ModelObject> part) {
    std::string out;
    std::string_view left = object.path;
    uint64_t done = 0;
    while (!left.empty()) {
        const auto dot = left.find('.');
        const std::string_view segment = left.substr(0, dot);
        left.remove_prefix(dot + 1);
        done += dot + 1;
        out += segment;
        if (segment == "{i}") {
            for (const ModelObject& above : part) {
                if (above.path == object.path.substr(0, done) &&
                    above.table->rows != TableRows::fixed)
                    out += '+';
            }
        }
        out += '.';
    }
    return out;
}

std::string parameters() {
    std::string out(parameters_head);
    for (const auto part : {management_objects(), voice_objects()}) {
        for (const ModelObject& object : part) {
            if (object.of_vendor_keys)
                out += "| `X_OUI_Config.KEY` | all | string | W or secret | | | |\n";
            for (const ModelRow& row : object.rows) {
                const auto roots = static_cast<Roots>(object.roots & row.roots);
                const auto forced = static_cast<Roots>(roots & row.forced_roots);
                out += "| `" + object_text(object, part) + std::string(row.name) + "` | " +
                       roots_text(roots) + " | " + std::string(value_type_name(row.type)) + " | " +
                       access_text(row.access) + " | " + values_text(row.range) + " | " +
                       notification_text(row) + " | " +
                       (forced == 0       ? std::string()
                        : forced == roots ? "yes"
                                          : roots_text(forced)) +
                       " |\n";
            }
        }
    }
    return out;
}

constexpr std::string_view accounts_head =
    "\n"
    "## Accounts and the vendors' keys\n"
    "\n"
    "A VoiceProfile is a SIP account with one Line. These parameters, below "
    "`VoiceProfile.{i}.`, are\n"
    "the vendor's own keys, so what a file says there an ACS reads, and what an ACS sets there "
    "the\n"
    "phone's software gets. Where two parameters have one key it is their `HOST:PORT`; *active* is "
    "1\n"
    "while VoiceProfile.Enable and Line.Enable both are Enabled. All other parameters that can be "
    "set\n"
    "are kept under keys of the model's own, the path with the account's number in it, which the\n"
    "phone's software gets, too. Every other key of the vendor's is under `X_OUI_Config.`.\n";

std::string accounts() {
    std::string out(accounts_head);
    for (const Profile* profile : all_profiles()) {
        out += "\n" + std::string(profile->vendor) + ", accounts 1 to " +
               std::to_string(profile->accounts.accounts) + ":\n\n| parameter | key |\n|---|---|\n";
        for (const AccountKey& row : profile->accounts.keys) {
            std::string keys;
            for (const std::string_view key : row.keys)
                keys += (keys.empty() ? "" : ", ") + std::string(key);
            if (!row.pattern.empty()) keys = row.pattern;
            out += "| `" + std::string(row.parameter) + "` | `" + keys + "` |\n";
        }
    }
    return out;
}

constexpr std::string_view not_supported =
    "\n"
    "## Not supported\n"
    "\n"
    "* Methods that are not in the table get fault 9000: ChangeDUState, SetVouchers, GetOptions.\n"
    "* SuccessURL, FailureURL and the UserMessage of a window are read and do nothing.\n"
    "* Aliases of instances (`[name]`), the table InformParameter, XMPP, compression, lightweight\n"
    "  notifications.\n"
    "* Of TR-104: the tables Tone, NumberingPlan, Ringer, EventSubscribe and ResponseMap, SIP "
    "timers,\n"
    "  RTCP, SRTP, Redundancy, FaxT38, VoiceProcessing, PhyInterface; issue 2 of the model.\n"
    "* Of the management objects: IPPingDiagnostics, TraceRouteDiagnostics, UserInterface, "
    "Config,\n"
    "  what the phone does not know of its network (mask, router, name servers, counters), and "
    "the\n"
    "  address of a WAN connection, which a phone has none of, in the Inform of `igd`.\n"
    "* UpgradesManaged, DefaultActiveNotificationThrottle, "
    "UDPConnectionRequestAddressNotificationLimit\n"
    "  and the time zone are kept and told to the phone's software; the agent itself does nothing "
    "by\n"
    "  them yet. Notifications 3 to 6 are refused.\n"
    "* An answer of more than 512 KiB is refused with 9004; an ACS asks for parts then.\n"
    "* A phone whose software reports nothing tells its lines as Disabled and Idle, no codecs, no\n"
    "  buttons and no sessions.\n";

std::string methods() {
    std::string out = "\n## Methods that an ACS can call\n\n";
    for (const std::string_view name : method_names())
        out += "* " + std::string(name) + '\n';
    return out;
}

}  // namespace

int main() {
    const std::string page = std::string(head) + methods() + std::string(attribute_words) +
                             std::string(events) + std::string(reading) + parameters() +
                             accounts() + std::string(not_supported);
    std::fwrite(page.data(), 1, page.size(), stdout);
    return 0;
}
