#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bank statements in the commands: in clear text, and in folders."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import command
from mails import mail, pdf, ubl
from office import ESCAPE, Office, refused
from statements import Move, Statement, coda
from story import check, equal, tell

KBC = "BE68539007547034"
ING = "BE71096123456769"
LONG = ("your invoice 2026-117 of the 12th, thanks a lot for the very nice "
        "lunch on the terrace with a view over the park and the river")


def february(number=41, opening="1000.00"):
    return Statement(KBC, number, "2026-02-27", opening, [
        Move("2026-02-28", "-50.00", "Power NV", ING, "+++090/9337/55493+++"),
        Move("2026-02-28", "1250.10", "Brasserie du Parc", "", LONG),
        Move("2026-02-28", "-0.75")], until="2026-02-28")


class Bank(Office):
    """A lab with a journal for statements that keeps them."""

    def __init__(self, **more):
        super().__init__(**more)
        self.journals["bank"]["enabled"] = "no"

    def book(self, *files, **more):
        """Imports a message with FILES, (name, bytes) each, and reads it."""
        self.run("import", "--journal", "bank", self.file(
            "m.eml", mail(files, to="bank@compta.example", **more)))
        self.run("run", "--now")

    def of(self, account):
        """The entries of ACCOUNT."""
        return [e for e in self.lines("list", "--journal", "bank")
                if e["document"].get("account") == account]


def story_clear_text():
    """show prints a statement so that nobody needs to know its format:
    facts, totals, each line with counterparty and communication."""
    with Bank() as lab:
        lab.book(("f.cod", coda(february())))
        entry, = lab.lines("list")
        page = lab.run("show", str(entry["id"]))
        for words in (r"account +%s\n" % KBC, r"number +41\n",
                      r"period +2026-02-27 to 2026-02-28\n",
                      r"opening +1000\.00 EUR\n", r"closing +2199\.35 EUR\n",
                      r"credits +1250\.10 EUR, 1 line\n",
                      r"debits +-50\.75 EUR, 2 lines\n",
                      r"2026-02-28 +-50\.00  Power NV, %s\n +\+\+\+090/9337"
                      r"/55493\+\+\+\n" % ING,
                      r"2026-02-28 +-0\.75\n"):
            check(re.search(words, page), "%s in %s" % (words, page))
        check(LONG in re.sub(r"\s+", " ", page), "the long words: " + page)
        screen = lab.terminal("show", str(entry["id"])).replace("\r", "")
        part = screen[screen.index("AMOUNT"):screen.index("Message")]
        check(max(map(len, part.splitlines())) <= 80, part)
        columns = {line.index(a) + len(a) for line in part.splitlines()
                   for a in (" -50.00 ", " 1250.10 ") if a in line}
        equal(len(columns), 1, "aligned: " + part)


def story_list():
    """list shows account, number, day and balance of statements, in columns
    of their own for a journal of nothing else."""
    with Bank() as lab:
        lab.book(("f.cod", coda(february())))
        for words in ((), ("--journal", "bank")):
            head, row = lab.run("list", *words).splitlines()
            for word in (KBC, "41", "2199.35 EUR", "f.cod"):
                check(word in row, "%s in %s" % (word, row))
        check("BALANCE" in head and "2026-02-28" in row, head + row)
        screen = lab.terminal("list", "--journal", "bank", columns=80)
        check(max(map(len, screen.replace("\r", "").splitlines())) <= 80
              and KBC in screen, screen)


def story_archive():
    """A statement that was booked by hand is put aside with the reason, is
    listed there, and is taken back."""
    with Bank() as lab:
        lab.book(("f.cod", coda(february())))
        entry, = lab.lines("list")
        number = str(entry["id"])
        lab.run("archive", number, "--reason", "booked by hand, Anna")
        lab.journals["bank"]["enabled"] = "yes"
        lab.send()
        archived, = lab.lines("list", "--journal", "bank", "--state",
                              "archived")
        equal((archived["document"]["account"],
               archived["document"]["sequence"]), (KBC, "41"), "listed")
        check("booked by hand, Anna" in lab.run("show", number), "why")
        lab.run("unarchive", number, "--reason", "it was not")
        lab.send()
        sent, = lab.lines("list", "--state", "sent")
        equal(sent["id"], entry["id"], "taken back, it leaves")


