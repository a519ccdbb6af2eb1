// SPDX-License-Identifier: Apache-2.0
//
// The envelopes that a phone and its ACS exchange: SOAP 1.1 with one message in each (TR-069 3.5).
// read_soap() makes a value of what an ACS sent, SoapWriter writes what the phone sends. The
// session (session.h) and the methods (rpc.h) call them.
//
// Reading goes by the URI of a namespace and the local name, never by a prefix. What real ACSs get
// wrong is understood all the same: prefixes that nobody declared, methods without a namespace.
// Elements inside a method carry none (elementFormDefault of the schema) and go by their name
// alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

// urn:dslforum-org:cwmp-1-0, -1-1 and -1-2; protocols 1.3 and 1.4 share the last one.
enum class CwmpVersion : uint8_t { v1_0, v1_1, v1_2 };

// One element inside a method, before those that lie in it.
struct SoapElement {
    std::string name = {};  // without prefix
    std::string text = {};  // its own, as it stands there
    std::string type = {};  // the local name of its xsi:type; empty: it has none
    uint32_t inside = 0;    // so many elements lie in it, right behind it
};

// An element with those that lie in it.
class SoapView {
  public:
    SoapView() = default;
    explicit SoapView(std::span<const SoapElement> elements) : elements_(elements) {}

    std::string_view name() const { return elements_.front().name; }
    std::string_view text() const { return elements_.front().text; }
    std::string_view type() const { return elements_.front().type; }
    // The first of its direct children with that name.
    std::optional<SoapView> child(std::string_view name) const;
    std::vector<SoapView> children() const;
    // The text of that child without blanks around it; nothing: there is no such child.
    std::optional<std::string_view> word(std::string_view name) const;

  private:
    std::span<const SoapElement> elements_ = {};
};

struct SoapFault {
    uint32_t code = 0;  // of the ACS, 8000 and on; 0: it says none
    std::string text = {};
};

struct SoapMessage {
    std::optional<std::string> id = {};  // as it stands there
    bool holds_requests = false;         // HoldRequests
    std::string not_understood = {};     // a header that must be, and is not
    std::optional<CwmpVersion> version = {};
    bool is_of_cwmp = true;  // else the method is of another namespace
    std::optional<SoapFault> fault = {};
    std::vector<SoapElement> elements = {};  // of the method, itself first; none: an empty body

    std::string_view method() const {
        return elements.empty() ? std::string_view() : std::string_view(elements.front().name);
    }
    SoapView arguments() const { return SoapView(elements); }
};

// Errors: malformed, truncated, too_big (limits::cwmp_*), unsupported (SOAP 1.2, another encoding).
Result<SoapMessage> read_soap(std::string_view text);

// Of an XML Schema boolean, nothing if it is none.
std::optional<bool> read_boolean(std::string_view text);

// Writes one envelope, element by element, without a tree of it.
class SoapWriter {
  public:
    SoapWriter(CwmpVersion version, const std::optional<std::string>& id);

    // The message: an element of the namespace of CWMP.
    SoapWriter& open_method(std::string_view name, std::string_view ending = {});
    SoapWriter& open(std::string_view name);
    // An array of `count` elements of this type (SOAP 1.1 section 5.4).
    SoapWriter& open_array(std::string_view name, std::string_view type, uint32_t count);
    SoapWriter& put(std::string_view name, std::string_view text);
    SoapWriter& put(std::string_view name, uint64_t number);
    // With its xsi:type, a name of XML Schema.
    SoapWriter& put_typed(std::string_view name, std::string_view type, std::string_view text);
    SoapWriter& close();
    // A fault of the phone (TR-069 3.5, table of annex A.5), and the same with its element left
    // open for more.
    SoapWriter& put_fault(uint32_t code, std::string_view text);
    SoapWriter& open_fault(uint32_t code, std::string_view text);
    // The answer to a header that must be understood (SOAP 1.1 section 4.4).
    SoapWriter& put_not_understood(std::string_view header);

    uint32_t size() const { return static_cast<uint32_t>(out_.size()); }
    // Closes what is open and gives the envelope away.
    std::string finish();

  private:
    void begin_tag(std::string_view name);

    std::string out_ = {};
    std::vector<std::string> open_ = {};
};

}  // namespace dialtone
