// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/dhcp.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "agent/discovery/dhcp_message.h"
#include "agent/discovery/dhcp_value.h"
#include "agent/limits.h"
#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = DhcpState;
using C = DhcpCue;
using A = DhcpAction;

constexpr uint32_t talking = in(S::asking, S::collecting);
constexpr uint32_t busy_states = in(S::awaiting_lease, S::asking, S::collecting);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states               cue                      action             next
    {all_states<S>(),       C::start_with_server,    A::report,         S::idle},
    {all_states<S>(),       C::start_with_inform,    A::ask,            S::asking},
    {all_states<S>(),       C::start_waiting,        A::wait_for_lease, S::awaiting_lease},
    {all_states<S>(),       C::start_in_vain,        A::report,         S::idle},

    {busy_states,           C::lease_with_server,    A::report,         S::idle},
    {in(S::awaiting_lease), C::lease_without,        A::report,         S::idle},
    {in(S::awaiting_lease), C::lease_of_other_class, A::report,         S::idle},
    {talking,               C::lease_of_other_class, A::ask_anew,       S::asking},

    {talking,               C::best_answer,          A::report,         S::idle},
    {in(S::asking),         C::answer,               A::collect,        S::collecting},

    {in(S::asking),         C::socket_failed,        A::wait_for_lease, S::awaiting_lease},
    {in(S::collecting),     C::socket_failed,        A::report,         S::idle},

    {in(S::asking),         C::wait_over,            A::ask_again,      S::asking},
    {busy_states,           C::time_up,              A::report,         S::idle},

    {busy_states,           C::stop,                 A::cancel,         S::idle},
};
// clang-format on
constexpr auto table =
    completed(rows, C::lease_with_server, C::lease_without, C::lease_of_other_class, C::best_answer,
              C::answer, C::noise, C::socket_failed, C::wait_over, C::time_up, C::stop);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "awaiting lease", "asking", "collecting"};
constexpr std::string_view cue_names[] = {"start with server",
                                          "start with inform",
                                          "start waiting",
                                          "start in vain",
                                          "lease with server",
                                          "lease without",
                                          "lease of other class",
                                          "best answer",
                                          "answer",
                                          "noise",
                                          "socket failed",
                                          "wait over",
                                          "time up",
                                          "stop"};
constexpr std::string_view action_names[] = {"nothing",  "wait for lease", "ask",    "ask again",
                                             "ask anew", "collect",        "report", "cancel"};
