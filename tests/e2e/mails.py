# SPDX-License-Identifier: BSD-2-Clause
"""Mails as business software sends them, made for the tests."""

import datetime
import email.message
import email.utils
import hashlib

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{date}</cbc:IssueDate>
<cbc:{root}TypeCode>{code}</cbc:{root}TypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyTaxScheme>
<cbc:CompanyID>{seller}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>
</cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity>
<cbc:RegistrationName>Timekeeper SA</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>{buyer}<cac:PartyLegalEntity>
<cbc:RegistrationName>Brasserie du Parc</cbc:RegistrationName>
</cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal>
<cbc:TaxInclusiveAmount currencyID="EUR">{total}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{total}</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
</{root}>
"""


def pdf(text, size=0):
    """A small valid PDF of one page that says TEXT, padded to about SIZE
    bytes with noise that belongs to TEXT alone."""
    noise = hashlib.shake_256(text.encode()).digest(size)
    line = text.replace("\\", "").replace("(", "").replace(")", "")
    page = b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % line.encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(noise), noise),
    ]
    out, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for n, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (n, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + (b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
                  % (len(objects) + 1, table))


BUYER = """<cac:PartyTaxScheme><cbc:CompanyID>{id}</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"""


def ubl(number, date="2026-10-15", total="121.00", credit=False,
        seller="BE0123456749", buyer=None):
    """An UBL invoice or credit note; BUYER: VAT number, if it has any."""
    return UBL.format(
        root="CreditNote" if credit else "Invoice", number=number, date=date,
        code="381" if credit else "380", total=total, seller=seller,
        buyer=BUYER.format(id=buyer) if buyer else "").encode()


def mail(files=(), to="sales@compta.example", subject="Your invoice",
         date=None, sender="erp@shop.example", text="Please find attached.",
         message_id=None):
    """A message with FILES: (name, bytes) each; XML and PDF by their name."""
    m = email.message.EmailMessage()
    m["From"] = "Shop ERP <%s>" % sender
    m["To"] = to
    m["Subject"] = subject
    m["Date"] = email.utils.format_datetime(
        date or datetime.datetime.now(datetime.timezone.utc))
    m["Message-ID"] = message_id or email.utils.make_msgid(
        domain="shop.example")
    m.set_content(text)
    types = {"pdf": ("application", "pdf"), "xml": ("application", "xml"),
             "txt": ("text", "plain"), "png": ("image", "png")}
    for name, content in files:
        main, sub = types.get(name.rsplit(".", 1)[-1],
                              ("application", "octet-stream"))
        m.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return m


def invoice(number, to="sales@compta.example", size=20000, **more):
    """A PDF invoice as time-tracking software mails it; (mail, pdf)."""
    content = pdf("Invoice " + number, size)
    return mail([(number + ".pdf", content)], to=to,
                subject="Invoice " + number, **more), content
