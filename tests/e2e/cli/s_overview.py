#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What those are told who look on: reports, audits, exports, status and
monitoring."""

import os
import re
import resource
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from clock import clock_of, start_under
from lab import POSTLEDGER, command
from mails import invoice, mail, pdf
from office import Office, refused
from story import check, equal, tell


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


def story_export_one_name():
    """However many files have one name, each gets a number, and none tries
    those of all the others."""
    with Office() as lab:
        for n in range(60):
            lab.file("m%d.eml" % n, mail([("a.pdf", pdf("F-%d" % n))],
                                         message_id="<%d@x>" % n))
        lab.run("import", "--journal", "sales",
                *("%s/m%d.eml" % (lab.dir, n) for n in range(60)))
        lab.send()
        out = lab.dir + "/out"
        os.mkdir(out)
        os.chmod(out, 0o777)
        for n in range(1, 10001):
            with open(out + ("/a-%d.pdf" % n if n > 1 else "/a.pdf"), "w"):
                pass
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for want in ("60 written", "60 there"):
            lab.run("export", "--journal", "sales", "--to", out)
            equal(len(os.listdir(out)), 10060, want)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        check(os.path.exists(out + "/a-10060.pdf"), "numbered on")
        spent = sum(getattr(after, w) - getattr(before, w)
                    for w in ("ru_utime", "ru_stime"))
        check(spent < 3, "%.1f s of the processor" % spent)


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
    done = start_under(dict(os.environ, **clock_of(offset)),
                       [POSTLEDGER, *words], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True)
    out, err = done.communicate(timeout=60)
    return subprocess.CompletedProcess(words, done.returncode, out, err)


if __name__ == "__main__":
    tell(globals())
