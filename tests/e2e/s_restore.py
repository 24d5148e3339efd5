#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A ledger that was put back from a backup, and the e-mails of the lost time
that still lie in a queue, come by, or are told of by what comes back."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess

from gateway import Gateway, free_port, wait_for
from mails import invoice, mail, pdf, ubl
from statements import Move, Statement, coda
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME}}


class Restored(Gateway):
    """One whose user may read the mail log, with a way back."""

    def write_main(self):
        """main.cf anew, master.cf as it is."""
        path = self.dir + "/postfix/master.cf"
        with open(path) as f:
            master = f.read()
        self.write_postfix()
        with open(path, "w") as f:
            f.write(master)

    def start_postfix(self):
        with open(self.dir + "/maillog", "w") as f:
            os.chmod(f.fileno(), 0o644)
        super().start_postfix()

    def capture(self, *numbers):
        for n in numbers:
            self.send(invoice(n)[0], "sales@compta.example")

    def backup(self):
        self.postledger("backup", "--to", self.dir + "/lib/backup")

    def restore(self, messages=True):
        """As the guide says: stopped, the copy in the place of what is."""
        lib = self.dir + "/lib"
        self.stop_daemon(signal.SIGKILL)
        for name in os.listdir(lib):
            if name.startswith("ledger.db"):
                os.unlink(lib + "/" + name)
        if messages:
            shutil.rmtree(lib + "/messages")
            subprocess.run(["cp", "-a", lib + "/backup/.", lib], check=True)
        else:
            shutil.copy(lib + "/backup/ledger.db", lib)
            shutil.chown(lib + "/ledger.db", "nobody")
        self.start_daemon()

    def pass_again(self, again, raw=None):
        """An MTA that has it in its queue hands it over again."""
        self.send(raw or again.raw, again.rcpts[0], sender=again.sender)
        self.settle()

    def states(self):
        return {e["document"]["files"][0]["filename"][:-4]:
                (e["state"], e.get("code")) for e in self.entries()}

    def told(self):
        return " ".join(" ".join(r.text().split()) for r in self.reports())


def story_queue_that_was_held():
    """What an earlier run sent lies in the queue behind a content filter while
    the ledger is put back; passing again it is taken in: nothing is sent
    twice, and the report says what is known and what is not."""
    port = free_port()
    with Restored(JOURNALS, main_cf="content_filter = smtp:[127.0.0.1]:%d"
                  % port) as g:
        g.capture("F-1", "F-2")
        g.backup()
        g.capture("F-3")
        g.postledger("run", "--now")      # three e-mails, in the queue
        equal(g.mails(), [], "nothing arrived yet")
        g.restore()
        with open(g.dir + "/postfix/master.cf", "a") as f:
            f.write("127.0.0.1:%d inet n - n - - smtpd\n" % port)
        g.main_extra = ""                 # what comes by now is not filtered
        g.write_main()
        g.postfix("reload")
        g.run("--now")
        equal(g.states(), {"F-1": ("held", "PL-507"),
                           "F-2": ("held", "PL-507")}, "may have been sent")
        g.postfix("flush")
        wait_for("all of the queue", lambda: len(g.arrived(ACME)) == 3)
        equal(g.log().count("batch-adopted"), 3, "taken in as they pass")
        g.capture("F-3", "F-4")           # F-3 again, as its sender lost it
        g.run("--now")
        equal(g.states(), {n: ("sent", None) for n in (
            "F-1", "F-2", "F-3", "F-4")}, "what is known now")
        equal(sorted(n for n, _ in g.documents(ACME)),
              ["F-1.pdf", "F-2.pdf", "F-3.pdf", "F-4.pdf"], "each once")
        check(re.search(r"E-mail \d+\.1, of which the restored ledger knew "
                        r"nothing, came by as \w+", g.told()), g.told())
        check("not there, when the backup was made: 1." in g.told(),
              g.told())
        history = g.postledger("show", str(g.entries()[0]["id"]))
        check("adopted" in history, history)
        g.postledger("audit", "verify")
        g.postledger("check", code=None)
        check("damaged" not in g.stderr, g.stderr)


