// SPDX-License-Identifier: Apache-2.0
//
// What an ACS's writes into the data model come to: the document that the store lays over the
// configuration as Origin::acs. The methods that write (rpc_write.h) call it with the whole list of
// a call; a list with anything wrong in it changes nothing, and everything wrong with it is named.
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
    std::string path;
    std::string type;  // local name of xsi:type, empty: none given
    std::string value;
};

// Codes of TR-069 annex A.5.1.
struct WriteFault {
    std::string path;
    uint32_t code;
    std::string reason;
};

struct ModelChange {
    Document document;             // as Origin::acs lays it over
    bool touches_acs_way = false;  // network, ACS URL, credentials, TLS
};

std::expected<ModelChange, std::vector<WriteFault>> change_of(
    std::span<const ParameterWrite> writes, const ModelFacts& facts);

struct AddedObject {
    ModelChange change;
    uint32_t instance;
};

// `next_instance`: the number that the table gives out next.
std::expected<AddedObject, WriteFault> add_object(std::string_view path, uint32_t next_instance,
                                                  const ModelFacts& facts);
std::expected<ModelChange, WriteFault> delete_object(std::string_view path,
                                                     const ModelFacts& facts);

}  // namespace dialtone
