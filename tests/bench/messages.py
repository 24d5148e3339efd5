#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Messages to measure with: a folder for each kind of attachment and size.

    messages.py FOLDER

Each message has one file of its kind, in base64 as mail programs send it, and
is about as large as its folder says: pdf-10 holds messages of 10 KB with a PDF.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from mails import mail, pdf, ubl  # noqa: E402

TEXT = ("Dear customer,\n\nplease find attached our invoice.\n\n"
        "Kind regards\nThe accounting department\n")
LINE = """<cac:InvoiceLine><cbc:ID>{n}</cbc:ID>
<cbc:InvoicedQuantity unitCode="C62">{n}</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">{n}.00</cbc:LineExtensionAmount>
<cac:Item><cbc:Description>Hours of work on project {n}</cbc:Description>
<cbc:Name>Consulting</cbc:Name></cac:Item></cac:InvoiceLine>
"""
ACCOUNT = "BE68539007547034".ljust(34) + "EUR"


def xml(number, size):
    """A UBL invoice with as many lines as make SIZE bytes."""
    start, lines = ubl(number).decode(), ""
    while len(start) + len(lines) < size:
        lines += LINE.format(n=lines.count("<cac:Item>") + 1)
    return start.replace("</Invoice>", lines + "</Invoice>").encode()


def coda(number, size):
    """A CODA statement with as many movements as make SIZE bytes."""
    movements = [
        "21%04d0000%-21s0%015d0110250015000%-55s01102500100 0" % (
            n % 9999 + 1, "REF%d" % n, 12100, "0Invoice %06d" % n)
        for n in range(size // 130 + 1)]
    closing = 100000 + 12100 * len(movements)
    records = [
        ("0000001011072505        %08d  ACME" % number).ljust(127) + "2",
        "12001%s0%015d300925%-26s%-35s001" % (
            ACCOUNT, 100000, "ACME", "Zichtrekening")] + movements + [
        ("8001%s0%015d011025" % (ACCOUNT, closing)).ljust(127) + "0",
        ("9%s%06d%015d%015d" % (" " * 15, len(movements) + 2, 0,
                                12100 * len(movements))).ljust(127) + "2"]
    assert all(len(r) == 128 for r in records)
    return "\r\n".join(records).encode() + b"\r\n"


KINDS = {"pdf": lambda n, size: ("F-%d.pdf" % n, pdf("F-%d" % n, size)),
         "xml": lambda n, size: ("F-%d.xml" % n, xml("F-%d" % n, size)),
         "coda": lambda n, size: ("F-%d.cod" % n, coda(n, size))}
# KB ▸ how many
SIZES = {2: 200, 10: 100, 100: 40, 1000: 8}


def main():
    for kind, make in KINDS.items():
        for size, count in SIZES.items():
            folder = "%s/%s-%d" % (sys.argv[1], kind, size)
            os.makedirs(folder)
            room = max(0, size * 740 - 1400)
            for n in range(count):
                with open("%s/%d.eml" % (folder, n), "wb") as f:
                    f.write(mail([make(1000 + n, room)], text=TEXT).as_bytes())


if __name__ == "__main__":
    main()
