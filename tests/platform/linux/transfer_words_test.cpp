// SPDX-License-Identifier: Apache-2.0
//
// The words that need a misbehaving server are tested in tests/conformance; here are the rest.
#include "platform/linux/transfer_words.h"

#include <doctest/doctest.h>
#include <errno.h>

#include "agent/limits.h"

namespace dialtone {
namespace {

TransferCircumstances circumstances() {
    TransferCircumstances c;
    c.host = "pbx.example";
    c.port = 80;
    c.connect_ms = 5000;
    return c;
}

TEST_CASE("why there is no connection is told by the system's reason") {
    TransferCircumstances c = circumstances();
    CHECK(judge_failure(CURLE_COULDNT_CONNECT, c).reason == "no connection to pbx.example port 80");
    c.last_address = "10.0.0.5 port 80";
    c.system_error = ECONNREFUSED;
    CHECK(judge_failure(CURLE_COULDNT_CONNECT, c).reason ==
          "connection refused by 10.0.0.5 port 80");
    c.system_error = EHOSTUNREACH;
    CHECK(judge_failure(CURLE_COULDNT_CONNECT, c).reason == "no way to 10.0.0.5 port 80");
    c.system_error = EACCES;
    CHECK(judge_failure(CURLE_COULDNT_CONNECT, c).reason ==
          "no connection to 10.0.0.5 port 80: Permission denied");
    CHECK(judge_failure(CURLE_COULDNT_CONNECT, c).fault == TransferFault::connect);
}

TEST_CASE("a connection that runs out of time says how far it came") {
    TransferCircumstances c = circumstances();
    const auto judge = [&c] { return judge_failure(CURLE_OPERATION_TIMEDOUT, c); };
    CHECK(judge().fault == TransferFault::name);
    c.name_was_resolved = true;
    CHECK(judge().fault == TransferFault::connect);
    CHECK(judge().reason == "no answer from pbx.example port 80 within 5000 ms");
    c.tls_began = true;
    CHECK(judge().reason == "no TLS answer from pbx.example port 80 within 5000 ms");
}

TEST_CASE(
    "bad input: a CA file or a certificate of the phone's own that cannot be read fails in TLS") {
    TransferCircumstances c = circumstances();
    c.ca_file = "/etc/dialtone/ca.pem";
    CHECK(judge_failure(CURLE_SSL_CACERT_BADFILE, c).reason ==
          "no certificates can be read from /etc/dialtone/ca.pem");
    c.own_certificate_flaw = "no private key can be read from /etc/dialtone/phone.pem";
    CHECK(judge_failure(CURLE_SSL_CERTPROBLEM, c).reason == c.own_certificate_flaw);
}

TEST_CASE("a challenge that nobody knows is told by its algorithm, or as it is") {
    CHECK(challenge_words("Digest realm=\"x\", Algorithm=\"SHA-512-256\", nonce=\"y\"") ==
          "Digest with SHA-512-256");
    CHECK(challenge_words("Digest nonce=y,algorithm=SHA-512") == "Digest with SHA-512");
    CHECK(challenge_words("Negotiate, NTLM") == "Negotiate, NTLM");
    CHECK(challenge_words("Riddle algorithm=x") == "Riddle algorithm=x");
    CHECK(challenge_words("Digest realm=\"x\"") == "Digest realm=\"x\"");
    CHECK(challenge_words("").empty());
    CHECK(challenge_words(std::string(1000, 'x')).size() == limits::challenge_words_bytes);
}

TEST_CASE("bad input: a coding's name is cut short in words") {
    TransferCircumstances c = circumstances();
    c.coding_flaw = CodingFlaw::unasked;
    c.head.content_encoding = "br, " + std::string(500, 'x');
    CHECK(judge_failure(CURLE_WRITE_ERROR, c).fault == TransferFault::unsupported);
    CHECK(judge_failure(CURLE_WRITE_ERROR, c).reason.size() < 120);
}

TEST_CASE("a break is told by how far the answer had come") {
    TransferCircumstances c = circumstances();
    const auto judge = [&c] { return judge_failure(CURLE_RECV_ERROR, c).reason; };
    CHECK(judge() == "the connection to pbx.example port 80 broke");
    c.head.began = true;
    CHECK(judge() == "the connection broke inside the answer's header");
    c.head.complete = true;
    c.received_bytes = 7;
    CHECK(judge() == "the connection broke after 7 bytes of the body");
}

TEST_CASE("a failure that has no words of its own has curl's") {
    const TransferVerdict verdict = judge_failure(CURLE_OUT_OF_MEMORY, circumstances());
    CHECK(verdict.fault == TransferFault::broken);
    CHECK(verdict.reason.starts_with("the transfer failed: "));
}

}  // namespace
}  // namespace dialtone
