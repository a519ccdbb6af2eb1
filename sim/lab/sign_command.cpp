// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab sign: writes FILE.sig, the signature of a configuration file, as
// `openssl dgst -sha256 -sign KEY -out FILE.sig FILE` does. docs/signing.md says what for.
#include <string>

#include "agent/limits.h"
#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/file_signing.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t key_file_bytes = 16 * 1024;

int refuse(std::string_view path, std::string_view why) {
    console::remark("dialtone-lab: " + std::string(path) + ": " + std::string(why));
    return lab_found;
}

int draw(void*, unsigned char* bytes, size_t count) {
    return console::draw_random({bytes, count}) ? 0 : -1;
}

}  // namespace

int sign_command(Words words) {
    if (words.size() != 2) {
        console::remark("usage: dialtone-lab sign KEY FILE");
        return lab_usage;
    }
    const auto key = console::read_file(words[0], key_file_bytes);
    if (!key) return refuse(words[0], "it cannot be read");
    const auto file = console::read_file(words[1], limits::config_file_bytes);
    if (!file) return refuse(words[1], "it cannot be read, or is longer than phones take");
    const auto signature = sign_file(*key, *file, draw, nullptr);
    if (!signature) return refuse(words[0], signature.error().detail);
    const std::string path = std::string(words[1]) + ".sig";
    if (!console::write_file(path, *signature)) return refuse(path, "it cannot be written");
    console::print("sign: " + path + " has " + std::to_string(signature->size()) + " bytes");
    return lab_fine;
}

}  // namespace dialtone::sim
