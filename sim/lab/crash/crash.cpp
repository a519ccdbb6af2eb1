// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/crash.h"

#include <algorithm>
#include <deque>

#include "sim/lab/crash/judge_life.h"
#include "sim/world/medium.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t found_kept = 3;               // violations in words, per path
constexpr uint32_t boots_between_reports = 100;  // the progress is asked as often
constexpr uint32_t no_trace = UINT32_MAX;

// An image that a cut can leave, and how the search came by it.
struct Node {
    Image image = {};
    ContentId record = no_file;        // that counts in it
    uint32_t trace = no_trace;         // whose cut left it first
    uint32_t event = 0;                // after which event of that trace
    uint32_t judged_trace = no_trace;  // with this trace and floor it was judged last
    DurabilityFloor judged_floor = {};
};

class Search {
  public:
    Search(const WritePath& path, const CrashOptions& options, CrashProgress& progress)
        : path_(path),
          options_(options),
          progress_(progress),
          phone_(path, reader_, options.mutator_choice) {}

    CrashFigures run();

  private:
    void cut(uint32_t trace);
    void cut_now(const Medium& medium, uint32_t trace, uint32_t event);
    bool take(const Image& image, uint32_t trace, uint32_t event);
    void boot(uint32_t node, uint32_t depth);
    void judge_end(const Trace& life, uint32_t of_node, uint32_t depth);
    void violated(const Violation& violation, uint32_t trace, uint32_t event, const Image& image);
    std::string describe(uint32_t trace, uint32_t event, const Image& image) const;

    const WritePath& path_;
    const CrashOptions& options_;
    CrashProgress& progress_;
    Catalogue catalogue_ = {};
    ImageReader reader_{catalogue_};
    CrashPhone phone_;
    std::deque<Trace> traces_ = {};      // those that are cut; the first is the path's own
    std::vector<uint32_t> booted_ = {};  // the node each of them began with
    std::vector<Node> nodes_ = {{}};     // from 1
    NumberIndex index_ = {};
    NumberIndex disks_ = {};  // images without what is none of the disk
    std::vector<Image> disk_images_ = {{}};
    CrashFigures figures_ = {};
    bool over_ = false;
};

uint64_t hash_of(const Image& image) {
    uint64_t hash = 0;
    for (uint32_t at = 0; at < image_names; at += 2)
        hash = mix_bits(hash ^ (uint64_t{image.files[at]} << 32 | image.files[at + 1]));
    return hash;
}

Image image_of(const CrashStart& start, ImageReader& reader) {
    Image image;
    Catalogue& catalogue = reader.catalogue();
    for (const auto& [name, bytes] : start.files)
        image.files[catalogue.name_id(name)] = catalogue.intern(bytes);
    const auto* hook_state = reinterpret_cast<const uint8_t*>(start.hook_state.data());
    image.files[reader.names().hook_state] =
        catalogue.intern(std::span(hook_state, start.hook_state.size()));
    return image;
}

CrashFigures Search::run() {
    const Image before =
        options_.start != nullptr ? image_of(*options_.start, reader_) : phone_.before();
    traces_.push_back(phone_.run(before));
    booted_.push_back(0);
    judge_end(traces_.front(), 0, 0);
    uint32_t first_trace = 0;
    uint32_t first_node = 1;
    for (uint32_t depth = 1; depth <= options_.depth && !over_; ++depth) {
        const auto last_trace = static_cast<uint32_t>(traces_.size());
        for (uint32_t trace = first_trace; trace < last_trace && !over_; ++trace)
            cut(trace);
        first_trace = last_trace;
        const auto last_node = static_cast<uint32_t>(nodes_.size());
        for (uint32_t node = first_node; node < last_node && !over_; ++node) {
            if ((node - first_node) % boots_between_reports == 0 &&
                !progress_.keep_going(figures_, depth, node - first_node, last_node - first_node)) {
                figures_.complete = false;
                over_ = true;
                break;
            }
            boot(node, depth);
        }
        first_node = last_node;
    }
    figures_.images = disk_images_.size() - 1;
    return std::move(figures_);
}

// Every moment of a recorded segment at which something else may be found than the moment before,
// or something more must be.
void Search::cut(uint32_t trace) {
    const Trace& life = traces_[trace];
    Medium medium(catalogue_, life.start);
    DurabilityFloor floor;
    cut_now(medium, trace, 0);
    for (uint32_t at = 0; at < life.events.size() && !over_; ++at) {
        const TraceEvent& event = life.events[at];
        bool changed = !(event.floor == floor);
        floor = event.floor;
        switch (event.kind) {
            case TraceEvent::Kind::begin:
                changed = medium.begin(event.step) || changed;
                break;
            case TraceEvent::Kind::finish:
                changed = medium.finish(event.step) || changed;
                break;
            case TraceEvent::Kind::hooks_run:
                medium.put(event.step.name, event.step.content);
                changed = true;
                break;
            case TraceEvent::Kind::report:
                break;
        }
        if (changed) cut_now(medium, trace, at + 1);
    }
}

