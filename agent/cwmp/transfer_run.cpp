// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/transfer_run.h"

#include <algorithm>
#include <utility>

#include "agent/config/arrived_file.h"
#include "agent/config/config_writer.h"
#include "agent/config/signed_file.h"
#include "agent/config/utf8.h"
#include "agent/cwmp/rpc.h"
#include "agent/limits.h"
#include "agent/store/durable_files.h"
#include "agent/table_registry.h"
#include "agent/text.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/url.h"
#include "agent/trust/pin.h"

namespace dialtone {
namespace {

using S = TransferRunState;
using C = TransferRunCue;
using A = TransferRunAction;

constexpr uint32_t busy_states = but(S::idle);
// Whatever is dropped in these leaves the phone as it was.
constexpr uint32_t revocable = in(S::fetching, S::proving, S::reading, S::waiting, S::sending);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                      cue              action            next
    {in(S::idle),                  C::download,     A::fetch,         S::fetching},
    {in(S::idle),                  C::upload,       A::send,          S::sending},

    {in(S::fetching),              C::wants_proof,  A::ask_signature, S::proving},
    {in(S::fetching, S::proving),  C::wants_words,  A::read_back,     S::reading},
    {in(S::fetching),              C::wants_hand,   A::hand_over,     S::handing_over},
    {in(S::reading),               C::read,         A::nothing,       S::waiting},
    {in(S::waiting),               C::taken,        A::nothing,       S::applying},

    {busy_states,                  C::over,         A::conclude,      S::idle},
    {revocable,                    C::cancel,       A::withdraw,      S::idle},
    {busy_states,                  C::reset,        A::withdraw,      S::idle},
};
// clang-format on
constexpr auto table = completed(rows, C::download, C::upload, C::wants_proof, C::wants_words,
                                 C::wants_hand, C::read, C::taken, C::over, C::cancel, C::reset);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle",    "fetching", "proving",      "reading",
                                            "waiting", "applying", "handing over", "sending"};
constexpr std::string_view cue_names[] = {"download",   "upload", "wants proof", "wants words",
                                          "wants hand", "read",   "taken",       "over",
                                          "cancel",     "reset"};
constexpr std::string_view action_names[] = {"nothing",   "fetch", "ask signature", "read back",
                                             "hand over", "send",  "conclude",      "withdraw"};
