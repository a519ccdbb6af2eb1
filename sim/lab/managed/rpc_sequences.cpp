// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/managed/rpc_sequences.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "sim/lab/managed/drawn_values.h"
#include "sim/lab/managed/managed_site.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t sessions = 3;
constexpr uint64_t session_ms = 120'000;  // with what follows it, until the power is cut
constexpr uint32_t most_values = 5;       // of one call
constexpr uint32_t look_at_all_every = 8;
constexpr uint32_t violations_told = 5;
constexpr std::string_view profiles = "Device.Services.VoiceService.1.VoiceProfile.";

using Texts = std::map<std::string, std::string>;

bool starts_one_of(std::string_view name, const std::vector<std::string>& beginnings) {
    return std::ranges::any_of(beginnings,
                               [name](const std::string& one) { return name.starts_with(one); });
}

// Of each element of the list that has `name` in it, what stands in `field`.
Texts listed(const SoapMessage& message, std::string_view field) {
    Texts out;
    const auto list = message.arguments().child("ParameterList");
    if (!list) return out;
    for (const SoapView& one : list->children()) {
        const auto value = one.child(field);
        out.emplace(std::string(*one.word("Name")), value ? std::string(value->text()) : "");
    }
    return out;
}

// A parameter that a path names, or one below the object that it names.
bool is_at(std::string_view name, std::string_view path) {
    return path.ends_with('.') ? name.starts_with(path) : name == path;
}

// What another value of is no surprise: clocks, what is drawn at a start, and what counts objects.
bool changes_by_itself(std::string_view name) {
    return name.ends_with(".ConnectionRequestURL") || name.ends_with(".UpTime") ||
           name.ends_with(".CurrentLocalTime") || name.ends_with("NumberOfEntries") ||
           name.ends_with("NumberOfLines");
}

// "...VoiceProfile.2." of a name below it.
std::string_view profile_of(std::string_view name) {
    if (!name.starts_with(profiles)) return {};
    const auto dot = name.find('.', profiles.size());
    return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot + 1);
}

// --- the ACS -------------------------------------------------------------------------------------

class Caller {
  public:
    Caller(uint64_t seed, PlantedFlaw planted, RpcResult& result)
        : rng_(seed), planted_(planted), result_(result) {}

    // A new session, of so many calls.
    void begin(uint32_t calls) {
        left_ = calls;
        asked_ = Asked::nothing;
        look_at_all();
    }
    std::string next(const SoapMessage* said);
    bool is_over() const { return left_ == 0 && looks_.empty() && asked_ == Asked::nothing; }

  private:
    enum class Asked : uint8_t {
        nothing,
        names,
        values,
        attributes,
        some_values,
        set,
        set_attributes,
        add,
        remove,
        schedule,
    };

    void violation(std::string words) {
        if (result_.violations.size() < violations_told)
            result_.violations.push_back(std::move(words));
    }
    void look_at_all() { looks_ = {Asked::names, Asked::values, Asked::attributes}; }
    std::string look(Asked asked);
    std::string draw_call();
    std::string draw_set();
    void spoil_set(NamedValues& values);
    std::string draw_attributes();
    std::string draw_add();
    std::string draw_remove();
    std::string draw_some_values();
    const std::string& any_of(const std::vector<std::string>& all) {
        return all[rng_.below(static_cast<uint32_t>(all.size()))];
    }

    void take(const SoapMessage& said);
    void take_set(bool is_refused);
    void take_added(const SoapMessage& said);
    void take_names(const SoapMessage& said);
    void take_values(Texts&& now);
    void take_some_values(const Texts& now) const;
    void take_attributes(Texts&& now);
    void check_change(const std::string& name, const std::string& before, const std::string& now);
    void note_numbers(std::string_view name);
    void plant(Texts& now, PlantedFlaw flaw);

    Rng rng_;
    PlantedFlaw planted_;
    RpcResult& result_;
    uint32_t left_ = 0;  // calls of this session
    std::deque<Asked> looks_ = {};
    Asked asked_ = Asked::nothing;

    // What the phone has, as far as the ACS knows.
    Texts names_ = {};  // of parameters, and whether they can be set
    Texts values_ = {};
    Texts attributes_ = {};
    std::vector<std::string> settable_ = {};
    std::map<std::string, std::set<uint32_t>> numbers_ = {};  // that were ever there, by table
    std::string key_ = {};                                    // ParameterKey

