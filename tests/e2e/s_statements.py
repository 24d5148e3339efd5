#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Statement journals: each statement once, none out of order, every gap said.

POSTLEDGER_YEAR=1 plays the story of the year with all of its days; without it
with every eleventh."""

import csv
import datetime
import io
import os
import random

from gateway import Gateway
from mails import mail
from statements import D, Move, Statement, coda
from story import check, equal, tell

BANK = {"address": "bank@compta.example", "report_to": "team@office.example",
        "deliver_to": "acme-bank@accounting.example", "accept": "statement",
        "documents_per_mail": "25", "max_mails_per_run": "20"}
ACME = "acme-bank@accounting.example"
ACCOUNTS = ["BE68539007547034", "BE71096123456769", "NL91ABNA0417164300",
            "DE89370400440532013000", "FR1420041010050500013M02606"]
HOME = ACCOUNTS[0]


def bank(**more):
    return {"bank": dict(BANK, **more)}


def day(n, start=datetime.date(2025, 7, 1)):
    return (start + datetime.timedelta(n)).isoformat()


def series(account, days, first=1, balance="1000.00", restart=False, seed=1):
    """Statements of ACCOUNT for DAYS that follow each other; RESTART: the
    number begins again with the year."""
    dice, out, number = random.Random(account + str(seed)), [], first
    for n, date in enumerate(days):
        if restart and n and date[:4] != days[n - 1][:4]:
            number = 1
        amount = D(dice.randint(1, 99999)) / 100 * dice.choice((1, -1))
        out.append(Statement(account, number, days[n - 1] if n else date,
                             balance, [Move(date, str(amount), "Shop")],
                             until=date))
        balance, number = out[-1].closing, number + 1
    return out


def name(s):
    return "%s-%s-%03d.cod" % (s.account, s.last, s.number)


def take(g, statements, a_mail=40, **more):
    """Mails the statements, some in each e-mail."""
    for n in range(0, len(statements), a_mail):
        g.send(mail([(name(s), coda(s)) for s in statements[n:n + a_mail]],
                    to=BANK["address"], subject="Statements", **more),
               BANK["address"])


def left(g, rcpt=ACME):
    """What left, in its order: by e-mail, and within the e-mail."""
    mails = sorted(g.arrived(rcpt), key=lambda m: int(
        m.mail["X-Postledger-Batch"].split(".")[0]))
    return [n for m in mails for n in m.files()]


def left_of(g, account):
    return [n for n in left(g) if n.startswith(account)]


def held(g):
    """{file name: code} of what a gap holds."""
    return {e["document"]["files"][0]["filename"]: e["code"]
            for e in g.entries(state="held")
            if e.get("code", "").startswith("PL-20")}


def told(g):
    """The files that the reports name as problems with a gap."""
    out = []
    for report in g.reports():
        table, = (f for n, f in report.files().items() if n.endswith(".csv"))
        out += [row["file"] for row in csv.DictReader(
            io.StringIO(table.decode("utf-8-sig")))
            if row["record"] == "problem" and
            row["code"] in ("PL-201", "PL-202")]
    return out


def run_all(g):
    """Runs until nothing more leaves."""
    count = -1
    while count != len(left(g)):
        count = len(left(g))
        g.run("--now")


def gaps_of(all_of_account, gone):
    """The first statement behind each run of missing ones."""
    out, missing, begun = set(), False, False
    for s in all_of_account:
        if name(s) in gone:
            missing = begun
            continue
        if missing:
            out.add(name(s))
        missing, begun = False, True
    return out


def year():
    step = 1 if os.environ.get("POSTLEDGER_YEAR") else 11
    days = [day(n) for n in range(0, 365, step)]
    return {a: series(a, days, restart=a == HOME) for a in ACCOUNTS}


def story_year():
    """A year of daily statements of 5 accounts, shuffled, with 20 days
    missing, 30 doubled and one account's numbering restarted at New Year: no
    statement leaves out of order, each exactly once, exactly the real gaps
    are reported, and after the missing ones come, everything flows."""
    accounts, dice = year(), random.Random(4)
    every = [s for one in accounts.values() for s in one]
    gone = {name(s) for s in dice.sample(every, 20)}
    there = [s for s in every if name(s) not in gone]
    there += dice.sample(there, 30)
    dice.shuffle(there)
    with Gateway(bank()) as g:
        take(g, there)
        run_all(g)
        gaps = set().union(*(gaps_of(one, gone) for one in accounts.values()))
        equal(set(held(g)), gaps, "exactly the real gaps are held")
        equal(sorted(told(g)), sorted(gaps), "and each is told once")
        for account, one in accounts.items():
            names = [name(s) for s in one if name(s) not in gone]
            stop = min([names.index(n) for n in gaps if n in names],
                       default=len(names))
            equal(left_of(g, account), names[:stop], "up to the first gap")
        late = [s for s in every if name(s) in gone]
        dice.shuffle(late)
        take(g, late)
        run_all(g)
        equal(held(g), {}, "nothing is held any more")
        check_order(g, accounts, gone)


def check_order(g, accounts, gone):
    """All left, each once, in order; what is older than the begin of the
    chain, and came when that had left, is the only exception."""
    for account, one in accounts.items():
        names, sent = [name(s) for s in one], left_of(g, account)
        equal(sorted(sent), sorted(names), "each once")
        first = next(n for n in names if n not in gone)
        begin = names[names.index(first):]
        equal([n for n in sent if n in begin], begin, "in order")


CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
<BkToCstmrStmt><GrpHdr><MsgId>M{s.number}</MsgId>
<CreDtTm>{s.last}T20:00:00</CreDtTm></GrpHdr><Stmt><Id>S{s.number}</Id>
<ElctrncSeqNb>{s.number}</ElctrncSeqNb><CreDtTm>{s.last}T20:00:00</CreDtTm>
<Acct><Id><IBAN>{s.account}</IBAN></Id><Ccy>{s.currency}</Ccy></Acct>
{opening}{closing}{moves}</Stmt></BkToCstmrStmt></Document>
"""
BALANCE = """<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp>
<Amt Ccy="EUR">{}</Amt><CdtDbtInd>{}</CdtDbtInd><Dt><Dt>{}</Dt></Dt></Bal>
"""
ENTRY = """<Ntry><Amt Ccy="EUR">{}</Amt><CdtDbtInd>{}</CdtDbtInd>
<Sts>BOOK</Sts><BookgDt><Dt>{}</Dt></BookgDt></Ntry>
"""


