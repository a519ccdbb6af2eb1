// SPDX-License-Identifier: Apache-2.0
//
// Whom the phone asks: the kinds of pass, the chain of sources in the order of the settings, and
// the URLs each source names, one after the other.
#include <algorithm>

#include "agent/agent_state.h"
#include "agent/discovery/static_server.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr std::string_view pass_words(PassKind pass) {
    constexpr std::string_view words[] = {
        "the sources are asked in their order",
        "the configuration is new: its server is asked once more",
        "the configuration is on trial: its server is asked",
        "the previous configuration is back: its server is asked",
        "a server has named an address by itself",
    };
    return words[static_cast<uint32_t>(pass)];
}

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

// --- a pass --------------------------------------------------------------------------------------

void AgentState::begin_pass() {
    due_.reset();
    tries_ = 0;
    asked_ = SourceKind::none;
    candidate_ = 0;
    candidates_.clear();
    chain_.clear();
    chain_at_ = 0;
    chain_failed_hard_ = false;
    chain_unreachable_ = false;
    const bool after_apply =
        reset_cause_ == ResetCause::provisioning_reboot || applies_in_a_row_ > 0;
    if (record_.trial == TrialState::trying) {
        pass_ = PassKind::trial;
        if (!trial_due_) begin_trial();  // without a start in between, nobody else has
    } else if (record_.trial == TrialState::returning) {
        pass_ = PassKind::returning;
    } else {
        pass_ = after_apply && !passed_once_ ? PassKind::second : PassKind::chain;
    }
    if (pass_ != PassKind::chain && active_.source.url.empty()) pass_ = PassKind::chain;
    journal(line(JournalKind::pass_begins).with("reason", pass_words(pass_)));
    if (pass_ == PassKind::chain) {
        start_chain();
        return cue(LifeCue::next_source);
    }
    candidates_.push_back(active_.source);
    verdict_ = pass_ == PassKind::second ? Verdict::provisioned : Verdict::not_applied;
    verdict_why_ = "no server has answered since the configuration was applied";
    cue(LifeCue::source_over);
}

// Sources that this build does not have, and those that are switched off, are passed over.
void AgentState::start_chain() {
    verdict_ = Verdict::no_source;
    verdict_why_ = "no source of the chain gave an address";
    std::string_view order = settings_.get(Setting::order);
    while (!order.empty()) {
        const auto comma = order.find(',');
        const std::string_view word = order.substr(0, comma);
        order = comma == std::string_view::npos ? "" : order.substr(comma + 1);
        for (const SourceKind kind :
             {SourceKind::pnp, SourceKind::dhcp, SourceKind::static_server}) {
            if (word != source_name(kind)) continue;
            if (only_source_ == SourceKind::none || only_source_ == kind) chain_.push_back(kind);
        }
    }
    only_source_ = SourceKind::none;
    // DHCP is asked first, wherever it stands, so that its answer comes while others are waited
    // for.
    const bool in_chain = std::find(chain_.begin(), chain_.end(), SourceKind::dhcp) != chain_.end();
    if (in_chain && why_not_asked(SourceKind::dhcp).empty()) ask_dhcp();
}

// Why a source of the chain has nothing to say; empty when it can be asked.
std::string_view AgentState::why_not_asked(SourceKind kind) const {
    switch (kind) {
        case SourceKind::pnp:
            return settings_.flag(Setting::pnp_enabled) ? "" : "pnp.enabled is 0";
        case SourceKind::dhcp:
            if (settings_.get(Setting::network_mode) == "static") return "network.mode is static";
            return settings_.flag(Setting::dhcp_enabled) ? "" : "dhcp.enabled is 0";
        default:
            if (settings_.get(Setting::static_mode) == "off") return "static.mode is off";
            return static_server_urls(settings_).empty()
                       ? "neither static.url nor static.server is set"
                       : "";
    }
}

// --- a source ------------------------------------------------------------------------------------

void AgentState::ask_source() {
    tries_ = 0;
    candidate_ = 0;
    candidates_.clear();
    if (chain_at_ >= chain_.size()) return end_chain();
    asked_ = chain_[chain_at_++];
    const std::string_view why_not = why_not_asked(asked_);
    journal(line(JournalKind::source_asked).with("source", source_name(asked_)));
    if (!why_not.empty()) {
        source_is_silent(why_not);
        return cue(LifeCue::next_source);
    }
    if (asked_ == SourceKind::pnp) ask_pnp();
    if (asked_ == SourceKind::static_server) cue(LifeCue::source_over);
}

// Before the phone is provisioned it holds the SIP port and listens for late answers; afterwards
// the port belongs to the phone's SIP stack, and the question goes out from another one.
void AgentState::ask_pnp() {
    const bool is_new = active_.source.url.empty();
    PnpRequest request;
    request.profile = options_.profile;
    request.identity = options_.identity;
    request.own_address = address_;
    request.server = settings_.get(Setting::pnp_server);
    request.server_port = static_cast<uint16_t>(settings_.number(Setting::pnp_port));
    request.transport =
        settings_.get(Setting::pnp_transport) == "tcp" ? PnpTransport::tcp : PnpTransport::udp;
    request.port = is_new ? static_cast<uint16_t>(settings_.number(Setting::sip_port)) : 0;
    request.listen_s = is_new ? settings_.number(Setting::pnp_listen) * 60 : 0;
    request.user = settings_.get(Setting::provision_user);
    request.password = settings_.get(Setting::provision_password);
    pnp_.start(now_, std::move(request), rng_);
}

