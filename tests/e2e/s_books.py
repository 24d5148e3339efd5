#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An accounting program that books bank statements: files with several
accounts, a journal for each, one journal at a time, what was booked by hand
put aside, the PDFs beside the files, a folder by year and account."""

import io
import os
import re
import zipfile

from gateway import Gateway
from mails import mail, pdf
from statements import Move, Statement, coda
from s_folder import folder, gateway
from s_statements import camt
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


def pieces(g, rcpt):
    """{batch: (documents in it, {name: bytes})} of what left."""
    out = {}
    for m in g.arrived(rcpt):
        stamp = m.mail["X-Postledger-Batch"]
        out[int(stamp.split(".")[0])] = (
            int(re.search("documents=([0-9]+)", stamp).group(1)), m.files())
    return out


def new_pieces(g, rcpt, seen):
    """Those that left since the last call, in their order."""
    got = pieces(g, rcpt)
    new = [got[n] for n in sorted(got) if n not in seen]
    seen.update(got)
    return new


def story_whole_file():
    """A file with several statements of one account goes out as it came, under
    its own name, once; where not all of it may go, each goes with its own
    bytes, and nothing goes twice."""
    made = days(KBC, 41, "1000.00", ["50.00", "-20.00", "7.00", "1.00", "2.00",
                                     "3.00", "4.00", "5.00", "6.00"])
    seen = set()
    with Gateway(JOURNALS) as g:
        def bring(name, content):
            g.send(mail([(name, content)], to=BANK), BANK)
            g.run("--now")
            return new_pieces(g, TO_KBC, seen)

        weekend = coda(*made[:3])
        equal(bring("weekend.cod", weekend), [(3, {"weekend.cod": weekend})],
              "three statements, one file, one e-mail")
        equal({e["state"] for e in g.entries()}, {"sent"}, "all are sent")
        text = " ".join(g.reports()[-1].text().split())
        check("3 documents" in text or text.count("weekend.cod") >= 3, text)
        part = "next-%s-44.cod" % KBC
        equal(bring("next.cod", coda(made[2], made[3])),
              [(1, {part: coda(made[3])})], "one of them was sent before")
        equal(bring("gap.cod", coda(made[4], made[6])),
              [(1, {"gap-%s-45.cod" % KBC: coda(made[4])})], "up to the gap")
        equal(bring("46.cod", coda(made[5])),
              [(1, {"46.cod": coda(made[5])}),
               (1, {"gap-%s-47.cod" % KBC: coda(made[6])})], "in order")
        last = coda(made[7], made[8])
        equal(bring("last.cod", last), [(2, {"last.cod": last})], "whole")
        again = by_number(g, "kbc")["42"]
        g.postledger("resend", str(again["id"]))
        g.run("--now")
        equal(new_pieces(g, TO_KBC, seen),
              [(1, {"weekend-%s-42.cod" % KBC: coda(made[1])})],
              "sent again alone, it has its own bytes")
        g.run("--now")
        equal(new_pieces(g, TO_KBC, seen), [], "nothing twice")


def camt_file(*statements):
    """One camt.053 of all of them, as banks make it."""
    whole = [camt(s).decode() for s in statements]
    parts = ["<Stmt>" + w.split("<Stmt>")[1].split("</Stmt>")[0] + "</Stmt>"
             for w in whole]
    head = whole[0].split("<Stmt>")[0]
    tail = whole[0].split("</Stmt>")[1]
    return (head + "\n".join(parts) + tail).encode(), [
        (head + p + tail).encode() for p in parts]


def story_camt_file():
    """The same of camt.053: whole for one account; of several each goes to its
    journal in a document of its own. What begun as CODA goes on as CAMT, with
    the bank's other numbers, and back."""
    kbc = days(KBC, 41, "1000.00", ["50.00", "-20.00", "7.00", "9.00", "1.00"])
    ing, = days(ING, 7, "-10.00", ["10.00"])
    for n, s in enumerate(kbc[1:3]):
        s.number = 2026058 + n
    one, _ = camt_file(*kbc[1:3])
    seen = set()
    with Gateway(JOURNALS) as g:
        for name, content in (("41.cod", coda(kbc[0])), ("two.xml", one),
                              ("44.cod", coda(kbc[3]))):
            g.send(mail([(name, content)], to=BANK), BANK)
            g.run("--now")
        equal(new_pieces(g, TO_KBC, seen),
              [(1, {"41.cod": coda(kbc[0])}), (2, {"two.xml": one}),
               (1, {"44.cod": coda(kbc[3])})], "no alarm between formats")
        mixed, parts = camt_file(kbc[4], ing)
        g.send(mail([("mixed.xml", mixed)], to=BANK), BANK)
        g.run("--now")
        equal(new_pieces(g, TO_KBC, seen),
              [(1, {"mixed-%s-45.xml" % KBC: parts[0]})], "its own")
        equal(new_pieces(g, TO_ING, set()),
              [(1, {"mixed-%s-7.xml" % ING: parts[1]})],
              "never mixed")
        check_export(g, {
            KBC + "/2026/mixed-%s-45.xml" % KBC: parts[0],
            KBC + "/2026/two.xml": one,
            ING + "/2026/mixed-%s-7.xml" % ING: parts[1]})


