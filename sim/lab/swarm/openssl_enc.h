// SPDX-License-Identifier: Apache-2.0
//
// `openssl enc -aes-256-cbc -md md5 -k PASSWORD` with a fixed salt, for the laboratory's servers.
// Written apart from agent/config/cipher.cpp, which opens what this makes.
#pragma once

#include <string>
#include <string_view>

namespace dialtone::sim {

std::string openssl_enc(std::string_view password, std::string_view plain);

}  // namespace dialtone::sim