constexpr TableView view =
    table_view({.name = "acs transfer",
                .title = "TR-069: a file that the ACS has downloaded or sent",
                .about = "`agent/cwmp/transfer_run.cpp`. A job downloads it (the table \"jobs\")."},
               table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

// TR-069 table of annex A.5.1, what a TransferComplete may say.
constexpr uint32_t transfer_failed = cpe_fault::transfer_failure;
constexpr uint32_t upload_failed = 9011;
constexpr uint32_t not_authorized = 9012;
constexpr uint32_t unknown_protocol = 9013;
constexpr uint32_t no_contact = 9015;
constexpr uint32_t no_access = 9016;
constexpr uint32_t incomplete = 9017;
constexpr uint32_t unusable = 9018;
constexpr uint32_t wrong_signature = 9019;

// --- types of files ------------------------------------------------------------------------------

enum class FileKind : uint8_t { none, firmware, configuration, handed_over, log };

// By the word that a type begins with; the words behind it are for people.
struct TypeRow {
    std::string_view word;
    bool is_upload;
    FileKind kind;
};
constexpr TypeRow type_rows[] = {
    {"1", false, FileKind::firmware},      {"2", false, FileKind::handed_over},
    {"3", false, FileKind::configuration}, {"4", false, FileKind::handed_over},
    {"5", false, FileKind::handed_over},   {"X", false, FileKind::handed_over},
    {"1", true, FileKind::configuration},  {"2", true, FileKind::log},
    {"3", true, FileKind::configuration},  {"4", true, FileKind::log},
};

bool is_upload(const AcsTransfer& transfer) {
    return transfer.kind == TransferKind::upload;
}

// "3 Vendor Configuration File 2" is the second one, of which there is one on a phone; those
// without a number are all there are.
bool names_another_instance(const AcsTransfer& transfer) {
    const std::string_view type = transfer.file_type;
    const auto last = type.find_last_not_of("0123456789");
    const std::string_view number =
        last == std::string_view::npos ? std::string_view() : type.substr(last + 1);
    return is_upload(transfer) && !number.empty() && number != "1";
}

FileKind kind_of(const AcsTransfer& transfer) {
    std::string_view type = transfer.file_type;
    const std::string_view word = take_piece(type, ' ');
    const auto* const row = std::ranges::find_if(type_rows, [&](const TypeRow& one) {
        return one.word == word && one.is_upload == is_upload(transfer);
    });
    if (row == std::end(type_rows) || names_another_instance(transfer)) return FileKind::none;
    return row->kind;
}

// What it is to be called: by the call, or by its URL. Whatever could say where to put it is gone.
std::string bare_name(const AcsTransfer& transfer) {
    const auto url = parse_url(transfer.url, Scheme::http);
    std::string_view text = transfer.target_name;
    if (text.empty() && url) text = last_segment(*url);
    text.remove_prefix(std::min(text.find_last_of("/\\") + 1, text.size()));
    std::string name(text.substr(0, limits::file_name_bytes));
    for (char& letter : name) {
        if (!is_bare_name(std::string("a") + letter)) letter = '_';
    }
    const auto first = std::ranges::find_if(
        name, [](char letter) { return is_letter(letter) || is_digit(letter); });
    name.erase(name.begin(), first);
    return name.empty() ? "file" : name;
}

// --- faults --------------------------------------------------------------------------------------

uint32_t fault_of(FetchOutcome::Kind kind, bool unwelcome, bool answered, bool begun) {
    using Kind = FetchOutcome::Kind;
    if (unwelcome || kind == Kind::withheld) return not_authorized;
    if (kind == Kind::absent) return no_access;
    // A file that comes and is not taken is too large.
    if (kind == Kind::refused) return begun ? unusable : no_access;
    if (begun) return incomplete;
    return answered ? no_access : no_contact;
}

uint32_t fault_of(const JobOutcome& outcome) {
    using Kind = FetchOutcome::Kind;
    constexpr Kind kinds[] = {Kind::body, Kind::absent, Kind::withheld, Kind::refused,
                              Kind::unreachable};
    if (outcome.verdict == JobVerdict::no_room) return transfer_failed;
    return fault_of(kinds[static_cast<uint32_t>(outcome.verdict)], outcome.unwelcome,
                    outcome.answered, outcome.begun);
}

// Of a change that could not be made: those that a TransferComplete may not have are others here.
uint32_t fault_of_change(uint32_t fault) {
    return fault == cpe_fault::resources_exceeded ? unusable : fault;
}

// At most limits::cwmp_fault_text_bytes, whole characters.
std::string bounded(std::string text) {
    if (text.size() <= limits::cwmp_fault_text_bytes) return text;
    text.resize(limits::cwmp_fault_text_bytes);
    text.resize(valid_utf8_bytes(text));
    return text;
}

}  // namespace

TransferRun::TransferRun(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
                         const Record& record, const Generation& active)
    : Engine(ids),
      phone_(phone),
      clock_(clock),
      record_(record),
      active_(active),
      download_(ids),
      upload_(ids) {
    drives(download_);
    drives(upload_);
}

void TransferRun::start(Instant now, const AcsTransfer& transfer) {
    forget_outcome();
    transfer_ = transfer;
    journal(line(JournalKind::acs_transfer)
                .with("method", is_upload(transfer) ? "upload" : "download")
                .with("type", transfer.file_type)
                .with("url", masked_url(transfer.url, Scheme::http)));
    step(now, is_upload(transfer) ? C::upload : C::download);
}

bool TransferRun::cancel(Instant now) {
    if (busy() && (in(state_)&revocable) == 0) return false;
    step(now, C::cancel);
    return true;
}

void TransferRun::forget(Instant now) {
    step(now, C::reset);
}

