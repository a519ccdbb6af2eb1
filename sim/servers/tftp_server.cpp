// SPDX-License-Identifier: Apache-2.0
#include "sim/servers/tftp_server.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace dialtone::sim {
namespace {

constexpr uint16_t known_port = 69;
constexpr uint16_t first_own_port = 50000;
constexpr uint32_t retransmit_ms = 1'000;
constexpr uint32_t retransmissions = 5;

uint16_t number_at(std::span<const uint8_t> bytes, uint32_t at) {
    return static_cast<uint16_t>(bytes[at] * 256 + bytes[at + 1]);
}

std::vector<uint8_t> packet(uint16_t opcode, uint16_t number) {
    return {0, static_cast<uint8_t>(opcode), static_cast<uint8_t>(number / 256),
            static_cast<uint8_t>(number % 256)};
}

void append_text(std::vector<uint8_t>& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
    out.push_back(0);
}

// The NUL-terminated texts of a request.
std::vector<std::string> texts_of(std::span<const uint8_t> bytes) {
    std::vector<std::string> texts;
    std::string text;
    for (const uint8_t octet : bytes) {
        if (octet != 0) {
            text += static_cast<char>(octet);
            continue;
        }
        texts.push_back(std::exchange(text, {}));
    }
    return texts;
}

uint32_t value_of(const std::string& text) {
    uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

void TftpServer::put_error(std::string name, uint16_t code, std::string words) {
    files_[std::move(name)] = {.error = code, .words = std::move(words), .is_error = true};
}

void TftpServer::set_behaviour(TftpServerBehaviour behaviour) {
    behaviour_ = std::move(behaviour);
    rng_ = Rng(behaviour_.seed);
}

std::optional<TftpServer::Outgoing> TftpServer::next() {
    if (outgoing_.empty()) return std::nullopt;
    Outgoing out = std::move(outgoing_.front());
    outgoing_.pop_front();
    return out;
}

std::optional<uint64_t> TftpServer::deadline_ms() const {
    std::optional<uint64_t> earliest;
    for (const auto& [port, transfer] : transfers_) {
        if (!earliest || transfer.due_ms < *earliest) earliest = transfer.due_ms;
    }
    return earliest;
}

void TftpServer::tick(uint64_t now_ms) {
    for (auto place = transfers_.begin(); place != transfers_.end();) {
        Transfer& transfer = place->second;
        if (transfer.due_ms > now_ms) {
            ++place;
        } else if (++transfer.tries > retransmissions) {
            place = transfers_.erase(place);
        } else {
            transfer.sent = transfer.acked;
            send_window(now_ms, place->first, transfer);
            ++place;
        }
    }
}

bool TftpServer::owns(uint16_t port) const {
    return port == known_port || port >= first_own_port;
}

void TftpServer::receive(uint64_t now_ms, RequestId socket, uint16_t to_port,
                         std::span<const uint8_t> bytes) {
    if (down_ || bytes.size() < 4) return;
    if (behaviour_.drops_one_in != 0 && rng_.below(behaviour_.drops_one_in) == 0) return;
    const uint16_t opcode = number_at(bytes, 0);
    if (opcode == 1 && to_port == known_port) return receive_request(now_ms, socket, bytes);
    if (opcode == 4) return receive_ack(now_ms, to_port, number_at(bytes, 2));
    if (opcode != 5) return;
    errors_.push_back(number_at(bytes, 2));
    transfers_.erase(to_port);
}

void TftpServer::receive_request(uint64_t now_ms, RequestId socket,
                                 std::span<const uint8_t> bytes) {
    requests_.emplace_back(bytes.begin(), bytes.end());
    const auto texts = texts_of(bytes.subspan(2));
    if (texts.size() < 2 || texts[1] != "octet" || bytes.size() > 512 || bytes.back() != 0)
        return refuse(now_ms, socket, 4, "not a request");
    std::map<std::string, std::string> options;
    for (uint32_t i = 2; i + 1 < texts.size(); i += 2)
        options[texts[i]] = texts[i + 1];
    using Options = TftpServerBehaviour::Options;
    if (!options.empty() && behaviour_.options == Options::refused)
        return refuse(now_ms, socket, 8, "no options");
    if (!options.empty() && behaviour_.options == Options::not_understood)
        return refuse(now_ms, socket, 4, "what is that");
    names_.push_back(texts[0]);
    const auto file = files_.find(texts[0]);
    if (file == files_.end()) return refuse(now_ms, socket, 1, "File not found");
    if (file->second.is_error)
        return refuse(now_ms, socket, file->second.error, file->second.words);
    if (behaviour_.options == Options::ignored) options.clear();
    begin(now_ms, socket, texts[0], options);
    if (behaviour_.second_transfer) begin(now_ms, socket, texts[0], options);
}

void TftpServer::begin(uint64_t now_ms, RequestId socket, const std::string& name,
                       const std::map<std::string, std::string>& options) {
    const uint16_t port = next_port_++;
    Transfer& transfer = transfers_[port];
    transfer.socket = socket;
    transfer.name = name;
    if (!options.empty()) transfer.oack = option_ack(transfer, files_[name].body, options);
    if (behaviour_.options == TftpServerBehaviour::Options::unanswered) {
        transfer.oack.clear();
        transfer.window_blocks = 1;
    }
    send_window(now_ms, port, transfer);
}

std::vector<uint8_t> TftpServer::option_ack(
    Transfer& transfer, const std::string& body,
    const std::map<std::string, std::string>& options) const {
    std::vector<uint8_t> out = {0, 6};
    for (const auto& [name, value] : options) {
        std::string said = value;
        if (name == "blksize") {
            transfer.block_bytes = std::min<uint32_t>(value_of(value), behaviour_.largest_block);
            said = std::to_string(behaviour_.oack_blksize != 0 ? behaviour_.oack_blksize
                                                               : transfer.block_bytes);
        } else if (name == "windowsize") {
            if (behaviour_.largest_window == 1) continue;
            transfer.window_blocks = std::min<uint32_t>(value_of(value), behaviour_.largest_window);
            said = std::to_string(behaviour_.oack_windowsize != 0 ? behaviour_.oack_windowsize
                                                                  : transfer.window_blocks);
        } else if (name == "tsize" && !behaviour_.echoes_tsize) {
            said = std::to_string(behaviour_.oack_tsize >= 0
                                      ? static_cast<uint64_t>(behaviour_.oack_tsize)
                                      : body.size());
        }
        append_text(out, name);
        append_text(out, said);
    }
    out.insert(out.end(), behaviour_.more_options.begin(), behaviour_.more_options.end());
    return out;
}

uint64_t TftpServer::block_count(const Transfer& transfer) const {
    if (behaviour_.endless) return UINT64_MAX;
    return files_.at(transfer.name).body.size() / transfer.block_bytes + 1;
}

uint16_t TftpServer::on_the_wire(uint64_t block) const {
    if (!behaviour_.wraps_to_one || block == 0) return static_cast<uint16_t>(block);
    return static_cast<uint16_t>((block - 1) % UINT16_MAX + 1);
}

void TftpServer::receive_ack(uint64_t now_ms, uint16_t port, uint16_t number) {
    const auto place = transfers_.find(port);
    if (place == transfers_.end()) return;
    ++acks_;
    Transfer& transfer = place->second;
    uint64_t acked = transfer.acked;
    while (acked < transfer.sent && on_the_wire(acked) != number)
        ++acked;
    if (on_the_wire(acked) != number) return;
    const bool doubled = acked == transfer.acked && transfer.oack.empty();
    // With a window a doubled acknowledgement says that the window's first block is missing.
    // Without one it has no meaning, and a server that answers it sends every later block twice.
    if (doubled && transfer.window_blocks == 1 && !behaviour_.answers_doubled_acks) return;
    transfer.oack.clear();
    transfer.acked = transfer.sent = acked;
    transfer.tries = 0;
    if (acked == block_count(transfer)) {
        transfers_.erase(place);
        return;
    }
    send_window(now_ms, port, transfer);
}

void TftpServer::send_window(uint64_t now_ms, uint16_t port, Transfer& transfer) {
    transfer.due_ms = now_ms + retransmit_ms;
    if (behaviour_.silent_after_blocks == 0) return;
    if (!transfer.oack.empty()) return send(now_ms, transfer.socket, port, transfer.oack);
    const int64_t failing = behaviour_.error_after_blocks;
    if (failing >= 0 && transfer.acked >= static_cast<uint64_t>(failing))
        return send_error(now_ms, transfer.socket, port, 0, "the disk is gone");
    const uint64_t last = block_count(transfer);
    while (transfer.sent < transfer.acked + transfer.window_blocks && transfer.sent < last) {
        ++transfer.sent;
        send_block(now_ms, port, transfer, transfer.sent);
    }
}

void TftpServer::send_block(uint64_t now_ms, uint16_t port, const Transfer& transfer,
                            uint64_t block) {
    const int64_t silent_after = behaviour_.silent_after_blocks;
    if (silent_after >= 0 && block > static_cast<uint64_t>(silent_after)) return;
    const std::string& body = files_.at(transfer.name).body;
    std::vector<uint8_t> bytes = packet(3, on_the_wire(block));
    const uint64_t begins = (block - 1) * transfer.block_bytes;
    for (uint64_t i = begins; i < begins + transfer.block_bytes + behaviour_.oversize_bytes; ++i) {
        if (i >= body.size() && !behaviour_.endless) break;
        bytes.push_back(static_cast<uint8_t>(
            body.empty() ? 'x' : body[static_cast<uint32_t>(i % body.size())]));
    }
    ++blocks_sent_;
    send(now_ms, transfer.socket, port, std::move(bytes));
}

void TftpServer::refuse(uint64_t now_ms, RequestId socket, uint16_t code, std::string_view words) {
    if (behaviour_.silent_after_blocks != 0) send_error(now_ms, socket, next_port_++, code, words);
}

void TftpServer::send_error(uint64_t now_ms, RequestId socket, uint16_t port, uint16_t code,
                            std::string_view words) {
    auto bytes = packet(5, code);
    append_text(bytes, words);
    send(now_ms, socket, port, std::move(bytes));
}

// Over the network, which may drop it, duplicate it or delay it behind later ones.
void TftpServer::send(uint64_t now_ms, RequestId socket, uint16_t port,
                      std::vector<uint8_t> bytes) {
    const auto happens = [this](uint32_t one_in) { return one_in != 0 && rng_.below(one_in) == 0; };
    if (happens(behaviour_.drops_one_in)) return;
    uint64_t at_ms = now_ms + behaviour_.latency_ms;
    if (happens(behaviour_.delays_one_in)) at_ms += behaviour_.delay_ms;
    if (behaviour_.garbage_first) outgoing_.push_back({socket, port, at_ms, {0, 9, 9}});
    if (happens(behaviour_.doubles_one_in)) outgoing_.push_back({socket, port, at_ms + 1, bytes});
    outgoing_.push_back({socket, port, at_ms, std::move(bytes)});
}

}  // namespace dialtone::sim
