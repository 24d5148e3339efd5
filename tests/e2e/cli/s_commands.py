#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The commands of postledger, what they print and what they end with."""

import fcntl
import hashlib
import json
import os
import re
import sqlite3
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


def story_report():
    """The report of a run can be had again in each form."""
    with Office() as lab:
        lab.take("F-1")
        refused(lab.command("report"), 66, "no run")
        lab.send()
        check("F-1.pdf" in lab.run("report"), "text")
        check("<html" in lab.run("report", "1", "--html").lower(), "HTML")
        check("F-1.pdf" in lab.run("report", "1", "--csv"), "CSV")
        refused(lab.command("report", "77"), 66, "77")
        refused(lab.command("report", "1", "--address", "x@y.example"), 64,
                "team@office.example")


def story_report_to_several():
    """Of several reports HTML and CSV print one, the gateway's own first,
    and name the others."""
    with Office() as lab:
        for journal, number in (("sales", "F-1"), ("more", "F-2")):
            lab.journals[journal] = {
                "address": journal + "@compta.example",
                "deliver_to": "acme-sales@accounting.example",
                "report_to": "a-%s@office.example" % journal}
            lab.take(number, journal=journal)
        lab.journals["more"]["report_to"] += ", team@office.example"
        lab.send()
        check("F-2.pdf" in lab.run("report", "--text"), "text has all")
        for form in ("--html", "--csv"):
            out = lab.run("report", "1", form)
            check("report to <team@office.example>" in lab.stderr, lab.stderr)
            check("--address" in lab.stderr, lab.stderr)
            check("<a-sales@office.example>" in lab.stderr, lab.stderr)
            equal(out, lab.run("report", "1", form, "--address",
                               "team@office.example"), "the gateway's own")
            equal(lab.stderr, "", "one was chosen")


def story_audit():
    """The chain is whole, a report's head lies on it, and a change of one
    event is found."""
    with Office() as lab:
        lab.take("F-1")
        lab.send()
        out = lab.run("audit", "verify")
        head = re.search("head ([0-9a-f]{64})", out)[1]
        told = re.findall("[0-9a-f]{64}", lab.run("report"))
        check(told, "the report ends with a head")
        for one in (head, told[-1], head.upper()):
            check("lies on the chain" in lab.run(
                "audit", "verify", "--head", one), one)
        done = lab.command("audit", "verify", "--head", "0" * 63 + "1")
        equal(done.returncode, 65, "another head")
        done = lab.command("audit", "verify", "--head", "0" * 64)
        equal(done.returncode, 65, "what stands before the first event")
        check("not on the chain" in done.stderr, done.stderr)
        with sqlite3.connect(lab.dir + "/lib/ledger.db") as db:
            triggers = db.execute("select name from sqlite_master where "
                                  "type='trigger'").fetchall()
            for name, in triggers:
                db.execute("drop trigger " + name)
            db.execute("update event set who='nobody else' where id=2")
        done = lab.command("audit", "verify")
        equal(done.returncode, 65, "a changed event")
        check("event 2" in done.stderr, done.stderr)


def story_export():
    """The original files come out bit for bit, under safe names, never over
    a file that is there."""
    with Office() as lab:
        for n, name in enumerate(("a.pdf", "a.pdf", "../../b.pdf", ".c.pdf")):
            lab.run("import", "--journal", "sales", lab.file(
                "m%d.eml" % n, mail([(name, pdf("F-%d" % n))],
                                    message_id="<%d@x>" % n)))
        lab.run("import", "--journal", "sales", lab.file(
            "again.eml", mail([("a.pdf", pdf("F-0"))],
                              message_id="<again@x>")))
        lab.send()
        out = lab.dir + "/out"
        os.mkdir(out)
        refused(lab.command("export", "--to", out), 77, out, "nobody")
        refused(lab.command("export", "--to", out + "/none"), 66, "none")
        os.chmod(out, 0o777)
        with open(out + "/a.pdf", "w") as f:
            f.write("mine")
        lab.run("export", "--journal", "sales", "--to", out)
        check("1 duplicate" in lab.stderr, lab.stderr)
        names = sorted(os.listdir(out))
        equal(len(names), 5, names)
        check(not any(n.startswith(".") for n in names), names)
        with open(out + "/a.pdf") as f:
            equal(f.read(), "mine", "not written over")
        contents = set()
        for name in names:
            with open(os.path.join(out, name), "rb") as f:
                contents.add(f.read())
        equal(contents, {b"mine"} | {pdf("F-%d" % n) for n in range(4)},
              "bit for bit")
        entry = [str(e["id"]) for e in lab.lines("list")][0]
        equal(lab.run("export", entry, "--to", out), "", "it is there")
        check("1 file there already" in lab.stderr, lab.stderr)
        os.unlink(out + "/a-2.pdf")
        with open(out + "/a-2.pdf", "w") as f:
            f.write("mine, too")
        printed = lab.run("export", entry, "--to", out).strip()
        equal(printed, out + "/a-4.pdf", "a name of its own")
        refused(lab.command("export", "99", "--to", out), 66, "99")


