# SPDX-License-Identifier: Apache-2.0
"""The ladder diagrams of sim/ladder, from frames and journals made here."""

import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

from kit import SOURCE
from ladder import pcap
from ladder.dhcp_messages import read_dhcp
from ladder.diagram import Host, Message, Note, Pause, build_diagram
from ladder.dissect import arrows_of
from ladder.journal import filled, last_life, parse_journal, unescaped
from ladder.mask import masked_sip_uri, masked_url
from ladder.packets import ACK, FIN, RST, SYN, decode
from ladder.pcap import Packet
from ladder.sip_messages import read_sip
from ladder.soap_messages import envelope_words
from ladder.streams import Stream, connections_of
from ladder.svg import draw_svg
from ladder.terminal import COLUMNS, draw_terminal
from ladder.tftp_packets import TftpTransfers

PHONE, SERVER = "172.18.32.197", "172.18.0.10"
HOSTS = [("Phone", PHONE), ("nginx", SERVER)]
MACS = {PHONE: "000b82273b89", SERVER: "02005e00000a"}


def frame(source, target, protocol, body):
    macs = bytes.fromhex(MACS.get(target, "01005e00014b") + MACS.get(source, "000b82273b89"))
    ips = b"".join(bytes(int(part) for part in ip.split(".")) for ip in (source, target))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0)
    return macs + b"\x08\x00" + head + ips + body


def udp(at_us, source, target, ports, payload):
    head = struct.pack(">HHHH", *ports, 8 + len(payload), 0)
    return Packet(at_us, frame(source, target, 17, head + payload))


def tcp(at_us, source, target, ports, sequence, flags, payload=b""):
    head = struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, 0, 0x50, flags, 0, 0, 0)
    return Packet(at_us, frame(source, target, 6, head + payload))


