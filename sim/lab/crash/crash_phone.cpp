// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/crash_phone.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/cwmp/date_time.h"
#include "agent/cwmp/soap.h"
#include "agent/store/durable_files.h"
#include "agent/transfer/plan.h"
#include "platform/world.h"
#include "sim/lab/file_signing.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view server = "http://10.0.0.1/gs";
constexpr std::string_view acs = "http://10.0.0.2/acs";
constexpr std::string_view acs_file = "http://10.0.0.1/gs/acs.xml";  // as a path's call names it
constexpr std::string_view job_file = "http://10.0.0.1/gs/job.bin";
constexpr uint32_t lives_at_most = 6;            // two provisioning reboots, and a reset's
constexpr uint64_t longest_ms = 600'000;         // of a segment; then the phone never rests
constexpr uint64_t recovery_ms = 3'600'000 / 2;  // on the site's clock, well after every run

// The generation that the line names; nullopt: it names none.
std::optional<uint32_t> generation_in(const JournalLine& line) {
    std::optional<uint32_t> number;
    for (const auto& [field, value] : line.fields) {
        if (field != "generation") continue;
        number = 0;
        for (char c : value)
            number = *number * 10 + static_cast<uint32_t>(c - '0');
    }
    return number;
}

// Whether the ACS ordered something in the session that the line tells the end of.
bool orders_something(const JournalLine& line) {
    return std::ranges::any_of(line.fields, [](const auto& field) {
        return field.first == "next" && !field.second.empty();
    });
}

// Records what the agent asks the disk for, reports and hands to the hooks.
class Recorder {
  public:
    Recorder(Trace& trace, ImageReader& reader)
        : trace_(trace),
          reader_(reader),
          hook_state_(trace.start.files[reader.names().hook_state]) {}

    void request(const Storage& step) { add_violation(trace_.history.request(step)); }
    // `disk` as it is before the step.
    void begin(const Storage& step, const Disk& disk) {
        DiskStep numbered_step = numbered(step);
        if (step.step == StorageStep::append) {
            const auto* before = disk.find(step.name);
            std::vector<uint8_t> whole = before ? *before : std::vector<uint8_t>();
            whole.insert(whole.end(), step.bytes.begin(), step.bytes.end());
            numbered_step.content = reader_.catalogue().intern(whole);
        }
        add(TraceEvent::Kind::begin, numbered_step);
    }
    void finish(const Storage& step) { add(TraceEvent::Kind::finish, numbered(step)); }
    void record_hooks(std::string_view key_lines);
    void record_journal_line(const JournalLine& line);
    void record_answer(CommandKind kind, const std::string& argument) {
        add_violation(trace_.history.report(kind, argument));
        add(TraceEvent::Kind::report, {}, "an operator's command is answered");
    }
    void record_acs_answer(std::string_view method, std::string_view key) {
        add_violation(trace_.history.report_answer(method, key));
        add(TraceEvent::Kind::report, {}, "the ACS is answered: " + std::string(method));
    }
    void record_heard(const std::string& event) {
        add_violation(trace_.history.report_heard(event));
    }
    void record_told(const std::string& event, const std::string& done) {
        add_violation(trace_.history.report_told(event, done));
        add(TraceEvent::Kind::report, {}, "the ACS is told of a transfer");
    }
    void add_violation(std::optional<Violation> violation) {
        if (violation) trace_.violations.push_back(std::move(*violation));
    }
    ContentId hook_state() const { return hook_state_; }

  private:
    DiskStep numbered(const Storage& step) const;
    void add(TraceEvent::Kind kind, DiskStep step, std::string words = {}) {
        trace_.events.push_back({kind, step, trace_.history.floor(), std::move(words)});
    }

    Trace& trace_;
    ImageReader& reader_;
    ContentId hook_state_;
};

DiskStep Recorder::numbered(const Storage& step) const {
    Catalogue& catalogue = reader_.catalogue();
    DiskStep out{.step = step.step};
    if (!step.name.empty()) out.name = catalogue.name_id(step.name);
    if (!step.new_name.empty()) out.new_name = catalogue.name_id(step.new_name);
    if (step.step == StorageStep::write) out.content = catalogue.intern(step.bytes);
    return out;
}

