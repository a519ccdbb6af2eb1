// SPDX-License-Identifier: Apache-2.0
#include "agent/http_method.h"

namespace dialtone {
namespace {

constexpr std::string_view names[] = {"GET", "HEAD", "PUT", "POST"};
constexpr HttpMethod methods[] = {HttpMethod::get, HttpMethod::head, HttpMethod::put,
                                  HttpMethod::post};

}  // namespace

std::string_view method_name(HttpMethod method) {
    return names[static_cast<uint8_t>(method)];
}

std::optional<HttpMethod> method_called(std::string_view name) {
    for (const HttpMethod method : methods) {
        if (method_name(method) == name) return method;
    }
    return std::nullopt;
}

}  // namespace dialtone
