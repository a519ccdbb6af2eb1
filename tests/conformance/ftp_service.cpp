// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/ftp_service.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>

#include "agent/text.h"
#include "tests/conformance/body_pieces.h"
#include "tests/conformance/server_connection.h"

namespace dialtone::conformance {
namespace {

using namespace sim;

class FtpService {
  public:
    FtpService(const Behaviour& behaviour, ServerLog& log, int go_on)
        : behaviour_(behaviour), log_(log), go_on_(go_on) {}

    void run(int listener);

  private:
    void converse(ServerConnection& control);
    std::optional<std::string> read_command(ServerConnection& control);
    bool greet(ServerConnection& control);
    bool answer(ServerConnection& control, const std::string& command);
    bool answer_login(ServerConnection& control, const std::string& command);
    bool answer_passive(ServerConnection& control, uint16_t code);
    bool answer_size(ServerConnection& control);
    bool send_file(ServerConnection& control);
    bool send_data(ServerConnection& data);
    void end_data(ServerConnection& data);
    std::string set_reply(std::string_view verb) const;
    bool reply(ServerConnection& control, uint16_t code, const std::string& words = "So it is");
    bool send(ServerConnection& connection, std::string_view text);
    void wait();
    void take_time(uint32_t time_ms) const;

    const Behaviour& behaviour_;
    const Answer& answer_ = behaviour_.answer;
    const FtpReplies& replies_ = answer_.ftp;
    ServerLog& log_;
    int go_on_;
    TlsServer tls_ = {};
    bool is_tls_ = false;
    std::string unread_ = {};
    std::string verb_ = {};  // of the command at hand
    uint16_t port_ = 0;      // of the data connection
    bool user_is_right_ = false;
    Descriptor passive_ = {};  // the listener that EPSV or PASV named
};

void FtpService::run(int listener) {
    is_tls_ = behaviour_.server.certificate.has_value();
    if (is_tls_ && !tls_.load(behaviour_)) return;
    for (;;) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        ++log_.connections;
        unread_.clear();
        ServerConnection control(socket, is_tls_ ? &tls_ : nullptr, log_.is_blocked);
        if (control.complete_handshake()) converse(control);
    }
}

void FtpService::wait() {
    log_.waits = true;
    uint64_t count = 0;
    static_cast<void>(!::read(go_on_, &count, sizeof count));
}

// Longer than that, when nobody tells it to go on; or until the test is over.
void FtpService::take_time(uint32_t time_ms) const {
    pollfd signal = {go_on_, POLLIN, 0};
    if (time_ms > 0) static_cast<void>(::poll(&signal, 1, static_cast<int>(time_ms)));
}

bool FtpService::send(ServerConnection& connection, std::string_view text) {
    if (answer_.piece_bytes > 1) return connection.write(text);
    for (const char c : text) {
        if (!connection.write({&c, 1})) return false;
    }
    return true;
}

// As it is written, when that is set for the command at hand.
std::string FtpService::set_reply(std::string_view verb) const {
    std::string_view rest = behaviour_.extra.ftp_replies;
    while (!rest.empty()) {
        std::string_view reply = take_piece(rest, '|');
        if (take_piece(reply, ' ') != verb) continue;
        std::string text(reply);
        if (const size_t at = text.find('@'); at != std::string::npos)
            text.replace(at, 1, std::to_string(port_ / 256) + ',' + std::to_string(port_ % 256));
        return text.append(behaviour_.extra.ftp_line_end);
    }
    return {};
}

bool FtpService::reply(ServerConnection& control, uint16_t code, const std::string& words) {
    if (const std::string text = set_reply(verb_); !text.empty()) return send(control, text);
    const std::string line_end(behaviour_.extra.ftp_line_end);
    if (code != 0) return send(control, std::to_string(code) + ' ' + words + line_end);
    wait();
    return false;
}

std::optional<std::string> FtpService::read_command(ServerConnection& control) {
    size_t end = 0;
    while ((end = unread_.find("\r\n")) == std::string::npos) {
        const std::string some = control.read();
        if (some.empty()) return {};
        unread_ += some;
    }
    std::string command = unread_.substr(0, end);
    unread_.erase(0, end + 2);
    return command;
}

bool FtpService::greet(ServerConnection& control) {
    if (answer_.stalls_before_head) wait();
    take_time(replies_.greeting_ms);
    switch (answer_.head_fault) {
        case HeadFault::none:
        case HeadFault::field_without_colon:
        case HeadFault::bad_length:
        case HeadFault::two_lengths:
        case HeadFault::no_head:
            break;
        case HeadFault::no_response:
            return false;
        case HeadFault::truncated:
            send(control, "22");
            return false;
        case HeadFault::other_protocol:
            send(control, "SSH-2.0-OpenSSH_9.2\r\n");
            wait();
            return false;
        case HeadFault::endless_fields:
            while (send(control, "220-" + std::string(1000, 'x') + "\r\n")) {
            }
            return false;
        case HeadFault::endless_line:
            while (send(control, std::string(1000, 'x'))) {
            }
            return false;
    }
    verb_ = "GREETING";
    // With two lines, as many greet.
    return send(control, "220-Files of a test" + std::string(behaviour_.extra.ftp_line_end)) &&
           reply(control, replies_.greeting);
}

void FtpService::converse(ServerConnection& control) {
    if (!greet(control)) return;
    while (const auto command = read_command(control)) {
        if (!answer(control, *command)) return;
    }
}

bool FtpService::answer(ServerConnection& control, const std::string& command) {
    const std::string& verb = verb_ = command.substr(0, command.find(' '));
    if (verb == "USER" || verb == "PASS") return answer_login(control, command);
    if (verb == "PBSZ") return reply(control, 200);
    if (verb == "PROT") return reply(control, replies_.protection);
    if (verb == "PWD") return reply(control, 257, "\"/\" is where you are");
    if (verb == "TYPE") return reply(control, 200);
    if (verb == "EPSV") return answer_passive(control, replies_.extended);
    if (verb == "PASV") return answer_passive(control, replies_.passive);
    if (verb == "SIZE") return answer_size(control);
    if (verb == "RETR") return send_file(control);
    if (verb == "QUIT" && behaviour_.extra.ignores_quit) return reply(control, 0);
    if (verb == "QUIT") return reply(control, 221) && false;
    return reply(control, 502);
}

bool FtpService::answer_login(ServerConnection& control, const std::string& command) {
    if (command.starts_with("USER ")) {
        user_is_right_ = command == std::string("USER ") + user;
        return reply(control, 331);
    }
    take_time(replies_.login_ms);
    const bool is_right = user_is_right_ && command == std::string("PASS ") + password;
    const bool is_anonymous = command == "PASS phone@";
    const bool is_welcome = answer_.user.empty() ? is_anonymous : is_right;
    if (!is_welcome) ++log_.answers;
    return reply(control, is_welcome ? 230 : 530);
}

bool FtpService::answer_passive(ServerConnection& control, uint16_t code) {
    if (code != 229 && code != 227) return reply(control, code);
    passive_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!passive_.is_open() || ::bind(passive_.get(), generic, length) < 0) return false;
    if (::listen(passive_.get(), 1) < 0) return false;
    if (::getsockname(passive_.get(), generic, &length) < 0) return false;
    const uint16_t port = port_ = ntohs(address.sin_port);
    if (code == 229) return reply(control, code, "Here (|||" + std::to_string(port) + "|)");
    const std::string host = behaviour_.extra.pasv_names_other_host ? "192,0,2,77," : "127,0,0,1,";
    return reply(
        control, code,
        "Here (" + host + std::to_string(port / 256) + ',' + std::to_string(port % 256) + ").");
}