void AgentState::ask_dhcp() {
    DhcpRequest request;
    request.profile = options_.profile;
    request.identity = options_.identity;
    request.own_address = address_;
    request.options = option_codes(settings_.get(Setting::dhcp_options));
    request.vendor_class =
        fill_template(settings_.get(Setting::dhcp_vendor_class), options_.identity);
    request.inform = settings_.flag(Setting::dhcp_inform);
    request.sip_server = settings_.flag(Setting::dhcp_sip_server);
    dhcp_.start(now_, std::move(request), rng_);
}

bool AgentState::source_ready() const {
    return (asked_ == SourceKind::pnp && pnp_.ready()) ||
           (asked_ == SourceKind::dhcp && dhcp_.ready());
}

void AgentState::use_source() {
    switch (asked_) {
        case SourceKind::pnp:
            use_pnp();
            break;
        case SourceKind::dhcp:
            use_dhcp();
            break;
        case SourceKind::static_server:
            for (const std::string& url : static_server_urls(settings_))
                candidates_.push_back({SourceKind::static_server, url});
            break;
        default:  // the pass has a server of its own to ask
            break;
    }
    if (candidates_.empty()) return cue(LifeCue::next_source);
    ask_candidate();
}

void AgentState::use_pnp() {
    const auto outcome = pnp_.take_outcome();
    if (!outcome || outcome->urls.empty())
        return source_is_silent(outcome ? outcome->reason : "it was not asked");
    named_by_ = outcome->from;
    for (const std::string& url : outcome->urls)
        candidates_.push_back({SourceKind::pnp, url});
}

void AgentState::use_dhcp() {
    const auto outcome = dhcp_.take_outcome();
    if (!outcome) return source_is_silent("it was not asked");
    sip_server_ = outcome->sip_server;
    sip_server_known_ = true;
    for (const std::string& remark : outcome->remarks)
        journal(line(JournalKind::source_remark)
                    .with("source", source_name(SourceKind::dhcp))
                    .with("reason", remark));
    if (outcome->servers.empty()) return source_is_silent(outcome->reason);
    named_by_ = "option " + outcome->servers.front().option + " of " + outcome->from;
    for (const DhcpServer& server : outcome->servers)
        candidates_.push_back({SourceKind::dhcp, server.url});
}

void AgentState::source_is_silent(std::string_view reason) {
    journal(line(JournalKind::source_silent)
                .with("source", source_name(asked_))
                .with("reason", reason)
                .with("next", "the chain goes on"));
}

// A server has named URLs without being asked just now.
void AgentState::use_named() {
    Wish wish = std::move(*wish_);
    wish_.reset();
    begin_wish();
    due_.reset();
    if (asked_ == SourceKind::pnp && !pnp_.ready()) pnp_.stop(now_);
    dhcp_.stop(now_);
    pass_ = PassKind::named;
    asked_ = SourceKind::none;
    named_by_ = wish.from;
    chain_.clear();
    chain_at_ = 0;
    tries_ = 0;
    candidate_ = 0;
    candidates_.clear();
    for (std::string& url : wish.urls)
        candidates_.push_back({SourceKind::pnp, std::move(url)});
    journal(line(JournalKind::pass_begins).with("reason", pass_words(pass_)));
    ask_candidate();
}

// --- a URL ---------------------------------------------------------------------------------------

void AgentState::ask_again() {
    due_.reset();
    if (candidate_ >= candidates_.size()) return begin_pass();
    ask_candidate();
}

void AgentState::ask_candidate() {
    run_ = {};
    const Source& source = candidates_[candidate_];
    run_.source = source;
    if (verdict_ == Verdict::no_source) {
        verdict_ = Verdict::not_applied;  // until the plan has its own verdict
        verdict_why_ = masked_url(source.url, default_scheme()) + " has not answered yet";
    }
    if (tries_ == 0)
        journal(line(JournalKind::source_url)
                    .with("source", source_name(source.kind))
                    .with("url", masked_url(source.url, default_scheme()))
                    .with("server", asked_ == SourceKind::static_server ? "" : named_by_));
    run_.draft = active_;
    run_.settings = settings_;
    if (const auto urls = static_server_urls(run_.settings); !urls.empty())
        run_.static_url = urls.front();
    auto plan =
        make_plan(source.url, default_scheme(), *options_.profile, options_.identity, plan_names());
    if (!plan) return settle_plan(PlanVerdict::refused, plan.error().detail);
    begin_plan(std::move(*plan));
}

void AgentState::try_next_url() {
    tries_ = 0;
    ++candidate_;
    if (candidate_ < candidates_.size()) {
        journal(line(JournalKind::source_next)
                    .with("source", source_name(candidates_[candidate_].kind)));
        return ask_candidate();
    }
    cue(of_chain() ? LifeCue::next_source : LifeCue::rest);
}

// A phone without a configuration never gives up while somebody may still name a server; one that
// has a configuration asks again only where an answer may still come.
void AgentState::end_chain() {
    // The predecessor came from an operator: it has no server of its own, and nobody else answered.
    if (record_.trial == TrialState::returning) return cue(LifeCue::trial_over);
    const bool someone_to_ask = chain_failed_hard_ || verdict_ != Verdict::no_source ||
                                std::any_of(chain_.begin(), chain_.end(), [this](SourceKind kind) {
                                    return why_not_asked(kind).empty();
                                });
    const bool worth_it = active_.number == 0 || chain_unreachable_;
    const bool again = !options_.once && someone_to_ask && worth_it;
    journal(
        line(JournalKind::nothing_found).with("next", again ? "the chain begins again later" : ""));
    cue(again ? LifeCue::wait : LifeCue::rest);
}

}  // namespace dialtone
