#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Disks that fail or are full, a ledger that somebody holds, a clock that is
set, a Postfix that takes nothing: nothing is lost, nothing comes twice, and
all goes on without help when it is over."""

import contextlib
import datetime
import os
import signal
import smtplib
import sqlite3
import subprocess
import threading
import time

from clock import clock_of
from gateway import Gateway, Logged, wait_for
from mails import invoice
from othermilter import OtherMilter
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME,
                      "documents_per_mail": 2, "max_mails_per_run": 1000}}
ENDED = (0, 69, 74, 75)


class Client:
    """A sender's queue: what got its 250, and what it still has."""

    def __init__(self, g):
        self.g, self.accepted, self.waiting, self.count = g, {}, [], 0

    def make(self, size=20000):
        self.count += 1
        number = "F-%d" % self.count
        self.waiting.append((number + ".pdf", *invoice(number, size=size)))

    def try_all(self):
        """One try of each that waits; how many were deferred."""
        for item in self.waiting[:]:
            name, mail, content = item
            try:
                self.g.send(mail, "sales@compta.example")
            except smtplib.SMTPResponseException as e:
                check(e.smtp_code // 100 == 4 or e.smtp_code < 0, str(e))
            except smtplib.SMTPRecipientsRefused as e:
                equal({c // 100 for c, _ in e.recipients.values()}, {4}, name)
            except (smtplib.SMTPException, OSError):
                pass
            else:
                self.waiting.remove(item)
                self.accepted[name] = content
        return len(self.waiting)

    def judge(self, what):
        """All are accepted in the end, and arrive once."""
        wait_for(what + ": capture goes on", lambda: not self.try_all(), 60)
        for _ in range(3):
            self.g.run("--now", code=None)
        self.g.settle()
        got = self.g.documents(ACME)
        equal(sorted(n for n, _ in got), sorted(self.accepted),
              what + ": each once")
        check(all(self.accepted[n] == c for n, c in got), what + ": whole")
        check(len(self.g.sql("select 1 from message")) >= len(got), what)
        self.g.postledger("audit", "verify", "--bytes")


@contextlib.contextmanager
def faulty():
    """A gateway whose daemon and runs live with g.fault("5 pwrite64")."""
    with Logged(JOURNALS, daemon=False) as g:
        g.with_daemon = True
        library, flag = g.dir + "/fault.so", g.dir + "/fault"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, os.path.join(
            os.path.dirname(__file__), "../faults/fault.c"), "-ldl"],
            check=True)

        def fault(words=None):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(flag)
            if words:
                with open(flag + ".new", "w") as f:
                    f.write(words)
                os.rename(flag + ".new", flag)
        g.fault, g.env = fault, {"LD_PRELOAD": library, "FAULT": flag}
        g.start_daemon(**g.env)
        g.restart_postfix()
        yield g


FAULTS = ["5 pwrite64 chance=15", "5 fdatasync fsync chance=30",
          "5 sync_file_range chance=50",
          "28 pwrite64 write path=messages chance=30",
          "5 write pwrite64 short chance=15",
          "5 ftruncate64 unlink rename link open chance=40",
          "30 pwrite64 fdatasync ftruncate64"]


def story_failing_disk():
    """Calls to the disk that fail, fail now and then, or write a part, under
    daemon and run."""
    with faulty() as g:
        client = Client(g)
        for words in FAULTS:
            g.fault(words)
            for size in (2000, 300000):
                client.make(size)
            client.try_all()
            g.postledger("run", "--now", env=g.env, code=None)
            check(g.status in ENDED, "%s: exit %d: %s" % (
                words, g.status, g.stderr))
            client.try_all()
            g.fault()
            equal(g.daemon.poll(), None, words + ": the daemon runs")
            wait_for("capture", lambda: not client.try_all())
        client.judge("failing disk")


def story_full_disk_in_a_run():
    """A disk that is full after so and so many bytes of a run, at every of
    its steps; of the ledger, then of the temporary files."""
    with Logged(JOURNALS, daemon=False) as g:
        g.with_daemon = True
        os.mkdir(g.dir + "/tmp")
        for folder, size in (("lib", "40m"), ("tmp", "8m")):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%s,uid=65534,"
                            "gid=65534,mode=755" % size, "tmpfs",
                            g.dir + "/" + folder], check=True)
        try:
            g.start_daemon()
            g.restart_postfix()
            fill_lib(g)
            fill_tmp(g)
        finally:
            g.stop_daemon(signal.SIGKILL)
            for folder in ("lib", "tmp"):
                subprocess.run(["umount", "-l", g.dir + "/" + folder],
                               check=True)


