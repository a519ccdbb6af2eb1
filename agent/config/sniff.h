// SPDX-License-Identifier: Apache-2.0
//
// What the bytes of a file are, judged by the bytes alone: servers serve the wrong file, the
// wrong type and login pages under the right name. Called by reader and by the XML parsers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/result.h"

namespace dialtone {

enum class Content : uint8_t {
    empty,               // no bytes, or nothing but blanks
    openssl_salted,      // "Salted__", also when it is cut within that word
    xml,                 // a '<' that opens something, after a byte order mark and blanks
    html,                // the same, and it is a page for a browser
    utf16,               // XML in UTF-16 or UTF-32
    grandstream_binary,  // the old cfg<mac> form: length, checksum, MAC, CR LF CR LF
    fanvil_text,         // "<<VOIP CONFIG FILE>>" after comments, also when it is cut within that
    text,                // readable, and none of the above
    binary,              // anything else; openssl enc -nosalt leaves no trace, so maybe that
};

struct Sniffed {
    Content content = Content::empty;
    std::string_view root = {};  // of xml and html: the root element's name, empty if none is found
};

// `root` is a view into `bytes`.
Sniffed sniff(std::span<const uint8_t> bytes);
Sniffed sniff(std::string_view text);

// What a Fanvil text file begins with, in lower case: it is compared without case.
inline constexpr std::string_view fanvil_text_head = "<<voip config file>>";

// Why a file that is plain `content` cannot be read. Not for xml and fanvil_text.
Error unreadable(Content content);

// Whether a decrypted text can begin like this: the test that tells a right key from a wrong one.
// Of the heads that wrong keys give, one in two million passes when it is 64 bytes long.
bool opens_like_document(std::span<const uint8_t> head);

}  // namespace dialtone
