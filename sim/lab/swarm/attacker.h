// SPDX-License-Identifier: Apache-2.0
//
// Somebody on the phone's network who means it harm: he answers SUBSCRIBEs and DHCPINFORMs, hands
// out leases, forges SIP, says what time it is, sits on the way of plain HTTP, and has web and FTP
// servers with a valid certificate for a name of his own. What he does is drawn with the scenario;
// he comes and goes by a scheduled event (FaultKind::attacker). What he may not learn or change is
// the oracle's (trust_oracle.h).
//
// Who calls it: ScenarioServers owns him, PhoneRun lets him come, speak and go.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/instant.h"
#include "sim/lab/swarm/choice.h"
#include "sim/world/world.h"

namespace dialtone::sim {

struct FileSpec;
struct LabVendor;
struct Scenario;

// The URL by which he is named, and what his servers ask for.
enum class Lure : uint8_t {
    http,
    http_basic,   // asks for user and password
    http_digest,  // asks for an answer to a challenge of his choice
    ftp,          // asks for USER and PASS
    https,        // with a valid certificate for his name
    userinfo,     // a user and password of his own stand in the URL
    redirect,     // an open redirect on a server of the site leads to him
    busy,         // four URLs, each of which says 503 and to come back in an hour
    impossible,   // a URL that nobody can be asked for: it would add a command to FTP's
    count_
};

// What he offers.
enum class Forgery : uint8_t {
    unsigned_file,
    signed_by_himself,
    signature_of_another_file,
    first_file_kept,  // the first one that a server of the site has offered
    file_of_another_phone,
    sets_user,      // for the phone's servers
    sets_file_key,  // and another file under that key
    names_himself,  // as the phone's provisioning server
    count_
};

enum class TimeLie : uint8_t { none, years_ahead, year_2090, before_the_build, count_ };

// What he does with encrypted and plain files that pass him over plain HTTP.
enum class OnPath : uint8_t { nothing, damages_a_block, plays_back, count_ };

struct Attack {
    Lure lure = Lure::http;
    Forgery forgery = Forgery::unsigned_file;
    TimeLie time = TimeLie::none;
    OnPath on_path = OnPath::nothing;
    bool answers_subscribes = false;
    bool answers_informs = false;
    bool has_lease = false;  // where the phone's DHCP client shows leases
};

// What a NOTIFY says that he forges, outside of any dialog.
enum class ForgedNotify : uint8_t { names_him, names_four, checks, reboots, count_ };

class Attacker {
  public:
    // All outlive him.
    Attacker(const Scenario& scenario, Site& site) : scenario_(scenario), site_(site) {}

    // He is on the network, or not. Both may be called again.
    void come();
    void leave();
    bool is_here() const { return here_; }

    // What a NOTIFY or a DHCP option of his says: URLs, one a line.
    std::string named() const;
    // The files that he offers under his URL while he is here, whole.
    struct OfferedFile {
        std::string name = {};
        std::string body = {};
        std::string signature = {};  // empty: there is none
        std::string mark = {};
    };
    std::vector<OfferedFile> files() const;
    // What the one is like that the phone takes its values from.
    FileSpec file() const;

    // A datagram that he sends the phone's SIP port, from any address he likes.
    struct Datagram {
        Address from = {};
        std::string text = {};
    };
    Datagram forged_notify(uint32_t detail) const;
    // What a time server says that he is, or whose answers he forges.
    WallSeconds told_time(WallSeconds true_wall_s) const;
    // What passes him on its way to the phone.
    void alter_on_path(const StartTransfer& request, Web::Outcome& outcome);

    static constexpr Address address = {{10, 6, 6, 6}, 4};
    static constexpr std::string_view host_name = "evil.example";
    static bool owns(std::string_view url);
    // The certificate and the Date header of his server.
    static constexpr WallSeconds certified_from_s = 1'767'225'600;  // 2026
    static constexpr WallSeconds date_s = 2'145'916'800;            // 2038
    // What he sets or puts into his URL, which he may hear again.
    static constexpr std::string_view user = "mallory";
    static constexpr std::string_view password = "hush-mallory";

  private:
    std::string url(std::string_view folder) const;
    std::string door() const;
    void put_files();

    const Scenario& scenario_;
    Site& site_;
    bool here_ = false;
    std::vector<std::string> urls_ = {};                // that his servers answer now
    std::map<std::string, std::string> recorded_ = {};  // what he saw pass first, by URL
};

// What he does in this world, and when he comes first; in half of the worlds he does not come
// by himself.
void draw_attack(Choice& choice, Scenario& scenario);
std::string describe(const Attack& attack);

}  // namespace dialtone::sim
