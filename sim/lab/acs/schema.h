// SPDX-License-Identifier: Apache-2.0
//
// What cwmp-1-0.xsd and cwmp-1-2.xsd of the Broadband Forum say of the messages of TR-069, as
// tables of names: which elements a message or structure has, in which order, of which type, how
// long.
//
// Who calls it: the reader and writer of envelopes. Nothing here is taken from the agent: its own
// reader is what this one judges.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dialtone::sim::acs {

inline constexpr std::string_view soap_namespace = "http://schemas.xmlsoap.org/soap/envelope/";
inline constexpr std::string_view encoding_namespace = "http://schemas.xmlsoap.org/soap/encoding/";
inline constexpr std::string_view schema_namespace = "http://www.w3.org/2001/XMLSchema";
inline constexpr std::string_view instance_namespace = "http://www.w3.org/2001/XMLSchema-instance";
inline constexpr std::string_view cwmp_namespace = "urn:dslforum-org:cwmp-";  // and "1-0" to "1-2"

// The kinds of types that the schemas use.
enum class Kind : uint8_t {
    text,          // xs:string
    object_name,   // xs:string that ends in a dot
    event_code,    // EventCodeType of cwmp-1-2
    oui,           // six hexadecimal digits
    boolean,       // 0, 1, true or false
    integer,       // xs:int
    unsigned_int,  // xs:unsignedInt
    instance,      // xs:unsignedInt from 1 on
    status,        // 0 or 1
    notification,  // 0 to 2; to 6 from protocol 1.3 on
    cpe_fault,     // a code of a CPE, 9000 to 9899
    any_fault,     // the same or 0
    date_time,     // xs:dateTime
    any_simple,    // xs:anySimpleType, whose xsi:type says what it is
    structure,     // a type of this table
    list,          // an array of the next table
};

struct Field {
    std::string_view owner;  // the message or structure
    std::string_view name;
    Kind kind = Kind::text;
    uint32_t letters = 0;        // most of a text; 0: as many as it likes
    std::string_view type = {};  // of a structure or list
    bool is_optional = false;
};

struct List {
    std::string_view type;
    std::string_view item;          // the element's name
    std::string_view item_type;     // as arrayType names it
    bool item_is_of_schema = true;  // else of XML Schema itself: string
    uint32_t letters = 0;           // most of an item that is a text
    uint32_t fewest = 0;
    uint32_t most = UINT32_MAX;
};

enum class Sender : uint8_t { cpe, acs };
// What kind of message an element of a SOAP body is.
struct Message {
    std::string_view name;
    Sender sender = Sender::cpe;
    bool is_answer = false;
};

// The fields of a message or structure in the schema's order.
std::span<const Field> fields_of(std::string_view owner);
// nullptr for a name that the schemas do not have.
const List* find_list(std::string_view type);
const Message* find_message(std::string_view name);

}  // namespace dialtone::sim::acs
