// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/file_signing.h"

#include <mbedtls/pk.h>

#include <cassert>
#include <map>
#include <utility>
#include <vector>

#include "agent/config/reader.h"
#include "agent/config/sniff.h"
#include "agent/digest.h"
#include "agent/profile.h"
#include "agent/rng.h"
#include "agent/text.h"

namespace dialtone::sim {
namespace {

class PrivateKey {
  public:
    PrivateKey() { mbedtls_pk_init(&context_); }
    ~PrivateKey() { mbedtls_pk_free(&context_); }
    PrivateKey(const PrivateKey&) = delete;
    PrivateKey& operator=(const PrivateKey&) = delete;

    mbedtls_pk_context* get() { return &context_; }

  private:
    mbedtls_pk_context context_;
};

// For keys that are no secret: numbers that anybody can guess.
int draw_guessable(void* context, unsigned char* bytes, size_t count) {
    auto& rng = *static_cast<Rng*>(context);
    for (size_t at = 0; at < count; ++at)
        bytes[at] = static_cast<unsigned char>(rng.next() >> 56);
    return 0;
}

bool is_hex_digit(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

// Twelve digits and no more, two and two with one separator between them at most. Empty: it has
// others.
std::string mac_at_start(std::string_view text) {
    constexpr uint32_t mac_digits = 12;
    std::string mac;
    while (mac.size() < mac_digits) {
        const bool is_between = !mac.empty() && mac.size() % 2 == 0 && !text.empty();
        const bool is_separated =
            is_between && std::string_view(":-._").find(text[0]) != std::string_view::npos;
        if (is_separated) text.remove_prefix(1);
        if (text.empty() || !is_hex_digit(text[0])) return {};
        mac += lower(text[0]);
        text.remove_prefix(1);
    }
    return text.empty() || !is_hex_digit(text[0]) ? mac : std::string();
}

}  // namespace

Result<std::string> sign_file(std::string_view private_pem, std::string_view file, DrawRandom draw,
                              void* context) {
    const std::string pem(private_pem);  // mbedTLS wants the zero at its end
    PrivateKey key;
    if (mbedtls_pk_parse_key(key.get(), reinterpret_cast<const uint8_t*>(pem.c_str()),
                             pem.size() + 1, nullptr, 0, draw, context) != 0)
        return fail(ErrorCode::malformed, "this is no private key in PEM without a passphrase");
    const Sha256 digest = sha256_of(file);
    uint8_t signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    size_t bytes = 0;
    if (mbedtls_pk_sign(key.get(), MBEDTLS_MD_SHA256, digest.data(), digest.size(), signature,
                        sizeof signature, &bytes, draw, context) != 0)
        return fail(ErrorCode::unsupported, "the key cannot sign");
    return std::string(reinterpret_cast<const char*>(signature), bytes);
}

std::string mac_in_name(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    for (uint32_t at = 0; at < name.size(); ++at) {
        const bool is_inside = at > 0 && is_hex_digit(name[at - 1]);
        if (is_inside) continue;
        if (std::string mac = mac_at_start(name.substr(at)); !mac.empty()) return mac;
    }
    return {};
}

Named who_is_named(std::string_view mac, std::string_view file) {
    const auto identity = identity_from_mac(mac);
    if (!identity) return Named::nobody;
    const Content content = sniff(file).content;
    if (content == Content::openssl_salted || content == Content::binary) return Named::unknown;
    for (const Profile* profile : all_profiles()) {
        std::vector<uint8_t> body(file.begin(), file.end());
        const auto document =
            read_config_file(body, *identity, *profile, {}, Carriage::proven, false);
        if (document && document->names_phone) return Named::the_phone;
        if (!document && document.error().code == ErrorCode::foreign_device) return Named::another;
    }
    return Named::nobody;
}

constinit const LabKey lab_key = {
    .private_pem =
        "-----BEGIN RSA PRIVATE KEY-----\n"
        "MIIEowIBAAKCAQEAr4n36kEl2fv9e8xmmu292/ffLSsltlIV5/rK2cWQKZrqhatl\n"
        "n5gsofh9byJ18igNPKOi9mqDe7uSufoQydk6/hzC2nGbWjxEZlODdvI0tmokN7C1\n"
        "NHC+9jN5xLLM4pyAPILDaI46r1TVjk0IObVJfZ/TPJpXQ4P+S5mXoEJjASFrdibF\n"
        "7iSE4PA1Aqj6pakaKFGjC7QlLM6l4255GOykCqX5D70DvR7r9UQuovOSQrk1V2o4\n"
        "Uw0+lZkCJl0CBc0JgXF7LGgUCfPDU55S0cMEaqYy3o5lp2iJzwNfjJ8ZXrvLpT4A\n"
        "WWN8ghL2K1F7Tm6ZDhx/hlpbXWKkzrRaLi6OgwIDAQABAoIBAEO364Kc6F/MNTFF\n"
        "nM2m6qgJ2zh/HTjVOOs51nilnSRXxaKUiQtE9u7zQFyXxD2LkvOyQwNh+uBIb+W8\n"
        "IS7lVTtD2C3SRvbMKiz5ic1gydIXZ2puirE0z46GNDMcMSs46cWuQnk66UvLY+lW\n"
        "MVal57iFaEXIWuLKcFc05QgnpC8CUtMqQM4zNAshc4rI0w/pnJlHA2MJ/3IQRSxQ\n"
        "IsI6WMICmjvtnngZ/StQ5iyg+jV8CigXfkC5+Lzuqf7ttq+ZjjUSzYiexSOKzD1i\n"
        "+0WZX43MVWDh5bkt7o2vwN5xwo+bFKm6lOnwUIUOhx50LMRlCxxJ4TnALHs5lEnE\n"
        "UUjItr0CgYEA9CdBDtSiBg1lNHuPZw5ll/KeYr8ezrl9m7qYScCCCZBQXje0J9/B\n"
        "jE2Y4HA+5lMq7HIDhnEAqGJruBS4WDmDH9l68KGtzNRWx8cQ4ytgt31ZBSmJe86F\n"
        "4056qO5Fj5WNkDa2jNV5rwia6ch5Emcw03Nh45ekdRM4FsPoX3pz7acCgYEAuA5s\n"
        "AYxnlY9Y5NT2P/tHAcSUxYF11lDPu86S+HnqdEfTCHP3CKcptc943W8rS2DsoiwJ\n"
        "ItTmGYjkFQUi0RUDZSLh53cTbRyDNcy0t3rgweAsv+SbTCpzTVXD+lI9UXQb7W0b\n"
        "6oauKdN+uCgal+kcg62vIv2/gFdhJt/K2Yt5i8UCgYB2prD2LR2ERXQ+eiGpmpSC\n"
        "sFSKdojZO8mwKZEinlxTm3+DGh0CF7punbNCtynKMva0K4BNEJOaQSJKNj+UGHcB\n"
        "vmYBlQDqfvKhabtqOsVoxpDBcnsu4KGuYpA3knvZmHtQb1ZtwLy+9DackGFOMTnI\n"
        "ONWEjkhM4QcsAQ7nf5HhFwKBgQCDSeZJBHou+N2T/UTaRsdTv4HPkJUZlvNXJ/c2\n"
        "PuC6qTEjanTgOz1JbwDsEwxy7GRfGcI6klrABCGNzOgU9ERDtCooDYxR3HDLw4V1\n"
        "C7WfFeVVzB/qqK0ukOsGd/s9SvFQ3u92zzMUqsRNYG33xlSMqSuwbghX5/xo2mG7\n"
        "4/2DcQKBgFXFYOgD2ox5HtYoPi5xsdvYQ1v0zqprHBa6sxTMH/8QMXWEsaZ011eN\n"
        "ZnBZV3REJ6A9MXjNoxy3+O2cyT/rKtyqZ8O0zMsG4Xio9Jp+XUuFMxq/gCwKq5ng\n"
        "TgUkGT8nzT6mnKxoD0GEMgMtmbenMhIxBz8KzGiDoGRGQMEX+YRs\n"
        "-----END RSA PRIVATE KEY-----\n",
    .public_key =
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4n36kEl2fv9e8xmmu292/ffLSsltlIV"
        "5/rK2cWQKZrqhatln5gsofh9byJ18igNPKOi9mqDe7uSufoQydk6/hzC2nGbWjxEZlODdvI0tmok"
        "N7C1NHC+9jN5xLLM4pyAPILDaI46r1TVjk0IObVJfZ/TPJpXQ4P+S5mXoEJjASFrdibF7iSE4PA1"
        "Aqj6pakaKFGjC7QlLM6l4255GOykCqX5D70DvR7r9UQuovOSQrk1V2o4Uw0+lZkCJl0CBc0JgXF7"
        "LGgUCfPDU55S0cMEaqYy3o5lp2iJzwNfjJ8ZXrvLpT4AWWN8ghL2K1F7Tm6ZDhx/hlpbXWKkzrRa"
        "Li6OgwIDAQAB",
};

constinit const LabKey other_lab_key = {
    .private_pem =
        "-----BEGIN EC PRIVATE KEY-----\n"
        "MHcCAQEEIFBos/0xQpLiXqw2XsuyNDAkhZvNEl5KHhRBezni+nYKoAoGCCqGSM49\n"
        "AwEHoUQDQgAE6EZhY92+kldOfJ7dlMc89zQMq1BJxzdarxrVtMXcdW605ERUSI2/\n"
        "5+zm/kw3rqm1KZKnnF7+HA75nQ9T3IFEsg==\n"
        "-----END EC PRIVATE KEY-----\n",
    .public_key =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6EZhY92+kldOfJ7dlMc89zQMq1BJxzdarxrVtMXc"
        "dW605ERUSI2/5+zm/kw3rqm1KZKnnF7+HA75nQ9T3IFEsg==",
};

const std::string& lab_signature(const LabKey& key, const std::string& file) {
    static std::map<std::pair<const LabKey*, Sha256>, std::string> known;
    std::string& signature = known[{&key, sha256_of(file)}];
    if (!signature.empty()) return signature;
    Rng rng(1);
    auto made = sign_file(key.private_pem, file, draw_guessable, &rng);
    assert(made);
    signature = std::move(*made);
    return signature;
}

}  // namespace dialtone::sim
