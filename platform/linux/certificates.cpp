// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/certificates.h"

#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>
#include <mbedtls/platform_time.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <time.h>

#include <algorithm>
#include <string_view>

#include "platform/linux/certificate_names.h"

namespace dialtone {
namespace {

constexpr Clock machine_clock(0, 0);
const Clock* judging_clock = nullptr;

mbedtls_time_t judging_time(mbedtls_time_t* time) {
    const Clock& clock = judging_clock != nullptr ? *judging_clock : machine_clock;
    const auto wall_s = static_cast<mbedtls_time_t>(clock.wall_s());
    if (time != nullptr) *time = wall_s;
    return wall_s;
}

WallSeconds seconds_of(const mbedtls_x509_time& time) {
    tm parts = {};
    parts.tm_year = time.year - 1900;
    parts.tm_mon = time.mon - 1;
    parts.tm_mday = time.day;
    parts.tm_hour = time.hour;
    parts.tm_min = time.min;
    parts.tm_sec = time.sec;
    return ::timegm(&parts);
}

constexpr uint32_t time_flags = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;

bool is_made_for_servers(const mbedtls_x509_crt& certificate) {
    return ::mbedtls_x509_crt_check_extended_key_usage(&certificate, MBEDTLS_OID_SERVER_AUTH,
                                                       MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) ==
           0;
}

// mbedTLS has compared the names by its own rules.
void judge_names(const mbedtls_x509_crt& certificate, CertificateFindings& findings,
                 uint32_t& flags) {
    flags &= ~uint32_t{MBEDTLS_X509_BADCERT_CN_MISMATCH};
    if (stands_for(certificate, findings.host)) return;
    flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    findings.names = certificate_names_words(certificate);
}

// A server's certificate that signs itself is as good as an authority's if it stands among theirs.
// mbedTLS knows that rule only for authorities that it keeps itself.
bool is_trusted_itself(const mbedtls_x509_crt& certificate, const CertificateFindings& findings) {
    const auto text_of = [](const mbedtls_x509_buf& name) {
        return std::string_view(reinterpret_cast<const char*>(name.p), name.len);
    };
    return text_of(certificate.issuer_raw) == text_of(certificate.subject_raw) &&
           findings.authorities != nullptr && findings.authorities->hold(certificate);
}

constexpr int constructed_sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;

// It has this extension. mbedTLS has read them all, and found that they are well formed.
bool has_extension(const mbedtls_x509_crt& certificate, std::string_view oid) {
    unsigned char* at = certificate.v3_ext.p;
    if (at == nullptr) return false;
    const unsigned char* const end = at + certificate.v3_ext.len;
    size_t size = 0;
    if (::mbedtls_asn1_get_tag(&at, end, &size, constructed_sequence) != 0) return false;
    while (at < end && ::mbedtls_asn1_get_tag(&at, end, &size, constructed_sequence) == 0) {
        const unsigned char* const next = at + size;
        if (::mbedtls_asn1_get_tag(&at, next, &size, MBEDTLS_ASN1_OID) != 0) return false;
        if (std::string_view(reinterpret_cast<const char*>(at), size) == oid) return true;
        at = const_cast<unsigned char*>(next);
    }
    return false;
}

// The limits (RFC 5280 4.2.1.10) say whom an authority may sign. mbedTLS does not know them: where
// they are critical it refuses the certificate, elsewhere it would pass over them.
constexpr std::string_view name_constraints = MBEDTLS_OID_NAME_CONSTRAINTS;

void note_time(const mbedtls_x509_crt& certificate, CertificateFindings& findings) {
    const WallSeconds from_s = seconds_of(certificate.valid_from);
    const WallSeconds to_s = seconds_of(certificate.valid_to);
    const bool is_first = findings.chain_to_s == 0;
    findings.chain_from_s = is_first ? from_s : std::max(findings.chain_from_s, from_s);
    findings.chain_to_s = is_first ? to_s : std::min(findings.chain_to_s, to_s);
}

int on_certificate(void* context, mbedtls_x509_crt* certificate, int depth, uint32_t* flags) {
    auto& findings = *static_cast<CertificateFindings*>(context);
    // mbedTLS sees this too, but later and without a word of why.
    if (depth == 0 && !is_made_for_servers(*certificate)) {
        *flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    }
    if (depth == 0) judge_names(*certificate, findings, *flags);
    if (depth > 0 && has_extension(*certificate, name_constraints)) {
        *flags |= MBEDTLS_X509_BADCERT_OTHER;
    }
    const bool is_stranger = (*flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0;
    if (depth == 0 && is_stranger && is_trusted_itself(*certificate, findings)) {
        *flags &= ~uint32_t{MBEDTLS_X509_BADCERT_NOT_TRUSTED};
    }
    note_time(*certificate, findings);
    if (!findings.clock_is_proven) *flags &= ~uint32_t{MBEDTLS_X509_BADCERT_FUTURE};
    if ((*flags & time_flags) != 0 && (findings.flags & time_flags) == 0) {
        findings.valid_from_s = seconds_of(certificate->valid_from);
        findings.valid_to_s = seconds_of(certificate->valid_to);
    }
    findings.flags |= *flags;
    if (!findings.verify) *flags = 0;
    return 0;
}

struct FlagWords {
    uint32_t flag;
    const char* words;
};

// In the order of what an administrator has to mend first.
constexpr FlagWords flag_words[] = {
    {MBEDTLS_X509_BADCERT_MISSING, "the server shows no certificate"},
    {MBEDTLS_X509_BADCERT_NOT_TRUSTED, "certificate is signed by an unknown authority"},
    {MBEDTLS_X509_BADCERT_KEY_USAGE, "certificate is not made for this use"},
    {MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, "certificate is not made for servers"},
    {MBEDTLS_X509_BADCERT_NS_CERT_TYPE, "certificate is not made for servers"},
    {MBEDTLS_X509_BADCERT_BAD_MD, "certificate is signed with a weak digest"},
    {MBEDTLS_X509_BADCERT_BAD_PK, "certificate has a kind of key that is not accepted"},
    {MBEDTLS_X509_BADCERT_BAD_KEY, "certificate has a key that is too short"},
    {MBEDTLS_X509_BADCERT_OTHER,
     "an authority of the certificate has limits on whom it may sign, which this phone cannot "
     "check"},
};

}  // namespace

void judge_certificates_by(const Clock& clock) {
    judging_clock = &clock;
    ::mbedtls_platform_set_time(&judging_time);
}

void stop_judging_by(const Clock& clock) {
    if (judging_clock == &clock) judging_clock = nullptr;
}

void watch_certificates(void* mbedtls_ssl_config_pointer, CertificateFindings& findings) {
    auto* config = static_cast<mbedtls_ssl_config*>(mbedtls_ssl_config_pointer);
    ::mbedtls_ssl_conf_cert_profile(config, &mbedtls_x509_crt_profile_default);
    ::mbedtls_ssl_conf_verify(config, &on_certificate, &findings);
}

bool wants_certificate(const void* mbedtls_ssl_context_pointer) {
    const auto* context = static_cast<const mbedtls_ssl_context*>(mbedtls_ssl_context_pointer);
    return context != nullptr &&
           (context->MBEDTLS_PRIVATE(wanted) & MBEDTLS_SSL_WANTED_CERTIFICATE) != 0;
}

bool has_only_expired(const CertificateFindings& findings) {
    return findings.flags == MBEDTLS_X509_BADCERT_EXPIRED;
}

std::string certificate_words(const CertificateFindings& findings, WallSeconds wall_s) {
    const std::string clock_says = ", the phone's clock says " + wall_text(wall_s);
    for (const FlagWords& entry : flag_words) {
        if ((findings.flags & entry.flag) != 0) return entry.words;
    }
    if ((findings.flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
        return "certificate is for another name than " + findings.host + ": it is for " +
               findings.names;
    }
    if ((findings.flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0) {
        return "certificate has expired on " + wall_text(findings.valid_to_s) + clock_says;
    }
    if ((findings.flags & MBEDTLS_X509_BADCERT_FUTURE) != 0) {
        return "certificate is valid only from " + wall_text(findings.valid_from_s) + " on" +
               clock_says;
    }
    if (findings.flags != 0) return "certificate was not accepted";
    return {};
}

}  // namespace dialtone
