// SPDX-License-Identifier: Apache-2.0
//
// The servers of sim/servers/pbx.h, written after what their sources, captures and manuals show.
#include <algorithm>

#include "sim/servers/pbx.h"

namespace dialtone::sim {
namespace {

using Accepts = PbxKind::Accepts;

// --- answers -------------------------------------------------------------------------------------

constexpr std::string_view plain_ok = R"(SIP/2.0 200 OK
Via: {via}
From: {from}
To: {to};tag={fresh}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
Expires: 0
Contact: <sip:{server}:5060>
Content-Length: 0

)";

constexpr std::string_view accepted = R"(SIP/2.0 202 Accepted
Via: {via}
From: {from}
To: {to};tag={fresh}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
Expires: 0
Content-Length: 0

)";

constexpr std::string_view ok_without_blank_line = R"(SIP/2.0 200 OK
Via: {via}
Contact: <sip:{server}:5060>
To: {to}
From: {from}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
Expires: 0
Content-Length: 0
)";

constexpr std::string_view ok_of_cseq_1 = R"(SIP/2.0 200 OK
Via: {via}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: 1 SUBSCRIBE
Contact: <{uri}>
Content-Length: 0
)";

constexpr std::string_view ok_with_empty_contact = R"(SIP/2.0 200 OK
Via: {via}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
Contact:
Content-Length: 0

)";

constexpr std::string_view ok_of_next_cseq = R"(SIP/2.0 200 OK
Via: {via}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq+1} SUBSCRIBE
Content-Length: 0
)";

constexpr std::string_view not_found = R"(SIP/2.0 404 Not Found
Via: {via}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
Content-Length: 0

)";

constexpr std::string_view unauthorized = R"(SIP/2.0 401 Unauthorized
Via: {via}
From: {from}
To: {to};tag={fresh}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
WWW-Authenticate: Digest realm="asterisk", nonce="{fresh}", algorithm=MD5
Content-Length: 0

)";

constexpr std::string_view server_error = R"(SIP/2.0 500 Server Internal Error
Via: {via}
From: {from}
To: {to};tag={fresh}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
Content-Length: 0

)";

constexpr std::string_view moved = R"(SIP/2.0 302 Moved Temporarily
Via: {via}
From: {from}
To: {to};tag={fresh}
Call-ID: {call_id}
CSeq: {cseq} SUBSCRIBE
Contact: <sip:10.0.0.99:5060>
Content-Length: 0

)";

// --- NOTIFYs -------------------------------------------------------------------------------------

// From, To and Via are the phone's own.
constexpr std::string_view unswapped = R"(NOTIFY sip:{phone} SIP/2.0
Via: {via}
Max-Forwards: 20
Contact: <sip:{server}:5060>
To: {to}
From: {from}
Call-ID: {call_id}
CSeq: 3 NOTIFY
Content-Type: application/url
Subscription-State: terminated;reason=timeout
Event: ua-profile;profile-type="device";vendor="OEM";model="OEM";version="7.1.19"
Content-Length: {length}

{url})";

constexpr std::string_view unswapped_cseq_2 = R"(NOTIFY {uri} SIP/2.0
Via: {via}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq+2} NOTIFY
Max-Forwards: 70
Event: ua-profile
Subscription-State: terminated;reason=timeout
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view mikopbx = R"(NOTIFY sip:{user}@{phone};ob SIP/2.0
Via: {via}
Max-Forwards: 70
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: 3 NOTIFY
Contact: <sip:{user}@{phone};ob>
Event: ua-profile;profile-type="device";vendor="MIKO";model="MIKO";version="1"
Subscription-State: terminated;reason=timeout
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view pmps = R"(NOTIFY sip:{phone_host}:5060 SIP/2.0
Via: {via}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: {cseq+2} NOTIFY
Event: ua-profile;profile-type="device";vendor="vendor";model="model";version="version"
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view without_type = R"(NOTIFY sip:{user}@{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
From: <sip:{server}>;tag={fresh}
To: <sip:{user}@{phone}>
Call-ID: {fresh}@{server}
CSeq: 1 NOTIFY
Event: ua-profile
Content-Length: {length}

{url})";

constexpr std::string_view right_dialog = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh};rport
From: {to};tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: {cseq+1} NOTIFY
Contact: <sip:{server}:5060>
Max-Forwards: 70
Event: ua-profile;profile-type="device"
Subscription-State: terminated;reason=noresource
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view line_end_counted = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
Max-Forwards: 70
From: <sip:{server}:5060>
To: <sip:{phone}>
Call-ID: {call_id}
CSeq: 1 NOTIFY
Event: ua-profile
Content-Type: application/url
Content-Length: {length+2}

