#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One nasty text in every place that a stranger fills, once through the whole
main job: it steers no terminal, forges no line, is no markup and no formula
wherever it is told again."""

import base64
import csv
import html.parser
import io
import json
import os
import re
import smtplib
import tarfile
import urllib.parse
import zipfile

from gateway import Gateway, wait_for
from mails import pdf, ubl
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME,
                      "formats": "pdf xml statement"}}
STEER = "\x1b[31m\x1b]0;owned\x07\x9b2J\x85\u202e\u2066\u2028\u2029\u200b\ufeff"
NASTY = ('=HYPERLINK("http://evil.example","x")\r\nFORGED: 550 =1+1\r\n\r\n'
         "FORGED\n" + STEER + "<script>alert(1)</script>"
         "<img src=x onerror=alert(1)>\"'&amp;%s%n\\x1b\t|")
# what an XML file can hold of it
XML = ('=HYPERLINK("http://evil.example")&#13;&#10;FORGED: 550&#10;FORGED'
       "&#x9b;2J&#x85;&#x202e;&#x2066;&#x2028;&lt;script>alert(1)&lt;/script>"
       "&lt;img src=x onerror=alert(1)>\"'%s%n&#9;|")
# of the characters that may be there: a line's end, and what we write
BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f"
                 "\u2028-\u202e\u2066-\u2069\ufeff]")


def word(text):
    """As a header has it."""
    return b"=?utf-8?B?" + base64.b64encode(text.encode()) + b"?="


def parameter(text):
    """As a file name has it."""
    return urllib.parse.quote(text, safe="").encode()


def part(name, kind, content):
    return (b"--B\r\nContent-Type: %s; name=\"%s\"\r\n"
            b"Content-Disposition: attachment;\r\n filename*=utf-8''%s\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n"
            % (kind, word(name), parameter(name),
               base64.encodebytes(content).replace(b"\n", b"\r\n")))


def archive(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(name.replace("/", ":"), content)
    return out.getvalue()


def message(n):
    """Invoices with and without facts, a file nobody wants, a ZIP, a statement
    and one that lies; the names of all of them are nasty."""
    name = "%d %s" % (n, NASTY)
    facts = ubl("@%d" % n).replace(b"@%d" % n, b"%d %s" % (n, XML.encode()))
    facts = facts.replace(b"Timekeeper SA", XML.encode())
    ofx = (b"OFXHEADER:100\r\n\r\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>"
           b"<CURDEF>EUR<BANKACCTFROM><BANKID>=1+1<ACCTID>=%s"
           b"</BANKACCTFROM><BANKTRANLIST><DTSTART>20260201<DTEND>20260228"
           b"</BANKTRANLIST><LEDGERBAL><BALAMT>1.00<DTASOF>20260228"
           b"</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
           % STEER.encode())
    return (b"From: %s <erp@shop.example>\r\nTo: sales@compta.example\r\n"
            b"Subject: %s\r\nMessage-ID: <%d=1+1\x1b[31m\x9b<svg>@shop.example>"
            b"\r\nDate: Thu, 15 Oct 2026 10:00:00 +0000\r\n"
            b"Content-Type: multipart/mixed; boundary=B\r\n"
            b"MIME-Version: 1.0\r\n\r\n" % (word(NASTY), word(NASTY), n) +
            part(name + ".pdf", b"application/pdf", pdf("p%d" % n)) +
            part(name + ".xml", b"application/xml", facts) +
            part(name + ".txt", b"text/html", b"<script>no</script>") +
            part(name + ".pdf", b"application/pdf", b"%PDF-1.4 broken") +
            part(name + ".ofx", b"application/x-ofx", ofx) +
            part(name + ".zip", b"application/zip",
                 archive("in %d %s.pdf" % (n, NASTY), pdf("z%d" % n))) +
            b"--B--\r\n")


def send(g, data, sender, to="sales@compta.example"):
    """By a client that lies about itself, too."""
    with smtplib.SMTP("127.0.0.1", g.port, timeout=60) as s:
        s.docmd("EHLO", "=1+1\x1b[31m<script>")
        s.mail(sender)
        equal(s.rcpt(to)[0], 250, "taken")
        equal(s.data(data)[0], 250, "stored")


def bounce(g, path):
    """The other side's words are foreign, too."""
    nasty = NASTY.replace("\r\n", " ").replace("\n", " ").encode()
    send(g, b"From: %s <x@mx.example>\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"
         b"Content-Type: multipart/report; report-type=delivery-status;"
         b" boundary=B\r\n\r\n--B\r\nContent-Type: message/delivery-status"
         b"\r\n\r\nReporting-MTA: dns; %s\r\n\r\n"
         b"Final-Recipient: rfc822; %s@x\r\nAction: failed\r\nStatus: 5.1.1\r\n"
         b"Remote-MTA: dns; %s\r\nDiagnostic-Code: smtp; 550 %s\r\n\r\n--B--"
         b"\r\n" % (word(NASTY), word(NASTY), nasty, nasty, nasty, nasty),
         "<>", path)


