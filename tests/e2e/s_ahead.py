#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Three connections: the next e-mails are handed over, but for their ends, while
the MTA is busy with the present one. The order stays, and so does all else."""

import contextlib
import itertools
import smtplib
import socket
import socketserver
import threading
import time

from gateway import Gateway, Logged, wait_for
from listener import Listener
from mails import invoice, mail
from othermilter import OtherMilter
from statements import Move, Statement, coda
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME}}
BANK = {"bank": {"address": "bank@compta.example", "deliver_to": ACME,
                 "accept": "statement"}}
LARGE = 80000    # bytes; of small e-mails none is begun early


def send_invoices(g, n, size=LARGE):
    """Sends N, one after the other; their contents in that order."""
    contents = []
    for i in range(n):
        m, content = invoice("F-%d" % i, size=size)
        g.send(m, "sales@compta.example")
        contents.append(content)
    return contents


def offered(g):
    """The entries in the order in which their e-mails came by the daemon."""
    return [e for e, in g.sql(
        "select e.entry from attempt a join batch_entry e on e.batch = a.batch"
        " where a.offered > 0 and a.state = 2 order by a.offered, e.seq")]


def most_at_once(g):
    """How many e-mails had an attempt without an answer at a time."""
    moments = sorted(itertools.chain.from_iterable(
        ((a, 1), (b, -1)) for a, b in g.sql(
            "select started, ended from attempt where ended > 0")))
    return max(itertools.accumulate(n for _, n in moments))


def behind_ours(other, journals):
    """A gateway with OTHER as milter behind ours."""
    g = Logged(journals)
    g.main_extra = "smtpd_milters = %s, inet:127.0.0.1:%d" % (
        g.conf["socket"], other.port)
    return g


def story_order():
    """Twelve large e-mails: three are under way at a time, and each passes the
    daemon after the one before it was answered."""
    with Gateway(JOURNALS) as g:
        contents = send_invoices(g, 12)
        g.run("--now")
        equal(most_at_once(g), 3, "three at a time")
        equal(offered(g), sorted(offered(g)), "in their order")
        times = g.sql("select offered, ended from attempt order by batch")
        check(all(a[1] <= b[0] for a, b in itertools.pairwise(times)),
              "answered before the next is offered: %r" % times)
        equal({c for _, c in g.documents(ACME)}, set(contents), "all")
        equal(len(g.documents(ACME)), 12, "each once")
        g.postledger("audit", "verify")


def story_small():
    """Small e-mails are no work for the MTA: one connection, one at a time."""
    with Gateway(JOURNALS) as g:
        send_invoices(g, 4, size=1000)
        g.run("--now")
        equal(most_at_once(g), 1, "one at a time")
        equal(len(g.documents(ACME)), 4, "all")


class OneOnly(Listener):
    """In front of PORT: passes on the first connection that ever comes, as an
    MTA that takes one at a time and is slow to forget it."""

    class Passing(socketserver.BaseRequestHandler):
        def handle(self):
            if next(self.server.n) > 0:
                self.request.sendall(b"421 4.7.0 too many connections\r\n")
                return
            with socket.create_connection(
                    ("127.0.0.1", self.server.behind)) as there:
                back = threading.Thread(target=self.pass_on,
                                        args=(there, self.request))
                back.start()
                self.pass_on(self.request, there)
                back.join()

        @staticmethod
        def pass_on(source, to):
            with contextlib.suppress(OSError):
                for data in iter(lambda: source.recv(65536), b""):
                    to.sendall(data)
                to.shutdown(socket.SHUT_WR)

    def __init__(self, behind):
        self.behind, self.n = behind, itertools.count()
        super().__init__(self.Passing)


def accepts(g):
    """Would Postfix take one more connection?"""
    try:
        smtplib.SMTP("127.0.0.1", g.port, timeout=60).quit()
        return True
    except smtplib.SMTPConnectError as e:
        equal(e.smtp_code, 421, "too many")
        return False


def story_one_connection():
    """An MTA that takes one connection gets one; nothing is put off."""
    with Gateway(JOURNALS) as g:
        contents = send_invoices(g, 6)
        g.main_extra = ("smtpd_client_connection_count_limit = 1\n"
                        "smtpd_client_event_limit_exceptions =")
        g.write_postfix()
        g.postfix("reload")
        wait_for("Postfix", lambda: accepts(g))
        with smtplib.SMTP("127.0.0.1", g.port, timeout=60):
            wait_for("the limit", lambda: not accepts(g))
        wait_for("Postfix", lambda: accepts(g))
        time.sleep(0.2)
        g.run("--now")
        equal([c for _, c in sorted(g.documents(ACME))], contents, "each once")
        equal(g.entries(state="sent"), g.entries(), "all are sent")
        check(not [r for r in g.reports() if "PL-30" in r.text()],
              "and nobody is told of trouble")
        equal(offered(g), sorted(offered(g)), "in their order")


def story_one_connection_for_long():
    """One that is slow to forget a connection gets no other one: what was
    begun on the good one is not given up there."""
    with Gateway(JOURNALS) as g, OneOnly(g.port) as mta:
        g.conf["submission"] = "smtp://127.0.0.1:%d" % mta.port
        g.write_conf()
        contents = send_invoices(g, 6)
        g.run("--now")
        equal([c for _, c in sorted(g.documents(ACME))], contents, "each once")
        equal(next(mta.n), 2, "one connection, and one that was refused")
        equal(offered(g), sorted(offered(g)), "in their order")


def story_one_in_between_is_put_off():
    """The second of five is not taken: the third, which was begun already,
    goes on, and the second leaves with the next run."""
    with OtherMilter() as other, behind_ours(other, JOURNALS) as g:
        contents = send_invoices(g, 5)
        answers = iter(["continue", "tempfail"])
        other.at_end = lambda: next(answers, "continue")
        g.run("--now", code=None)
        equal([c for _, c in sorted(g.documents(ACME))],
              contents[:1] + contents[2:], "all but the second")
        g.run("--now")
        equal([c for _, c in sorted(g.documents(ACME))], contents, "each once")
        check(not [r for r in g.reports() if "PL-303" in r.text()],
              "nothing was sent twice")


def bank(day):
    """Statement number DAY of one account, of more than 64 KB."""
    date = "2026-01-%02d" % day
    moves = [Move(date, "1.00", "Payment %d" % n) for n in range(400)]
    return mail([("s%d.cod" % day, coda(Statement(
        "BE68539007547034", day, date, "%d.00" % (1000 + 400 * day), moves)))],
                to="bank@compta.example")


def story_statements():
    """A statement that was begun does not overtake one that is put off."""
    with OtherMilter() as other, behind_ours(other, BANK) as g:
        for day in range(1, 5):
            g.send(bank(day), "bank@compta.example")
        answers = iter(["continue", "tempfail"])
        other.at_end = lambda: next(answers, "continue")
        g.run("--now", code=None)
        equal([n for n, _ in g.documents(ACME)], ["s1.cod"], "the first alone")
        equal(g.entries(state="sending"), g.entries(state="sending")[:1],
              "at most the second is in an e-mail")
        g.run("--now")
        equal(offered(g), sorted(offered(g)), "in their order")
        equal(sorted(n for n, _ in g.documents(ACME)),
              ["s%d.cod" % d for d in range(1, 5)], "each once")


if __name__ == "__main__":
    tell(globals())
