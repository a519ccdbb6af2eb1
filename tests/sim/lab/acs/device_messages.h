// SPDX-License-Identifier: Apache-2.0
//
// Messages of a device, written by hand from the schema, for the tests of the laboratory's ACS.
#pragma once

#include <string>
#include <string_view>

namespace dialtone::sim::acs {

inline std::string device_envelope(std::string_view id, std::string_view body,
                                   std::string_view version = "1-0") {
    return R"(<?xml version="1.0"?><s:Envelope )"
           R"(xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" )"
           R"(xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" )"
           R"(xmlns:d="http://www.w3.org/2001/XMLSchema" )"
           R"(xmlns:i="http://www.w3.org/2001/XMLSchema-instance" )"
           "xmlns:c=\"urn:dslforum-org:cwmp-" +
           std::string(version) + R"("><s:Header><c:ID s:mustUnderstand="1">)" + std::string(id) +
           "</c:ID></s:Header><s:Body>" + std::string(body) + "</s:Body></s:Envelope>";
}

inline constexpr std::string_view device_inform =
    "<c:Inform><DeviceId><Manufacturer>Maker</Manufacturer><OUI>000B82</OUI>"
    "<ProductClass>Phone</ProductClass><SerialNumber>1</SerialNumber></DeviceId>"
    "<Event e:arrayType=\"c:EventStruct[2]\">"
    "<EventStruct><EventCode>1 BOOT</EventCode><CommandKey></CommandKey></EventStruct>"
    "<EventStruct><EventCode>M Reboot</EventCode><CommandKey>k1</CommandKey></EventStruct></Event>"
    "<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-02T03:04:05Z</CurrentTime>"
    "<RetryCount>0</RetryCount><ParameterList e:arrayType=\"c:ParameterValueStruct[1]\">"
    "<ParameterValueStruct><Name>Device.ManagementServer.ParameterKey</Name>"
    "<Value i:type=\"d:string\">key</Value></ParameterValueStruct></ParameterList></c:Inform>";

inline constexpr std::string_view device_fault =
    "<s:Fault><faultcode>s:Client</faultcode><faultstring>CWMP fault</faultstring><detail>"
    "<c:Fault><FaultCode>9003</FaultCode><FaultString>Invalid arguments</FaultString>"
    "<SetParameterValuesFault><ParameterName>Device.A</ParameterName><FaultCode>9005</FaultCode>"
    "<FaultString>x</FaultString></SetParameterValuesFault></c:Fault></detail></s:Fault>";

// `text` with the first `piece` in it replaced; it has to be there.
inline std::string with(std::string text, std::string_view piece, std::string_view other) {
    const auto at = text.find(piece);
    if (at == std::string::npos) return "no such piece: " + std::string(piece);
    return text.replace(at, piece.size(), other);
}

}  // namespace dialtone::sim::acs
