#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The commands of postledger, what they print and what they end with."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import POSTLEDGER, command
from mails import invoice, mail, pdf, ubl
from office import ESCAPE, Office, refused
from story import check, equal, tell


def story_usage():
    """A command line that makes no sense ends with 64 and says why."""
    with Office() as lab:
        for words, word in (
                (["frob"], "check run status"),
                (["list", "--bogus"], "bogus"),
                (["list", "--state", "lost"], "waiting held archived"),
                (["list", "--since", "2026-13"], "2026-11-20"),
                (["list", "--journal", "nope"], "sales bank"),
                (["list", "--limit", "-1"], "limit"),
                (["list", "stray"], "stray"),
                (["run", "--journal", "nope"], "sales bank"),
                (["run", "--wait", "-1"], "wait"),
                (["run", "--json"], "json"),
                (["check", "--reason", "x"], "reason"),
                (["show"], "show what"),
                (["show", "x"], "number"),
                (["show", "0"], "number"),
                (["show", "invoice:3"], "message:ID"),
                (["hold"], "hold what"),
                (["resend", "1", "--journal", "nope"], "sales bank"),
                (["import", "x.eml"], "--journal"),
                (["import", "--journal", "nope", "x.eml"], "sales bank"),
                (["export"], "--to"),
                (["export", "1", "--since", "7d", "--to", lab.dir], "both"),
                (["report", "--text", "--csv"], "one of"),
                (["report", "last"], "run"),
                (["audit"], "verify"),
                (["audit", "verify", "--head", "xyz"], "64"),
                (["status", "--check", "--disk-warning", "many"], "size"),
                (["inspect"], "inspect what"),
                (["explain", "PL-999"], "PL-999")):
            if words[0] in ("list", "show", "hold", "resend", "report",
                            "audit", "export") and \
                    not os.path.exists(lab.dir + "/lib/ledger.db"):
                lab.take("F-0")
            refused(lab.command(*words), 64, word)
        refused(command(), 64, "--help")
        refused(command("--bogus", "list"), 64, "bogus")


def story_common_options():
    """--help and --version work everywhere; common options may stand before
    or after the command."""
    equal(command("--version").stdout.split()[0], "postledger", "version")
    equal(command("list", "--version").stdout,
          command("--version").stdout, "also behind a command")
    names = re.findall(r"^  ([a-z]+)  ", command("--help").stdout, re.M)
    check({"check", "run", "status", "list", "show", "inspect", "import",
           "export", "archive", "unarchive", "hold", "release", "resend",
           "report", "audit", "explain"} <= set(names), names)
    for name in names:
        done = command(name, "--help")
        equal(done.returncode, 0, name)
        check("postledger " + name in done.stdout, done.stdout)
    with Office() as lab:
        lab.take("F-1")
        lab.write()
        for words in (["-c", lab.conf_file, "--json", "status"],
                      ["status", "-c", lab.conf_file, "--json"],
                      ["--config=" + lab.conf_file, "status", "--json"]):
            done = command(*words)
            equal(len(done.stdout.splitlines()), 2, words)


def story_manual_page():
    """The manual page has every command and option that --help has, and is
    clean."""
    page = "docs/postledger.1"
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page],
                          capture_output=True, text=True, check=False)
    equal((lint.returncode, lint.stdout), (0, ""), "mandoc")
    with open(page) as f:
        text = f.read()
    for name in re.findall(r"^  ([a-z]+)  ", command("--help").stdout, re.M):
        check(re.search(r"^\.Cm .*\b%s\b" % name, text, re.M), name)
        for option in re.findall(r"--([a-z-]+)",
                                 command(name, "--help").stdout):
            check("Fl -%s" % option in text or option == "help-all",
                  "%s --%s" % (name, option))


def story_without_configuration():
    """What needs no configuration asks for none; what does says which one
    and how to name another."""
    done = command("explain", "pl-101", "102")
    equal(done.returncode, 0, "explain")
    check("PL-101" in done.stdout and "PL-102" in done.stdout, done.stdout)
    codes = command("explain").stdout.splitlines()
    check(len(codes) > 20, "all codes are listed")
    refused(command("list", "-c", "/nowhere/x.conf"), 66, "/nowhere/x.conf",
            "-c FILE")


