// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/soap.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/agent/cwmp/acs_messages.h"

using namespace dialtone;

namespace {

SoapMessage read(std::string_view text) {
    auto message = read_soap(text);
    if (!message) FAIL(describe(message.error()));
    return std::move(*message);
}

ErrorCode refusal(std::string_view text) {
    const auto message = read_soap(text);
    REQUIRE(!message);
    CHECK(!message.error().detail.empty());
    return message.error().code;
}

}  // namespace

TEST_CASE("a message has an ID, a version, a method and its arguments") {
    const SoapMessage message = read(acs_envelope(
        id_header(" a b "), "<C:Download><URL>http://x/</URL><FileSize> 7 </FileSize></C:Download>",
        "1-1"));
    CHECK(message.id == " a b ");
    CHECK(message.version == CwmpVersion::v1_1);
    CHECK(message.method() == "Download");
    CHECK(message.is_of_cwmp);
    CHECK(message.arguments().word("URL") == "http://x/");
    CHECK(message.arguments().word("FileSize") == "7");
    CHECK(!message.arguments().word("Username"));
    CHECK(!message.holds_requests);
    CHECK(!message.fault);
}

TEST_CASE("a namespace counts, and never its prefix") {
    const SoapMessage message = read(
        "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Header>"
        "<x:ID xmlns:x='urn:dslforum-org:cwmp-1-2'>7</x:ID>"
        "<y:HoldRequests xmlns:y='urn:dslforum-org:cwmp-1-2'>true</y:HoldRequests></Header><Body>"
        "<soap:Reboot xmlns:soap='urn:dslforum-org:cwmp-1-2' xmlns=''>"
        "<CommandKey>k</CommandKey></soap:Reboot></Body></Envelope>");
    CHECK(message.id == "7");
    CHECK(message.holds_requests);
    CHECK(message.version == CwmpVersion::v1_2);
    CHECK(message.method() == "Reboot");
    CHECK(message.arguments().word("CommandKey") == "k");
}

TEST_CASE("the innermost declaration of a prefix is the one that counts") {
    const SoapMessage message = read(
        "<a:Envelope xmlns:a='http://schemas.xmlsoap.org/soap/envelope/'>"
        "<a:Header><b:ID xmlns:b='urn:another'>1</b:ID></a:Header>"
        "<a:Body><a:Reboot xmlns:a='urn:another'/></a:Body></a:Envelope>");
    CHECK(!message.id);
    CHECK(message.method() == "Reboot");
    CHECK(!message.is_of_cwmp);
    CHECK(!message.version);
}

TEST_CASE("prefixes that nobody declared and methods without a namespace are understood") {
    const SoapMessage message = read(
        "<SOAP-ENV:Envelope><SOAP-ENV:Header><cwmp:ID>5</cwmp:ID></SOAP-ENV:Header>"
        "<SOAP-ENV:Body><GetRPCMethods/></SOAP-ENV:Body></SOAP-ENV:Envelope>");
    CHECK(message.id == "5");
    CHECK(message.method() == "GetRPCMethods");
    CHECK(message.is_of_cwmp);
    CHECK(!message.version);
}

TEST_CASE("protocols 1.3 and 1.4 have the namespace of 1.2, and what ACSs make of it is taken") {
    for (const std::string_view version : {"1-2", "1-3", "1-4"})
        CHECK(read(acs_envelope("", "<C:GetRPCMethods/>", version)).version == CwmpVersion::v1_2);
    CHECK(!read(acs_envelope("", "<C:GetRPCMethods/>", "1-x")).is_of_cwmp);
    CHECK(!read(acs_envelope("", "<C:GetRPCMethods/>", "2-0")).is_of_cwmp);
}

TEST_CASE("an envelope without a header, and one without a method, are messages") {
    const SoapMessage empty = read(
        "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body/></S:Envelope>");
    CHECK(!empty.id);
    CHECK(empty.method().empty());
}

