// SPDX-License-Identifier: Apache-2.0
#include "agent/config/grandstream_binary.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/config/addressee.h"
#include "agent/config/entry_list.h"
#include "agent/config/remarks.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr uint32_t mac_at = 6;
constexpr uint32_t mac_bytes = 6;
constexpr uint32_t values_at = 16;
constexpr std::string_view closing_key = "gnkey";

// Letters that both kinds of percent-encoding leave as they are, and those that they write.
bool stands_encoded(char letter) {
    return is_letter(letter) || is_digit(letter) ||
           std::string_view("-_.~%+*=&").find(letter) != std::string_view::npos;
}

class Reading {
  public:
    Reading(std::string_view file, const Identity& identity) : file_(file), identity_(identity) {}

    Status read() {
        TRY(at(mac_at, take_addressee(hex_of(file_.substr(mac_at, mac_bytes)),
                                      "the head of the file", identity_, document_)));
        std::string_view left = file_.substr(values_at);
        left = left.substr(0, left.find('\0'));
        const bool is_encoded = std::ranges::all_of(left, stands_encoded);
        while (!left.empty()) {
            const auto offset = static_cast<uint32_t>(left.data() - file_.data());
            const std::string_view piece = take_piece(left, '&');
            if (!piece.empty()) TRY(at(offset, read_value(piece, is_encoded)));
        }
        if (!closed_) remarks_.add(0, "there is no gnkey behind the values");
        return {};
    }

    Document take() {
        document_.format = &grandstream_binary_format;
        document_.entries = entries_.take(remarks_);
        document_.warnings = remarks_.take();
        return std::move(document_);
    }

  private:
    static Status at(uint32_t offset, Status status) {
        if (status) return {};
        return fail(status.error().code, std::move(status.error().detail),
                    Position::at_offset(offset));
    }

    // What is wrong with a value is told without it: it may be a password.
    Status read_value(std::string_view piece, bool is_encoded) {
        const auto equals = piece.find('=');
        const std::string_view key = piece.substr(0, equals);
        if (equals == std::string_view::npos)
            return fail(ErrorCode::malformed, "a value without a key and = before it");
        closed_ = key == closing_key;
        if (closed_) return {};
        std::string value(piece.substr(equals + 1));
        if (is_encoded) std::ranges::replace(value, '+', ' ');
        value = percent_decoded(value);
        if (key == serial_name) return take_serial(value, document_);
        if (!key_has_shape(key, KeyShape::p_number)) {
            remarks_.add(0, quoted(shown(key)) + " is no P value and was passed over");
            return {};
        }
        if (!is_plain_utf8(value)) {
            return fail(ErrorCode::malformed, "the value of " + std::string(key) +
                                                  " is not UTF-8, or has control characters");
        }
        return entries_.add(std::string(key), std::move(value), 0);
    }

    std::string_view file_;
    const Identity& identity_;
    Document document_ = {};
    Remarks remarks_ = {};
    EntryList entries_ = {};
    bool closed_ = false;
};

}  // namespace

constinit const ConfigFormat grandstream_binary_format = {
    .name = "Grandstream binary",
    .recognises =
        [](std::string_view, const Sniffed& sniffed) {
            return sniffed.content == Content::grandstream_binary;
        },
    .parse = parse_grandstream_binary,
};

Result<Document> parse_grandstream_binary(std::string_view file, const Identity& identity) {
    if (sniff(file).content != Content::grandstream_binary) {
        return fail(ErrorCode::not_a_config,
                    "no Grandstream binary file: its length or its sum does not fit",
                    Position::at_offset(0));
    }
    Reading reading(file, identity);
    TRY(reading.read());
    return reading.take();
}

}  // namespace dialtone
