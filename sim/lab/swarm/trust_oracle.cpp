// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/trust_oracle.h"

#include <algorithm>
#include <utility>

#include "agent/transfer/url.h"

namespace dialtone::sim {
namespace {

std::string host_of(std::string_view url) {
    const auto parsed = parse_url(url, Scheme::http);
    return parsed ? std::string(parsed->host) : "";
}

bool is_site_password(const std::string& password) {
    return password == lab_password;
}

}  // namespace

// --- what he learns ------------------------------------------------------------------------------

// A password goes to the servers that it is meant for, and an answer to a Digest challenge may go
// to others.
std::string TrustOracle::check_request(const StartTransfer& request) const {
    if (!Attacker::owns(request.url) || !is_site_password(request.password)) return {};
    if (request.auth == AuthPolicy::none || request.auth == AuthPolicy::digest_only) return {};
    return "the attacker gets the phone's password: " + request.url;
}

void TrustOracle::note_answer(const StartTransfer& request, const Web::Outcome& outcome) {
    if (outcome.refused || !outcome.answer.tls_verified) return;
    floor_most_s_ = std::max(floor_most_s_, outcome.answer.valid_from_s);
    const bool is_his = Attacker::owns(request.url);
    if (!is_his) floor_most_s_ = std::max(floor_most_s_, lab_date_s);
    if (is_his && attacker_installed_) floor_most_s_ = std::max(floor_most_s_, Attacker::date_s);
}

void TrustOracle::note_line(const JournalLine& line) {
    if (line.kind == JournalKind::pass_begins) signed_urls_.clear();
    if (line.kind != JournalKind::file_read) return;
    std::string url;
    bool is_signed = false;
    for (const auto& [name, value] : line.fields) {
        if (name == "url") url = value;
        if (name == "signature") is_signed = !value.empty();
    }
    if (is_signed) signed_urls_.push_back(std::move(url));
}

bool TrustOracle::has_signature(const Generation& now, std::string_view file_name) const {
    return std::ranges::any_of(signed_urls_, [&](const std::string& url) {
        return host_of(url) == host_of(now.source.url) && url.contains(file_name);
    });
}

// --- what he changes -----------------------------------------------------------------------------

std::string TrustOracle::check_disk(const Record& record, const Generation& active,
                                    const std::vector<uint8_t>* bytes, bool disk_failed) {
    if (record.trust.floor_s > floor_most_s_)
        return "the floor of the clock is " + std::to_string(record.trust.floor_s) +
               ", and evidence says " + std::to_string(floor_most_s_);
    // A record that was never synced is taken back by the next power cut, with what it said.
    if (record.sequence < sequence_) pin_ = pin_before_;
    if (record.sequence != sequence_) pin_before_ = pin_;
    sequence_ = record.sequence;
    if (record.active == 0 || active.number == 0 || bytes == nullptr) {
        active_ = before_ = {};
        pin_ = disk_failed ? record.trust.pin : Pin{};
        keys_proven_ = true;
        return {};
    }
    std::string found;
    if (*bytes == before_.bytes) {
        std::swap(active_, before_);
    } else if (*bytes != active_.bytes && active.number < active_.generation.number) {
        before_ =
            std::exchange(active_, {*bytes, active});  // one that had its trial before returns
    } else if (*bytes != active_.bytes) {
        // A return that no line has told of: the record says what came before.
        if (record.other != 0 && record.other == before_.generation.number)
            std::swap(active_, before_);
        found = take(active);
        // The phone has laid it over an older one, where it could not read the newest.
        if (disk_failed) found.clear();
        before_ = std::exchange(active_, {*bytes, active});
    }
    const Pin& pin = record.trust.pin;
    const bool same =
        pin.proof == pin_.proof && (pin.host == pin_.host || pin.proof == Proof::none);
    if (found.empty() && !same && !disk_failed)
        found = "the pin is " + pin.host + " (" + std::string(proof_name(pin.proof)) +
                "), and by the rules " + pin_.host + " (" + std::string(proof_name(pin_.proof)) +
                ")";
    if (disk_failed) pin_ = pin;
    return found;
}

std::string TrustOracle::take(const Generation& now) {
    const Generation& before = active_.generation;
    constexpr std::string_view static_url = "static.url";
    const Item* set_before = before.find(static_url, Origin::operator_);
    const Item* set_now = now.find(static_url, Origin::operator_);
    const bool by_operator =
        set_now != nullptr && (set_before == nullptr || set_before->value != set_now->value);
    if (by_operator) {
        if (first_static(before) != first_static(now)) move_pin(first_static(now), false);
    } else if (now.digests != before.digests || now.source != before.source) {
        const auto found = servers_.find_trust_violation(before, now, pin_);
        take_file(before, now);
        if (before.number != 0) return found;
    }
    return {};
}

void TrustOracle::take_file(const Generation& before, const Generation& now) {
    const std::string mark = servers_.mark_of(now);
    const auto url = parse_url(now.source.url, Scheme::http);
    if (now.source.url.empty() || !url) return;
    const bool is_his = Attacker::owns(now.source.url) || now.source.url.contains("/go/");
    FirstServer deliverer{std::string(url->host),
                          url->scheme == Scheme::https || url->scheme == Scheme::ftps};
    if (is_his && scenario_.attack.lure == Lure::redirect) deliverer.host = Attacker::host_name;
    attacker_installed_ = attacker_installed_ || is_his || mark == "evil";
    const Proof proof = proof_of_delivery(now, deliverer.host, deliverer.by_tls);
    const bool by_anyone = now.source.kind != SourceKind::static_server;
    const bool is_new = pin_.proof == Proof::none && pin_.host.empty();
    const bool host_counts = !by_anyone || is_new || pin_.host == deliverer.host;
    // Who hands on what somebody else has encrypted or signed is not the phone's server for it.
    const bool is_relayed =
        by_anyone && content_proof(now) != Proof::none && !(deliverer.by_tls && host_counts);
    if (proof >= pin_.proof) {
        pin_.proof = proof;
        if (host_counts && !is_relayed) pin_.host = deliverer.host;
    }
    const FirstServer named = first_static(now);
    // The phone's own file names it, and has to be signed itself where another one is.
    const auto& names = scenario_.vendor().device_names;
    const bool own_is_signed =
        std::ranges::any_of(names, [&](std::string_view name) { return has_signature(now, name); });
    if (content_proof(now) == Proof::signed_ && !own_is_signed) return;
    const bool is_strict = servers_.setting(Setting::trust_pin) == "strict";
    if (named != first_static(before) && !named.host.empty()) move_pin(named, is_strict);
    const bool sets_key = mark == "evil" && scenario_.attack.forgery == Forgery::sets_file_key;
    if (sets_key && proof == Proof::none) keys_proven_ = false;
}

// What a file that somebody offered proves by itself, as the site has it.
Proof TrustOracle::content_proof(const Generation& now) const {
    const FileSpec file = servers_.file_of(now);
    // A signature may be kept away from the phone: then the file is one like any other.
    const bool signatures_count = !servers_.setting(Setting::config_public_key).empty();
    if (file.key != nullptr && signatures_count && has_signature(now, {})) return Proof::signed_;
    return file.encrypted && file.password == file_password && keys_proven_ ? Proof::key
                                                                            : Proof::none;
}

Proof TrustOracle::proof_of_delivery(const Generation& now, const std::string& host,
                                     bool by_tls) const {
    const Proof content = content_proof(now);
    if (content == Proof::signed_) return content;
    const bool by_anyone = now.source.kind != SourceKind::static_server;
    const bool is_new = pin_.proof == Proof::none && pin_.host.empty();
    const bool host_counts = !by_anyone || is_new || (!pin_.host.empty() && pin_.host == host);
    return by_tls && host_counts ? Proof::tls : content;
}

// The phone's first static server: an operator's, one that a file named, the settings file's.
TrustOracle::FirstServer TrustOracle::first_static(const Generation& generation) const {
    std::string url;
    if (const Item* item = generation.find("static.url", Origin::operator_)) {
        url = item->value;
    } else if (const Item* named = generation.find(scenario_.vendor().server_key, Origin::file)) {
        url = named->value;
    } else if (scenario_.settings_name_one) {
        url = scenario_.url(scenario_.named_by_settings);
    }
    const auto parsed = parse_url(url, Scheme::http);
    if (url.empty() || !parsed) return {};
    return {std::string(parsed->host),
            parsed->scheme == Scheme::https || parsed->scheme == Scheme::ftps};
}

void TrustOracle::move_pin(const FirstServer& server, bool is_strict) {
    if (is_strict && pin_.proof == Proof::tls && !server.by_tls) return;
    if (pin_.proof == Proof::tls && !server.by_tls) pin_.proof = Proof::none;
    pin_.host = server.host;
}

// --- what he makes it do -------------------------------------------------------------------------

std::string TrustOracle::check_notify_reboot() {
    if (std::exchange(reboot_asked_, false)) return {};
    return "the phone started again, and nobody whom it may listen to has said so";
}

}  // namespace dialtone::sim
