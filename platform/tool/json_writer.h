// SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259) for `dialtone --json`: written, never read. The caller opens and closes objects
// and arrays in order; the writer knows where commas belong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone {

class JsonWriter {
  public:
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    // The name of the member that follows.
    JsonWriter& key(std::string_view name);

    // Bytes that are no UTF-8 become U+FFFD, so that every text makes a valid document.
    JsonWriter& text(std::string_view value);
    JsonWriter& number(int64_t value);
    JsonWriter& flag(bool value);
    JsonWriter& null();

    JsonWriter& member(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }

    // What was written so far.
    const std::string& str() const { return out_; }

  private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string out_;
    bool comma_due_ = false;
};

}  // namespace dialtone
