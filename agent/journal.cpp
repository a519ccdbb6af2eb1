// SPDX-License-Identifier: Apache-2.0
#include "agent/journal.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "agent/harmless_text.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// The words of the journal. Fields that come up again and again:
//     reason      why, a piece of a sentence: lower case at its start, no full stop at its end
//     next        what happens next, a clause in the same spelling ("the chain goes on")
//     url from to as masked_url() shows it
//     source      source_name() or a word of the setting `order`
//     where       "line 12" or "offset 40"
//     generation predecessor   the number of a configuration, 0: none
//     wait_s      seconds from now
constexpr JournalForm forms[] = {
    {JournalKind::boot, JournalLevel::info, "boot",
     "The phone started after {cause}: a {model} with firmware {version} and MAC {mac}, profile "
     "{profile}<; configuration {generation} is active>."},
    {JournalKind::state_recovered, JournalLevel::warning, "state_recovered",
     "Damage was found in {file}: {reason}<; {next}>."},
    {JournalKind::state_of_later, JournalLevel::warning, "state_of_later",
     "A later release wrote {file}: {reason}."},
    {JournalKind::settings_refused, JournalLevel::failure, "settings_refused",
     "The settings file is refused: {reason}<; {next}>."},
    {JournalKind::state_volatile, JournalLevel::warning, "state_volatile",
     "The configuration is lost at the next start<: {reason}>; the phone does not restart itself "
     "for its sake."},
    {JournalKind::call_refused, JournalLevel::failure, "call_refused",
     "The agent's process asked for the system call {number}, which it has no need of, and was "
     "refused it."},
    {JournalKind::clock_floor, JournalLevel::warning, "clock_floor",
     "The phone's clock stood at {hardware} (seconds since 1970), which cannot be<: {reason}>; it "
     "goes on from {floor}."},
    {JournalKind::clock_set, JournalLevel::info, "clock_set",
     "The time server {server} set the clock<, which was {offset_s} s off>."},
    {JournalKind::clock_unset, JournalLevel::warning, "clock_unset",
     "No time could be learnt: {reason}; the phone goes on with the time it has."},
    {JournalKind::clock_doubted, JournalLevel::warning, "clock_doubted",
     "A certificate has expired by the phone's clock, which nobody has proven<: {reason}>; the "
     "time "
     "is asked for anew."},
    {JournalKind::link_up, JournalLevel::info, "link_up",
     "The network on {interface} is up<, the phone's address is {address}>."},
    {JournalKind::link_down, JournalLevel::warning, "link_down",
     "The network on {interface} is down; the phone waits for it."},
    {JournalKind::splay, JournalLevel::info, "splay",
     "The phone works with configuration {generation} and waits {wait_s} s before it asks for a "
     "newer one, so that not all phones of a site ask at once."},
    {JournalKind::pass_begins, JournalLevel::info, "pass_begins",
     "The phone looks for its configuration: {reason}."},
    {JournalKind::source_asked, JournalLevel::info, "source_asked",
     "The source {source} is asked for a server."},
    {JournalKind::source_silent, JournalLevel::info, "source_silent",
     "The source {source} names no server<: {reason}><; {next}>."},
    {JournalKind::source_url, JournalLevel::info, "source_url",
     "The source {source} names {url}< (from {server})>."},
    {JournalKind::source_remark, JournalLevel::warning, "source_remark",
     "The source {source}: {reason}."},
    {JournalKind::notified, JournalLevel::info, "notified",
     "A SIP NOTIFY< from {server}> asks the phone to {reason}."},
    {JournalKind::check_begins, JournalLevel::info, "check_begins",
     "The sources are asked again<, because of {from}>."},
    {JournalKind::check_waits, JournalLevel::info, "check_waits",
     "The sources are asked again in {wait_s} s<, because of {from}>, and not at once."},
    {JournalKind::request, JournalLevel::info, "request",
     "The phone asks for {url}< by {method}><, try {tries}>< ({remark})>."},
    {JournalKind::redirect, JournalLevel::info, "redirect",
     "The server sends the phone on from {from} to {to}, with status {status}."},
    {JournalKind::answer, JournalLevel::info, "answer",
     "The server answered< status {status} and> {bytes} bytes for {url}< after {ms} ms>."},
    {JournalKind::request_failed, JournalLevel::warning, "request_failed",
     "The file {url} could not be fetched: {reason}<; {next}>."},
    {JournalKind::file_absent, JournalLevel::info, "file_absent",
     "There is no file {url} on the server< (status {status})><: {reason}><; {next}>."},
    {JournalKind::file_refused, JournalLevel::failure, "file_refused",
     "The file {url} cannot be used: <{where}: >{reason}<; {next}>."},
    {JournalKind::file_unopened, JournalLevel::warning, "file_unopened",
     "An encrypted file could not be opened, {times} in a row: it has another password, or "
     "somebody "
     "may be altering the file on its way<; {next}>."},
    {JournalKind::file_warning, JournalLevel::warning, "file_warning",
     "The file {url} is used, with a remark: <{where}: >{reason}."},
    {JournalKind::file_read, JournalLevel::info, "file_read",
     "The file {url} was read: {format}; encryption: {cipher}; keys: {keys}<; signed with the key "
     "of {signature}>."},
    {JournalKind::file_unchanged, JournalLevel::info, "file_unchanged",
     "The file {url} is the one that the active configuration was made of."},
    {JournalKind::plan_absent, JournalLevel::warning, "plan_absent",
     "None of the phone's files exists at {url}, which the source {source} named<: {reason}>"
     "<; {next}>."},
    {JournalKind::plan_refused, JournalLevel::failure, "plan_refused",
     "Nothing is taken over from {url}, which the source {source} named, because one of its files "
     "cannot be used<: {reason}><; {next}>."},
    {JournalKind::plan_unreachable, JournalLevel::failure, "plan_unreachable",
     "Nothing is taken over from {url}, which the source {source} named, because not every file "
     "arrived<: {reason}><; {next}>."},
    {JournalKind::plan_unchanged, JournalLevel::info, "plan_unchanged",
     "The phone already has the configuration that {url}, named by the source {source}, offers"
     "<; {next}>."},
    {JournalKind::plan_held_back, JournalLevel::warning, "plan_held_back",
     "The configuration at {url}, named by the source {source}, changed again, but this power-on "
     "has "
     "had all the reboots it may cost; the change waits for the next power-on<: {reason}>."},
    {JournalKind::plan_was_rolled_back, JournalLevel::warning, "plan_was_rolled_back",
     "The files at {url}, named by the source {source}, failed their trial before and are left "
     "aside<: {reason}><; {next}>."},
    {JournalKind::retry_waits, JournalLevel::info, "retry_waits",
     "The next try< for {url}>< (number {try})> follows in {wait_s} s<: {reason}>."},
    {JournalKind::applying, JournalLevel::info, "applying",
     "Configuration {generation} is being written<; changed keys: {keys}>."},
    {JournalKind::applied, JournalLevel::info, "applied",
     "Configuration {generation} is safely stored and active<; changed keys: {keys}>"
     "<; the one before was configuration {predecessor}>."},
    {JournalKind::apply_failed, JournalLevel::failure, "apply_failed",
     "The new configuration could not be stored: {step}: {reason}; the old one stays active"
     "<; {next}>."},
    {JournalKind::hooks_ran, JournalLevel::info, "hooks_ran",
     "Hook programs that were told what changed: {ran}<; failed: {failed}>< ({reason})>."},
    {JournalKind::reboot, JournalLevel::info, "reboot",
     "The phone reboots: {reason}<; this is reboot {number} since power-on>."},
    {JournalKind::trial_begins, JournalLevel::info, "trial_begins",
     "Configuration {generation} is on trial: unless its server answers within {wait_s} s, the "
     "configuration before it returns."},
    {JournalKind::trial_confirmed, JournalLevel::info, "trial_confirmed",
     "Configuration {generation} is confirmed<: {by}>."},
    {JournalKind::trial_failed, JournalLevel::failure, "trial_failed",
     "Nothing answered configuration {generation} within {wait_s} s; configuration {predecessor} "
     "returns."},
    {JournalKind::return_failed, JournalLevel::warning, "return_failed",
     "Configuration {predecessor}, brought back for a test, reaches no server either; "
     "configuration "
     "{generation} stays."},
    {JournalKind::rolled_back, JournalLevel::failure, "rolled_back",
     "Configuration {generation} is withdrawn, because configuration {predecessor} reaches its "
     "server and the newer one did not<; {next}>."},
    {JournalKind::plan_repeated, JournalLevel::info, "plan_repeated",
     "What {url} offers, which the source {source} named, is installed already; that is not the "
     "phone's own server, so the phone asks on."},
    {JournalKind::source_next, JournalLevel::info, "source_next",
     "The chain goes on with the source {source}."},
    {JournalKind::source_held, JournalLevel::info, "source_held",
     "The server of {url} has asked to be left alone for now and is not asked."},
    {JournalKind::source_beside, JournalLevel::info, "source_beside",
     "The server of {url} has not answered for {silent_s} s: the next server is asked beside it."},
    {JournalKind::source_manages, JournalLevel::info, "source_manages",
     "The ACS {url} manages the phone: nobody else is asked."},
    {JournalKind::source_left, JournalLevel::warning, "source_left",
     "The server of {url} has not answered for {silent_s} s: what the next server offers is "
     "taken."},
    {JournalKind::nothing_found, JournalLevel::warning, "nothing_found",
     "No source led to a configuration<: {reason}><; {next}>."},
    {JournalKind::rest, JournalLevel::info, "rest",
     "The phone rests< with configuration {generation}>< and asks again in {wait_s} s>."},
    {JournalKind::operator_command, JournalLevel::info, "operator_command",
     "An operator gave the command {command}< for {key}>."},
    {JournalKind::operator_refused, JournalLevel::warning, "operator_refused",
     "The command {command} is refused: {reason}."},
    {JournalKind::factory_reset, JournalLevel::warning, "factory_reset",
     "The phone forgets all its configurations and starts anew from its profile<: {reason}>."},
    {JournalKind::trust_moves, JournalLevel::warning, "trust_moves",
     "With the new configuration {reason}."},
    {JournalKind::staged, JournalLevel::info, "staged",
     "The file {url} is kept as {file}, {bytes} bytes."},
    {JournalKind::job_waits, JournalLevel::warning, "job_waits",
     "The download of {url} has failed: {reason}; it is tried again in {wait_s} s."},
    {JournalKind::job_failed, JournalLevel::failure, "job_failed",
     "The download of {url} is given up: {reason}."},
    {JournalKind::acs_inform, JournalLevel::info, "acs_inform",
     "The phone reports to the ACS {url}: {events}<; this is try {try}>."},
    {JournalKind::acs_call, JournalLevel::info, "acs_call",
     "The ACS called {method}<, which was refused: {fault}, {reason}>."},
    {JournalKind::acs_session, JournalLevel::info, "acs_session",
     "The session with the ACS {url} ended well< after {calls} calls>"
     "< ({unwritten} messages are not written down)><; {next}>"
     "<; the next report follows in {wait_s} s>."},
    {JournalKind::acs_failed, JournalLevel::warning, "acs_failed",
     "The session with the ACS {url} failed< at {message}>: {reason}"
     "< ({unwritten} messages are not written down)><; {next}>"
     "<; the next try follows in {wait_s} s>."},
    {JournalKind::acs_transfer, JournalLevel::info, "acs_transfer",
     "The ACS has the phone {method} a file: {type}, {url}."},
    {JournalKind::acs_request, JournalLevel::info, "acs_request",
     "The phone called {method} of the ACS<, which answered with the fault {fault} ({reason})>."},
    {JournalKind::acs_turn, JournalLevel::info, "acs_turn",
     "The ACS has taken what the phone reported, and may call methods now."},
    {JournalKind::acs_refused, JournalLevel::warning, "acs_refused",
     "The ACS does not take {method}: {reason}; it is not told again."},
    {JournalKind::acs_transfer_waits, JournalLevel::warning, "acs_transfer_waits",
     "The transfer that the ACS ordered, {type}, has failed: {fault}, {reason}; it is tried again "
     "in {wait_s} s."},
    {JournalKind::acs_transfer_over, JournalLevel::info, "acs_transfer_over",
     "The transfer that the ACS ordered, {type}, is over<, without success: {fault}, {reason}>; "
     "the ACS is told."},
    {JournalKind::connection_request, JournalLevel::info, "connection_request",
     "The ACS asks for a session, by {method} from {from}."},
    {JournalKind::connection_request_refused, JournalLevel::warning, "connection_request_refused",
     "A connection request by {method} from {from} is refused: {reason}."},
    {JournalKind::connection_request_port, JournalLevel::info, "connection_request_port",
     "The ACS may ask for a session on port {port}<: {reason}>."},
    {JournalKind::connection_request_off, JournalLevel::warning, "connection_request_off",
     "The ACS cannot ask for a session: {reason}<; {next}>."},
    {JournalKind::stun_binding, JournalLevel::info, "stun_binding",
     "The STUN server {server} sees the phone as {address}<, {reason}>."},
    {JournalKind::stun_failed, JournalLevel::warning, "stun_failed",
     "The STUN server {server} is of no use: {reason}<; it is asked again in {wait_s} s>."},
    {JournalKind::repeated, JournalLevel::warning, "repeated",
     "Within an hour the line {kind} came {count} times more than is written down."},
    {JournalKind::finished, JournalLevel::info, "finished",
     "This life ends with exit status {status}<: {reason}>."},
};

