// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sources.h"

#include <algorithm>
#include <utility>

#include "agent/discovery/static_server.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr SourceKind known[] = {SourceKind::pnp, SourceKind::dhcp, SourceKind::static_server,
                                SourceKind::acs};

// The numbers of the setting dhcp.options, whose form was checked when it was set.
std::vector<uint8_t> option_codes(std::string_view list) {
    std::vector<uint8_t> codes;
    uint32_t code = 0;
    for (const char c : list) {
        if (c == ',') {
            codes.push_back(static_cast<uint8_t>(code));
            code = 0;
        } else if (c >= '0' && c <= '9') {
            code = (code * 10 + static_cast<uint32_t>(c - '0')) & 0xff;
        }
    }
    if (code != 0) codes.push_back(static_cast<uint8_t>(code));
    return codes;
}

}  // namespace

Sources::Sources(RequestIds& ids, PhoneFacts& phone)
    : EngineBase(ids), phone_(phone), pnp_(ids), dhcp_(ids) {
    drives(pnp_);
    drives(dhcp_);
}

void Sources::handle(Instant now, const Event& event) {
    pnp_.handle(now, event);
    dhcp_.handle(now, event);
    if (acs_asked_ && acs_due_ <= now) acs_is_slow_ = true;
}

std::optional<Instant> Sources::deadline() const {
    const auto due = earlier(pnp_.deadline(), dhcp_.deadline());
    return acs_asked_ && !acs_is_slow_ ? earlier(due, acs_due_) : due;
}

std::vector<SourceKind> Sources::chain(SourceKind only) const {
    std::vector<SourceKind> chain;
    std::string_view order = phone_.settings.get(Setting::order);
    while (!order.empty()) {
        const auto comma = order.find(',');
        const std::string_view word = order.substr(0, comma);
        order = comma == std::string_view::npos ? "" : order.substr(comma + 1);
        const auto kind = std::ranges::find(known, word, source_name);
        if (kind != std::end(known) && (only == SourceKind::none || only == *kind))
            chain.push_back(*kind);
    }
    return chain;
}

std::string_view Sources::why_not_asked(SourceKind kind) const {
    const Settings& settings = phone_.settings;
    switch (kind) {
        case SourceKind::pnp:
            return settings.flag(Setting::pnp_enabled) ? "" : "pnp.enabled is 0";
        case SourceKind::dhcp:
            if (settings.get(Setting::network_mode) == "static") return "network.mode is static";
            return settings.flag(Setting::dhcp_enabled) ? "" : "dhcp.enabled is 0";
        case SourceKind::acs:
            if (!phone_.speaks_cwmp) return "this build has no TR-069";
            if (!settings.flag(Setting::tr069_enabled)) return "tr069.enabled is 0";
            return acs_.contact == AcsContact::none ? "no ACS is known" : "";
        default:
            if (settings.get(Setting::static_mode) == "off") return "static.mode is off";
            return static_server_urls(settings).empty()
                       ? "neither static.url nor static.server is set"
                       : "";
    }
}

// --- the questions -------------------------------------------------------------------------------

void Sources::begin(Instant now, std::span<const SourceKind> chain) {
    static_asked_ = acs_asked_ = false;
    const bool in_chain = std::ranges::find(chain, SourceKind::dhcp) != chain.end();
    if (in_chain && why_not_asked(SourceKind::dhcp).empty()) ask_dhcp(now);
}

void Sources::ask(Instant now, SourceKind kind, bool is_new) {
    static_asked_ = kind == SourceKind::static_server;
    acs_asked_ = kind == SourceKind::acs;
    acs_is_slow_ = false;
    acs_due_ = now + limits::acs_source_ms;
    if (kind == SourceKind::pnp) ask_pnp(now, is_new);
}

void Sources::ask_pnp(Instant now, bool is_new) {
    const Settings& settings = phone_.settings;
    PnpRequest request;
    request.profile = phone_.profile;
    request.identity = phone_.identity;
    request.own_address = phone_.address;
    request.server = settings.get(Setting::pnp_server);
    request.server_port = static_cast<uint16_t>(settings.number(Setting::pnp_port));
    request.transport =
        settings.get(Setting::pnp_transport) == "tcp" ? PnpTransport::tcp : PnpTransport::udp;
    request.port = is_new ? static_cast<uint16_t>(settings.number(Setting::sip_port)) : 0;
    request.listen_s = is_new ? settings.number(Setting::pnp_listen) * 60 : 0;
    request.is_new = is_new;
    request.user = settings.get(Setting::provision_user);
    request.password = settings.get(Setting::provision_password);
    pnp_.start(now, std::move(request), phone_.rng);
}

