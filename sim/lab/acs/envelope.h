// SPDX-License-Identifier: Apache-2.0
//
// The envelopes of TR-069 as an ACS sees them: reads strictly what a device sent and says in words
// each place where it departs from the schemas, SOAP 1.1 or TR-069; writes what the ACS sends,
// rightly or in one of the odd ways that real ACSs have.
//
// Who calls it: the session of the laboratory's ACS, and the tests. It shares nothing with the
// agent's own reader and writer (agent/cwmp/soap.h), which it judges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialtone::sim::acs {

// One element that holds text.
struct Leaf {
    std::string owner;  // its structure or message; its list's type where it is an item itself
    std::string name;
    uint32_t row = 0;  // of its structure among those of the list, from 0
    std::string text;
    std::string type;  // local name of its xsi:type, if it has one
};

struct Envelope {
    std::optional<std::string> id;  // whether there has to be one, the session knows
    std::string version;            // "1-0", of the method's namespace
    std::string method;  // "Fault" for a SOAP fault; empty where nothing could be made of it
    bool is_answer = false;
    std::vector<Leaf> leaves;
    std::vector<std::string> violations;

    // The text of the first such leaf.
    std::optional<std::string_view> text_of(std::string_view owner, std::string_view name) const;
    // The leaf `wanted` in the row whose leaf `name` is `text`.
    const Leaf* find_beside(std::string_view owner, std::string_view name, std::string_view text,
                            std::string_view wanted) const;
};

// Of one HTTP body that is not empty. What cannot be read at all has no method, and a violation.
Envelope read_envelope(std::string_view text);

// How the ACS writes.
struct Style {
    std::string version = "1-0";
    std::string soap = "soap";  // the prefixes
    std::string encoding = "soapenc";
    std::string cwmp = "cwmp";
    std::string schema = "xsd";
    std::string instance = "xsi";
    bool has_null_id = false;     // each ID is the word null
    bool has_no_id = false;       // no ID at all
    bool is_key_first = false;    // ParameterKey before ObjectName: fields in reverse
    bool is_undeclared = false;   // the prefix of CWMP is used and not declared
    bool is_unqualified = false;  // the method's element has no prefix
    char quote = '"';
};

// An argument of a method: text, or an array.
struct Item {
    std::string name;
    std::string type;  // of SetParameterValues: as xsi:type names it, without the prefix
    std::string text;
};
enum class ArgumentKind : uint8_t { text, names, values, attributes };
struct Argument {
    std::string name;
    ArgumentKind kind = ArgumentKind::text;
    std::string text;
    std::vector<Item> items;
};

// A whole document; `holds_requests` adds the header of that name.
std::string write_envelope(const Style& style, std::string_view id, bool holds_requests,
                           std::string_view method, const std::vector<Argument>& arguments);
// A fault of the ACS.
std::string write_fault(const Style& style, std::string_view id, uint32_t code);

}  // namespace dialtone::sim::acs
