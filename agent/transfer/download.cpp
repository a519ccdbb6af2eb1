// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/download.h"

#include <algorithm>
#include <utility>

#include "agent/transfer/url.h"

namespace dialtone {

void Download::start(Instant now, FetchRequest request) {
    const auto url = parse_url(request.url, request.default_scheme);
    const bool by_tftp = url && url->scheme == Scheme::tftp;
    if (by_tftp) fetch_.stop(now);
    if (!by_tftp && tftp_.busy()) tftp_.stop(now);  // a finished one still has its last word to say
    take_outcome();                                 // nobody wants an older one any more
    if (by_tftp) return tftp_.start(now, std::move(request));
    fetch_.start(now, std::move(request));
}

void Download::stop(Instant now) {
    fetch_.stop(now);
    tftp_.stop(now);
}

void Download::handle(Instant now, const Event& event) {
    fetch_.handle(now, event);
    tftp_.handle(now, event);
}

std::optional<Effect> Download::next() {
    if (auto effect = fetch_.next()) return effect;
    return tftp_.next();
}

std::optional<Instant> Download::deadline() const {
    const auto one = fetch_.deadline();
    const auto other = tftp_.deadline();
    if (one && other) return std::min(*one, *other);
    return one ? one : other;
}

std::optional<FetchOutcome> Download::take_outcome() {
    return fetch_.ready() ? fetch_.take_outcome() : tftp_.take_outcome();
}

}  // namespace dialtone
