// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab sign: writes FILE.sig, the signature of a configuration file, as
// `openssl dgst -sha256 -sign KEY -out FILE.sig FILE` does. docs/signing.md says what for.
#include <string>

#include "agent/harmless_text.h"
#include "agent/limits.h"
#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/file_signing.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t key_file_bytes = 16 * 1024;

int refuse(std::string_view path, std::string_view why) {
    console::remark("dialtone-lab: " + harmless(path) + ": " + std::string(why));
    return lab_found;
}

// False: the file is called after a phone and does not say so itself, which is told.
bool check_addressee(std::string_view path, std::string_view file) {
    const std::string mac = mac_in_name(path);
    if (mac.empty()) return true;
    const std::string called = "its name holds the MAC address " + mac;
    switch (who_is_named(mac, file)) {
        case Named::the_phone:
            return true;
        case Named::unknown:
            refuse(path, called +
                             "; whether the encrypted file names it, too, cannot be seen. If "
                             "it does not, every phone of the site may be given it");
            return true;
        case Named::nobody:
            refuse(path, called +
                             ", and the file does not name it: every phone of the site could "
                             "be given it as a file for many, and this phone would not count "
                             "it as signed. Put the MAC address into it (docs/signing.md), or "
                             "sign it with --any-phone");
            return false;
        case Named::another:
            refuse(path, called + ", and the file names another phone");
            return false;
    }
    __builtin_unreachable();
}

int draw(void*, unsigned char* bytes, size_t count) {
    return console::draw_random({bytes, count}) ? 0 : -1;
}

}  // namespace

int sign_command(Words words) {
    const bool for_any_phone = !words.empty() && words.front() == "--any-phone";
    if (for_any_phone) words = words.subspan(1);
    if (words.size() != 2) {
        console::remark("usage: dialtone-lab sign [--any-phone] KEY FILE");
        return lab_usage;
    }
    const auto key = console::read_file(words[0], key_file_bytes);
    if (!key) return refuse(words[0], "it cannot be read");
    const auto file = console::read_file(words[1], limits::config_file_bytes);
    if (!file) return refuse(words[1], "it cannot be read, or is longer than phones take");
    if (!for_any_phone && !check_addressee(words[1], *file)) return lab_found;
    const auto signature = sign_file(*key, *file, draw, nullptr);
    if (!signature) return refuse(words[0], signature.error().detail);
    const std::string path = std::string(words[1]) + ".sig";
    if (!console::write_file(path, *signature)) return refuse(path, "it cannot be written");
    console::print("sign: " + harmless(path) + " has " + std::to_string(signature->size()) +
                   " bytes");
    return lab_fine;
}

}  // namespace dialtone::sim