bool FtpService::answer_size(ServerConnection& control) {
    const int64_t stated = answer_.stated_bytes;
    const int64_t size = stated >= 0 ? stated : behaviour_.body_bytes;
    if (replies_.size == 213) return reply(control, 213, std::to_string(size));
    if (replies_.size == 550) {
        ++log_.requests;
        ++log_.answers;
    }
    return reply(control, replies_.size);
}

// Gives whether the session stays.
bool FtpService::send_file(ServerConnection& control) {
    ++log_.requests;
    std::string words = "Here it comes";
    if (replies_.size_in_preliminary) {
        words += " (" + std::to_string(behaviour_.body_bytes) + " bytes)";
    }
    const bool is_announced = reply(control, replies_.preliminary, words);
    if (!is_announced || replies_.preliminary != 150) {
        ++log_.answers;
        return is_announced;
    }
    const int socket = ::accept4(passive_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return false;
    {
        ServerConnection data(socket, is_tls_ && !replies_.plain_data ? &tls_ : nullptr,
                              log_.is_blocked);
        if (replies_.stalls_data_handshake) {
            wait();
            return false;
        }
        if (!data.complete_handshake() || !send_data(data)) {
            ++log_.answers;
            return false;
        }
        end_data(data);
    }
    verb_ = "END";
    const bool stays = answer_.end != BodyEnd::closes && reply(control, replies_.completion);
    ++log_.answers;
    return stays;
}

bool FtpService::send_data(ServerConnection& data) {
    return send_body_pieces(
        answer_, behaviour_.body_bytes, [&](const std::string& piece) { return send(data, piece); },
        [this] { wait(); });
}

void FtpService::end_data(ServerConnection& data) {
    switch (answer_.end) {
        case BodyEnd::resets:
            return data.reset();
        case BodyEnd::closes_without_notify:
            return;
        case BodyEnd::stays_open:
        case BodyEnd::closes:
        case BodyEnd::bad_chunk:
            return data.send_close_notify();
    }
}

}  // namespace

void serve_ftp(const Behaviour& behaviour, ServerLog& log, int go_on, int listener) {
    FtpService(behaviour, log, go_on).run(listener);
}

}  // namespace dialtone::conformance