constexpr bool is_field_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Braces and angles come in pairs, angles are not nested, and it ends as a sentence does.
consteval bool is_well_formed(std::string_view sentence) {
    bool optional = false;
    bool field = false;
    for (char c : sentence) {
        if (field && c != '}' && !is_field_letter(c)) return false;
        if ((c == '<' && optional) || (c == '>' && !optional) || (c == '}' && !field)) return false;
        if (c == '<' || c == '>') optional = c == '<';
        if (c == '{' || c == '}') field = c == '{';
    }
    return !optional && !field && sentence.ends_with('.');
}

consteval bool forms_are_complete() {
    if (std::size(forms) != journal_kind_count) return false;
    for (uint32_t i = 0; i < journal_kind_count; ++i) {
        if (forms[i].kind != static_cast<JournalKind>(i)) return false;
        if (forms[i].name.empty() || !is_well_formed(forms[i].sentence)) return false;
        for (uint32_t j = 0; j < i; ++j) {
            if (forms[j].name == forms[i].name) return false;
        }
    }
    return true;
}
static_assert(forms_are_complete(), "one form for each JournalKind, in the order of the enum");

constexpr std::string_view cut_mark = "...";

// Appends `value` as it stands in the file, cut so that `out` has at most `limit_bytes`.
void append_escaped(std::string& out, std::string_view value, uint32_t limit_bytes) {
    size_t cut_at = out.size();  // here there is still room for the mark
    const auto odd = std::find_if(value.begin(), value.end(), [](char c) {
        return harmless_bytes({&c, 1}) == 0 || c == '\\';
    });
    const std::string_view plain(value.begin(), odd);
    if (out.size() + plain.size() + cut_mark.size() <= limit_bytes) {
        out += plain;
        value.remove_prefix(plain.size());
        cut_at = out.size();
    }
    while (!value.empty()) {
        const uint32_t bytes = value.starts_with('\\') ? 0 : harmless_bytes(value);
        if (bytes > 0) {
            out += value.substr(0, bytes);
        } else {
            out += value.starts_with('\\') ? "\\\\" : escaped_byte(value.front());
        }
        value.remove_prefix(std::max(bytes, 1U));
        if (out.size() > limit_bytes) {
            out.resize(cut_at);
            out += cut_mark;
            return;
        }
        if (out.size() + cut_mark.size() <= limit_bytes) cut_at = out.size();
    }
}

