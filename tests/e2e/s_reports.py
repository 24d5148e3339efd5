#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A report arrives however much it has to tell and whatever the mail server
takes: its CSV is packed, or left out, and is in the ledger all the same."""

import csv
import io
import os
import zipfile

from gateway import Gateway
from mails import mail, ubl
from story import check, equal, tell

DOCUMENTS = 600      # more than a run holds in memory
# nothing may leave yet: all of them wait, and each has a line in the CSV
JOURNALS = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "acme@accounting.example",
                      "start_date": "2099-01-01"}}


def bring_in(g):
    """One message with all of them, past the mail server."""
    files = [("F-%d.xml" % n, ubl("F-%d" % n)) for n in range(DOCUMENTS)]
    path = g.dir + "/many.eml"
    with open(path, "wb") as f:
        f.write(mail(files).as_bytes())
    os.chmod(path, 0o644)
    g.postledger("import", "-j", "sales", path)


def lines(text):
    """Of this CSV, by the names of the columns."""
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def waiting(text):
    """How many documents wait by this CSV."""
    return sum(r["state"] == "waiting" for r in lines(text))


def report_within(limit):
    """The report that a mail server with this message_size_limit took, and
    how many wait by the CSV in the ledger."""
    with Gateway(JOURNALS, main_cf="message_size_limit = %d" % limit) as g:
        bring_in(g)
        g.run("--now")
        equal(len(g.reports()), 1, "reports that arrived")
        return g.reports()[0], waiting(g.postledger("report", "--csv"))


def story_a_report_that_fits_has_its_csv():
    """A mail server that takes large e-mails gets the CSV as it is."""
    report, kept = report_within(1000000)
    equal(list(report.files()), ["postledger-run-1.csv"], "attached")
    text = report.files()["postledger-run-1.csv"].decode()
    equal((waiting(text), kept), (DOCUMENTS, DOCUMENTS), "waiting by the CSV")


def story_a_report_that_is_too_large_is_packed():
    """A report over the mail server's limit has its CSV in a ZIP."""
    report, kept = report_within(100000)
    equal(list(report.files()), ["postledger-run-1.zip"], "attached")
    packed = zipfile.ZipFile(io.BytesIO(report.files()["postledger-run-1.zip"]))
    equal(packed.namelist(), ["postledger-run-1.csv"], "in the ZIP")
    text = packed.read("postledger-run-1.csv").decode()
    equal((waiting(text), kept), (DOCUMENTS, DOCUMENTS), "waiting by the CSV")


def story_a_report_whose_zip_is_too_large_goes_without():
    """Where not even the ZIP fits, the report says where its CSV is."""
    report, kept = report_within(24000)
    equal(list(report.files()), [], "attached")
    text = " ".join(report.text().split())
    check("%d waiting" % DOCUMENTS in str(report.mail["Subject"]), "the subject counts")
    everything = " ".join(p.get_content() for p in report.mail.walk()
                          if p.get_content_type() == "text/plain")
    check("postledger report 1 --csv" in " ".join(everything.split()),
          "the e-mail says where the CSV is: " + text)
    equal(kept, DOCUMENTS, "waiting by the CSV in the ledger")


def story_all_that_was_sent_is_in_the_csv():
    """A run that sends more than it holds in memory tells each document once,
    with the e-mail it left in."""
    sales = dict(JOURNALS["sales"], documents_per_mail="20")
    del sales["start_date"]
    with Gateway({"sales": sales}) as g:
        bring_in(g)
        g.run("--now")
        mails = g.arrived("acme@accounting.example")
        equal(len(mails), DOCUMENTS // 20, "e-mails")
        report = g.reports()[0]
        check("%d documents sent" % DOCUMENTS in str(report.mail["Subject"]),
              "the subject counts")
        rows = lines(report.files()["postledger-run-1.csv"].decode())
        equal(sorted(r["number"] for r in rows),
              sorted("F-%d" % n for n in range(DOCUMENTS)), "in the CSV")
        sent = {e["id"]: e["batch"].split(".")[0] for e in g.entries()}
        equal({int(r["entry"]): r["batch"] for r in rows}, sent,
              "entries and their e-mails")
        check(all(r["state"] == "sent" and r["queue_id"] for r in rows),
              "each has a queue id")


if __name__ == "__main__":
    tell(globals())
