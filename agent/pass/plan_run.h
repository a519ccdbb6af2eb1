// SPDX-License-Identifier: Apache-2.0
//
// One URL to a verdict: plans the files that the URL means, gets them in order, decrypts and reads
// each, and lays it over a draft of the next generation. What an earlier file sets steers the later
// ones before anything is committed. It makes nothing durable: a pass (pass.h) takes its outcome.
// Where config.public_key is set, each file is followed by its signature (signed_file.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/clock/wall_clock.h"
#include "agent/discovery/sources.h"
#include "agent/document.h"
#include "agent/engine.h"
#include "agent/limits.h"
#include "agent/pass/plan_trust.h"
#include "agent/phone.h"
#include "agent/proposal.h"
#include "agent/transfer/download.h"
#include "agent/transfer/memory_sink.h"
#include "agent/transfer/plan.h"

namespace dialtone {

enum class PlanVerdict : uint8_t {
    none,         // no plan was run
    unchanged,    // the phone has what the server offers
    repeated,     // the same, but the server is not the phone's own and has no say
    changed,      // the server offers something else: `proposal`
    absent,       // none of the files exists
    refused,      // a file cannot be used
    unreachable,  // no whole answer: worth another try
};

// What the keys at hand came to on encrypted files.
enum class Opening : uint8_t {
    none,  // there was none to open
    opened,
    failed,  // no key opens one
};

struct PlanOutcome {
    PlanVerdict verdict = PlanVerdict::none;
    std::string reason = {};     // of a failure, for people, with the file's URL
    uint32_t retry_after_s = 0;  // what the server asked for
    Opening opening = Opening::none;
    bool expired = false;            // its certificate is too old for the phone's clock
    ServerName turned_away_by = {};  // for user and password; nobody if none has
    Proposal proposal = {};          // with its draft, when changed
};

// 0: nothing.
struct ClockEvidence {
    WallSeconds later_than_s = 0;  // a verified certificate began to be valid then
    WallSeconds date_s = 0;        // a server that it stands for says that this is the time
};

class PlanRun : public Engine<PlanOutcome> {
  public:
    // All outlive it. `trust` is the record's.
    PlanRun(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock, const Trust& trust);

    // Ends what is under way, without an outcome, and starts anew. `active` outlives the run, and
    // may become another generation during it.
    void start(Instant now, Source source, const Generation& active, SipServer sip_server);
    void stop(Instant now) { download_.stop(now); }
    // The server that the URL names has given an answer, whatever it was.
    bool answered() const { return answered_; }
    // The same, and it may be about to.
    bool heard() const { return answered_ || download_.heard(); }
    // Its outcome is neither `unchanged` nor `changed`.
    bool has_failed() const { return failed_; }
    const Source& source() const { return source_; }
    // What verified servers have shown of the time since this was asked last.
    ClockEvidence take_clock_evidence() { return std::exchange(clock_evidence_, {}); }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override { return download_.deadline(); }

  private:
    // One file of the plan that has arrived.
    struct Arrived {
        PlannedFile planned = {};
        std::string shown_url = {};
        std::vector<uint8_t> body = {};
        FileDigest digest = {};
        Delivery delivery = {};
        std::optional<std::vector<uint8_t>> signature = {};  // where one was asked for and is there
        std::optional<FetchOutcome> signature_failure = {};  // of a file that is installed
        std::optional<Document> document = {};  // not read while the digest is the active one's
    };

    void begin_plan(Plan plan);
    bool wants(const PlannedFile& file) const;
    void ask_next_file();
    FetchRequest request_for(const PlannedFile& file) const;
    void take_answers();
    void take_answer(FetchOutcome&& outcome);
    void note_absent(const FetchOutcome& outcome);
    void fail_plan(const FetchOutcome& outcome);
    void note_time(const FetchOutcome& outcome);
    void take_body(FetchOutcome&& outcome);
    void ask_signature(Arrived&& file);
    void take_signature(FetchOutcome&& outcome);
    bool lacks_signature(Arrived& file);
    void keep_serial(Arrived& file);
    bool is_installed(const Arrived& file) const;
    void use_file(Arrived&& file);
    bool read(Arrived& file);
    void refuse_unreadable(const Arrived& file, const Error& error);
    void remark_on_settings(const Arrived& file);
    std::string why_not_trusted(const Arrived& file, const Generation& next) const;
    bool lay_over(Arrived& file);
    bool lay_over_all();
    void steer(const Arrived& file);
    bool same_files_as_active() const;
    bool add_sip_server();
    void end_plan();
    void conclude_unchanged();
    Proof weakest_proof() const;
    void propose();
    void conclude(PlanVerdict verdict, std::string reason);
    PlanNames names() const;

    const PhoneFacts& phone_;
    const WallClock& clock_;
    PlanTrust trust_;
    Download download_;
    MemorySink sink_ = MemorySink();
    MemorySink signature_sink_ = MemorySink(limits::signature_bytes);
    Instant now_ = {};
    const Generation* active_ = nullptr;
    Source source_ = {};
    SipServer sip_server_ = {};
    Plan plan_ = {};
    uint32_t next_file_ = 0;
    bool first_found_ = false;    // a file marked until_first is here
    bool asked_as_file_ = false;  // the folder was tried as a file
    bool answered_ = false;
    bool failed_ = false;
    std::string withheld_ = {};  // 403: why the server does not give what it has
    uint32_t retry_after_s_ = 0;
    bool expired_ = false;
    ServerName turned_away_by_ = {};
    ClockEvidence clock_evidence_ = {};
    Opening opening_ = Opening::none;
    std::optional<Arrived> awaits_signature_ = {};  // its FILE.sig is asked for
    std::vector<Arrived> files_ = {};
    Generation draft_ = {};  // generation `drawn_from_` with the documents so far
    uint32_t drawn_from_ = 0;
    Settings settings_ = {};       // as they are with the draft
    std::string static_url_ = {};  // the best static URL with them
};

}  // namespace dialtone
