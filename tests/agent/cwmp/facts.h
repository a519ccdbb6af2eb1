// SPDX-License-Identifier: Apache-2.0
//
// A phone that an ACS manages, as the parts of agent/cwmp see it.
#pragma once

#include <cassert>

#include "agent/clock/wall_clock.h"
#include "agent/cwmp/data_model.h"
#include "agent/phone.h"

namespace dialtone {

struct ManagedPhone {
    PhoneFacts phone = {};
    WallClock clock = {};

    ManagedPhone() {
        phone.profile = find_profile("grandstream");
        phone.identity = *identity_from_mac("000B82273B89");
        phone.identity.model = "GXP1628";
        phone.identity.version = "1.0.2.7";
        phone.link_up = true;
        phone.address = {{10, 0, 0, 2}, 4};
        clock.begin({}, 1'800'000'000, 1'700'000'000, 0);
        set(Setting::tr069_acs_url, "http://acs.example/cwmp");
        set(Setting::tr069_password, "hush");
    }
    void set(Setting setting, std::string_view value) {
        const auto fits = phone.settings.set(Layer::file, setting, value);
        assert(fits);
    }
    ModelFacts facts(Instant now = {}) const { return {phone, clock, now}; }
};

}  // namespace dialtone
