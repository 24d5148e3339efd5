#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the daemon lets go, what it takes, and what it keeps of it."""

import hashlib
import struct
import sys
import time

from client import (Alone, LEADING_SPACE, NO_CONNECT, NO_HELO, NO_UNKNOWN,
                    NR_BODY, NR_HEADER, NR_MAIL, PROTOCOL, SETSYMLIST)
from story import check, equal, tell

JOURNALS = {"sales": {"address": "sales@compta.example, *@wild.example",
                      "deliver_to": "acme@accounting.example"}}
SALES = "<sales@compta.example>"
JOE = "<joe@customers.example>"
ERP = "<erp@shop.example>"
PLAIN = [("From", " erp@shop.example"), ("Subject", " one"),
         ("Message-ID", " <1@shop.example>")]


def text(headers, body=b"body\r\n"):
    """The stored form."""
    lines = b"".join(n.encode() + b":" + v.replace("\n", "\r\n").encode(
        errors="surrogateescape") + b"\r\n" for n, v in headers)
    return lines + b"\r\n" + body


def story_negotiation():
    """Nothing is asked for that is not needed, and the macros that are."""
    with Alone(JOURNALS) as d, d.session() as s:
        for bit in (NO_CONNECT, NO_HELO, NO_UNKNOWN, NR_MAIL, NR_HEADER,
                    NR_BODY, LEADING_SPACE):
            check(s.protocol & bit, "bit %x" % bit)
        equal(s.actions, 0x8 | SETSYMLIST, "delete recipients, set macros")
        check(b"{client_addr}" in s.symbols, s.symbols)
        equal(struct.unpack("!I", s.symbols[:4])[0], 2, "at MAIL")


def story_other_mail():
    """Other mail is gone at DATA, in every message of a session."""
    with Alone(JOURNALS) as d, d.session() as s:
        for _ in range(3):
            equal(s.mail(ERP), "c", "no answer to MAIL")
            equal(s.rcpt(JOE), "c", "RCPT")
            equal(s.rcpt("<>"), "c", "RCPT")
            equal(s.data(), "a", "gone")
        equal(d.messages(), [], "nothing is stored")
        equal(s.message(ERP, [SALES], PLAIN), "a", "the next one is taken")
        equal(len(d.messages()), 1, "and stored")


def story_taken():
    """A captured message is stored with its envelope, its recipients are
    deleted as they were received, and a line says so."""
    with Alone(JOURNALS) as d, d.session() as s:
        rcpts = ["<Sales@Compta.Example>", "<sales+2026@compta.example>",
                 "<any@wild.example>", "<sales+2026@compta.example>"]
        equal(s.message(ERP, rcpts, PLAIN, queue_id="4XyzAB",
                        client="127.0.0.7", client_name="erp.shop.example",
                        auth_authen="anna", tls_version="TLSv1.3",
                        cipher="TLS_AES_256"), "a", "accepted")
        equal(s.deleted, rcpts[:3], "each once, as received")
        m = d.messages()[0]
        expected = {"queue_id": "4XyzAB", "sender": "erp@shop.example",
                    "client_addr": "127.0.0.7", "auth_user": "anna",
                    "client_name": "erp.shop.example",
                    "tls": "TLSv1.3 TLS_AES_256", "origin": "milter",
                    "message_id": "<1@shop.example>"}
        equal({k: m[k] for k in expected}, expected, "the facts")
        equal([r[0] for r in d.sql("select address from recipient")],
              rcpts[:3], "its intake recipients")
        line = d.logged("captured")
        for word in ("4XyzAB: captured journal=sales from=<erp@shop.example>",
                     "rcpts=3", "size=%d" % m["size"],
                     "id=<1@shop.example>"):
            check(word in line, line)


def story_mixed():
    """Of a mixed message only the intake recipients are deleted."""
    with Alone(JOURNALS) as d, d.session() as s:
        equal(s.message(ERP, [JOE, SALES, "<eve@customers.example>"], PLAIN),
              "a", "accepted")
        equal(s.deleted, [SALES], "only ours")
        equal(d.stored(d.messages()[0]), text(PLAIN), "and it is stored")


def story_bytes():
    """Header and body are stored exactly as they come: folding, blanks,
    8-bit, all byte values, a 2 MB header, bodies around a chunk's border."""
    odd = [("Subject", " folded\n\t twice\n and again"), ("X-Empty", ""),
           ("X-Blank", " "), ("X-Tight", "no blank"), ("X-CR", " a\rb"),
           ("X-8", " \udce9\udcff"), ("x-LONG", " " + "y" * 60000),
           ("Message-ID", " \n <odd@shop.example>")]
    big = PLAIN + [("X-Big-%d" % n, " " + "b" * 990) for n in range(2100)]
    every = bytes(range(256)) * 5
    cases = [(odd, every), (PLAIN, b""), ([], b""), ([], b"only a body"),
             (big, b"body\r\n")]
    cases += [(PLAIN, every * 102 + b"z" * n) for n in range(430, 480, 7)]
    cases += [(PLAIN, every * 3000)]
    with Alone(JOURNALS) as d, d.session() as s:
        for headers, body in cases:
            values = [(n, v.encode(errors="surrogateescape"))
                      for n, v in headers]
            equal(s.message(ERP, [SALES], values, body), "a", "accepted")
            m = d.messages()[-1]
            check(d.stored(m) == text(headers, body), "the same bytes")
            head = text(headers, b"")
            equal(m["header_sha256"], hashlib.sha256(head).hexdigest(), "head")
            equal(m["body_sha256"], hashlib.sha256(body).hexdigest(), "body")


