// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/envelope.h"

#include <doctest/doctest.h>

#include "sim/lab/acs/lexical.h"
#include "tests/sim/lab/acs/device_messages.h"

using namespace dialtone::sim::acs;

namespace {

struct BadMessage {
    std::string_view piece;
    std::string_view other;
    std::string_view words;  // of the one violation
};

void check_bad(std::string_view body, const BadMessage& bad) {
    CAPTURE(bad.piece);
    CAPTURE(bad.other);
    const Envelope envelope = read_envelope(with(device_envelope("1", body), bad.piece, bad.other));
    REQUIRE(!envelope.violations.empty());
    CAPTURE(envelope.violations.front());
    CHECK(envelope.violations.front().find(bad.words) != std::string::npos);
}

}  // namespace

TEST_CASE("lab acs: an Inform as the schema has it violates nothing, and all of it is read") {
    for (const std::string_view version : {"1-0", "1-1", "1-2"}) {
        const Envelope envelope = read_envelope(device_envelope("a b", device_inform, version));
        CHECK(envelope.violations.empty());
        CHECK(envelope.id == "a b");
        CHECK(envelope.version == version);
        CHECK(envelope.method == "Inform");
        CHECK(!envelope.is_answer);
        CHECK(envelope.text_of("DeviceIdStruct", "OUI") == "000B82");
        const Leaf* key =
            envelope.find_beside("EventStruct", "EventCode", "M Reboot", "CommandKey");
        REQUIRE(key != nullptr);
        CHECK(key->text == "k1");
        const Leaf* value = envelope.find_beside("ParameterValueStruct", "Name",
                                                 "Device.ManagementServer.ParameterKey", "Value");
        REQUIRE(value != nullptr);
        CHECK(value->text == "key");
        CHECK(value->type == "string");
    }
}

TEST_CASE("lab acs: a fault as TR-069 has it violates nothing, and all of it is read") {
    const Envelope envelope = read_envelope(device_envelope("1", device_fault));
    CHECK(envelope.violations.empty());
    CHECK(envelope.method == "Fault");
    CHECK(envelope.is_answer);
    CHECK(envelope.text_of("Fault", "FaultCode") == "9003");
    const Leaf* code =
        envelope.find_beside("SetParameterValuesFault", "ParameterName", "Device.A", "FaultCode");
    REQUIRE(code != nullptr);
    CHECK(code->text == "9005");
}

TEST_CASE("bad input: lab acs: each departure of an Inform from schema and SOAP is told in words") {
    constexpr BadMessage rows[] = {
        {"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope",
         "no Envelope of SOAP 1.1"},
        {"<s:Body>", "<s:Body><c:GetRPCMethods/>", "holds 2 elements"},
        {"urn:dslforum-org:cwmp-1-0", "urn:dslforum-org:cwmp-1-3", "is of no schema"},
        {" s:mustUnderstand=\"1\"", "", "mustUnderstand is required"},
        {">1</c:ID>", "></c:ID>", "the ID is empty"},
        {"</c:ID>", "</c:ID><c:HoldRequests s:mustUnderstand=\"1\">0</c:HoldRequests>",
         "only an ACS sends it"},
        {"</c:ID>", "</c:ID><NoNamespace/>", "has to be of a namespace"},
        {"<c:Inform>", "<c:Inform xmlns=\"urn:dslforum-org:cwmp-1-0\">", "must have no namespace"},
        {"<MaxEnvelopes>1</MaxEnvelopes>", "", "here MaxEnvelopes has to stand"},
        {"<RetryCount>0</RetryCount>", "<RetryCount>0</RetryCount><Extra/>",
         "here ParameterList has to stand"},
        {"</c:Inform>", "<Extra/></c:Inform>", "'Extra' is not of the schema"},
        {"EventStruct[2]", "EventStruct[0]", "has to end with [2]"},
        {"c:EventStruct[2]", "d:EventStruct[2]", "does not name EventStruct of CWMP"},
        {" e:arrayType=\"c:EventStruct[2]\"", "", "it is required"},
        {"000B82", "000b82", "is not an OUI"},
        {"1 BOOT", "BOOT", "is not an EventCodeType"},
        {"k1", "0123456789012345678901234567890123", "longer than 32"},
        {"2026-01-02T03:04:05Z", "2026-01-02 03:04:05", "is not xs:dateTime"},
        {"<RetryCount>0", "<RetryCount>-1", "is not xs:unsignedInt"},
        {" i:type=\"d:string\"", "", "has no xsi:type"},
        {"i:type=\"d:string\"", "i:type=\"c:string\"", "is not of XML Schema"},
        {"i:type=\"d:string\"", "i:type=\"d:boolean\"", "'key' is no boolean"},
        {"<Manufacturer>Maker", "<Manufacturer>\xff", "not UTF-8"},
        {"<Manufacturer>Maker", "<Manufacturer><b/>", "holds elements"},
        {"<DeviceId>", "<DeviceId>text", "text stands between"},
        {"c:Inform>", "x:Inform>", "is no XML"},
    };
    for (const BadMessage& row : rows)
        check_bad(device_inform, row);
}

