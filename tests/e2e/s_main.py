#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The main job: many messages, three journals, runs with a cap, other mail."""

import concurrent.futures
import csv
import io
import itertools
import random
import re
import smtplib
from email.policy import SMTP

from gateway import Gateway, OTHERS, wait_for
from mails import invoice, mail, pdf, ubl
from story import check, equal, tell

JOURNALS = {
    name: {"address": name + "@compta.example",
           "deliver_to": "acme-%s@accounting.example" % name,
           "max_mails_per_run": 20, "documents_per_mail": 3}
    for name in ("sales", "credit", "purchases")}
SHARES = {"sales": 90, "credit": 60, "purchases": 50}     # 200 together


def send_all(gateway, jobs, sessions=10):
    """Sends JOBS (mail, recipient) by parallel SMTP sessions."""
    def session(part):
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=120) as s:
            for message, rcpt in part:
                s.sendmail("erp@shop.example", rcpt, message)
    with concurrent.futures.ThreadPoolExecutor(sessions) as pool:
        list(pool.map(session, [jobs[n::sessions] for n in range(sessions)]))


def others(count):
    """Other people's mail: odd, but legal."""
    rng = random.Random(7)
    for n in range(count):
        body = "".join(rng.choice("ab c.\n..\tüé€") for _ in range(
            rng.choice((0, 1, 50, 3000))))
        m = mail(to="c%d@%s" % (n, OTHERS), text=body or "\n",
                 subject="Änderung %d" % n,
                 message_id="<other-%d@shop.example>" % n)
        if n % 3 == 0:
            m.add_attachment(rng.randbytes(5000), maintype="application",
                             subtype="octet-stream", filename="data.bin")
        yield m.as_bytes(policy=SMTP), "c%d@%s" % (n, OTHERS)


def without_received(raw):
    """The message without the Received fields of Postfix and the sink."""
    return re.sub(rb"(?m)^Received:.*\n(?:[ \t].*\n)*", b"", raw)


def story_main_job():
    """200 messages to three journals among 200 to others: the others arrive
    byte for byte, three runs send what the rules say, each PDF once."""
    sent, jobs = {}, []
    for name, count in SHARES.items():
        for n in range(count):
            number = "%s-%03d" % (name, n)
            m, content = invoice(number, to=name + "@compta.example")
            sent[number + ".pdf"] = content
            jobs.append((m.as_bytes(policy=SMTP), name + "@compta.example"))
    other = list(others(200))
    random.Random(3).shuffle(jobs)
    mixed = [j for pair in itertools.zip_longest(jobs, other)
             for j in pair if j]
    with Gateway({}, daemon=False) as plain:
        send_all(plain, other)
        plain.settle()
        wait_for("all other mail", lambda: len(plain.mails()) >= 200)
        before = {m.mail["Message-ID"]: without_received(m.raw)
                  for m in plain.mails()}
    with Gateway(JOURNALS) as g:
        send_all(g, mixed)
        g.settle()
        after = {m.mail["Message-ID"]: without_received(m.raw)
                 for m in g.mails()}
        equal(len(after), 200, "only other mail arrived before the run")
        for key, raw in before.items():
            equal(after.get(key), raw, "other mail %s is unchanged" % key)
        for round_, totals in enumerate((
                {"sales": 60, "credit": 60, "purchases": 50},
                {"sales": 90, "credit": 60, "purchases": 50},
                {"sales": 90, "credit": 60, "purchases": 50}), 1):
            g.run("--now")
            for name, total in totals.items():
                rcpt = "acme-%s@accounting.example" % name
                equal(len(g.documents(rcpt)), total,
                      "documents of %s after run %d" % (name, round_))
                check(all(len(m.files()) <= 3 for m in g.arrived(rcpt)),
                      "no e-mail has more than three documents")
        for name, share in SHARES.items():
            rcpt = "acme-%s@accounting.example" % name
            equal(len(g.arrived(rcpt)), -(-share // 3), "e-mails of " + name)
            got = g.documents(rcpt)
            equal(len(dict(got)), share, "each document once")
            check(all(sent[k] == v for k, v in got), "bit for bit")
        check_reports(g, sent)


def check_reports(g, sent):
    """The reports of the three runs add up to what was sent."""
    told = []
    for r in g.reports():
        for name, content in r.files().items():
            if name.endswith(".csv"):
                rows = csv.DictReader(io.StringIO(
                    content.decode("utf-8-sig")))
                told += [row["file"] for row in rows
                         if row["state"] == "sent"]
    equal(sorted(told), sorted(sent), "the reports add up to all documents")


def story_run_again():
    """The same run again sends nothing; two at once send nothing twice."""
    with Gateway(JOURNALS, {"report_when": "activity"}) as g:
        pdfs = []
        for n in range(30):
            m, content = invoice("T-%d" % n)
            pdfs.append(content)
            g.send(m, "sales@compta.example")
        both = [g.popen("run", "--now") for _ in range(2)]
        codes = sorted(p.wait(120) for p in both)
        check(codes in ([0, 0], [0, 75]), "one runs, the other waits or says "
              "who runs: %r %r" % (codes, [p.stderr.read() for p in both]))
        g.settle()
        got = [c for _, c in g.documents("acme-sales@accounting.example")]
        equal(sorted(got), sorted(pdfs), "all documents once")
        reports = len(g.reports())
        g.run("--now")
        equal(len(g.documents("acme-sales@accounting.example")), 30,
              "the run again sent nothing")
        equal(len(g.reports()), reports, "no activity, no report")


def story_pdf_and_xml():
    """A PDF and an XML of one invoice are one document; a logo is none."""
    logo = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0"
            b"\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\1\0\0\5\0\1\r\n-\xb4\0\0"
            b"\0\0IEND\xaeB`\x82")
    with Gateway(JOURNALS) as g:
        m = mail([("F-9.pdf", pdf("F-9")), ("F-9.xml", ubl("F-9"))])
        m.get_payload()[0].add_related(logo, "image", "png", cid="<logo@x>",
                                       filename="logo.png",
                                       disposition="inline")
        g.send(m, "sales@compta.example")
        g.run("--now")
        arrived = g.arrived("acme-sales@accounting.example")
        equal(len(arrived), 1, "one e-mail")
        equal(arrived[0].files(), {"F-9.pdf": pdf("F-9"),
                                   "F-9.xml": ubl("F-9")}, "both files")
        equal(len(g.entries()), 1, "one entry")


if __name__ == "__main__":
    tell(globals())