def leave(path, free):
    """Fills the file system of PATH but for FREE bytes."""
    fs = os.statvfs(os.path.dirname(path))
    size = max(0, fs.f_bavail * fs.f_frsize - free)
    with contextlib.suppress(OSError), open(path, "wb", 0) as f:
        for _ in range(size // 4096):
            f.write(bytes(4096))


def fill_lib(g):
    client, failed = Client(g), 0
    wait_for("capture", lambda: client.make() or not client.try_all())
    for pages in (0, 1, 3, 8, 16, 40, 80, 160):
        client.make()
        client.try_all()
        leave(g.dir + "/lib/filler", pages * 4096)
        g.postledger("run", "--now", code=None)
        check(g.status in ENDED, "%d pages: exit %d %s" % (
            pages, g.status, g.stderr))
        failed += g.status != 0
        client.make()
        client.try_all()
        os.unlink(g.dir + "/lib/filler")
    check(failed >= 2, "%d runs failed" % failed)
    leave(g.dir + "/lib/filler", 1500000)    # less than the reserve: 2 MB
    g.run("--now")
    os.unlink(g.dir + "/lib/filler")
    g.settle()
    check([r for r in g.reports() if "PL-501" in r.text()],
          "a report says that there is little room")
    client.judge("full disk")


def fill_tmp(g):
    client = Client(g)
    # what is above 4 MB leaves by way of a file
    for size in (200000, 4000000, 200000, 200000):
        client.make(size)
    client.count = 1000
    wait_for("capture", lambda: not client.try_all(), 30)
    before = len(g.documents(ACME))
    for free in (0, 100000, 4500000):
        leave(g.dir + "/tmp/filler", free)
        g.postledger("run", "--now", code=None, env={"TMPDIR": g.dir + "/tmp"})
        check(g.status in ENDED, "exit %d %s" % (g.status, g.stderr))
        os.unlink(g.dir + "/tmp/filler")
    g.run("--now", env={"TMPDIR": g.dir + "/tmp"})
    equal(len(g.documents(ACME)), before + 4, "each once")


def story_locked():
    """Somebody holds the ledger's write lock for longer than anybody waits:
    4xx, the run says to try again, nothing is lost."""
    with Logged(JOURNALS) as g:
        client = Client(g)
        client.make()
        client.try_all()
        with contextlib.closing(sqlite3.connect(
                g.dir + "/lib/ledger.db", isolation_level=None)) as db:
            db.execute("begin immediate")
            run = g.popen("run", "--now")
            client.make()
            equal(client.try_all(), 1, "deferred")
            run.wait(60)
            equal(run.returncode, 75, "try again: " + run.stderr.read())
            db.execute("rollback")
        client.judge("locked")


def story_clock():
    """A clock a year ahead and set back again: the history says so, and no
    schedule falls silent, for messages of either time."""
    journals = {"sales": dict(JOURNALS["sales"], schedule="07:00")}
    ahead = dict(clock_of("+366d"), DONT_FAKE_MONOTONIC="1")
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    morning = now.replace(hour=9, minute=0) + day
    with Gateway(journals) as g:
        g.clock = morning
        g.run()                                        # the journal is known
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.clock = morning + day
        g.run()
        equal(len(g.documents(ACME)), 1, "by its schedule")
        g.stop_daemon(signal.SIGKILL)
        g.start_daemon(**ahead)
        g.send(invoice("F-2")[0], "sales@compta.example")
        g.clock = morning + 366 * day
        g.run()
        equal(len(g.documents(ACME)), 2, "a year ahead")
        g.stop_daemon(signal.SIGKILL)
        g.start_daemon()
        g.send(invoice("F-3")[0], "sales@compta.example")
        for days in (2, 3):
            g.clock = morning + days * day
            g.run()
        equal(len(g.documents(ACME)), 3, "back again")
        g.clock = None
        told = [w for w, in g.sql("select what from event where what like "
                                  "'clock-%' order by id")]
        check("clock-back" in told, told)
        check("clock-gap" in told or "clock-forward" in told, told)
        g.postledger("audit", "verify")


def story_postfix_takes_nothing():
    """Postfix without room for anything, and one that is reloaded in a run:
    the documents wait, and go out once."""
    with Logged(JOURNALS) as g:
        client = Client(g)
        for _ in range(4):
            client.make()
        client.try_all()
        g.main_extra = "queue_minfree = 999999999999999"
        g.write_postfix()
        g.postfix("reload")
        wait_for("no room", lambda: client.make() or client.try_all())
        g.postledger("run", "--now", code=None)
        check(g.status in (69, 75), "exit %d" % g.status)
        equal(g.documents(ACME), [], "nothing was taken")
        g.main_extra = ""
        g.write_postfix()
        g.postfix("reload")
        run = g.popen("run", "--now")
        g.postfix("reload")
        run.communicate(timeout=60)
        client.judge("queue full")


def story_term_at_slow_end():
    """SIGTERM ends a run in time, also while the mail server is slow to
    answer the final dot; what it took all the same does not come again."""
    g = Logged(JOURNALS)
    with OtherMilter() as other:
        g.main_extra = "smtpd_milters = %s, inet:127.0.0.1:%d" % (
            g.conf["socket"], other.port)
        with g:
            term_at_slow_end(g, other)


def term_at_slow_end(g, other):
    g.send(invoice("F-1")[0], "sales@compta.example")
    let_go = threading.Event()
    other.at_end = lambda: let_go.wait(30) and "accept" or "accept"
    run = g.popen("run", "--now")
    wait_for("the end of the message", lambda: other.seen)
    began = time.monotonic()
    run.terminate()
    run.communicate(timeout=30)
    took = time.monotonic() - began
    check(took < 10, "ended after %.1f s" % took)
    let_go.set()
    g.settle()
    other.at_end = lambda: "accept"
    g.run("--now")
    g.run("--now")
    equal(len(g.documents(ACME)), 1, "once")


if __name__ == "__main__":
    tell(globals())