constexpr TableView view = table_view({.name = "dhcp",
                                       .title = "DHCP: the options that name a server",
                                       .about = "`agent/discovery/dhcp.cpp`."},
                                      table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

constexpr uint16_t client_port = 68;
constexpr uint16_t server_port = 67;
constexpr Address everybody = {{255, 255, 255, 255}, 4};
constexpr std::string_view lease_words = "the lease";
// The default of dhcp.options, for leases that arrive before the first start().
constexpr uint8_t usual_options[] = {dhcp_tftp_server_name, dhcp_vendor_information};

// An option of a lease, kept.
struct KeptOption {
    bool ipv6 = false;
    uint16_t code = 0;
    std::vector<uint8_t> value = {};
};

// What the options of a lease or an answer say about servers.
struct Shown {
    std::vector<DhcpServer> servers = {};
    std::string sip_server = {};
    std::vector<std::string> remarks = {};

    bool same_servers(const Shown& other) const {
        return servers == other.servers && sip_server == other.sip_server;
    }
};

struct Answer {
    Address server = {};
    Shown shown = {};
};

void add_remark(std::vector<std::string>& remarks, std::string remark) {
    if (remarks.size() < limits::dhcp_remarks &&
        std::find(remarks.begin(), remarks.end(), remark) == remarks.end())
        remarks.push_back(std::move(remark));
}

void add_server(std::vector<DhcpServer>& servers, DhcpServer server) {
    const bool known =
        std::any_of(servers.begin(), servers.end(),
                    [&server](const DhcpServer& one) { return one.url == server.url; });
    if (!known && servers.size() < limits::dhcp_urls) servers.push_back(std::move(server));
}

const LeaseOption* find_option(std::span<const LeaseOption> options, bool ipv6, uint16_t code) {
    const auto place = std::find_if(options.begin(), options.end(), [&](const LeaseOption& one) {
        return one.ipv6 == ipv6 && one.code == code;
    });
    return place == options.end() ? nullptr : &*place;
}

// Reads one option of `whose` ("the lease", "192.0.2.1's answer") into `shown`.
void read_option(const DhcpRequest& request, const LeaseOption& option, std::string_view whose,
                 bool from_client, Shown& shown) {
    const std::string name = dhcp_option_name(option.ipv6, option.code);
    const auto remark = [&](std::string_view words) {
        add_remark(shown.remarks,
                   "option " + name + " of " + std::string(whose) + " " + std::string(words));
    };
    if (from_client && was_mangled_by_client(option.ipv6, option.code, option.value))
        return remark("is there, but the phone's DHCP client hands over the word 'bad' for it");
    auto servers = servers_of_option(option.ipv6, option.code, option.value, request.speaks_cwmp);
    if (!servers) return remark(servers.error().detail);
    if (!servers->remark.empty()) remark(servers->remark);
    for (std::string& url : servers->servers)
        add_server(shown.servers, {std::move(url), name});
}

Shown read_options(const DhcpRequest& request, std::span<const LeaseOption> options,
                   std::string_view whose, bool from_client) {
    Shown shown;
    for (const uint8_t code : request.options) {
        if (code == vendor_identifying_code) continue;  // it names an ACS, or nobody
        const LeaseOption* option = find_option(options, false, code);
        if (option != nullptr) read_option(request, *option, whose, from_client, shown);
    }
    if (const LeaseOption* option = find_option(options, true, dhcp_bootfile_url_v6))
        read_option(request, *option, whose, from_client, shown);
    const LeaseOption* sip = find_option(options, false, dhcp_sip_servers);
    if (!request.sip_server || sip == nullptr) return shown;
    auto server = sip_server_of_option(sip->value);
    if (server) shown.sip_server = std::move(server->servers.front());
    const std::string_view words = server ? server->remark : server.error().detail;
    if (!words.empty())
        add_remark(shown.remarks, "option 120 of " + std::string(whose) + " " + std::string(words));
    return shown;
}

// The parameter request list: the profile's, then what may name a server, each code once.
std::vector<uint8_t> requested_codes(const DhcpRequest& request) {
    std::vector<uint8_t> codes;
    const auto add = [&codes](uint8_t code) {
        if (code == dhcp_pad || code == dhcp_end) return;
        if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
    };
    if (request.profile != nullptr) {
        for (const uint8_t code : request.profile->dhcp.requested)
            add(code);
    }
    for (const uint8_t code : request.options)
        add(code);
    if (request.sip_server) add(dhcp_sip_servers);
    if (request.speaks_cwmp) add(vendor_information_code);
    return codes;
}

VendorOptions vendor_options_of(std::span<const LeaseOption> options) {
    VendorOptions found;
    const auto take = [options](bool ipv6, uint16_t code, std::vector<uint8_t>& value) {
        const LeaseOption* option = find_option(options, ipv6, code);
        if (option == nullptr || option->value.size() > limits::dhcp_option_bytes) return;
        value.assign(option->value.begin(), option->value.end());
    };
    take(false, vendor_information_code, found.information);
    take(false, vendor_identifying_code, found.identifying);
    take(true, vendor_identifying_code_v6, found.identifying_v6);
    return found;
}

// "option 66", "options 66 and 43", "options 160, 66 and 43".
std::string options_in_words(const std::vector<uint8_t>& options) {
    std::string words = options.size() == 1 ? "option " : "options ";
    for (uint32_t i = 0; i < options.size(); ++i) {
        if (i > 0) words += i + 1 == options.size() ? " and " : ", ";
        words += std::to_string(options[i]);
    }
    return options.empty() ? "any option" : words;
}

}  // namespace

class Dhcp::Inside {
  public:
    explicit Inside(Dhcp& engine) : engine_(engine) {
        request_.options.assign(std::begin(usual_options), std::end(usual_options));
    }

    void start(Instant now, DhcpRequest request, Rng& rng);
    void stop(Instant now) { step(now, C::stop); }
    void handle(Instant now, const Event& event);
    std::optional<Instant> deadline() const;
    bool take_changed() { return std::exchange(changed_, false); }
    bool take_renewed() { return std::exchange(renewed_, false); }
    const VendorOptions& vendor_options() const { return vendor_; }

  private:
    void step(Instant now, DhcpCue cue);
    void act(Instant now, DhcpAction action);
    void ask(Instant now);
    void ask_anew(Instant now);
    std::string_view vendor_class() const;
    void report();
    void close_socket();
    void take_lease(Instant now, const Lease& lease);
    void keep_lease(std::span<const LeaseOption> options);
    void take_vendor_options(std::span<const LeaseOption> options, std::string from);
    Shown shown_by_lease() const;
    bool is_news(const Shown& shown) const;
    bool can_ask() const { return request_.inform && request_.own_address.octet_count == 4; }
    DhcpCue judge_start() const;
    DhcpCue judge(const DatagramIn& datagram);
    DhcpCue judge_socket_failure(Instant now) const;
    void merge_answers(DhcpOutcome& outcome) const;
    std::string reason() const;
    std::string reason_of_inform() const;

