// SPDX-License-Identifier: Apache-2.0
//
// What an ACS writes as a change of the configuration (TR-069 annex A.3.2.1, A.3.2.6, A.3.2.7): all
// of it or nothing, and nothing else is touched. Pure: the caller makes one generation of the
// document, as Origin::acs, and keeps the counters of instances.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cwmp/data_model.h"
#include "agent/document.h"

namespace dialtone {

struct ParameterWrite {
    std::string path = {};
    std::string type = {};  // local name of xsi:type, empty: none given
    std::string value = {};
};

struct WriteFault {
    std::string path = {};  // empty: it is of the whole list
    uint32_t code = 0;
    std::string reason = {};
};

struct ModelChange {
    Document document = {};        // settings by their names, keys of the vendor and of the model
    bool touches_acs_way = false;  // network, the URL of the ACS, credentials for it, TLS
};

// The whole list is checked before anything is made of it, and all that is wrong is told. What is
// equal to what is there makes no entry. What the command line or an operator has fixed at another
// value is refused with 9001.
std::expected<ModelChange, std::vector<WriteFault>> change_of(
    std::span<const ParameterWrite> writes, const ModelFacts& facts);

struct AddedObject {
    ModelChange change = {};
    uint32_t instance = 0;
};

// `path`: of a table, "...VoiceProfile." or "...VoiceProfile.2.Line.". `next_instance`: lower than
// which the new row's number must not be. The row has the values of a new one.
std::expected<AddedObject, WriteFault> add_object(std::string_view path, uint32_t next_instance,
                                                  const ModelFacts& facts);
// `path`: of a table's row, "...VoiceProfile.2.". What lies below goes with it.
std::expected<ModelChange, WriteFault> delete_object(std::string_view path,
                                                     const ModelFacts& facts);

}  // namespace dialtone