// Lays KEY=VALUE lines over what the hooks were handed so far; an empty value is a key that is
// gone.
void Recorder::record_hooks(std::string_view key_lines) {
    const auto known = reader_.catalogue().bytes(hook_state_);
    std::string text(known.begin(), known.end());
    text += key_lines;
    std::map<std::string, std::string> values;
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        const auto equals = line.find('=');
        values[std::string(line.substr(0, equals))] = line.substr(equals + 1);
        rest.remove_prefix(end + 1);
    }
    std::string out;
    for (const auto& [key, value] : values) {
        if (!value.empty()) out.append(key).append("=").append(value).append("\n");
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(out.data());
    hook_state_ = reader_.catalogue().intern(std::span(bytes, out.size()));
    add(TraceEvent::Kind::hooks_run, {.name = reader_.names().hook_state, .content = hook_state_});
}

void Recorder::record_journal_line(const JournalLine& line) {
    constexpr JournalKind reports[] = {JournalKind::applied, JournalKind::trial_confirmed,
                                       JournalKind::rolled_back, JournalKind::factory_reset,
                                       JournalKind::staged};
    if (line.kind == JournalKind::boot && !trace_.booted_with)
        trace_.booted_with = generation_in(line);
    if (line.kind == JournalKind::state_recovered) {
        for (const auto& [field, value] : line.fields) {
            if (field == "file" && is_durable_file(value, DurableKind::generation))
                add_violation(Violation{Oracle::comes_up, "the agent finds " + value + " broken"});
        }
    }
    if (std::ranges::find(reports, line.kind) == std::end(reports)) return;
    add_violation(trace_.history.report(line));
    add(TraceEvent::Kind::report, {}, std::string(journal_form(line.kind).name));
}

// An ACS that takes every Inform, and in the first session makes its calls.
class ScriptedAcs {
  public:
    ScriptedAcs(std::span<const std::string_view> calls, Recorder& recorder)
        : calls_(calls), recorder_(recorder) {}

    Answer answer(const StartTransfer& post) {
        const auto& bytes = post.body.bytes;
        const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if (message && message->method() == "Inform") {
            take_inform(message->arguments());
            return {.body = envelope("<C:InformResponse><MaxEnvelopes>1</MaxEnvelopes>"
                                     "</C:InformResponse>")};
        }
        if (message && message->method() == "TransferComplete") {
            take_transfer(message->arguments());
            return {.body = envelope("<C:TransferCompleteResponse/>")};
        }
        if (message) recorder_.record_acs_answer(message->method(), key_);
        if (calls_.empty()) return {.status = 204};
        const std::string_view call = calls_.front();
        calls_ = calls_.subspan(1);
        key_ = key_of(call);
        return {.body = envelope(call)};
    }

  private:
    static std::string envelope(std::string_view body) {
        return "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\" "
               "xmlns:C=\"urn:dslforum-org:cwmp-1-0\"><S:Body>" +
               std::string(body) + "</S:Body></S:Envelope>";
    }
    // CommandKey or ParameterKey.
    static std::string_view key_of(std::string_view call) {
        constexpr std::string_view opening = "Key>";
        const auto begin = call.find(opening);
        if (begin == std::string_view::npos) return {};
        const std::string_view rest = call.substr(begin + opening.size());
        return rest.substr(0, rest.find('<'));
    }
    void take_inform(const SoapView& inform) {
        for (const SoapView& event : inform.child("Event")->children()) {
            const std::string code(event.word("EventCode").value_or(""));
            // A transfer is heard of when the ACS has taken its TransferComplete.
            if (code.starts_with("M ") && !code.ends_with("load"))
                recorder_.record_heard(code + " " +
                                       std::string(event.word("CommandKey").value_or("")));
        }
    }

