// SPDX-License-Identifier: Apache-2.0
//
// Which files a URL means: the vendor's list under a folder, or the one file it names.
// Called by the agent once per URL that a source gave, and again when an earlier file of the
// plan moved the server path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/profile.h"
#include "agent/result.h"
#include "agent/transfer/url.h"

namespace dialtone {

struct PlannedFile {
    std::string role = {};  // names the digest together with `name`
    std::string name = {};  // with prefix and postfix
    std::string url = {};   // ready for Fetch, userinfo included
    AskWhen ask = AskWhen::always;
};

struct Plan {
    std::vector<PlannedFile> files = {};
    bool from_folder = false;  // the URL was taken for a folder; it may still be a file
};

struct PlanNames {
    std::string_view prefix = {};  // config.prefix and config.postfix wrap the whole name
    std::string_view postfix = {};
};

// The scheme of URLs that name none: static.protocol.
Scheme default_scheme(const Settings& settings);

// A URL is a file when its last segment has an extension, when it has a query, or when the last
// segment is one of the profile's own file names in any case. Everything else is a folder, with
// or without a slash at its end.
bool names_a_file(const Url& url, const Profile& profile, const Identity& identity,
                  PlanNames names);

// The plan for `url_text`, placeholders filled. A URL that names a file stands for that file and,
// before it, for those of the profile that are asked for beside it. Errors: as parse_url.
Result<Plan> make_plan(std::string_view url_text, Scheme default_scheme, const Profile& profile,
                       const Identity& identity, PlanNames names);

// Whether a file is called after the MAC address of another phone of this maker: twelve hexadecimal
// digits that begin as this phone's do and go on otherwise.
bool names_another_phone(std::string_view file_name, const Identity& identity);

// The plan that asks for exactly this URL, once: for a folder in which no file was found.
Plan one_file_plan(std::string_view url_text);

// `name` under the folder `url_text`, whose query, if any, stays at the end.
std::string file_under(std::string_view url_text, std::string_view name);

// Where the signature of the file `url_text` lies: FILE.sig, its query behind it.
std::string signature_url(std::string_view url_text);

}  // namespace dialtone
