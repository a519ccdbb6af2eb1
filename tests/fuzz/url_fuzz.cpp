// SPDX-License-Identifier: Apache-2.0
//
// URLs from servers and administrators. Whatever parses can be written as a request that parses to
// the same server again; what is shown to people holds no secret; a redirect resolves to something
// that ends.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/hex.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/url.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void check_request(const Url& url) {
    const std::string request = request_url(url);
    for (const char c : request)
        demand(static_cast<uint8_t>(c) > 0x20 && static_cast<uint8_t>(c) < 0x7f);
    const auto again = parse_url(request, Scheme::http);
    if (!again) return;  // a host with odd letters, or a path that grew over the bound
    demand(same_server(url, *again));
    demand(!again->has_userinfo);
    demand(request_url(*again) == request);
}

// What is shown is the same whatever the secrets are. (Looking for the password in the text would
// not do: a password may stand in the host, or begin with the '@' before it.)
void check_mask(const Url& url) {
    Url other = url;
    other.user = "another";
    other.password = "secret";
    if (!url.query.empty()) other.query = "?token=of-another";
    demand(masked_url(other) == masked_url(url));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto split = text.find('\n');
    const auto url = parse_url(text.substr(0, split), Scheme::https);
    if (url) {
        check_request(*url);
        check_mask(*url);
        const std::string_view reference =
            split == std::string_view::npos ? text : text.substr(split + 1);
        const std::string target = resolved_reference(*url, reference);
        demand(target.size() <= url->host.size() + url->path.size() + reference.size() + 32);
        Identity phone;
        const auto plan =
            make_plan(text.substr(0, split), Scheme::http, *find_profile("grandstream"), phone, {});
        demand(!plan || !plan->files.empty());
    }
    (void)percent_decoded(text);
    return 0;
}