class Markup(html.parser.HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "img", "iframe", "svg", "object", "link", "form"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or "evil" in (value or "") or \
                    "script:" in (value or ""):
                self.found.append("%s=%s" % (name, value))


def plain(name, text):
    """For a terminal, or a log: nothing steers, nobody forged a line."""
    found = BAD.search(text)
    check(not found, "%s: %r" % (name, found and text[
        max(0, found.start() - 60):found.end() + 20]))
    for line in text.splitlines():
        check(not re.match(r"\s*FORGED", line) or "FORGED" not in line[:7],
              "%s: %r" % (name, line))


def lines_of_json(name, text):
    for line in text.splitlines():
        json.loads(line)
        check(not BAD.search(line), "%s: %r" % (name, line))


def table(name, text):
    # its own mark, for those who take it for another character set
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    check(len(rows) > 3, name)
    for row in rows:
        equal(len(row), len(rows[0]), "%s: cells of %r" % (name, row))
        for cell in row:
            check(not re.match(r"\s*[=+@\t\r]|\s*-(?![\d.]+$)", cell),
                  "%s: a formula: %r" % (name, cell))
            check(not BAD.search(cell), "%s: %r" % (name, cell))


def markup(name, text):
    equal(Markup(text).found, [], name)
    check(not BAD.search(text), "%s: %r" % (name, BAD.search(text)))


def pages(g):
    """All that the command tells, by its words."""
    ids = [e["id"] for e in g.entries()]
    batches = [b for b, in g.sql("select id from batch")]
    asked = [("list",), ("list", "--state", "held"), ("status",),
             ("status", "--check"), ("check",), ("report", "--text"),
             ("run", "--dry-run"), ("explain", "PL-101"), ("audit", "verify"),
             ("inspect", g.dir + "/m.eml"), ("show", "message:1"),
             ("show", "message:2"), ("export", "--to", g.dir + "/lib/out"),
             ("report", "--text", "1")]
    asked += [("show", str(i)) for i in ids]
    asked += [("show", "batch:%d" % b) for b in batches]
    for words in asked:
        text = g.postledger(*words, code=None)
        yield words, text + g.stderr
    for words in (("list",), ("status",), ("show", str(ids[0])),
                  ("inspect", g.dir + "/m.eml"), ("check",)):
        yield words + ("--json",), g.postledger(*words, "--json", code=None)


def mailed(g):
    """What left the house: no header of a stranger's, no name with a path."""
    for m in g.mails():
        head = re.split(rb"\r?\n\r?\n", m.raw)[0]
        check(b"\nFORGED" not in head, repr(head))
        for p in m.mail.walk():
            check("FORGED" not in p.keys(), "a forged field")
            name = p.get_filename() or ""
            check(not BAD.search(name) and "/" not in name and
                  "\n" not in name, repr(name))
    for r in g.reports():
        parts = {}
        for p in r.mail.walk():       # an answer is passed on behind our words
            if not p.is_multipart():
                parts.setdefault(p.get_content_type(), p.get_content())
        plain("report, text", parts["text/plain"].replace("\r\n", "\n"))
        if "text/html" in parts:
            markup("report, HTML", parts["text/html"])
        if "text/csv" in parts:
            table("report, CSV", parts["text/csv"])


def story_nasty_text():
    """A nasty text in every place that a stranger fills is nothing but text
    wherever it is told again: list, show, status, reports, log, CSV, audit."""
    with Gateway(JOURNALS, {"report_when": "always"}) as g:
        sender = '<"=1+1 <script>\'%s%n"@shop.example>'
        send(g, message(1), sender)
        send(g, message(2), "<erp@shop.example>")
        with open(g.dir + "/m.eml", "wb") as f:
            f.write(message(3))
        g.run("--now")
        sent = wait_for("e-mails", lambda: g.arrived(ACME))
        bounce(g, sent[0].sender)
        send(g, b"From: %s <x@y.example>\r\nSubject: %s\r\n\r\n%s\r\n" % (
            word(NASTY), word(NASTY), NASTY.encode()), "<x@y.example>",
            sent[1].sender)
        entries = g.entries()
        check(len(entries) >= 6, "documents: %r" % len(entries))
        g.postledger("hold", str(entries[0]["id"]), "--reason", NASTY,
                     code=None)
        g.postledger("archive", str(entries[1]["id"]), "--reason", NASTY,
                     code=None)
        g.postledger("import", "--journal", "sales", g.dir + "/m.eml",
                     code=None)
        plain("import", g.stderr)
        g.run("--now")
        for words, text in pages(g):
            name = " ".join(words)
            if words[-1] == "--json":
                lines_of_json(name, text)
            else:
                plain(name, text)
        for run in ("1", ""):
            more = [run] if run else []
            markup("report --html", g.postledger("report", "--html", *more))
            table("report --csv", g.postledger("report", "--csv", *more))
        mailed(g)
        plain("the daemon's log", g.log())
        g.postledger("audit", "export", "--to", g.dir + "/lib/audit.tar")
        with tarfile.open(g.dir + "/lib/audit.tar") as tar:
            for member in tar:
                if member.isfile():
                    text = tar.extractfile(member).read().decode()
                    plain(member.name, text.replace("\t", " "))
        for folder, _, names in os.walk(g.dir + "/lib/out"):
            for name in names:
                check(not BAD.search(name) and "\n" not in name, repr(name))
        g.postledger("audit", "verify")


if __name__ == "__main__":
    tell(globals())
