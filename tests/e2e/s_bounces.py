#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What comes back: bounces of Postfix and of others, successes, answers."""

import email.message
import signal
import socketserver
import threading

from gateway import Gateway, wait_for
from listener import Listener
from mails import invoice, mail
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
TEAM = "team@office.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME}}
IN_LINE = "internal_mail_filter_classes = bounce\n"


class Refuser(Listener):
    """A mail server that knows no recipient."""

    def handle_error(self, *_):
        """Postfix may hang up at any time."""

    class Refusing(socketserver.StreamRequestHandler):
        def handle(self):
            self.server.hold.wait(20)
            self.wfile.write(b"220 mx ESMTP\r\n")
            for line in iter(self.rfile.readline, b""):
                word = line[:4].upper().strip()
                self.wfile.write({b"QUIT": b"221 bye\r\n",
                                  b"RCPT": b"550 5.1.1 no such mailbox\r\n",
                                  }.get(word, b"250 ok\r\n"))

    def __init__(self):
        self.hold = threading.Event()     # while it is clear nobody is served
        self.hold.set()
        super().__init__(self.Refusing)

    def leads(self, domain="accounting.example"):
        """The entry of transport_maps that leads DOMAIN here."""
        return "%s=smtp:[127.0.0.1]:%d" % (domain, self.port)


class Plain(Gateway):
    """One whose other side knows nothing of notices: then Postfix makes
    them."""

    def start_sink(self, *options):
        super().start_sink("-N", *options)


def returned(g):
    return g.sql("select count(*) from message where return_batch > 0")[0][0]


def send_one(g, name="F-1"):
    m, content = invoice(name)
    g.send(m, "sales@compta.example")
    wait_for("the capture", lambda: g.sql("select 1 from message"))
    g.run("--now")
    return content


def held_and_released(g, words):
    """The bounce holds the document with the other side's WORDS, tells the
    team, and it can be released."""
    wait_for("the bounce", lambda: returned(g) == 1)
    g.run("--now")
    entry, = g.entries()
    equal((entry["state"], entry["code"]), ("held", "PL-302"), "held")
    report = g.reports()[-1].text()
    check("PL-302" in report and words in " ".join(report.split()), report)
    check("F-1.pdf" in report, "the document is named")
    check(words in g.postledger("show", str(entry["id"])), "show tells it")
    g.postledger("release", str(entry["id"]), "--reason", "they mended it")
    equal([e["state"] for e in g.entries()], ["waiting"], "released")
    g.postledger("audit", "verify")


def story_in_line():
    """In line, Postfix's own bounces come back by non_smtpd_milters with
    internal_mail_filter_classes = bounce, and to nobody's mailbox."""
    with Refuser() as mx, Gateway(JOURNALS, main_cf=IN_LINE +
                                  "transport_maps = inline:{ %s }"
                                  % mx.leads()) as g:
        send_one(g)
        held_and_released(g, "no such mailbox")
        equal([m.rcpts for m in g.mails() if m.sender == ""], [],
              "no bounce went elsewhere")


def story_in_line_without():
    """Without it they go to the mailbox of the sender, as documented."""
    with Refuser() as mx, Gateway(
            JOURNALS, main_cf="transport_maps = inline:{ %s }"
            % mx.leads()) as g:
        send_one(g)
        bounce = wait_for("the mailbox", lambda: [
            m for m in g.mails() if m.sender == ""])[0]
        check("+b.1.1." in bounce.rcpts[0], bounce.rcpts)
        equal(returned(g), 0, "we did not see it")
        # handed on by hand, or by an alias to a later hop, it still counts
        g.send(bounce.raw, bounce.rcpts[0], sender="")
        held_and_released(g, "no such mailbox")


def story_daemon_down():
    """In line, while the daemon is down, Postfix keeps what it cannot return;
    the bounce comes when the daemon is back. Other mail's bounces pass."""
    with Refuser() as mx, Gateway(JOURNALS, main_cf=IN_LINE +
                                  "transport_maps = inline:{ %s }\n"
                                  % mx.leads()) as g:
        send_one(g, "F-0")
        wait_for("the first bounce", lambda: returned(g) == 1)
        g.send(mail(), "x@accounting.example", sender="joe@customers.example")
        wait_for("joe's bounce", lambda: g.arrived("joe@customers.example"))
        equal(returned(g), 1, "is not ours")
        mx.hold.clear()
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.postledger("run", "--now")
        g.stop_daemon(signal.SIGKILL)
        mx.hold.set()
        wait_for("a try", lambda: "milter-reject" in g.maillog() or
                 "status=deferred (bounce failed)" in g.maillog())
        equal(len([m for m in g.mails() if m.sender == ""]), 1, "joe's only")
        g.start_daemon()

        def back():
            g.postfix("flush")
            return returned(g) == 2
        wait_for("the second bounce", back)


def story_hop():
    """By a hop, a sender in the intake domain is enough."""
    g = Gateway(JOURNALS, {"sender": "postledger@compta.example"},
                attach="hop")
    with Refuser() as mx:
        g.main_extra = ("transport_maps = inline:{ %s, compta.example="
                        "smtp:[127.0.0.1]:%d }" % (mx.leads(), g.hop_port))
        with g:
            send_one(g)
            held_and_released(g, "no such mailbox")


