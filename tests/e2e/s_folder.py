#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Journals that deliver into a folder: mail comes in, files come out, each once,
beside journals that deliver by e-mail, with the same caps, duplicates and
reports; also when the run dies and the reading program is quicker than it."""

import contextlib
import os
import pwd
import signal
import subprocess
import threading
import time

from gateway import BUILD, USER, Gateway
from mails import invoice, mail, pdf, ubl
from statements import Move, Statement, coda
from story import check, equal, tell

ACME = "acme@accounting.example"
ACCOUNT = "BE68539007547034"


def folder(g, below=""):
    """What lies in the folder of gateway G, without what is hidden: {path
    below it: bytes}."""
    found, top = {}, g.dir + "/out" + below
    for place, folders, files in os.walk(top):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in files:
            with open(os.path.join(place, name), "rb") as f:
                found[os.path.relpath(os.path.join(place, name), top)] = \
                    f.read()
    return found


def gateway(**journals):
    """A gateway with these journals; %OUT in deliver_to is its folder."""
    g = Gateway(journals)
    user = pwd.getpwnam(USER)
    os.mkdir(g.dir + "/out")
    os.chown(g.dir + "/out", user.pw_uid, user.pw_gid)
    for keys in g.journals.values():
        keys["deliver_to"] = keys["deliver_to"].replace("%OUT", g.dir + "/out")
    return g


def hidden(g):
    """What still waits in the workplace."""
    return os.listdir(g.dir + "/out/.postledger")


def story_folder_beside_mail():
    """Two journals on one address, one by e-mail and one into a folder: each
    document goes both ways, once, under the same rules."""
    with gateway(
            mailed={"address": "sales@compta.example", "deliver_to": ACME},
            filed={"address": "sales@compta.example",
                   "deliver_to": "dir:%OUT/%{kind}", "documents_per_mail": 2,
                   "max_mails_per_run": 2}) as g:
        out = g.postledger("check", "--send-test", "filed", code=None)
        check("the folder %s/out can be written" % g.dir in out, out)
        check("was written as %s/out/postledger-test." % g.dir in out, out)
        equal(folder(g), {}, "the test file is gone")

        sent = {}
        for n in range(5):
            m, sent["F-%d.pdf" % n] = invoice("F-%d" % n)
            g.send(m, "sales@compta.example")
        g.send(invoice("F-1")[0], "sales@compta.example")     # the same file
        out = g.run("--now")
        check("9 documents sent in 5 e-mails and 2 batches of files" in out,
              out)
        equal(sorted(n for n, _ in g.documents(ACME)), sorted(sent), "mailed")
        first = folder(g)
        equal(len(first), 4, "two batches of two, which is the cap")
        g.run("--now")
        g.run("--now")
        equal(folder(g), {"other/" + n: b for n, b in sent.items()},
              "all of it, as it came")
        equal(len(g.arrived(ACME)), 5, "nothing was mailed twice")
        equal(len(g.entries(journal="filed", state="duplicate")), 1,
              "the same file again is a duplicate")
        equal(hidden(g), [], "nothing waits")

        report = g.reports()[0].text()
        check("into the folder %s/out/%%{kind}" % g.dir in
              " ".join(report.split()), report)
        check("%s/out/other/F-0.pdf" % g.dir in "".join(report.split()),
              report)
        entry = g.entries(journal="filed", state="sent")[0]
        page = g.json("show", str(entry["id"]))[0]
        equal(page["sending"]["written"][0]["path"],
              "%s/out/other/F-0.pdf" % g.dir, "show says where")
        check("(2 files)" in page["sending"]["reply"], page["sending"])
        check("F-0.pdf" in g.postledger("show", str(entry["id"])), "in words")

        g.postledger("resend", str(entry["id"]), "--reason", "lost it")
        g.run("--now")
        equal(folder(g)["other/F-0-2.pdf"], sent["F-0.pdf"],
              "sent again under another name")
        stat = os.stat(g.dir + "/out/other/F-0.pdf")
        equal((stat.st_mode & 0o7777, stat.st_uid),
              (0o640, pwd.getpwnam(USER).pw_uid), "mode and owner")
        g.postledger("audit", "verify")


def story_statements():
    """Statements go into folders by account and year, a PDF and XML of one
    invoice side by side, a ZIP under the name of its batch."""
    both = [Statement(account, 1, "2026-02-27", "100.00",
                      [Move("2026-02-27", "10.00", "Customer")])
            for account in (ACCOUNT, "BE71096123456769")]
    with gateway(
            bank={"address": "bank@compta.example", "accept": "statement",
                  "deliver_to": "dir:%OUT/%{account}/%{year}"},
            sales={"address": "sales@compta.example", "accept": "invoice",
                   "deliver_to": "dir:%OUT/%{journal}/%{year}-%{month}"},
            packed={"address": "sales@compta.example", "accept": "invoice",
                    "deliver_to": "dir:%OUT/zip", "compress": "zip"}) as g:
        os.mkdir(g.dir + "/out/zip")
        os.chown(g.dir + "/out/zip", pwd.getpwnam(USER).pw_uid, -1)
        name, content = "export.cod", coda(*both)
        g.send(mail([(name, content)], to="bank@compta.example"),
               "bank@compta.example")
        g.send(mail([("F-1.pdf", pdf("F-1")), ("F-1.xml", ubl("F-1"))]),
               "sales@compta.example")
        g.run("--now")
        files = folder(g)
        bank = sorted(f for f in files if f.startswith("BE"))
        equal([os.path.dirname(f) for f in bank],
              [ACCOUNT + "/2026", "BE71096123456769/2026"],
              "an account each")
        for path in bank:
            check(files[path] in content, "its bytes only, unchanged")
        equal(sorted(f for f in files if f.startswith("sales/")),
              ["sales/2026-10/F-1.pdf", "sales/2026-10/F-1.xml"],
              "PDF and XML")
        zips = [f for f in files if f.startswith("zip/")]
        equal(len(zips), 1, "one ZIP: %r" % zips)
        check(files[zips[0]].startswith(b"PK"), "which is one")
        equal(g.entries(state="sending") + g.entries(state="waiting"), [],
              "all of it was sent")


class Reader(threading.Thread):
    """A program that reads the folder: it takes every file away at once and
    keeps its bytes."""

    def __init__(self, top):
        super().__init__(daemon=True)
        self.top, self.taken, self.over = top, [], threading.Event()

    def look(self):
        for place, folders, files in os.walk(self.top):
            folders[:] = [f for f in folders if not f.startswith(".")]
            for name in files:
                path = os.path.join(place, name)
                with open(path, "rb") as f:
                    content = f.read()
                os.unlink(path)
                self.taken.append(content)

    def run(self):
        while not self.over.is_set():
            self.look()
            time.sleep(0.001)

    def end(self):
        self.over.set()
        self.join(30)
        self.look()


def points():
    """(name, N) of those on the way into a folder; s_crash.py has them all."""
    out = subprocess.run([BUILD + "/postledger", "crash-points"], timeout=30,
                         capture_output=True, text=True, check=True).stdout
    return [(p, n) for p in out.split()
            for n in ((1, 2, 3) if p.startswith("folder-") else (1,))
            if p.startswith(("batch-", "folder-", "journal-"))]


def story_run_dies():
    """The run dies at each of its points, and the reading program takes away
    what it sees: each document comes once, complete."""
    with gateway(filed={
            "address": "sales@compta.example",
            "deliver_to": "dir:%OUT/%{kind}", "documents_per_mail": 3,
            "max_mails_per_run": 1000}) as g:
        reader, accepted, reached = Reader(g.dir + "/out"), [], set()
        reader.start()
        for point, n in points():
            for _ in range(3):
                m, content = invoice("F-%d" % len(accepted), size=2000)
                g.send(m, "sales@compta.example")
                accepted.append(content)
            g.postledger("run", "--now", crash="%s:%d" % (point, n), code=None)
            if g.status == -signal.SIGKILL:
                reached.add(point)
            else:
                equal(g.status, 0, "%s: %s" % (point, g.stderr))
            g.postledger("run", "--now")
            equal(g.entries(state="sending"), [], point + ": nothing hangs")
        reader.end()
        equal(sorted(reader.taken), sorted(accepted), "each once, complete")
        for name in ("folder-spooled", "folder-put", "folder-synced",
                     "batch-attempted", "batch-answered"):
            check(name in reached, "%s was reached: %r" % (name, reached))
        equal(hidden(g), [], "nothing waits")
        g.postledger("audit", "verify")


def story_kill_at_random():
    """kill -9 at random moments with a quick reader: nothing is lost, nothing
    is twice."""
    with gateway(filed={
            "address": "sales@compta.example",
            "deliver_to": "dir:%OUT/%{kind}", "documents_per_mail": 4,
            "max_mails_per_run": 1000}) as g:
        reader, accepted = Reader(g.dir + "/out"), []
        reader.start()
        pause, end = 0.01, time.monotonic() + 4
        while time.monotonic() < end or len(accepted) < 40:
            for _ in range(4):
                m, content = invoice("R-%d" % len(accepted), size=1000)
                g.send(m, "sales@compta.example")
                accepted.append(content)
            run = g.popen("run", "--now")
            time.sleep(pause)
            pause = pause * 1.3 if pause < 0.4 else 0.01
            run.kill()
            run.communicate()
        g.postledger("run", "--now")
        reader.end()
        equal(sorted(reader.taken), sorted(accepted), "each once, complete")


@contextlib.contextmanager
def small_disk(path, size):
    """A file system of SIZE bytes at PATH, or None where none may be made."""
    user = pwd.getpwnam(USER)
    os.mkdir(path)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=%d,uid=%d,gid=%d,mode=0750" % (
            size, user.pw_uid, user.pw_gid), "none", path],
        capture_output=True, check=False).returncode == 0
    try:
        yield path if made else None
    finally:
        if made:
            subprocess.run(["umount", "-l", path], check=True)


def story_full_disk():
    """On a full disk the documents wait, a report says why, and once there is
    room they come, each once."""
    g = gateway(filed={"address": "sales@compta.example",
                       "deliver_to": "dir:%OUT/small",
                       "documents_per_mail": 3})
    with small_disk(g.dir + "/out/small", 64 << 10) as disk:
        if not disk:
            print("# no file system may be mounted here")
            return
        with g:
            sent = {}
            for n in range(3):
                m, sent["D-%d.pdf" % n] = invoice("D-%d" % n, size=30000)
                g.send(m, "sales@compta.example")
            g.run("--now", code=75)
            check("No space left" in g.stderr, g.stderr)
            equal(folder(g, "/small"), {}, "nothing is there by halves")
            equal(len(g.entries(state="sending")), 3, "they wait")
            report = " ".join(g.reports()[0].text().split())
            check("PL-307" in report and "No space left" in report, report)
            subprocess.run(["mount", "-o", "remount,size=1M", disk],
                           check=True)
            g.run("--now")
            equal(folder(g, "/small"), sent, "each once")
            equal(os.listdir(disk + "/.postledger"), [], "nothing waits")
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            m, sent["D-9.pdf"] = invoice("D-9")
            g.send(m, "sales@compta.example")
            g.run("--now", code=75)
            check("Read-only file system" in g.stderr, g.stderr)
            out = g.postledger("check", code=None)
            check("PL-307" in out and "Read-only file system" in out, out)
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
            g.run("--now")
            equal(folder(g, "/small"), sent, "it came, too")


if __name__ == "__main__":
    tell(globals())
