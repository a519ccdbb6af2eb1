// SPDX-License-Identifier: Apache-2.0
//
// What a plan under way means for trust: what vouches for its files, for whom user and password are
// meant while its files set them, and whom the phone trusts once it is installed. The rules are
// trust/'s; this keeps what they need to know from file to file. A plan run owns it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/phone.h"
#include "agent/trust/trust.h"

namespace dialtone {

// Whoever knows one of these can make a file that the phone takes for its own.
inline constexpr Setting keys_of_files[] = {Setting::config_password, Setting::config_password_old,
                                            Setting::config_key, Setting::config_key_common};

class PlanTrust {
  public:
    // Both outlive it. `installed` is the record's.
    PlanTrust(const PhoneFacts& phone, const Trust& installed)
        : phone_(phone), installed_(installed) {}

    void begin();

    const Pin& pin() const { return installed_.pin; }
    Proof proof_of(const Delivery& delivery) const { return dialtone::proof_of(delivery, pin()); }
    // Whether what files have set as keys came with a proof.
    bool keys_proven() const { return keys_proven_; }
    struct Credentials {
        std::string_view user = {};
        std::string_view password = {};
        std::vector<ServerName> meant_for = {};
    };
    // provision.user and provision.password for the server of `url`. What files have set counts,
    // but a server that the settings file names beside a user and password of its own is asked with
    // those: a rogue's file must not lock the phone out of it.
    Credentials credentials_for(std::string_view url, const Settings& settings) const;

    // What somebody has set with this proof, whoever that is: the keys that open files.
    void note_keys(Proof proof, const Settings& before, const Settings& now);
    // A file was laid over the draft, and the settings are others now.
    void note_file(const Delivery& delivery, const Settings& before, const Settings& now);

    struct Installed {
        Trust trust = {};
        std::string remark = {};  // for the journal: what an administrator should know of it
    };
    // Once the plan is installed whose best proven file came like this.
    Installed installed_by(const Delivery& best) const;

  private:
    std::vector<ServerName> listed_servers(const Settings& settings) const;
    std::vector<ServerName> owned_servers(const Settings& settings) const;
    std::vector<ServerName> credentials_meant_for(const Settings& settings) const;
    void note_credentials(const Delivery& delivery, const Settings& before, const Settings& now);
    void note_static_server(const Delivery& delivery, const Settings& before, const Settings& now);
    bool pin_follows(const Delivery& delivery, const ServerName& server) const;

    const PhoneFacts& phone_;
    const Trust& installed_;
    bool keys_proven_ = true;
    std::vector<ServerName> credential_servers_ = {};
    std::optional<ServerName> named_ = {};  // the static server that a file newly names
    Proof named_with_ = Proof::none;
};

}  // namespace dialtone
