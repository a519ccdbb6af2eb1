// SPDX-License-Identifier: Apache-2.0
#include "agent/config/fanvil_text.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/config/addressee.h"
#include "agent/config/entry_list.h"
#include "agent/config/remarks.h"
#include "agent/config/sniff.h"
#include "agent/config/utf8.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view head = "<<voip config file>>";   // compared without case
constexpr std::string_view end_marker = "<<end of file>>";  // compared without case
constexpr std::string_view version_word = "version";
constexpr std::string_view left_out_mark = "###";
constexpr std::string_view list_mark = "--";
constexpr std::string_view mac_name = "mac";

std::string_view without_blanks(std::string_view text) {
    return trimmed(text, " \t\r");
}

bool cannot_stand_in_a_line(char letter) {
    return is_control(letter) && letter != '\t';
}

// Lines that begin with # may stand before the head.
bool begins_like_fanvil_text(std::string_view text) {
    const auto skip_blanks = [&text] {
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    };
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    skip_blanks();
    while (text.starts_with('#')) {
        take_piece(text, '\n');
        skip_blanks();
    }
    constexpr uint32_t telling_bytes = 2;  // no other format begins with <<
    return text.size() >= telling_bytes && begins_without_case(text, head.substr(0, text.size()));
}

// Reads line by line; every error is one of the line at hand.
class Reading {
  public:
    explicit Reading(const Identity& identity) : identity_(identity) {}

    Status read(std::string_view text) {
        if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
        while (!text.empty()) {
            const auto end = text.find('\n');
            ++line_;
            line_is_whole_ = end != std::string_view::npos;
            TRY(read_line(without_blanks(text.substr(0, end))));
            text.remove_prefix(line_is_whole_ ? end + 1 : text.size());
        }
        if (ended_) return {};
        if (head_seen_ && entries_.empty() && left_out_ == 0)
            return refuse(ErrorCode::truncated, "the file ends right after its head");
        remarks_.add(line_, "there is no <<END OF FILE>> after the last line");
        return {};
    }

    Document take() {
        document_.format = &fanvil_text_format;
        document_.version = std::move(version_);
        if (left_out_ != 0) {
            remarks_.add(left_out_line_, "keys marked with ### are left out: " +
                                             std::to_string(left_out_) + ", this is the first");
        }
        document_.entries = entries_.take(remarks_);
        document_.warnings = remarks_.take();
        return std::move(document_);
    }

  private:
    std::unexpected<Error> refuse(ErrorCode code, std::string detail) const {
        return fail(code, std::move(detail), Position::at_line(line_));
    }

    // An unreadable last line without a line end was probably cut off with the file.
    std::unexpected<Error> refuse_line(std::string detail) const {
        if (line_is_whole_) return refuse(ErrorCode::malformed, std::move(detail));
        return refuse(ErrorCode::truncated, "the file ends inside a line: " + std::move(detail));
    }

    Status read_line(std::string_view line) {
        if (line.empty()) return {};
        if (ended_) {
            if (!std::exchange(after_end_said_, true))
                remarks_.add(line_, "what follows <<END OF FILE>> was passed over");
            return {};
        }
        if (std::any_of(line.begin(), line.end(), cannot_stand_in_a_line))
            return refuse(ErrorCode::malformed, "a control character");
        if (line.starts_with('#')) {
            if (line.starts_with(left_out_mark) && left_out_++ == 0) left_out_line_ = line_;
            return {};
        }
        if (!head_seen_) return read_head(line);
        if (line.starts_with("<<")) return read_marker(line);
        if (line.starts_with('<')) return read_module(line);
        return read_entry(line);
    }

    Status read_head(std::string_view line) {
        if (!begins_without_case(line, head))
            return refuse_line("the file does not begin with <<VOIP CONFIG FILE>>");
        head_seen_ = true;
        const std::string_view rest = without_blanks(line.substr(head.size()));
        if (rest.empty()) return {};
        const auto colon = rest.find(':');
        const bool named = begins_without_case(rest, version_word) &&
                           without_blanks(rest.substr(0, colon)).size() == version_word.size();
        if (!named || colon == std::string_view::npos) {
            remarks_.add(line_, "the first line states no version behind <<VOIP CONFIG FILE>>");
            return {};
        }
        const std::string_view version = without_blanks(rest.substr(colon + 1));
        if (version.size() > limits::config_version_bytes) {
            return refuse(ErrorCode::too_big, "the version is longer than " +
                                                  std::to_string(limits::config_version_bytes) +
                                                  " bytes");
        }
        version_ = as_utf8(version);
        return {};
    }

