#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Both ways of attaching, and how other mail fares."""

import os
import smtplib
import time

from gateway import Gateway, wait_for
from mails import invoice, mail
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME}}


def captured(g):
    return g.sql("select count(*) from message")[0][0]


def story_inline_same_address():
    """In line, deliver_to may be the intake address itself: the batch passes
    the same milter, and what comes for it otherwise is captured."""
    same = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "sales@compta.example"}}
    with Gateway(same) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        g.settle()
        equal(g.arrived("sales@compta.example"), [], "intercepted")
        g.run("--now")
        equal(g.documents("sales@compta.example"), [("F-1.pdf", content)],
              "delivered by the run")
        g.run("--now")
        equal(len(g.arrived("sales@compta.example")), 1, "once")
        equal(captured(g), 1, "the batch was not captured again")


def story_inline_same_address_fixed():
    """The same with a fixed return path: the keyed header tells."""
    same = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "sales@compta.example"}}
    with Gateway(same, {"return_path": "fixed"}) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        g.run("--now")
        equal(g.documents("sales@compta.example"), [("F-1.pdf", content)],
              "delivered by the run")
        equal(g.arrived("sales@compta.example")[0].sender,
              "postledger@gw.example.com", "the plain sender")
        forged, _ = invoice("F-2")
        forged["X-Postledger-Batch"] = (
            "1.1; journal=sales; documents=1; mac=aaaaaaaaaaaaaaaa")
        g.send(forged, "sales@compta.example",
               sender="postledger@gw.example.com")
        g.settle()
        equal(len(g.arrived("sales@compta.example")), 1,
              "a forged header does not pass")
        equal(captured(g), 2, "it is captured like any other")


def story_hop():
    """By a hop: the intake domain takes the detour over the milter, other
    mail never sees it."""
    with Gateway(JOURNALS, attach="hop") as g:
        m, content = invoice("F-1")
        g.send(m, ["sales@compta.example", "joe@customers.example"])
        g.settle()
        equal(len(g.arrived("joe@customers.example")), 1, "other mail")
        wait_for("the capture", lambda: captured(g) == 1)
        g.run("--now")
        equal(g.documents(ACME), [("F-1.pdf", content)], "delivered")
        g.stop_daemon()
        g.send(mail(), "joe@customers.example")
        g.send(invoice("F-2")[0], "sales@compta.example")
        g.settle()
        equal(len(g.arrived("joe@customers.example")), 2,
              "other mail goes on while the daemon is down")
        g.start_daemon()
        g.postfix("flush")
        wait_for("the delayed mail", lambda: captured(g) == 2)


def story_mixed():
    """A message for a customer and, in Bcc, for accounting reaches the
    customer unchanged and at once, and accounting through the run."""
    with Gateway(JOURNALS) as g:
        m, content = invoice("F-1", to="joe@customers.example")
        g.send(m, ["joe@customers.example", "Sales@Compta.Example",
                   "sales+2026@compta.example"])
        g.settle()
        there, = g.arrived("joe@customers.example")
        equal(there.files(), {"F-1.pdf": content}, "unchanged")
        equal(there.rcpts, ["joe@customers.example"], "only the customer")
        g.run("--now")
        equal(g.documents(ACME), [("F-1.pdf", content)], "accounting, once")


def story_bcc_maps():
    """recipient_bcc_maps copies of an intercepted message arrive."""
    with Gateway(JOURNALS, main_cf="recipient_bcc_maps = "
                 "inline:{ sales@compta.example=boss@office.example }") as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        g.settle()
        copy, = g.arrived("boss@office.example")
        equal(copy.files(), {"F-1.pdf": content}, "the copy")
        equal(captured(g), 1, "and the capture")


def story_no_throttle():
    """With Postfix's default in_flow_delay capture is not throttled."""
    with Gateway(JOURNALS) as g:
        began = time.monotonic()
        with smtplib.SMTP("127.0.0.1", g.port, timeout=60) as s:
            for n in range(60):
                s.send_message(invoice("F-%d" % n)[0], "erp@shop.example",
                               "sales@compta.example")
        seconds = time.monotonic() - began
        equal(captured(g), 60, "all captured")
        # one a second would be 60 s; this is no measure of speed
        check(seconds < 30, "60 messages took %.1f s" % seconds)


