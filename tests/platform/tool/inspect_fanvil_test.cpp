// SPDX-License-Identifier: Apache-2.0
//
// `dialtone inspect FILE --profile fanvil`.
#include <doctest/doctest.h>

#include <string_view>

#include "platform/tool/config_listing.h"
#include "platform/tool/inspect.h"

namespace dialtone {
namespace {

constexpr std::string_view good_file =
    "<<VOIP CONFIG FILE>>Version:2.0002                            \r\n\r\n"
    "<SIP CONFIG MODULE>\r\nSIP  Port          :5060\r\n--SIP Line List--  :\r\n"
    "SIP1 Phone Number  :201\r\nSIP1 Use user=phone:1\r\n<<END OF FILE>>\r\n";

InspectRequest request_for(std::string_view text, std::string_view profile = "fanvil") {
    InspectRequest request;
    request.file = "0c383e07e16c.cfg";
    request.bytes.assign(text.begin(), text.end());
    request.profile = find_profile(profile);
    return request;
}

}  // namespace

TEST_CASE("inspect prints a Fanvil text as sorted lines, = in a key escaped") {
    for (const std::string_view profile : {"fanvil", ""}) {
        const auto inspection = inspect(request_for(good_file, profile));
        CHECK(inspection.good);
        CHECK(inspection.output ==
              "SIP CONFIG MODULE/SIP  Port=5060\n"
              "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number=201\n"
              "SIP CONFIG MODULE/SIP Line List/SIP1 Use user\\=phone=1\n");
        CHECK(inspection.remarks == "0c383e07e16c.cfg: Fanvil text, cipher: none\n");
    }
}

TEST_CASE("the passwords of every Fanvil line and account are secret, their names are not") {
    for (const std::string_view key :
         {"SIP CONFIG MODULE/SIP Line List/SIP1 Register Pswd", "SIP CONFIG MODULE/SIP20 Proxy Pwd",
          "MMI CONFIG MODULE/MMI Account/Account1 Password", "VPN CONFIG MODULE/L2TP Password",
          "AUTOUPDATE CONFIG MODULE/Download password",
          "AUTOUPDATE CONFIG MODULE/Device Cfg File Key"})
        CHECK(is_secret_key(key));
    CHECK(!is_secret_key("SIP CONFIG MODULE/SIP Line List/SIP1 Register User"));
}

TEST_CASE("bad input: inspect names the line of a broken Fanvil text") {
    const auto inspection =
        inspect(request_for("<<VOIP CONFIG FILE>>Version:2\n<SIP CONFIG MODULE\n"));
    CHECK(!inspection.good);
    CHECK(inspection.remarks.starts_with("0c383e07e16c.cfg:2: "));
    CHECK(inspection.output.empty());
}

TEST_CASE("bad input: inspect refuses a Fanvil text for a Grandstream phone") {
    const auto inspection = inspect(request_for(good_file, "grandstream"));
    CHECK(!inspection.good);
    CHECK(inspection.remarks.find("Fanvil text is no format of Grandstream phones") !=
          std::string_view::npos);
}

}  // namespace dialtone