void TransferRun::handle(Instant now, const Event& event) {
    download_.handle(now, event);
    if (auto outcome = download_.take_outcome()) take_signature(now, std::move(*outcome));
    upload_.handle(now, event);
    if (const auto outcome = upload_.take_outcome()) take_sent(now, *outcome);
    const auto* hooks = std::get_if<HooksDone>(&event);
    if (hooks && hooks->id == hooks_ && hooks_ != 0) take_hooks(now, *hooks);
}

// What waits to be taken is not to wait for an event of another kind.
std::optional<Instant> TransferRun::deadline() const {
    if (ready() || !wishes_.empty()) return Instant{};
    return earlier(download_.deadline(), upload_.deadline());
}

void TransferRun::step(Instant now, TransferRunCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void TransferRun::act(Instant now, TransferRunAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::fetch:
            return fetch();
        case A::ask_signature:
            return ask_signature(now);
        case A::read_back:
            wishes_.push_back(ReadWish{file_.file});
            return;
        case A::hand_over:
            return hand_over(now);
        case A::send:
            return send(now);
        case A::conclude:
            return conclude();
        case A::withdraw:
            return withdraw(now);
    }
}

void TransferRun::end(Instant now, uint32_t fault, std::string reason) {
    result_ = {fault, std::move(reason)};
    step(now, C::over);
}

FetchRequest TransferRun::request_for(const std::string& url) const {
    const Settings& settings = phone_.settings;
    FetchRequest request;
    request.url = url;
    if (const auto parsed = parse_url(url, Scheme::http))
        request.url = url_with_user(*parsed, transfer_.user, transfer_.password);
    request.user_agent = fill_template(phone_.profile->user_agent, phone_.identity);
    request.basic_always = settings.flag(Setting::http_basic_always);
    request.named_by = SourceKind::acs;
    request.tls.clock_is_proven = clock_.proven();
    request.tls.verify = settings.flag(Setting::tls_verify);
    request.tls.ca_file = settings.get(Setting::tls_ca);
    request.tls.certificate_file = settings.get(Setting::tls_cert);
    request.tls.key_file = settings.get(Setting::tls_key);
    return request;
}

// --- a download ----------------------------------------------------------------------------------

void TransferRun::fetch() {
    const bool is_read = kind_of(transfer_) == FileKind::configuration;
    has_job_ = true;
    wishes_.push_back(FileWish{request_for(transfer_.url),
                               is_read ? limits::config_file_bytes : limits::staged_file_bytes});
}

std::optional<TransferWish> TransferRun::take_wish() {
    if (wishes_.empty()) return std::nullopt;
    TransferWish wish = std::move(wishes_.front());
    wishes_.pop_front();
    return wish;
}

void TransferRun::take_file(Instant now, std::optional<JobOutcome> outcome) {
    if (state_ != S::fetching) return;
    if (!outcome)
        return end(now, cpe_fault::internal_error, "too many downloads are waiting already");
    file_ = std::move(*outcome);
    if (file_.verdict != JobVerdict::kept) return end(now, fault_of(file_), file_.reason);
    if (transfer_.file_bytes != 0 && transfer_.file_bytes != file_.bytes)
        return end(now, unusable,
                   "the file has " + std::to_string(file_.bytes) +
                       " bytes, and the ACS has announced " + std::to_string(transfer_.file_bytes));
    take_staged(now);
}

void TransferRun::take_staged(Instant now) {
    if (kind_of(transfer_) != FileKind::configuration) return step(now, C::wants_hand);
    step(now, signatures_are_wanted(phone_.settings) ? C::wants_proof : C::wants_words);
}

void TransferRun::ask_signature(Instant now) {
    sink_ = MemorySink(limits::signature_bytes);
    download_.start(now, request_for(signature_url(transfer_.url)), sink_);
    if (auto outcome = download_.take_outcome()) take_signature(now, std::move(*outcome));
}

// Whatever the server says it does not give is not there: it could say so as well.
void TransferRun::take_signature(Instant now, FetchOutcome&& outcome) {
    using Kind = FetchOutcome::Kind;
    if (state_ != S::proving) return;
    if (outcome.kind == Kind::body) {
        signature_ = sink_.take_body();
    } else if (outcome.kind == Kind::absent || outcome.kind == Kind::withheld) {
        journal(line(JournalKind::file_absent)
                    .with("url", outcome.shown_url)
                    .with("reason", outcome.reason));
    } else {
        const uint32_t fault =
            fault_of(outcome.kind, outcome.unwelcome, outcome.answered, outcome.begun);
        return end(now, fault, "its signature: " + outcome.reason);
    }
    step(now, C::wants_words);
}

