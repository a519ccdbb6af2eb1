// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/digest_check.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "agent/digest.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view realm = "dialtone";
constexpr std::string_view scheme = "digest";
constexpr uint32_t moment_digits = 16;  // of a nonce: its milliseconds
constexpr uint32_t proof_bytes = 16;    // and its HMAC, cut
constexpr uint32_t count_digits = 8;

struct AlgorithmName {
    DigestAlgorithm algorithm;
    std::string_view name;
};
constexpr AlgorithmName algorithm_names[] = {{DigestAlgorithm::md5, "MD5"},
                                             {DigestAlgorithm::sha256, "SHA-256"}};

std::string_view name_of(DigestAlgorithm algorithm) {
    return algorithm_names[static_cast<uint32_t>(algorithm)].name;
}

std::string hash(DigestAlgorithm algorithm, std::string_view text) {
    return algorithm == DigestAlgorithm::md5 ? hex_of(md5_of(text)) : hex_of(sha256_of(text));
}

// RFC 9110 5.6.2.
bool is_token_letter(char letter) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return is_letter(letter) || is_digit(letter) || others.find(letter) != std::string_view::npos;
}

std::string_view take_token(std::string_view& text) {
    const auto* const end = std::ranges::find_if_not(text, is_token_letter);
    const auto length = static_cast<size_t>(end - text.begin());
    const std::string_view token = text.substr(0, length);
    text.remove_prefix(length);
    return token;
}

void skip_blanks(std::string_view& text) {
    while (text.starts_with(' ') || text.starts_with('\t'))
        text.remove_prefix(1);
}

// The text of a quoted string (RFC 9110 5.6.4) behind its first quote.
std::optional<std::string> take_quoted(std::string_view& text) {
    std::string out;
    while (!text.empty()) {
        char letter = text.front();
        text.remove_prefix(1);
        if (letter == '"') return out;
        if (letter == '\\') {
            if (text.empty()) return std::nullopt;
            letter = text.front();
            text.remove_prefix(1);
        }
        if (is_control(letter) && letter != '\t') return std::nullopt;
        out += letter;
    }
    return std::nullopt;
}

struct Parameter {
    std::string_view name = {};
    std::string value = {};
};

std::optional<Parameter> take_parameter(std::string_view& text) {
    Parameter out;
    out.name = take_token(text);
    skip_blanks(text);
    if (out.name.empty() || !text.starts_with('=')) return std::nullopt;
    text.remove_prefix(1);
    skip_blanks(text);
    if (text.starts_with('"')) {
        text.remove_prefix(1);
        auto value = take_quoted(text);
        if (!value) return std::nullopt;
        out.value = std::move(*value);
    } else {
        out.value = take_token(text);
        if (out.value.empty()) return std::nullopt;
    }
    skip_blanks(text);
    if (!text.empty() && !text.starts_with(',')) return std::nullopt;
    return out;
}

struct Place {
    std::string_view name;
    std::string DigestAuthorization::*text;
};
constexpr Place places[] = {
    {"username", &DigestAuthorization::username},
    {"realm", &DigestAuthorization::realm},
    {"nonce", &DigestAuthorization::nonce},
    {"uri", &DigestAuthorization::uri},
    {"response", &DigestAuthorization::response},
    {"qop", &DigestAuthorization::qop},
    {"nc", &DigestAuthorization::nc},
    {"cnonce", &DigestAuthorization::cnonce},
};
constexpr uint32_t algorithm_place = std::size(places);

// Which of them were there, as bits; false: one was there before.
bool put(DigestAuthorization& out, Parameter&& parameter, uint32_t& seen) {
    uint32_t place = 0;
    while (place < std::size(places) && !equals_without_case(places[place].name, parameter.name))
        ++place;
    if (place == algorithm_place && !equals_without_case(parameter.name, "algorithm")) return true;
    if ((seen >> place & 1) != 0) return false;
    seen |= 1U << place;
    if (place == algorithm_place) {
        out.algorithm = std::move(parameter.value);
    } else {
        out.*places[place].text = std::move(parameter.value);
    }
    return true;
}

// RFC 7616 3.4: eight digits in lower case; 0 for anything else, which no client counts.
uint32_t count_in(std::string_view text) {
    uint32_t count = 0;
    const bool is_lower = text.size() == count_digits && lowered(text) == text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count, 16);
    return is_lower && error == std::errc() && end == text.data() + text.size() ? count : 0;
}

std::string moment_text(uint64_t made_ms) {
    std::array<uint8_t, moment_digits / 2> octets;
    for (uint32_t i = 0; i < octets.size(); ++i)
        octets[i] = static_cast<uint8_t>(made_ms >> (8 * (octets.size() - 1 - i)));
    return hex_of(octets);
}

}  // namespace

Result<DigestAuthorization> read_digest_authorization(std::string_view field) {
    if (!equals_without_case(take_token(field), scheme) || !field.starts_with(' '))
        return fail(ErrorCode::malformed, "it is none by digest");
    DigestAuthorization out;
    uint32_t seen = 0;
    uint32_t count = 0;
    while (true) {
        while (field.starts_with(' ') || field.starts_with('\t') || field.starts_with(','))
            field.remove_prefix(1);
        if (field.empty()) break;
        if (++count > limits::digest_parameters)
            return fail(ErrorCode::malformed, "it has too many parameters");
        auto parameter = take_parameter(field);
        if (!parameter) return fail(ErrorCode::malformed, "its parameters are no list");
        if (!put(out, std::move(*parameter), seen))
            return fail(ErrorCode::malformed, "it has a parameter twice");
    }
    constexpr uint32_t all = (1U << std::size(places)) - 1;
    if ((seen & all) != all) return fail(ErrorCode::malformed, "it lacks a parameter");
    return out;
}

