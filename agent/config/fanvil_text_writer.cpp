// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/config/fanvil_text.h"
#include "agent/config/utf8.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// A line begins or ends with no blank that counts, and a name holds no colon.
bool is_line_text(std::string_view text) {
    return trimmed(text, " \t\r") == text && valid_utf8_bytes(text) == text.size() &&
           std::ranges::none_of(text,
                                [](char letter) { return is_control(letter) && letter != '\t'; });
}

bool is_name(std::string_view text) {
    const bool is_frame = text.starts_with("--") && text.ends_with("--");
    return !text.empty() && is_line_text(text) && !is_frame && text.front() != '#' &&
           text.front() != '<' && text.find_first_of(":\t") == std::string_view::npos;
}

bool is_module(std::string_view text) {
    return !text.empty() && is_line_text(text) &&
           text.find_first_of("<>\t") == std::string_view::npos;
}

bool is_list(std::string_view text) {
    return is_name(text) && trimmed(text, "- ") == text;
}

// A key by its parts. Where the list has a name that no line can say, the key keeps it in its own:
// that is read as the same.
struct Parts {
    std::string_view module = {};
    std::string_view list = {};
    std::string_view name = {};
};

Parts parts_of(std::string_view key) {
    Parts parts;
    parts.module = take_piece(key, '/');
    parts.name = key;
    std::string_view rest = key;
    const std::string_view list = take_piece(rest, '/');
    if (rest.empty() || !is_list(list) || !is_name(rest)) return parts;
    parts.list = list;
    parts.name = rest;
    return parts;
}

class Writing {
  public:
    void write(const WrittenEntry& entry, bool in_lists) {
        const Parts parts = parts_of(entry.key);
        const bool can_be_said =
            is_module(parts.module) && is_name(parts.name) && is_line_text(entry.value);
        if (!can_be_said || parts.list.empty() == in_lists) return;
        if (parts.module != module_) {
            (((out_ += '<') += parts.module) += ">\n");
            list_ = {};
        }
        module_ = parts.module;
        if (in_lists && parts.list != list_) (((out_ += "--") += parts.list) += "--  :\n");
        list_ = parts.list;
        if (entry.is_withheld) out_ += "###";
        ((out_ += parts.name) += "  :") += entry.is_withheld ? std::string_view() : entry.value;
        out_ += '\n';
    }
    std::string take() { return std::move(out_); }

  private:
    std::string out_ = "<<VOIP CONFIG FILE>>Version:2.0002\n";
    std::string_view module_ = {};
    std::string_view list_ = {};
};

}  // namespace

// Of each module first what stands in no list, because nothing ends a list but another one.
std::string write_fanvil_text(std::span<const WrittenEntry> entries) {
    const auto module_of = [](const WrittenEntry& entry) {
        return entry.key.substr(0, entry.key.find('/'));
    };
    Writing writing;
    while (!entries.empty()) {
        const auto end = std::ranges::find_if(entries, [&](const WrittenEntry& entry) {
            return module_of(entry) != module_of(entries.front());
        });
        const auto count = static_cast<uint32_t>(end - entries.begin());
        for (const bool in_lists : {false, true}) {
            for (const WrittenEntry& entry : entries.first(count))
                writing.write(entry, in_lists);
        }
        entries = entries.subspan(count);
    }
    return writing.take() + "<<END OF FILE>>\n";
}

}  // namespace dialtone