def story_success():
    """Where the accounting software's server is asked for it, its consent is
    told: in the history and in the report."""
    g = Plain(JOURNALS)
    with open(g.dir + "/ask", "w") as f:
        f.write("/^(RCPT\\s+TO:<acme.*>)\\s*$/ $1 "
                "NOTIFY=SUCCESS,FAILURE,DELAY\n")
    g.main_extra = IN_LINE + "smtpd_command_filter = regexp:%s/ask" % g.dir
    with g:
        content = send_one(g)
        equal(g.documents(ACME), [("F-1.pdf", content)], "delivered")
        wait_for("the notice", lambda: returned(g) == 1)
        g.run("--now")
        equal([e["state"] for e in g.entries()], ["sent"], "still sent")
        report = " ".join(g.reports()[-1].text().split())
        check("E-mail 1 of journal sales was accepted by 127.0.0.1 at"
              in report and ": 250 2.0.0 Ok" in report, report)
        shown = g.postledger("show", "1")
        check("delivered" in shown and "250 2.0.0 Ok" in shown, shown)


def is_answer(m):
    return m.mail["Subject"].startswith("Answer to")


def story_answers():
    """An answer of the accounting software goes on to who gets the reports,
    once, with the original attached. Machines that answer everything are only
    told, and nothing goes round."""
    conf = {"allow_networks": "192.0.2.0/24", "allow_senders": "nobody@x.y"}
    with Gateway(JOURNALS, conf) as g:
        g.conf.update(allow_networks="127.0.0.0/8", allow_senders="")
        g.write_conf()
        g.stop_daemon()
        g.start_daemon()
        send_one(g)
        g.conf.update(conf)
        g.write_conf()
        g.stop_daemon()
        g.start_daemon()          # from now on nobody may feed the journal
        path = g.arrived(ACME)[0].sender
        g.send(mail(to=path, subject="Not booked: caf\u00e9",
                    sender="robot@accounting.example",
                    text="F-1 has no VAT number."), path,
               sender="robot@accounting.example")
        away = mail(to=path, subject="Away", sender=ACME, text="Back in May.")
        away["Auto-Submitted"] = "auto-replied"
        g.send(away, path, sender=ACME)
        g.send(away, path, sender="")
        report_path = g.reports()[0].sender
        g.send(mail(to=report_path, subject="Thanks", sender=TEAM),
               report_path, sender=TEAM)
        equal(returned(g), 4, "all came back")
        g.run("--now")
        g.run("--now")
        passed = [m for m in g.reports() if is_answer(m)]
        equal(len(passed), 1, "one was passed on, once")
        inner = [p for p in passed[0].mail.walk()
                 if isinstance(p, email.message.EmailMessage) and
                 p["Subject"] and "caf\u00e9" in p["Subject"]]
        check(inner and "no VAT number" in inner[0].get_content(),
              "with the original attached")
        check(passed[0].mail["Auto-Submitted"] == "auto-generated", "marked")
        told = [m for m in g.reports() if not is_answer(m)][-2].text()
        told = " ".join(told.split())
        check("answered by a machine" in told and "Back in May." in told, told)
        check("Thanks" in told, "and what came to the report")
        equal(returned(g), 4, "nothing goes round")
        equal([e["state"] for e in g.entries()], ["sent"], "no state changed")


def story_forged_bounce():
    """A bounce to a return path that we did not make changes nothing and goes
    where other mail goes."""
    with Gateway(JOURNALS) as g:
        send_one(g)
        path = g.arrived(ACME)[0].sender
        forged = path.replace(".1.1.", ".1.2.")
        g.send(mail(to=forged, subject="Undelivered Mail", text="550 5.1.1 no"),
               forged, sender="")
        g.settle()
        equal(len(g.arrived(forged)), 1, "it passes")
        equal(returned(g), 0, "and is not ours")
        check("return-forged" in g.log(), "logged")
        g.run("--now")
        equal([e["state"] for e in g.entries()], ["sent"], "nothing changed")


def story_report_bounces():
    """A report that cannot be delivered is told by check, status and the next
    report, and nothing goes round."""
    with Refuser() as mx, Gateway(JOURNALS, main_cf=IN_LINE +
                                  "transport_maps = inline:{ %s }"
                                  % mx.leads("office.example")) as g:
        send_one(g)
        wait_for("the bounce", lambda: returned(g) == 1)
        g.run("--now")
        text = g.postledger("report", "--text")
        check("PL-306" in text and "no such mailbox" in text, text)
        wait_for("the next", lambda: returned(g) == 2)
        g.run("--now", "--no-report")
        check("PL-306" in g.postledger("check", code=None), "check tells it")
        out = g.postledger("status", "--check", code=None)
        check("report" in out and g.status == 1, "status tells it: " + out)
        equal([e["state"] for e in g.entries()], ["sent"], "documents are not")


if __name__ == "__main__":
    tell(globals())