    void take_transfer(const SoapView& told) {
        const std::string event = "M Download " + std::string(told.word("CommandKey").value_or(""));
        std::string done = event;
        for (const std::string_view name : {"StartTime", "CompleteTime"})
            done += " " + std::to_string(read_date_time(told.word(name).value_or("")).value_or(0));
        recorder_.record_told(event, done);
    }

    std::span<const std::string_view> calls_;
    Recorder& recorder_;
    std::string_view key_ = {};  // of the call that is out
};

// The simulated world with the recorder, and perhaps a mutator, between agent and disk.
class CrashWorld : public World {
  public:
    // When a segment ends: at rest, but not before `from_ms`, and at `to_ms` in any case.
    struct End {
        uint64_t from_ms = 0;
        uint64_t to_ms = 0;
    };
    CrashWorld(Site& site, Recorder& recorder, StorageMutator* mutator, Agent& agent, End end)
        : World(site),
          site_(site),
          recorder_(recorder),
          mutator_(mutator),
          end_(end),
          agent_(agent) {}

    void plan(const PlannedJob& job) { job_ = job; }

    void plan(const PlannedCommand& command) {
        plan_command(now().ms + command.after_ms, command.kind, std::string(command.argument));
        ++answers_due_;
    }
    bool rested() const { return rested_; }

    void carry_out(Effect&& effect) override;
    void wait(std::optional<Instant> deadline, EventSink& sink) override;
    std::optional<Departure> departure() const override;

  private:
    // Sees every event before the agent does.
    class Listener : public EventSink {
      public:
        Listener(CrashWorld& world, EventSink& sink) : world_(world), sink_(sink) {}
        void take(Instant now, const Event& event) override {
            world_.see(event);
            sink_.take(now, event);
            if (world_.own_job(now)) sink_.take(now, Wake{});
        }

      private:
        CrashWorld& world_;
        EventSink& sink_;
    };
    void see(const Event& event);
    bool own_job(Instant now);
    void store(Storage&& step);

    Site& site_;
    Recorder& recorder_;
    StorageMutator* mutator_;
    End end_;
    std::optional<Storage> under_way_ = {};
    RequestId hooks_ = 0;  // that run
    std::map<RequestId, std::pair<CommandKind, std::string>> commands_ = {};
    uint32_t answers_due_ = 0;
    bool rested_ = false;
    bool acs_is_open_ = false;  // a session, or an order that is not carried out yet
    Agent& agent_;
    PlannedJob job_ = {};  // not submitted yet
};

void CrashWorld::carry_out(Effect&& effect) {
    if (auto* step = std::get_if<Storage>(&effect); step && is_mutating(step->step))
        return store(std::move(*step));
    if (const auto* line = std::get_if<JournalLine>(&effect)) {
        if (line->kind == JournalKind::rest) rested_ = true;
        if (line->kind == JournalKind::pass_begins) rested_ = false;
        if (line->kind == JournalKind::acs_inform) acs_is_open_ = true;
        if (line->kind == JournalKind::acs_failed) acs_is_open_ = false;
        if (line->kind == JournalKind::acs_session) acs_is_open_ = orders_something(*line);
        return recorder_.record_journal_line(*line);
    }
    if (const auto* reply = std::get_if<Reply>(&effect)) {
        const auto command = commands_.find(reply->id);
        if (command == commands_.end()) return;
        --answers_due_;
        if (reply->ok) recorder_.record_answer(command->second.first, command->second.second);
        return;
    }
    if (const auto* hooks = std::get_if<RunHooks>(&effect)) {
        hooks_ = hooks->id;
        if (hooks->file.stored_name.empty()) recorder_.record_hooks(hooks->key_lines);
    }
    World::carry_out(std::move(effect));
}

