#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Dies at every named point of daemon and run, starts again, and compares
what arrived with what was accepted: each document once."""

import collections
import signal
import smtplib
import subprocess
import threading
import time

from gateway import BUILD, Gateway
from mails import invoice
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME,
                      "documents_per_mail": 2, "max_mails_per_run": 1000}}


class Model:
    """What was accepted with 250, against what arrived."""

    def __init__(self, gateway):
        self.gateway, self.accepted, self.count = gateway, {}, 0

    def send(self, tries=40):
        """Sends one document, as a sender's queue would: until accepted."""
        self.count += 1
        # large enough that the next one is begun while this one is under way
        m, content = invoice("M-%d" % self.count, size=60000)
        for _ in range(tries):
            try:
                self.gateway.send(m, "sales@compta.example")
            except (smtplib.SMTPException, OSError):
                time.sleep(0.25)
                continue
            self.accepted["M-%d.pdf" % self.count] = content
            return
        raise AssertionError("never accepted")

    def compare(self, what):
        """Each accepted document arrived once, bit for bit. Where the answer
        was lost and the mail log proves nothing, a batch comes again, but
        under the same Message-ID, and a report says PL-303. Returns how many
        documents arrived twice."""
        g = self.gateway
        seen = collections.defaultdict(list)
        for m in g.arrived(ACME):
            for name, content in m.files().items():
                equal(content, self.accepted.get(name), what + ": bytes")
                seen[name].append(m.mail["Message-ID"])
        missing = set(self.accepted) - set(seen)
        equal(missing, set(), what + ": nothing is lost")
        twice = {n: ids for n, ids in seen.items() if len(ids) > 1}
        for name, ids in twice.items():
            equal(len(set(ids)), 1, what + ": the same Message-ID")
        if twice:
            told = [r for r in g.reports() if "PL-303" in
                    r.text()]
            check(told, what + ": sent twice, and no report says PL-303")
        return len(twice)


def points(program, word):
    out = subprocess.run([BUILD + "/" + program, word], timeout=30,
                         capture_output=True, text=True, check=True).stdout
    names = out.split()
    check(len(names) >= 6, "%s has crash points: %r" % (program, names))
    return names


def story_run_dies():
    """The run dies at each of its points; the next one makes it good."""
    with Gateway(JOURNALS) as g:
        model, reached = Model(g), 0
        for point in points("postledger", "crash-points"):
            for _ in range(3):
                model.send()
            g.postledger("run", "--now", crash=point, code=None)
            reached += g.status == -signal.SIGKILL
            if g.status not in (0, -signal.SIGKILL):
                check(False, "%s: exit %d: %s" % (point, g.status, g.stderr))
            g.run("--now")
            g.run("--now")
            model.compare("run died at " + point)
            equal(g.entries(state="sending"), [], point + ": nothing hangs")
        check(reached >= 6, "%d points were reached" % reached)
        g.postledger("audit", "verify")


def died_and_back(g, over):
    """Waits until it is OVER or the daemon died; then starts it again."""
    end = time.monotonic() + 10
    while g.daemon.poll() is None and not over() and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.1)
    if g.daemon.poll() is None:
        return False
    g.stop_daemon()
    g.start_daemon()
    return True


def story_daemon_dies():
    """The daemon dies at each of its points; what was answered with 250 is
    stored, and every document is delivered once."""
    with Gateway(JOURNALS) as g:
        model, reached = Model(g), 0
        for point in points("postledgerd", "--crash-points"):
            g.stop_daemon()
            g.start_daemon(crash=point)
            sender = threading.Thread(target=model.send)
            sender.start()
            reached += died_and_back(g, lambda: not sender.is_alive())
            sender.join(60)
            # a point of the way out is reached when a batch comes by
            run = g.popen("run", "--now")
            reached += died_and_back(g, lambda: run.poll() is not None)
            run.wait(60)
            g.run("--now", code=None)
            g.run("--now", code=None)
            g.postfix("flush")
            g.settle()
            model.compare("daemon died at " + point)
        check(reached >= 6, "%d points were reached" % reached)
        g.postledger("audit", "verify")


def story_term_ends_in_time():
    """SIGTERM ends the daemon within ten seconds, with sessions open."""
    with Gateway(JOURNALS) as g:
        with smtplib.SMTP("127.0.0.1", g.port) as s:
            s.ehlo()
            s.mail("erp@shop.example")
            s.rcpt("sales@compta.example")
            began = time.monotonic()
            equal(g.stop_daemon(), 0, "a clean end")
            check(time.monotonic() - began < 10, "in time")
            try:
                s.data(invoice("F-1")[0].as_bytes())
            except smtplib.SMTPResponseException as e:
                equal(e.smtp_code // 100, 4, "the sender's queue keeps it")
            else:
                equal(g.sql("select count(*) from message"), [(1,)],
                      "250 means stored")


if __name__ == "__main__":
    tell(globals())
