// SPDX-License-Identifier: Apache-2.0
#include "agent/digest.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/agent/config/vectors.h"

using namespace dialtone;

namespace {

FileDigest file(std::string role, std::string name, uint8_t first) {
    return {std::move(role), std::move(name), {first}};
}

}  // namespace

TEST_CASE("the digest of bytes is SHA-256 as FIPS 180-4 gives it") {
    CHECK(digest_text(sha256_of(test::bytes_of_text("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest_text(sha256_of({})) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(digest_text(sha256_of(test::bytes_of_text(test::vector_plain))) ==
          "439c5f814c3e1be8ce82934ed1017540abfb72fb421064120d1787034da9f3b3");
}

TEST_CASE("the digest of a plan depends on roles, names, bytes and order") {
    const std::vector<FileDigest> plan = {file("device", "cfg1.xml", 1), file("all", "cfg.xml", 2)};
    const Sha256 digest = plan_digest(plan);
    CHECK(plan_digest(plan) == digest);

    auto other = plan;
    other[0].role = "model";
    CHECK(plan_digest(other) != digest);
    other = plan;
    other[0].name = "cfg2.xml";
    CHECK(plan_digest(other) != digest);
    other = plan;
    other[1].sha256[31] = 1;
    CHECK(plan_digest(other) != digest);
    other = {plan[1], plan[0]};
    CHECK(plan_digest(other) != digest);
    other = {plan[0]};
    CHECK(plan_digest(other) != digest);
}

TEST_CASE("letters that move from a role to a name change the digest of a plan") {
    const std::vector<FileDigest> one = {file("ab", "c", 0)};
    const std::vector<FileDigest> other = {file("a", "bc", 0)};
    CHECK(plan_digest(one) != plan_digest(other));
}
