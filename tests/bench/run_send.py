#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""How fast a run sends, beside smtp-source, into the same Postfix.

    run_send.py ROUNDS DOCUMENTS...

A private Postfix throws away what it took. Each round imports DOCUMENTS
messages with one PDF of 100 KB each, ten of which make an e-mail, and then
lets `run --now` read and send them; smtp-source sends as many e-mails of the
same size over one connection and over four. Rounds are interleaved, so that a
machine that slows down slows all of them. Prints a Markdown table: medians,
the spread of the ratio over the rounds, and what the run used: CPU in ms a
document, of the command and (apart) of the child that parses; the most memory
that either took.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from gateway import INTAKE, TARGET, Gateway  # noqa: E402
from mails import mail, pdf  # noqa: E402

SIZE = 100 << 10
TOGETHER = 10
PROBE = 0.02    # seconds between two looks at the memory


def message(number):
    """A message with a PDF that nobody can compress."""
    name = "F-%d" % number
    return mail([(name + ".pdf", pdf(name, SIZE))], to="sales@" + INTAKE,
                subject="Invoice " + name)


def bring_in(g, first, count):
    """COUNT messages into the ledger, not yet read."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        names = []
        for n in range(first, first + count):
            names.append("%s/%d.eml" % (folder, n))
            with open(names[-1], "wb") as f:
                f.write(message(n).as_bytes())
        for at in range(0, count, 500):
            g.postledger("import", "-j", "sales", *names[at:at + 500])


def status(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.split(":", 1) for line in f)


def look(pid, most):
    """Notes the most memory (VmHWM, kB) of PID and its children in MOST."""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            family = [pid, *map(int, f.read().split())]
        for number, one in enumerate(family):
            peak = int(status(one).get("VmHWM", "0").split()[0])
            key = "command" if number == 0 else "child"
            most[key] = max(most[key], peak)
    except (OSError, ValueError):
        pass


def timed_run(g):
    """`run --now`, with its report: seconds, its CPU, memory."""
    most = {"command": 0, "child": 0}
    before, start = os.times(), time.monotonic()
    run = g.popen("run", "--now")
    while run.poll() is None:
        look(run.pid, most)
        time.sleep(PROBE)
    seconds, after = time.monotonic() - start, os.times()
    assert run.returncode == 0, run.stderr.read()
    run.stdout.close(), run.stderr.close()
    cpu = (after.children_user - before.children_user +
           after.children_system - before.children_system)
    return seconds, cpu, most


def timed_source(g, mails, size, sessions):
    start = time.monotonic()
    subprocess.run(
        ["smtp-source", "-d", "-s", str(sessions), "-m", str(mails),
         "-l", str(size), "-f", "erp@shop.example", "-t", "acme@" + TARGET,
         "127.0.0.1:%d" % g.port], check=True)
    return time.monotonic() - start


class Bench:
    """One journal, plain or ZIP, over all rounds."""

    def __init__(self, packed, documents):
        self.packed, self.documents, self.first = packed, documents, 1
        self.rows, self.most = [], {"command": 0, "child": 0}
        self.gateway = Gateway(
            journals={"sales": {
                "address": "sales@" + INTAKE, "deliver_to": "acme@" + TARGET,
                "documents_per_mail": TOGETHER, "delay_days": 0,
                "accept": "invoice credit-note other",
                "compress": "zip" if packed else "none",
                "max_mails_per_run": 10000}},
            main_cf="default_transport = discard:\n"
                    "in_flow_delay = 0")

    def round(self):
        g, n = self.gateway, self.documents
        bring_in(g, self.first, n)
        self.first += n
        seconds, cpu, most = timed_run(g)
        g.settle()
        sent, size = g.sql("SELECT count(*), avg(size) FROM attempt a "
                           "JOIN batch b ON b.id = a.batch "
                           "WHERE b.report IS NULL AND a.size > 0")[0]
        assert sent == (self.first - 1) / TOGETHER, sent
        one = timed_source(g, n // TOGETHER, int(size), 1)
        g.settle()
        four = timed_source(g, n // TOGETHER, int(size), 4)
        g.settle()
        self.rows.append((n / seconds, n / one, n / four, one / seconds,
                          four / seconds, cpu * 1000 / n))
        for who, peak in most.items():
            self.most[who] = max(self.most[who], peak)

    def line(self):
        run, one, four, by_one, by_four, cpu = zip(*self.rows)
        m = statistics.median
        print("| %s | %d | %.0f | %.0f | %.0f | %.2f (%.2f-%.2f) | "
              "%.2f (%.2f-%.2f) | %.2f | %.0f | %.0f |" % (
                  "zip" if self.packed else "plain", self.documents, m(run),
                  m(one), m(four), m(by_one), min(by_one), max(by_one),
                  m(by_four), min(by_four), max(by_four), m(cpu),
                  self.most["command"] / 1024, self.most["child"] / 1024))


def main():
    rounds = int(sys.argv[1])
    print("| e-mails | documents | run, documents/s | smtp-source, 1 | "
          "smtp-source, 4 | ratio to 1 | ratio to 4 | CPU ms/document | "
          "command MB | child MB |\n|" + " --- |" * 10)
    for documents in map(int, sys.argv[2:]):
        benches = [Bench(packed, documents) for packed in (False, True)]
        try:
            for b in benches:
                b.gateway.__enter__()
            for _ in range(rounds):
                for b in benches:
                    b.round()
        finally:
            for b in benches:
                b.gateway.stop()
        for b in benches:
            b.line()


if __name__ == "__main__":
    main()