class Talk:
    """A TCP connection that is being made up, one packet each 100 microseconds."""

    def __init__(self, at_us, port=40000, server_port=5481, first=1000):
        self.at_us, self.packets = at_us, []
        self.ports = (port, server_port)
        self.sequence = {PHONE: first, SERVER: 9000}
        self.send(PHONE, flags=SYN)
        self.send(SERVER, flags=SYN | ACK)

    def send(self, source, payload=b"", flags=ACK, wait_us=100):
        self.at_us += wait_us
        other = SERVER if source == PHONE else PHONE
        ports = self.ports if source == PHONE else self.ports[::-1]
        self.packets.append(tcp(self.at_us, source, other, ports, self.sequence[source], flags,
                                payload))
        self.sequence[source] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        return self

    def ask(self, target, fields=""):
        return self.send(PHONE, f"GET {target} HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode())

    def answer(self, status, body=b"", fields=""):
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
        return self.send(SERVER, head.encode() + body)

    def close(self):
        return self.send(PHONE, flags=FIN | ACK)


def labels(packets):
    return [arrow.label for arrow in arrows_of(packets)]


def spoken(talk):
    """The arrows of a talk without those of TCP itself."""
    return [arrow for arrow in arrows_of(talk.packets) if arrow.tone != "light"]


def journal_line(at_ms, kind, wall_s=1700000000, **fields):
    return "\t".join([str(at_ms), str(wall_s), kind, *(f"{k}={v}" for k, v in fields.items())])


def journal(*lines):
    return parse_journal("\n".join(lines) + "\n")


def diagram_of(packets, entries=(), power_on_us=None, hosts=None):
    return build_diagram(packets, list(entries), [Host(*h) for h in hosts or HOSTS], power_on_us)


def soap(method, identifier, arguments=""):
    """An envelope; the arguments as they stand in it."""
    return ('<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><soap:Header>'
            f'<cwmp:ID soap:mustUnderstand="1">{identifier}</cwmp:ID></soap:Header>'
            f"<soap:Body><{method}>{arguments}</{method}></soap:Body></soap:Envelope>").encode()


class CaptureFiles(unittest.TestCase):
    def test_what_was_written_is_read(self):
        data = pcap.file_header() + pcap.record(1_700_000_000_123_456, b"frame")
        self.assertEqual(pcap.parse_packets(data), [(1_700_000_000_123_456, b"frame")])

    def test_big_endian_and_nanoseconds_are_read(self):
        data = struct.pack(">IHHiIII", pcap.MAGIC_NANO, 2, 4, 0, 0, 65535, 1)
        data += struct.pack(">IIII", 5, 7000, 3, 3) + b"abc"
        self.assertEqual(pcap.parse_packets(data), [(5_000_007, b"abc")])

    def test_a_record_that_is_cut_off_is_left_out(self):
        data = pcap.file_header() + pcap.record(1, b"whole") + pcap.record(2, b"torn")[:-1]
        self.assertEqual(pcap.parse_packets(data), [(1, b"whole")])

    def test_what_is_no_capture_is_refused(self):
        for data in (b"", b"\x00" * 24, pcap.file_header()[:20] + struct.pack("<I", 113)):
            with self.assertRaises(pcap.BadCapture):
                pcap.parse_packets(data)

    def test_the_writer_cuts_a_frame_at_its_bound(self):
        data = pcap.file_header() + pcap.record(1, b"x" * (pcap.FRAME_BYTES + 10))
        self.assertEqual(len(pcap.parse_packets(data)[0].data), pcap.FRAME_BYTES)


class Acs(unittest.TestCase):
    """What a phone and its ACS say to each other goes by its methods."""

    def session(self, at_us=0, **more):
        """An Inform, a call, an end."""
        talk = Talk(at_us, server_port=7547, **more)
        self.post(talk, soap("cwmp:Inform", "1", "<Event><EventStruct><EventCode>0 BOOTSTRAP"
                             "</EventCode></EventStruct><EventStruct><EventCode>1 BOOT</EventCode>"
                             "</EventStruct></Event>"))
        talk.answer("200 OK", soap("cwmp:InformResponse", "1"))
        self.post(talk)
        talk.answer("200 OK", soap("GetParameterValues", "a&lt;7"))
        self.post(talk, soap("cwmp:GetParameterValuesResponse", "a&lt;7"))
        return talk.answer("204 No Content")

    def post(self, talk, body=b""):
        head = f"POST /acs HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
        return talk.send(PHONE, head.encode() + body)

    def test_a_session_is_named_by_its_methods(self):
        arrows = spoken(self.session())
        self.assertEqual([(arrow.label, arrow.detail, arrow.tone) for arrow in arrows], [
            ("Inform", "ID 1, 0 BOOTSTRAP, 1 BOOT", "request"),
            ("InformResponse", "ID 1", "good"),
            ("empty POST", "", "request"),
            ("GetParameterValues", "ID a<7", "request"),
            ("GetParameterValuesResponse", "ID a<7", "good"),
            ("204 No Content", "nothing more to ask", "good")])

    def test_an_acs_that_closes_each_connection_is_still_one(self):
        whole = self.session()
        alone = self.post(Talk(1_000_000, port=40001, server_port=7547)).answer("204 No Content")
        self.assertEqual([arrow.label for arrow in arrows_of(whole.packets + alone.packets)
                          if arrow.tone != "light"][-2:], ["empty POST", "204 No Content"])

    def test_an_empty_post_to_another_server_is_a_post(self):
        talk = self.post(Talk(0)).answer("204 No Content")
        self.assertEqual([arrow.label for arrow in spoken(talk)], ["POST /acs", "204 No Content"])

    def test_a_fault_shows_its_code(self):
        talk = self.post(Talk(0), soap("cwmp:Inform", "1"))
        talk.answer("500 Internal Server Error", soap(
            "soap:Fault", "1", "<detail><cwmp:Fault><FaultCode>8001</FaultCode></cwmp:Fault>"
            "</detail>"))
        fault = spoken(talk)[1]
        self.assertEqual((fault.label, fault.tone), ("Fault 8001", "bad"))

    def test_challenges_and_redirects_stay_what_they_are(self):
        talk = self.post(Talk(0), soap("cwmp:Inform", "1"))
        talk.answer("401 Unauthorized", fields="WWW-Authenticate: Digest realm=\"x\"\r\n")
        self.post(talk, soap("cwmp:Inform", "1"))
        talk.answer("307 Temporary Redirect", fields="Location: http://u:p@x/y?z\r\n")
        arrows = spoken(talk)
        self.assertEqual([arrow.label for arrow in arrows],
                         ["Inform", "401 Unauthorized", "Inform", "307 Temporary Redirect"])
        self.assertEqual([arrow.anchor for arrow in arrows],
                         [("inform", ""), None, ("inform", ""), ("answer", "")])
        self.assertEqual(arrows[3].detail, "to http://***@x/y?***")

    def test_no_value_of_a_message_is_shown(self):
        talk = self.post(Talk(0), soap("cwmp:Inform", "1"))
        talk.answer("200 OK", soap("cwmp:SetParameterValues", "2", "<ParameterValueStruct><Name>"
                                   "Device.X</Name><Value>hush</Value></ParameterValueStruct>"))
        drawn = draw_terminal(diagram_of(talk.packets))
        self.assertIn("SetParameterValues", drawn)
        self.assertNotIn("hush", drawn)

    def test_a_file_and_an_acs_on_one_server_keep_their_places(self):
        """The journal's answer to a request for a file is not the ACS's."""
        acs = self.session()
        talk = Talk(50_000, port=40001, server_port=7547)
        talk.ask("/gs/one.xml").answer("200 OK", b"<x/>")
        packets = sorted(acs.packets + talk.packets)
        entries = journal(
            journal_line(1, "acs_inform", url=f"http://{SERVER}:7547/acs", events="1 BOOT", id="1"),
            journal_line(2, "acs_session", url=f"http://{SERVER}:7547/acs", calls="1"),
            journal_line(60, "request", url=f"http://{SERVER}:7547/gs/one.xml"),
            journal_line(61, "answer", url=f"http://{SERVER}:7547/gs/one.xml", bytes="4"),
            journal_line(62, "rest", generation="1"))
        rows = diagram_of(packets, entries).rows
        names = [row.label if isinstance(row, Message) else row.title
                 for row in rows if not isinstance(row, Pause)]
        self.assertLess(names.index("204 No Content"),
                        names.index("Session with the ACS ended well"))
        self.assertLess(names.index("Session with the ACS ended well"),
                        names.index("GET /gs/one.xml"))
        self.assertLess(names.index("200 OK"), names.index("Rests"))

    def test_any_bytes_are_survived(self):
        chance = random.Random(1)
        whole = soap("cwmp:Inform", "1", "<EventCode>1 BOOT</EventCode>")
        for _ in range(2000):
            body = bytearray(whole[:chance.randrange(len(whole) + 1)])
            for _ in range(chance.randrange(4)):
                if body:
                    body[chance.randrange(len(body))] = chance.randrange(256)
            words = envelope_words(bytes(body))
            self.assertTrue(words is None or all(part.isprintable() for part in words))


class Frames(unittest.TestCase):
    def test_a_tag_is_passed_over(self):
        plain = udp(1, PHONE, SERVER, (1, 2), b"hello").data
        tagged = plain[:12] + b"\x81\x00\x00\x05" + plain[12:]
        self.assertEqual(decode(Packet(1, tagged)).payload, b"hello")

    def test_ipv6_with_an_extension_is_read(self):
        body = struct.pack(">HHHH", 5, 6, 11, 0) + b"six"
        head = struct.pack(">IHBB", 6 << 28, 8 + len(body), 0, 64) + b"\xfe" + bytes(15) + \
            bytes(15) + b"\x01"
        packet = bytes(12) + b"\x86\xdd" + head + struct.pack(">BB6x", 17, 0) + body
        segment = decode(Packet(1, packet))
        self.assertEqual((segment.source.ip, segment.target.ip, segment.payload),
                         ("fe00::", "::1", b"six"))

    def test_padding_of_short_frames_is_no_payload(self):
        packet = udp(1, PHONE, SERVER, (1, 2), b"hi")
        self.assertEqual(decode(Packet(1, packet.data + bytes(20))).payload, b"hi")

    def test_any_bytes_are_survived(self):
        chance = random.Random(1)
        good = [udp(1, PHONE, SERVER, (53, 53), b"x" * 30).data,
                tcp(1, PHONE, SERVER, (5, 6), 7, SYN).data]
        for _ in range(5000):
            data = bytearray(chance.choice(good)[:chance.randrange(60)])
            for _ in range(chance.randrange(4)):
                if data:
                    data[chance.randrange(len(data))] = chance.randrange(256)
            decode(Packet(1, bytes(data)))


class Streams(unittest.TestCase):
    def test_bytes_in_any_order_come_out_in_order(self):
        pieces = [(100, b"abc"), (103, b"def"), (101, b"bcd"), (106, b"ghi"), (100, b"abcdef")]
        chance = random.Random(2)
        for _ in range(50):
            chance.shuffle(pieces)
            stream = Stream(base=100)
            for at_us, (sequence, payload) in enumerate(pieces):
                stream.add(sequence, payload, at_us)
            self.assertEqual(bytes(stream.data), b"abcdefghi")

    def test_sequence_numbers_go_round(self):
        stream = Stream(base=0xFFFFFFFE)
        stream.add(0xFFFFFFFE, b"abcd", 1)
        stream.add(2, b"ef", 2)
        stream.add(0, b"cd", 3)
        self.assertEqual(bytes(stream.data), b"abcdef")

    def test_each_byte_knows_when_it_arrived(self):
        stream = Stream(base=0)
        stream.add(0, b"abc", 10)
        stream.add(3, b"def", 20)
        self.assertEqual([stream.time_of(at) for at in (0, 2, 3, 5, 99)], [10, 10, 20, 20, 20])

    def test_what_lies_behind_a_hole_stays_out(self):
        stream = Stream(base=0)
        stream.add(0, b"abc", 1)
        stream.add(5, b"xyz", 2)
        self.assertEqual(bytes(stream.data), b"abc")

    def test_the_same_ports_again_are_another_connection(self):
        first = Talk(0).ask("/a").close()
        again = Talk(1000, first=77000).ask("/b").close()
        self.assertEqual(labels(first.packets + again.packets).count("GET /b"), 1)
        segments = [decode(p) for p in first.packets + again.packets]
        self.assertEqual(len(connections_of(segments)), 2)

    def test_a_repeated_opening_is_the_same_connection(self):
        talk = Talk(0)
        packets = [talk.packets[0], *talk.packets]
        self.assertEqual(len(connections_of(map(decode, packets))), 1)

    def test_a_refused_connection_says_so(self):
        packets = [tcp(1, PHONE, SERVER, (4, 5), 1, SYN),
                   tcp(2, SERVER, PHONE, (5, 4), 0, RST | ACK)]
        self.assertEqual(labels(packets), ["TCP connect, port 4 to 5", "TCP refused"])


class Http(unittest.TestCase):
    def test_requests_and_answers_are_named(self):
        talk = Talk(0).ask("/cfg.xml").answer("200 OK", b"body").close()
        self.assertEqual(labels(talk.packets), ["TCP connect, port 40000 to 5481", "GET /cfg.xml",
                                                "200 OK", "TCP close"])
        self.assertEqual(spoken(talk)[1].detail, "4 bytes, SHA-256 230d8358…")

    def test_secrets_are_not_shown(self):
        talk = Talk(0)
        talk.ask("/f?token=SECRET", "Authorization: Basic SECRET\r\nCookie: SECRET\r\n")
        talk.answer("302 Found", fields="Location: http://u:SECRET@h/p?SECRET#SECRET\r\n"
                    "Set-Cookie: SECRET\r\n")
        talk.ask("http://u:SECRET@h/x")
        talk.answer("401 No", fields='WWW-Authenticate: Digest nonce="SECRET"\r\n')
        drawn = [(a.label, a.detail) for a in spoken(talk)]
        self.assertNotIn("SECRET", str(drawn))
        self.assertEqual(drawn[0], ("GET /f?***", "with Basic credentials"))
        self.assertEqual(drawn[1], ("302 Found", "to http://***@h/p?***"))
        self.assertEqual(drawn[2][0], "GET http://***@h/x")
        self.assertEqual(drawn[3], ("401 No", "asks for Digest"))

    def test_a_body_that_ends_early_is_bad(self):
        talk = Talk(0).ask("/f")
        talk.send(SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nonly this").close()
        answer = spoken(talk)[1]
        self.assertEqual((answer.detail, answer.tone), ("9 bytes, cut off, 900 promised", "bad"))

    def test_chunks_are_put_together(self):
        talk = Talk(0).ask("/f")
        talk.send(SERVER, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          b"4\r\nbo\r\n\r\n2;x=y\r\ndy\r\n0\r\n\r\n").answer("404 Gone")
        self.assertEqual(spoken(talk)[1].detail.split(",")[0], "6 bytes")

    def test_what_follows_answers_without_a_body_is_found(self):
        talk = Talk(0)
        talk.send(PHONE, b"HEAD /f HTTP/1.1\r\n\r\n").ask("/g")
        talk.send(SERVER, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                          b"\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
        self.assertEqual([a.label for a in spoken(talk)],
                         ["HEAD /f", "GET /g", "100 Continue", "200 OK", "304 Not Modified"])

    def test_the_user_agent_is_told_once(self):
        talk = Talk(0)
        for path in ("/a", "/b"):
            talk.ask(path, "User-Agent: Phone 1\r\n").answer("404 Not Found")
        details = [a.detail for a in spoken(talk)]
        self.assertEqual(details, ["User-Agent: Phone 1", "", "", ""])

    def test_lengths_that_lie_are_survived(self):
        for length in ("-1", "99999999999999999999", "1e9", ""):
            talk = Talk(0).ask("/f")
            talk.send(SERVER, f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nx".encode())
            self.assertEqual(spoken(talk)[1].label, "200 OK")


def tls_record(kind, body):
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def handshake(kind, body):
    return struct.pack(">B", kind) + len(body).to_bytes(3, "big") + body


def hello(kind, extensions):
    coded = b"".join(struct.pack(">HH", n, len(d)) + d for n, d in extensions)
    middle = b"\x00\x02\x13\x01\x01\x00" if kind == 1 else b"\x13\x01\x00"
    return handshake(kind, b"\x03\x03" + bytes(32) + b"\x00" + middle +
                     struct.pack(">H", len(coded)) + coded)


NAME = b"\x00\x0e\x00\x00\x0bpbx.example"


class Tls(unittest.TestCase):
    def test_a_version_1_2_connection_is_named(self):
        talk = Talk(0, server_port=5443)
        talk.send(PHONE, tls_record(22, hello(1, [(0, NAME)])))
        talk.send(SERVER, tls_record(22, hello(2, [])) + tls_record(22, handshake(11, b"c")))
        talk.send(PHONE, tls_record(20, b"\x01") + tls_record(22, bytes(40)))
        talk.send(SERVER, tls_record(20, b"\x01") + tls_record(22, bytes(40)))
        talk.send(PHONE, tls_record(23, bytes(100))).send(SERVER, tls_record(23, bytes(50)))
        talk.send(SERVER, tls_record(23, bytes(60))).send(PHONE, tls_record(21, bytes(26)))
        found = [(a.label, a.detail, a.tone) for a in arrows_of(talk.packets)[1:]]
        self.assertEqual(found, [
            ("ClientHello", "for pbx.example", "tls"),
            ("ServerHello, Certificate", "TLS 1.2", "tls"),
            ("Finished", "", "tls"), ("Finished", "", "tls"),
            ("Application Data, 100 bytes", "", "sealed"),
            ("Application Data, 110 bytes", "", "sealed"),
            ("TLS alert", "", "light")])

    def test_a_version_1_3_connection_is_named(self):
        talk = Talk(0)
        talk.send(PHONE, tls_record(22, hello(1, [])))
        talk.send(SERVER, tls_record(22, hello(2, [(43, b"\x03\x04")])) + tls_record(20, b"\x01") +
                  tls_record(23, bytes(900)))
        talk.send(PHONE, tls_record(20, b"\x01") + tls_record(23, bytes(53)) +
                  tls_record(23, bytes(200)))
        self.assertEqual([(a.label, a.detail) for a in spoken(talk)], [
            ("ClientHello", ""), ("ServerHello, 900 bytes of handshake", "TLS 1.3"),
            ("Finished, Application Data, 200 bytes", "")])

    def test_an_alert_in_clear_is_bad(self):
        talk = Talk(0).send(PHONE, tls_record(22, hello(1, [])))
        talk.send(SERVER, tls_record(21, b"\x02\x28"))
        self.assertEqual([(a.label, a.tone) for a in spoken(talk)][1],
                         ("Alert: handshake failure", "bad"))

    def test_any_bytes_are_survived(self):
        chance = random.Random(3)
        whole = tls_record(22, hello(1, [(0, NAME)])) + tls_record(22, hello(2, [(43, b"\x03")]))
        for _ in range(500):
            data = bytearray(whole[:chance.randrange(4, len(whole))])
            for _ in range(chance.randrange(5)):
                data[chance.randrange(3, len(data))] = chance.randrange(256)
            arrows_of(Talk(0).send(PHONE, bytes(data)).send(SERVER, bytes(data)).packets)


class Datagrams(unittest.TestCase):
    def words(self, payload, ports=(5060, 5060)):
        arrow, = arrows_of([udp(1, PHONE, SERVER, ports, payload)])
        return arrow.label, arrow.detail, arrow.tone

    def test_sip_start_lines(self):
        self.assertEqual(
            self.words(b"SUBSCRIBE sip:MAC%3A00@224.0.1.75 SIP/2.0\r\n"
                       b"Event: ua-profile;x=y\r\n\r\n"),
            ("SUBSCRIBE sip:MAC%3A00@224.0.1.75", "Event: ua-profile", "request"))
        self.assertEqual(self.words(b"SIP/2.0 200 OK\r\nCSeq: 20000 SUBSCRIBE\r\n\r\n"),
                         ("200 OK", "to SUBSCRIBE", "good"))

    def test_sip_secrets_are_not_shown(self):
        label, _, _ = self.words(b"INVITE sip:a:SECRET@b;x?h=SECRET SIP/2.0\r\n\r\n")
        self.assertEqual(label, "INVITE sip:a:***@b;x?***")

    def test_a_notify_shows_where_it_sends_the_phone(self):
        head = b"NOTIFY sip:a SIP/2.0\r\no: ua-profile\r\n"
        for rest in (b"Content-Type: application/url\r\n\r\nhttp://u:SECRET@h/f?SECRET\r\n",
                     b"c: Application / URL ; x=y\r\n\r\n\r\n http://u:SECRET@h/f?SECRET \0",
                     b'Content-Type: message/external-body; access-type=URL; '
                     b'URL="http://u:SECRET@h/f?SECRET"\r\n\r\n',
                     b"\r\nhttp://u:SECRET@h/f?SECRET"):
            self.assertEqual(self.words(head + rest)[:2],
                             ("NOTIFY sip:a", "Event: ua-profile, http://***@h/f?***"))
        other = b"Content-Type: text/plain\r\n\r\nhttp://h/f"
        self.assertEqual(self.words(head + other)[1], "Event: ua-profile")

    def test_sip_fields(self):
        message = read_sip(b"SIP/2.0 202 Accepted\nv: SIP/2.0/UDP h\n ;branch=z\nVia: second\n"
                           b"CSeq:  3   notify\ngarbage\n\nbody")
        self.assertEqual(message.fields["via"], "SIP/2.0/UDP h ;branch=z")
        self.assertEqual((message.is_request, message.method, message.body),
                         (False, "NOTIFY", "body"))
        self.assertIsNone(read_sip(b"NOTIFY sip:a HTTP/1.1\r\n\r\n"))

    def test_sip_over_tcp(self):
        body = b"http://x/"
        notify = b"NOTIFY sip:a SIP/2.0\r\nContent-Length: 9\r\nEvent: ua-profile\r\n\r\n" + body
        talk = Talk(0, server_port=5060).send(PHONE, notify + notify)
        talk.send(SERVER, b"SIP/2.0 489 Bad Event\r\nCSeq: 1 NOTIFY\r\nl: 0\r\n\r\n")
        self.assertEqual([a.label for a in spoken(talk)],
                         ["NOTIFY sip:a", "NOTIFY sip:a", "489 Bad Event"])
        self.assertEqual(spoken(talk)[0].detail, "Event: ua-profile, http://x/")

    def dhcp(self, options, operation=2, given=(172, 18, 32, 197)):
        head = bytes([operation]) + bytes(15) + bytes(given) + bytes(216)
        return head + b"\x63\x82\x53\x63" + options

    def test_dhcp_message_types(self):
        self.assertEqual(self.words(self.dhcp(b"\x35\x01\x02\x42\x04http\xff"), (67, 68)),
                         ("DHCP OFFER", "172.18.32.197, option 66 http", "good"))
        asking = self.dhcp(b"\x35\x01\x08\x37\x04\x01\x42\x2b\x06\xff", 1, (0, 0, 0, 0))
        self.assertEqual(self.words(asking, (68, 67)),
                         ("DHCP INFORM", "asks for options 66, 43", "request"))

    def test_dhcp_secrets_and_bytes_are_not_shown(self):
        url = b"http://u:SECRET@h/p?SECRET\0"
        options = b"\x35\x01\x05\x42" + bytes([len(url)]) + url + b"\x2b\x04\x01\x02ab\xff"
        self.assertEqual(self.words(self.dhcp(options), (67, 68))[1],
                         "172.18.32.197, option 66 http://***@h/p?***, option 43")

    def test_dhcp_pieces_are_joined_and_lies_survived(self):
        message = read_dhcp(self.dhcp(b"\x00\x42\x02ab\x42\x02cd\x2b\xc8short"))
        self.assertEqual((message.type, message.text(66), message.options[43]),
                         ("BOOTP", "abcd", b"short"))
        self.assertIsNone(read_dhcp(self.dhcp(b"")[:-1]))

    def test_dhcpv6_dns_and_ntp(self):
        self.assertEqual(self.words(b"\x0b123", (546, 547))[0], "DHCPv6 INFORMATION-REQUEST")
        query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03pbx\x00\x00\x1c\x00\x01"
        self.assertEqual(self.words(query, (4000, 53))[0], "DNS AAAA pbx")
        lost = query[:2] + b"\x81\x83" + query[4:]
        self.assertEqual(self.words(lost, (53, 4000)), ("DNS AAAA pbx", "no such name", "bad"))
        self.assertEqual(self.words(b"\x23" + bytes(47), (123, 123))[0], "NTP request")

    def test_a_tftp_transfer_is_followed_to_its_other_port(self):
        packets = [udp(1, PHONE, SERVER, (4000, 69), b"\0\1cfg.xml\0octet\0blksize\0001400\0"),
                   udp(2, SERVER, PHONE, (5000, 4000), b"\0\6blksize\0001400\0"),
                   udp(3, PHONE, SERVER, (4000, 5000), b"\0\4\0\0"),
                   udp(4, SERVER, PHONE, (5000, 4000), b"\0\3\0\1body"),
                   udp(5, SERVER, PHONE, (5000, 4000), b"\0\5\0\1File not found\0")]
        found = [(a.label, a.detail) for a in arrows_of(packets)]
        self.assertEqual(found, [("RRQ cfg.xml", "blksize 1400"), ("OACK", "blksize 1400"),
                                 ("ACK 0", ""), ("DATA 1", "4 bytes"),
                                 ("ERROR 1", "File not found")])

    def test_of_a_long_tftp_transfer_the_middle_is_left_out(self):
        packets = [udp(1, PHONE, SERVER, (4000, 69), b"\0\1f\0octet\0")]
        for number in range(1, 41):
            size = 512 if number < 40 else 100
            block = bytes([0, 3, 0, number]) + bytes(size)
            packets.append(udp(10 * number, SERVER, PHONE, (5000, 4000), block))
            packets.append(udp(10 * number + 1, PHONE, SERVER, (4000, 5000),
                               bytes([0, 4, 0, number])))
        self.assertEqual(labels(packets), ["RRQ f", "DATA 1", "ACK 1", "DATA 2", "ACK 2",
                                           "DATA 40", "ACK 40"])
        transfers = TftpTransfers()
        for packet in packets:
            transfers.words(decode(packet))
        transfer, = transfers.found
        self.assertEqual((transfer.path, transfer.is_whole, len(transfer.content)),
                         ("/f", True, 39 * 512 + 100))

    def test_a_tftp_block_that_comes_again_counts_once(self):
        transfers = TftpTransfers()
        for at_us, payload in enumerate((b"\0\1f\0octet\0", b"\0\1f\0octet\0", b"\0\3\0\1" +
                                         bytes(512), b"\0\3\0\1" + bytes(512), b"\0\3\0\2x")):
            ends = (PHONE, SERVER, (4000, 69)) if payload[1] == 1 else (SERVER, PHONE,
                                                                        (5000, 4000))
            transfers.words(decode(udp(at_us, *ends, payload)))
        transfer, = transfers.found
        self.assertEqual((transfer.is_whole, len(transfer.content)), (True, 513))

    def test_anything_else_is_named_by_ports_and_size(self):
        self.assertEqual(self.words(b"?" * 1500, (7, 9)),
                         ("UDP port 7 to 9", "1,500 bytes", "other"))

    def test_any_bytes_are_survived(self):
        chance = random.Random(4)
        for port in (53, 67, 69, 123, 546, 5060, 5353):
            for _ in range(300):
                data = bytes(chance.choices([0, 1, 5, 13, 10, 32, 63, 255, 0xC0],
                                            k=chance.randrange(300)))
                self.words(data, (port, port))


class Ftp(unittest.TestCase):
    def dialog(self):
        control = Talk(0, server_port=21)
        for source, line in ((SERVER, "220 here"), (PHONE, "USER SECRET"), (SERVER, "331 and?"),
                             (PHONE, "PASS SECRET"), (SERVER, "230 in"), (PHONE, "CWD gs"),
                             (SERVER, "250-first"), (SERVER, "250 there"), (PHONE, "EPSV"),
                             (SERVER, "229 passive (|||3000|)"), (PHONE, "RETR f.xml"),
                             (SERVER, "150 comes")):
            control.send(source, line.encode() + b"\r\n")
        data = Talk(control.at_us, port=40001, server_port=3000).send(SERVER, b"body").close()
        control.at_us = data.at_us
        control.send(SERVER, b"226 sent\r\n").send(PHONE, b"RETR none\r\n")
        control.send(SERVER, b"550 no\r\n").close()
        return control.packets + data.packets

    def test_commands_replies_and_data_are_named(self):
        arrows = [arrow for arrow in arrows_of(self.dialog()) if arrow.tone != "light"]
        self.assertEqual([arrow.label for arrow in arrows], [
            "220 here", "USER ***", "331 and?", "PASS ***", "230 in", "CWD gs", "250 there", "EPSV",
            "229 passive (|||3000|)", "RETR f.xml", "150 comes", "FTP data, 4 bytes", "226 sent",
            "RETR none", "550 no"])
        self.assertEqual([arrow.anchor for arrow in arrows if arrow.anchor],
                         [("request", "/gs/f.xml"), ("answer", ""), ("request", "/gs/none"),
                          ("answer", "")])
        self.assertEqual((arrows[-1].tone, arrows[-4].detail), ("bad", "SHA-256 230d8358…"))

    def test_any_bytes_are_survived(self):
        chance = random.Random(6)
        for _ in range(300):
            talk = Talk(0, server_port=21).send(SERVER, b"220 x\r\n")
            for source in (PHONE, SERVER, PHONE):
                talk.send(source, bytes(chance.choices(b"RETR 229(|,)\r\n\0\xff5", k=60)))
            arrows_of(talk.packets)


class Journals(unittest.TestCase):
    def test_lines_are_read_and_torn_ones_passed_over(self):
        entries = parse_journal("12\t-5\tanswer\tstatus=200\turl=http://h/a=b\n"
                                "garbage\n\n7\tx\tboot\n13\t0\treboo")
        self.assertEqual([(e.at_ms, e.wall_s, e.kind) for e in entries],
                         [(12, -5, "answer"), (13, 0, "reboo")])
        self.assertEqual(entries[0].fields, {"status": "200", "url": "http://h/a=b"})

    def test_escapes_are_undone_and_control_characters_kept_out(self):
        self.assertEqual(unescaped(r"a\\t\tb\x41"), "a\\t\tbA")
        entry, = journal(journal_line(1, "retry_waits", reason=r"a\n\x1b[31mb"))
        self.assertEqual(entry.fields["reason"], "a??[31mb")

    def test_only_the_last_power_on_counts(self):
        entries = journal(journal_line(0, "boot", cause="power-on"), journal_line(9, "rest"),
                          journal_line(0, "boot", cause="power-on"),
                          journal_line(5, "boot", cause="provisioning"))
        self.assertEqual(len(last_life(entries)), 2)

    def test_pieces_with_missing_fields_are_left_out(self):
        self.assertEqual(filled("{a}<, {b}>", {"a": "1"}), "1")
        self.assertEqual(filled("{a}<, {b}>", {"a": "1", "b": "2"}), "1, 2")


class Masks(unittest.TestCase):
    def test_urls(self):
        for url, shown in {
                "http://u:p@h/a?b=c#d": "http://***@h/a?***", "http://h/a@b": "http://h/a@b",
                "u:p@h/x": "***@h/x", "http://u:p@ss@h/": "http://***@h/", "/a?b": "/a?***",
                "http://h/a?": "http://h/a"}.items():
            self.assertEqual(masked_url(url), shown)
        self.assertEqual(masked_sip_uri("sips:u:p@h"), "sips:u:***@h")


def two_lives():
    """A capture that began at 1000 s, and the journal of a phone that was powered on 2 ms later."""
    start = 1_000_000_000
    first = Talk(start + 5000).ask("/p/cfg", "User-Agent: Phone\r\n").answer("404 Not Found")
    first.ask("/p/cfg.xml").answer("200 OK", b"<xml>")
    first.send(PHONE, flags=FIN | ACK, wait_us=5000)
    second = Talk(start + 40000, port=40001).ask("/p/cfg.xml").answer("200 OK", b"<xml>")
    second.send(PHONE, flags=FIN | ACK, wait_us=5000)
    url = "http://172.18.0.10:5481/p/cfg"
    entries = journal(
        journal_line(1, "boot", cause="power-on", generation="0", model="GXP1628", version="1"),
        journal_line(2, "link_up", interface="eth0", address=PHONE),
        journal_line(2, "source_url", source="static", url="http://172.18.0.10:5481/p"),
        journal_line(3, "request", url=url),
        journal_line(3, "file_absent", url=url),
        journal_line(3, "request", url=url + ".xml"),
        journal_line(3, "answer", url=url + ".xml"),
        journal_line(3, "file_read", format="Grandstream XML", cipher="none", keys="9"),
        journal_line(5, "applied", generation="1", keys="9"),
        journal_line(8, "reboot", reason="new configuration", number="1"),
        journal_line(30, "boot", cause="provisioning", generation="1", model="G", version="1"),
        journal_line(38, "request", url=url + ".xml"),
        journal_line(38, "answer", url=url + ".xml"),
        journal_line(38, "file_unchanged", url=url + ".xml"),
        journal_line(39, "finished", status="0"))
    return first.packets + second.packets, entries


class Diagrams(unittest.TestCase):
    def shape(self, diagram):
        return [row.title or row.lines[0] if isinstance(row, Note) else row.label
                for row in diagram.rows if not isinstance(row, Pause)]

    def test_notes_stand_where_they_belong_whatever_is_known_of_power_on(self):
        packets, entries = two_lives()
        expected = ["Power on", "TCP connect, port 40000 to 5481", "GET /p/cfg", "404 Not Found",
                    "GET /p/cfg.xml", "200 OK", "Configuration 1 applied", "Reboots", "TCP close",
                    "Back after the reboot", "TCP connect, port 40001 to 5481", "GET /p/cfg.xml",
                    "200 OK", "Provisioned and confirmed", "TCP close"]
        for about_us in (None, 1_000_002_000, 1_000_000_000, 0, 2_000_000_000):
            diagram = diagram_of(packets, entries, about_us)
            self.assertEqual(self.shape(diagram), expected)
            self.assertTrue(all(a.at_us <= b.at_us for a, b in
                                zip(diagram.rows, diagram.rows[1:])))

    def test_times_count_from_power_on(self):
        packets, entries = two_lives()
        diagram = diagram_of(packets, entries, 1_000_002_000)
        connect = next(row for row in diagram.rows if isinstance(row, Message))
        self.assertEqual(connect.at_us, 3100)
        self.assertEqual((diagram.messages, diagram.reboots), (6, 1))

    def test_lines_that_belong_together_are_one_note(self):
        packets, entries = two_lives()
        notes = [row for row in diagram_of(packets, entries).rows if isinstance(row, Note)]
        self.assertEqual(notes[0].lines, ["GXP1628, firmware 1, no configuration yet",
                                          "eth0 is up, 172.18.32.197",
                                          "static: http://172.18.0.10:5481/p"])
        self.assertEqual([note.kind for note in notes],
                         ["boot", "applied", "reboot", "boot", "finished"])

    def test_a_journal_alone_and_a_capture_alone_are_drawn(self):
        packets, entries = two_lives()
        self.assertEqual(len(diagram_of([], entries).rows), 5)
        self.assertEqual(len(diagram_of(packets).rows), 10)
        self.assertEqual(diagram_of([]).rows, [])
        nobody = build_diagram([], [])
        self.assertEqual(nobody.hosts, [Host("phone", "")])

    def test_a_long_silence_is_said(self):
        packets = [udp(1_000_000, PHONE, SERVER, (1, 2), b"a"),
                   udp(2_500_000, PHONE, SERVER, (1, 2), b"b")]
        pause = diagram_of(packets, power_on_us=1_000_000).rows[1]
        self.assertEqual((pause.length_us, pause.at_us), (1_500_000, 1_500_000))

    def test_hosts_without_a_name_get_a_lifeline(self):
        packets = [udp(1, "0.0.0.0", "255.255.255.255", (68, 67), b"x"),
                   udp(2, PHONE, "224.0.1.75", (5060, 5060), b"x"),
                   udp(3, "10.0.0.9", PHONE, (5060, 5060), b"x")]
        diagram = diagram_of(packets)
        self.assertEqual([host.name for host in diagram.hosts],
                         ["Phone", "nginx", "broadcast", "SIP multicast", "host"])
        self.assertEqual([(row.source, row.target) for row in diagram.rows],
                         [(0, 2), (0, 3), (4, 0)])

    def test_a_host_may_have_more_addresses(self):
        packets = [udp(1, PHONE, "224.0.1.75", (5060, 5060), b"x"),
                   udp(2, "0.0.0.0", "255.255.255.255", (68, 67), b"x")]
        hosts = [Host("Phone", PHONE), Host("PBX", SERVER, also=("224.0.1.75", "255.255.255.255"))]
        diagram = build_diagram(packets, [], hosts)
        self.assertEqual([(row.source, row.target) for row in diagram.rows], [(0, 1), (0, 1)])
        self.assertEqual(len(diagram.hosts), 2)

    def test_what_was_asked_and_told_stands_beside_its_arrows(self):
        start = 1_000_000_000
        sip = (5060, 5060)
        packets = [udp(start + 5000, PHONE, "224.0.1.75", sip, b"SUBSCRIBE sip:m SIP/2.0\r\n\r\n"),
                   udp(start + 6000, SERVER, PHONE, sip,
                       b"NOTIFY sip:p SIP/2.0\r\n\r\nhttp://h/f"),
                   udp(start + 9000, PHONE, SERVER, sip,
                       b"SIP/2.0 200 OK\r\nCSeq: 1 NOTIFY\r\n\r\n")]
        entries = journal(
            journal_line(1, "boot", cause="power-on", generation="0", model="G", version="1"),
            journal_line(2, "source_asked", source="pnp"),
            journal_line(5, "source_url", source="pnp", url="http://h/f", server=SERVER),
            journal_line(30, "source_url", source="pnp", url="http://h/f"))
        for about_us in (None, start, start + 20_000):
            self.assertEqual(self.shape(diagram_of(packets, entries, about_us)),
                             ["Power on", "SUBSCRIBE sip:m", "NOTIFY sip:p", "200 OK",
                              "pnp: http://h/f"])

    def test_lifelines_are_bounded(self):
        packets = [udp(n, PHONE, f"10.0.0.{n}", (1, 2), b"x") for n in range(1, 50)]
        self.assertEqual(len(diagram_of(packets).hosts), 8)


class Drawings(unittest.TestCase):
    def every_kind(self):
        packets, entries = two_lives()
        more = journal(*(journal_line(100 + n, kind, generation="1", reason="r<&>\u0007é",
                                      wait_s="3") for n, kind in enumerate(
            ["file_refused", "plan_refused", "retry_waits", "trial_failed", "crash", "boot",
             "rolled_back", "nothing_found", "factory_reset", "finished", "rest", "reboot"])))
        packets.append(udp(1_009_000_000, PHONE, "224.0.1.75", (5060, 5060),
                           b"SUBSCRIBE sip:" + b"<&\x1b\xff" * 90 + b" SIP/2.0\r\n\r\n"))
        return diagram_of(packets, entries + more)

    def test_the_terminal_has_100_columns_and_no_control_characters(self):
        text = draw_terminal(self.every_kind())
        lines = text.rstrip("\n").split("\n")
        self.assertTrue(all(len(line) <= COLUMNS for line in lines))
        self.assertTrue(all(c.isprintable() for line in lines for c in line))
        self.assertIn("◀", text)
        self.assertIn("┆", text)

    def test_colour_adds_nothing_but_escape_sequences(self):
        diagram = self.every_kind()
        coloured = draw_terminal(diagram, colour=True)
        self.assertIn("\033[", coloured)
        bare = [line.rstrip() for line in re.sub(r"\033\[[0-9;]*m", "", coloured).split("\n")]
        self.assertEqual("\n".join(bare), draw_terminal(diagram))

    def test_the_picture_is_whole_and_needs_nothing_from_outside(self):
        svg = draw_svg(self.every_kind(), "A <title> & more", "sub")
        root = xml.etree.ElementTree.fromstring(svg)
        self.assertEqual(root.find("{http://www.w3.org/2000/svg}title").text, "A <title> & more")
        for outside in ("href", "<script", "<style", "@import", "url("):
            self.assertNotIn(outside, svg)

    def test_a_longer_run_is_a_taller_picture(self):
        def height(packets):
            return float(xml.etree.ElementTree.fromstring(
                draw_svg(diagram_of(packets), "t", "s")).get("height"))

        one = Talk(0).ask("/a").answer("404 Not Found")
        short = height(one.packets)
        self.assertGreater(height(one.ask("/b").answer("200 OK", b"x").packets), short + 80)

    def test_more_hosts_are_a_wider_picture(self):
        packets = [udp(1, PHONE, "224.0.1.75", (1, 2), b"x")]
        root = xml.etree.ElementTree.fromstring(draw_svg(diagram_of(packets), "t", "s"))
        self.assertGreater(float(root.get("width")), 1000)

    def test_any_capture_and_journal_can_be_drawn(self):
        chance = random.Random(5)
        packets, entries = two_lives()
        for _ in range(60):
            some = [Packet(p.at_us, bytes(chance.choice([b, b, b, b, b, b, b, 0, 255])
                                          for b in p.data)) for p in packets]
            chance.shuffle(some)
            few = chance.sample(entries, chance.randrange(len(entries)))
            diagram = diagram_of(some, few)
            draw_terminal(diagram)
            xml.etree.ElementTree.fromstring(draw_svg(diagram, "t", "s"))


class CommandLine(unittest.TestCase):
    def test_the_program_draws_a_capture(self):
        packets, _ = two_lives()
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/run.pcap", "wb") as file:
                file.write(pcap.file_header())
                for packet in packets:
                    file.write(pcap.record(packet.at_us, packet.data))
            done = subprocess.run([sys.executable, SOURCE / "sim/ladder",
                                   f"{folder}/run.pcap", "--host", f"Telefon={PHONE}"],
                                  capture_output=True, check=True, timeout=20)
        self.assertIn("Telefon", done.stdout.decode())
        self.assertIn("GET /p/cfg.xml", done.stdout.decode())