TEST_CASE("a fault is read with its code and words, whatever its prefixes") {
    const SoapMessage message = read(acs_fault("8005"));
    REQUIRE(message.fault);
    CHECK(message.fault->code == 8005);
    CHECK(message.fault->text == "come back");
    const SoapMessage bare = read(acs_envelope(
        "", "<S:Fault><faultcode>S:Server</faultcode><faultstring>no</faultstring></S:Fault>"));
    REQUIRE(bare.fault);
    CHECK(bare.fault->code == 0);
    CHECK(bare.fault->text == "no");
}

TEST_CASE("a header that must be understood and is not is named, any other one is passed over") {
    CHECK(read(acs_envelope("<C:Later S:mustUnderstand='1'/>", "<C:Reboot/>")).not_understood ==
          "Later");
    CHECK(read(acs_envelope("<X:ID xmlns:X='urn:x' S:mustUnderstand='1'/>", "<C:Reboot/>"))
              .not_understood == "ID");
    for (const std::string_view header :
         {"<C:Later S:mustUnderstand='0'/>", "<C:Later/>",
          "<C:NoMoreRequests S:mustUnderstand='1'>1</C:NoMoreRequests>",
          "<C:UseCWMPVersion S:mustUnderstand='1'>1.2</C:UseCWMPVersion>"})
        CHECK(read(acs_envelope(header, "<C:Reboot/>")).not_understood.empty());
}

TEST_CASE("booleans are 0, 1, false and true, with blanks around them") {
    CHECK(read_boolean(" 1\n") == true);
    CHECK(read_boolean("true") == true);
    CHECK(read_boolean("0") == false);
    CHECK(read_boolean("\tfalse") == false);
    CHECK(!read_boolean("TRUE"));
    CHECK(!read_boolean(""));
    CHECK(!read_boolean("2"));
}

TEST_CASE("a text is put together of all its pieces, CDATA and references") {
    const SoapMessage message = read(acs_envelope(
        "", "<C:Reboot><CommandKey> a<!-- no -->&lt;<![CDATA[<b>]]></CommandKey></C:Reboot>"));
    CHECK(message.arguments().child("CommandKey")->text() == " a<<b>");
}

TEST_CASE("a list has its children in order, whatever they are called") {
    const SoapMessage message = read(acs_envelope(
        "",
        "<C:GetParameterValues><ParameterNames><string>a<x/></string><x:string>b</x:string>"
        "</ParameterNames></C:GetParameterValues>"));
    const auto names = message.arguments().child("ParameterNames")->children();
    REQUIRE(names.size() == 2);
    CHECK(names[0].text() == "a");
    CHECK(names[1].name() == "string");
    CHECK(names[1].text() == "b");
}

TEST_CASE("bad input: what is no envelope of SOAP 1.1 is refused") {
    CHECK(refusal("") == ErrorCode::truncated);
    CHECK(refusal("<html><body>Welcome</body></html>") == ErrorCode::malformed);
    CHECK(refusal("<Envelope xmlns='urn:x'><Body/></Envelope>") == ErrorCode::malformed);
    CHECK(refusal("<Envelope/>") == ErrorCode::malformed);
    CHECK(refusal("<Envelope><Header/></Envelope>") == ErrorCode::malformed);
    CHECK(refusal("<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'/>") ==
          ErrorCode::unsupported);
    CHECK(refusal("<Envelope><Body></Envelope>") == ErrorCode::malformed);
    CHECK(refusal("<Envelope><Body><Reboot>") == ErrorCode::truncated);
    CHECK(refusal("<Envelope><Body>\x01</Body></Envelope>") == ErrorCode::malformed);
    CHECK(refusal("<!DOCTYPE a [<!ENTITY b 'c'>]><Envelope><Body>&b;</Body></Envelope>") ==
          ErrorCode::unsupported);
}