OFX = """OFXHEADER:100
DATA:OFXSGML

<OFX><BANKMSGSRSV1>{}</BANKMSGSRSV1><CREDITCARDMSGSRSV1>{}</CREDITCARDMSGSRSV1>
</OFX>
"""
RESPONSE = """<{0}STMTTRNRS><{0}STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>{1}
</BANKACCTFROM><LEDGERBAL><BALAMT>{2}<DTASOF>20260202</LEDGERBAL></{0}STMTRS>
</{0}STMTTRNRS>"""


def story_file_in_one_piece():
    """A file that cannot be parted, with two accounts: a journal that takes
    both gets it whole, once; where each journal takes one of them, nothing is
    sent until a person says so. Folders and ZIPs have whole files, too."""
    ofx = OFX.format(RESPONSE.format("", KBC, "7.00"),
                     RESPONSE.format("CC", ING, "5.00")).encode()
    both, zipped = "both@accounting.example", "zip@accounting.example"
    journals = dict(
        JOURNALS,
        both={"address": "both@compta.example", "deliver_to": both},
        zip={"address": "both@compta.example", "deliver_to": zipped,
             "compress": "zip"},
        filed={"address": "both@compta.example",
               "deliver_to": "dir:%OUT/%{year}"})
    with gateway(**journals) as g:
        for rcpt in (BANK, "both@compta.example"):
            g.send(mail([("all.ofx", ofx)], to=rcpt), rcpt)
        g.run("--now")
        equal(new_pieces(g, both, set()), [(2, {"all.ofx": ofx})], "whole")
        (n, files), = new_pieces(g, zipped, set())
        packed, = files.values()
        with zipfile.ZipFile(io.BytesIO(packed)) as z:
            equal((n, z.namelist()), (2, ["all.ofx"]), "packed whole")
            equal(z.read("all.ofx"), ofx, "its bytes")
        equal(folder(g), {"2026/all.ofx": ofx}, "a folder has it once")
        for entry in g.entries(journal="filed"):
            check("/2026/all.ofx" in g.postledger("show", str(entry["id"])),
                  "shown for each of its statements")
        equal(names(g, TO_KBC) + names(g, TO_ING), [], "never mixed")
        held = g.entries(state="held")
        equal([(e["journal"], e["code"]) for e in held],
              [("kbc", "PL-206"), ("ing", "PL-206")], "held for a person")
        check("PL-206" in g.reports()[-1].text(), "and told")
        g.postledger("release", str(held[0]["id"]))
        g.run("--now")
        g.run("--now")
        equal((names(g, TO_KBC), names(g, TO_ING)), (["all.ofx"], []),
              "a person let it go")


def check_export(g, want):
    out = g.dir + "/out"
    os.mkdir(out)
    os.chmod(out, 0o777)
    g.postledger("export", "--to", out)
    for path, content in want.items():
        with open(os.path.join(out, path), "rb") as f:
            equal(f.read(), content, path)


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