def story_inspect():
    """inspect tells what is in messages and files, as a page and as JSON."""
    with Office() as lab:
        m = mail([("F-9.pdf", pdf("F-9")), ("F-9.xml", ubl("F-9"))],
                 subject="Invoice " + ESCAPE)
        eml, xml = lab.file("m.eml", m), lab.file("i.xml", ubl("F-8"))
        done = command("inspect", "--json", eml, xml)
        equal(done.returncode, 0, done.stderr)
        first, second = [json.loads(x) for x in done.stdout.splitlines()]
        equal((first["file"], first["type"]), (eml, "message"), "the first")
        equal((second["file"], second["type"]), (xml, "document"), "second")
        document, = first["documents"]
        equal(sorted(f["sha256"] for f in document["files"]),
              sorted(hashlib.sha256(c).hexdigest()
                     for c in (pdf("F-9"), ubl("F-9"))), "the files")
        equal((document["kind"], document["number"]), ("invoice", "F-9"),
              "facts")
        page = command("inspect", eml).stdout
        check("F-9" in page and "\x1b" not in page and "\x9b" not in page
              and "\u202e" not in page, "no escapes: %r" % page)
        with open(eml, "rb") as f:
            piped = command("inspect", "--json", "-", input=f.read(),
                            text=False)
        equal(json.loads(piped.stdout)["type"], "message", "through a pipe")
        done = command("inspect", "--json", "/nowhere", eml, lab.dir)
        equal(done.returncode, 66, "files that are not there")
        equal(len(done.stdout.splitlines()), 1, "the others are told")


def story_import():
    """Messages and documents are taken by hand; files that cannot be read
    are told, the others go on."""
    with Office() as lab:
        eml = lab.file("m.eml", invoice("F-1")[0])
        done = lab.command("import", "--journal", "sales", eml, "/nowhere",
                           lab.file("i.pdf", pdf("F-2")))
        equal(done.returncode, 66, "one is not there")
        check("/nowhere" in done.stderr, done.stderr)
        equal(len(re.findall("message [0-9]+ for journal sales",
                             done.stdout)), 2, done.stdout)
        secret = lab.file("secret.eml", invoice("F-3")[0])
        os.chmod(secret, 0o600)
        done = lab.command("import", "--journal", "sales", secret)
        equal(done.returncode, 77, done.stderr)
        check("nobody" in done.stderr, "names the user: " + done.stderr)
        lab.send()
        equal(sorted(lab.ids("--state", "sent")), ["F-1.pdf", "i.pdf"],
              "both are sent")


def story_dry_run():
    """A dry run tells what would leave and changes nothing."""
    with Office() as lab:
        lab.journals["sales"]["enabled"] = "no"
        lab.take("F-1", "F-2")
        lab.send()
        lab.journals["sales"].update(enabled="yes", max_mails_per_run=1)
        lab.take("F-3")
        before = lab.run("audit", "verify")
        plan = lab.run("run", "--dry-run", "--now")
        check("1 document would leave in 1 e-mail to" in plan, plan)
        check("leaves" in plan and "cap" in plan, plan)
        check("1 new message" in plan, "what nobody looked at yet: " + plan)
        equal(lab.run("audit", "verify"), before, "no event")
        equal(lab.mta.mails and [m for m, _ in lab.mta.mails if
                                 "acme" in m["RCPT"][0]], [], "nothing sent")