void CrashWorld::store(Storage&& step) {
    recorder_.request(step);
    const RequestId id = step.id;
    std::vector<Storage> steps;
    if (mutator_ != nullptr) {
        steps = mutator_->mutate(step);
    } else {
        steps.push_back(std::move(step));
    }
    // The agent waits for one answer: the one to the last step that reaches the disk.
    while (steps.size() > 1) {
        recorder_.begin(steps.front(), site_.disk);
        site_.disk.carry_out(steps.front());
        recorder_.finish(steps.front());
        steps.erase(steps.begin());
    }
    if (steps.empty()) return World::carry_out(Storage{.id = id});
    steps.front().id = id;
    recorder_.begin(steps.front(), site_.disk);
    under_way_ = Storage{.id = id,
                         .step = steps.front().step,
                         .name = steps.front().name,
                         .new_name = steps.front().new_name};
    World::carry_out(std::move(steps.front()));
}

void CrashWorld::see(const Event& event) {
    if (const auto* done = std::get_if<StorageDone>(&event)) {
        if (!under_way_ || under_way_->id != done->id) return;
        recorder_.finish(*under_way_);
        under_way_.reset();
    } else if (std::holds_alternative<HooksDone>(event)) {
        hooks_ = 0;
    } else if (const auto* command = std::get_if<Command>(&event)) {
        commands_[command->id] = {command->kind, std::string(command->argument)};
    }
}

// Submits the job that is planned, and releases one whose file is kept. False: neither.
bool CrashWorld::own_job(Instant now) {
    if (job_.bytes != 0 && now.ms >= job_.after_ms) {
        job_.bytes = 0;
        agent_.submit_job(now, {.fetch = {.url = std::string(job_file)}});
        return true;
    }
    const auto outcome = agent_.take_job_outcome();
    if (outcome) agent_.release_job(now, outcome->job);
    return outcome.has_value();
}

void CrashWorld::wait(std::optional<Instant> deadline, EventSink& sink) {
    Listener listener(*this, sink);
    World::wait(deadline, listener);
}

std::optional<Departure> CrashWorld::departure() const {
    if (auto departure = World::departure()) return departure;
    if (under_way_ || hooks_ != 0) return {};
    if (site_.clock_ms < end_.from_ms) return {};
    if (rested_ && !acs_is_open_ && answers_due_ == 0 && job_.bytes == 0 && !agent_.has_jobs())
        return Departure{.why = "at rest"};
    if (site_.clock_ms >= end_.to_ms) return Departure{.why = "its time is over"};
    return {};
}

}  // namespace

CrashPhone::CrashPhone(const WritePath& path, ImageReader& reader, MutatorChoice mutator_choice)
    : path_(path), reader_(reader), mutator_choice_(mutator_choice) {
    options_.profile = find_profile("grandstream");
    assert(options_.profile != nullptr);
    options_.identity = *identity_from_mac("000B82273B89");
    options_.identity.model = options_.profile->default_model;
    options_.identity.version = options_.profile->default_version;
    options_.interface = "eth0";
    options_.floor_s = 1'700'000'000;
    const std::pair<Setting, std::string_view> settings[] = {
        {Setting::static_url, server},
        {Setting::order, "static"},
        {Setting::trial_timeout, "20"},
        {Setting::splay, "0"},
    };
    for (const auto& [setting, value] : settings) {
        const auto fits = options_.settings.set(Layer::command_line, setting, value);
        assert(fits);
    }
    if (!path.acs_calls.empty()) {
        options_.make_acs_client = &make_acs_client;
        const auto fits = options_.settings.set(Layer::file, Setting::tr069_acs_url, acs);
        assert(fits);
    }
    if (!path.signs) return;
    const auto key_fits =
        options_.settings.set(Layer::command_line, Setting::config_public_key, lab_key.public_key);
    const auto flag_fits =
        options_.settings.set(Layer::command_line, Setting::config_require_signature, "1");
    assert(key_fits && flag_fits);
}

Image CrashPhone::before() {
    if (path_.before.empty()) return {};
    const Offer offer{.file = path_.before};
    const Trace trace = run_segment({}, {.offers = {&offer, 1}, .ends_ms = longest_ms});
    assert(trace.rested && trace.violations.empty());
    return trace.seen;
}

