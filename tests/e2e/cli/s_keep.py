#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Kept for years: a backup that is put back, and a history that strangers
check without postledger."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import Lab
from mails import invoice
from story import check, equal, tell


class Office(Lab):
    """Invoices come by import, one an e-mail."""

    def take(self, *numbers):
        for n in numbers:
            path = os.path.join(self.dir, "m-%s.eml" % n)
            with open(path, "wb") as f:
                f.write(invoice(n)[0].as_bytes())
            self.run("import", "--journal", "sales", path)

    def states(self):
        return {e["document"]["files"][0]["filename"]: e["state"]
                for e in self.lines("list")}

    def put_back(self, backup):
        """What the guide says: the copy in place of what was lost."""
        lib = os.path.join(self.dir, "lib")
        for name in os.listdir(lib):
            if name.startswith("ledger.db"):
                os.unlink(os.path.join(lib, name))
        shutil.rmtree(lib + "/messages")
        subprocess.run(["cp", "-a", backup + "/.", lib], check=True)

    def unpack(self, path):
        out = os.path.join(self.dir, "unpacked")
        shutil.rmtree(out, ignore_errors=True)
        with tarfile.open(path) as tar:
            tar.extractall(out)
        return os.path.join(out, "postledger-audit")


def procedure(folder, number):
    """The commands of a paragraph of the bundle's own README."""
    text = open(os.path.join(folder, "README.txt"), encoding="utf-8").read()
    part = re.split(r"^\d\. .*\n=+\n", text, flags=re.M)[number]
    return "\n\n".join(p for p in part.split("\n\n") if re.match(
        r"(python3|cut|grep|\{|sha256sum) ", p) or
        p.startswith("python3"))


def shell(folder, script):
    return subprocess.run(["sh", "-c", script], cwd=folder, text=True,
                          capture_output=True, timeout=60, check=False)


def story_put_back():
    """A ledger that was put back from yesterday's backup sends nothing twice:
    what may have been sent since is held, and the report says so."""
    with Office() as o:
        backup = os.path.join(o.dir, "lib", "backup")
        o.take("A-1", "A-2")
        o.run("run", "--now")
        o.take("A-3", "A-4")
        o.run("backup", "--to", backup)
        sent = len(o.mta.mails)
        o.run("run", "--now")           # leave after the backup
        o.take("A-5")
        check(len(o.mta.mails) > sent, "something was sent since")
        o.put_back(backup)
        before = len(o.mta.mails)
        o.take("A-6")
        o.run("run", "--now")
        subjects = b"".join(data for _, data in o.mta.mails[before:])
        states = o.states()
        equal((states["A-3.pdf"], states["A-4.pdf"]), ("held", "held"),
              "held: they may have been sent")
        equal(states["A-6.pdf"], "sent", "what came later goes its way")
        check(b"PL-507" in subjects, "the report says what is not known")
        ids = {e["document"]["files"][0]["filename"]: e
               for e in o.lines("list")}
        equal(ids["A-3.pdf"].get("code"), "PL-507", "with its code")
        check(ids["A-3.pdf"]["id"] > ids["A-2.pdf"]["id"] + 1000,
              "no number is used twice")
        o.run("release", str(ids["A-3.pdf"]["id"]))
        o.run("archive", str(ids["A-4.pdf"]["id"]))
        o.run("run", "--now")
        equal(o.states()["A-3.pdf"], "sent", "released by a person")
        o.run("audit", "verify")


def story_bundle():
    """A stranger checks the history offline by the procedure in the bundle,
    and finds any change."""
    with Office() as o:
        o.take("B-1", "B-2")
        o.run("run", "--now")
        head = re.search(r"head ([0-9a-f]{64})",
                         o.run("audit", "verify")).group(1)
        bundle = os.path.join(o.dir, "lib", "audit.tar.gz")
        o.run("audit", "export", "--to", bundle)
        folder = o.unpack(bundle)
        done = shell(folder, procedure(folder, 1))
        equal(done.returncode, 0, done.stderr)
        check("fit, head " + head in done.stdout, done.stdout)
        last = done.stdout.split()
        equal(last[-3].rstrip(), last[-1], "one event by hand")
        equal(open(os.path.join(folder, "HEAD")).read().strip(), head, "HEAD")
        found = shell(folder, "grep -n ^%s events.tsv" % head)
        equal(found.returncode, 0, "a head that was reported is found")
        none = shell(folder, procedure(folder, 3))
        equal((none.returncode, none.stdout), (0, ""),
              "every file is in the history: " + none.stderr)
        pdf = hashlib.sha256(invoice("B-1")[1]).hexdigest()
        check(pdf in open(os.path.join(folder, "documents.tsv")).read(),
              "the file at hand is in the bundle")
        events = open(os.path.join(folder, "events.tsv"), "rb").read()
        lines = events.split(b"\n")
        for name, broken in (
                ("a changed byte", events.replace(b"sent", b"rent", 1)),
                ("a removed event", b"\n".join(lines[:2] + lines[3:])),
                ("two exchanged", b"\n".join(
                    [lines[1], lines[0]] + lines[2:]))):
            with open(os.path.join(folder, "events.tsv"), "wb") as f:
                f.write(broken)
            done = shell(folder, procedure(folder, 1).split("\n\n")[0])
            equal(done.returncode, 1, name + " is found")
        again = o.run("audit", "export", "--to", bundle, code=74)
        check(again == "", "never over an existing file")
        o.run("audit", "export", code=64)
        o.run("audit", code=64)


if __name__ == "__main__":
    tell(globals())
