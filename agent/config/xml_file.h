// SPDX-License-Identifier: Apache-2.0
//
// What the XML formats of configuration files have in common: a document that grows, and the
// elements that every file may have. A format derives its reading from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/config/entry_list.h"
#include "agent/config/remarks.h"
#include "agent/config/xml_reader.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

class XmlFile {
  protected:
    // `oddities` of XmlOddity. Both outlive it.
    XmlFile(std::string_view text, const Identity& identity, uint8_t oddities)
        : identity_(identity), reader_(text, oddities, remarks_) {}

    // Where the reader is.
    std::unexpected<Error> refuse(ErrorCode code, std::string detail);
    // Reads the start of the root. Errors: not_a_config, when it has another name.
    Status read_root(std::string_view name);
    // False: the element around it ends. Text between elements is passed over with a warning that
    // does not show it: it may be a password.
    Result<bool> next_element();
    Status pass_over();
    void pass_text(uint32_t line);

    // The element that begins. Errors: those of take_addressee() and take_serial(), at its line;
    // too_big (limits::config_version_bytes).
    Status read_mac();
    Status read_serial();
    Status read_version();

    Document take_document(const ConfigFormat& format);

    const Identity& identity_;
    Document document_ = {};
    Remarks remarks_ = {};
    EntryList entries_ = {};
    XmlReader reader_;
};

}  // namespace dialtone
