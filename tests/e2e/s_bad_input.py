#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bad configurations, bad ledgers, bad disks, bad messages."""

import os
import re
import shutil
import smtplib
import socket
import subprocess

from gateway import BUILD, USER, Gateway, wait_for
from mails import invoice, mail, pdf
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
SALES = {"address": "sales@compta.example", "deliver_to": ACME}
JOURNALS = {"sales": SALES}


def refused(g, *words):
    """Both programs and check end with 78 and say all WORDS."""
    for program in ([BUILD + "/postledgerd"], [BUILD + "/postledger", "check"],
                    [BUILD + "/postledger", "run", "--now"]):
        done = subprocess.run([*program, "-c", g.conf_file], timeout=60,
                              capture_output=True, text=True, check=False)
        equal(done.returncode, 78, " ".join(program[1:] or program))
        for word in words:
            check(word in done.stderr + done.stdout, "%r says %r: %s" % (
                program, word, done.stderr + done.stdout))


class Files(Gateway):
    """Only the files, no server."""

    def __enter__(self):
        self.write_files()
        return self


def story_bad_configuration():
    """A bad configuration is refused by both programs with file, line,
    section, key and what is allowed."""
    with Files(JOURNALS) as g:
        g.journals["sales"]["colour"] = "red"
        g.write_conf()
        refused(g, g.conf_file + ":", "journal sales", "colour")
        del g.journals["sales"]["colour"]
        g.journals["sales"]["start_date"] = "2026-02-30"
        g.write_conf()
        refused(g, "journal sales", "start_date", "YYYY-MM-DD")
        g.journals["sales"] = dict(SALES, address="sales")
        g.write_conf()
        refused(g, "journal sales", "address")
        g.journals["sales"] = dict(SALES)
        g.write_conf()
        with open(g.conf_file, "a") as f:
            f.write("[journal sales]\naddress = a@b.example\n")
        refused(g, "journal sales", "line")


def story_bad_ledger():
    """A ledger that is no database or from a newer version is a clear error;
    the messages stay in the sender's queue."""
    with Gateway(JOURNALS) as g:
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.stop_daemon()
        path = g.dir + "/lib/ledger.db"
        os.rename(path, path + ".good")
        for tail in ("-wal", "-shm"):
            if os.path.exists(path + tail):
                os.unlink(path + tail)
        with open(path, "wb") as f:
            f.write(b"This is no ledger. " * 500)
        shutil.chown(path, USER)
        g.start_daemon(wait=False)
        check(g.daemon.wait(20) in (65, 74, 78), "the daemon ends")
        check("ledger.db" in g.log(), "and names the file: " + g.log())
        g.postledger("run", "--now", code=None)
        check(g.status in (65, 74), "so does the run")
        check("ledger.db" in g.stderr, g.stderr)
        with smtplib.SMTP("127.0.0.1", g.port) as s:
            s.ehlo()
            equal(s.mail("erp@shop.example")[0] // 100, 4, "deferred")
        os.rename(path + ".good", path)
        subprocess.run(["sqlite3", path,
                        "update meta set value='999' where name='version'"],
                       check=True)
        g.postledger("run", "--now", code=None)
        check(g.status != 0 and "newer" in g.stderr, g.stderr)


def story_full_disk():
    """On a full disk nothing is acknowledged that is not stored; other mail
    passes; when there is room again everything goes on without help."""
    with Gateway(JOURNALS, daemon=False) as g:
        g.with_daemon = True
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs",
                        g.dir + "/lib"], check=True)
        try:
            os.chown(g.dir + "/lib", 65534, 65534)
            g.start_daemon()
            g.restart_postfix()
            full_disk(g)
        finally:
            g.stop_daemon()
            subprocess.run(["umount", "-l", g.dir + "/lib"], check=True)


