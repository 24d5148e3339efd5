#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The daemon's own life: start, reload, full disk, crashes, load, the end."""

import contextlib
import errno
import glob
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

from client import Alone, Session, sanitized
from gateway import BUILD, answers, free_port, wait_for
from story import check, equal, tell

JOURNALS = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "acme@accounting.example"}}
SALES = "<sales@compta.example>"
JOE = "<joe@customers.example>"
ERP = "<erp@shop.example>"
PLAIN = [("Subject", " one"), ("Message-ID", " <1@shop.example>")]


def half(s, size=500000):
    """A message up to the middle of its body."""
    s.mail(ERP)
    equal(s.rcpt(SALES), "c", "RCPT")
    equal(s.data(), "c", "DATA")
    s.header("Subject", " half")
    s.eoh()
    s.body(b"x" * size)


def postledgerd(*words):
    return subprocess.run([BUILD + "/postledgerd", *words], timeout=30,
                          capture_output=True, text=True, check=False)


def story_options():
    """--help, --version, bad options and missing files end as sysexits.h
    says."""
    equal(postledgerd("--version").stdout.split()[0], "postledgerd", "version")
    check("-c" in postledgerd("--help").stdout, "help")
    equal(postledgerd("--nonsense").returncode, 64, "a bad option")
    equal(postledgerd("nonsense").returncode, 64, "an argument")
    done = postledgerd("-c", "/nonexistent/postledger.conf")
    equal(done.returncode, 66, "no configuration")
    check("/nonexistent/postledger.conf" in done.stderr, done.stderr)
    done = subprocess.run([BUILD + "/postledgerd", "--version"], timeout=30,
                          env={"POSTLEDGER_CRASH": "no-such-point"},
                          capture_output=True, text=True, check=False)
    equal(done.returncode, 0, "the version, whatever the environment")


def story_socket():
    """The socket has the configured mode, a stale one is replaced, and a
    place where none can be is a clear error."""
    with Alone(JOURNALS, {"socket_mode": "0600"}) as d:
        equal(os.stat(d.path).st_mode & 0o777, 0o600, "mode")
        d.stop_daemon(signal.SIGKILL)
        check(os.path.exists(d.path), "a stale socket")
        d.start_daemon()
        equal(d.take(ERP, [JOE], []), "a", "it answers")
        d.stop_daemon()
        d.conf["socket"] = "unix:%s/none/milter.sock" % d.dir
        d.write_conf()
        d.start_daemon(wait=False)
        equal(d.daemon.wait(20), 69, "unavailable")
        check("none/milter.sock" in d.log(), d.log())


def story_inet_socket():
    """The socket may be one of loopback."""
    port = free_port()
    with Alone(JOURNALS, {"socket": "inet:%d@127.0.0.1" % port},
               start=False) as d:
        d.start_daemon(wait=False)
        wait_for("the socket", lambda: answers(port))
        with Session(("127.0.0.1", port)) as s:
            equal(s.message(ERP, [SALES], PLAIN), "a", "it answers")
        equal(len(d.messages()), 1, "and stores")


def story_started_twice():
    """A second daemon says who runs and leaves the first one alone."""
    with Alone(JOURNALS) as d:
        done = postledgerd("-c", d.conf_file)
        equal(done.returncode, 75, done.stderr)
        check("pid %d" % d.daemon.pid in done.stderr, done.stderr)
        equal(d.take(ERP, [SALES], PLAIN), "a", "the first one serves")