std::string digest_response(DigestAlgorithm algorithm, const DigestAuthorization& said,
                            std::string_view password, HttpMethod method) {
    const auto joined = [](std::initializer_list<std::string_view> parts) {
        std::string out;
        for (const std::string_view part : parts)
            (out += out.empty() ? "" : ":") += part;
        return out;
    };
    const std::string secret =
        hash(algorithm, said.username + ':' + said.realm + ':' + std::string(password));
    const std::string what = hash(algorithm, joined({method_name(method), said.uri}));
    return hash(algorithm, joined({secret, said.nonce, said.nc, said.cnonce, said.qop, what}));
}

bool DigestCheck::has_credentials() const {
    return !credentials_.user.empty() && !credentials_.password.empty() &&
           !credentials_.algorithms.empty();
}

std::string DigestCheck::nonce(uint64_t made_ms) const {
    std::array<uint8_t, sizeof(Secret)> key;
    for (uint32_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<uint8_t>(secret_[i / 8] >> (8 * (i % 8)));
    const std::string moment = moment_text(made_ms);
    const std::string text = "nonce " + moment;
    const Sha256 proof =
        hmac_sha256(key, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    return moment + hex_of(std::span(proof).first(proof_bytes));
}

std::vector<std::string> DigestCheck::challenges(Instant now, bool is_stale) {
    last_made_ms_ = std::max(now.ms, last_made_ms_ + 1);
    const std::string fresh = nonce(last_made_ms_);
    std::vector<std::string> out;
    for (const DigestAlgorithm algorithm : credentials_.algorithms) {
        std::string value = "Digest realm=\"";
        value.append(realm).append("\", qop=\"auth\", algorithm=").append(name_of(algorithm));
        value.append(", nonce=\"").append(fresh).append(is_stale ? "\", stale=true" : "\"");
        out.push_back(std::move(value));
    }
    return out;
}

// How old a nonce of this life is; nothing for one that is not.
std::optional<uint64_t> DigestCheck::age_ms(Instant now, std::string_view text,
                                            uint64_t& made_ms) const {
    if (text.size() != moment_digits + 2 * proof_bytes) return std::nullopt;
    const char* const moment_end = text.data() + moment_digits;
    const auto [end, error] = std::from_chars(text.data(), moment_end, made_ms, 16);
    if (error != std::errc() || end != moment_end) return std::nullopt;
    if (!same_secret(text, nonce(made_ms))) return std::nullopt;
    return now.ms - std::min(now.ms, made_ms);
}

// RFC 7616 3.3: without the parameter it is MD5.
std::optional<DigestAlgorithm> DigestCheck::algorithm_of(const DigestAuthorization& said) const {
    const std::string_view name = said.algorithm ? std::string_view(*said.algorithm) : "MD5";
    for (const DigestAlgorithm algorithm : credentials_.algorithms) {
        if (equals_without_case(name, name_of(algorithm))) return algorithm;
    }
    return std::nullopt;
}

// Of what needs no password to be told; empty: none.
std::string_view DigestCheck::first_flaw(const DigestAuthorization& said,
                                         std::string_view target) const {
    if (said.realm != realm) return "the realm is another one";
    if (said.qop != "auth") return "the quality of protection is not auth";
    if (said.uri != target) return "what is proved is of another request";
    if (said.cnonce.empty()) return "the client's nonce is empty";
    if (count_in(said.nc) == 0) return "the nonce's count is none";
    if (!algorithm_of(said)) return "the algorithm was not offered";
    return {};
}

// Takes note of it, too.
bool DigestCheck::was_used(Instant now, uint64_t made_ms, uint32_t count) {
    const auto is_over = [&](const UsedNonce& one) {
        return now.since(Instant{one.made_ms}) >
               uint64_t{limits::connection_request_nonce_s} * 1000;
    };
    std::erase_if(used_, is_over);
    const auto place = std::ranges::find(used_, made_ms, &UsedNonce::made_ms);
    if (place != used_.end()) {
        if (count <= place->count) return true;
        place->count = count;
        return false;
    }
    if (used_.size() == limits::connection_request_nonces_used) {
        void_to_ms_ = last_made_ms_;
        used_.clear();
        return false;
    }
    used_.push_back({made_ms, count});
    return false;
}

DigestJudgement DigestCheck::judge(Instant now, HttpMethod method, std::string_view target,
                                   std::string_view authorization) {
    if (!has_credentials()) return {.reason = "no user and password are set"};
    const auto said = read_digest_authorization(authorization);
    if (!said) return {.reason = "its Authorization cannot be used"};
    if (const std::string_view flaw = first_flaw(*said, target); !flaw.empty())
        return {.reason = flaw};
    uint64_t made_ms = 0;
    const auto age = age_ms(now, said->nonce, made_ms);
    if (!age) return {.reason = "the nonce is not of this phone"};
    const std::string expected =
        digest_response(*algorithm_of(*said), *said, credentials_.password, method);
    const bool is_right = same_secret(said->response, expected);
    const bool is_user = same_secret(said->username, credentials_.user);
    if (!is_right || !is_user) return {.reason = "the user or the password is wrong"};
    const bool is_old = *age > uint64_t{limits::connection_request_nonce_s} * 1000 ||
                        (void_to_ms_ && made_ms <= *void_to_ms_);
    if (is_old) return {.is_stale = true, .reason = "the nonce is too old"};
    if (was_used(now, made_ms, count_in(said->nc))) return {.reason = "it was said before"};
    return {.accepted = true};
}

}  // namespace dialtone
