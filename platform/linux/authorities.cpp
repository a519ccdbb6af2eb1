// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/authorities.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mbedtls/asn1.h>
#include <mbedtls/platform.h>
#include <mbedtls/ssl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "agent/limits.h"
#include "platform/common/descriptor.h"

namespace dialtone {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end_mark = "-----END CERTIFICATE-----";
constexpr size_t piece_bytes = 16384;  // of a file, at a time
// Of a certificate, to begin with: with most of them the subject ends before it.
constexpr size_t head_bytes = 480;

constexpr int8_t no_digit = -1;

constexpr std::array<int8_t, 256> base64_values = [] {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<int8_t, 256> values = {};
    values.fill(no_digit);
    for (size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<uint8_t>(alphabet[i])] = static_cast<int8_t>(i);
    }
    return values;
}();

// Four digits as three bytes; negative if one of them is none.
int32_t four_digits(const char* text) {
    const auto digit = [text](size_t i) {
        return int32_t{base64_values[static_cast<uint8_t>(text[i])]};
    };
    const int32_t one = digit(0), two = digit(1), three = digit(2), four = digit(3);
    if ((one | two | three | four) < 0) return -1;
    return one << 18 | two << 12 | three << 6 | four;
}

// Decodes the beginning of `text` into `bytes`, up to the padding or until they are full; line ends
// and everything else outside of the alphabet is passed over. How many bytes came of it.
size_t decode(std::string_view text, std::span<uint8_t> bytes) {
    const char* at = text.data();
    const char* const end = at + text.size();
    uint8_t* to = bytes.data();
    const uint8_t* const full = to + bytes.size();
    uint32_t bits = 0, count = 0;
    while (at != end && full - to >= 3) {
        if (const int32_t three = count == 0 && end - at >= 4 ? four_digits(at) : -1; three >= 0) {
            *to++ = static_cast<uint8_t>(three >> 16);
            *to++ = static_cast<uint8_t>(three >> 8);
            *to++ = static_cast<uint8_t>(three);
            at += 4;
            continue;
        }
        const char c = *at++;
        if (c == '=') break;
        const int8_t value = base64_values[static_cast<uint8_t>(c)];
        if (value == no_digit) continue;
        bits = bits << 6 | static_cast<uint32_t>(value);
        count += 6;
        if (count < 24) continue;
        for (; count > 0; count -= 8)
            *to++ = static_cast<uint8_t>(bits >> (count - 8));
        bits = 0;
    }
    for (; count >= 8 && to != full; count -= 8)
        *to++ = static_cast<uint8_t>(bits >> (count - 8));
    return static_cast<size_t>(to - bytes.data());
}

std::vector<uint8_t> decoded(std::string_view text) {
    std::vector<uint8_t> bytes(text.size() / 4 * 3 + 3);
    bytes.resize(decode(text, bytes));
    return bytes;
}

constexpr int constructed_sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;
constexpr int version_tag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED;

// The subject (RFC 5280 4.1) of a certificate of which this is at least the beginning.
std::optional<std::span<const uint8_t>> subject_of(std::span<const uint8_t> head) {
    auto* at = const_cast<unsigned char*>(head.data());  // it only reads
    const unsigned char* const end = at + head.size();
    // The lengths of the outer two go beyond what is there.
    const auto enter = [&at, end] {
        if (end - at < 2 || *at != constructed_sequence) return false;
        const uint8_t length = at[1];
        at += 2;
        const int more = length >= 0x80 ? length & 0x7F : 0;
        if (end - at <= more) return false;
        at += more;
        return true;
    };
    const auto pass = [&at, end](int tag) {
        size_t size = 0;
        if (::mbedtls_asn1_get_tag(&at, end, &size, tag) != 0) return false;
        at += size;
        return true;
    };
    if (!enter()) return {};  // the certificate
    if (!enter()) return {};  // what of it is signed
    if (*at == version_tag && !pass(version_tag)) return {};
    // Serial number, algorithm of the signature, issuer, validity.
    for (int tag :
         {MBEDTLS_ASN1_INTEGER, constructed_sequence, constructed_sequence, constructed_sequence}) {
        if (!pass(tag)) return {};
    }
    const unsigned char* const subject = at;
    if (!pass(constructed_sequence)) return {};
    return std::span(subject, at);
}

// Equal for names that mbedTLS calls equal: those whose letters differ in case, or whose texts are
// UTF8String here and PrintableString there. Unequal ones may have the same mark.
uint32_t name_mark(std::span<const uint8_t> name) {
    uint32_t mark = 2'166'136'261;  // FNV-1a
    for (uint8_t octet : name) {
        if (octet == MBEDTLS_ASN1_PRINTABLE_STRING) octet = MBEDTLS_ASN1_UTF8_STRING;
        if (octet >= 'A' && octet <= 'Z') octet = static_cast<uint8_t>(octet - 'A' + 'a');
        mark = (mark ^ octet) * 16'777'619;
    }
    return mark;
}

// A SEQUENCE of more than 127 bytes.
bool begins_as_der(std::string_view text) {
    return text.size() > 1 && text[0] == constructed_sequence && (text[1] & 0x80) != 0;
}

// Reads up to `size` bytes; less at the end only.
Result<size_t> read_piece(int file, char* bytes, size_t size) {
    size_t had = 0;
    while (had < size) {
        const ssize_t got = ::read(file, bytes + had, size - had);
        if (got == 0) break;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(ErrorCode::io, ::strerror(errno));
        had += static_cast<size_t>(got);
    }
    return had;
}

