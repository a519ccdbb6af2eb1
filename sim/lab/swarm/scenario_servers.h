// SPDX-License-Identifier: Apache-2.0
//
// The servers of a scenario and what they offer now, and the oracle: with which configuration the
// phone has to rest once the faults have stopped.
//
// Who calls it: PhoneRun.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/generation.h"
#include "agent/store/record.h"
#include "sim/lab/swarm/scenario.h"
#include "sim/world/world.h"

namespace dialtone::sim {

// What the oracle says of a phone that rests, or has asked all its sources in vain.
enum class Rest : uint8_t {
    correct,  // it has what the best source offers that it may take
    nothing,  // no source offers anything that it may take
    wrong,    // a source offers something else
};

class ScenarioServers {
  public:
    explicit ScenarioServers(const Scenario& scenario);

    Site& site() { return site_; }
    // Where the phone has told its ACS to ask for sessions; empty: nowhere yet.
    const std::string& request_url() const { return acs_.request_url; }
    const Site& site() const { return site_; }

    // Server `number` has this from now on, under a new version's mark.
    void publish(uint32_t number, FileKind kind);
    // As it will be when the faults have stopped.
    void publish_finally();
    void set_down(uint32_t number, bool dead);
    bool is_down(std::string_view url) const;
    void set_tftp_down(bool dead) { site_.tftp.set_down(dead); }
    void let_attacker_come();
    void let_attacker_leave() { attacker_.leave(); }
    Attacker& attacker() { return attacker_; }

    static constexpr Address pbx_address(uint32_t number) {
        return {{10, 0, 0, static_cast<uint8_t>(30 + number)}, 4};
    }
    // Whether a renewed lease makes this phone ask again.
    bool renewal_counts() const;

    // What the phone's DHCP client hands over; the attacker's while the lease is his.
    World::LeaseOptions lease(uint32_t named_server) const;
    // What answers the agent's own question; `named_server` as in the scenario.
    void put_dhcp_option(uint32_t named_server);

    Rest judge(const Record& record, const Generation& active) const;
    // Whether what is durable is one whole configuration; empty: it is.
    std::string find_violation(const Record& record, const Generation& active) const;
    // Whether `now` may have followed `before` by the rules of trust.pin while the phone had `pin`;
    // empty: it may.
    std::string find_trust_violation(const Generation& before, const Generation& now,
                                     const Pin& pin) const;
    std::string mark_of(const Generation& active) const { return sim::mark_of(vendor_, active); }
    // What the files are like of the server that a generation came from.
    FileSpec file_of(const Generation& active) const;
    // As the settings file has it.
    std::string_view setting(Setting setting) const;
    // The values of that server's file, for people.
    std::string offer_words() const;

  private:
    struct Offer {
        FileSpec file = {};
        std::string device_url = {};  // as requests have it; empty: nothing is there
        std::string common_url = {};
        std::vector<FileDigest> digests = {};  // as the agent would note them
        bool has_common = false;
    };
    // A server that a source of the phone may name.
    struct Candidate {
        SourceKind kind = SourceKind::none;
        uint32_t server = 0;
        bool sure = true;  // false: this source may also name no server
    };
    enum class Taking : uint8_t { has_it, may_not, must };

    void put(uint32_t number, const FileSet& files);
    void take_away(uint32_t number);
    void put_jobs();
    void put_file(const LabServer& server, const std::string& url, const std::string& body);
    void remove_file(const std::string& url);
    void note_digests(uint32_t number, const FileSet& files);
    std::vector<Candidate> candidates(const Generation& active) const;
    void add_static(std::vector<Candidate>& out, const Generation& active) const;
    std::optional<UrlChance> pnp_chance() const;
    Taking taking(const Candidate& candidate, const Record& record, const Generation& active) const;
    bool is_installed_from(const Candidate& candidate, const Generation& active) const;
    bool may_change(const Candidate& candidate, const Pin& pin) const;
    bool is_older(uint32_t server, const Generation& active) const;
    bool was_refused(const Candidate& candidate, const Record& record) const;

    const Scenario& scenario_;
    const Profile& profile_;
    const LabVendor& vendor_;
    Identity identity_ = {};
    Site site_ = {};
    Attacker attacker_;
    LabAcs acs_;
    Offer offers_[lab_servers] = {};
    uint32_t versions_[lab_servers] = {};
    uint32_t serial_ = 0;  // of what was published last, at any of them
    bool down_[lab_servers] = {};
    struct Known {
        std::string mark = {};
        bool common = false;
    };
    std::map<Sha256, Known> known_files_ = {};
};

}  // namespace dialtone::sim
