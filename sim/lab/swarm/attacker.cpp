// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/attacker.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "agent/transfer/plan.h"
#include "sim/lab/swarm/offered_files.h"
#include "sim/lab/swarm/scenario.h"
#include "sim/lab/vendor/vendor.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view by_address = "10.6.6.6";
constexpr std::string_view by_name = Attacker::host_name;
constexpr std::string_view file_key = "hush-mallorys-key";
constexpr std::string_view salted = "Salted__";
constexpr uint32_t block_bytes = 16;
constexpr uint32_t busy_urls = 4;

// One row for each Lure: how he is reached, and what his server asks for.
struct LureForm {
    std::string_view words;
    std::string_view scheme;
    std::string_view host;
    std::optional<Challenge> challenge = {};
    std::string_view userinfo = {};
};
constexpr LureForm lures[] = {
    {"http", "http://", by_address},
    {"http, asks for Basic", "http://", by_address, Challenge::basic},
    {"http, asks for Digest", "http://", by_address, Challenge::digest},
    {"ftp, asks for a user", "ftp://", by_address, Challenge::basic},
    {"https", "https://", by_name},
    {"a user of his own in the URL", "http://", by_address, Challenge::basic,
     "mallory:hush-mallory@"},
    {"an open redirect on the right server", "https://", by_name},
    {"four servers that are busy for an hour", "http://", by_address},
    {"a URL that nobody can be asked for", "ftp://", by_address},
};
static_assert(std::size(lures) == static_cast<uint32_t>(Lure::count_));

constexpr std::string_view forgery_words[] = {
    "a file of his",
    "a file that he has signed",
    "a file with another one's signature",
    "the first file of server 0",
    "another phone's file",
    "a file that sets user and password",
    "a file that sets a key to files",
    "a file that names him",
};
static_assert(std::size(forgery_words) == static_cast<uint32_t>(Forgery::count_));

constexpr WallSeconds told[] = {0, 2'272'147'200, 3'802'000'000, 1'600'000'000};
static_assert(std::size(told) == static_cast<uint32_t>(TimeLie::count_));

constexpr std::string_view time_words[] = {"", "the year 2042", "the year 2090", "the year 2020"};
constexpr std::string_view path_words[] = {"", "damages blocks of encrypted files",
                                           "plays the first files back"};

const LureForm& form_of(Lure lure) {
    return lures[static_cast<uint32_t>(lure)];
}

std::string_view origin_of(std::string_view url) {
    return url.substr(0, url.find('/', url.find("://") + 3));
}

}  // namespace

// --- how he is named -----------------------------------------------------------------------------

bool Attacker::owns(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == std::string_view::npos) return false;
    const std::string_view host = url.substr(begin + 3);
    return host.starts_with(by_address) || host.starts_with(by_name);
}

// A folder of his server, without userinfo.
std::string Attacker::url(std::string_view folder) const {
    const LureForm& form = form_of(scenario_.attack.lure);
    return std::string(form.scheme) + std::string(form.host) + "/" + std::string(folder) + "/";
}

// A folder of a server of the site that sends everybody on to where he wants. Empty: it has none.
std::string Attacker::door() const {
    const bool is_web = scenario_.servers[0].scheme.starts_with("http");
    const bool wanted = scenario_.attack.lure == Lure::redirect && is_web;
    return wanted ? scenario_.folder(0) + "go/" : "";
}

std::string Attacker::named() const {
    std::string out;
    if (scenario_.attack.lure == Lure::busy) {
        for (uint32_t i = 0; i < busy_urls; ++i)
            out += (i == 0 ? "" : "\r") + url("busy" + std::to_string(i));
        return out;
    }
    if (scenario_.attack.lure == Lure::impossible) return url("evil%0d%0aDELE%20x");
    out = door().empty() ? url("evil") : door();
    return out.insert(out.find("://") + 3, form_of(scenario_.attack.lure).userinfo);
}

// --- what he offers ------------------------------------------------------------------------------