def story_poor_mta():
    """An MTA that offers none of the bits is served all the same: it gets its
    answers, and the client's address comes from connect."""
    journals = {"sales": dict(JOURNALS["sales"],
                              allow_networks="198.51.100.0/24")}
    with Alone(journals) as d:
        with d.session(bits=0, actions=0xFF) as s:
            equal(s.protocol & ~NO_HELO, 0, "no bits")
            equal(s.connect(address="198.51.100.7"), "c", "connect")
            equal(s.mail(ERP, client=None), "c", "MAIL")
            equal(s.rcpt(SALES), "c", "RCPT")
            equal(s.data(), "c", "DATA")
            equal(s.header("Subject", "one"), "c", "a header")
            equal(s.eoh(), "c", "end of header")
            s.body(b"body\r\n")
            equal(s.eom(), "a", "end of message")
        equal(d.stored(d.messages()[0]), b"Subject: one\r\n\r\nbody\r\n",
              "the blank is put back")
        with d.session(bits=0, actions=0xFF) as s:
            s.connect(address="192.0.2.1")
            s.mail(ERP, client=None)
            equal(s.rcpt(SALES), "y", "refused")


def story_connection_used_again():
    """An MTA that ends a session but keeps the connection is served."""
    with Alone(JOURNALS) as d, d.session() as s:
        equal(s.message(ERP, [SALES], PLAIN), "a", "the first session")
        s.send(b"K")
        equal(s.message(ERP, [SALES], PLAIN), "a", "the second one")
        equal(len(d.messages()), 2, "both are stored")


def story_access():
    """Who may not feed a journal is refused over SMTP with a 550 of its own,
    or let pass; the other recipients go on."""
    journals = {
        "sales": dict(JOURNALS["sales"], allow_senders="*@shop.example",
                      allow_networks="127.0.0.0/8"),
        "open": {"address": "open@compta.example", "unauthorised": "pass",
                 "allow_networks": "127.0.0.0/8",
                 "deliver_to": "acme@accounting.example"}}
    with Alone(journals) as d, d.session() as s:
        s.mail(ERP, client="192.0.2.1")
        equal(s.rcpt(SALES), "y", "a foreign network")
        check(s.reply.startswith("550 5.7.1 "), s.reply)
        equal(s.rcpt(JOE), "c", "others go on")
        equal(s.data(), "a", "and nothing is ours")
        s.mail("<eve@evil.example>")
        equal(s.rcpt(SALES), "y", "a foreign sender")
        s.abort()
        equal(s.message(ERP, [SALES], PLAIN, client="192.0.2.1",
                        auth_authen="anna"), "a", "authenticated")
        s.mail(ERP, client="192.0.2.1")
        equal(s.rcpt("<open@compta.example>"), "c", "unauthorised = pass")
        equal(s.data(), "a", "passes uncaptured")
        equal(len(d.messages()), 1, "one was captured")
        d.logged("refused", "unauthorised", "client=192.0.2.1")


def story_local_mail():
    """Local mail, whose addresses come without <>, is never refused at RCPT:
    alone it is refused at the end, beside others only the recipient goes."""
    journals = {"sales": dict(JOURNALS["sales"],
                              allow_senders="erp@shop.example")}
    local = "sales@compta.example"
    with Alone(journals) as d, d.session() as s:
        equal(s.message("erp@shop.example", [local], PLAIN), "a", "allowed")
        equal(s.deleted, [local], "as received")
        equal(s.message("eve@evil.example", [local], PLAIN), "y", "alone")
        check(s.reply.startswith("550 5.7.1 "), s.reply)
        equal(s.message("eve@evil.example", [local, "joe@customers.example"],
                        PLAIN), "a", "beside others")
        equal(s.deleted, [local], "only the intake recipient")
        equal([m["sender"] for m in d.messages()], ["erp@shop.example"],
              "what was captured")


def story_too_large():
    """A message above max_message_size is refused for good; beside other
    recipients it goes on untouched."""
    with Alone(JOURNALS, {"max_message_size": "1M"}) as d, d.session() as s:
        body = b"x" * 1100000
        equal(s.message(ERP, [SALES], PLAIN, body), "y", "alone")
        check(s.reply.startswith("552 5.3.4 "), s.reply)
        equal(s.message(ERP, [SALES, JOE], PLAIN, body), "a", "mixed")
        equal(s.deleted, [], "nothing is deleted")
        d.logged("not-captured", "too-large")
        equal(s.message(ERP, [SALES], PLAIN, b"y" * 900000), "a", "below")
        equal(len(d.messages()), 1, "that one is stored")
        for _ in range(50):     # they go with the next group
            if d.rows()[0] == 1:
                break
            time.sleep(0.1)
        equal(d.rows()[0], 1, "and no bytes of the others stay")


def story_abort():
    """A message that is given up in the middle leaves nothing, nor does one
    whose connection breaks."""
    with Alone(JOURNALS) as d:
        with d.session() as s:
            for end in ("abort", "mail", "close"):
                s.mail(ERP)
                s.rcpt(SALES)
                s.data()
                s.header("Subject", " half")
                s.eoh()
                s.body(b"x" * 500000)
                if end == "abort":
                    s.abort()
        equal(d.take(ERP, [SALES], PLAIN), "a", "the next one is taken")
        d.stop_daemon()
        equal(d.rows(), [1, 1], "one row with one chunk")
        d.start_daemon()
        equal(len(d.messages()), 1, "one message")


if __name__ == "__main__":
    sys.exit(tell(globals()))