// The inverse of append_escaped. Lenient: decode_journal_line compares afterwards.
std::string unescaped(std::string_view text) {
    std::string out;
    for (uint32_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            out += text[at];
            continue;
        }
        const char letter = text[++at];
        if (letter == 't') out += '\t';
        if (letter == 'n') out += '\n';
        if (letter == 'r') out += '\r';
        if (letter == '\\') out += '\\';
        if (letter != 'x') continue;
        const std::string_view digits = text.substr(at + 1, 2);
        uint8_t byte = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        out += static_cast<char>(byte);
        at += static_cast<uint32_t>(digits.size());
    }
    return out;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

std::string encode_entry(const JournalEntry& entry) {
    JournalLine line{.kind = entry.kind, .at_ms = entry.at_ms, .wall_s = entry.wall_s};
    for (const auto& [name, value] : entry.fields)
        line.fields.emplace_back(name, value);
    return encode_journal_line(line);
}

struct Filled {
    std::string text = {};
    bool complete = true;  // every field was there
};

// Fills the braces of `text`, which has no angles.
Filled fill_fields(std::string_view text, const JournalEntry& entry) {
    Filled filled;
    while (!text.empty()) {
        const auto brace = text.find('{');
        filled.text += text.substr(0, brace);
        if (brace == std::string_view::npos) break;
        const auto end = text.find('}', brace);
        const std::string_view value = entry.field(text.substr(brace + 1, end - brace - 1));
        if (value.empty() || value == "0") filled.complete = false;
        filled.text += harmless(value.empty() ? "(unknown)" : value);
        text.remove_prefix(end + 1);
    }
    return filled;
}

}  // namespace

