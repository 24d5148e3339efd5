#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Once through Postfix, when things go wrong between our note that it was
offered a batch and its queue."""

import os
import signal
import subprocess
import threading
import time

from gateway import Gateway, Logged, wait_for
from mails import invoice
from othermilter import OtherMilter
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME}}


def gateway(other, first=False):
    """One with OTHER as milter behind ours, or before it."""
    g = Logged(JOURNALS)
    ours = g.conf["socket"]
    theirs = "inet:127.0.0.1:%d" % other.port
    g.main_extra = "smtpd_milters = %s" % ", ".join(
        (theirs, ours) if first else (ours, theirs))
    return g


def offered(g):
    return g.sql("select 1 from attempt where batch = 1 and offered > 0")


def twice_told(g):
    return [r for r in g.reports() if "PL-303" in r.text()]


def once(g, content, what):
    """The document arrived once, is sent, and nobody was told of a double."""
    equal(g.documents(ACME), [("F-1.pdf", content)], what)
    equal([e["state"] for e in g.entries()], ["sent"], what)
    equal(twice_told(g), [], what)
    g.postledger("audit", "verify")


def story_refused_behind_us():
    """A milter behind ours puts a batch off (451) after we noted that it was
    offered: it is not queued, and the next run sends it."""
    with OtherMilter() as other, gateway(other) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        other.at_end = lambda: "tempfail"
        g.run("--now", code=None)
        equal(len(offered(g)), 1, "we let it pass")
        equal(g.documents(ACME), [], "it is not queued")
        check("451" in g.sql("select reply from attempt")[0][0], "the answer")
        other.at_end = lambda: "continue"
        g.run("--now")
        once(g, content, "once")


def killed_cleanup(g):
    """Kills the cleanup process that has a client; waits for it."""
    def find():
        out = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid",
                              str(g.master.pid)], capture_output=True,
                             text=True).stdout
        return [int(line.split()[0]) for line in out.splitlines()
                if line.split()[1] == "cleanup"]
    for pid in wait_for("cleanup", find):
        os.kill(pid, signal.SIGKILL)


def story_cleanup_killed():
    """cleanup is killed after our note: "queue file write error" when we
    wait for the answer; the dead file in incoming/ proves nothing when we do
    not. Both times it is sent again, and arrives once."""
    for kill_run in (False, True):
        with OtherMilter() as other, gateway(other) as g:
            m, content = invoice("F-1")
            g.send(m, "sales@compta.example")
            hold = threading.Event()
            other.at_end = lambda: hold.wait(20) and "continue"
            run = g.popen("run", "--now", "--no-report")
            wait_for("the offer", lambda: other.seen and offered(g))
            if kill_run:
                run.kill()
            killed_cleanup(g)
            hold.set()
            run.wait(30)
            dead = [f for _, _, files in os.walk(g.dir + "/queue/incoming")
                    for f in files]
            g.postledger("run", "--now", code=None)
            g.postledger("run", "--now", code=None)
            wait_for("the document", lambda: g.documents(ACME))
            equal(g.documents(ACME), [("F-1.pdf", content)], "once")
            equal([e["state"] for e in g.entries()], ["sent"], "sent")
            equal(bool(twice_told(g)), kill_run,
                  "the answer was lost or not (%r is left)" % dead)


def story_killed_at_slow_end():
    """A run is killed after the final dot while a milter behind ours is slow;
    the next starts at once. Postfix queues it all the same, and its log is
    the proof: once."""
    with OtherMilter() as other, gateway(other) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        other.at_end = lambda: time.sleep(1.5) or "continue"
        run = g.popen("run", "--now")
        wait_for("the offer", lambda: offered(g))
        run.kill()
        run.wait()
        g.run("--now")
        once(g, content, "proven by the log")


def story_killed_before_our_turn():
    """The same with the slow milter before ours: the next run replaces the
    attempt before we saw it, and what Postfix brings late is dropped."""
    with OtherMilter() as other, gateway(other, first=True) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        other.at_end = lambda: "continue"
        g.run("--now")                # e-mails do go by the daemon
        g.send(invoice("F-2")[0], "sales@compta.example")
        turns = iter([3, 0, 0])
        other.at_end = lambda: time.sleep(next(turns)) or "continue"
        run = g.popen("run", "--now")
        wait_for("the dot", lambda: other.seen == 2)
        run.kill()
        run.wait()
        g.run("--now")
        wait_for("the late one", lambda: "batch-stale" in g.log())
        g.settle()
        equal(sorted(n for n, _ in g.documents(ACME)), ["F-1.pdf", "F-2.pdf"],
              "each once")
        equal(twice_told(g), [], "nobody is told of a double")


def story_timeout_after_the_dot():
    """The answer to the dot comes too late: not known, proven by the next
    run, once."""
    with OtherMilter() as other, gateway(other) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        other.at_end = lambda: time.sleep(3) or "continue"
        g.postledger("run", "--now", code=None,
                     env={"POSTLEDGER_SMTP_TIMEOUT": "1"})
        equal(g.sql("select state from attempt where batch = 1"), [(6,)],
              "not known")
        g.run("--now")
        once(g, content, "proven")


def story_replayed():
    """Who copies a batch with its return path and stamp gets nothing through
    and changes nothing: not twice to the accounting software, not to anybody
    else as ours; a report says that somebody tried."""
    with Gateway(JOURNALS, {"report_when": "problems"}) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        g.run("--now")
        batch, = g.arrived(ACME)
        before = g.sql("select * from batch"), g.entries()
        for n in range(30):
            g.send(batch.raw, ACME, sender=batch.sender)
        g.send(batch.raw, "sales@compta.example", sender=batch.sender)
        g.settle()
        equal(g.documents(ACME), [("F-1.pdf", content)], "not twice")
        equal(g.sql("select * from batch"), before[0], "the batch is as it was")
        equal(g.entries(), before[1], "and the entry")
        check("batch-stale" in g.log() and "batch-forged" in g.log(), "logged")
        stale = g.sql("select count(*) from event where what = 'stale'")
        check(0 < stale[0][0] <= 20, "the history does not grow: %r" % stale)
        g.run("--now")
        told, = g.reports()
        check("PL-308" in told.text(), "told")
        equal(told.text().count("PL-308"), 3, "each once, and a title")
        equal(len(g.documents(ACME)), 1, "the copy for the journal: the same")


def story_pretended():
    """What bears the return path of a batch and is not that batch is other
    mail; the next report says once that somebody tried."""
    with Gateway(JOURNALS, {"report_when": "problems"}) as g:
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.run("--now")
        batch, = g.arrived(ACME)
        forged = batch.raw.replace(b"mac=", b"mac=a")
        for _ in range(30):
            g.send(forged, "joe@customers.example", sender=batch.sender)
        g.send(invoice("F-2")[0], "sales@compta.example", sender=batch.sender)
        g.run("--now")
        g.run("--now")
        told, = g.reports()
        check("PL-308" in told.text() and "pretends" in told.text(),
              told.text())
        check("e-mail 1 " in " ".join(told.text().split()), "names it")
        equal(g.sql("select count(*) from event where what = 'forged'"),
              [(1,)], "the history does not grow")
        equal(sorted(n for n, _ in g.documents(ACME)), ["F-1.pdf", "F-2.pdf"],
              "no harm done")


if __name__ == "__main__":
    tell(globals())
