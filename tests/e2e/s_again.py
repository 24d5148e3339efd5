#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The same again: copies, versions, forgeries, and statements in two formats;
each names what it is compared with."""

import decimal

from gateway import Gateway
from mails import mail, pdf, ubl
from statements import Move, Statement, coda
from story import check, equal, tell

SALES = {"address": "sales@compta.example", "delay_days": 3,
         "deliver_to": "acme-sales@accounting.example"}
BANK = {"address": "bank@compta.example", "accept": "statement",
        "deliver_to": "acme-bank@accounting.example"}

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>
<CreDtTm>{day}T20:00:00</CreDtTm>
<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>
{balances}{entries}</Stmt></BkToCstmrStmt></Document>
"""
BALANCE = """<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>
<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>{day}</Dt></Dt></Bal>
"""
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt></Ntry>
"""


def camt(s, number):
    """The same statement as a bank's other program writes it."""
    return CAMT.format(
        day=s.last, number=number, account=s.account,
        balances=BALANCE.format(code="OPBD", day=s.day, amount="%.1f" %
                                decimal.Decimal(s.opening)) +
        BALANCE.format(code="CLBD", day=s.last, amount=s.closing),
        entries="".join(ENTRY.format(amount=m.amount, day=m.date)
                        for m in s.moves)).encode()


def story_versions():
    """Versions of an invoice: replaced by its sender, held beside a forgery,
    a duplicate once sent; report and show name the other one."""
    with Gateway({"sales": SALES}, {"allow_networks": "127.0.0.0/8"}) as g:
        def send(name, number, total="121.00", sender="erp@shop.example",
                 files=(), **more):
            g.send(mail([(name, ubl(number, total=total, **more)), *files],
                        sender=sender), "sales@compta.example", sender)

        send("first.xml", "F-1")
        send("second.xml", "f 1".replace(" ", "-"), "100.00")  # replaces it
        send("real.xml", "F-2")
        send("forged.xml", "F-2", "122.00", sender="evil@elsewhere.example")
        send("credit.xml", "F-2", credit=True)              # is no invoice
        send("old.xml", "7", date="2025-01-10")
        send("new.xml", "7", "5.00", date="2026-01-10")      # counted anew
        g.send(mail([("F-3.pdf", pdf("F-3"))]), "sales@compta.example")
        send("F-3.xml", "F-3", files=[("F-3.pdf", pdf("F-3"))])
        g.run("--now")
        by = {e["document"]["files"][-1]["filename"] if
              e["document"]["files"][-1]["filename"].endswith("xml") else
              e["document"]["files"][0]["filename"]: e for e in g.entries()}
        equal({n: e["state"] for n, e in by.items()},
              {"first.xml": "superseded", "second.xml": "waiting",
               "real.xml": "held", "forged.xml": "held",
               "credit.xml": "waiting", "old.xml": "waiting",
               "new.xml": "waiting", "F-3.pdf": "superseded",
               "F-3.xml": "waiting"}, "what became of them")
        ids = {n: str(e["id"]) for n, e in by.items()}
        report = g.reports()[0].text()
        for loser, winner in (("first.xml", "second.xml"),
                              ("F-3.pdf", "F-3.xml"),
                              ("forged.xml", "real.xml")):
            equal(str(by[loser]["original"]), ids[winner], loser)
            check("entry " + ids[winner] in " ".join(report.split()),
                  "the report names what took the place of " + loser)
            check(ids[winner] in g.postledger("show", ids[loser]),
                  "show names it, too")
        g.postledger("release", ids["real.xml"], "--reason", "telephoned")
        check("entry %s was released" % ids["real.xml"] in " ".join(
            g.postledger("show", ids["forged.xml"]).split()),
            "the other one says so")
        g.postledger("archive", ids["forged.xml"])
        g.journals["sales"]["delay_days"] = 0
        g.write_conf()
        g.run("--now")
        sent = {e["document"]["number"] for e in g.entries(state="sent")}
        equal(sent, {"f-1", "F-2", "F-3", "7"}, "sent")
        send("printed-again.xml", "F-1", "100.0")
        send("changed.xml", "F-2", "999.00")
        g.run("--now")
        again, = g.entries(state="duplicate")
        equal(str(again["original"]), ids["second.xml"], "of the one sent")
        changed, = g.entries(state="held")
        equal((changed["code"], str(changed["original"])),
              ("PL-110", ids["real.xml"]), "other amounts")
        equal(len(g.documents(SALES["deliver_to"])), 7, "each once")


def story_statements_in_two_formats():
    """CODA and CAMT of one day are one statement; amended ones are held, and
    days without movement are days of their own."""
    account = "BE68539007547034"
    one = Statement(account, 41, "2026-02-26", "1000.00",
                    [Move("2026-02-26", "50.00")])
    quiet = [Statement(account, 42 + n, "2026-02-%d" % (27 + n), "1050.00")
             for n in range(2)]
    other = Statement(account, 41, "2026-02-26", "1000.00",
                      [Move("2026-02-26", "60.00")])
    # numbers of two formats need not continue each other
    with Gateway({"bank": dict(BANK, on_gap="send")}) as g:
        def send(name, content):
            g.send(mail([(name, content)]), "bank@compta.example")

        send("41.cod", coda(one))
        send("41.xml", camt(one, 2026057))               # still waiting
        g.run("--now")
        send("42.xml", camt(quiet[0], 2026058))
        send("43.xml", camt(quiet[1], 2026059))
        g.run("--now")
        send("42.cod", coda(quiet[0]))                    # sent
        send("amended.cod", coda(other))
        g.run("--now")
        is_ = {e["document"]["files"][0]["filename"]: (e["state"],
                                                      e.get("code"))
               for e in g.entries()}
        equal(is_, {"41.cod": ("sent", None), "41.xml": ("duplicate", None),
                    "42.xml": ("sent", None), "43.xml": ("sent", None),
                    "42.cod": ("duplicate", None),
                    "amended.cod": ("held", "PL-110")}, "what became of them")
        text = " ".join(g.reports()[-1].text().split())
        check("came before as camt.053" in text, "the report says as what")
        check("1060.00" in text and "1050.00" in text, "and what differs")


if __name__ == "__main__":
    tell(globals())
