#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What comes back to the return paths of our batches."""

from client import Alone
from gateway import wait_for
from s_own import SALES, SENDER, plan, return_path
from story import check, equal, tell

JOURNALS = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "acme@accounting.example"}}
NOTICE = [("From", " MAILER-DAEMON@gw.example.com"),
          ("Subject", " Undelivered Mail Returned to Sender")]
OUTSIDE = "192.0.2.9"


def story_kept():
    """A notice for a batch is stored with the batch it is about, also from
    outside: 250 means stored, and it goes nowhere else. Other recipients of
    the message get theirs."""
    with Alone(JOURNALS) as d, d.session() as s:
        plan(d, 1, 2)
        path = return_path(d, 1, 2)
        equal(s.message("<>", [path], NOTICE, b"550 no such user\r\n",
                        queue_id="4BNC", client=OUTSIDE), "a", "accepted")
        equal(s.deleted, [path], "it goes nowhere else")
        kept, = d.messages()
        equal((kept["return_batch"], kept["return_attempt"]), (1, 2), "whose")
        check(b"550 no such user" in d.stored(kept), "its bytes")
        d.logged("4BNC: returned", "batch=1.2", "from=<>")
        equal(s.message("<a@b.example>", ["<joe@customers.example>",
                                          path.upper()], NOTICE), "a", "both")
        equal(s.deleted, [path.upper()], "joe gets his")
        equal(s.message("<>", [path.strip("<>")], NOTICE, client=None), "a",
              "from Postfix's own bounce")
        equal(s.deleted, [path.strip("<>")], "as received")
        equal([m["return_batch"] for m in d.messages()], [1, 1, 1], "kept")


def story_forged():
    """A return path that is not of our making is other mail, and logged; so
    is the plain sender address."""
    with Alone(JOURNALS) as d, d.session() as s:
        good = return_path(d, 1, 1)
        for path in (return_path(d, 1, 2).replace(".2.", ".3."),
                     good.replace("+b.1.", "+b.2."),
                     good.replace("@gw", "@evil"),
                     "<postledger+b.1@gw.example.com>",
                     "<postledger+b.@gw.example.com>",
                     "<%s>" % SENDER):
            equal(s.message("<>", [path], NOTICE), "a", path)
            equal(s.deleted, [], path + " passes untouched")
        equal(d.messages(), [], "nothing is captured")
        d.logged("return-forged", "+b.1.3.")


def story_bounded():
    """Who knows a return path cannot fill the disk with it: twenty of a batch
    are kept, a megabyte of each."""
    with Alone(JOURNALS, {"max_message_size": "10K"}) as d, d.session() as s:
        path = return_path(d, 7, 1)
        equal(s.message("<>", [path], NOTICE, b"x" * 3000000), "a", "large")
        equal(d.messages()[0]["size"], 1 << 20, "its first megabyte")
        equal(len(d.stored(d.messages()[0])), 1 << 20, "and no more")
        for n in range(25):
            equal(s.message("<>", [path], NOTICE), "a", "number %d" % n)
            equal(s.deleted, [path], "taken away")
        equal(len(d.messages()), 20, "kept")
        d.logged("return-dropped", "batch=7.1", "too-many")
        wait_for("the bytes of the others to go", lambda: d.rows()[0] == 20)
        equal(s.message("<>", [return_path(d, 8, 1)], NOTICE), "a", "others'")
        equal(len(d.messages()), 21, "another batch has room of its own")


def story_apart():
    """A message for a return path and for an intake address, or for another
    attempt, comes as two."""
    with Alone(JOURNALS) as d, d.session() as s:
        one, two = return_path(d, 1, 1), return_path(d, 2, 1)
        s.mail("<a@b.example>")
        equal(s.rcpt(SALES), "c", "the intake address")
        equal(s.rcpt(one), "y", "not with it")
        check(s.reply.startswith("452 4.5.3 "), s.reply)
        s.abort()
        s.mail("<a@b.example>")
        equal([s.rcpt(r) for r in (one, one, two, SALES)],
              ["c", "c", "y", "y"], "one, again, another, intake")
        s.data()
        s.eoh()
        equal(s.eom(), "a", "accepted")
        equal(s.deleted, [one], "the one")
        # of local mail no recipient can be refused
        equal(s.message("a@b.example", [one.strip("<>"), SALES.strip("<>")],
                        NOTICE), "a", "local mail")
        equal(s.deleted, [SALES.strip("<>")], "the document is captured")
        equal([m["return_batch"] for m in d.messages()], [1, None], "both")


if __name__ == "__main__":
    tell(globals())
