# SPDX-License-Identifier: Apache-2.0
"""URLs without what they may hide. The spelling is the agent's own (masked_url in agent/)."""

import re

MASK = "***"


def masked_url(text):
    """`text` with userinfo and query masked: http://***@host/path?***"""
    text = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*@", rf"\1{MASK}@", text, count=1)
    return masked_target(text)


def masked_target(text):
    """A request target, or what follows the host of a URL."""
    text = text.split("#", 1)[0]
    path, mark, query = text.partition("?")
    return path + (mark + MASK if query else "")


def masked_request_target(text):
    """What stands in an HTTP request line: a path, or a whole URL when a proxy is asked."""
    return masked_target(text) if text.startswith("/") else masked_url(text)


def masked_sip_uri(text):
    """The user of a SIP address is who is meant and stays; a password and headers do not."""
    text = re.sub(r"^(sips?:[^:@;?]*):[^@;?]*@", rf"\1:{MASK}@", text, flags=re.IGNORECASE)
    return masked_target(text)


def printable(text):
    """One line that no terminal or XML reader stumbles over."""
    return "".join(c if c.isprintable() else "?" for c in text)