    // The call that is out, or was just answered.
    NamedValues set_ = {};
    bool is_wrong_ = false;
    std::string path_ = {};
    uint32_t notification_ = 0;
    std::string set_key_ = {};
    // What it must have changed.
    Texts awaited_ = {};
    Texts awaited_attributes_ = {};
    std::vector<std::string> added_ = {};
    std::vector<std::string> removed_ = {};
};

std::string Caller::next(const SoapMessage* said) {
    if (asked_ != Asked::nothing && said != nullptr) take(*said);
    asked_ = Asked::nothing;
    if (!looks_.empty()) {
        asked_ = looks_.front();
        looks_.pop_front();
        return look(asked_);
    }
    if (left_ == 0 || !result_.violations.empty()) return {};
    --left_;
    ++result_.figures.calls;
    return draw_call();
}

std::string Caller::look(Asked asked) {
    if (asked == Asked::names)
        return lab_call("GetParameterNames",
                        "<ParameterPath>Device.</ParameterPath><NextLevel>0</NextLevel>");
    return lab_names_call(asked == Asked::values ? "GetParameterValues" : "GetParameterAttributes",
                          {"Device."});
}

// --- what it calls -------------------------------------------------------------------------------

std::string Caller::draw_call() {
    const uint32_t drawn = rng_.below(20);
    if (drawn < 10) return draw_set();
    if (drawn < 13) return draw_attributes();
    if (drawn < 15) return draw_add();
    if (drawn < 17) return draw_remove();
    if (drawn < 19) return draw_some_values();
    asked_ = Asked::schedule;
    return lab_call("ScheduleInform",
                    "<DelaySeconds>86400</DelaySeconds><CommandKey>k</CommandKey>");
}

std::string Caller::draw_set() {
    asked_ = Asked::set;
    set_.clear();
    const uint32_t count = rng_.between(1, most_values);
    std::set<std::string> names;
    while (names.size() < std::min<uint64_t>(count, settable_.size()))
        names.insert(any_of(settable_));
    for (const std::string& name : names)
        set_.emplace_back(name, draw_value(rng_, *settable_row(name)));
    set_key_ = "k" + std::to_string(rng_.below(100));
    is_wrong_ = rng_.below(4) == 0;
    if (is_wrong_) spoil_set(set_);
    return lab_set_call(set_, set_key_);
}

void Caller::spoil_set(NamedValues& values) {
    switch (rng_.below(4)) {
        case 0:
            return values.emplace_back("Device.Nothing", "1"), void();
        case 1:
            return values.emplace_back("Device.DeviceInfo.SerialNumber", "1"), void();
        case 2: {
            const auto wrong = draw_wrong_value(rng_, *settable_row(values.back().first));
            if (!wrong) break;
            values.back().second = *wrong;
            return;
        }
        default:
            break;
    }
    values.push_back(values.front());
}

std::string Caller::draw_attributes() {
    asked_ = Asked::set_attributes;
    auto place = names_.begin();
    std::advance(place, rng_.below(static_cast<uint32_t>(names_.size())));
    path_ = place->first;
    if (rng_.below(3) == 0) path_.resize(path_.rfind('.') + 1);
    notification_ = rng_.below(3);
    return lab_call("SetParameterAttributes",
                    "<ParameterList><SetParameterAttributesStruct><Name>" + path_ +
                        "</Name><NotificationChange>1</NotificationChange><Notification>" +
                        std::to_string(notification_) +
                        "</Notification><AccessListChange>0</AccessListChange><AccessList/>"
                        "</SetParameterAttributesStruct></ParameterList>");
}

std::string object_call(std::string_view method, std::string_view path, std::string_view key) {
    std::string arguments = "<ObjectName>";
    ((arguments += path) += "</ObjectName><ParameterKey>") += key;
    return lab_call(method, arguments += "</ParameterKey>");
}

std::string Caller::draw_add() {
    asked_ = Asked::add;
    std::vector<std::string> tables = {std::string(profiles)};
    for (const auto& [name, writable] : names_) {
        const std::string profile(profile_of(name));
        if (!profile.empty() && tables.back() != profile + "Line.")
            tables.push_back(profile + "Line.");
    }
    path_ = any_of(tables);
    set_key_ = "a" + std::to_string(rng_.below(100));
    return object_call("AddObject", path_, set_key_);
}

std::string Caller::draw_remove() {
    asked_ = Asked::remove;
    std::vector<std::string> rows;
    for (const auto& [name, writable] : names_) {
        const std::string profile(profile_of(name));
        if (profile.empty()) continue;
        if (rows.empty() || !rows.back().starts_with(profile)) rows.push_back(profile);
        const std::string lines = profile + "Line.";
        if (!name.starts_with(lines)) continue;
        std::string line = name.substr(0, name.find('.', lines.size()) + 1);
        if (rows.back() != line) rows.push_back(std::move(line));
    }
    path_ = rows.empty() ? std::string(profiles) + "1." : any_of(rows);
    set_key_ = "d" + std::to_string(rng_.below(100));
    return object_call("DeleteObject", path_, set_key_);
}

