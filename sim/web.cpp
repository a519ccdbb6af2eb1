// SPDX-License-Identifier: Apache-2.0
#include "sim/web.h"

#include <utility>

namespace dialtone::sim {
namespace {

std::string_view origin_of(std::string_view url) {
    const auto slash = url.find('/', url.find("://") + 3);
    return url.substr(0, slash);
}

}  // namespace

void Web::put(std::string url, Answer answer) {
    answers_[std::move(url)] = std::move(answer);
}

bool Web::knows_host(std::string_view url) const {
    for (const auto& [known, answer] : answers_) {
        if (origin_of(known) == origin_of(url)) return true;
    }
    return false;
}

Web::Reaction Web::react(const StartTransfer& request) {
    Reaction reaction;
    reaction.refused = down_ || !knows_host(request.url);
    if (reaction.refused) return reaction;
    requests_.push_back(request);
    const auto place = answers_.find(request.url);
    if (place == answers_.end()) {
        reaction.answer = {.status = 404, .body = "no such file"};
        return reaction;
    }
    reaction.answer = place->second;
    const Answer& wanted = place->second;
    const bool known = request.user == wanted.user && request.password == wanted.password &&
                       request.auth != AuthPolicy::none;
    if (!wanted.user.empty() && !known) reaction.answer = {.status = 401, .body = "who are you?"};
    return reaction;
}

}  // namespace dialtone::sim
