// SPDX-License-Identifier: Apache-2.0
//
// A phone that an ACS manages, as the parts of agent/cwmp see it.
#pragma once

#include <cassert>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/clock/wall_clock.h"
#include "agent/cwmp/data_model.h"
#include "agent/phone.h"

namespace dialtone {

struct ManagedPhone {
    PhoneFacts phone = {};
    WallClock clock = {};
    Generation active = {};

    ManagedPhone() : ManagedPhone("grandstream") {}
    explicit ManagedPhone(std::string_view profile) {
        phone.profile = find_profile(profile);
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
        const auto fits = phone.given_settings.set(Layer::file, setting, value);
        assert(fits);
        phone.settings = phone.settings_with(active);
    }
    // What a file, an ACS or an operator says, laid over what there is.
    void configure(const std::vector<Entry>& entries, Origin origin = Origin::file) {
        Document document;
        document.entries = entries;
        auto next = overlay(active, {&document, 1}, origin);
        assert(next);
        active = std::move(*next);
        phone.settings = phone.settings_with(active);
    }
    ModelFacts facts(Instant now = {}) const { return {phone, clock, now, active}; }
};

}  // namespace dialtone
