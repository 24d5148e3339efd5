#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The commands an administrator and an auditor use, on a gateway that ran."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile

from gateway import BUILD, USER, Gateway
from mails import invoice, mail
from story import check, equal, tell

ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME,
                      "max_mails_per_run": 2}}


def story_status_and_lists():
    """status, list, show and report agree with what happened."""
    with Gateway(JOURNALS) as g:
        for n in range(3):
            g.send(invoice("F-%d" % n)[0], "sales@compta.example")
        g.run("--now")
        status, = (s for s in g.json("status") if s.get("journal") == "sales")
        equal(status["waiting"], 1, "one waits for the cap")
        check(status["last_sent"] >= status["gateway"]["started"],
              "the last one was sent by that run")
        equal(len(g.entries(state="sent")), 2, "two are sent")
        entry = g.entries(state="sent")[0]
        shown, = g.json("show", str(entry["id"]))
        equal(shown["document"]["files"], entry["document"]["files"], "files")
        text = g.reports()[0].text()
        equal(g.postledger("report", "1").split(), text.split(),
              "the report again is the report as mailed")
        check("<table" in g.postledger("report", "--html"), "as HTML")
        check("F-0.pdf" in g.postledger("report", "1", "--csv"), "as CSV")
        g.postledger("report", "77", code=66)
        equal(g.stderr, "postledger: no run 77\n", "there is none")
        check("PL-101" in g.postledger("explain", "pl-101"), "a code")


def story_head_in_the_report():
    """The head in a report lies on the chain, and audit verify finds what
    was changed in the event table since."""
    with Gateway(JOURNALS) as g:
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.run("--now")
        text = g.reports()[0].text()
        head = re.search(r"Chain head: ([0-9a-f]{64})", text)[1]
        g.send(invoice("F-2")[0], "sales@compta.example")
        g.run("--now")
        g.postledger("audit", "verify", "--head", head)
        g.postledger("audit", "verify", "--head", "0" * 63 + "1", code=65)
        g.stop_daemon()
        path = g.dir + "/lib/ledger.db"
        for change in ("update event set who = who || 'x' where id = 3",
                       "delete from event where id = 4",
                       "update event set detail = 'x' where id = 5",
                       "delete from event where id = "
                       "(select max(id) from event)"):
            tampered(g, path, change)


def tampered(g, path, change):
    """audit verify fails after CHANGE to a copy of the ledger."""
    shutil.copy(path, path + ".good")
    with sqlite3.connect(path) as db:
        db.execute("drop trigger event_update")
        db.execute("drop trigger event_delete")
        db.execute(change)
    db.close()
    out = g.postledger("audit", "verify", code=65)
    check(re.search(r"event \d+|\d+ events", out + g.stderr),
          "says which: " + out + g.stderr)
    os.replace(path + ".good", path)
    shutil.chown(path, USER)


def story_monitoring():
    """status --check is a Nagios plugin: one line, 0 when all is well, not 0
    when the daemon is silent."""
    with Gateway(JOURNALS) as g:
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.run("--now")
        out = g.postledger("status", "--check")
        equal(len(out.splitlines()), 1, out)
        check("OK" in out, out)
        g.stop_daemon()
        out = g.postledger("status", "--check", code=2)
        check("CRITICAL" in out, out)


def story_check_inline():
    """check finds nothing wrong with the gateway of these tests, and says
    when the milter is missing from a list or not the last."""
    with Gateway(JOURNALS) as g:
        out = g.postledger("check", code=None)
        check("0 errors, 0 warnings" in out and g.status == 0, out + g.stderr)
        subprocess.run(["postconf", "-c", g.dir + "/postfix", "-e",
                        "non_smtpd_milters="], check=True)
        out = g.postledger("check", code=78)
        check("non_smtpd_milters" in out, out)
        subprocess.run(["postconf", "-c", g.dir + "/postfix", "-e",
                        "non_smtpd_milters=$smtpd_milters",
                        "smtpd_milters=%s, inet:127.0.0.1:9" %
                        g.conf["socket"]], check=True)
        out = g.postledger("check", code=None)
        check("last" in out, out)


def story_check_hop_that_loops():
    """check refuses a hop whose deliver_to is the intake address."""
    looping = {"sales": dict(JOURNALS["sales"],
                             deliver_to="sales@compta.example")}
    with Gateway(looping, attach="hop") as g:
        out = g.postledger("check", code=78)
        check("PL-405" in out and "for ever" in out, out)


def story_different_configuration():
    """check says when daemon and command have different configurations."""
    with Gateway(JOURNALS) as g:
        g.conf["report_when"] = "never"
        g.write_conf()
        out = g.postledger("check", code=None)
        check("PL-402" in out, out)


def story_report_not_mailed():
    """With reports switched off a problem stands in the next report due."""
    with Gateway(JOURNALS, {"report_when": "never"}) as g:
        g.send(mail(subject="nothing here"), "sales@compta.example")
        g.run("--now")
        equal(g.reports(), [], "no report is mailed")
        g.conf["report_when"] = "problems"
        g.write_conf()
        g.run("--now")
        report, = g.reports()
        check("nothing here" in report.text(),
              "then it is told")
        g.run("--now")
        equal(len(g.reports()), 1, "once")


def story_install():
    """make install puts everything in its place and keeps a configuration
    that is there."""
    root = tempfile.mkdtemp(prefix="postledger-test-")
    try:
        words = ["make", "-s", "install", "BUILD=" + os.path.relpath(BUILD),
                 "DESTDIR=" + root,
                 "PREFIX=/usr"]
        subprocess.run(words, check=True)
        for path in ("usr/sbin/postledgerd", "usr/bin/postledger",
                     "etc/postledger/postledger.conf",
                     "usr/lib/systemd/system/postledgerd.service",
                     "usr/lib/sysusers.d/postledger.conf",
                     "usr/share/man/man5/postledger.conf.5",
                     "usr/share/man/man1/postledger.1",
                     "usr/share/man/man8/postledgerd.8",
                     "usr/share/postledger/postfix-hop.cf"):
            check(os.path.exists(root + "/" + path), path)
        with open(root + "/etc/postledger/postledger.conf", "a") as f:
            f.write("# mine\n")
        subprocess.run(words, check=True)
        with open(root + "/etc/postledger/postledger.conf") as f:
            check(f.read().endswith("# mine\n"), "kept")
        with open(root + "/usr/lib/systemd/system/postledgerd.service") as f:
            check("/usr/sbin/postledgerd" in f.read(), "the path in the unit")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    tell(globals())
