// SPDX-License-Identifier: Apache-2.0
//
// What a format of configuration files is for the reader. A format is one file that exports one
// ConfigFormat; the profiles of the vendors whose phones take it list it, and nothing else has to
// know of it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/config/sniff.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

// A value of a file that is written.
struct WrittenEntry {
    std::string_view key = {};
    std::string_view value = {};
    bool is_withheld = false;  // a secret: the file says that there is one, and not which
};

struct ConfigFormat {
    std::string_view name;  // for people: "Grandstream XML"
    // Whether a plain file begins like this format, also when it is cut within its head. `sniffed`
    // is what sniff() says of `text`.
    bool (*recognises)(std::string_view text, const Sniffed& sniffed);
    // `text` of XML is UTF-8. Errors: those of the format, with a line. `identity` is the phone the
    // file has to be for.
    Result<Document> (*parse)(std::string_view text, const Identity& identity);
    // A file that parse() reads as these entries, which are sorted by key; their order may be
    // another one. A value that the format has no way to say is left out. nullptr: nobody writes
    // it.
    std::string (*write)(std::span<const WrittenEntry> entries) = nullptr;
};

}  // namespace dialtone