def story_sendmail():
    """Local mail (the sendmail command) is captured, too."""
    with Gateway(JOURNALS) as g:
        m, content = invoice("F-1")
        g.sendmail(m, ["sales@compta.example", "joe@customers.example"])
        wait_for("the customer's copy",
                 lambda: g.arrived("joe@customers.example"))
        wait_for("the capture", lambda: captured(g) == 1)
        g.run("--now")
        equal(g.documents(ACME), [("F-1.pdf", content)], "delivered")


def story_wildcard():
    """*@domain takes every address of the domain but those named apart."""
    journals = {"all": {"address": "*@compta.example", "deliver_to": ACME},
                "hr": {"address": "hr@compta.example",
                       "deliver_to": "hr@accounting.example"}}
    with Gateway(journals) as g:
        g.send(invoice("A")[0], "any.thing@compta.example")
        g.send(invoice("B")[0], "HR+x@compta.example")
        g.run("--now")
        equal([n for n, _ in g.documents(ACME)], ["A.pdf"], "the rest")
        equal([n for n, _ in g.documents("hr@accounting.example")],
              ["B.pdf"], "the one named")


def story_outsider():
    """Who may not feed a journal is refused, and other mail of his passes."""
    with Gateway(JOURNALS, {"allow_networks": "192.0.2.0/24",
                            "allow_authenticated": "no"}) as g:
        with smtplib.SMTP("127.0.0.1", g.port) as s:
            s.ehlo()
            s.mail("outsider@evil.example")
            equal(s.rcpt("sales@compta.example")[0] // 100, 5, "refused")
            equal(s.rcpt("joe@customers.example")[0], 250, "passes")
            equal(s.data(mail().as_bytes())[0], 250, "as it should")
        g.settle()
        equal(captured(g), 0, "nothing captured")
        equal(len(g.arrived("joe@customers.example")), 1, "other mail")


def story_outsider_fills_nothing():
    """Who may not feed a journal cannot have anything stored either, whoever
    he says he is: not by many recipients, large messages, endless headers, or
    by the names of our own e-mails."""
    with Gateway(JOURNALS, {"allow_networks": "192.0.2.0/24",
                            "allow_authenticated": "no",
                            "return_path": "fixed"}) as g:
        def size():
            # what was dropped is a hole
            return sum(os.stat(os.path.join(folder, name)).st_blocks * 512
                       for folder, _, names in os.walk(g.dir + "/lib")
                       for name in names)
        big = mail(text=("x" * 70 + "\n") * 40000).as_bytes()
        endless = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 900)
                           for n in range(3000)) + b"\r\nx\r\n"
        before = size()
        for sender in ("erp@shop.example", "", g.conf["sender"],
                       "postledger+b.1.1.aaaaaaaaaaaaaaaa@gw.example.com"):
            for data in (big, endless):
                with smtplib.SMTP("127.0.0.1", g.port) as s:
                    s.ehlo()
                    s.mail(sender)
                    for n in range(3):
                        s.rcpt("sales@compta.example")
                        s.rcpt("postledger+b.1.%d.aaaaaaaaaaaaaaaa"
                               "@gw.example.com" % (n + 1))
                    s.data(data)
        g.settle()
        equal(captured(g), 0, "nothing captured")
        check(size() - before < 200000, "nothing stored: %d bytes" %
              (size() - before))
        g.run("--now")
        equal(g.documents(JOURNALS["sales"]["deliver_to"]), [], "nor sent")


def story_reload():
    """SIGUSR1 makes the daemon read its configuration again without losing
    a session; a bad one is refused and the old one stays."""
    import signal
    with Gateway(JOURNALS) as g:
        with smtplib.SMTP("127.0.0.1", g.port) as s:
            s.ehlo()
            s.mail("erp@shop.example")
            s.rcpt("sales@compta.example")
            g.journals["new"] = {"address": "new@compta.example",
                                 "deliver_to": "new@accounting.example"}
            g.write_conf()
            g.daemon.send_signal(signal.SIGUSR1)
            wait_for("the reload", lambda: "reload" in g.log())
            equal(s.data(invoice("F-1")[0].as_bytes())[0], 250, "goes on")
        equal(captured(g), 1, "the open session's message")
        g.send(invoice("F-2")[0], "new@compta.example")
        equal(captured(g), 2, "the new journal takes mail")
        g.journals["new"]["start_date"] = "2026-13-01"
        g.write_conf()
        before = len(g.log())
        g.daemon.send_signal(signal.SIGUSR1)
        wait_for("the refusal", lambda: "start_date" in g.log()[before:])
        g.send(invoice("F-3")[0], "new@compta.example")
        equal(captured(g), 3, "the old configuration stays")


if __name__ == "__main__":
    tell(globals())
