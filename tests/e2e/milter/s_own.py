#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our own batches on their way out through the same milter."""

import base64
import hashlib
import hmac
import sqlite3
import struct

from client import Alone
from story import check, equal, tell

SALES = "<sales@compta.example>"
# in line: delivered to the intake address itself
JOURNALS = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "sales@compta.example"}}
SENDER = "postledger@gw.example.com"
PLANNED, SUBMITTING, SENT = 0, 1, 2


def mac(d, *parts):
    with open(d.conf["secret_file"], "rb") as f:
        secret = f.read().strip()
    text = b"".join(struct.pack("!Q", len(p)) + p.encode() for p in parts)
    digest = hmac.new(secret, text, hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:16]


def return_path(d, batch, attempt):
    m = mac(d, "postledger address", "b", str(batch), str(attempt), SENDER)
    user, domain = SENDER.split("@")
    return "<%s+b.%d.%d.%s@%s>" % (user, batch, attempt, m, domain)


def header(d, batch, attempt, to=SALES, message_id="<b.1@gw.example.com>"):
    m = mac(d, "postledger batch", str(batch), str(attempt), message_id,
            to.strip("<>").lower())
    return [("Message-ID", " " + message_id),
            ("X-Postledger-Batch", " %d.%d; journal=sales; documents=1; mac=%s"
             % (batch, attempt, m))]


def plan(d, batch, attempt, state=SUBMITTING):
    """A batch in the ledger, as a run would have left it."""
    with sqlite3.connect(d.dir + "/lib/ledger.db") as db:
        db.execute("insert into batch (id, journal, message_id, deliver_to,"
                   " sender, state, zip, documents, created, attempt) values"
                   " (?, 'sales', '<b.1@gw.example.com>', ?, ?, ?, 0, 1, 1, ?)",
                   (batch, SALES, SENDER, state, attempt))
        db.executemany("insert into attempt (batch, number, state, started)"
                       " values (?, ?, 0, 1)",
                       [(batch, n + 1) for n in range(attempt)])


def offered(d, batch, attempt):
    rows = d.sql("select state, queue_id from attempt where batch = ? and"
                 " number = ?", batch, attempt)
    return rows[0] if rows else None


def story_passes():
    """The current attempt of a batch passes untouched, also to an intake
    address, and is offered with its queue id; nothing is captured."""
    with Alone(JOURNALS) as d, d.session() as s:
        plan(d, 1, 2)
        equal(s.message(return_path(d, 1, 2), [SALES], header(d, 1, 2),
                        queue_id="4OWN"), "a", "accepted")
        equal(s.deleted, [], "no recipient is deleted")
        equal(offered(d, 1, 2), (1, "4OWN"), "offered")
        equal(d.messages(), [], "not captured")
        d.logged("4OWN: batch-passed", "batch=1.2")


def story_early():
    """It is accepted at the end of its header, so that the MTA need not hand
    over the rest; one that is stale only at the end, where its recipients can
    be taken away."""
    with Alone(JOURNALS) as d, d.session() as s:
        plan(d, 1, 2)
        for attempt, answer in ((2, "a"), (1, "c")):
            s.mail(return_path(d, 1, attempt))
            s.rcpt(SALES)
            s.data("4EARLY")
            for name, value in header(d, 1, attempt):
                s.header(name, value)
            equal(s.eoh(), answer, "at the end of the header")
        equal(offered(d, 1, 2), (1, "4EARLY"), "offered")
        equal(s.eom(), "a", "accepted")
        equal(s.deleted, [SALES], "without recipients")


def story_stale():
    """An attempt that was replaced is dropped: accepted without recipients,
    and logged."""
    with Alone(JOURNALS) as d, d.session() as s:
        plan(d, 1, 2)
        equal(s.message(return_path(d, 1, 1), [SALES], header(d, 1, 1)),
              "a", "accepted")
        equal(s.deleted, [SALES], "without recipients")
        equal(d.messages(), [], "not captured")
        d.logged("batch-stale", "batch=1.1")


def story_unknown():
    """A batch that this ledger does not know, with a good MAC, passes and is
    logged loudly."""
    with Alone(JOURNALS) as d, d.session() as s:
        equal(s.message(return_path(d, 77, 1), [SALES], header(d, 77, 1)),
              "a", "accepted")
        equal(s.deleted, [], "untouched")
        d.logged("batch-unknown", "batch=77.1")


def story_forged():
    """A keyed return path without a good stamp is mail like any other: its
    intake recipients are captured."""
    with Alone(JOURNALS) as d, d.session() as s:
        plan(d, 1, 1)
        path = return_path(d, 1, 1)
        good = header(d, 1, 1)
        forged = [
            good[:1],                                     # no stamp
            good[1:],                                     # no Message-ID
            [("Message-ID", " <x@evil.example>"), good[1]],  # another mail's
            header(d, 1, 1, "<other@compta.example>"),    # another recipient's
            header(d, 2, 1), header(d, 1, 2),             # another batch's
            good + good[1:],                              # twice
        ]
        for n, headers in enumerate(forged):
            equal(s.message(path, [SALES], headers), "a", "accepted")
            equal(s.deleted, [SALES], "taken away")
            equal(len(d.messages()), n + 1, "captured")
        equal(offered(d, 1, 1), (0, None), "not offered")
        d.logged("batch-forged")
        equal(s.message(path, [SALES, "<eve@evil.example>"], good), "a",
              "with one more recipient")
        equal(s.deleted, [SALES], "is no batch either")
        # a long header is handed over before its end is known
        long = [("X-%d" % n, " " + "x" * 900) for n in range(400)]
        rows = d.rows()[0]
        equal(s.message(path, [SALES], long + good), "a", "own, long header")
        equal(s.deleted, [], "passes")
        equal(offered(d, 1, 1)[0], 1, "offered")
        d.stop_daemon()
        equal(d.rows()[0], rows, "its header is not kept")


def story_not_decided():
    """A batch that cannot be offered now is deferred, never passed."""
    with Alone(JOURNALS) as d, d.session() as s:
        plan(d, 1, 1)
        other = sqlite3.connect(d.dir + "/lib/ledger.db",
                                isolation_level=None)
        other.execute("begin immediate")
        equal(s.message(return_path(d, 1, 1), [SALES], header(d, 1, 1)),
              "y", "deferred")
        check(s.reply.startswith("451 4.3.0 "), s.reply)
        other.execute("rollback")
        other.close()
        equal(s.message(return_path(d, 1, 1), [SALES], header(d, 1, 1)),
              "a", "then it passes")


def story_fixed_return_path():
    """With return_path = fixed the stamp alone decides."""
    with Alone(JOURNALS, {"return_path": "fixed"}) as d, d.session() as s:
        plan(d, 1, 1)
        sender = "<%s>" % SENDER
        equal(s.message(sender, [SALES], header(d, 1, 1)), "a", "accepted")
        equal(s.deleted, [], "untouched")
        equal(offered(d, 1, 1)[0], 1, "offered")
        equal(s.message(sender, [SALES],
                        [("Message-ID", " <2@gw.example.com>")]), "a", "mail")
        equal(s.deleted, [SALES], "captured")
        equal(s.message(sender, ["<joe@customers.example>"], []), "a", "mail")
        equal(s.deleted, [], "passes")


if __name__ == "__main__":
    tell(globals())
