// SPDX-License-Identifier: Apache-2.0
//
// What an ACS of a test says: envelopes as the schema draws them, and what real ones make of it.
#pragma once

#include <string>
#include <string_view>

namespace dialtone {

inline std::string acs_envelope(std::string_view header, std::string_view body,
                                std::string_view version = "1-0") {
    std::string text =
        "<?xml version=\"1.0\"?>\n"
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\""
        " xmlns:C=\"urn:dslforum-org:cwmp-";
    ((text += version) += "\"><S:Header>") += header;
    ((text += "</S:Header><S:Body>") += body) += "</S:Body></S:Envelope>";
    return text;
}

inline std::string id_header(std::string_view id) {
    return "<C:ID S:mustUnderstand=\"1\">" + std::string(id) + "</C:ID>";
}

inline std::string hold_header(std::string_view value) {
    return "<C:HoldRequests S:mustUnderstand=\"1\">" + std::string(value) + "</C:HoldRequests>";
}

inline std::string inform_response(std::string_view id = "1") {
    return acs_envelope(id_header(id),
                        "<C:InformResponse><MaxEnvelopes>1</MaxEnvelopes></C:InformResponse>");
}

// A call of the ACS.
inline std::string acs_call(std::string_view method, std::string_view arguments = "",
                            std::string_view id = "acs-1") {
    const std::string name = "C:" + std::string(method);
    return acs_envelope(id_header(id),
                        "<" + name + ">" + std::string(arguments) + "</" + name + ">");
}

inline std::string acs_fault(std::string_view code, std::string_view id = "1") {
    return acs_envelope(id_header(id),
                        "<S:Fault><faultcode>S:Server</faultcode><faultstring>CWMP fault"
                        "</faultstring><detail><C:Fault><FaultCode>" +
                            std::string(code) +
                            "</FaultCode><FaultString>come back</FaultString></C:Fault></detail>"
                            "</S:Fault>");
}

}  // namespace dialtone