const JournalForm& journal_form(JournalKind kind) {
    return forms[static_cast<uint32_t>(kind)];
}

JournalLine& JournalLine::with(std::string_view name, std::string_view value) {
    std::string text(value);
    if (value.size() > limits::journal_field_bytes) {
        uint32_t end = limits::journal_field_bytes - static_cast<uint32_t>(cut_mark.size());
        // Not within a character of UTF-8.
        while (end > 0 && (static_cast<uint8_t>(value[end]) & 0xC0) == 0x80)
            --end;
        text.resize(end);
        text += cut_mark;
    }
    fields.emplace_back(name, std::move(text));
    return *this;
}

JournalLine& JournalLine::with(std::string_view name, uint64_t value) {
    return with(name, std::string_view(std::to_string(value)));
}

std::string encode_journal_line(const JournalLine& line) {
    constexpr uint32_t end_of_text = limits::journal_line_bytes - 1;  // the LF
    std::string text = std::to_string(line.at_ms);
    text += '\t';
    text += std::to_string(line.wall_s);
    text += '\t';
    text += journal_form(line.kind).name;
    for (const auto& [name, value] : line.fields) {
        assert(!name.empty() && std::all_of(name.begin(), name.end(), is_field_letter));
        const size_t head_bytes = name.size() + 2;
        if (text.size() + head_bytes + cut_mark.size() > end_of_text) break;
        text += '\t';
        text += name;
        text += '=';
        append_escaped(text, value, end_of_text);
    }
    text += '\n';
    return text;
}