void Sources::ask_dhcp(Instant now) {
    const Settings& settings = phone_.settings;
    DhcpRequest request;
    request.profile = phone_.profile;
    request.identity = phone_.identity;
    request.own_address = phone_.address;
    request.options = option_codes(settings.get(Setting::dhcp_options));
    request.vendor_class = fill_template(settings.get(Setting::dhcp_vendor_class), phone_.identity);
    const Layer named_by = settings.layer_of(Setting::dhcp_vendor_class);
    request.has_usual_class = named_by == Layer::profile || named_by == Layer::initial;
    request.inform = settings.flag(Setting::dhcp_inform);
    request.sip_server = settings.flag(Setting::dhcp_sip_server);
    request.speaks_cwmp = speaks_cwmp();
    dhcp_.start(now, std::move(request), phone_.rng);
}

// Whether DHCP may name the phone's ACS.
bool Sources::speaks_cwmp() const {
    const Settings& settings = phone_.settings;
    return phone_.speaks_cwmp && settings.flag(Setting::tr069_enabled) &&
           settings.flag(Setting::tr069_dhcp);
}

bool Sources::wants_acs() const {
    return speaks_cwmp() && phone_.settings.get(Setting::tr069_acs_url).empty();
}

void Sources::look_for_acs(Instant now) {
    if (wants_acs() && why_not_asked(SourceKind::dhcp).empty()) ask_dhcp(now);
}

void Sources::end_question(Instant now, SourceKind asked) {
    acs_asked_ = false;
    if (asked == SourceKind::pnp && !pnp_.ready()) pnp_.stop(now);
    if (!wants_acs()) dhcp_.stop(now);
}

void Sources::stop(Instant now) {
    acs_asked_ = false;
    pnp_.stop(now);
    dhcp_.stop(now);
}

// --- the answers ---------------------------------------------------------------------------------

bool Sources::ready(SourceKind kind) const {
    if (kind == SourceKind::static_server) return static_asked_;
    if (kind == SourceKind::acs)
        return acs_asked_ && (acs_is_slow_ || acs_.contact != AcsContact::awaited);
    return (kind == SourceKind::pnp && pnp_.ready()) || (kind == SourceKind::dhcp && dhcp_.ready());
}

SourceAnswer Sources::take_answer(SourceKind kind) {
    if (kind == SourceKind::pnp) return answer_of_pnp();
    if (kind == SourceKind::dhcp) return answer_of_dhcp();
    if (std::exchange(acs_asked_, false)) return answer_of_acs();
    static_asked_ = false;
    return answer_of_static_server();
}

SourceAnswer Sources::answer_of_pnp() {
    auto outcome = *pnp_.take_outcome();
    SourceAnswer answer{.named_by = std::move(outcome.from), .reason = std::move(outcome.reason)};
    for (std::string& url : outcome.urls)
        answer.urls.push_back({SourceKind::pnp, std::move(url)});
    return answer;
}

SourceAnswer Sources::answer_of_dhcp() {
    auto outcome = *dhcp_.take_outcome();
    sip_server_ = {true, std::move(outcome.sip_server)};
    for (const std::string& remark : outcome.remarks)
        journal(line(JournalKind::source_remark)
                    .with("source", source_name(SourceKind::dhcp))
                    .with("reason", remark));
    SourceAnswer answer{.reason = std::move(outcome.reason)};
    if (outcome.servers.empty()) return answer;
    answer.named_by = "option " + outcome.servers.front().option + " of " + outcome.from;
    for (DhcpServer& server : outcome.servers)
        answer.urls.push_back({SourceKind::dhcp, std::move(server.url)});
    return answer;
}

SourceAnswer Sources::answer_of_acs() const {
    SourceAnswer answer{.named_by = acs_.shown_url, .reason = acs_.reason};
    if (acs_.contact == AcsContact::awaited)
        answer.reason =
            "its session is not over after " + std::to_string(limits::acs_source_ms / 1000) + " s";
    if (acs_.contact == AcsContact::none) answer.reason = "no ACS is known any more";
    answer.is_managed = acs_.contact == AcsContact::well;
    return answer;
}

SourceAnswer Sources::answer_of_static_server() const {
    SourceAnswer answer;
    for (std::string& url : static_server_urls(phone_.settings))
        answer.urls.push_back({SourceKind::static_server, std::move(url)});
    return answer;
}

}  // namespace dialtone