Result<size_t> append_piece(int file, std::string& text) {
    Result<size_t> got = size_t{0};
    const size_t kept = text.size();
    text.resize_and_overwrite(kept + piece_bytes, [&](char* bytes, size_t) {
        got = read_piece(file, bytes + kept, piece_bytes);
        return kept + got.value_or(0);
    });
    return got;
}

int hand_out(void* authorities, const mbedtls_x509_crt* child, mbedtls_x509_crt** issuers) {
    *issuers = static_cast<const Authorities*>(authorities)->issuers_of(*child);
    return 0;
}

}  // namespace

void Authorities::note(std::string_view encoded, uint32_t offset, bool is_pem) {
    const auto* const octets = reinterpret_cast<const uint8_t*>(encoded.data());
    std::array<uint8_t, head_bytes> head;
    auto subject = is_pem ? subject_of(std::span(head).first(decode(encoded, head)))
                          : subject_of(std::span(octets, encoded.size()));
    std::vector<uint8_t> whole;
    if (!subject && is_pem) {
        whole = decoded(encoded);
        subject = subject_of(whole);
    }
    if (!subject) return;
    places_.push_back({.subject = name_mark(*subject),
                       .file = static_cast<uint16_t>(files_.size() - 1),
                       .is_pem = is_pem,
                       .offset = offset,
                       .size_bytes = static_cast<uint32_t>(encoded.size())});
}

// Takes note of the certificates that are whole; how much of `text`, which begins at `offset` in
// its file, needs no second look.
size_t Authorities::note_whole(std::string_view text, uint32_t offset) {
    size_t done = 0;
    for (;;) {
        const size_t begin = text.find(begin_mark, done);
        if (begin == std::string_view::npos) break;
        const size_t first = begin + begin_mark.size(), end = text.find(end_mark, first);
        if (end == std::string_view::npos) return begin;
        note(text.substr(first, end - first), offset + static_cast<uint32_t>(first), true);
        done = end + end_mark.size();
    }
    // A mark may have begun.
    return std::max(done, text.size() - std::min(text.size(), begin_mark.size()));
}

Status Authorities::load_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) {
        return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io, ::strerror(errno));
    }
    const size_t had = places_.size();
    files_.push_back(path);
    std::string text;  // what needs another look, and where it begins in the file
    uint32_t offset = 0;
    for (bool is_over = false; !is_over;) {
        const size_t got = TRY(append_piece(file.get(), text));
        is_over = got < piece_bytes;
        if (offset + text.size() > limits::authority_file_bytes) {
            return fail(ErrorCode::too_big, "it is too large");
        }
        if (offset == 0 && begins_as_der(text)) {
            if (is_over) note(text, 0, false);
            continue;
        }
        const size_t done = note_whole(text, offset);
        text.erase(0, done);
        offset += static_cast<uint32_t>(done);
    }
    if (places_.size() > had) return {};
    return fail(ErrorCode::empty, "no certificate is in it");
}

// Not every file of such a directory has to be a certificate; one of them has.
Status Authorities::load_directory(const std::string& path) {
    Status status = fail(ErrorCode::empty, "no certificate is in it");
    DIR* entries = ::opendir(path.c_str());
    if (entries == nullptr) return status;
    uint32_t files = 0;
    while (const dirent* entry = ::readdir(entries)) {
        if (entry->d_name[0] == '.' || ++files > limits::authority_files) continue;
        if (load_file(path + '/' + entry->d_name)) status = {};
    }
    ::closedir(entries);
    return status;
}

Status Authorities::load(const std::string& path) {
    struct stat status = {};
    const bool is_there = ::stat(path.c_str(), &status) == 0;
    if (is_there && S_ISDIR(status.st_mode)) return load_directory(path);
    return load_file(path);
}

// Empty when the file is not what it was; what else it may be by now is mbedTLS's to judge.
std::vector<uint8_t> Authorities::bytes_at(const Place& place) const {
    const Descriptor file(::open(files_[place.file].c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open() || ::lseek(file.get(), place.offset, SEEK_SET) < 0) return {};
    std::string text(place.size_bytes, '\0');
    const auto got = read_piece(file.get(), text.data(), text.size());
    if (!got || *got != text.size()) return {};
    if (place.is_pem) return decoded(text);
    return {text.begin(), text.end()};
}

mbedtls_x509_crt* Authorities::issuers_of(const mbedtls_x509_crt& child) const {
    const uint32_t issuer = name_mark(std::span(child.issuer_raw.p, child.issuer_raw.len));
    mbedtls_x509_crt* list = nullptr;
    for (const Place& place : places_) {
        if (place.subject != issuer) continue;
        if (list == nullptr) {
            list = static_cast<mbedtls_x509_crt*>(mbedtls_calloc(1, sizeof(mbedtls_x509_crt)));
            if (list == nullptr) return nullptr;
            ::mbedtls_x509_crt_init(list);
        }
        const std::vector<uint8_t> bytes = bytes_at(place);
        // One of a kind that mbedTLS does not know is left out.
        ::mbedtls_x509_crt_parse_der(list, bytes.data(), bytes.size());
    }
    if (list == nullptr || list->version != 0) return list;
    mbedtls_free(list);
    return nullptr;
}

bool Authorities::hold(const mbedtls_x509_crt& certificate) const {
    const std::span raw(certificate.raw.p, certificate.raw.len);
    const uint32_t subject =
        name_mark(std::span(certificate.subject_raw.p, certificate.subject_raw.len));
    return std::ranges::any_of(places_, [&](const Place& place) {
        return place.subject == subject && std::ranges::equal(bytes_at(place), raw);
    });
}

void Authorities::use_in(void* ssl_config) {
    ::mbedtls_ssl_conf_ca_cb(static_cast<mbedtls_ssl_config*>(ssl_config), &hand_out, this);
}

}  // namespace dialtone