TEST_CASE("bad input: lab acs: each departure of a fault from TR-069 is told in words") {
    constexpr BadMessage rows[] = {
        {"s:Client", "Client", "neither Client nor Server"},
        {"CWMP fault", "Fault", "has to be 'CWMP fault'"},
        {"<faultcode>s:Client</faultcode>", "", "has faultcode, faultstring and detail"},
        {"9003", "8003", "is not a fault code of a CPE"},
        {"<FaultCode>9003</FaultCode>", "", "has no FaultCode"},
        {"<FaultString>Invalid arguments</FaultString>", "<c:FaultString>x</c:FaultString>",
         "FaultCode, FaultString?, SetParameterValuesFault* stand there"},
        {"<ParameterName>Device.A</ParameterName>", "", "here ParameterName has to stand"},
    };
    for (const BadMessage& row : rows)
        check_bad(device_fault, row);
}

TEST_CASE("bad input: lab acs: what is no message has a violation and no method") {
    for (const std::string_view text :
         {"<", "nothing", "<html/>", "<!-- -->", "<a:Envelope/>",
          "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'/>"}) {
        CAPTURE(text);
        const Envelope envelope = read_envelope(text);
        CHECK(envelope.violations.size() == 1);
        CHECK(envelope.method.empty());
    }
}

TEST_CASE("lab acs: in each style an envelope says the same to who reads namespaces") {
    Style odd;
    odd.version = "1-2";
    odd.soap = "cwmp";
    odd.cwmp = "soap";
    odd.encoding = "e";
    odd.quote = '\'';
    for (const Style& style : {Style(), odd}) {
        const std::string text = write_envelope(style, "<7>", false, "TransferComplete",
                                                {{"CommandKey", ArgumentKind::text, "a&'b", {}}});
        const Envelope envelope = read_envelope(text);
        CHECK(envelope.id == "<7>");
        CHECK(envelope.version == style.version);
        CHECK(envelope.method == "TransferComplete");
        CHECK(envelope.text_of("TransferComplete", "CommandKey") == "a&'b");
    }
}

TEST_CASE("lab acs: an array that is written has its type and its true count") {
    const std::string text =
        write_envelope(Style(), "1", true, "SetParameterValues",
                       {{"ParameterList", ArgumentKind::values, {}, {{"Device.A", "boolean", "1"}}},
                        {"ParameterKey", ArgumentKind::text, "k", {}}});
    CHECK(text.find("<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[1]\">"
                    "<ParameterValueStruct><Name>Device.A</Name>"
                    "<Value xsi:type=\"xsd:boolean\">1</Value></ParameterValueStruct>"
                    "</ParameterList><ParameterKey>k</ParameterKey>") != std::string::npos);
    CHECK(text.find("<cwmp:HoldRequests soap:mustUnderstand=\"1\">1</cwmp:HoldRequests>") !=
          std::string::npos);
    Style reversed;
    reversed.is_key_first = true;
    const std::string other = write_envelope(reversed, "1", false, "AddObject",
                                             {{"ObjectName", ArgumentKind::text, "Device.T.", {}},
                                              {"ParameterKey", ArgumentKind::text, "k", {}}});
    CHECK(other.find("<ParameterKey>k</ParameterKey><ObjectName>") != std::string::npos);
}

TEST_CASE("lab acs: a dateTime is what XML Schema says") {
    for (const std::string_view good : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                                        "2026-01-02T03:04:05.250+02:00", "2026-01-02T03:04:05"})
        CHECK(flaw_of(Kind::date_time, good, 0).empty());
    for (const std::string_view bad : {"", "2026-13-02T03:04:05Z", "2026-01-02T03:04Z",
                                       "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+2:00"})
        CHECK(!flaw_of(Kind::date_time, bad, 0).empty());
}
