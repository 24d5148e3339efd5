#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hostile messages among many others: they hurt only themselves.

POSTLEDGER_MANY=10000 sends that many, one in a hundred hostile (400 without).
"""

import concurrent.futures
import csv
import email.policy
import io
import os
import smtplib
import time
import zipfile
import zlib

from gateway import Gateway
from mails import invoice, mail, pdf
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
MANY = int(os.environ.get("POSTLEDGER_MANY", "400"))


def zip_of(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, content)
    return out.getvalue()


def zip_bomb():
    inner = zip_of("zeros.pdf", bytes(30_000_000))
    for _ in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for n in range(10):
                z.writestr("%d.zip" % n, inner)
        inner = out.getvalue()
    return mail([("invoice.zip", inner)])


def pdf_bomb():
    stream = zlib.compress(bytes(80_000_000), 9)
    broken = pdf("bomb").replace(
        b"5 0 obj", b"5 0 obj<</Type/EmbeddedFile/Filter/FlateDecode"
        b"/Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    return mail([("bomb.pdf", broken[:-40])])


def entities():
    levels = "".join('<!ENTITY a%d "%s">' % (n, "&a%d;" % (n - 1) * 10)
                     for n in range(1, 12))
    return mail([("invoice.xml", ('<!DOCTYPE x [<!ENTITY a0 "ha">%s]>'
                                  "<x>&a11;</x>" % levels).encode())])


def nested():
    return (b"From: a@shop.example\r\nSubject: deep\r\n" +
            b"Content-Type: message/rfc822\r\n\r\n" * 2000)


def parts():
    return (b"From: a@shop.example\r\nSubject: parts\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
            b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 10000)


def truncated():
    return mail([("cut.pdf", pdf("cut", 30000)[:9000])])


def no_end():
    return (b"From: a@shop.example\r\nSubject: open\r\nContent-Type: "
            b"multipart/mixed; boundary=\"" + b"x" * 900 + b"\"\r\n\r\n--x")


def crashing():
    """The parser obeys, as one with a hole in it would (see the story)."""
    return b"X-Misbehave: crash\r\n\r\nbody\r\n"


def looping():
    return b"X-Misbehave: hang\r\n\r\nbody\r\n"


def hungry():
    return b"X-Misbehave: memory\r\n\r\nbody\r\n"


HOSTILE = (zip_bomb, pdf_bomb, entities, nested, parts, truncated, no_end,
           crashing)
if "ASAN_OPTIONS" not in os.environ:    # there the limits are others
    HOSTILE += (looping, hungry)


def wire(message):
    return message if isinstance(message, bytes) else message.as_bytes(
        policy=email.policy.SMTP)


def send_all(g, jobs):
    def session(part):
        with smtplib.SMTP("127.0.0.1", g.port, timeout=300) as s:
            for data in part:
                s.sendmail("erp@shop.example", "sales@compta.example", data)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(session, [jobs[n::8] for n in range(8)]))


def named_in_report(report):
    """The lines of the report's table that say a problem."""
    table, = (f for n, f in report.files().items() if n.endswith(".csv"))
    return [row for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
            if row["code"].startswith("PL-1")]


def story_hostile_among_many():
    """Of many messages one in a hundred is hostile: all others are sent, the
    run ends, the report names the hostile ones."""
    count = max(MANY // 100, len(HOSTILE))
    bad = [wire(HOSTILE[n % len(HOSTILE)]()) for n in range(count)]
    good, jobs = {}, list(bad)
    for n in range(MANY - len(bad)):
        m, content = invoice("G-%d" % n, size=3000)
        good["G-%d.pdf" % n] = content
        jobs.insert(n * len(jobs) // MANY, wire(m))
    journal = {"sales": {
        "address": "sales@compta.example", "deliver_to": ACME,
        "documents_per_mail": 50, "max_mails_per_run": 1000}}
    with Gateway(journal) as g:
        send_all(g, jobs)
        equal(g.sql("select count(*) from message"), [(MANY,)], "all taken")
        began = time.monotonic()
        run = g.popen("run", "--now", env={"POSTLEDGER_TEST_CHILD": "1"})
        _, err = run.communicate(timeout=120 + MANY / 10)
        print("# the run: %.1f s" % (time.monotonic() - began))
        equal(run.returncode, 0, err)
        g.settle()
        got = g.documents(ACME)
        equal(len(got), len(dict(got)), "each once")
        equal(set(good.items()) - set(got), set(), "all others are sent")
        named = g.sql("select count(distinct message) from problem")[0][0]
        equal(named, len(bad), "problems of messages")
        report, = g.reports()
        check("problem" in report.mail["Subject"], report.mail["Subject"])
        equal(len(named_in_report(report)), len(bad), "named in the report")


if __name__ == "__main__":
    tell(globals())