std::string Caller::draw_some_values() {
    asked_ = Asked::some_values;
    auto place = names_.begin();
    std::advance(place, rng_.below(static_cast<uint32_t>(names_.size())));
    path_ = place->first;
    if (rng_.below(2) == 0) path_.resize(path_.rfind('.') + 1);
    return lab_names_call("GetParameterValues", {path_});
}

// --- what the phone answers ----------------------------------------------------------------------

void Caller::take(const SoapMessage& said) {
    const bool is_refused = said.fault.has_value();
    const auto changes = asked_ >= Asked::set;
    if (changes) {
        awaited_.clear();
        awaited_attributes_.clear();
        added_.clear();
        removed_.clear();
        if (is_refused) ++result_.figures.refused;
        const bool all = result_.figures.calls % look_at_all_every == 0 || asked_ >= Asked::add;
        if (all) {
            look_at_all();
        } else {
            looks_ = {asked_ == Asked::set_attributes ? Asked::attributes : Asked::values};
        }
    } else if (is_refused) {
        return violation("a question was refused: " + said.fault->text);
    }
    switch (asked_) {
        case Asked::nothing:
            return;
        case Asked::names:
            return take_names(said);
        case Asked::values:
            return take_values(listed(said, "Value"));
        case Asked::attributes:
            return take_attributes(listed(said, "Notification"));
        case Asked::some_values:
            return take_some_values(listed(said, "Value"));
        case Asked::set:
            return take_set(is_refused);
        case Asked::set_attributes:
            if (is_refused) return;
            ++result_.figures.attributes_set;
            for (const auto& [name, writable] : names_) {
                if (is_at(name, path_)) awaited_attributes_[name] = std::to_string(notification_);
            }
            return;
        case Asked::add:
            if (!is_refused) take_added(said);
            return;
        case Asked::remove:
            if (is_refused) return;
            ++result_.figures.objects_deleted;
            removed_.push_back(path_);
            key_ = set_key_;
            return;
        case Asked::schedule:
            return;
    }
}

void Caller::take_set(bool is_refused) {
    if (is_refused) {
        if (planted_ == PlantedFlaw::half_of_refused) values_[set_.front().first] += "?";
        return;
    }
    if (is_wrong_) return violation("a list with something wrong in it was taken");
    key_ = set_key_;
    for (const auto& [name, value] : set_) {
        const ModelRow& row = *settable_row(name);
        const bool reads_otherwise =
            row.access == ModelAccess::hidden || row.keeping == Keeping::command;
        awaited_[name] = row.access == ModelAccess::hidden ? ""
                         : reads_otherwise                 ? "0"
                         : value.empty()                   ? std::string(row.initial)
                                                           : value;
        ++result_.figures.values_set;
    }
}

void Caller::take_added(const SoapMessage& said) {
    ++result_.figures.objects_made;
    key_ = set_key_;
    const std::string number(said.arguments().word("InstanceNumber").value_or("0"));
    uint32_t instance = 0;
    std::from_chars(number.data(), number.data() + number.size(), instance);
    std::set<uint32_t>& used = numbers_[path_];
    if (planted_ == PlantedFlaw::number_again) used.insert(instance);
    if (instance == 0 || !used.insert(instance).second)
        violation("AddObject gives the number " + number + " again in " + path_);
    added_.push_back(path_ + number + ".");
}

// All numbers that stand in the name.
void Caller::note_numbers(std::string_view name) {
    for (auto at = name.find('.'); at != std::string_view::npos; at = name.find('.', at + 1)) {
        uint32_t number = 0;
        auto digit = at + 1;
        for (; digit < name.size() && name[digit] >= '0' && name[digit] <= '9'; ++digit)
            number = number * 10 + static_cast<uint32_t>(name[digit] - '0');
        if (digit > at + 1 && digit < name.size() && name[digit] == '.')
            numbers_[std::string(name.substr(0, at + 1))].insert(number);
    }
}

