#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An accounting program that books bank statements: files with several
accounts, a journal for each, one journal at a time, what was booked by hand
put aside, the PDFs beside the files, a folder by year and account."""

import os
import re

from gateway import Gateway
from mails import mail, pdf
from statements import Move, Statement, coda
from story import check, equal, tell

KBC, ING = "BE68539007547034", "BE71096123456769"
BANK = "bank@compta.example"
TO_KBC, TO_ING = "kbc@accounting.example", "ing@accounting.example"
JOURNALS = {
    "kbc": {"address": BANK, "accept": "statement", "account": KBC,
            "deliver_to": TO_KBC, "formats": "statement pdf"},
    "ing": {"address": BANK, "accept": "statement", "account": ING,
            "deliver_to": TO_ING, "formats": "statement pdf"}}


def days(account, first, opening, amounts):
    """A statement a day from February 2nd on, with one movement each."""
    made, balance = [], opening
    for n, amount in enumerate(amounts):
        day = "2026-02-%02d" % (n + 2)
        made.append(Statement(account, first + n, day, balance, [
            Move(day, amount, "Brasserie du Parc", "BE43068999999501",
                 "+++090/9337/55493+++")]))
        balance = made[-1].closing
    return made


def by_number(g, journal):
    return {e["document"]["sequence"]: e for e in g.entries(journal=journal)}


def names(g, rcpt):
    return sorted(n for n, _ in g.documents(rcpt))


def story_books():
    """A year of booking in small: a file with two accounts goes to two
    journals, one of them at a time; one statement is booked by hand and taken
    back later; its PDF travels with it; all of it can be had as files."""
    kbc = days(KBC, 41, "1000.00", ["50.00", "-20.00"])
    ing = days(ING, 7, "-10.00", ["10.00", "5.00"])
    first, second = coda(kbc[0], ing[0]), coda(kbc[1], ing[1])
    with Gateway(JOURNALS) as g:
        g.send(mail([("day1.cod", first), (KBC + "_2026_041.pdf", pdf("41")),
                     ("other.pdf", pdf("Nr 7 of BE71 0961 2345 6769"))],
                    to=BANK), BANK)
        g.run("--journal", "kbc", "--now")
        equal(names(g, TO_KBC), [KBC + "_2026_041.pdf",
                                 "day1-%s-41.cod" % KBC], "with its PDF")
        equal(dict(g.documents(TO_KBC))["day1-%s-41.cod" % KBC],
              coda(kbc[0]), "its own bytes")
        equal(names(g, TO_ING), [], "one journal at a time")
        seven = by_number(g, "ing")["7"]
        g.postledger("archive", str(seven["id"]), "--reason",
                     "booked by hand, Anna")
        g.send(mail([("day2.cod", second)], to=BANK), BANK)
        g.run("--now")
        equal(len(names(g, TO_KBC)), 3, "each once")
        archived, = g.entries(state="archived")
        equal(archived["document"]["account"], ING, "listed")
        page = g.postledger("show", str(seven["id"]))
        for words in ("archived", "booked by hand, Anna", "-10.00 EUR",
                      r"Brasserie du Parc, BE43068999999501\s+"
                      r"\+\+\+090/9337/55493\+\+\+"):
            check(re.search(words, page), "%s in %s" % (words, page))
        g.postledger("unarchive", str(seven["id"]))
        g.run("--now")
        g.run("--now")
        equal(names(g, TO_ING), ["day1-%s-7.cod" % ING,
                                 "day2-%s-8.cod" % ING, "other.pdf"],
              "taken back, it leaves, once")
        equal({e["state"] for e in g.entries()}, {"sent"}, "done")
        check_folders(g, {
            KBC + "/2026/day1-%s-41.cod" % KBC: coda(kbc[0]),
            KBC + "/2026/%s_2026_041.pdf" % KBC: pdf("41"),
            KBC + "/2026/day2-%s-42.cod" % KBC: coda(kbc[1]),
            ING + "/2026/day1-%s-7.cod" % ING: coda(ing[0]),
            ING + "/2026/other.pdf": pdf("Nr 7 of BE71 0961 2345 6769"),
            ING + "/2026/day2-%s-8.cod" % ING: coda(ing[1])})


def story_gap():
    """show of a statement that does not continue says first what is missing
    and what to do; when that came, nothing of it is left."""
    made = days(KBC, 41, "1000.00", ["50.00", "-20.00", "7.00"])
    with Gateway(JOURNALS) as g:
        for s in (made[0], made[2]):
            g.send(mail([("%d.cod" % s.number, coda(s))], to=BANK), BANK)
            g.run("--now")
        equal(names(g, TO_KBC), ["41.cod"], "the other waits")
        entry = by_number(g, "kbc")["43"]
        check(entry["code"] in ("PL-201", "PL-202"), entry)
        page = g.postledger("show", str(entry["id"]))
        top = page[:page.index("Document")]
        check("42" in top and entry["code"] in top and "missing" in top, page)
        g.send(mail([("42.cod", coda(made[1]))], to=BANK), BANK)
        g.run("--now")
        equal(names(g, TO_KBC), ["41.cod", "42.cod", "43.cod"], "closed")
        page = g.postledger("show", str(entry["id"]))
        check("sent" in page[:page.index("Document")], page)


def check_folders(g, want):
    """An export of everything is WANT, and a second one nothing new."""
    out = g.dir + "/out"
    os.mkdir(out)
    os.chmod(out, 0o777)
    for expected in (len(want), 0):
        printed = g.postledger("export", "--to", out)
        equal(len(printed.splitlines()), expected, printed)
    got = {}
    for path in files_in(out):
        with open(path, "rb") as f:
            got[os.path.relpath(path, out)] = f.read()
    equal(got, want, "the files")


def files_in(folder):
    return [os.path.join(top, n) for top, _, names_ in os.walk(folder)
            for n in names_]


if __name__ == "__main__":
    tell(globals())