def story_reload():
    """A reload changes what new messages meet, not those under way; a bad
    configuration changes nothing, and what needs a restart says so."""
    with Alone(JOURNALS) as d, d.session() as s:
        half(s)
        old = d.journals["sales"]
        d.journals = {"new": dict(old, address="new@compta.example")}
        d.write_conf()
        d.daemon.send_signal(signal.SIGUSR1)
        d.logged("reloaded")
        equal(s.eom(), "a", "the open message")
        equal(s.deleted, [SALES], "is captured")
        s.mail(ERP)
        equal(s.rcpt(SALES), "c", "the next one")
        equal(s.data(), "a", "is none of ours")
        equal(s.message(ERP, ["<new@compta.example>"], PLAIN), "a", "new")
        equal(len(d.messages()), 2, "taken")

        d.journals["new"]["start_date"] = "2026-13-01"
        d.write_conf()
        d.daemon.send_signal(signal.SIGUSR1)
        line = d.logged("reload-refused", "start_date")
        check(d.conf_file in line, line)
        equal(s.message(ERP, ["<new@compta.example>"], PLAIN), "a", "stays")

        del d.journals["new"]["start_date"]
        d.conf["ledger"] = "sqlite:%s/lib/other.db" % d.dir
        d.write_conf()
        d.daemon.send_signal(signal.SIGUSR1)
        d.logged("needs-a-restart", "key=ledger")
        equal(s.message(ERP, ["<new@compta.example>"], PLAIN), "a", "same")
        equal(len(d.messages()), 4, "the ledger")


def tmpfs(d, size):
    subprocess.run(["mount", "-t", "tmpfs", "-o",
                    "size=%s,uid=65534,gid=65534,mode=755" % size, "tmpfs",
                    d.dir + "/lib"], check=True)


def story_full_disk():
    """On a full disk a message is deferred, then its recipient alone; when
    there is room again everything goes on without help."""
    with Alone(JOURNALS, start=False) as d:
        tmpfs(d, "64m")
        try:
            d.start_daemon()
            with d.session() as s:
                too_much(d, s)
                full_disk(d, s)
        finally:
            d.stop_daemon()
            subprocess.run(["umount", "-l", d.dir + "/lib"], check=True)


def too_much(d, s):
    """A message that does not fit does not take the last of the disk, and
    leaves no log behind."""
    equal(s.message(ERP, [SALES], PLAIN, b"a" * 900000), "a", "room")
    equal(s.message(ERP, [SALES, JOE], PLAIN, b"b" * 100000000), "y",
          "more than there is")
    check(s.reply.startswith("451 4.3.0 "), s.reply)
    equal(s.deleted, [], "nothing is deleted")
    d.logged("ledger-unable", "reason=space")
    fs = os.statvfs(d.dir + "/lib")
    check(fs.f_bavail * fs.f_frsize > 1000000, "something is left")
    subprocess.run(["mount", "-o", "remount,size=80m", d.dir + "/lib"],
                   check=True)
    d.logged("ledger-able")
    equal(s.message(ERP, [SALES], PLAIN, b"c" * 20000000), "a",
          "the space of the one that did not fit is used again")


def fill(path):
    """Until nothing goes into the file any more."""
    with contextlib.suppress(OSError), open(path, "ab", 0) as f:
        while f.write(bytes(4096)):
            pass


def full_disk(d, s):
    """Somebody else fills it."""
    filler = d.dir + "/lib/filler"
    for _ in range(20):       # what our own log gives back is room, too
        fill(filler)
        before = len(d.messages())
        if s.message(ERP, [SALES], PLAIN, b"d" * 900000) == "y":
            break
    check(s.reply[0] == "4", s.reply)
    s.mail(ERP)
    equal(s.rcpt(SALES), "y", "the intake recipient")
    check(s.reply.startswith("452 4.3.1 "), s.reply)
    equal(s.rcpt(JOE), "c", "the other one")
    equal(s.data(), "a", "other mail passes")
    s.mail("erp@shop.example")
    equal(s.rcpt("sales@compta.example"), "c", "local mail, not at RCPT")
    s.abort()
    equal(len(d.messages()), before, "nothing was stored")
    os.unlink(filler)
    wait_for("room again", lambda: s.message(
        ERP, [SALES], PLAIN, b"e" * 900000) == "a", 20)
    m = d.messages()
    equal(len(m), before + 1, "stored")
    check(d.stored(m[-1]).endswith(b"e" * 900000), "whole")


