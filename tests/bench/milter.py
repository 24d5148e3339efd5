#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What postledgerd costs other mail, and how fast it captures.

Every round runs ours and its yardstick one after the other, in an order that
changes; what counts is the median of the rounds' ratios. Yardsticks: a filter
that does nothing (milter_floor), no filter at all, SQLite alone.

    BUILD=build ROUNDS=10 MESSAGES=1000 tests/bench/milter.py [WORD...]

WORD: pass, reload, capture, postfix, instructions; default: all.
"""

import contextlib
import glob
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from gateway import BUILD, Gateway, free_port, wait_for  # noqa: E402
from paper import ROUNDS, Paper, rounds  # noqa: E402

MESSAGES = int(os.environ.get("MESSAGES", "1000"))
ADDRESSES = 10000
OTHER, INTAKE = "someone@customers.example", "a7@books3.example"
PAYLOAD = 150000


def journals(addresses=ADDRESSES):
    """A hundred journals with their addresses and a wildcard domain each."""
    return {"j%d" % j: {
        "address": ", ".join(
            ["a%d@books%d.example" % (i, j) for i in range(addresses // 100)]
            + ["*@all%d.example" % j]),
        "deliver_to": "in%d@accounting.example" % j,
        "allow_networks": "127.0.0.0/8"} for j in range(100)}


class Filter:
    """A running filter: its socket, its CPU time, what it has the disk do."""

    def __init__(self, process, socket, syncs=None):
        self.process, self.socket, self.syncs = process, socket, syncs

    def cpu(self):
        """Milliseconds."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            words = f.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) * 1000 / os.sysconf(
            "SC_CLK_TCK")

    def disk(self):
        """Syncs, the milliseconds they took, bytes written."""
        with open(self.syncs, "rb") as f:
            n, took, size = struct.unpack("3Q", f.read(24))
        return n, took / 1e6, size


@contextlib.contextmanager
def floor(folder, mode):
    socket = "%s/%s.sock" % (folder, mode)
    process = subprocess.Popen(
        [BUILD + "/bench/milter_floor", socket, mode])
    try:
        wait_for(mode, lambda: Gateway.listening(socket))
        os.chmod(socket, 0o666)
        yield Filter(process, socket)
    finally:
        process.kill()
        process.wait()


class Alone(Gateway):
    """postledgerd without Postfix, its syncs counted; `under`: words before
    its name."""

    def __init__(self, addresses=ADDRESSES, **more):
        super().__init__(journals(addresses), **more)

    def __enter__(self):
        self.write_files()
        os.chmod(self.dir + "/sock", 0o2755)
        syncs = self.dir + "/syncs"
        with open(syncs, "wb") as f:
            f.write(bytes(24))
        os.chmod(syncs, 0o666)
        self.start_daemon(LD_PRELOAD=BUILD + "/bench/syncs.so",
                          POSTLEDGER_SYNCS=syncs)
        self.filter = Filter(
            self.daemon, self.conf["socket"].split(":", 1)[1], syncs)
        return self


def load(socket, connections, messages, each, to, size):
    """Rate and latencies, see milter_load.c."""
    out = subprocess.run(
        [BUILD + "/bench/milter_load", socket, str(connections),
         str(messages), str(each), to, str(size)],
        check=True, capture_output=True, timeout=600).stdout
    return json.loads(out)


def ratios(ours, theirs, key):
    return [a[key] / b[key] for a, b in zip(ours, theirs)]


# ---- other mail, without an MTA ----------------------------------------------

def passed(f, each):
    before = f.cpu()
    result = load(f.socket, 20, 4 * MESSAGES, each, OTHER, 200)
    result["filter"] = (f.cpu() - before) / (4 * MESSAGES)
    return result


def bench_pass(paper):
    with Alone() as g, floor(g.dir, "pass") as yardstick:
        for each in (1, 0):
            ours, theirs = rounds(lambda: passed(g.filter, each),
                                  lambda: passed(yardstick, each))
            how = ("a connection each", "20 connections")[each == 0]
            paper.row("passed, " + how, "of the floor's rate",
                      ratios(ours, theirs, "rate"), at_least=0.95)
            # the clock of the CPU time is coarse: over all rounds
            paper.row("filter CPU, " + how, "of the floor's",
                      [sum(r["filter"] for r in ours) /
                       sum(r["filter"] for r in theirs)], at_most=1.2)
            paper.row("passed, " + how, "messages/s",
                      [r["rate"] for r in ours])
            paper.row("filter CPU, " + how, "ms a message",
                      [r["filter"] for r in ours])


def bench_reload(paper):
    """The slowest of thousands of messages, with and without reloads."""
    with Alone() as g:
        stop = threading.Event()

        def calm():
            return load(g.filter.socket, 1, 2 * MESSAGES, 0, OTHER, 200)

        def reloading():
            stop.clear()
            thread = threading.Thread(target=keep_reloading)
            thread.start()
            try:
                return calm()
            finally:
                stop.set()
                thread.join()

        def keep_reloading():
            while not stop.wait(0.05):
                g.daemon.send_signal(signal.SIGUSR1)

        with_reloads, without = rounds(reloading, calm)
        paper.row("reloaded 20 times a second", "p99 ms of passing",
                  [r["p99"] for r in with_reloads])
        paper.row("not reloaded", "p99 ms of passing",
                  [r["p99"] for r in without])


