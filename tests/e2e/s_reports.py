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

DOCUMENTS = 400
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


def waiting(text):
    """How many documents wait by this CSV."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    return sum(r["state"] == "waiting" for r in rows)


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
    check("400 waiting" in str(report.mail["Subject"]), "the subject counts")
    everything = " ".join(p.get_content() for p in report.mail.walk()
                          if p.get_content_type() == "text/plain")
    check("postledger report 1 --csv" in " ".join(everything.split()),
          "the e-mail says where the CSV is: " + text)
    equal(kept, DOCUMENTS, "waiting by the CSV in the ledger")


if __name__ == "__main__":
    tell(globals())
