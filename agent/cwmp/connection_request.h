// SPDX-License-Identifier: Apache-2.0
//
// Connection requests over HTTP (TR-069 3.2.2): the port on which an ACS asks the phone for a
// session, and what is answered to whoever comes there. The ACS client owns it, and begins a
// session for each outcome.
//
// GET on a path that nobody can guess, proved by digest, is the one thing that is answered with
// 200; nothing else ever leads to a session. Attempts that fail are answered and not counted, so
// that nobody who lacks the password can use up what the ACS may ask for; the world bounds how many
// requests come at all (limits::http_requests_per_s).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/cwmp/digest_check.h"
#include "agent/engine.h"
#include "agent/phone.h"

namespace dialtone {

// ManagementServer.ConnectionRequestURL: under the phone's address as it is now. Empty: nobody
// listens, or the phone has no address.
std::string connection_request_url(const PhoneFacts& phone);

// Somebody has proved that he may ask for a session.
struct ConnectionRequested {};

// TR-069 3.2.2: a phone bounds how often it is asked. Those who lack the password do not count.
class RequestRate {
  public:
    // False: limits::connection_requests were admitted within the time already.
    bool admit(Instant now);

  private:
    std::vector<Instant> admitted_ = {};
};

class ConnectionRequests : public Engine<ConnectionRequested> {
  public:
    // Outlives it. Its acs_reach says where the ACS may ask.
    ConnectionRequests(RequestIds& ids, PhoneFacts& phone) : Engine(ids), phone_(phone) {}

    // Other settings count, or the phone may speak to an ACS now, or not any more (`wanted`).
    void take_settings(Instant now, bool wanted);

    // Whether it is not known yet which port the phone has, so that its URL cannot be told.
    bool is_opening() const { return listener_ != 0 && phone_.acs_reach.http_port == 0; }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    void arrange(Instant now);
    void open();
    void close();
    void take_opened();
    void take_failure(Instant now, const SocketFailed& failed);
    void take_request(Instant now, const HttpRequest& request);
    void judge(Instant now, const HttpRequest& request);
    void reply(const HttpRequest& request, uint16_t status);
    void refuse(const HttpRequest& request, std::string_view reason);
    std::string path() const;

    PhoneFacts& phone_;
    DigestCheck digest_ = {};
    DigestCredentials credentials_ = {};
    bool wanted_ = false;
    bool lacks_credentials_told_ = false;
    uint16_t port_ = 0;        // the first one to be tried; 0: none
    uint8_t octet_count_ = 0;  // of the phone's address; 0: it has none
    RequestId listener_ = 0;   // 0: closed
    uint16_t open_port_ = 0;   // that the listener has, or is to have
    uint32_t ports_tried_ = 0;
    std::string failure_ = {};                // of the first one
    bool failure_told_ = false;               // that none could be had
    std::optional<Instant> reopen_due_ = {};  // after that
    RequestRate rate_ = {};
};

}  // namespace dialtone