void Search::cut_now(const Medium& medium, uint32_t trace, uint32_t event) {
    if (medium.overflowed())
        violated({Oracle::whole, "more is outstanding than is enumerated"}, trace, event, {});
    medium.each_image([&](const Image& image) { return take(image, trace, event); });
}

bool Search::take(const Image& image, uint32_t trace, uint32_t event) {
    ++figures_.states;
    const auto fresh = static_cast<uint32_t>(nodes_.size());
    const uint32_t number = index_.find_or_add(
        hash_of(image), fresh, [&](uint32_t known) { return nodes_[known].image == image; });
    if (number == fresh) {
        nodes_.push_back({.image = image,
                          .record = reader_.counting_record(image),
                          .trace = trace,
                          .event = event});
        Image disk = image;
        disk.files[reader_.names().hook_state] = no_file;
        const auto fresh_disk = static_cast<uint32_t>(disk_images_.size());
        const uint32_t known_disk = disks_.find_or_add(
            hash_of(disk), fresh_disk, [&](uint32_t known) { return disk_images_[known] == disk; });
        if (known_disk == fresh_disk) disk_images_.push_back(disk);
    }
    Node& node = nodes_[number];
    const Trace& life = traces_[trace];
    const DurabilityFloor floor = event == 0 ? DurabilityFloor{} : life.events[event - 1].floor;
    if (node.judged_trace == trace && node.judged_floor == floor) return true;
    node.judged_trace = trace;
    node.judged_floor = floor;
    if (const auto violation = life.history.judge(image, node.record, floor))
        violated(*violation, trace, event, image);
    return !over_;
}

void Search::boot(uint32_t number, uint32_t depth) {
    const Node node = nodes_[number];
    Trace life = phone_.recover(node.image);
    ++figures_.boots;
    judge_end(life, number, depth);
    if (depth == options_.depth) return;
    traces_.push_back(std::move(life));
    booted_.push_back(number);
}

// Did the phone come up and end as it should?
void Search::judge_end(const Trace& life, uint32_t of_node, uint32_t depth) {
    const uint32_t trace = of_node == 0 ? 0 : nodes_[of_node].trace;
    const uint32_t event = of_node == 0 ? 0 : nodes_[of_node].event;
    for (const Violation& violation : judge_life(path_, reader_, life, depth))
        violated(violation, trace, event, life.start);
}

void Search::violated(const Violation& violation, uint32_t trace, uint32_t event,
                      const Image& image) {
    ++figures_.violations[static_cast<uint32_t>(violation.oracle)];
    if (figures_.found.size() < found_kept)
        figures_.found.push_back(std::string(oracle_name(violation.oracle)) + ": " +
                                 violation.words + "\n" + describe(trace, event, image));
    over_ = over_ || figures_.all_violations() >= options_.enough_violations;
}

std::string_view word_for(StorageStep step) {
    constexpr std::string_view words[] = {"read",           "write",  "append", "sync_file",
                                          "sync_directory", "rename", "remove", "room"};
    return words[static_cast<uint32_t>(step)];
}

// What led to the image: the steps up to the cut, and before them those up to the cut before.
std::string Search::describe(uint32_t trace, uint32_t event, const Image& image) const {
    std::string out;
    if (trace != 0) {
        const Node& from = nodes_[booted_[trace]];
        out = describe(from.trace, from.event, from.image);
    }
    const Trace& life = traces_[trace];
    const auto size_of = [this](ContentId content) {
        return content == no_file ? std::string("none")
                                  : std::to_string(content) + " (" +
                                        std::to_string(catalogue_.bytes(content).size()) + " B)";
    };
    for (uint32_t at = 0; at < event; ++at) {
        const TraceEvent& one = life.events[at];
        if (one.kind == TraceEvent::Kind::finish && at + 1 != event) continue;
        out += "    ";
        if (one.kind == TraceEvent::Kind::report) out += "reported: " + one.words;
        if (one.kind == TraceEvent::Kind::hooks_run) out += "hooks run";
        if (one.kind == TraceEvent::Kind::finish) out += "done: ";
        if (one.kind <= TraceEvent::Kind::finish) {
            out += word_for(one.step.step);
            if (one.step.step != StorageStep::sync_directory)
                out += " " + catalogue_.name(one.step.name);
            if (one.step.content != no_file) out += " = " + size_of(one.step.content);
        }
        out += "\n";
    }
    out += "    cut; the medium holds";
    for (NameId name = 0; name < catalogue_.name_count(); ++name)
        out += "  " + catalogue_.name(name) + " = " + size_of(image.files[name]);
    return out + "\n";
}

}  // namespace

uint64_t CrashFigures::all_violations() const {
    uint64_t all = 0;
    for (uint64_t one : violations)
        all += one;
    return all;
}

void CrashFigures::add(const CrashFigures& other) {
    states += other.states;
    images += other.images;
    boots += other.boots;
    for (uint32_t i = 0; i < oracle_count; ++i)
        violations[i] += other.violations[i];
    complete = complete && other.complete;
}

CrashFigures crash_path(const WritePath& path, const CrashOptions& options,
                        CrashProgress& progress) {
    return Search(path, options, progress).run();
}

}  // namespace dialtone::sim