@contextlib.contextmanager
def faulty():
    """A daemon whose calls fail while d.fault(errno, calls) says so."""
    with Alone(JOURNALS, start=False) as d:
        library, flag = d.dir + "/fault.so", d.dir + "/fault"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, os.path.join(
            os.path.dirname(__file__), "../../faults/fault.c"), "-ldl"], check=True)

        def fault(number=0, calls=""):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(flag)
            if number:
                with open(flag + ".new", "w") as f:
                    f.write("%d %s" % (number, calls))
                os.rename(flag + ".new", flag)
        d.fault = fault
        d.start_daemon(LD_PRELOAD=library, FAULT=flag)
        yield d


def story_read_only():
    """A disk that turns read-only defers intake mail alone, and it goes on
    when that is over."""
    with faulty() as d, d.session() as s:
        equal(s.message(ERP, [SALES], PLAIN), "a", "before")
        d.fault(errno.EROFS, "pwrite64 fdatasync ftruncate64")
        equal(s.message(ERP, [SALES, JOE], PLAIN), "y", "deferred")
        check(s.reply.startswith("451 4.3.0 "), s.reply)
        d.logged("ledger-unable")
        s.mail(ERP)
        equal(s.rcpt(SALES), "y", "its recipient alone")
        check(s.reply.startswith("452 4.3.1 "), s.reply)
        equal(s.rcpt(JOE), "c", "other mail")
        equal(s.data(), "a", "passes")
        d.fault()
        wait_for("writing again", lambda: s.message(
            ERP, [SALES], PLAIN) == "a", 20)
        d.logged("ledger-able")
        equal(len(d.messages()), 2, "both are stored")


def written(d):
    """Bytes in the monthly files."""
    return sum(os.stat(f).st_size
               for f in glob.glob(d.dir + "/lib/messages/*.mail"))


def story_sync_fails():
    """A sync that fails is final: neither the message nor those that were
    half written are accepted, and nothing of them stays."""
    with faulty() as d, d.session() as s, d.session() as other:
        equal(s.message(ERP, [SALES], PLAIN), "a", "before")
        stored = written(d)
        half(other, 300000)
        wait_for("its first pieces", lambda: written(d) > stored)
        d.fault(errno.EIO, "fdatasync")
        equal(s.message(ERP, [SALES], PLAIN), "y", "deferred")
        d.fault()
        other.body(b"x" * 300000)
        equal(other.eom(), "y", "the other one, too")
        wait_for("storing again", lambda: s.message(
            ERP, [SALES], PLAIN) == "a", 20)
        equal(len(d.messages()), 2, "what was accepted")
        for m in d.messages():
            check(d.stored(m).endswith(b"\r\n\r\nbody\r\n"), "is whole")


def story_crashes():
    """Killed at any of its points the daemon has stored the message whole or
    not at all; started again it takes it, and nothing else is left over."""
    points = postledgerd("--crash-points").stdout.split()
    check(len(points) >= 9, points)
    reached, body = [], b"z" * 600000    # three rows
    with Alone(JOURNALS, start=False) as d:
        for point in points:
            d.start_daemon(crash=point)
            known = len(d.messages())
            try:
                with d.session() as s:
                    answer = s.message(ERP, [SALES], PLAIN, body)
            except (ConnectionError, OSError):
                answer = None
            if answer is not None:      # a point on the way of batches
                equal(answer, "a", point)
                d.stop_daemon(signal.SIGKILL)
                continue
            equal(d.daemon.wait(20), -signal.SIGKILL, point)
            reached.append(point)
            d.start_daemon()
            found = d.messages()[known:]
            stored = points.index(point) >= points.index("before-sync")
            equal(len(found), int(stored), point)
            equal(d.take(ERP, [SALES], PLAIN, body), "a", point + ", again")
            for m in d.messages()[known:]:
                check(d.stored(m).endswith(b"\r\n\r\n" + body), point)
            d.stop_daemon(signal.SIGKILL)
        messages = len(d.messages())
        equal(d.rows(), [messages, 3 * messages], "bytes of messages only")
    check(len(reached) >= 8, reached)


