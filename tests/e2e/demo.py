#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""make demo: the main job on a private Postfix, to watch.

Business software of several kinds mails its documents to three accounting
addresses, by SMTP and by the sendmail command; two runs send them on. Prints
the reports, the ledger and what arrived, and leaves the last report as HTML.
"""

import os
import sys

from gateway import BUILD, Gateway, OTHERS
from mails import mail, pdf, ubl

LOGO = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000a49444154789c6300010000050001"
    "0d0a2db40000000049454e44ae426082")

JOURNALS = {
    "sales": {
        "address": "sales@compta.example", "accept": "invoice",
        "deliver_to": "acme-sales@in.accounting.example",
        "max_mails_per_run": 3, "start_date": "2026-01-01"},
    "credit": {
        "address": "sales@compta.example", "accept": "credit-note",
        "deliver_to": "acme-credit@in.accounting.example"},
    "purchases": {
        "address": "purchases@compta.example", "documents_per_mail": 10,
        "compress": "zip", "deliver_to": "acme-buy@in.accounting.example"},
}


def odoo():
    """PDF and UBL of one invoice, the logo inline in the HTML."""
    m = mail([("INV_2026_00117.pdf", pdf("INV/2026/00117", 60000)),
              ("INV_2026_00117_ubl_bis3.xml", ubl("INV/2026/00117"))],
             subject="Acme Invoice (Ref INV/2026/00117)",
             text="Dear customer, your invoice INV/2026/00117.")
    body = m.get_payload()[0]
    body.add_alternative("<p>Your invoice <img src='cid:logo@acme'></p>",
                         subtype="html")
    body.get_payload()[1].add_related(
        LOGO, "image", "png", cid="<logo@acme>", filename="logo.png",
        disposition="inline")
    return m


def dolibarr():
    """A PDF declared as application/octet-stream."""
    m = mail(subject="Facture FA2610-0042")
    m.add_attachment(pdf("FA2610-0042", 45000), maintype="application",
                     subtype="octet-stream", filename="FA2610-0042.pdf")
    return m


def apple_mail():
    """A PDF sent inline, its name with an accent."""
    m = mail(subject="Réparation, facture 88")
    m.add_attachment(pdf("Facture 88", 30000), maintype="application",
                     subtype="pdf", disposition="inline",
                     filename="Réparation été 88.pdf")
    return m


def outgoing(number):
    return mail([(number + ".pdf", pdf(number, 25000))],
                subject="Invoice " + number)


def old():
    """Dated before the start date of the journal."""
    return mail([("2025-999.xml", ubl("2025-999", "2025-12-30"))],
                subject="Invoice 2025-999")


def fill(g):
    """What the business software of a day mails."""
    first = odoo()
    g.send(first, "sales@compta.example")
    g.send(dolibarr(), ["joe@" + OTHERS, "sales@compta.example"])
    g.sendmail(apple_mail(), "sales@compta.example")
    for n in (118, 119):
        g.send(outgoing("F-2026-%d" % n), "sales@compta.example")
    g.send(mail([("CN-7.xml", ubl("CN-7", credit=True))],
                subject="Credit note CN-7"), "sales@compta.example")
    g.send(old(), "sales@compta.example")
    g.send(first, "sales@compta.example")                 # the same again
    g.send(mail([("timesheet.txt", b"Mon 8h\nTue 8h\n")],
                subject="Invoice 120 (attachment forgotten?)"),
           "sales@compta.example")
    for n in range(4):
        number = "SUP-%d" % n
        g.send(mail([(number + ".pdf", pdf(number, 15000)),
                     (number + ".xml", ubl(number, seller="FR40303265045"))],
                    subject="Purchase " + number),
               "purchases@compta.example")
    g.send(mail(text="Lunch at noon?", subject="Lunch"), "joe@" + OTHERS)
    g.settle()


def title(text):
    print("\n\033[1m== %s\033[0m" % text if sys.stdout.isatty()
          else "\n== " + text)


def show_arrived(g):
    title("What arrived outside")
    for m in g.mails():
        for rcpt in m.rcpts:
            files = ", ".join("%s (%d bytes)" % (n, len(c))
                              for n, c in m.files().items())
            print("%-34s %s" % (rcpt, files or m.mail["Subject"]))


def main():
    with Gateway(JOURNALS) as g:
        title("A private Postfix on 127.0.0.1:%d, postledgerd in line"
              % g.port)
        fill(g)
        print(g.postledger("status"))
        for number in (1, 2):
            title("postledger run --now (run %d)" % number)
            print(g.run("--now"))
            title("The report of run %d, as mailed to %s" % (
                number, g.conf["report_to"]))
            print(g.postledger("report"))
        title("The ledger: postledger list")
        print(g.postledger("list"))
        show_arrived(g)
        title("The chain of events: postledger audit verify")
        print(g.postledger("audit", "verify"))
        path = os.path.join(BUILD, "demo-report.html")
        with open(path, "w") as f:
            f.write(g.postledger("report", "1", "--html"))
        print("The report of the first run as HTML, to open: " + path)


if __name__ == "__main__":
    main()
