#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Files that people hand to inspect and import: what is said of each, and with
which exit code."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import POSTLEDGER, Lab
from mails import mail, ubl
from story import check, equal, tell

QIF = (b"!Account\nNCurrent account\nTBank\n^\n!Type:Bank\n"
       b"D01/02/2026\nT-5.00\nPBaker\n^\nD13/02/2026\nT7.50\nPShop\n^\n"
       b"D14/02/2026\nT1.25\nPShop\n^\n")
MBOX = (b"From a@x Mon Feb  2 10:00:00 2026\n"
        b"From: a@x\nSubject: one\nDate: Mon, 2 Feb 2026 10:00:00 +0000\n\n"
        b"first\n\n"
        b"From b@x Mon Feb  2 11:00:00 2026\n"
        b"From: b@x\nSubject: two\nDate: Mon, 2 Feb 2026 11:00:00 +0000\n\n"
        b"second\n")


def inspect(*words, code):
    done = subprocess.run([POSTLEDGER, "inspect", *words],
                          capture_output=True, text=True, timeout=60)
    equal(done.returncode, code, "exit code of inspect %s\n%s" % (
        " ".join(words), done.stderr))
    return done.stdout, done.stderr


def story_qif_lines():
    """The JSON of a QIF file counts its lines."""
    with Lab(milter=False, mta=False) as lab:
        path = lab.dir + "/account.qif"
        with open(path, "wb") as f:
            f.write(QIF)
        out, _ = inspect("--json", path, code=0)
        document, = json.loads(out)["documents"]
        equal((document["kind"], document["lines"],
               document["files"][0]["format"]), ("statement", 3, "qif"),
              "kind, lines, format")


def story_no_single_file():
    """An mbox, a folder, a file that is not there or may not be read: said
    with the exit code that fits, and the other files go on."""
    with Lab(milter=False, mta=False) as lab:
        def put(name, content, mode=0o644):
            path = "%s/%s" % (lab.dir, name)
            with open(path, "wb") as f:
                f.write(content)
            os.chmod(path, mode)
            return path

        mbox, good = put("all.mbox", MBOX), put("I.xml", ubl("I-1"))
        secret = put("secret.xml", ubl("I-2"), 0o600)
        os.mkdir(lab.dir + "/folder")
        folder, gone = lab.dir + "/folder", lab.dir + "/gone.xml"
        for path, code, words in (
                (mbox, 65, "is an mbox with 2 messages; split it first"),
                (folder, 66, "is no file"),
                (gone, 66, "No such file")):
            out, err = inspect("--json", path, good, code=code)
            check(path in err and words in err, "%r in %r" % (words, err))
            equal([json.loads(line)["file"] for line in out.splitlines()],
                  [good], "the other file is looked at")
            lab.run("import", "--journal", "sales", path, code=code)
            check(words in lab.stderr, "import says %r: %s" % (words,
                                                              lab.stderr))
        # the command has become the user of postledger by then
        lab.run("import", "--journal", "sales", secret, code=77)
        check("able to read the file" in lab.stderr, lab.stderr)
        lab.run("import", "--journal", "sales", good)


def story_long_numbers():
    """A number of 20,000 characters is cut for people, and whole in JSON."""
    with Lab() as lab:
        number = "N" * 20000
        path = lab.dir + "/long.eml"
        with open(path, "wb") as f:
            f.write(mail([("long.xml", ubl(number))]).as_bytes())
        lab.run("import", "--journal", "sales", path)
        lab.run("run", "--no-report")
        page = lab.run("list")
        check(max(len(line) for line in page.splitlines()) < 400 and
              "…" in page, "cut with an ellipsis")
        entry = json.loads(lab.run("list", "--json"))
        equal(entry["document"]["number"], number, "whole")


if __name__ == "__main__":
    tell(globals())