    Dhcp& engine_;  // that it is inside of: whose effects and outcome these are
    DhcpState state_ = DhcpState::idle;
    DhcpRequest request_ = {};
    RequestId socket_ = 0;
    uint32_t xid_ = 0;
    uint32_t tries_ = 0;
    Instant started_ = {};
    Instant due_ = {};

    std::vector<KeptOption> lease_ = {};  // of the newest lease, also after it was lost
    std::string client_class_ = {};       // that its client has named, bounded
    std::string asked_class_ = {};        // in the question
    bool lease_seen_ = false;             // and not lost since
    bool base_known_ = false;             // a lease before, or a start(), to compare with
    Shown shown_ = {};                    // by lease_
    bool changed_ = false;
    bool renewed_ = false;
    VendorOptions vendor_ = {};
    bool vendor_answered_ = false;  // by an answer to this question

    std::vector<Answer> answers_ = {};
    std::vector<std::string> remarks_ = {};  // about answers
    bool unreadable_ = false;                // an answer could not be read
    std::string socket_reason_ = {};

    std::vector<DhcpServer> told_ = {};  // in the last outcome
    std::string told_sip_server_ = {};
};

void Dhcp::Inside::start(Instant now, DhcpRequest request, Rng& rng) {
    step(now, C::stop);
    request_ = std::move(request);
    answers_.clear();
    remarks_.clear();
    unreadable_ = false;
    socket_reason_.clear();
    engine_.forget_outcome();
    vendor_answered_ = false;
    tries_ = 0;
    xid_ = static_cast<uint32_t>(rng.next());
    started_ = now;
    shown_ = shown_by_lease();
    base_known_ = true;
    changed_ = renewed_ = false;
    step(now, judge_start());
}

DhcpCue Dhcp::Inside::judge_start() const {
    if (lease_seen_ && !shown_.servers.empty()) return C::start_with_server;
    if (can_ask()) return C::start_with_inform;
    return lease_seen_ ? C::start_in_vain : C::start_waiting;
}

void Dhcp::Inside::handle(Instant now, const Event& event) {
    if (const auto* lease = std::get_if<Lease>(&event)) take_lease(now, *lease);
    if (const auto* datagram = std::get_if<DatagramIn>(&event);
        datagram && socket_ != 0 && datagram->socket == socket_)
        step(now, judge(*datagram));
    if (const auto* failed = std::get_if<SocketFailed>(&event);
        failed && socket_ != 0 && failed->socket == socket_) {
        socket_ = 0;  // the world has closed it
        socket_reason_ = failed->reason;
        step(now, judge_socket_failure(now));
    }
    if (const auto due = deadline(); due && *due <= now) {
        const bool again = state_ == S::asking && tries_ < limits::dhcp_inform_tries;
        step(now, again ? C::wait_over : C::time_up);
    }
}

// When the socket fails, a lease may still arrive until limits::dhcp_lease_wait_ms are over.
DhcpCue Dhcp::Inside::judge_socket_failure(Instant now) const {
    const bool may_come = !lease_seen_ && now < started_ + limits::dhcp_lease_wait_ms;
    return state_ == S::asking && !may_come ? C::time_up : C::socket_failed;
}

std::optional<Instant> Dhcp::Inside::deadline() const {
    if (state_ == S::idle) return std::nullopt;
    return due_;
}

void Dhcp::Inside::step(Instant now, DhcpCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void Dhcp::Inside::act(Instant now, DhcpAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::wait_for_lease:
            due_ = started_ + limits::dhcp_lease_wait_ms;
            return;
        case A::ask:
            socket_ = engine_.new_id();
            engine_.emit(OpenSocket{socket_, 4, SocketKind::dhcp, client_port});
            return ask(now);
        case A::ask_again:
            return ask(now);
        case A::ask_anew:
            return ask_anew(now);
        case A::collect:
            due_ = now + limits::dhcp_collect_ms;
            return;
        case A::report:
            return report();
        case A::cancel:
            return close_socket();
    }
}

