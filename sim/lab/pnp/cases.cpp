// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/pnp/cases.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "agent/text.h"

namespace dialtone::sim::pnp {
namespace {

using Subscribe = LifeRecord::Subscribe;

constexpr uint32_t sendings = 5;
constexpr uint32_t at_once_ms = 5'000;
constexpr uint32_t mac_digits = 12;
constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";
constexpr std::string_view event_names[] = {"profile-type", "vendor", "model", "version"};

// Empty: it passes.
using Why = std::string;

std::string count_of(size_t number) {
    return std::to_string(number) + (number == 1 ? " SUBSCRIBE" : " SUBSCRIBEs");
}

Why has(std::string_view name, std::string_view value, std::string_view wanted) {
    if (value == wanted) return {};
    return std::string(name) + " is " + quoted(value) + ", not " + quoted(wanted);
}

// --- the first SUBSCRIBE
// --------------------------------------------------------------------------

Why uri_is_mac_at_group(const Subscribe& one) {
    constexpr std::string_view beginning = "MAC%3A";
    std::string_view user = user_of(one.message.uri());
    if (!begins_without_case(user, beginning)) return "the user is " + quoted(user);
    user.remove_prefix(beginning.size());
    if (user.size() != mac_digits || user.find_first_not_of(hex_digits) != std::string_view::npos)
        return quoted(user) + " is no MAC address of 12 digits";
    return has("the host", place_of(one.message.uri()), group);
}

Why from_and_to_are_the_uri(const Subscribe& one) {
    const std::string_view from = one.message.field("from");
    const std::string_view to = one.message.field("to");
    if (address_of(from) != one.message.uri()) return "From is " + quoted(from);
    if (address_of(to) != one.message.uri()) return "To is " + quoted(to);
    if (parameter_of(from, "tag").value_or("").empty()) return "From has no tag";
    return parameter_of(to, "tag") ? "To has a tag" : "";
}

Why via_is_own_address(const Subscribe& one) {
    constexpr std::string_view beginning = "SIP/2.0/UDP ";
    const std::string_view via = one.message.field("via");
    std::string_view place = value_of(via);
    if (!place.starts_with(beginning)) return "Via is " + quoted(via);
    place.remove_prefix(beginning.size());
    if (trimmed(place) != one.from) return has("its address", place, one.from);
    if (!parameter_of(via, "branch").value_or("").starts_with("z9hG4bK"))
        return "its branch is none of RFC 3261";
    return parameter_of(via, "rport") ? "" : "it has no rport";
}

Why contact_is_own_address(const Subscribe& one) {
    return has("Contact", place_of(address_of(one.message.field("contact"))), one.from);
}

Why numbered_and_named(const Subscribe& one) {
    if (one.message.field("call-id").empty()) return "it has no Call-ID";
    std::string_view cseq = one.message.field("cseq");
    const std::string_view number = take_piece(cseq, ' ');
    if (number.empty() || !std::ranges::all_of(number, is_digit)) return "CSeq has no number";
    return has("the method of CSeq", cseq, "SUBSCRIBE");
}

Why max_forwards(const Subscribe& one) {
    return has("Max-Forwards", one.message.field("max-forwards"), "70");
}

Why expires_at_once(const Subscribe& one) {
    return has("Expires", one.message.field("expires"), "0");
}

Why event_tells_the_phone(const Subscribe& one) {
    const std::string_view event = one.message.field("event");
    if (value_of(event) != "ua-profile") return "Event is " + quoted(event);
    for (const std::string_view name : event_names) {
        if (parameter_of(event, name).value_or("").empty()) return "no " + std::string(name);
    }
    return has("profile-type", *parameter_of(event, "profile-type"), "device");
}

Why user_agent_tells_the_phone(const Subscribe& one) {
    const std::string_view agent = one.message.field("user-agent");
    if (agent.empty()) return "it has none";
    for (const std::string_view name : {"vendor", "model", "version"}) {
        const auto value = parameter_of(one.message.field("event"), name);
        if (value && !contains_without_case(agent, *value))
            return quoted(agent) + " does not name the " + std::string(name) + " " + quoted(*value);
    }
    return {};
}

Why accepts_url(const Subscribe& one) {
    std::string_view types = one.message.field("accept");
    while (!types.empty()) {
        if (equals_without_case(value_of(trimmed(take_piece(types, ','))), "application/url"))
            return {};
    }
    return "Accept is " + quoted(one.message.field("accept"));
}

Why allows_notify(const Subscribe& one) {
    std::string_view methods = one.message.field("allow");
    while (!methods.empty()) {
        if (trimmed(take_piece(methods, ',')) == "NOTIFY") return {};
    }
    return "Allow is " + quoted(one.message.field("allow"));
}

Why has_no_body(const Subscribe& one) {
    if (!one.message.body.empty()) return "it has a body";
    return has("Content-Length", one.message.field("content-length"), "0");
}

// --- how often
// ------------------------------------------------------------------------------------

Why five_times(const LifeRecord& life) {
    return life.subscribes.size() >= sendings ? "" : count_of(life.subscribes.size());
}

Why no_sixth(const LifeRecord& life) {
    return life.subscribes.size() <= sendings ? "" : count_of(life.subscribes.size());
}

Why no_second(const LifeRecord& life) {
    return life.subscribes.size() == 1 ? "" : count_of(life.subscribes.size());
}

Why goes_on_after_302(const LifeRecord& life) {
    return life.subscribes.size() > 1 ? "" : "no SUBSCRIBE after it";
}

Why goes_on_after_404(const LifeRecord& life) {
    return life.subscribes.size() > 2 ? "" : "no SUBSCRIBE after it";
}

// --- the NOTIFY and the file
// ----------------------------------------------------------------------

Why refuses_without_event(const LifeRecord& life) {
    const uint32_t status = life.without_event.status;
    if (status == 0) return "no answer";
    return status >= 400 && status < 600 ? "" : "status " + std::to_string(status);
}

Why takes_url(const LifeRecord& life) {
    const uint32_t status = life.with_url.status;
    if (status == 0) return "no answer";
    return status == 200 ? "" : "status " + std::to_string(status);
}

Why answers_before_it_downloads(const LifeRecord& life) {
    if (life.downloads.empty() || life.with_url.status == 0) return "one of them did not come";
    return life.with_url.at_ms <= life.downloads.front().at_ms ? "" : "it downloads before";
}

Why downloads_at_once(const LifeRecord& life) {
    if (life.downloads.empty()) return "no download";
    const uint64_t limit_ms = life.with_url.at_ms + at_once_ms;
    return life.downloads.front().at_ms <= limit_ms ? "" : "later than 5 s";
}

Why downloads_again(const LifeRecord& life) {
    return life.downloads.size() >= 2 ? "" : "no second download";
}

Why is_content_with_the_same(const LifeRecord& life) {
    if (life.downloads.size() < 2) return "no second download";
    return life.downloads.size() == 2 ? "" : "it downloads a third time";
}

// --- the list
// -------------------------------------------------------------------------------------

// One of the three judges, or the reason why nobody can judge.
struct Case {
    std::string_view name;
    std::string_view sentence;
    Life life = Life::unanswered;
    Why (*of_first)(const Subscribe&) = nullptr;
    Why (*of_life)(const LifeRecord&) = nullptr;
    std::string_view unseen = {};
    bool needs_file = false;
};

constexpr Case cases[] = {
    {.name = "SUBSCRIBE.request_uri",
     .sentence = "The user of the request-URI is MAC%3A and the MAC address, its host the group",
     .of_first = uri_is_mac_at_group},
    {.name = "SUBSCRIBE.via",
     .sentence = "Via has the phone's address and port, a branch and rport",
     .of_first = via_is_own_address},
    {.name = "SUBSCRIBE.from_to",
     .sentence = "From and To are the request-URI, From with a tag and To without",
     .of_first = from_and_to_are_the_uri},
    {.name = "SUBSCRIBE.call_id_cseq",
     .sentence = "It has a Call-ID, and a number and its method in CSeq",
     .of_first = numbered_and_named},
    {.name = "SUBSCRIBE.contact",
     .sentence = "Contact is the address and port that the phone sends from",
     .of_first = contact_is_own_address},
    {.name = "SUBSCRIBE.max_forwards", .sentence = "Max-Forwards is 70", .of_first = max_forwards},
    {.name = "SUBSCRIBE.user_agent",
     .sentence = "User-Agent names vendor, model and version of the firmware",
     .of_first = user_agent_tells_the_phone},
    {.name = "SUBSCRIBE.expires", .sentence = "Expires is 0", .of_first = expires_at_once},
    {.name = "SUBSCRIBE.event",
     .sentence = "Event is ua-profile with profile-type \"device\", vendor, model and version",
     .of_first = event_tells_the_phone},
    {.name = "SUBSCRIBE.accept", .sentence = "Accept has application/url", .of_first = accepts_url},
    {.name = "SUBSCRIBE.allow", .sentence = "Allow has NOTIFY", .of_first = allows_notify},
    {.name = "SUBSCRIBE.content_length",
     .sentence = "Content-Length is 0, and no body follows",
     .of_first = has_no_body},
    {.name = "Retries.five",
     .sentence = "Without an answer the SUBSCRIBE is sent five times",
     .of_life = five_times},
    {.name = "Retries.stop", .sentence = "Then it is sent no more", .of_life = no_sixth},
    {.name = "Retries.stop_200",
     .sentence = "After 200 it is sent no more",
     .life = Life::accepted,
     .of_life = no_second},
    {.name = "Retries.stop_500",
     .sentence = "After 500 it is sent no more",
     .life = Life::failed,
     .of_life = no_second},
    {.name = "Retries.ignore_30x",
     .sentence = "An answer 302 is ignored",
     .life = Life::refused,
     .of_life = goes_on_after_302},
    {.name = "Retries.ignore_4xx",
     .sentence = "An answer 404 is ignored",
     .life = Life::refused,
     .of_life = goes_on_after_404},
    {.name = "NOTIFY.without_event",
     .sentence = "A NOTIFY without Event gets 4XX or 5XX",
     .life = Life::assigned,
     .of_life = refuses_without_event},
    {.name = "NOTIFY.url",
     .sentence = "One with Event ua-profile and a URL gets 200",
     .life = Life::assigned,
     .of_life = takes_url},
    {.name = "Download.order",
     .sentence = "The file is asked for after the 200",
     .life = Life::assigned,
     .of_life = answers_before_it_downloads},
    {.name = "Download.at_once",
     .sentence = "The phone connects to the URL of the NOTIFY immediately",
     .life = Life::assigned,
     .of_life = downloads_at_once},
    {.name = "Restart.second_download",
     .sentence = "The phone stores the file, restarts, and asks for it a second time",
     .life = Life::assigned,
     .of_life = downloads_again,
     .needs_file = true},
    {.name = "Restart.same_file",
     .sentence = "A file that is the same is not stored again, and no restart follows",
     .life = Life::assigned,
     .of_life = is_content_with_the_same,
     .needs_file = true},
    {.name = "Restart.ready",
     .sentence = "The phone works with its new configuration",
     .life = Life::assigned,
     .unseen = "the list places no calls"},
    {.name = "Fallback.others",
     .sentence = "Without a NOTIFY the phone asks by option 66, then by its own URL",
     .unseen = "the list has no DHCP server, and does not know the phone's URL"},
};

constexpr std::string_view boot_sentence =
    "Whenever the phone boots it sends a SUBSCRIBE to 224.0.1.75, port 5060";

CaseResult judge_boots(const Evidence& evidence) {
    CaseResult result{.name = "Boot.subscribes", .sentence = std::string(boot_sentence)};
    uint32_t boots = 0;
    uint32_t heard = 0;
    for (const Life life : lives) {
        boots += evidence.is_over[static_cast<uint32_t>(life)] ? 1 : 0;
        heard += evidence.of(life).subscribes.empty() ? 0 : 1;
    }
    if (heard < boots || boots == 0)
        result.words.push_back(std::to_string(heard) + " of " + std::to_string(boots) + " times");
    return result;
}

CaseResult judge_case(const Case& one, const Evidence& evidence) {
    CaseResult result{.name = std::string(one.name), .sentence = std::string(one.sentence)};
    const LifeRecord& life = evidence.of(one.life);
    std::string why(one.unseen);
    if (one.needs_file && !evidence.has_file) why = "no --file";
    if (!why.empty()) {
        result.is_applicable = false;
    } else if (!evidence.is_over[static_cast<uint32_t>(one.life)]) {
        why = "the time was over before";
    } else if (life.subscribes.empty()) {
        why = "no SUBSCRIBE came";
    } else {
        why = one.of_first != nullptr ? one.of_first(life.subscribes.front()) : one.of_life(life);
    }
    if (!why.empty()) result.words.push_back(std::move(why));
    return result;
}

}  // namespace

uint32_t watch_ms_after(const LifeRecord& unanswered) {
    constexpr uint32_t enough = 4;
    if (unanswered.subscribes.size() < enough) return quiet_ms;
    const uint64_t needed_ms =
        unanswered.subscribes[enough - 1].at_ms - unanswered.subscribes.front().at_ms;
    return static_cast<uint32_t>(needed_ms + needed_ms / 4);
}

std::vector<CaseResult> judge(const Evidence& evidence) {
    std::vector<CaseResult> results = {judge_boots(evidence)};
    for (const Case& one : cases)
        results.push_back(judge_case(one, evidence));
    return results;
}

}  // namespace dialtone::sim::pnp