FileSpec Attacker::file() const {
    const LabVendor& vendor = scenario_.vendor();
    FileSpec out{.mark = "evil"};
    switch (scenario_.attack.forgery) {
        case Forgery::signed_by_himself:
            out.key = &other_lab_key;
            break;
        case Forgery::first_file_kept:
            out = scenario_.servers[0].file;
            out.mark = "s0v0";
            out.serial = scenario_.serials && out.key != nullptr ? 1 : 0;
            break;
        case Forgery::file_of_another_phone:
            out.kind = FileKind::other_mac;
            out.key = &lab_key;
            break;
        case Forgery::sets_user:
            out.sets = {{vendor.user_key, std::string(user)},
                        {vendor.password_key, std::string(password)}};
            break;
        case Forgery::sets_file_key:
            out.sets = {{vendor.file_key, std::string(file_key)}};
            break;
        case Forgery::names_himself:
            out.sets = {{vendor.server_key, std::string(by_address) + "/evil"}};
            break;
        case Forgery::unsigned_file:
        case Forgery::signature_of_another_file:
        case Forgery::count_:
            break;
    }
    out.name = 0;
    return out;
}

std::vector<Attacker::OfferedFile> Attacker::files() const {
    const LabVendor& vendor = scenario_.vendor();
    FileSpec one = file();
    std::vector<OfferedFile> out;
    const auto offer = [&] {
        FileSet set = make_files(vendor, one);
        if (scenario_.attack.forgery == Forgery::signature_of_another_file)
            set.device_signature = lab_signature(lab_key, "another file");
        out.push_back({set.device_name, set.device, set.device_signature, one.mark});
    };
    const bool key_first = scenario_.attack.forgery == Forgery::sets_file_key && vendor.encrypts;
    if (!key_first) {
        offer();
        return out;
    }
    // The plain file is the one that the phone asks for first.
    one.name = 1;
    offer();
    one.name = 0;
    one.encrypted = true;
    one.password = file_key;
    offer();
    return out;
}

void Attacker::put_files() {
    const LureForm& form = form_of(scenario_.attack.lure);
    const auto put = [&](const std::string& url, Answer answer) {
        site_.web.put(url, std::move(answer));
        urls_.push_back(url);
    };
    Answer answer;
    answer.date = "Fri, 01 Jan 2038 00:00:00 GMT";
    if (form.challenge) {
        // He lets in whoever answers him, with whatever password.
        answer.challenge = *form.challenge;
        answer.user = form.userinfo.empty() ? lab_user : user;
        answer.password = form.userinfo.empty() ? lab_password : password;
    }
    const std::string folder = url("evil");
    put(folder, {.status = 404, .body = "no such file"});
    for (const OfferedFile& file : files()) {
        answer.body = file.body;
        put(folder + file.name, answer);
        answer.body = file.signature;
        if (!file.signature.empty()) put(signature_url(folder + file.name), answer);
        if (!door().empty())
            put(door() + file.name, {.status = 302, .location = folder + file.name});
    }
    for (uint32_t i = 0; i < busy_urls && scenario_.attack.lure == Lure::busy; ++i) {
        const std::string busy = url("busy" + std::to_string(i));
        for (const std::string_view name : scenario_.vendor().device_names)
            put(busy + std::string(name), {.status = 503, .retry_after = "3600"});
    }
    if (form.host == by_name)
        site_.web.put_server(std::string(origin_of(folder)),
                             {.certificate = Certificate{.names = {std::string(by_name)},
                                                         .from_s = certified_from_s}});
}

void Attacker::come() {
    if (here_) return;
    here_ = true;
    put_files();
    const std::string all = named();
    if (scenario_.attack.answers_subscribes) {
        const PbxKind* kind = find_pbx_kind("Connect");
        assert(kind != nullptr);
        site_.pbx.add_first(address, *kind, all);
    }
    if (!scenario_.attack.answers_informs) return;
    site_.dhcp.emplace(site_.dhcp.begin(), address);
    site_.dhcp.front().put(scenario_.dhcp_option, all.substr(0, all.find('\r')));
}

void Attacker::leave() {
    if (!here_) return;
    here_ = false;
    for (const std::string& url : urls_)
        site_.web.remove(url);
    urls_.clear();
    site_.pbx.remove(address);
    std::erase_if(site_.dhcp, [](const DhcpServer& one) { return one.address() == address; });
}

// --- what he forges ------------------------------------------------------------------------------

