// SPDX-License-Identifier: Apache-2.0
#include "agent/config/fanvil_sysconf.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/config/addressee.h"
#include "agent/config/sniff.h"
#include "agent/config/xml_file.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view root_name = "sysConf";
constexpr std::string_view blanks = " \t\r\n";
constexpr uint8_t oddities = stray_markup | lone_ampersand | loose_end;

class Reading : private XmlFile {
  public:
    Reading(std::string_view text, const Identity& identity) : XmlFile(text, identity, oddities) {}

    // The elements that are open make the key of a value.
    Status read() {
        TRY(read_root(root_name));
        for (XmlPiece piece = TRY(reader_.next()); piece != XmlPiece::over;
             piece = TRY(reader_.next())) {
            if (piece == XmlPiece::start) {
                TRY(begin_element());
            } else if (piece == XmlPiece::text) {
                value_ += reader_.text();
            } else {
                TRY(end_element());
            }
        }
        return {};
    }

    Document take() { return take_document(fanvil_sysconf_format); }

  private:
    Status begin_element() {
        if (!trimmed(value_, blanks).empty()) pass_text(reader_.line());
        value_.clear();
        const std::string_view name = reader_.name();
        if (path_.empty() && name == "Version") return read_version();
        if (path_.empty() && name == "mac") return read_mac();
        if (path_.empty() && name == serial_name) return read_serial();
        if (!path_.empty()) path_ += '/';
        path_ += name;
        if (const auto index = reader_.attribute("index")) {
            if (index->empty() || !std::ranges::all_of(*index, is_digit))
                return refuse(ErrorCode::malformed, "an index that is no number");
            path_ += "." + *index;
        }
        if (path_.size() > limits::config_key_bytes) {
            return refuse(ErrorCode::too_big, "the names around a value are longer than " +
                                                  std::to_string(limits::config_key_bytes) +
                                                  " bytes together");
        }
        value_line_ = reader_.line();
        is_value_ = true;
        return {};
    }

    // A section without anything in it is no value.
    Status end_element() {
        const std::string value(trimmed(value_, blanks));
        value_.clear();
        const auto slash = path_.rfind('/');
        const bool is_value = std::exchange(is_value_, false);
        if (is_value && slash != std::string::npos) {
            TRY(entries_.add(path_, value, value_line_));
        } else if (!value.empty()) {
            remarks_.add(reader_.line(), is_value ? "a value outside of a section counts nowhere"
                                                  : "text between elements was passed over");
        }
        path_.resize(slash == std::string::npos ? 0 : slash);
        return {};
    }

    std::string path_ = {};  // of the element that is open, below the root
    std::string value_ = {};
    uint32_t value_line_ = 0;
    bool is_value_ = false;  // nothing has begun within it
};

}  // namespace

constinit const ConfigFormat fanvil_sysconf_format = {
    .name = "Fanvil sysConf",
    .recognises =
        [](std::string_view, const Sniffed& sniffed) {
            return sniffed.content == Content::xml && sniffed.root == root_name;
        },
    .parse = parse_fanvil_sysconf,
};

Result<Document> parse_fanvil_sysconf(std::string_view text, const Identity& identity) {
    TRY(check_xml_kind(text));
    Reading reading(text, identity);
    TRY(reading.read());
    return reading.take();
}

}  // namespace dialtone
