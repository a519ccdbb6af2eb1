// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/script_words.h"

namespace dialtone::sim::acs {
namespace {

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r';
}

char unescaped(char letter) {
    return letter == 'n' ? '\n' : letter == 't' ? '\t' : letter;
}

// What stands between quotes, the first of which is gone already; false: the second is missing.
bool take_quoted(std::string_view& line, std::string& word) {
    while (!line.empty()) {
        const char letter = line.front();
        line.remove_prefix(1);
        if (letter == '"') return true;
        if (letter != '\\') {
            word += letter;
            continue;
        }
        if (line.empty()) return false;
        const char escaped = line.front();
        line.remove_prefix(1);
        const bool is_known = escaped == '"' || escaped == '\\' || escaped == 'n' || escaped == 't';
        if (!is_known) word += '\\';
        word += is_known ? unescaped(escaped) : escaped;
    }
    return false;
}

}  // namespace

Result<std::vector<std::string>> words_of(std::string_view line, uint32_t number) {
    std::vector<std::string> out;
    while (true) {
        while (!line.empty() && is_blank(line.front()))
            line.remove_prefix(1);
        if (line.empty() || line.front() == '#') return out;
        std::string word;
        while (!line.empty() && !is_blank(line.front())) {
            const char letter = line.front();
            line.remove_prefix(1);
            if (letter != '"')
                word += letter;
            else if (!take_quoted(line, word))
                return fail(ErrorCode::bad_usage, "a quote that does not end",
                            Position::at_line(number));
        }
        out.push_back(std::move(word));
    }
}

}  // namespace dialtone::sim::acs