void Dhcp::Inside::ask(Instant now) {
    ++tries_;
    due_ = now + limits::dhcp_inform_wait_ms;
    const std::vector<uint8_t> codes = requested_codes(request_);
    DhcpInform inform = {.mac = request_.identity.mac};
    inform.xid = xid_;
    inform.seconds = static_cast<uint16_t>(now.since(started_) / 1'000);
    inform.own_address = request_.own_address;
    inform.requested = codes;
    inform.vendor_class = asked_class_ = vendor_class();
    std::vector<uint8_t> identity;
    if (request_.speaks_cwmp) identity = own_vendor_option(request_.identity);
    inform.vendor_identity = identity;
    if (request_.profile != nullptr) inform.message_bytes = request_.profile->dhcp.message_bytes;
    engine_.emit(DatagramOut{socket_, everybody, server_port, dhcp_inform(inform)});
}

// What was answered to the question before does not count.
void Dhcp::Inside::ask_anew(Instant now) {
    answers_.clear();
    vendor_answered_ = false;
    tries_ = 0;
    ++xid_;
    ask(now);
}

std::string_view Dhcp::Inside::vendor_class() const {
    return request_.has_usual_class && !client_class_.empty() ? client_class_
                                                              : request_.vendor_class;
}

void Dhcp::Inside::close_socket() {
    if (socket_ != 0) engine_.emit(CloseSocket{std::exchange(socket_, 0)});
}

// --- the lease -----------------------------------------------------------------------------------

void Dhcp::Inside::take_lease(Instant now, const Lease& lease) {
    if (lease.news == LeaseNews::lost) {
        lease_seen_ = false;
        return;
    }
    if (lease.news == LeaseNews::renewed) renewed_ = true;
    keep_lease(lease.options);
    take_vendor_options(lease.options, std::string(lease_words));
    client_class_ = lease.vendor_class.substr(0, limits::dhcp_vendor_class_bytes);
    lease_seen_ = true;
    Shown shown = shown_by_lease();
    const bool news = state_ == S::idle && base_known_ && is_news(shown);
    if (news) changed_ = true;
    base_known_ = true;
    shown_ = std::move(shown);
    const bool is_of_other_class = vendor_class() != asked_class_;
    step(now, !shown_.servers.empty() ? C::lease_with_server
              : is_of_other_class     ? C::lease_of_other_class
                                      : C::lease_without);
}

void Dhcp::Inside::keep_lease(std::span<const LeaseOption> options) {
    lease_.clear();
    for (const LeaseOption& option : options) {
        if (lease_.size() == limits::lease_options) return;
        // A longer value is kept to one byte over the bound, so that its reader refuses it.
        const auto value =
            option.value.first(std::min<size_t>(option.value.size(), limits::url_bytes + 1));
        lease_.push_back({option.ipv6, option.code, {value.begin(), value.end()}});
    }
}

// A lease without any takes back what one before it said, and nothing else.
void Dhcp::Inside::take_vendor_options(std::span<const LeaseOption> options, std::string from) {
    VendorOptions found = vendor_options_of(options);
    if (found.empty() && vendor_.from != from) return;
    vendor_answered_ = !found.empty() && from != lease_words;
    vendor_ = std::move(found);
    if (!vendor_.empty()) vendor_.from = std::move(from);
}

Shown Dhcp::Inside::shown_by_lease() const {
    std::vector<LeaseOption> options;
    options.reserve(lease_.size());
    for (const KeptOption& one : lease_)
        options.push_back({one.ipv6, one.code, one.value});
    return read_options(request_, options, lease_words, true);
}

// Whether a lease names other servers than the lease before it and than the last outcome.
bool Dhcp::Inside::is_news(const Shown& shown) const {
    if (shown.same_servers(shown_)) return false;
    const bool told =
        std::all_of(shown.servers.begin(), shown.servers.end(), [this](const DhcpServer& server) {
            return std::find(told_.begin(), told_.end(), server) != told_.end();
        });
    return shown.servers.empty() || !told || shown.sip_server != told_sip_server_;
}

// --- answers -------------------------------------------------------------------------------------

DhcpCue Dhcp::Inside::judge(const DatagramIn& datagram) {
    if (!answers_dhcp(datagram.bytes, xid_, request_.identity.mac)) return C::noise;
    const auto reply = read_dhcp_reply(datagram.bytes);
    if (!reply) {
        unreadable_ = true;
        add_remark(remarks_, "an answer of " + address_text(datagram.from) +
                                 " to DHCPINFORM cannot be read: " + describe(reply.error()));
        return C::noise;
    }
    const Address server = reply->server.octet_count == 4 ? reply->server : datagram.from;
    if (reply->type == DhcpType::nak)
        add_remark(remarks_, address_text(server) + " refuses DHCPINFORM");
    if (reply->type != DhcpType::ack || answers_.size() == limits::dhcp_answers) return C::noise;
    const bool repeated = std::any_of(answers_.begin(), answers_.end(),
                                      [&](const Answer& one) { return one.server == server; });
    if (repeated) return C::noise;
    std::vector<LeaseOption> options;
    for (const DhcpOption& one : reply->options)
        options.push_back({false, one.code, one.value});
    Shown shown =
        read_options(request_, options, address_text(server) + "'s answer to DHCPINFORM", false);
    const bool best = !shown.servers.empty() && !request_.options.empty() &&
                      shown.servers.front().option == dhcp_option_name(false, request_.options[0]);
    answers_.push_back({server, std::move(shown)});
    if (!vendor_answered_ && vendor_.from != lease_words)
        take_vendor_options(options, address_text(server) + "'s answer to DHCPINFORM");
    return best ? C::best_answer : C::answer;
}

// --- the outcome ---------------------------------------------------------------------------------

void Dhcp::Inside::report() {
    close_socket();
    DhcpOutcome outcome;
    if (lease_seen_) {
        outcome.servers = shown_.servers;
        outcome.sip_server = shown_.sip_server;
        outcome.remarks = shown_.remarks;
        outcome.from = outcome.servers.empty() ? "" : lease_words;
    }
    if (outcome.servers.empty()) merge_answers(outcome);
    if (outcome.servers.empty()) outcome.reason = reason();
    told_ = outcome.servers;
    told_sip_server_ = outcome.sip_server;
    engine_.finish(std::move(outcome));
}

// Servers in the order of the options; of one option, in the order of the answers.
void Dhcp::Inside::merge_answers(DhcpOutcome& outcome) const {
    for (const uint8_t code : request_.options) {
        for (const Answer& answer : answers_) {
            for (const DhcpServer& server : answer.shown.servers) {
                if (server.option != dhcp_option_name(false, code)) continue;
                if (outcome.from.empty())
                    outcome.from = address_text(answer.server) + "'s answer to DHCPINFORM";
                add_server(outcome.servers, server);
            }
        }
    }
    for (const Answer& answer : answers_) {
        if (outcome.sip_server.empty()) outcome.sip_server = answer.shown.sip_server;
        for (const std::string& remark : answer.shown.remarks)
            add_remark(outcome.remarks, remark);
    }
    for (const std::string& remark : remarks_)
        add_remark(outcome.remarks, remark);
}

std::string Dhcp::Inside::reason() const {
    const std::string wanted = options_in_words(request_.options);
    const std::string about_lease = !lease_seen_ ? "no DHCP lease was handed over"
                                    : shown_.remarks.empty()
                                        ? "the DHCP lease has no server in " + wanted
                                        : "the DHCP lease has no usable server in " + wanted;
    return about_lease + ", and " + reason_of_inform();
}

std::string Dhcp::Inside::reason_of_inform() const {
    if (!request_.inform) return "dhcp.inform is 0";
    if (!can_ask()) return "the phone has no IPv4 address to send DHCPINFORM from";
    if (!answers_.empty()) {
        std::string words = address_text(answers_.front().server);
        if (answers_.size() > 1) words += " and " + std::to_string(answers_.size() - 1) + " more";
        return words + " answered DHCPINFORM without one";
    }
    if (!socket_reason_.empty()) return "DHCPINFORM could not be sent: " + socket_reason_;
    return unreadable_ ? "no answer to DHCPINFORM could be read" : "nobody answered DHCPINFORM";
}

// --- the shell -----------------------------------------------------------------------------------

Dhcp::Dhcp(RequestIds& ids) : Engine(ids), inside_(std::make_unique<Inside>(*this)) {
}
Dhcp::~Dhcp() = default;

void Dhcp::start(Instant now, DhcpRequest request, Rng& rng) {
    inside_->start(now, std::move(request), rng);
}

void Dhcp::stop(Instant now) {
    inside_->stop(now);
}

void Dhcp::handle(Instant now, const Event& event) {
    inside_->handle(now, event);
}

std::optional<Instant> Dhcp::deadline() const {
    return inside_->deadline();
}

bool Dhcp::take_lease_changed() {
    return inside_->take_changed();
}

bool Dhcp::take_lease_renewed() {
    return inside_->take_renewed();
}

const VendorOptions& Dhcp::vendor_options() const {
    return inside_->vendor_options();
}

}  // namespace dialtone
