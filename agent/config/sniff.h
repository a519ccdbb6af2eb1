// SPDX-License-Identifier: Apache-2.0
//
// Tells what kind of content a file has from its bytes alone, because servers deliver the wrong
// file, a wrong Content-Type or a login page under the right name. Called by the reader and by the
// formats.
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
    base64,              // the same in base64
    grandstream_binary,  // the old cfg<mac> form: length, checksum, MAC, CR LF CR LF
    p_values,            // P271=1, a line each
    text,                // readable, and none of the above; a text format recognises its own
    binary,              // anything else; openssl enc -nosalt leaves no trace, so maybe that
};

struct Sniffed {
    Content content = Content::empty;
    std::string_view root = {};  // of xml and html: the root element's name, empty if none is found
};

// `root` is a view into `bytes`.
Sniffed sniff(std::span<const uint8_t> bytes);
Sniffed sniff(std::string_view text);

// Why a file that is plain `content`, and none of the formats, cannot be read. Not for xml.
Error unreadable(Content content);

// Whether an XML format can begin to read `text`. Errors: too_big (limits::config_file_bytes);
// those of unreadable(), when it is no XML; malformed, when it is not UTF-8.
Status check_xml_kind(std::string_view text);

// Whether a decrypted file can begin with `head`: the test by which a right key is told from a
// wrong one. With 64 bytes, one wrong key in two million passes it.
bool opens_like_document(std::span<const uint8_t> head);

}  // namespace dialtone