def story_garbage():
    """Garbage on the socket, and sessions broken off anywhere, hurt nobody
    else."""
    rng = random.Random(7)
    with Alone(JOURNALS) as d:
        with d.session() as good:
            good.mail(ERP)
            for n in range(150):
                garbage(d, rng, n)
            equal(good.rcpt(SALES), "c", "an open session")
            good.abort()
        equal(d.take(ERP, [SALES], PLAIN), "a", "new ones are served")
        equal(len(d.messages()), 1, "nothing else was stored")
        equal(d.daemon.poll(), None, "it runs")


def garbage(d, rng, n):
    s = Session(d.path, negotiate=n % 3 > 0, timeout=5)
    try:
        if n % 3 == 0:
            s.socket.sendall(rng.randbytes(rng.randrange(1, 400)))
        elif n % 3 == 1:
            for _ in range(rng.randrange(1, 12)):
                kind = bytes([rng.choice(b"ABCDEHKLMNOQRTUZ\0\xff")])
                s.send(kind, rng.randbytes(rng.randrange(0, 60)))
        else:
            half(s, rng.randrange(0, 300000))
            s.socket.sendall(struct.pack("!I", rng.randrange(1, 1 << 32)) +
                             b"B" + rng.randbytes(100))
        s.socket.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    s.socket.close()


def story_term():
    """SIGTERM ends the daemon within ten seconds, with sessions open in
    every phase, and without a false answer."""
    with Alone(JOURNALS) as d:
        idle, middle, end = d.session(), d.session(), d.session()
        half(middle)
        half(end)
        began = time.monotonic()
        d.daemon.send_signal(signal.SIGTERM)
        try:
            answer = end.eom()
        except (ConnectionError, OSError):
            answer = None
        equal(d.stop_daemon(), 0, "a clean end")
        check(time.monotonic() - began < 10, "in time")
        if answer == "a":
            equal(len(d.messages()), 1, "an answer that holds")
        for s in (idle, middle, end):
            s.socket.close()
        check("stopped" in d.log(), d.log())
        d.start_daemon()
        equal(d.rows()[0], len(d.messages()), "nothing half is left")


def story_connections():
    """A thousand connections at once are served, and cost little."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    with Alone(JOURNALS) as d:
        sessions = [d.session() for _ in range(1000)]
        for s in sessions:
            s.mail(ERP)
        for s in sessions[::100]:
            equal(s.rcpt(SALES), "c", "RCPT")
            equal(s.data(), "c", "DATA")
            s.eoh()
            equal(s.eom(), "a", "stored")
        most = d.rss()[1]
        for s in sessions:
            s.close()
        equal(len(d.messages()), 10, "all of them")
        check(most < 64 or sanitized(), "%.1f MB" % most)


def story_memory():
    """A hundred sessions with messages of 25 MB each stay under 64 MB."""
    sessions, size, step = 100, 25000000, 65535
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    if sanitized():
        sessions, size = 20, 2000000
    piece, answers = b"m" * step, []

    def send(d, n):
        with d.session(timeout=300) as s:
            s.mail(ERP)
            s.rcpt(SALES)
            s.data()
            s.header("Message-ID", " <%d@shop.example>" % n)
            s.eoh()
            for _ in range(size // step):
                s.body(piece)
            answers.append(s.eom())

    with Alone(JOURNALS) as d:
        threads = [threading.Thread(target=send, args=(d, n))
                   for n in range(sessions)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        now, most = d.rss()
        print("# %d sessions of %d bytes: %.1f MB at most, %.1f after" % (
            sessions, size, most, now))
        equal(answers, ["a"] * sessions, "all are stored")
        equal(len(d.messages()), sessions, "in the ledger")
        check(most < 64 or sanitized(), "%.1f MB" % most)


if __name__ == "__main__":
    tell(globals())