void TransferRun::take_bytes(Instant now, std::span<const uint8_t> bytes,
                             std::string_view failure) {
    if (state_ != S::reading) return;
    if (!failure.empty()) return end(now, transfer_failed, std::string(failure));
    if (sha256_of(bytes) != file_.sha256)
        return end(now, transfer_failed, "the disk does not give the file as it came");
    open(now, bytes);
}

void TransferRun::open(Instant now, std::span<const uint8_t> bytes) {
    const Pin& pin = record_.trust.pin;
    Delivery delivery{.named_by = SourceKind::acs, .by_verified_tls = file_.tls_verified};
    std::vector<uint8_t> body(bytes.begin(), bytes.end());
    auto opened = open_config_file({.body = body,
                                    .signature = signature_ ? &*signature_ : nullptr,
                                    .role = one_file_role,
                                    .came_with_proof = proof_of(delivery, pin) != Proof::none,
                                    .keys_proven = pin.keys_proven},
                                   phone_, phone_.settings, active_);
    if (!opened) {
        const Error& error = opened.error();
        journal(line(JournalKind::file_refused)
                    .with("url", file_.shown_url)
                    .with("where", words_for(error.where))
                    .with("reason", error.detail)
                    .with("next", "the configuration stays as it is"));
        const bool by_signature = error.code == ErrorCode::not_trusted;
        return end(now, by_signature ? wrong_signature : unusable, describe(error));
    }
    for (JournalLine& entry : lines_about(*opened, file_.shown_url))
        journal(std::move(entry));
    delivery.content = opened->content;
    change_ = {.document = std::move(opened->document),
               .url = transfer_.url,
               .proof = std::min(transfer_.proof, proof_of(delivery, pin))};
    step(now, C::read);
}

TransferChange TransferRun::take_change(Instant now) {
    step(now, C::taken);
    return std::exchange(change_, {});
}

void TransferRun::change_done(Instant now, TransferResult result) {
    if (state_ != S::applying) return;
    end(now, fault_of_change(result.fault), std::move(result.reason));
}

// --- a file for the phone's software -------------------------------------------------------------

void TransferRun::hand_over(Instant now) {
    RunHooks hooks;
    hooks.id = hooks_ = new_id();
    hooks.directory = phone_.settings.get(Setting::hooks_file_dir);
    hooks.file = {
        .stored_name = file_.file, .type = transfer_.file_type, .name = bare_name(transfer_)};
    if (hooks.directory.empty())
        return end(now, transfer_failed, "the phone's software takes no files (hooks.file_dir)");
    emit(std::move(hooks));
}

void TransferRun::take_hooks(Instant now, const HooksDone& done) {
    journal(line(JournalKind::hooks_ran)
                .with("ran", done.ran)
                .with("failed", done.failed)
                .with("reason", done.first_failure));
    if (done.failed > 0) return end(now, transfer_failed, std::string(done.first_failure));
    if (done.ran == 0)
        return end(now, transfer_failed, "no program takes the file (hooks.file_dir)");
    end(now, 0, {});
}

// --- an upload -----------------------------------------------------------------------------------

// The journal holds no secrets, whoever reads it.
void TransferRun::send(Instant now) {
    FetchRequest request = request_for(transfer_.url);
    request.method = HttpMethod::put;
    request.headers = {{"Content-Type", "application/octet-stream"}};
    if (kind_of(transfer_) == FileKind::log) {
        request.body.stored_name = durable_name(DurableKind::journal, 0);
    } else if (auto text = write_config_file(active_, *phone_.profile, may_send_secrets())) {
        request.body.bytes.assign(text->begin(), text->end());
    } else {
        return end(now, upload_failed, describe(text.error()));
    }
    sink_ = MemorySink();
    upload_.start(now, std::move(request), sink_);
    if (const auto outcome = upload_.take_outcome()) take_sent(now, *outcome);
}