    Status read_marker(std::string_view line) {
        if (equals_without_case(line, end_marker)) {
            ended_ = true;
            return {};
        }
        if (begins_without_case(line, head))
            return refuse(ErrorCode::malformed, "a second <<VOIP CONFIG FILE>> begins");
        return refuse_line(quoted(shown(line)) + " is not <<END OF FILE>>");
    }

    Status read_module(std::string_view line) {
        const bool closed = line.size() > 1 && line.ends_with('>');
        const std::string_view name =
            closed ? without_blanks(line.substr(1, line.size() - 2)) : std::string_view();
        if (name.starts_with('/')) {
            remarks_.add(line_, "modules are not closed; </...> was passed over");
            return {};
        }
        if (name.empty() || name.find_first_of("<>/") != std::string_view::npos)
            return refuse_line("a line that begins with < is <NAME MODULE>");
        module_ = as_name(name);
        list_.clear();
        return {};
    }

    Status read_entry(std::string_view line) {
        const auto colon = line.find(':');
        const std::string_view name = without_blanks(line.substr(0, colon));
        if (name.starts_with(list_mark) && name.ends_with(list_mark)) return read_list(name);
        // The line is not shown: it may be a password.
        if (colon == std::string_view::npos)
            return refuse_line("neither a module, nor KEY:VALUE, nor a comment");
        if (name.empty()) return refuse(ErrorCode::malformed, "a value without a key before it");
        const std::string_view value = without_blanks(line.substr(colon + 1));
        if (module_.empty()) return read_claim(name, value);
        return add_entry(as_name(name), value);
    }

    // What stands before the first module is no value of the phone's.
    Status read_claim(std::string_view name, std::string_view value) {
        Status status;
        if (equals_without_case(name, mac_name)) {
            status = take_addressee(value, "the line \"mac\"", identity_, document_);
        } else if (equals_without_case(name, serial_name)) {
            status = take_serial(value, document_);
        } else if (!std::exchange(no_module_said_, true)) {
            remarks_.add(line_, "keys before the first module count nowhere");
        }
        if (status) return {};
        return refuse(status.error().code, std::move(status.error().detail));
    }

    Status read_list(std::string_view name) {
        constexpr std::string_view frame = "- \t";
        const auto first = name.find_first_not_of(frame);
        if (first == std::string_view::npos) {
            remarks_.add(line_, "a list without a name was passed over");
            return {};
        }
        list_ = as_name(name.substr(first, name.find_last_not_of(frame) - first + 1));
        return {};
    }

    Status add_entry(const std::string& name, std::string_view value) {
        std::string key = module_ + "/";
        if (!list_.empty()) key += list_ + "/";
        key += name;
        return entries_.add(std::move(key), as_utf8(value), line_);
    }

    std::string as_utf8(std::string_view text) {
        if (valid_utf8_bytes(text) == text.size()) return std::string(text);
        if (!std::exchange(latin1_said_, true))
            remarks_.add(line_, "the file is not UTF-8; this was read as ISO 8859-1");
        return utf8_from_latin1(text);
    }

    std::string as_name(std::string_view text) {
        std::string name = as_utf8(text);
        std::replace(name.begin(), name.end(), '\t', ' ');
        return name;
    }

    const Identity& identity_;
    Document document_ = {};
    uint32_t line_ = 0;
    bool line_is_whole_ = false;  // it has its line end
    bool head_seen_ = false;
    bool ended_ = false;
    bool after_end_said_ = false;
    bool no_module_said_ = false;
    bool latin1_said_ = false;
    uint32_t left_out_ = 0;
    uint32_t left_out_line_ = 0;
    std::string version_ = {};
    std::string module_ = {};
    std::string list_ = {};
    EntryList entries_ = {};
    Remarks remarks_ = {};
};

Status check_kind(std::string_view text) {
    if (text.size() > limits::config_file_bytes) {
        return fail(ErrorCode::too_big, "the file has " + std::to_string(text.size()) +
                                            " bytes, the limit is " +
                                            std::to_string(limits::config_file_bytes));
    }
    if (begins_like_fanvil_text(text)) return {};
    const Content content = sniff(text).content;
    if (content == Content::xml) {
        return fail(ErrorCode::not_a_config,
                    "XML, where a text that begins with <<VOIP CONFIG FILE>> was expected",
                    Position::at_line(1));
    }
    return std::unexpected(unreadable(content));
}

}  // namespace

constinit const ConfigFormat fanvil_text_format = {
    .name = "Fanvil text",
    .recognises = [](std::string_view text,
                     const Sniffed&) { return begins_like_fanvil_text(text); },
    .parse = parse_fanvil_text,
    .write = write_fanvil_text,
};

Result<Document> parse_fanvil_text(std::string_view text, const Identity& identity) {
    TRY(check_kind(text));
    Reading reading(identity);
    TRY(reading.read(text));
    return reading.take();
}

}  // namespace dialtone
