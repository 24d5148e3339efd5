#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Message bytes go when their retention is over; what they said stays."""

import datetime
import os
import tempfile

from gateway import Gateway
from mails import invoice
from story import check, equal, tell

ACME = "acme-sales@accounting.example"


def story_bytes_go_facts_stay():
    """A day after everything in a message was settled its bytes are dropped:
    show says so, export and resend refuse, check finds nothing amiss and the
    history tells it. What waits keeps its bytes, and mail goes on."""
    journals = {"sales": {"address": "sales@compta.example",
                          "deliver_to": ACME},
                "later": {"address": "later@compta.example",
                          "deliver_to": "acme-later@accounting.example",
                          "enabled": "no"}}
    with Gateway(journals, conf={"retention": "1d"}) as g:
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.run("--now")
        g.send(invoice("F-2")[0], "later@compta.example")
        g.postledger("run", "--now")
        sent = g.entries(state="sent")[0]["id"]
        g.clock = datetime.datetime.now() + datetime.timedelta(days=3)
        g.send(invoice("F-3")[0], "sales@compta.example")
        g.run("--now")

        shown, = g.json("show", str(sent))
        check(shown["message"].get("pruned"), "the day is told")
        equal(shown["document"]["files"][0]["filename"], "F-1.pdf",
              "the facts stay")
        check("the bytes are gone" in g.postledger("show", str(sent)), "show")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            g.postledger("export", str(sent), "--to", folder, code=66)
            check("retention" in g.stderr, "export says why: " + g.stderr)
        g.postledger("resend", str(sent), code=65)
        check("retention" in g.stderr, "resend says why: " + g.stderr)
        text = g.postledger("check", code=None)
        check("is whole" in text and "PL-506" not in text, text)
        g.postledger("audit", "verify")
        equal(g.sql("select count(*) from event where what = 'pruned'")[0][0],
              1, "one event")
        g.send(invoice("F-4")[0], "sales@compta.example")
        g.run("--now")
        equal(len(g.documents(ACME)), 3, "mail goes on")
        waiting = g.entries(state="waiting")[0]["id"]
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            g.postledger("export", str(waiting), "--to", folder)


if __name__ == "__main__":
    tell(globals())