std::string_view JournalEntry::field(std::string_view name) const {
    for (const auto& [key, value] : fields) {
        if (key == name) return value;
    }
    return {};
}

Result<JournalEntry> decode_journal_line(std::string_view line) {
    const auto refuse = [](std::string_view reason) {
        return fail(ErrorCode::malformed, std::string(reason));
    };
    if (line.size() >= limits::journal_line_bytes) return refuse("a journal line is too long");
    std::string_view rest = line;
    JournalEntry entry;
    if (!read_number(take_piece(rest, '\t'), entry.at_ms)) return refuse("no time since power-on");
    if (!read_number(take_piece(rest, '\t'), entry.wall_s)) return refuse("no wall clock");

    const std::string_view kind = take_piece(rest, '\t');
    const auto form = std::find_if(std::begin(forms), std::end(forms),
                                   [&](const JournalForm& one) { return one.name == kind; });
    if (form == std::end(forms)) return refuse("an unknown kind of line");
    entry.kind = form->kind;

    while (!rest.empty()) {
        const std::string_view column = take_piece(rest, '\t');
        const auto equals = column.find('=');
        if (equals == std::string_view::npos || equals == 0) return refuse("a column is no field");
        const std::string_view name = column.substr(0, equals);
        if (!std::all_of(name.begin(), name.end(), is_field_letter))
            return refuse("a field has no proper name");
        entry.fields.emplace_back(name, unescaped(column.substr(equals + 1)));
    }

    // There is one spelling for each entry. Anything else was torn or written by somebody else.
    const std::string again = encode_entry(entry);
    if (std::string_view(again).substr(0, again.size() - 1) != line)
        return refuse("not as the agent writes it");
    return entry;
}

std::string journal_sentence(const JournalEntry& entry) {
    std::string_view form = journal_form(entry.kind).sentence;
    std::string sentence;
    while (!form.empty()) {
        const bool optional = form.starts_with('<');
        const auto end = form.find(optional ? '>' : '<');
        const Filled piece = fill_fields(form.substr(optional, end - optional), entry);
        if (!optional || piece.complete) sentence += piece.text;
        form.remove_prefix(end == std::string_view::npos ? form.size() : end + optional);
    }
    return sentence;
}

}  // namespace dialtone
