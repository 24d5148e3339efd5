#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Files of the ledger that a disk or a hand has damaged: found, and nothing is
written beside the damage."""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess

from client import Alone
from gateway import BUILD, USER
from story import check, equal, tell

JOURNALS = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "acme@accounting.example"}}
SALES, ERP = "<sales@compta.example>", "<erp@shop.example>"
HEAD = [("From", " erp@shop.example"), ("Subject", " one")]
# bodies of all sorts, with a mark that is easily found in the file
BODIES = [b"", b"MARK-1\r\n", b"\r\n\r\n\r\nMARK-2\r\n\r\n\r\n",
          b"MARK-3\r\n" * 40000, b"\n\nMARK-4 without an end"]


class Kept(Alone):
    """A ledger with messages of all sorts, and nobody at work on it."""

    def __enter__(self):
        super().__enter__()
        with self.session() as s:
            for n, body in enumerate(BODIES):
                head = HEAD + [("Message-ID", " <%d@shop.example>" % n)]
                equal(s.message(ERP, [SALES], head, body), "a", "accepted")
            equal(s.message(ERP, [SALES], [], b"only a body"), "a", "taken")
        self.stop_daemon(signal.SIGKILL)
        self.files = [self.dir + "/lib/ledger.db"]
        folder = self.dir + "/lib/messages/"
        self.files += [folder + n for n in os.listdir(folder)
                       if n.endswith(".mail")]
        with contextlib.closing(sqlite3.connect(self.files[0])) as db:
            db.execute("pragma wal_checkpoint(truncate)")
        for path in self.files:
            for end in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path + end)
            shutil.copy(path, path + ".good")
        return self

    def heal(self):
        for path in self.files:
            for end in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path + end)
            shutil.copy(path + ".good", path)
            shutil.chown(path, USER)

    def found(self):
        """What `check` has against the ledger."""
        done = subprocess.run(
            [BUILD + "/postledger", "-c", self.conf_file, "check", "--json"],
            capture_output=True, text=True, timeout=60, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        bad = [n for n in lines if n["level"] == "error" and
               n.get("code", "").startswith("PL-50")]
        check(not bad or done.returncode == 78, "and the exit code says so")
        return " ".join(n["text"] for n in bad)

    def verify(self):
        return subprocess.run(
            [BUILD + "/postledger", "-c", self.conf_file, "audit", "verify",
             "--bytes"], capture_output=True, text=True, timeout=60,
            check=False)


def flip(path, at, bit=0):
    with open(path, "r+b") as f:
        f.seek(at)
        old = f.read(1)[0]
        f.seek(at)
        f.write(bytes([old ^ 1 << bit]))


def story_flipped_bits():
    """A bit turned anywhere in the bytes of a message is found by check and
    by audit verify --bytes, which name the message."""
    with Kept(JOURNALS) as d:
        equal(d.found(), "", "nothing is wrong")
        equal(d.verify().returncode, 0, "whole")
        check("the messages are those that came in" in d.verify().stdout,
              d.verify().stdout)
        with open(d.files[1], "rb") as f:
            data = f.read()
        rng = random.Random(5)
        places = [data.index(b"MARK-%d" % n) + 2 for n in range(1, 5)]
        places += [data.index(b"Subject: one"), data.index(b"only a body")]
        third = data.index(b"MARK-3")
        places += [rng.randrange(third, third + 100000) for _ in range(4)]
        for at in places:
            flip(d.files[1], at, rng.randrange(8))
            done = d.verify()
            equal(done.returncode, 65, "verify: " + done.stdout)
            check("message" in done.stderr, done.stderr)
            if at == places[0]:
                check("that came in" in d.found(), d.found())
            d.heal()
        with contextlib.closing(sqlite3.connect(d.files[0])) as db:
            db.execute("update message set body_sha256 = header_sha256")
            db.commit()
        check("not those of its capture" in d.found(), d.found())


def story_truncated():
    """A file that lost its end, by a page or by half, is found by check and
    at the start: no daemon runs on it; a run not either, or, of the messages,
    says PL-506 of each that it cannot read, and reads the others."""
    with Kept(JOURNALS) as d:
        for path in d.files:
            size = os.path.getsize(path)
            for left in (size - 4096, size // 2 + 777, 100):
                with open(path, "r+b") as f:
                    f.truncate(left)
                what = "%s of %d: " % (os.path.basename(path), left)
                check(d.found(), what + "check finds it")
                before = os.path.getsize(path)
                d.start_daemon(wait=False)
                check(d.daemon.wait(20) in (65, 74), what + "no daemon")
                d.stop_daemon()
                d.postledger("run", "--now", code=None)
                if path == d.files[0]:
                    check(d.status in (65, 74), what + "%d" % d.status)
                else:
                    check(("PL-506",) in d.sql("select code from problem"),
                          what + "told")
                equal(os.path.getsize(path), before,
                      what + "nothing is written beside it")
                d.heal()
        equal(d.found(), "", "whole again")


def story_damaged_while_it_runs():
    """A ledger that is damaged under the daemon: messages are deferred rather
    than written beside the damage, other mail passes."""
    with Kept(JOURNALS) as d:
        d.start_daemon()
        with open(d.files[0], "r+b") as f:
            f.truncate(8192)
        with d.session() as s:
            answer = s.message(ERP, [SALES], HEAD, b"body\r\n")
            equal((answer, (s.reply or "")[:1]), ("y", "4"), "deferred")
            equal(s.message(ERP, ["<joe@customers.example>"], HEAD), "a",
                  "other mail passes")
        check(d.found(), "check finds it")


if __name__ == "__main__":
    tell(globals())