# ---- capture, without an MTA ------------------------------------------------

def captured(f, connections, messages):
    before, cpu = f.disk(), f.cpu()
    result = load(f.socket, connections, messages, 10, INTAKE, PAYLOAD)
    syncs, took, size = (b - a for a, b in zip(before, f.disk()))
    result.update(syncs=syncs / messages, sync=took / syncs,
                  bytes=size / messages / PAYLOAD,
                  filter=(f.cpu() - cpu) / messages)
    return result


def sqlite(folder, count, *how):
    path = folder + "/limit.db"
    try:
        return json.loads(subprocess.run(
            [BUILD + "/bench/ledger_sqlite", path, str(PAYLOAD), str(count),
             "1", *how], check=True, capture_output=True).stdout)
    finally:
        for name in glob.glob(path + "*"):
            os.unlink(name)


def written_and_synced(folder, n, over):
    """What it takes to write a message's bytes and to sync them, in ms, behind
    all that is in a file, or OVER what is there already."""
    took, bytes_ = [], os.urandom(PAYLOAD)
    with open(folder + "/synced", "wb", buffering=0) as f:
        if over:
            f.write(bytes(n * PAYLOAD))
            os.fsync(f)
            f.seek(0)
        for _ in range(n):
            begun = time.monotonic()
            f.write(bytes_)
            os.fdatasync(f)
            took.append((time.monotonic() - begun) * 1000)
    os.unlink(folder + "/synced")
    took.sort()
    return {"p50": took[n // 2], "p99": took[(n - 1) * 99 // 100]}


def bench_capture(paper):
    few = max(400, MESSAGES // 5)
    with Alone() as g, floor(g.dir, "take") as yardstick:
        f = g.filter
        load(f.socket, 20, 100, 10, INTAKE, PAYLOAD)
        begun = f.disk()[2]
        ours, limit, rollback, take = rounds(
            lambda: captured(f, 20, MESSAGES),
            lambda: sqlite(g.dir, 8),
            lambda: sqlite(g.dir, 8, "PERSIST"),
            lambda: load(yardstick.socket, 20, MESSAGES, 10, INTAKE, PAYLOAD))
        written = (f.disk()[2] - begun) / ROUNDS / MESSAGES / PAYLOAD
        single, sync, over = rounds(
            lambda: captured(f, 1, few),
            lambda: written_and_synced(g.dir, few, False),
            lambda: written_and_synced(g.dir, few, True))
    paper.row("captured", "messages/s", [r["rate"] for r in ours])
    paper.row("captured", "of SQLite's limit (8 a transaction)",
              ratios(ours, limit, "rate"), at_least=0.6)
    paper.row("SQLite, log, 8 a transaction", "messages/s",
              [r["rate"] for r in limit])
    paper.row("SQLite, rollback journal, 8", "messages/s",
              [r["rate"] for r in rollback])
    paper.row("SQLite, rollback journal, 8", "syncs a message",
              [r["syncs"] for r in rollback])
    paper.row("taken and not stored", "messages/s", [r["rate"] for r in take])
    paper.row("captured", "syncs a message", [r["syncs"] for r in ours],
              at_most=0.25)
    paper.row("captured, all rounds", "bytes written a byte",
              [written], at_most=2.2)
    paper.row("captured", "filter CPU ms a message",
              [r["filter"] for r in ours])
    paper.row("captured, one connection", "p99 in p99s of an append and its sync",
              ratios(single, sync, "p99"), at_most=3)
    paper.row("captured, one connection", "p50 in p50s of an append and its sync",
              ratios(single, sync, "p50"), at_most=3)
    paper.row("captured, one connection", "p99 in p99s of writing over, sync",
              ratios(single, over, "p99"))
    paper.row("captured, one connection", "p50 in p50s of writing over, sync",
              ratios(single, over, "p50"))
    paper.row("captured, one connection", "p50 ms",
              [r["p50"] for r in single])
    paper.row("an append of 150 KB and its sync", "p50 ms",
              [r["p50"] for r in sync])
    paper.row("150 KB written over others, and synced", "p50 ms",
              [r["p50"] for r in over])


# ---- through Postfix --------------------------------------------------------

class Lanes(Gateway):
    """A Postfix with one smtpd for each filter; what passes is thrown away."""

    def __init__(self):
        super().__init__(
            journals(), attach="hop",
            main_cf="default_transport = discard:\nrelay_transport = discard:\n"
                    "transport_maps =\n")
        self.ports = {}

    def lane(self, name, socket=None):
        self.ports[name] = free_port()
        with open(self.dir + "/postfix/master.cf", "a") as f:
            f.write("127.0.0.1:%d inet n - n - - smtpd\n" % self.ports[name])
            if socket:
                f.write(" -o smtpd_milters=unix:%s\n"
                        " -o milter_default_action=tempfail\n" % socket)
        os.utime(self.dir + "/postfix/master.cf", times=(time.time() - 60,) * 2)

    def queued(self):
        return any(files for part in ("incoming", "active", "maildrop")
                   for _, _, files in os.walk(
                       "%s/queue/%s" % (self.dir, part)))

    def rate(self, name, to, size, messages):
        wait_for("an empty queue", lambda: not self.queued(), 120)
        begun = time.monotonic()
        subprocess.run(
            ["smtp-source", "-s", "20", "-d", "-m", str(messages), "-l",
             str(size), "-f", "erp@shop.example", "-t", to,
             "127.0.0.1:%d" % self.ports[name]],
            check=True, timeout=600)
        return {"rate": messages / (time.monotonic() - begun)}


@contextlib.contextmanager
def lanes():
    g = Lanes()
    with contextlib.ExitStack() as stack:
        stack.callback(g.stop)
        g.write_files()
        g.start_daemon()
        taking = stack.enter_context(floor(g.dir, "take"))
        passing = stack.enter_context(floor(g.dir, "pass"))
        g.lane("none")
        g.lane("ours", g.conf["socket"].split(":", 1)[1])
        g.lane("take", taking.socket)
        g.lane("pass", passing.socket)
        g.start_postfix()
        for name in g.ports:
            g.rate(name, OTHER, 1000, 100)
        yield g


def bench_postfix(paper):
    with lanes() as g:
        for size, goal in ((10240, 0.85), (204800, 0.95)):
            n = MESSAGES if size < 100000 else MESSAGES // 4
            ours, none, least = rounds(
                lambda: g.rate("ours", OTHER, size, n),
                lambda: g.rate("none", OTHER, size, n),
                lambda: g.rate("pass", OTHER, size, n))
            what = "Postfix, other mail, %d KB" % (size // 1024)
            paper.row(what, "of no milter", ratios(ours, none, "rate"),
                      at_least=goal)
            paper.row(what + ", the floor", "of no milter",
                      ratios(least, none, "rate"))
            paper.row(what, "messages/s", [r["rate"] for r in ours])
        n = MESSAGES // 2
        ours, take = rounds(lambda: g.rate("ours", INTAKE, PAYLOAD, n),
                            lambda: g.rate("take", INTAKE, PAYLOAD, n))
        paper.row("Postfix, captured, 150 KB", "of taken and not stored",
                  ratios(ours, take, "rate"), at_least=0.93)
        paper.row("Postfix, captured, 150 KB", "messages/s",
                  [r["rate"] for r in ours])


# ---- instructions ------------------------------------------------------------

def instructions(folder, words, socket, to, size):
    """Of the filter that WORDS start, for one message: the difference of two
    runs that differ in nothing but their number of messages. A first one makes
    what the others find."""
    counts = []
    for n in (1, 20, 220):
        out = folder + "/callgrind.out"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(socket)
        process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "-q", "--vgdb=no",
             "--callgrind-out-file=" + out, *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("callgrind", lambda: Gateway.listening(socket), 120)
        os.chmod(out, 0o666)    # the daemon is another user by now
        load(socket, 1, n, 0, to, size)
        process.terminate()
        process.wait(60)
        with open(out) as f:
            counts.append(int(re.search(r"(?m)^(?:totals|summary): (\d+)",
                                        f.read())[1]))
    return (counts[2] - counts[1]) / 200


def bench_instructions(paper):
    if not shutil.which("valgrind"):
        print("no valgrind: instructions are not counted")
        return
    folder = tempfile.mkdtemp(prefix="postledger-bench-")
    socket = folder + "/floor.sock"
    count = {}
    for mode, to, size in (("pass", OTHER, 200), ("take", INTAKE, PAYLOAD)):
        count[mode] = instructions(
            folder, [BUILD + "/bench/milter_floor", socket, mode], socket, to,
            size)
    shutil.rmtree(folder)
    for addresses in (100, ADDRESSES):
        g = Gateway(journals(addresses))
        g.write_files()
        words = [BUILD + "/postledgerd", "-c", g.conf_file]
        path = g.conf["socket"].split(":", 1)[1]
        what = "%d addresses" % addresses
        ours = instructions(g.dir, words, path, OTHER, 200)
        paper.row("passed, " + what, "instructions", [ours])
        paper.row("passed, " + what, "of the floor's instructions",
                  [ours / count["pass"]])
        if addresses == ADDRESSES:
            ours = instructions(g.dir, words, path, INTAKE, PAYLOAD)
            paper.row("captured", "instructions", [ours])
            paper.row("captured", "of the floor's instructions",
                      [ours / count["take"]])
        g.stop()


def main(words):
    paper = Paper("milter", "Other mail and capture")
    benches = {n[6:]: f for n, f in globals().items()
               if n.startswith("bench_")}
    for name in words or benches:
        benches[name](paper)
    paper.write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