def full_disk(g):
    accepted, refused_ = {}, 0
    for n in range(12):
        m, content = invoice("F-%d" % n, size=1500000)
        try:
            g.send(m, "sales@compta.example")
            accepted["F-%d.pdf" % n] = content
        except smtplib.SMTPResponseException as e:
            equal(e.smtp_code // 100, 4, "the sender's queue keeps it")
            refused_ += 1
        except smtplib.SMTPRecipientsRefused as e:
            equal([c // 100 for c, _ in e.recipients.values()], [4], "4xx")
            refused_ += 1
    check(accepted and refused_, "%d and %d" % (len(accepted), refused_))
    g.send(mail(), "joe@customers.example")
    g.settle()
    equal(len(g.arrived("joe@customers.example")), 1, "other mail passes")
    subprocess.run(["mount", "-o", "remount,size=200m", g.dir + "/lib"],
                   check=True)
    m, content = invoice("after")

    def again():
        try:
            g.send(m, "sales@compta.example")
            return True
        except smtplib.SMTPException:
            return False
    wait_for("capture to go on", again, 60)
    accepted["after.pdf"] = content
    g.run("--now")
    got = g.documents(ACME)
    equal(dict(got), accepted, "all that was accepted, and nothing else")
    equal(len(got), len(accepted), "once each")


def raw_smtp(g, data, rcpt="sales@compta.example"):
    """Sends DATA (with its final dot) as it is; the reply's code."""
    with socket.create_connection(("127.0.0.1", g.port), 60) as s:
        f = s.makefile("rb")
        f.readline()
        for line in (b"EHLO x", b"MAIL FROM:<erp@shop.example>",
                     b"RCPT TO:<" + rcpt.encode() + b">", b"DATA"):
            s.sendall(line + b"\r\n")
            while f.readline()[3:4] == b"-":
                pass
        s.sendall(data)
        return int(f.readline()[:3])


def story_odd_messages():
    """Odd messages are answered, stored as the MTA hands them over, reported,
    and the rest goes on."""
    head = (b"From: <a@shop.example>\r\nTo: <sales@compta.example>\r\n"
            b"Subject: odd\r\nMIME-Version: 1.0\r\n")
    many = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
                    for _ in range(10000))
    odd = {
        "without body": head,
        "without anything": b"",
        "with a 2 MB header": head + b"X-Big: " + b"a" * 900 + b"\r\n" +
        b"".join(b"X-Big-%d: %s\r\n" % (n, b"b" * 900) for n in range(2200)) +
        b"\r\nbody\r\n",
        "with one field of 2 MB": head + b"X-Big: " +
        b"\r\n ".join([b"c" * 900] * 2200) + b"\r\n\r\nbody\r\n",
        "with 10,000 parts": head +
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many +
        b"--b--\r\n",
        "with NUL bytes": head + b"X-Nul: a\0b\r\n\r\nbo\0dy\r\n",
        "with bare CR": head + b"\r\nbare\rCR\rhere\r\n",
        "with bare LF": head + b"\r\nbare\nLF\nhere\r\n",
        "with 8-bit header": head + b"X-8: \xe9\xff\r\n\r\n\xff\xfe\r\n",
    }
    with Gateway(JOURNALS) as g:
        taken = 0
        for name, data in odd.items():
            code = raw_smtp(g, data + (b"" if data.endswith(b"\n") or not data
                                       else b"\r\n") + b".\r\n")
            check(code in (250, 450, 451, 500, 550, 552, 554), name)
            taken += code == 250
        m, content = invoice("good")
        g.send(m, "sales@compta.example")
        g.run("--now")
        equal(g.documents(ACME), [("good.pdf", content)], "the rest goes on")
        equal(g.sql("select count(*) from message")[0][0], taken + 1,
              "what was answered with 250 is stored")
        report = g.reports()[0].text()
        told = len(re.findall(r"^.*PL-10[125]", report, re.M))
        check(told >= taken, "%d of %d told" % (told, taken))


def story_no_document():
    """A message with neither PDF nor XML is not sent and stands plainly in
    the report, with sender, subject, date and what to do."""
    with Gateway(JOURNALS) as g:
        g.send(mail([("notes.txt", b"just text")], subject="Invoice 4711"),
               "sales@compta.example")
        g.run("--now")
        equal(g.arrived(ACME), [], "not sent")
        report = g.reports()[0]
        text = report.text()
        for word in ("PL-101", "erp@shop.example", "Invoice 4711"):
            check(word in text, "the report says " + word)
        check("1 problem" in report.mail["Subject"], report.mail["Subject"])


def story_no_mta():
    """While the MTA is down a run fails without loss; the next one sends
    the documents once, and its own report and the last one's."""
    with Gateway(JOURNALS) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        g.settle()
        g.end_postfix()
        g.postledger("run", "--now", code=None)
        check(g.status in (69, 75), "exit %d" % g.status)
        g.start_postfix()
        g.run("--now")
        equal(g.documents(ACME), [("F-1.pdf", content)], "once")
        check(g.reports(), "reported")


if __name__ == "__main__":
    tell(globals())