def side(amount):
    return str(abs(D(amount))), "DBIT" if D(amount) < 0 else "CRDT"


def camt(s):
    """The same statement as CAMT.053."""
    return CAMT.format(
        s=s, opening=BALANCE.format("OPBD", *side(s.opening), s.day),
        closing=BALANCE.format("CLBD", *side(s.closing), s.last),
        moves="".join(ENTRY.format(*side(m.amount), m.date)
                      for m in s.moves)).encode()


def save(g, s):
    path = "%s/%s" % (g.dir, name(s))
    with open(path, "wb") as f:
        f.write(coda(s))
    return path


def number_of(entries):
    return {int(e["document"]["sequence"]): e for e in entries}


def story_words():
    """A gap is said where people look: in the report, the list, the plan and
    the status; what closes it may be another format, an import, or a person
    who archives or releases."""
    one = series(HOME, [day(n) for n in range(12)], first=40)
    with Gateway(bank()) as g:
        take(g, [one[0], one[3], one[4]])
        g.run("--now")
        equal(left(g), [name(one[0])], "what follows")
        text = " ".join(g.reports()[-1].text().split())
        check("PL-201 ! BALANCE ! NUMBER" in text, "the marks: " + text)
        check("Missing: no. 41 and 42, between %s and %s" % (
            one[0].last, one[3].last) in text, "what is missing: " + text)
        check("no. 41, opening at %s EUR was expected" % one[0].closing
              in text, "what was expected: " + text)
        check("behind no. 43 of %s" % one[3].last in text,
              "what waits behind it: " + text)
        listed = g.postledger("list")
        check("PL-201 ! BALANCE ! NUMBER" in listed, listed)
        entries = number_of(g.json("list"))
        check("gap behind %d" % entries[43]["id"] in listed, listed)
        plan = g.postledger("run", "--dry-run")
        check("gap" in plan and "43      " + HOME in plan,
              "the dry run says number and account: " + plan)
        status, = g.json("status")
        equal(status["reasons"]["gap"], 2, "the status")

        take_as(g, [one[1]], camt, "xml")
        g.run("--now")
        equal(left(g)[1:], [name(one[1])[:-3] + "xml"],
              "another format is the same chain")
        g.postledger("import", "--journal", "bank", save(g, one[2]))
        g.run("--now")
        equal(left(g)[2:], [name(s) for s in one[2:5]],
              "the import closes the gap, the others follow in one run")

        take(g, [one[6], one[7], one[9], one[10]])
        g.run("--now")
        equal(held(g), {name(one[6]): "PL-201", name(one[9]): "PL-201"},
              "two gaps")
        entries = number_of(e for e in g.json("list")
                            if e["state"] == "held")
        g.postledger("archive", str(entries[46]["id"]),
                     "--reason", "booked by hand")
        g.postledger("release", str(entries[49]["id"]))
        g.run("--now")
        equal(left(g)[5:], [name(one[7]), name(one[9]), name(one[10])],
              "archived counts as booked, released passes")
        take(g, [one[8]])
        g.run("--now")
        equal(left(g)[8:], [name(one[8])],
              "what comes late is compared with its neighbours")
        equal(held(g), {}, "and nothing is held")


def take_as(g, statements, how, end):
    g.send(mail([(name(s)[:-3] + end, how(s)) for s in statements],
                to=BANK["address"], subject="Statements"), BANK["address"])


def story_accounts():
    """A file with several accounts is split: each journal keeps its own
    chains, and an account that no journal takes is said."""
    days = [day(n) for n in range(4)]
    home, away, lost = (series(a, days) for a in ACCOUNTS[:3])
    journals = {
        "home": dict(BANK, account=HOME, deliver_to="home@x.example"),
        "away": dict(BANK, account=ACCOUNTS[1], deliver_to="away@x.example",
                     on_gap="send")}
    with Gateway(journals) as g:
        for n in (0, 1, 3):
            g.send(mail([("day%d.cod" % n, coda(home[n], away[n], lost[n]))],
                        to=BANK["address"]), BANK["address"])
        g.run("--now")
        equal([sorted(number_of(g.entries(journal=j, state="sent")))
               for j in ("home", "away")], [[1, 2], [1, 2, 4]],
              "held in the one, sent with the others in the other")
        text = " ".join(g.reports()[-1].text().split())
        equal(text.count("takes statements of account " + ACCOUNTS[2]), 3,
              "PL-203 for each statement without a journal")
        equal(len([p for p in told(g) if p == "day3.cod"]), 2,
              "the gap is told in both journals")
        g.run("--now")
        equal(len(told(g)), 2, "once")


if __name__ == "__main__":
    tell(globals())