def story_passes_before_the_first_run():
    """It passes before any run has looked at the restored ledger, or even read
    its documents: they never wait, and are sent when the log proves it."""
    with Restored(dict(sales=dict(JOURNALS["sales"],
                                  documents_per_mail=10))) as g:
        g.capture("F-1", "F-2")
        g.backup()
        g.run("--now")
        one, = g.arrived(ACME)
        g.restore()
        g.pass_again(one)
        g.pass_again(one)                # a filter behind us put it off
        g.run("--now")
        equal(set(g.states().values()), {("sent", None)}, "proven by the log")
        equal(len(g.arrived(ACME)), 3, "the queue's copies, none of ours")
        g.pass_again(one)
        equal(len(g.arrived(ACME)), 3, "proven: a copy is dropped")
        check("PL-303" not in g.told(), "nobody is told of a double")


def story_no_proof():
    """Nobody knows whether the mail server took what passed: held, never sent
    again by itself, and a notice that comes later settles it."""
    with Restored({"sales": dict(JOURNALS["sales"], delay_days=9)}) as g:
        g.capture("F-1")
        g.postledger("run")               # read, and not yet due
        g.journals["sales"]["delay_days"] = 0
        g.write_conf()
        g.backup()
        g.run("--now")
        one, = g.arrived(ACME)
        g.restore()
        g.pass_again(one)
        equal(g.states(), {"F-1": ("sending", None)}, "taken")
        os.chmod(g.dir + "/maillog", 0o600)
        g.run("--now")
        entry, = g.entries()
        equal((entry["state"], entry["code"]), ("held", "PL-507"), "held")
        check("is not known" in g.told(), g.told())
        g.run("--now")
        equal(len(g.documents(ACME)), 2, "not sent by itself")
        comes_back(g, one, "delivered", "2.0.0")
        g.run("--now")
        equal(g.states(), {"F-1": ("sent", None)}, "known by now")


def story_sent_again_by_hand():
    """A person released what was held and it was sent again; what passes then
    would be the second: it is dropped, and told."""
    with Restored(JOURNALS) as g:
        g.capture("F-1")
        g.backup()
        g.run("--now")
        one, = g.arrived(ACME)
        g.restore()
        g.run("--now")
        g.postledger("release", str(g.entries()[0]["id"]), "--reason", "lost")
        g.run("--now")
        equal(len(g.arrived(ACME)), 2, "on purpose")
        for _ in range(30):
            g.pass_again(one)
        equal(len(g.arrived(ACME)), 2, "dropped")
        g.run("--now")
        check("so it was dropped" in g.told(), g.told())
        events, = g.sql("select count(*) from event where batch = "
                        "(select max(id) from batch where run is null)")
        check(events[0] <= 30, "the history does not grow: %r" % events)


def comes_back(g, about, action, status):
    """A notice ABOUT an e-mail, which returns its header only."""
    head = about.raw.split(b"\n\n")[0].split(b"\r\n\r\n")[0]
    head = head[head.index(b"X-Postledger-Batch"):]
    g.send(b"From: MAILER-DAEMON@mx.example\r\nSubject: notice\r\n"
           b"Content-Type: multipart/report; boundary=B;\r\n"
           b" report-type=delivery-status\r\nMIME-Version: 1.0\r\n\r\n"
           b"--B\r\nContent-Type: text/plain\r\n\r\nSo it went.\r\n"
           b"--B\r\nContent-Type: message/delivery-status\r\n\r\n"
           b"Reporting-MTA: dns; mx.example\r\n\r\n"
           b"Final-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: %s\r\n"
           b"Diagnostic-Code: smtp; %s went so\r\n\r\n"
           b"--B\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n--B--\r\n"
           % (ACME.encode(), action.encode(), status.encode(),
              status.encode(), head.replace(b"\r\n", b"\n").replace(
                  b"\n", b"\r\n")), about.sender, sender="")