def story_reference():
    """A payment reference that the bank wrote without its signs is shown as
    people know it, beside the bank's words."""
    qif = (b"!Type:Bank\nD01/02/2026\nT-5.00\n"
           b"Minvoice of May 090/9337/55493\n^\n")
    with Bank(milter=False, mta=False) as lab:
        path = lab.file("f.qif", qif)
        line, = json.loads(command("inspect", "--json", path).stdout)[
            "documents"][0]["transactions"]
        equal(line["payment_reference"], "+++090/9337/55493+++", line)
        page = command("inspect", path).stdout
        check(re.search(r"invoice of May 090/9337/55493 *\n +"
                        r"\+\+\+090/9337/55493\+\+\+\n", page), page)


def story_json():
    """--json has the number of lines as before, and the lines themselves."""
    with Bank() as lab:
        path = lab.file("f.cod", coda(february()))
        lab.book(("f.cod", coda(february())))
        entry, = lab.lines("list")
        check("transactions" not in entry["document"], "list has none")
        shown, = lab.lines("show", str(entry["id"]))
        inspected = json.loads(command("inspect", "--json", path).stdout)
        for d in (shown["document"], inspected["documents"][0]):
            equal(d["lines"], 3, "the number")
            equal(d["transactions"][0], {
                "date": "2026-02-28", "amount": "-50.00",
                "counterparty_account": ING, "counterparty_name": "Power NV",
                "communication": "+++090/9337/55493+++",
                "payment_reference": "+++090/9337/55493+++"}, "the first")
            equal(d["transactions"][2], {"date": "2026-02-28",
                                         "amount": "-0.75"}, "the last")


def story_inspect_page():
    """A new user sees at once what there is, what is wrong with it and what
    to do, then each document."""
    both = coda(february(), Statement(ING, 7, "2026-02-28", "1.00"))
    m = mail([("two.cod", both), (ING + "_7.pdf", pdf("x")),
              ("bad.pdf", b"%PDF-1.4 nothing"), ("n.txt", b"hello")])
    m.add_attachment(mail([("F-9.pdf", pdf("F-9")), ("F-9.xml", ubl("F-9"))]))
    with Bank(milter=False, mta=False) as lab:
        page = command("inspect", lab.file("m.eml", m)).stdout
        check("a message with 3 documents, 1 problem\n" in page, page)
        problems, first, second, third = page.split("\nDocument ")
        check(re.search(r"PL-102 +bad\.pdf: .*\n +Ask the sender", problems),
              problems)
        check(first.startswith("1 of 3: statement\n") and KBC in first, first)
        check(ING + "_7.pdf" in second, "the PDF is with its own: " + second)
        check("3 of 3: invoice" in third and "F-9.pdf" in third and
              "n.txt" in third[third.index("Ignored"):], third)


def story_hostile_statement():
    """What a statement says moves no cursor and forges no line of JSON."""
    with Bank() as lab:
        bad = Statement(KBC, 1, "2026-02-27", "0.00", [Move(
            "2026-02-28", "1.00", "\x1b[31mred", "", 'x"},\x85\x9b2J{"y')])
        qif = ("!Type:Bank\nD01/02/2026\nT-5.00\nP%s\nM%s\n^\n" % (
            ESCAPE, ESCAPE + '"}]')).encode()
        for name, content in (("f.cod", coda(bad)), ("f.qif", qif)):
            path = lab.file(name, content)
            page = command("inspect", path).stdout
            check(all(c not in page for c in "\x1b\x9b\x07\u202e"),
                  repr(page))
            line = command("inspect", "--json", path).stdout
            check(all(c not in line for c in "\x1b\x9b\x07\u202e"),
                  repr(line))
            found = json.loads(line)
            check(found["documents"], found)


def story_bytes_are_gone():
    """When the bytes of a message are no longer there, its facts are."""
    with Bank() as lab:
        lab.book(("f.cod", coda(february())))
        entry, = lab.lines("list")
        for name in os.listdir(lab.dir + "/lib/messages"):
            os.unlink(lab.dir + "/lib/messages/" + name)
        page = lab.run("show", str(entry["id"]))
        check(re.search(r"lines +3, not shown: ", page), page)
        check("1000.00 EUR" in page and "AMOUNT" not in page, page)
        shown, = lab.lines("show", str(entry["id"]))
        equal(shown["document"]["lines"], 3, "the number is a fact")
        check("transactions" not in shown["document"], "no lines")


def story_many_lines():
    """A statement of 100,000 lines is told line by line."""
    moves = [Move("2026-02-28", "0.01", "Payer %d" % n, "", "part %d" % n)
             for n in range(100000)]
    with Bank(milter=False, mta=False) as lab:
        path = lab.file("big.cod", coda(Statement(
            KBC, 1, "2026-02-28", "0.00", moves)))
        done = command("inspect", "--json", path)
        document, = json.loads(done.stdout)["documents"]
        equal(document["lines"], 100000, "the number")
        equal(len(document["transactions"]), 100000, "each")
        equal(document["transactions"][-1]["communication"], "part 99999",
              "the last")