{url}
)";

constexpr std::string_view external_body = R"(NOTIFY {uri} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
From: {to};tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: {cseq+1} NOTIFY
Event: ua-profile;effective-by=0
Subscription-State: active;expires=0
Content-Type: message/external-body; access-type=URL; URL="{url}"
Content-Length: 0

)";

// Line ends are LF alone, the From has no user, and blanks follow the body.
constexpr std::string_view akuvox = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
Max-Forwards: 70
From: "Autoprovision" <sip:>;tag={fresh}
To: <sip:{phone}>
Call-ID: {call_id}
CSeq: 869 NOTIFY
Contact: <sip:{server}:5060>
Event: ua-profile
Content-Type: application/url
Content-Length: {length}

{url}    )";

constexpr std::string_view connect = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh};rport
From: {to};tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: 1 NOTIFY
Contact: <sip:{server}:5060;transport=TCP;handler=dum>
Max-Forwards: 70
Event: ua-profile;effective-by=0
Subscription-State: terminated;reason=timeout
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view ucm = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh};rport
Max-Forwards: 70
From: <sip:ZeroConfig@{server}>;tag={fresh}
To: <sip:{phone}>
Contact: <sip:ZeroConfig@{server}:5060>
Call-ID: {fresh}@{server}:5060
CSeq: 102 NOTIFY
Event: ua-profile
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view planet = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
From: <sip:{server}>;tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: 2 NOTIFY
Event: ua-profile
Content-Type: Application / URL ; charset=utf-8
Content-Length: {length}

{url})";

constexpr std::string_view of_grandstream_text = R"(NOTIFY sip:{phone} SIP/2.0
Via:SIP/2.0/UDP {server}:5060;branch=z9hG4bK-d8754z-{fresh}-1---d8754z-;rport
Max-Forwards: 70
Contact: <sip:{server}:5060>
To: <sip:{server}:5060>
From: <sip:{server}:5060>;tag=e32c0d70
Call-ID: MzAyOWYxNmUwMGJkZmQ4MDNjYTBiM2EwN2NkNDkwNjY.
CSeq: 1 NOTIFY
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REGISTER, SUBSCRIBE, NOTIFY, REFER, INFO, MESSAGE
Content-Type: application/url
Supported: replaces
User-Agent: MyPBX_101
Event: ua-profile
Content-Length: {length}

{url})";

constexpr std::string_view of_fanvil_text = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
From: <sip:{user}@{server}>;tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: 1 NOTIFY
Max-Forwards: 70
Event: ua-profile
Subscription-State: terminated;reason=timeout
Content-Type: application/url
Content-Length: {length+2}

{url}

)";

constexpr std::string_view sark = R"(NOTIFY {user}@{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
From: {to};tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: 3 NOTIFY
Contact: <sip:224.0.1.75>
Event: ua-profile;profile-type="device"
Subscription-State: terminated;reason=timeout
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view rust = R"(NOTIFY {user}@{phone} SIP/2.0
Via: {via}
From: {from}
To: {to}
Call-ID: {call_id}
CSeq: 3 NOTIFY
Contact: <sip:{server}:5060
Event: ua-profile;profile-type="device"
Content-Type: application/url
Content-Length: {length}

{url})";

constexpr std::string_view beronet = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
From: <sip:{server}>;tag=12345
To: <sip:{phone}>;tag=12345
Call-ID: {call_id}
CSeq: 1 NOTIFY
Contact: <sip:{server}:5060;transport=TCP>
o: ua-profile
c: application/url
l: {length}

{url})";

constexpr std::string_view other_content = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh}
From: <sip:{server}>;tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: 1 NOTIFY
Event: ua-profile
Content-Type: application/simservs+xml
Content-Length: {length}

{url})";

// --- servers -------------------------------------------------------------------------------------

constexpr std::string_view folder_url = "http://10.0.0.5/provisioning/x7kq2/";
constexpr std::string_view file_url = "http://10.0.0.5:5481/provisioning/cfg<mac>";