def story_run():
    """A run says what it did; a second one at the same time says who runs;
    without an MTA it ends with 75 and loses nothing."""
    with Office() as lab:
        lab.take("F-1", "F-2")
        out = lab.send("--journal", "sales", "--reason", "month's end")
        check("2 documents sent in 2 e-mails" in out, out)
        lab.take("F-3")
        with open(lab.dir + "/lib/ledger.db.run.lock", "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.truncate(0)
            lock.write("4711 1800000000\n")
            lock.flush()
            refused(lab.command("run", "--now"), 75, "4711")
        port = lab.mta.port
        lab.conf["submission"] = "smtp://127.0.0.1:1"
        done = lab.command("run", "--now")
        check(done.returncode in (69, 75), done.stderr)
        lab.conf["submission"] = "smtp://127.0.0.1:%d" % port
        lab.send()
        sent = [m for m, _ in lab.mta.mails
                if m["RCPT"] == ["acme-sales@accounting.example"]]
        equal(len(sent), 3, "each once")
        quiet = lab.run("run", "--journal", "bank")
        check("Run" in quiet or quiet == "", quiet)


def story_progress():
    """On a terminal a run shows how far it is, and leaves only its outcome;
    when nothing is due it says what is next."""
    with Office() as lab:
        lab.take("F-1", "F-2")
        screen = lab.terminal("run", "--now")
        check("2 of 2" in screen, repr(screen))
        last = screen.split("\x1b[K")[-1]
        check(last.startswith("Run 1: 2 new messages read"), repr(screen))
        for name in lab.journals:
            lab.journals[name]["schedule"] = "07:00"
        equal(lab.run("run"), "", "silent elsewhere")
        screen = lab.terminal("run")
        check("Nothing is due. sales: 2" in screen, repr(screen))


def story_list():
    """list shows entries in columns, filtered, and on a terminal within its
    width; hostile names do nothing there."""
    with Office() as lab:
        lab.take("F-1")
        lab.run("import", "--journal", "sales", lab.file(
            "long.eml", mail([("x" * 150 + ".pdf", pdf("F-2")),
                              (ESCAPE + ".pdf", pdf("F-3"))],
                             subject=ESCAPE)))
        lab.send()
        lab.take("F-4")
        lab.journals["sales"]["delay_days"] = 3
        lab.run("run", "--now")
        page = lab.run("list")
        equal(len(page.splitlines()), 5, page)
        equal(page.split()[0], "ID", "headed")
        check(all(c not in page for c in "\x1b\x9b\x07\u202e"), repr(page))
        for columns in (60, 80, 132):
            screen = lab.terminal("list", columns=columns)
            lines = screen.replace("\r", "").splitlines()
            check("…" in screen, "cut: %r" % screen)
            check(max(map(len, lines)) <= max(columns, 76),
                  "%d columns: %r" % (columns, lines))
        equal(len(lab.lines("list", "--state", "sent")), 3, "sent ones")
        waiting, = lab.lines("list", "--state", "waiting,held")
        equal(waiting["reason"], "delay", "why it waits")
        check(re.match(r"\d{4}-\d\d-\d\dT00:00:00[+-]\d\d:\d\d$",
                       waiting["until"]), "until: " + waiting["until"])
        equal(lab.lines("list", "--journal", "bank"), [], "another journal")
        equal(lab.lines("list", "--until", "7d"), [], "nothing so old")
        equal(len(lab.lines("list", "--since", "today", "--limit", "2")), 2,
              "a limit")
        equal(waiting["document"]["files"][0]["filename"], "F-4.pdf", "file")
        for key in ("id", "journal", "state", "document", "message"):
            check(key in waiting, key)


def story_show():
    """show tells all about an entry, a message and a batch."""
    with Office() as lab:
        lab.take("F-1")
        lab.send("--reason", "to see it")
        entry, = lab.lines("list")
        page = lab.run("show", str(entry["id"]))
        for word in ("F-1.pdf", "sha256", "acme-sales@accounting.example",
                     "captured", "History", "250 2.0.0"):
            check(word in page, "%s in %s" % (word, page))
        full, = lab.lines("show", str(entry["id"]))
        equal(full["sending"]["state"], "sent", "the batch")
        check([e["what"] for e in full["events"]], "events")
        equal(full["message"]["recipients"], ["sales@compta.example"], "to")
        batch = str(full["sending"]["batch"])
        message = str(full["message"]["id"])
        equal(lab.lines("show", "batch:" + batch)[0]["entries"],
              [entry["id"]], "the batch's entries")
        equal(lab.lines("show", "message:" + message)[0]["entries"],
              [entry["id"]], "the message's entries")
        check("F-1.pdf" in lab.run("show", "message:" + message), "page")
        check("acme-sales" in lab.run("show", "batch:" + batch), "page")
        for what in ("99", "message:99", "batch:99"):
            refused(lab.command("show", what), 66, "99")


def story_wrong_ids():
    """A number that is no entry ends with 66, what is no number with 64, for
    every command that takes entries."""
    with Office() as lab:
        lab.take("F-1")
        lab.send()
        for verb in ("show", "archive", "unarchive", "hold", "release",
                     "resend"):
            refused(lab.command(verb, "99"), 66, "99")
            refused(lab.command(verb, "abc"), 64, "abc", "number")
        refused(lab.command("resend", "99", "--journal", "bank"), 66, "99")


def story_run_of_nothing():
    """run --now says so when no journal is enabled."""
    with Office() as lab:
        lab.take("F-1")
        for journal in lab.journals.values():
            journal["enabled"] = "no"
        equal(lab.send(), "1 new message read, 1 document found. No journal "
              "is due: none is enabled.\n", "said")
        equal(lab.run("run"), "", "a timer stays silent")
        lab.journals["sales"]["enabled"] = "yes"
        check("bank" not in lab.send(), "sales is due")
        check("those asked for" in lab.send("--journal", "bank"), "named")


def story_settle():
    """archive, unarchive, hold, release and resend do what they say, each
    entry told; what its state does not allow is explained; who and why are in
    the history."""
    with Office() as lab:
        lab.journals["sales"]["delay_days"] = 3
        lab.take("F-1", "F-2", "F-3")
        lab.send()
        ids = [str(e["id"]) for e in lab.lines("list")]
        one, two, three = ids
        out = lab.run("hold", one, two, "--reason", "customer contests",
                      env=dict(os.environ, SUDO_USER="anna"))
        equal(len(out.splitlines()), 2, out)
        entry, = lab.lines("show", one)
        equal(entry["state"], "held", "held")
        check("customer contests" in entry["note"], entry)
        event = [e for e in entry["events"] if e["what"] == "held"][0]
        equal(event["reason"], "customer contests", "why")
        check(re.match(r"uid=0 root sudo=anna$", event["who"]), event)
        done = lab.command("hold", one, three, "999", "x")
        equal(done.returncode, 65, "some failed")
        equal(done.stdout, "%s: held until it is released\n" % three,
              "one went well")
        for word in ("release", "999", "x:"):
            check(word in done.stderr, done.stderr)
        lab.run("archive", one, "--reason", "booked by hand")
        equal([e["id"] for e in lab.lines("list", "--state", "archived")],
              [int(one)], "listed")
        refused(lab.command("archive", one), 65, "unarchive")
        lab.run("unarchive", one)
        equal(lab.lines("show", one)[0]["state"], "held", "as it was")
        refused(lab.command("unarchive", two), 65, "held")
        lab.run("release", one, two, three)
        equal({e["state"] for e in lab.lines("list")}, {"waiting"}, "all")
        refused(lab.command("release", one), 65, "waiting")
        refused(lab.command("resend", one), 65, "not sent yet")
        lab.journals["sales"]["delay_days"] = 0
        lab.send()
        refused(lab.command("archive", one), 65, "was sent", "resend")
        lab.run("resend", one)
        lab.send()
        equal(sum(m["RCPT"] == ["acme-sales@accounting.example"]
                  for m, _ in lab.mta.mails), 4, "three and one again")
        lab.run("resend", one, "--journal", "bank")
        equal([e["journal"] for e in lab.lines("list", "--state", "waiting")],
              ["bank"], "an entry of its own there")
        lab.run("audit", "verify")


def story_bad_ledgers():
    """A ledger that is absent, none, or not ours to read ends with its own
    code, and names the file."""
    with Office() as lab:
        refused(lab.command("list"), 66, "ledger.db")
        lab.file("lib/ledger.db", b"This is no ledger. " * 500)
        os.chown(lab.dir + "/lib/ledger.db", 65534, 65534)
        refused(lab.command("list"), 65, "ledger.db")
        os.unlink(lab.dir + "/lib/ledger.db")
        lab.take("F-1")
        os.chown(lab.dir + "/lib/ledger.db", 0, 0)
        os.chmod(lab.dir + "/lib/ledger.db", 0o600)
        done = lab.command("list")
        check(done.returncode in (74, 77), done.stderr)
        check("ledger.db" in done.stderr, done.stderr)
        check("not an error" not in done.stderr, done.stderr)
        os.chmod(lab.dir + "/lib/ledger.db", 0o444)
        done = lab.command("run", "--now")
        check(done.returncode in (74, 77), done.stderr)
        check("not an error" not in done.stderr, done.stderr)


def story_other_user():
    """Who is not the ledger's user is told to become it, with its own code."""
    with Office() as lab:
        lab.take("F-1")
        os.chmod(lab.dir + "/lib", 0o700)
        program = shutil.copy(POSTLEDGER, lab.dir)  # where others may look
        for words in (("list",), ("status",), ("run", "--now")):
            refused(subprocess.run(
                [program, "-c", lab.conf_file, *words], capture_output=True,
                text=True, check=False, user="games", timeout=60),
                77, "ledger.db", "nobody", "sudo")


def story_lost_ledger():
    """A ledger that was lost or emptied is not begun anew beside the months
    of messages that belong to it."""
    with Office() as lab:
        lab.take("F-1")
        ledger = lab.dir + "/lib/ledger.db"
        os.unlink(ledger)
        refused(lab.command("run", "--now"), 66, "ledger.db", "backup",
                "move them away")
        check(not os.path.exists(ledger), "none was made")
        lab.file("lib/ledger.db", b"")
        os.chown(ledger, 65534, 65534)
        refused(lab.command("run", "--now"), 65, "ledger.db", "backup")
        equal(os.path.getsize(ledger), 0, "left alone")
        os.rename(lab.dir + "/lib/messages", lab.dir + "/lib/old")
        lab.run("run", "--now")


def story_output_that_cannot_be_written():
    """Output that cannot be written is an error, not a success."""
    with open("/dev/full", "w") as full:
            done = subprocess.run([POSTLEDGER, "explain"], stdout=full,
                              stderr=subprocess.PIPE, check=False)
    equal(done.returncode, 74, done.stderr)


if __name__ == "__main__":
    tell(globals())
