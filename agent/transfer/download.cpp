// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/download.h"

#include <utility>

#include "agent/transfer/url.h"

namespace dialtone {

Download::Download(RequestIds& ids) : Engine(ids), fetch_(ids), tftp_(ids) {
    drives(fetch_);
    drives(tftp_);
}

void Download::start(Instant now, FetchRequest request, Sink& sink) {
    const auto url = parse_url(request.url, request.default_scheme);
    const bool by_tftp = url && url->scheme == Scheme::tftp;
    if (by_tftp) fetch_.stop(now);
    if (!by_tftp && tftp_.busy()) tftp_.stop(now);  // a finished one still has its last word to say
    forget_outcome();                               // nobody wants an older one any more
    by_tftp ? tftp_.start(now, std::move(request), sink)
            : fetch_.start(now, std::move(request), sink);
    take_outcomes();
}

void Download::sink_kept(Instant now) {
    fetch_.sink_kept(now);
    tftp_.sink_kept(now);
    take_outcomes();
}

void Download::stop(Instant now) {
    fetch_.stop(now);
    tftp_.stop(now);
}

void Download::handle(Instant now, const Event& event) {
    fetch_.handle(now, event);
    tftp_.handle(now, event);
    take_outcomes();
}

std::optional<Instant> Download::deadline() const {
    return earlier(fetch_.deadline(), tftp_.deadline());
}

void Download::take_outcomes() {
    if (auto outcome = fetch_.take_outcome()) finish(std::move(*outcome));
    if (auto outcome = tftp_.take_outcome()) finish(std::move(*outcome));
}

}  // namespace dialtone