Attacker::Datagram Attacker::forged_notify(uint32_t detail) const {
    constexpr uint32_t kinds = static_cast<uint32_t>(ForgedNotify::count_);
    const Address from[] = {address, {{10, 0, 0, 30}, 4}, address_of_server(0)};
    const auto kind = static_cast<ForgedNotify>(detail % kinds);
    const Address& sender = from[detail / kinds % std::size(from)];
    const std::string host = address_text(sender);
    std::string body;
    if (kind == ForgedNotify::names_him) body = named();
    for (uint32_t i = 0; i < busy_urls && kind == ForgedNotify::names_four; ++i)
        body += "http://" + std::string(by_address) + "/busy" + std::to_string(i) + "/\r\n";
    std::string out =
        "NOTIFY sip:10.0.0.2:5060 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP " +
        host +
        ":5060;branch=z9hG4bK77\r\n"
        "From: <sip:" +
        host +
        ">;tag=77\r\n"
        "To: <sip:10.0.0.2>\r\n"
        "Call-ID: 77@" +
        host +
        "\r\n"
        "CSeq: 1 NOTIFY\r\n"
        "Event: ";
    out += kind == ForgedNotify::reboots  ? "check-sync;reboot=true"
           : kind == ForgedNotify::checks ? "check-sync"
                                          : "ua-profile";
    out += "\r\n";
    if (!body.empty()) out += "Content-Type: application/url\r\n";
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return {sender, out};
}

WallSeconds Attacker::told_time(WallSeconds true_wall_s) const {
    const bool lies = here_ && scenario_.attack.time != TimeLie::none;
    return lies ? told[static_cast<uint32_t>(scenario_.attack.time)] : true_wall_s;
}

void Attacker::alter_on_path(const StartTransfer& request, Web::Outcome& outcome) {
    const bool passes = request.url.starts_with("http:") && !owns(request.url);
    std::string& body = outcome.answer.body;
    const bool is_encrypted = body.starts_with(salted);
    const bool is_file = is_encrypted || vendor_of_file(body) != nullptr;
    if (!here_ || !passes || outcome.refused || outcome.answer.status != 200 || !is_file) return;
    switch (scenario_.attack.on_path) {
        case OnPath::damages_a_block:
            // A bit in one block, which makes another one of it, and turns that bit of the next.
            if (is_encrypted) body[body.size() / block_bytes / 2 * block_bytes] ^= 1;
            return;
        case OnPath::plays_back:
            body = recorded_.emplace(request.url, body).first->second;
            return;
        case OnPath::nothing:
        case OnPath::count_:
            return;
    }
}

// --- what is drawn -------------------------------------------------------------------------------

void draw_attack(Choice& choice, Scenario& scenario) {
    const auto below = [&choice](auto end) { return choice.pick(static_cast<uint32_t>(end)); };
    Attack& attack = scenario.attack;
    attack.lure = static_cast<Lure>(below(Lure::count_));
    attack.forgery = static_cast<Forgery>(below(Forgery::count_));
    attack.time = static_cast<TimeLie>(below(TimeLie::count_));
    attack.on_path = static_cast<OnPath>(below(OnPath::count_));
    attack.answers_subscribes = choice.flip(2);
    attack.answers_informs = choice.flip(2);
    attack.has_lease = scenario.lease_shown && choice.flip(3);
    if (!choice.flip(2)) return;
    ScheduledEvent coming{.kind = FaultKind::attacker, .detail = choice.pick(1U << 16)};
    const bool from_the_start = choice.flip(2);
    if (!from_the_start) coming.at_ms = choice.pick(static_cast<uint32_t>(scenario.faults_end_ms));
    scenario.events.push_back(coming);
    for (uint32_t forged = choice.pick(5); forged > 0; --forged)
        scenario.events.push_back(
            {coming.at_ms + choice.pick(120'000), FaultKind::sip_spoofed, choice.pick(1U << 16)});
}

std::string describe(const Attack& attack) {
    std::string out = "the attacker: " + std::string(form_of(attack.lure).words) + "; " +
                      std::string(forgery_words[static_cast<uint32_t>(attack.forgery)]);
    if (attack.time != TimeLie::none)
        out += "; says that it is " + std::string(time_words[static_cast<uint32_t>(attack.time)]);
    if (attack.on_path != OnPath::nothing)
        out += "; " + std::string(path_words[static_cast<uint32_t>(attack.on_path)]);
    if (attack.answers_subscribes) out += "; answers SUBSCRIBEs";
    if (attack.answers_informs) out += "; answers DHCPINFORMs";
    if (attack.has_lease) out += "; has the lease";
    return out + "\n";
}

}  // namespace dialtone::sim
