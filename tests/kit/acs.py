# SPDX-License-Identifier: Apache-2.0
"""An ACS (TR-069) of this process, written from the schema of CWMP and not from what our phone
sends: takes Informs, calls what a test wants called, and complains of what is not as the schema
has it.

    acs = AcsServer()
    acs.call("GetParameterNames", ("ParameterPath", ""), ("NextLevel", "true"))
    acs.acs_url(), acs.informs[0].events, acs.replies[0].tag, acs.complaints

A session is known by its cookie. One that does not begin with an Inform gets status 400.
"""

import itertools
import re
import secrets
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from kit.web import Answer, WebServer

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
CWMP = "urn:dslforum-org:cwmp-1-"
COOKIE = "acs-session"
OWN_METHODS = {"TransferComplete"}  # of the phone
VALUE_TYPES = {f"xsd:{name}" for name in ("string", "boolean", "int", "unsignedInt",
                                        "dateTime")}


@dataclass
class Inform:
    device: dict       # of DeviceIdStruct
    events: list       # pairs of code and command key
    retry_count: int
    current_time: str
    values: dict       # of ParameterValueStruct, by name


class AcsServer(WebServer):
    def __init__(self, version=0, credentials=None, is_closing=False, **options):
        self.version, self.credentials, self.is_closing = version, credentials, is_closing
        self.wanted, self.informs, self.replies, self.complaints = [], [], [], []
        self.envelopes = []     # that the phone has sent
        self.awaited = {}       # by session: the ID of the call that is out, or None
        self.told = []          # what the phone has asked by itself: TransferComplete
        self.finished = 0       # sessions that ended as they should
        self.identifiers = itertools.count(1)
        super().__init__(**options)

    def acs_url(self):
        return self.url("acs")

    def call(self, method, *arguments):
        """To be called in a session. An argument is a name and a text, or a list of strings."""
        body = "".join(argument_xml(name, value) for name, value in arguments)
        self.wanted.append(f"<cwmp:{method}>{body}</cwmp:{method}>")

    def set_values(self, values, key):
        """To be called in a session: SetParameterValues of triples of name, type and text."""
        structs = "".join(
            f"<ParameterValueStruct><Name>{escape(name)}</Name>"
            f'<Value xsi:type="xsd:{kind}">{escape(text)}</Value></ParameterValueStruct>'
            for name, kind, text in values)
        self.wanted.append(
            f'<cwmp:SetParameterValues xmlns:xsi="{INSTANCE}" xmlns:xsd="{SCHEMA}"><ParameterList '
            f'enc:arrayType="cwmp:ParameterValueStruct[{len(values)}]">{structs}</ParameterList>'
            f"<ParameterKey>{escape(key)}</ParameterKey></cwmp:SetParameterValues>")

    # --- one message ------------------------------------------------------------------------------

    def answer_to(self, request):
        """What is not proved to come from the phone is not read."""
        if self.credentials:
            proof = Answer(credentials=self.credentials)
            answer = self.challenge(request, proof)
            if answer is not proof:
                return answer
        answer = self.message(request)
        if self.is_closing:
            answer.fields["Connection"] = "close"
        return answer

    def send(self, stream, answer):
        return super().send(stream, answer) and not self.is_closing

    def complain(self, words):
        self.complaints.append(words)
        return Answer(status=400)

    def message(self, request):
        if request.method != "POST":
            return self.complain(f"method {request.method}")
        found = re.search(rf"{COOKIE}=(\w+)", request.fields.get("cookie", ""))
        session = found[1] if found else None
        if not request.raw:
            return self.next_call(session)
        self.envelopes.append(request.raw)
        if not request.fields.get("content-type", "").startswith("text/xml"):
            return self.complain("a message that is not text/xml")
        if request.fields.get("soapaction") not in ("", '""'):
            return self.complain("a message without an empty SOAPAction")
        return self.read(session, ElementTree.fromstring(request.raw))

    def read(self, session, root):
        header, body = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
        if root.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1:
            return self.complain(f"an envelope {root.tag}")
        identifier = None if header is None else header.findtext(f"{{{CWMP}{self.version}}}ID")
        # The first message of a phone may be of another version than the ACS speaks.
        if body[0].tag.startswith(f"{{{CWMP}") and body[0].tag.endswith("}Inform"):
            return self.take_inform(root, body[0])
        if session not in self.awaited:
            return self.complain("a session that does not begin with an Inform")
        if method_of(body[0]) in OWN_METHODS:
            self.told.append(body[0])
            response = f"<cwmp:{method_of(body[0])}Response/>"
            return Answer(body=self.envelope(identifier, response),
                          fields={"Content-Type": "text/xml"})
        if self.awaited[session] != identifier:
            return self.complain(f"an answer with the ID {identifier}")
        self.replies.append(body[0])
        return self.next_call(session)

    def take_inform(self, root, inform):
        identifier = next((one.text for one in root.iter() if one.tag.endswith("}ID")), None)
        if not identifier:
            return self.complain("an Inform without an ID")
        names = [child.tag for child in inform]
        if names != ["DeviceId", "Event", "MaxEnvelopes", "CurrentTime", "RetryCount",
                     "ParameterList"]:
            return self.complain(f"an Inform with {names}")
        events = [(one.findtext("EventCode"), one.findtext("CommandKey"))
                  for one in self.array(inform.find("Event"), "EventStruct")]
        self.informs.append(Inform({one.tag: one.text or "" for one in inform.find("DeviceId")},
                                   events, int(inform.findtext("RetryCount")),
                                   inform.findtext("CurrentTime"),
                                   self.values(inform.find("ParameterList"))))
        session = secrets.token_hex(8)
        self.awaited[session] = None
        body = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
        return Answer(body=self.envelope(identifier, body),
                      fields={"Content-Type": 'text/xml; charset="utf-8"',
                              "Set-Cookie": f"{COOKIE}={session}; Path=/"})

    def next_call(self, session):
        if session not in self.awaited:
            return self.complain("a session that does not begin with an Inform")
        if not self.wanted:
            del self.awaited[session]
            self.finished += 1
            return Answer(status=204)
        self.awaited[session] = f"acs <{next(self.identifiers)}>"
        return Answer(body=self.envelope(self.awaited[session], self.wanted.pop(0)),
                      fields={"Content-Type": "text/xml"})

    def envelope(self, identifier, body):
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP}" '
                f'xmlns:enc="{ENCODING}" xmlns:cwmp="{CWMP}{self.version}"><soap:Header>'
                f'<cwmp:ID soap:mustUnderstand="1">{escape(identifier)}</cwmp:ID></soap:Header>'
                f"<soap:Body>{body}</soap:Body></soap:Envelope>").encode()

    # --- what it reads ----------------------------------------------------------------------------

    def array(self, element, name):
        """The elements of a SOAP array, of which each has to have the name, and which has to say
        how many there are."""
        kind = element.get(f"{{{ENCODING}}}arrayType", "")
        if not kind.endswith(f"[{len(element)}]") or {one.tag for one in element} > {name}:
            self.complain(f"an array {kind} of {len(element)}")
        return list(element)

    def values(self, element):
        found = {}
        for one in self.array(element, "ParameterValueStruct"):
            value = one.find("Value")
            if value.get(f"{{{INSTANCE}}}type") not in VALUE_TYPES:
                self.complain(f"a value without its type: {one.findtext('Name')}")
            found[one.findtext("Name")] = value.text or ""
        return found

    def told_values(self, answer):
        """Of a GetParameterValuesResponse."""
        return self.values(answer.find("ParameterList"))


def argument_xml(name, value):
    if isinstance(value, str):
        return f"<{name}>{escape(value)}</{name}>"
    strings = "".join(f"<string>{escape(one)}</string>" for one in value)
    return f'<{name} enc:arrayType="xsd:string[{len(value)}]">{strings}</{name}>'


def method_of(answer):
    """The local name of what the phone answered."""
    return answer.tag.rpartition("}")[2]


def fault_code(answer):
    """Of a fault of the phone, None for anything else."""
    return next((one.text for one in answer.iter("FaultCode")), None)