TEST_CASE("bad input: a message cut off at any byte is refused") {
    const std::string whole = inform_response();
    for (uint32_t bytes = 0; bytes < whole.size(); ++bytes)
        CHECK(!read_soap(std::string_view(whole).substr(0, bytes)));
    CHECK(read_soap(whole));
}

TEST_CASE("bad input: what is longer, deeper or more than the bounds is refused") {
    const auto nested = [](uint32_t depth) {
        std::string in;
        std::string out;
        for (uint32_t i = 0; i < depth; ++i) {
            in += "<a>";
            out += "</a>";
        }
        return acs_envelope("", in + out);
    };
    CHECK(read_soap(nested(limits::cwmp_depth - 2)));
    CHECK(refusal(nested(limits::cwmp_depth - 1)) == ErrorCode::too_big);

    std::string many = "<C:Reboot>";
    for (uint32_t i = 0; i < limits::cwmp_elements; ++i)
        many += "<a/>";
    CHECK(refusal(acs_envelope("", many + "</C:Reboot>")) == ErrorCode::too_big);

    std::string attributes = "<C:Reboot";
    for (uint32_t i = 0; i < limits::cwmp_attributes; ++i)
        attributes += " a" + std::to_string(i) + "=''";
    CHECK(refusal(acs_envelope("", attributes + "/>")) == ErrorCode::too_big);

    CHECK(refusal(acs_envelope("", std::string(limits::cwmp_envelope_bytes, ' '))) ==
          ErrorCode::too_big);
    CHECK(refusal(acs_envelope(id_header(std::string(limits::cwmp_id_bytes + 1, 'i')), "")) ==
          ErrorCode::too_big);
    CHECK(refusal(acs_envelope("", "<C:" + std::string(limits::cwmp_method_bytes + 1, 'm') +
                                       "/>")) == ErrorCode::too_big);
}

TEST_CASE("what is written can be read again, with the ID as it was") {
    const std::string id = " <&>\"'\r\n\xC3\xA9 ";
    SoapWriter out(CwmpVersion::v1_2, id);
    out.open_method("Reboot", "Response").put("CommandKey", id).put("Count", 7);
    const SoapMessage message = read(out.finish());
    CHECK(message.id == id);
    CHECK(message.version == CwmpVersion::v1_2);
    CHECK(message.method() == "RebootResponse");
    CHECK(message.arguments().child("CommandKey")->text() == id);
    CHECK(message.arguments().word("Count") == "7");
}

TEST_CASE("an answer to a message without an ID has none") {
    SoapWriter out(CwmpVersion::v1_0, {});
    out.open_method("RebootResponse");
    CHECK(!read(out.finish()).id);
}

TEST_CASE("an array says how many elements it has, and of which type") {
    SoapWriter out(CwmpVersion::v1_0, "1");
    out.open_method("GetRPCMethods", "Response").open_array("MethodList", "xsd:string", 2);
    out.put("string", "A").put("string", "B");
    CHECK(
        out.finish().find("<MethodList soap-enc:arrayType=\"xsd:string[2]\"><string>A</string>") !=
        std::string::npos);
}

TEST_CASE("a fault of the phone is the client's where the arguments caused it") {
    const auto code_of = [](uint32_t code) {
        SoapWriter out(CwmpVersion::v1_0, "1");
        out.put_fault(code, "why");
        const SoapMessage message = read(out.finish());
        CHECK(message.fault->code == code);
        CHECK(message.fault->text == "why");
        CHECK(message.arguments().word("faultstring") == "CWMP fault");
        return std::string(*message.arguments().word("faultcode"));
    };
    for (const uint32_t code : {9003U, 9005U, 9006U, 9007U, 9008U})
        CHECK(code_of(code) == "soap-env:Client");
    for (const uint32_t code : {9000U, 9001U, 9002U, 9004U, 9009U})
        CHECK(code_of(code) == "soap-env:Server");
}