Trace CrashPhone::run(const Image& start) {
    const uint64_t ends_ms = path_.ends_ms == 0 ? longest_ms : path_.ends_ms;
    return run_segment(start, {.offers = path_.offers,
                               .commands = path_.commands,
                               .job = path_.job,
                               .acs_calls = path_.acs_calls,
                               .least_ms = path_.lasts_ms,
                               .ends_ms = ends_ms,
                               .mutator_choice = mutator_choice_});
}

Trace CrashPhone::recover(const Image& start) {
    return run_segment(start, {.offers = {&path_.offer_after, 1},
                               .from_ms = recovery_ms,
                               .least_ms = recovery_ms + path_.acs_wait_ms,
                               .ends_ms = recovery_ms + longest_ms,
                               .mutator_choice = mutator_choice_});
}

void CrashPhone::load(Site& site, const Image& image) const {
    Catalogue& catalogue = reader_.catalogue();
    for (NameId name = 0; name < catalogue.name_count(); ++name) {
        const ContentId content = image.files[name];
        if (content == no_file || name == reader_.names().hook_state) continue;
        const auto bytes = catalogue.bytes(content);
        site.disk.edit(catalogue.name(name)).assign(bytes.begin(), bytes.end());
    }
}

void CrashPhone::put_file(Site& site, const std::string& url, std::string_view mark) const {
    const uint32_t serial = path_.signs ? serial_of_mark(mark) : 0;
    const std::string file = marked_file(mark, path_.more_keys, serial);
    site.web.put_body(url, file);
    if (path_.signs) site.web.put_body(signature_url(url), lab_signature(lab_key, file));
}

Trace CrashPhone::run_segment(const Image& start, const Segment& segment) {
    Trace trace(reader_, start);
    Recorder recorder(trace, reader_);
    Site site;
    site.clock_ms = site.power_on_ms = segment.from_ms;
    load(site, start);
    const std::string url = std::string(server) + "/cfg000b82273b89.xml";
    site.web.put(std::string(server) + "/there-is-a-server", {});
    site.web.put_body(std::string(job_file), job_body(segment.job.bytes));
    site.web.put_body(std::string(acs_file), marked_file(acs_file_mark));
    ScriptedAcs acs_of_site(segment.acs_calls, recorder);
    if (!path_.acs_calls.empty())
        site.web.serve(std::string(acs), [&acs_of_site](const StartTransfer& post) {
            return acs_of_site.answer(post);
        });
    uint32_t reboots = 0;
    ResetCause cause = ResetCause::power_on;
    for (; trace.lives < lives_at_most && trace.end.empty(); ++trace.lives) {
        for (const Offer& offer : segment.offers) {
            if (offer.from_life != trace.lives) continue;
            site.web.set_down(offer.down);
            site.web.remove(url);
            site.web.remove(signature_url(url));
            if (!offer.file.empty()) put_file(site, url, offer.file);
        }
        const auto mutator = segment.mutator_choice.make
                                 ? segment.mutator_choice.make(segment.mutator_choice.which)
                                 : nullptr;
        Agent agent(options_);
        CrashWorld world(site, recorder, mutator.get(), agent,
                         {.from_ms = segment.least_ms, .to_ms = segment.ends_ms});
        if (trace.lives == 0) world.plan(segment.job);
        for (const PlannedCommand& command : segment.commands) {
            if (command.life == trace.lives) world.plan(command);
        }
        const Boot boot = world.boot(cause, reboots);
        const Departure departure = live(world, agent, boot);
        trace.rested = world.rested();
        if (departure.kind == Departure::Kind::exit) trace.end = departure.why;
        if (departure.afresh) site.power_on_ms = site.clock_ms;
        reboots = departure.afresh ? 0 : reboots + 1;
        cause = departure.afresh ? ResetCause::power_on : ResetCause::provisioning_reboot;
    }
    if (trace.end.empty()) trace.end = "it reboots for ever";
    for (const std::string& name : site.disk.names()) {
        const auto* bytes = site.disk.find(name);
        trace.seen.files[reader_.catalogue().name_id(name)] = reader_.catalogue().intern(*bytes);
    }
    trace.seen.files[reader_.names().hook_state] = recorder.hook_state();
    return trace;
}

}  // namespace dialtone::sim
