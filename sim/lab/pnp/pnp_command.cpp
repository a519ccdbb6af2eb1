// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab conform --pnp: a server of SIP plug and play leads a device through its lives and
// judges the cases; docs/acs-script.md.
#include <string>

#include "agent/harmless_text.h"
#include "sim/lab/acs/device_process.h"
#include "sim/lab/acs/http_server.h"
#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/pnp/cases.h"
#include "sim/lab/pnp/server.h"
#include "sim/lab/pnp/sockets.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t file_bytes = 1024 * 1024;
constexpr uint32_t turn_ms = 10;
constexpr uint32_t conform_seconds = 600;
constexpr uint32_t start_seconds = 60;  // until the first SUBSCRIBE
constexpr uint32_t seconds_most = 86'400;

struct Request {
    std::string_view interface;
    std::string_view path;  // of the configuration file
    std::string_view command;
    uint32_t seconds = conform_seconds;
    uint32_t start_s = start_seconds;
};

int refuse(std::string_view what, std::string_view why) {
    console::remark("dialtone-lab: " + harmless(what) + ": " + std::string(why));
    return lab_usage;
}

// The lives of one device, one after the other.
class Leader {
  public:
    Leader(const Request& request, std::string file)
        : request_(request),
          file_(std::move(file)),
          end_ms_(console::now_ms() + uint64_t{request.seconds} * 1000) {}

    Status open() {
        if (const auto opened = sockets_.open(request_.interface); !opened) return opened;
        const auto port = http_.open(sockets_.address(), 0);
        if (!port) return std::unexpected(port.error());
        std::string_view name = request_.path;
        name.remove_prefix(name.rfind('/') + 1);
        url_ = "http://" + sockets_.address() + ":" + std::to_string(*port) + "/provisioning/" +
               (name.empty() ? "configuration" : std::string(name));
        return {};
    }

    pnp::Evidence lead() {
        pnp::Evidence evidence;
        evidence.has_file = !request_.path.empty();
        for (const pnp::Life life : pnp::lives) {
            if (is_over()) break;
            const auto at = static_cast<uint32_t>(life);
            evidence.records[at] =
                live(life, pnp::watch_ms_after(evidence.of(pnp::Life::unanswered)));
            evidence.is_over[at] = !is_over();
        }
        return evidence;
    }

  private:
    bool is_over() const { return console::interrupted() || console::now_ms() >= end_ms_; }

    pnp::LifeRecord live(pnp::Life life, uint32_t watch_ms) {
        const std::string number = std::to_string(static_cast<uint32_t>(life) + 1);
        console::remark(
            "conform: life " + number + " of " + std::to_string(std::size(pnp::lives)) +
            (request_.command.empty() ? ": start the device as it left the factory" : ""));
        acs::DeviceProcess device;
        const bool is_started =
            request_.command.empty() || device.start(request_.command, "PNP_LIFE", number);
        if (!is_started) console::remark("dialtone-lab: the device cannot be started");
        pnp::Server server({.life = life,
                            .here = sockets_.address() + ":" + std::to_string(pnp::group_port),
                            .url = url_,
                            .has_file = !request_.path.empty(),
                            .patience_ms = request_.start_s * 1000,
                            .watch_ms = watch_ms},
                           console::now_ms());
        while (!is_over() && !server.is_done(console::now_ms()))
            take_turn(server);
        return server.record();
    }

    void take_turn(pnp::Server& server) {
        const acs::HttpServer::Handler handler = {
            [&](const acs::HttpRequest& request) { return answer(server, request); },
            [](std::string_view) { return acs::HttpAnswer{.status = 400, .closes = true}; }};
        http_.serve(handler, turn_ms, 0);
        sockets_.take([&](std::string_view from, std::string_view text, bool to_group) {
            console::remark(std::string(from) + ": " +
                            std::string(text.substr(0, text.find('\r'))));
            server.take(console::now_ms(), from, text, to_group);
        });
        for (const pnp::Datagram& one : server.due(console::now_ms()))
            sockets_.send(one);
    }

    acs::HttpAnswer answer(pnp::Server& server, const acs::HttpRequest& request) const {
        console::remark(request.method + " " + request.target);
        if (!server.take_download(console::now_ms(), request.target)) return {.status = 404};
        return {.fields = {"Content-Type: text/xml"}, .body = file_};
    }

    const Request& request_;
    std::string file_;
    std::string url_;
    uint64_t end_ms_;
    pnp::Sockets sockets_;
    acs::HttpServer http_;
};

}  // namespace

int pnp_command(Words words) {
    Request request;
    const LabOption options[] = {
        {.name = "--interface", .text = &request.interface},
        {.name = "--file", .text = &request.path},
        {.name = "--device", .text = &request.command},
        {.name = "--seconds", .number = &request.seconds, .highest = seconds_most},
        {.name = "--start", .number = &request.start_s, .highest = seconds_most},
    };
    if (!take_options(words, options)) return lab_usage;
    if (request.interface.empty()) return refuse("--interface", "is missing");
    std::string file;
    if (!request.path.empty()) {
        auto read = console::read_file(request.path, file_bytes);
        if (!read) return refuse(request.path, "it cannot be read, or is too long");
        file = std::move(*read);
    }
    Leader leader(request, std::move(file));
    if (const auto opened = leader.open(); !opened)
        return refuse(request.interface, opened.error().detail);
    const pnp::Evidence evidence = leader.lead();
    if (console::interrupted()) return lab_interrupted;
    return tell_cases(pnp::judge(evidence));
}

}  // namespace dialtone::sim