def story_notices():
    """What comes back to e-mails of the lost time tells of their documents:
    delivered is sent, failed is held with the other side's words."""
    with Restored(JOURNALS) as g:
        g.capture("F-1", "F-2")
        g.backup()
        g.capture("F-3")
        g.run("--now")
        mails = {n[:-4]: m for m in g.arrived(ACME) for n in m.files()}
        g.restore()
        comes_back(g, mails["F-1"], "delivered", "2.0.0")
        comes_back(g, mails["F-2"], "failed", "5.1.1")
        comes_back(g, mails["F-3"], "delivered", "2.0.0")
        g.capture("F-3")
        g.run("--now")
        equal(g.states(), {"F-1": ("sent", None), "F-2": ("held", "PL-302"),
                           "F-3": ("sent", None)}, "as they were told")
        check("something came back to it" in g.told(), g.told())
        check("5.1.1 went so" in g.told(), "the words")
        equal(len(g.documents(ACME)), 3, "nothing twice")


def story_every_kind():
    """Whatever a document is made of, it is found again by what its e-mail
    says: PDF, PDF with XML, parts of one file of statements, and a ZIP."""
    bank = {"address": "bank@compta.example", "deliver_to":
            "bank@accounting.example", "documents_per_mail": 10,
            "compress": "zip", "on_gap": "send"}
    days = [Statement("BE68539007547034", n, "2026-02-2%d" % n, "%d.00" % n,
                      [Move("2026-02-2%d" % n, "1.00")]) for n in (1, 2, 3)]
    with Restored(dict(JOURNALS, bank=bank)) as g:
        g.send(mail([("F-1.pdf", pdf("F-1")), ("F-1.xml", ubl("F-1"))]),
               "sales@compta.example")
        g.capture("F-2")
        g.send(mail([("three.cod", b"".join(coda(d) for d in days))]),
               "bank@compta.example")
        g.backup()
        g.run("--now")
        keys = {n: k[:16] for n, k in g.sql("select id, file_key from entry")}
        mails = g.arrived(ACME) + g.arrived(bank["deliver_to"])
        told = {int(n): k.decode() for m in mails for n, k in
                re.findall(rb"(\d+):([0-9a-f]{16})", m.raw)}
        equal(told, keys, "the keys of the entries")
        equal(len(keys), 5, "two invoices, three statements")
        g.restore()
        for m in mails:
            g.pass_again(m)
        g.run("--now")
        equal({(e["state"], e.get("code")) for e in g.entries()},
              {("sent", None)}, "all are known")


def story_other_copy():
    """A copy that is no backup of ours does not say that it is one; the first
    e-mail of the lost time that comes by does: from then on what may have been
    sent is held, and numbers go on higher."""
    with Restored(JOURNALS) as g:
        g.capture("F-1")
        g.run("--now")
        g.capture("F-2", "F-3")
        g.stop_daemon(signal.SIGTERM)
        subprocess.run(["cp", "-a", g.dir + "/lib", g.dir + "/copy"],
                       check=True)
        os.rename(g.dir + "/copy", g.dir + "/lib/backup")
        g.start_daemon()
        g.run("--now")
        lost = {n[:-4]: m for m in g.arrived(ACME) for n in m.files()}
        g.restore()
        g.pass_again(lost["F-2"])
        g.run("--now")
        equal(g.states(), {"F-1": ("sent", None), "F-2": ("sent", None),
                           "F-3": ("held", "PL-507")}, "what is known")
        check("was put back" in g.told(), g.told())
        g.capture("F-4")
        g.run("--now")
        check(max(b for b, in g.sql("select id from batch")) > 1000, "numbers")
        equal(g.states()["F-4"], ("sent", None), "goes its way")
        equal(len(g.sql("select * from event where what = 'restored'")), 1,
              "once")