constexpr PbxKind kinds[] = {
    {.name = "snom pnpserv",
     .accepts = Accepts::field_order,
     .answer = ok_without_blank_line,
     .notify = unswapped,
     .url = "http://10.0.0.5/snom/<mac>.htm",
     .answer_port = 1036,
     .notify_port = 1036},
    {.name = "snompnpd",
     .accepts = Accepts::lower_escaped_colon,
     .answer = plain_ok,
     .notify = unswapped_cseq_2,
     .url = "http://10.0.0.5/snom/<mac>.htm",
     .notify_port = 35060},
    {.name = "snompnpd denies", .answer = not_found},
    {.name = "MikoPBX",
     .accepts = Accepts::twelve_digits,
     .answer = ok_of_cseq_1,
     .notify = mikopbx,
     .url = "http://10.0.0.5:80/pbxcore/api/autoprovision?mac=<mac>&token=0f8a5c"},
    {.name = "ZeroTouchSIP",
     .answer = ok_with_empty_contact,
     .notify = unswapped,
     .url = file_url,
     .notify_port = 5062},
    {.name = "pmps",
     .answer = ok_of_next_cseq,
     .notify = pmps,
     .url = "http://10.0.0.5/p?mac=<mac>&hw=1&fw=2",
     .notifies_5060 = true},
    {.name = "FreeSWITCH snom",
     .answer = plain_ok,
     .notify = without_type,
     .url = "http://10.0.0.5/cfg?mac={mac}"},
    {.name = "python netifaces",
     .accepts = Accepts::group_and_no_colon,
     .answer = plain_ok,
     .notify = right_dialog,
     .url = folder_url},
    {.name = "Grandstream responder",
     .accepts = Accepts::upper_escaped_colon,
     .answer = ok_without_blank_line,
     .notify = line_end_counted,
     .url = folder_url},
    {.name = "Lua", .answer = plain_ok, .notify = right_dialog, .url = file_url},
    {.name = "PnpProfile",
     .accepts = Accepts::device_profile,
     .answer = accepted,
     .notify = right_dialog,
     .url = folder_url},
    {.name = "TypeScript pbx",
     .answer = plain_ok,
     .notify = external_body,
     .url = "https://10.0.0.5:8443/p/<mac>.xml"},
    {.name = "Akuvox test",
     .answer = plain_ok,
     .notify = akuvox,
     .url = "tftp://10.0.0.5",
     .line_feeds = true},
    {.name = "Connect", .answer = plain_ok, .notify = connect, .url = folder_url},
    {.name = "UCM", .answer = plain_ok, .notify = ucm, .url = "http://10.0.0.5/zccgi/"},
    {.name = "PLANET", .answer = plain_ok, .notify = planet, .url = "http://10.0.0.5/$mac.cfg"},
    {.name = "3CX", .answer = plain_ok, .notify = connect, .url = folder_url, .copies = 2},
    {.name = "Grandstream text",
     .answer = plain_ok,
     .notify = of_grandstream_text,
     .url = file_url},
    {.name = "Fanvil text",
     .answer = plain_ok,
     .notify = of_fanvil_text,
     .url = "ftp://1:1@10.0.0.5/$input.xml"},
    {.name = "Htek text",
     .answer = plain_ok,
     .notify = of_fanvil_text,
     .url = "http://admin:123456@10.0.0.5:88"},
    {.name = "SARK", .answer = plain_ok, .notify = sark, .url = folder_url},
    {.name = "Rust", .answer = plain_ok, .notify = rust, .url = folder_url},
    {.name = "beroNet", .answer = accepted, .notify = beronet, .url = folder_url},
    // What no server is known for, but may happen.
    {.name = "NOTIFY first",
     .answer = plain_ok,
     .notify = right_dialog,
     .url = folder_url,
     .notify_first = true},
    {.name = "NOTIFY only", .notify = right_dialog, .url = folder_url},
    {.name = "assigned by hand",
     .answer = plain_ok,
     .notify = right_dialog,
     .url = file_url,
     .notify_after_ms = 3'600'000},
    {.name = "accepts only", .answer = accepted},
    {.name = "other content", .answer = plain_ok, .notify = other_content, .url = folder_url},
    {.name = "registrar", .answer = unauthorized},
    {.name = "error", .answer = server_error},
    {.name = "redirects", .answer = moved},
    {.name = "silent", .accepts = Accepts::nothing},
};

}  // namespace

std::span<const PbxKind> pbx_kinds() {
    return kinds;
}

const PbxKind* find_pbx_kind(std::string_view name) {
    const auto found = std::find_if(std::begin(kinds), std::end(kinds),
                                    [&](const PbxKind& kind) { return kind.name == name; });
    return found == std::end(kinds) ? nullptr : found;
}

}  // namespace dialtone::sim
