// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/vendor/vendor.h"

#include <algorithm>
#include <cassert>

namespace dialtone::sim {
namespace {

std::vector<const LabVendor*> known_to_the_agent() {
    std::vector<const LabVendor*> vendors = {&grandstream_lab_vendor(), &fanvil_lab_vendor()};
    std::erase_if(vendors, [](const LabVendor* one) { return !find_profile(one->profile); });
    return vendors;
}

}  // namespace

std::span<const LabVendor* const> lab_vendors() {
    static const std::vector<const LabVendor*> vendors = known_to_the_agent();
    return vendors;
}

const LabVendor& vendor_of(const Profile& profile) {
    const auto vendors = lab_vendors();
    const auto place = std::ranges::find(vendors, profile.name, &LabVendor::profile);
    assert(place != vendors.end());
    return **place;
}

const LabVendor* vendor_of_file(std::string_view body) {
    for (const LabVendor* vendor : lab_vendors()) {
        if (body.starts_with(vendor->file_start)) return vendor;
    }
    return nullptr;
}

}  // namespace dialtone::sim