def story_messages_were_whole():
    """Only the ledger was lost: what came in after the backup still lies in the
    monthly files. It is taken, and held, since it may have been sent."""
    with Restored(JOURNALS) as g:
        g.capture("F-1")
        g.run("--now")
        g.backup()
        g.capture("F-2")
        g.run("--now")
        g.capture("F-3")
        g.restore(messages=False)
        g.capture("F-4")
        g.run("--now")
        equal(g.states(), {"F-1": ("sent", None), "F-2": ("held", "PL-507"),
                           "F-3": ("held", "PL-507"),
                           "F-4": ("sent", None)}, "nothing is lost")
        equal([name for name, _ in g.documents(ACME)],
              ["F-1.pdf", "F-2.pdf", "F-4.pdf"], "nothing twice")
        g.postledger("audit", "verify", "--bytes")
        held = [e["id"] for e in g.entries() if e["state"] == "held"]
        g.postledger("release", str(held[1]))
        g.run("--now")
        equal(len(g.documents(ACME)), 4, "F-3 was not sent before")


def story_clock_was_wrong():
    """What the clock said when a message came does not matter: it was in the
    backup, so it may have been sent."""
    with Restored(JOURNALS) as g:
        g.capture("F-1")
        with contextlib.closing(sqlite3.connect(
                g.dir + "/lib/ledger.db")) as db:
            db.execute("update message set arrived = arrived + 3600000000")
            db.commit()
        g.backup()
        g.run("--now")
        g.restore()
        g.run("--now")
        equal(g.states(), {"F-1": ("held", "PL-507")}, "held all the same")
        equal(len(g.documents(ACME)), 1, "once")


def story_gap_that_was_closed():
    """A statement that was held for a gap when the backup was made may have
    been sent since, after the missing one came, which is lost: it does not
    leave by itself when that comes again."""
    bank = {"address": "bank@compta.example",
            "deliver_to": "bank@accounting.example"}
    days = [coda(Statement("BE68539007547034", n, "2026-02-2%d" % n,
                           "%d.00" % n, [Move("2026-02-2%d" % n, "1.00")]))
            for n in (1, 2, 3)]
    with Restored({"bank": bank}) as g:
        def come(n):
            g.send(mail([("%d.cod" % n, days[n - 1])]), "bank@compta.example")
        come(1)
        come(3)
        g.run("--now")
        equal({s for s, _ in g.states().values()}, {"sent", "held"}, "a gap")
        g.backup()
        come(2)
        g.run("--now")
        equal({s for s, _ in g.states().values()}, {"sent"}, "it was closed")
        g.restore()
        come(2)
        g.run("--now")
        g.run("--now")
        equal(g.states()["3"], ("held", "PL-507"), "may have been sent")
        names = sorted(n for n, _ in g.documents(bank["deliver_to"]))
        equal(names.count("3.cod"), 1, "once: %r" % names)
        check("2026" in g.told() and "release" in g.told(), "told")


def story_forged():
    """Who has a copy of an e-mail of the lost time cannot change what it is
    said to carry, nor have another one taken for it."""
    with Restored(JOURNALS) as g:
        g.capture("F-1", "F-2")
        g.backup()
        g.run("--now")
        one, two = sorted(g.arrived(ACME), key=lambda m: m.sender)
        g.restore()
        g.run("--now")
        before = g.states(), g.sql("select * from batch where journal <> ''")
        entries = re.compile(rb"entries=(\S+)")
        other = entries.search(two.raw)[1]
        line = re.compile(rb"X-Postledger-Contents:.*?\n(?=\S)", re.S)
        for raw in (entries.sub(b"entries=" + other, one.raw, 1),
                    one.raw.replace(b"journal=sales; doc", b"journal=all; doc"),
                    line.sub(b"", one.raw, 1),
                    line.sub(line.search(two.raw)[0], one.raw, 1),
                    line.sub(line.search(one.raw)[0] * 2, one.raw, 1),
                    line.sub(b"X-Postledger-Contents: 1; journal=sales; "
                             b"documents=1; mac=%s;\n entries=%s\n"
                             % (b"a" * 16, other), one.raw, 1)):
            check(raw != one.raw, "changed")
            g.pass_again(one, raw)
        equal(g.states(), before[0], "nothing is believed")
        equal(g.sql("select * from batch where journal <> ''"), before[1],
              "nor taken in")
        g.send(one.raw, "sales@compta.example", sender=one.sender)
        check("batch-adopted" not in g.log(), "not for another recipient")


if __name__ == "__main__":
    tell(globals())
