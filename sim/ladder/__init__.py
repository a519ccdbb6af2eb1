# SPDX-License-Identifier: Apache-2.0
"""Ladder diagrams as SIP tracers draw them, from a packet capture and a phone's journal.

    pcap      the capture file, read and written
    packets   Ethernet, IPv4, IPv6, UDP and TCP to segments
    streams   TCP segments to connections with two byte streams
    dissect   segments and streams to arrows between hosts, with a file for each protocol:
              datagrams, sip_messages, dhcp_messages, tftp_packets, http_messages, tls_records,
              ftp_dialog
    journal   the phone's journal to notes on its lifeline
    diagram   both on one time axis
    terminal  drawn with box-drawing characters, 100 columns
    svg       drawn as a picture

Nothing that could hold a secret is drawn: no field but the ones named in those files, and URLs
only as mask.py leaves them.
"""
