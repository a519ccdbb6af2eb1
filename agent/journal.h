// SPDX-License-Identifier: Apache-2.0
//
// The journal: why the phone is provisioned, or is not. Every decision of the agent becomes one
// line; `dialtone explain`, `status --follow`, the demonstration and the tests all read the same
// lines. The sentence for each kind of line stands in one table (journal.cpp), so that the words
// an administrator reads are in one place.
//
// A line on disk is tab-separated text, one line an entry:
//     <ms since power-on> TAB <wall clock, seconds> TAB <kind> { TAB <field>=<value> } LF
// Values are bounded and escaped (\\ \t \n \r \xHH); secrets never get this far, because URLs
// enter through masked_url() only and settings marked secret are never put in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/instant.h"
#include "agent/result.h"

namespace dialtone {

enum class JournalLevel : uint8_t { info, warning, failure };

enum class JournalKind : uint8_t {
    boot,              // the agent started
    state_recovered,   // a record copy or a generation was not whole
    state_of_later,    // one of them was written by a later release, and not all of it is taken
    settings_refused,  // the settings file has an error
    state_volatile,    // what is stored now is lost at the next start
    call_refused,      // the kernel refused this process a system call; the world writes it
    clock_floor,       // the hardware's clock cannot be right
    clock_set,         // somebody proposed a time
    clock_unset,       // nobody did, or it is not believed
    clock_doubted,     // a certificate has expired by it
    link_up,
    link_down,
    splay,                 // the first pass is spread over wait_s
    pass_begins,           // why the phone asks now: power-on, trial, periodic, operator ...
    source_asked,          // a source of the chain is looked at
    source_silent,         // and gave no URL
    source_url,            // and gave this URL
    source_remark,         // and said something that is of no use
    notified,              // a SIP NOTIFY wants something
    check_begins,          // somebody but an operator wants the sources asked
    check_waits,           // what was wanted is put off, because the last check was a moment ago
    request,               // a file is asked for
    redirect,              // the server sent us elsewhere
    answer,                // a whole answer arrived
    request_failed,        // no whole answer
    file_absent,           // the server says there is no such file
    file_refused,          // arrived, and cannot be used
    file_unopened,         // no key opens an encrypted file; how often in a row
    file_warning,          // arrived and is used, with a remark
    file_read,             // decrypted and parsed
    file_unchanged,        // the same bytes, or the same meaning, as installed
    plan_absent,           // no file of the plan exists
    plan_refused,          // a file of the plan was refused: nothing is changed
    plan_unreachable,      // a transport failure: nothing is changed
    plan_unchanged,        // the phone has what the server offers
    plan_held_back,        // changed again after the reboots a power-on may cost
    plan_was_rolled_back,  // the same files failed their trial before
    retry_waits,           // the next try and when
    applying,              // a new generation is written
    applied,               // and is durable
    apply_failed,          // the disk refused; the old one stays
    hooks_ran,
    reboot,
    trial_begins,
    trial_confirmed,
    trial_failed,    // nothing answered: the predecessor returns
    return_failed,   // the predecessor reaches nothing either: the new one stays
    rolled_back,     // the predecessor reaches its server: the new one is out
    plan_repeated,   // by a server that has no say: the chain goes on
    source_next,     // the chain goes on
    source_held,     // a URL that asked to come back later is passed over
    source_beside,   // the URL that is asked is silent: the next one is asked beside it
    source_manages,  // the ACS manages the phone: nobody else is asked
    source_left,     // the URL that was asked first is silent still: what the next one has counts
    nothing_found,   // the chain is at its end
    rest,            // idle, and until when
    operator_command,
    operator_refused,
    factory_reset,
    trust_moves,                 // to another server, or to a weaker proof
    staged,                      // a download beside the pass is whole and durable
    job_waits,                   // such a download is tried again, and when
    job_failed,                  // and is given up
    acs_inform,                  // a session with the ACS begins
    acs_call,                    // it called a method of the phone
    acs_session,                 // such a session ended well
    acs_failed,                  // or did not
    acs_transfer,                // it has a file downloaded, or sent
    acs_request,                 // the phone called a method of it, beside its Inform
    acs_turn,                    // it may call methods: the phone sent an empty message
    acs_refused,                 // it has answered what the phone told it with a fault
    acs_transfer_waits,          // what it has ordered has failed, and is tried again
    acs_transfer_over,           // it has come to its end, and the ACS is told of it
    connection_request,          // the ACS asks for a session, and has proved who it is
    connection_request_refused,  // somebody asks for one, and has not
    connection_request_port,     // where it may ask
    connection_request_off,      // it cannot, and why
    stun_binding,                // a STUN server has told under which address it sees the phone
    stun_failed,                 // or has not
    repeated,                    // lines that anyone can cause were only counted
    finished,                    // --once: the verdict
};

inline constexpr uint32_t journal_kind_count = static_cast<uint32_t>(JournalKind::finished) + 1;

struct JournalForm {
    JournalKind kind;
    JournalLevel level;
    std::string_view name;      // as it stands in the file
    std::string_view sentence;  // for people, fields in braces; a piece between < and > is left out
                                // when a field in it is missing, empty or 0
};

const JournalForm& journal_form(JournalKind kind);

// One entry on its way out (an Effect) or read back. Fields keep their order.
struct JournalLine {
    JournalKind kind = JournalKind::boot;
    uint64_t at_ms = 0;  // since power-on
    WallSeconds wall_s = 0;
    std::vector<std::pair<std::string_view, std::string>> fields = {};

    // Adds a field, cut to limits::journal_field_bytes; `name` must be a literal.
    JournalLine& with(std::string_view name, std::string_view value);
    JournalLine& with(std::string_view name, uint64_t value);
};

// The line as it stands in the file, LF included, at most limits::journal_line_bytes.
std::string encode_journal_line(const JournalLine& line);

// One line read back from a file that a power cut may have torn, without its LF.
struct JournalEntry {
    JournalKind kind = JournalKind::boot;
    uint64_t at_ms = 0;
    WallSeconds wall_s = 0;
    std::vector<std::pair<std::string, std::string>> fields = {};

    // Empty when there is no such field.
    std::string_view field(std::string_view name) const;
};

// Errors: malformed for anything encode_journal_line() would not have written.
Result<JournalEntry> decode_journal_line(std::string_view line);

// The sentence of the entry's kind with its fields filled in.
std::string journal_sentence(const JournalEntry& entry);

}  // namespace dialtone
