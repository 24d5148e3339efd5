#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One intake address for several journals: who takes what."""

from gateway import Gateway
from mails import mail, pdf, ubl
from story import check, equal, tell

INTAKE = "invoices@compta.example"
OURS, OTHER, THIRD = "BE0123456749", "BE0202239951", "NL003660564B45"


def journal(name, **more):
    return dict({"address": INTAKE,
                 "deliver_to": "acme-%s@accounting.example" % name}, **more)


def names(g, name):
    return sorted(n for n, _ in
                  g.documents("acme-%s@accounting.example" % name))


def story_sales_and_purchases():
    """Sales and purchases of one address go to their journals by the company's
    own number; what does not say is told or goes to the first."""
    journals = {
        "sales": journal("sales", accept="invoice sale"),
        "purchases": journal("purchases", accept="invoice purchase"),
        "credit": journal("credit", accept="credit-note sale")}
    conf = {"company_ids": "0208:0123.456.749"}
    with Gateway(journals, conf) as g:
        def send(name, content):
            g.send(mail([(name, content)], to=INTAKE), INTAKE)

        send("sale.xml", ubl("1", seller=OURS, buyer=OTHER))
        send("purchase.xml", ubl("2", seller=OTHER, buyer="BE 0123.456.749"))
        send("credit.xml", ubl("3", seller=OURS, buyer=OTHER, credit=True))
        send("nameless.xml", ubl("4", seller=THIRD))
        send("plain.pdf", pdf("plain"))
        send("strange.xml", ubl("5", seller=OTHER, buyer=THIRD))
        send("theirs.xml", ubl("6", seller=OTHER, buyer=OURS, credit=True))
        g.run("--now")
        equal(names(g, "sales"), ["plain.pdf", "sale.xml"], "sales")
        equal(names(g, "purchases"), ["nameless.xml", "purchase.xml"],
              "another seller's invoice without our number is no sale")
        equal(names(g, "credit"), ["credit.xml"], "credit notes we wrote")
        strange, = g.entries(state="held")
        equal((strange["code"], strange["journal"]), ("PL-107", "sales"),
              "of two other companies: held")
        report = g.reports()[0].text()
        check("PL-107" in report and OTHER in report, "the report says so")
        check("PL-106" in report and "theirs.xml" in report,
              "and what nobody takes")

        g.conf["company_ids"] += " NL003660564B45"    # it was ours after all
        g.journals["sales"]["accept"] = "invoice"
        g.write_conf()
        g.run("--now")
        equal(names(g, "purchases"),
              ["nameless.xml", "purchase.xml", "strange.xml"],
              "further own numbers: taken up")
        equal(names(g, "sales"), ["nameless.xml", "plain.pdf", "purchase.xml",
                                  "sale.xml"], "a journal for all invoices")
        g.postledger("release", str(strange["id"]), "--reason", "ours")
        g.run("--now")
        check("strange.xml" in names(g, "sales"), "a person may let it go")


def story_two_companies():
    """Two companies share an address: each journal takes its own, and both
    what one sells to the other."""
    journals = {"acme": journal("acme", company_ids=OURS),
                "brewery": journal("brewery", company_ids=OTHER)}
    with Gateway(journals) as g:
        for name, seller, buyer in (("a", OURS, THIRD), ("b", THIRD, OTHER),
                                    ("ab", OURS, OTHER), ("a2", OURS, None),
                                    ("n", THIRD, "FR12345678901")):
            g.send(mail([(name + ".xml", ubl(name, seller=seller,
                                             buyer=buyer))]), INTAKE)
        g.run("--now")
        equal(names(g, "acme"), ["a.xml", "a2.xml", "ab.xml"], "the first")
        equal(names(g, "brewery"), ["ab.xml", "b.xml"], "the second")
        check("PL-106" in g.reports()[0].text(), "of neither: told")


if __name__ == "__main__":
    tell(globals())