def tree(folder):
    """{path below FOLDER: bytes}"""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found


def story_export_folders():
    """export puts statements into folders by account and year with a place
    for the processed ones, a file with several accounts in its parts; it can
    be repeated, also after files were put away, and never writes over one."""
    first, second = february(), Statement(
        ING, 7, "2025-12-31", "-10.00", [Move("2025-12-31", "10.00")])
    third = Statement(KBC, 42, first.last, first.closing,
                      [Move("2026-03-01", "3.00")], until="2026-03-01")
    both = coda(third, second)
    with Bank() as lab:
        lab.journals["bank"]["accept"] = "statement invoice"
        lab.book(("one.cod", coda(first)), ("one.pdf", pdf("one")))
        lab.book(("two.cod", both), message_id="<2@x>")
        lab.book(("F-1.pdf", pdf("F-1")), message_id="<3@x>")
        out = lab.dir + "/out"
        os.mkdir(out)
        os.chmod(out, 0o777)
        printed = lab.run("export", "--journal", "bank", "--to", out)
        want = {
            KBC + "/2026/one.cod": coda(first),
            KBC + "/2026/one.pdf": pdf("one"),
            "%s/2025/two-%s-7.cod" % (ING, ING): coda(second),
            "%s/2026/two-%s-42.cod" % (KBC, KBC): coda(third),
            "F-1.pdf": pdf("F-1")}
        got = tree(out)
        equal(sorted(got), sorted(want), "the files")
        equal(got, want, "each with its own bytes")
        equal(sorted(printed.split()), sorted(out + "/" + n for n in want),
              "all are named")
        for place in (KBC + "/2026", ING + "/2025"):
            check(os.path.isdir(out + "/" + place + "/processed"), place)
        os.rename(out + "/" + KBC + "/2026/one.cod",
                  out + "/" + KBC + "/2026/processed/one.cod")
        equal(lab.run("export", "--journal", "bank", "--to", out), "",
              "nothing is new")
        check("%d files there already" % len(want) in lab.stderr, lab.stderr)
        equal(len(tree(out)), len(want), "also not what was put away")
        path = out + "/" + KBC + "/2026/processed/one.cod"
        os.chmod(path, 0o666)
        with open(path, "a") as f:
            f.write("mine")
        lab.run("export", "--journal", "bank", "--to", out)
        got = tree(out)
        equal(got[KBC + "/2026/one-2.cod"], coda(first), "another name")
        check(got[KBC + "/2026/processed/one.cod"].endswith(b"mine"),
              "never over another")


def story_export_one_account():
    """A file with statements of one account stays whole, under its name."""
    one = february()
    two = Statement(KBC, 42, one.last, one.closing, [], until="2026-03-01")
    with Bank() as lab:
        lab.book(("week.cod", coda(one, two)))
        out = lab.dir + "/out"
        os.mkdir(out)
        os.chmod(out, 0o777)
        lab.run("export", "--journal", "bank", "--to", out)
        equal(tree(out), {KBC + "/2026/week.cod": coda(one, two)}, "whole")


def story_export_hostile_account():
    """What a statement calls its account is a name of a folder, whatever it
    is; a folder that is a link leads nowhere."""
    qif = b"!Account\nN../../../tmp/x\n^\n!Type:Bank\nD01/02/2026\nT-5.00\n^\n"
    bad = Statement("../../../etc/cron.d", 1, "2026-02-27", "0.00", [
        Move("2026-02-28", "1.00")])
    with Bank() as lab:
        lab.book(("a.cod", coda(bad)), ("b.qif", qif),
                 ("c.cod", coda(february())))
        out = lab.dir + "/out"
        for folder in (out, lab.dir + "/elsewhere"):
            os.mkdir(folder)
            os.chmod(folder, 0o777)
        os.symlink(lab.dir + "/elsewhere", out + "/" + KBC)
        last = lab.of(KBC)[0]["id"]
        done = lab.command("export", str(last), "--to", out)
        check(done.returncode != 0 and KBC in done.stderr, done.stderr)
        equal(tree(lab.dir + "/elsewhere"), {}, "not through the link")
        ids = [str(e["id"]) for e in lab.lines("list") if e["id"] != last]
        lab.run("export", *ids, "--to", out)
        names = sorted(tree(out))
        equal(len(names), len(ids), names)
        check(all(len(n.split("/")) == 3 and not n.startswith(".")
                  for n in names), names)


if __name__ == "__main__":
    tell(globals())