def story_status():
    """status has a row a journal with the reasons, and tells of the
    daemon."""
    with Office() as lab:
        lab.journals["sales"].update(delay_days=3, schedule="07:00")
        lab.take("F-1", "F-2")
        lab.send()
        page = lab.run("status")
        check(re.search(r"^sales +2 ", page, re.M), page)
        check(re.search(r"^sales: 2 delay until \d{4}-", page, re.M), page)
        screen = lab.terminal("status", columns=80).replace("\r", "")
        check(max(map(len, screen.splitlines()[:3])) <= 80, screen)
        check("answers on" in page and "NOT" not in page, page)
        sales, bank = lab.lines("status")
        equal((sales["journal"], bank["journal"]), ("sales", "bank"), "rows")
        equal(sales["waiting"], 2, "waiting")
        equal(sales["reasons"], {"delay": 2}, "why")
        check("07:00:00" in sales["next_run"], sales["next_run"])
        equal(sales["gateway"]["daemon"], True, "the daemon")
        lab.take("F-3")
        equal(lab.lines("status")[0]["gateway"]["unread_messages"], 1, "new")
        lab.stop_milter()
        check("DOES NOT ANSWER" in lab.run("status"), "the daemon")
        del lab.journals["sales"]
        check("sales is not in the configuration" in lab.run("status"),
              "a journal that was taken out")


def nagios(lab, code, *words, options=(), faked=()):
    """`status --check` ends with CODE and prints one line with WORDS."""
    lab.write()
    done = command("-c", lab.conf_file, "status", "--check", *options)
    equal(done.returncode, code, done.stdout + done.stderr)
    equal(done.stdout.count("\n"), 1, "one line: " + done.stdout)
    word = ("OK", "WARNING", "CRITICAL", "UNKNOWN")[code]
    check(done.stdout.startswith("POSTLEDGER %s - " % word), done.stdout)
    for word in words:
        check(word in done.stdout, "%r in %s" % (word, done.stdout))
    return done.stdout


def story_monitoring():
    """status --check speaks Nagios: 0, 1, 2 and 3 with one line each."""
    with Office() as lab:
        nagios(lab, 3, "ledger.db")
        lab.take("F-1")
        lab.send()
        line = nagios(lab, 0, "2 journals", "last run")
        check(re.search(r"\| waiting=0;;;0 held=0;;;0 problems=0;;;0 "
                        r"oldest=\d+s;172800;432000;0 late=\d+s;7200;86400;0 "
                        r"free=\d+B;1073741824:;268435456:;0$",
                        line.strip()), line)
        nagios(lab, 1, "free", options=["--disk-warning", "900T"])
        nagios(lab, 2, "free", options=["--disk-critical", "900T",
                                        "--disk-warning", "900T"])
        nagios(lab, 2, "free", options=["--disk-critical", "900T"])
        lab.stop_milter()
        nagios(lab, 2, "does not answer")
        lab.start_milter()
        os.chmod(lab.dir + "/lib/ledger.db", 0o444)
        nagios(lab, 2, "ledger.db")
        os.chmod(lab.dir + "/lib", 0o555)
        nagios(lab, 2, "ledger.db")
        os.chmod(lab.dir + "/lib/ledger.db", 0o600)
        nagios(lab, 2, "lib")
        os.chmod(lab.dir + "/lib", 0o755)
        nagios(lab, 0)
        lab.journals["sales"]["colour"] = "red"
        nagios(lab, 3, "colour")


def story_monitoring_of_time():
    """A slot without a run, and a document that waits though it could leave,
    are told by their age."""
    with Office() as lab:
        lab.journals["sales"]["schedule"] = "07:00"
        lab.take("F-1")
        lab.write()
        # the last run was ten days ago
        done = faked("-10d", "-c", lab.conf_file, "run", "--now")
        equal(done.returncode, 0, done.stderr)
        nagios(lab, 2, "sales: no run for", "after it was due")
        nagios(lab, 1, "sales: no run", options=[
            "--late-critical", "9999"])
        lab.journals["bank"]["enabled"] = "no"
        nagios(lab, 0, options=["--late-critical", "9999",
                                "--late-warning", "9999"])


def story_monitoring_of_the_mta():
    """Documents that the mail server does not take for days are told, be it
    down or putting them off."""
    patient = ["--late-warning", "999", "--late-critical", "999"]
    for down, words in ((True, "sales: a document waits"),
                        (False, "batch 1 (sales) is not sent for")):
        with Office() as lab:
            eml = lab.file("m.eml", invoice("F-1")[0])
            if down:
                lab.conf["submission"] = "smtp://127.0.0.1:1"
            lab.mta.refuse = lambda verb, address: (
                "451 4.3.0 later" if verb == "DATA" else None)
            lab.write()
            for job in (["import", "-j", "sales", eml], ["run", "--now"]):
                done = faked("-3d", "-c", lab.conf_file, *job)
            check(done.returncode in (0, 69, 75), done.stderr)
            line = nagios(lab, 1, words, options=patient)
            check("waiting=1" in line, "counted: " + line)


def story_monitoring_without_a_run():
    """Mail that came in and that no run has ever read is told."""
    with Office() as lab:
        lab.write()
        eml = lab.file("m.eml", invoice("F-1")[0])
        done = faked("-3h", "-c", lab.conf_file, "import", "-j", "sales", eml)
        equal(done.returncode, 0, done.stderr)
        nagios(lab, 1, "no run yet, and a message waits for")
        nagios(lab, 0, "no run yet", options=["--late-warning", "9"])


def faked(offset, *words):
    return subprocess.run(["faketime", "-f", offset, POSTLEDGER, *words],
                          capture_output=True, text=True, timeout=60,
                          check=False)


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