void Caller::take_names(const SoapMessage& said) {
    Texts now = listed(said, "Writable");
    std::erase_if(now, [](const auto& one) { return one.first.ends_with('.'); });
    if (planted_ == PlantedFlaw::lost_name) now.erase(now.begin());
    for (const auto& [name, writable] : now) {
        if (!names_.contains(name) && !names_.empty() && !starts_one_of(name, added_))
            violation(name + " is there, and nobody has made it");
    }
    for (const auto& [name, writable] : names_) {
        if (!now.contains(name) && !starts_one_of(name, removed_))
            violation(name + " is not there any more");
    }
    names_ = std::move(now);
    settable_.clear();
    for (const auto& [name, writable] : names_) {
        note_numbers(name);
        if (writable == "1" && settable_row(name) != nullptr) settable_.push_back(name);
    }
}

void Caller::plant(Texts& now, PlantedFlaw flaw) {
    if (planted_ != flaw || values_.empty()) return;
    if (flaw == PlantedFlaw::other_value) now.begin()->second += "?";
    if (flaw != PlantedFlaw::lost_value) return;
    for (const auto& [name, value] : awaited_)
        now[name] = values_[name];
}

void Caller::take_values(Texts&& now) {
    plant(now, PlantedFlaw::other_value);
    plant(now, PlantedFlaw::lost_value);
    for (const auto& [name, value] : now) {
        if (!names_.contains(name)) violation(name + " has a value and no name");
        const auto before = values_.find(name);
        if (before != values_.end()) check_change(name, before->second, value);
    }
    for (const auto& [name, writable] : names_) {
        if (!now.contains(name)) violation(name + " has a name and no value");
    }
    values_ = std::move(now);
}

void Caller::check_change(const std::string& name, const std::string& before,
                          const std::string& now) {
    if (const auto awaited = awaited_.find(name); awaited != awaited_.end()) {
        if (now != awaited->second)
            violation(name + " was set to \"" + awaited->second + "\" and reads \"" + now + '"');
        return;
    }
    if (name == "Device.ManagementServer.ParameterKey") {
        if (now != key_) violation("the ParameterKey is " + now + " and not " + key_);
        return;
    }
    if (now == before || changes_by_itself(name)) return;
    // An account is active by the two that are called so, and each may change the other.
    const bool of_account =
        name.ends_with(".Enable") && std::ranges::any_of(awaited_, [&name](const auto& one) {
            return one.first.ends_with(".Enable") && profile_of(one.first) == profile_of(name);
        });
    if (!of_account)
        violation(name + " was \"" + before + "\" and is \"" + now + "\", and nobody has set it");
}

void Caller::take_some_values(const Texts& now) const {
    for (const auto& [name, value] : now) {
        const auto known = values_.find(name);
        const bool is_it = known != values_.end() && is_at(name, path_) &&
                           (known->second == value || changes_by_itself(name));
        if (!is_it) const_cast<Caller*>(this)->violation(name + " differs by a partial path");
    }
}

void Caller::take_attributes(Texts&& now) {
    if (planted_ == PlantedFlaw::lost_attribute) {
        for (const auto& [name, notification] : awaited_attributes_)
            now[name] = notification == "0" ? "1" : "0";
    }
    for (const auto& [name, notification] : now) {
        if (!names_.contains(name)) violation(name + " has attributes and no name");
        const auto awaited = awaited_attributes_.find(name);
        const auto before = attributes_.find(name);
        const bool is_known = awaited != awaited_attributes_.end() || before != attributes_.end();
        const std::string& right =
            awaited != awaited_attributes_.end() ? awaited->second : before->second;
        if (is_known && notification != right)
            violation("the notification of " + name + " is " + notification + " and not " + right);
    }
    if (now.size() != names_.size()) violation("not each parameter has attributes");
    attributes_ = std::move(now);
    awaited_attributes_.clear();
}

}  // namespace

RpcResult run_rpc_sequence(uint64_t seed, uint32_t calls, PlantedFlaw planted) {
    RpcResult result;
    ManagedSite site;
    site.site().entropy = seed;
    if (seed % 4 == 3) site.options().profile = "fanvil";
    Caller caller(seed, planted, result);
    site.install();
    site.call = [&caller](const SoapMessage* said) { return caller.next(said); };
    for (uint32_t session = 0; session < sessions && result.violations.empty(); ++session) {
        caller.begin(calls * (session + 1) / sessions - calls * session / sessions);
        site.live_until_power_cut(session_ms);
        if (!caller.is_over() && result.violations.empty())
            result.violations.push_back("a session ended before its calls did");
    }
    if (count_entries(site.site(), JournalKind::acs_failed) > 0)
        result.violations.push_back(
            "a session failed: " +
            std::string(last_entry(site.site(), JournalKind::acs_failed).field("reason")));
    return result;
}

}  // namespace dialtone::sim