// docs/trust.md: whoever could read them is the server that the ACS names, and on the way there
// nobody. A server without verified TLS is none: the transfer would fail before the body is sent.
bool TransferRun::may_send_secrets() const {
    const Settings& settings = phone_.settings;
    const bool is_named = !settings.get(Setting::tr069_acs_url).empty();
    const Party configured = transfer_.proof >= Proof::tls ? Party::acs_tls : Party::acs;
    const Party party = is_named ? configured : Party::acs_named;
    if (grant_of(party, Right::reads_secrets) != Grant::by_tls) return false;
    const bool is_trusted = is_owned(settings.layer_of(Setting::tr069_acs_url)) ||
                            record_.trust.pin.proof >= Proof::tls;
    const auto url = parse_url(transfer_.url, Scheme::http);
    return is_trusted && url && url->scheme == Scheme::https && settings.flag(Setting::tls_verify);
}

// A 2xx says that it was taken, whatever page comes with it.
void TransferRun::take_sent(Instant now, const FetchOutcome& outcome) {
    using Kind = FetchOutcome::Kind;
    if (state_ != S::sending) return;
    if (outcome.kind == Kind::body || outcome.begun) return end(now, 0, {});
    const bool is_silent = outcome.kind == Kind::unreachable && !outcome.answered;
    const bool is_barred = outcome.unwelcome || outcome.kind == Kind::withheld;
    end(now, is_barred ? not_authorized : is_silent ? no_contact : upload_failed, outcome.reason);
}

// --- its end -------------------------------------------------------------------------------------

void TransferRun::conclude() {
    result_.reason = bounded(std::move(result_.reason));
    TransferResult result = std::exchange(result_, {});
    clear();
    finish(std::move(result));
}

void TransferRun::withdraw(Instant now) {
    download_.stop(now);
    upload_.stop(now);
    wishes_.clear();
    clear();
}

// Nothing of the transfer stays in memory, its password least of all.
void TransferRun::clear() {
    if (std::exchange(has_job_, false)) wishes_.push_back(ReleaseWish{});
    transfer_ = {};
    file_ = {};
    signature_.reset();
    change_ = {};
    hooks_ = 0;
}

// --- what is refused at the call -----------------------------------------------------------------

namespace {

std::string why_no_type(const AcsTransfer& transfer, const PhoneFacts& phone) {
    const std::string type = quoted(shown(transfer.file_type));
    if (!is_printable(transfer.file_type) ||
        transfer.file_type.size() > limits::cwmp_file_type_bytes)
        return "the file type cannot be read";
    switch (kind_of(transfer)) {
        case FileKind::none:
            return "the phone has no files of the type " + type;
        case FileKind::firmware:
            return "the phone takes no firmware from an ACS";
        case FileKind::handed_over:
            if (!phone.settings.get(Setting::hooks_file_dir).empty()) return {};
            return "the phone's software takes no files of the type " + type + " (hooks.file_dir)";
        case FileKind::configuration:
            if (!is_upload(transfer) || can_write_config(*phone.profile)) return {};
            return "the phone cannot write its configuration as a file";
        case FileKind::log:
            return {};
    }
    __builtin_unreachable();
}

}  // namespace

std::optional<TransferResult> why_not(const AcsTransfer& transfer, const PhoneFacts& phone) {
    if (std::string reason = why_no_type(transfer, phone); !reason.empty())
        return TransferResult{cpe_fault::invalid_arguments, std::move(reason)};
    const auto url = parse_url(transfer.url, Scheme::http);
    if (!url && url.error().code != ErrorCode::unsupported)
        return TransferResult{cpe_fault::invalid_arguments, url.error().detail};
    if (!url) return TransferResult{unknown_protocol, url.error().detail};
    const bool is_http = url->scheme == Scheme::http || url->scheme == Scheme::https;
    if (is_upload(transfer) && !is_http)
        return TransferResult{unknown_protocol, "the phone uploads by HTTP and HTTPS alone"};
    return {};
}

}  // namespace dialtone
