// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/acs.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "dialtone_features.h"
#include "platform/common/journal_text.h"
#include "platform/common/output.h"
#include "platform/tool/journal_json.h"
#include "platform/tool/json_writer.h"

namespace dialtone {
namespace {

using Kind = JournalKind;
using Session = std::span<const JournalEntry>;

constexpr uint32_t who_letters = 7;
constexpr uint32_t method_letters = 24;
constexpr uint32_t id_letters = 12;

// The lines that are not of a message, and are told by their sentence.
constexpr Kind sentence_kinds[] = {Kind::acs_session, Kind::acs_failed, Kind::connection_request,
                                   Kind::connection_request_refused, Kind::connection_request_off};

bool is_end(const JournalEntry& entry) {
    return entry.kind == Kind::acs_session || entry.kind == Kind::acs_failed;
}

// --- one entry -----------------------------------------------------------------------------------

struct Message {
    std::string_view who;
    std::string_view method;
    std::string result;
};

std::string result_of(const JournalEntry& entry, std::string_view good) {
    const std::string_view fault = entry.field("fault");
    if (fault.empty()) return std::string(good);
    return "fault " + std::string(fault) + ": " + std::string(entry.field("reason"));
}

std::optional<Message> message_of(const JournalEntry& entry) {
    switch (entry.kind) {
        case Kind::acs_inform:
            return Message{"phone", "Inform", "sent: " + std::string(entry.field("events"))};
        case Kind::acs_request:
            return Message{"phone", entry.field("method"), result_of(entry, "taken")};
        case Kind::acs_turn:
            return Message{"phone", "(empty)", "the Inform is taken, and the ACS has its turn"};
        case Kind::acs_call:
            return Message{"ACS", entry.field("method"), result_of(entry, "answered")};
        default:
            return std::nullopt;
    }
}

std::string column(std::string_view text, uint32_t letters) {
    std::string out = one_line(text);
    out.resize(std::max<size_t>(out.size(), letters), ' ');
    return out + " ";
}

std::string message_line(const JournalEntry& entry, const Message& message) {
    return since_power_on(entry.at_ms) + "  " + column(message.who, who_letters) +
           column(message.method, method_letters) + column(entry.field("id"), id_letters) +
           one_line(message.result) + "\n";
}

std::string title(const JournalEntry& inform) {
    std::string out = "With " + one_line(inform.field("url"));
    const std::string_view server = inform.field("server");
    const std::string_view count = inform.field("try");
    if (!server.empty()) out += ", which " + one_line(server) + " named";
    out += ", " + utc_text(inform.wall_s);
    if (!count.empty()) out += ", try " + one_line(count);
    return out + ":\n";
}

std::string sentences_of(const JournalEntry& entry) {
    if (const auto message = message_of(entry)) {
        const std::string line = message_line(entry, *message);
        return entry.kind == Kind::acs_inform ? title(entry) + line : line;
    }
    const bool is_told = std::ranges::find(sentence_kinds, entry.kind) != std::end(sentence_kinds);
    return is_told ? entry_line(entry) : std::string();
}

// --- one session ---------------------------------------------------------------------------------

std::string session_text(Session session) {
    std::string out;
    bool is_over = false;
    for (const JournalEntry& entry : session) {
        if (entry.kind == Kind::boot && !is_over)
            out += since_power_on(entry.at_ms) +
                   "  The phone started again before the session had ended.\n";
        is_over = is_over || is_end(entry) || entry.kind == Kind::boot;
        out += sentences_of(entry);
    }
    return out;
}

std::vector<Session> last_sessions(Session journal, uint32_t last) {
    std::vector<Session> out = acs_sessions(journal);
    const auto kept = std::min<size_t>(last, out.size());
    out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(kept));
    return out;
}

// --- what comes next -----------------------------------------------------------------------------

std::string due_words(const JournalEntry& entry) {
    const std::string_view text = entry.field("wait_s");
    uint32_t wait_s = 0;
    std::from_chars(text.data(), text.data() + text.size(), wait_s);
    return ", due at " + utc_text(entry.wall_s + WallSeconds{wait_s});
}

// What it has ordered, or why it may not: the journal's words begin with "it".
std::string order_words(std::string_view words) {
    constexpr std::string_view subject = "it ";
    if (words.starts_with(subject)) words.remove_prefix(subject.size());
    return "The ACS " + one_line(words) + ".";
}

std::string after_end(const JournalEntry& end) {
    const bool waits = !end.field("wait_s").empty();
    const std::string_view next = end.field("next");
    if (end.kind == Kind::acs_session && !next.empty()) return order_words(next);
    if (end.kind == Kind::acs_failed && waits) return "The next try" + due_words(end) + ".";
    constexpr std::string_view something = "when there is something to tell";
    if (waits) {
        return "The next periodic report" + due_words(end) + ", or a session before it " +
               std::string(something) + ".";
    }
    return "A session " + std::string(something) +
           ": an event, a changed value, or a connection request.";
}

std::string next_words(const StateView& view, Session session) {
    if (!view.running) return "Nothing until dialtoned is started: it is not running.";
    for (auto entry = session.rbegin(); entry != session.rend(); ++entry) {
        if (is_end(*entry)) return after_end(*entry);
        if (entry->kind == Kind::boot) return "A session as soon as the phone is online again.";
    }
    return "The session is under way.";
}

std::string no_session_words() {
    if constexpr (!with_tr069) return "This build has no TR-069: it speaks to no ACS.";
    return "The journal has no session with an ACS: none is known (tr069.acs_url, or DHCP), it is "
           "switched off (tr069.enabled), or the phone has not come so far; dialtone explain tells "
           "what it does.";
}

}  // namespace

std::vector<std::span<const JournalEntry>> acs_sessions(std::span<const JournalEntry> journal) {
    std::vector<Session> out;
    for (size_t at = 0; at < journal.size(); ++at) {
        if (journal[at].kind == Kind::acs_inform) {
            out.push_back(journal.subspan(at, 1));
        } else if (!out.empty()) {
            out.back() = {out.back().data(), out.back().size() + 1};
        }
    }
    return out;
}

std::string acs_entry_text(const JournalEntry& entry, OutputForm form) {
    std::string text = sentences_of(entry);
    if (text.empty() || form == OutputForm::text) return text;
    return entry_text(entry, form);
}

std::string acs_text(const StateView& view, uint32_t last) {
    const auto sessions = last_sessions(view.journal, last);
    if (sessions.empty()) return no_session_words() + "\n";
    std::string out;
    for (const Session& session : sessions)
        out += session_text(session) + "\n";
    return out + "Next: " + next_words(view, sessions.back()) + "\n";
}

std::string acs_json(const StateView& view, uint32_t last) {
    const auto sessions = last_sessions(view.journal, last);
    JsonWriter json;
    json.begin_object().key("sessions").begin_array();
    for (const Session& session : sessions) {
        json.begin_object().member("url", session.front().field("url"));
        json.key("entries").begin_array();
        for (const JournalEntry& entry : session) {
            if (!sentences_of(entry).empty()) write_entry(json, entry);
        }
        json.end_array().end_object();
    }
    json.end_array();
    json.member("next", sessions.empty() ? no_session_words() : next_words(view, sessions.back()));
    json.end_object();
    return json.str() + "\n";
}

}  // namespace dialtone
