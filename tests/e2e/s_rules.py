#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The rules of a journal: dates, delays, schedules, switches, portions."""

import datetime
import io
import zipfile
import zoneinfo

from gateway import Gateway
from mails import invoice, mail, pdf, ubl
from story import check, equal, tell

SALES = {"address": "sales@compta.example",
         "deliver_to": "acme-sales@accounting.example"}
ACME = "acme-sales@accounting.example"
ZONE = zoneinfo.ZoneInfo("Europe/Brussels")


def sales(**more):
    return {"sales": dict(SALES, **more)}


def day(offset, hour=12):
    """HOUR o'clock OFFSET days from today, in the gateway's time zone."""
    date = datetime.datetime.now(ZONE).date() + datetime.timedelta(offset)
    return datetime.datetime.combine(date, datetime.time(hour), ZONE)


def names(g, rcpt=ACME):
    return sorted(n for n, _ in g.documents(rcpt))


def xml_mail(number, date, **more):
    return mail([(number + ".xml", ubl(number, date, **more))],
                subject="Invoice " + number)


def story_start_date():
    """Only documents from the start date on leave; moving it back sends the
    older ones and no others."""
    with Gateway(sales(start_date="2026-09-01")) as g:
        for number, date in (("A", "2026-07-31"), ("B", "2026-08-01"),
                             ("C", "2026-08-31"), ("D", "2026-09-01"),
                             ("E", "2026-10-05")):
            g.send(xml_mail(number, date), "sales@compta.example")
        g.run("--now")
        equal(names(g), ["D.xml", "E.xml"], "from the start date on")
        waiting = {e["document"]["number"]: e["reason"]
                   for e in g.entries(state="waiting")}
        equal(waiting, dict.fromkeys("ABC", "start-date"), "the reason")
        g.journals["sales"]["start_date"] = "2026-08-01"
        g.write_conf()
        g.run("--now")
        equal(names(g), ["B.xml", "C.xml", "D.xml", "E.xml"], "the older ones")
        g.run("--now")
        equal(len(names(g)), 4, "and nothing twice")


def story_message_date():
    """A PDF without facts counts by the date of its message."""
    with Gateway(sales(start_date="2026-09-01")) as g:
        for number, month in (("old", 8), ("new", 9)):
            m, _ = invoice(number, date=datetime.datetime(
                2026, month, 1, 12, tzinfo=datetime.timezone.utc))
            g.send(m, "sales@compta.example")
        g.run("--now")
        equal(names(g), ["new.pdf"], "only the newer message's")


def story_delay():
    """A document leaves no sooner than its delay in calendar days says."""
    with Gateway(sales(delay_days=3)) as g:
        m, _ = invoice("D-1")
        g.send(m, "sales@compta.example")
        for offset, count in ((0, 0), (2, 0), (3, 1), (4, 1)):
            g.clock = day(offset)
            g.run("--now")
            equal(len(names(g)), count, "after %d days" % offset)


def story_switched_off():
    """A journal switched off for a while keeps capturing; switched on again
    it sends what came in between, and nothing twice."""
    with Gateway(sales()) as g:
        def send(number):
            m, _ = invoice(number)
            g.send(m, "sales@compta.example")

        send("1")
        g.run()
        equal(names(g), ["1.pdf"], "before")
        g.journals["sales"]["enabled"] = "no"
        g.write_conf()
        send("2")
        g.run("--now")
        equal(names(g), ["1.pdf"], "while it is off nothing leaves")
        equal([e["reason"] for e in g.entries(state="waiting")], ["disabled"],
              "the reason")
        send("3")
        g.journals["sales"]["enabled"] = "yes"
        g.write_conf()
        g.run()
        equal(names(g), ["1.pdf", "2.pdf", "3.pdf"], "afterwards")


def story_second_journal():
    """A second journal on the same address with a start date in the past
    gets all documents again, as its own."""
    with Gateway(sales()) as g:
        for n in range(5):
            m, _ = invoice("S-%d" % n)
            g.send(m, "sales@compta.example")
        g.run()
        g.journals["archive"] = dict(
            SALES, deliver_to="second@accounting.example",
            start_date="2020-01-01", documents_per_mail=10)
        g.write_conf()
        g.run()
        equal(names(g, "second@accounting.example"), names(g), "all again")
        equal(len(names(g)), 5, "the first gets nothing twice")
        g.run("--now")
        equal(len(names(g, "second@accounting.example")), 5, "once each")


def story_schedule():
    """A journal with a schedule is served at its slots, a missed slot once,
    and at once when a person says so."""
    with Gateway(sales(schedule="07:00", start_date="2026-01-01")) as g:
        def send(number, moment):
            m, _ = invoice(number)
            g.send(m, "sales@compta.example")

        send("1", 0)
        g.clock = day(0)
        g.run()
        equal(names(g), [], "dated on the day of activation: not at once")
        g.clock = day(1, 9)
        g.run()
        equal(names(g), ["1.pdf"], "the slot of the next morning")
        send("2", 1)
        g.run()
        equal(len(names(g)), 1, "the slot was served")
        g.clock = day(4, 3)
        g.run()
        equal(len(names(g)), 2, "missed slots are made up for, once")
        send("3", 4)
        g.run()
        equal(len(names(g)), 2, "and only once")
        g.run("--now")
        equal(len(names(g)), 3, "a person may ask for it")


def story_no_run_without_due_journal():
    """A timer tick without a due journal is no run and mails no report."""
    with Gateway(sales(schedule="07:00")) as g:
        g.clock = day(1, 9)
        g.run()
        reports = len(g.reports())
        equal(reports, 1, "the run of the slot is reported")
        for _ in range(3):
            g.run()
        equal(len(g.reports()), 1, "ticks are not")


def story_window():
    """Outside the window nothing leaves, inside it does."""
    with Gateway(sales(window="07:00-09:00")) as g:
        g.clock = day(0, 12)
        g.run()                                      # serves the activation
        m, _ = invoice("W")
        g.send(m, "sales@compta.example")
        g.clock = day(1, 12)
        g.run()
        equal(names(g), [], "outside")
        equal([e["reason"] for e in g.entries(state="waiting")], ["window"],
              "the reason")
        g.clock = day(2, 8)
        g.run()
        equal(names(g), ["W.pdf"], "inside")


def story_cap():
    """No run exceeds the cap; the oldest leave first, the report says how
    many remain."""
    with Gateway(sales(max_mails_per_run=2, documents_per_mail=2)) as g:
        for n in range(10):
            m, _ = invoice("C-%02d" % n)
            g.send(m, "sales@compta.example")
        for total in (4, 8, 10, 10):
            g.run("--now")
            equal(names(g), ["C-%02d.pdf" % n for n in range(total)],
                  "oldest first")
        check("6" in g.reports()[0].text(),
              "the report says how many remain")


def story_zip():
    """Documents leave in a ZIP when the journal says so, with their names."""
    with Gateway(sales(compress="zip", documents_per_mail=10)) as g:
        sent = []
        for n in range(12):
            sent.append(pdf("Z-%d" % n, 3000))
            name = "invoice.pdf" if n < 3 else "Z-%d.pdf" % n
            g.send(mail([(name, sent[-1])]), "sales@compta.example")
        g.run("--now")
        mails = g.arrived(ACME)
        equal(len(mails), 2, "ten and two")
        got = []
        for m in mails:
            (name, content), = m.files().items()
            check(name.startswith("sales-") and name.endswith(".zip"), name)
            with zipfile.ZipFile(io.BytesIO(content)) as z:
                equal(z.testzip(), None, "a valid ZIP")
                got += [z.read(i) for i in z.infolist()]
                names_ = [i.filename for i in z.infolist()]
                equal(len(set(names_)), len(names_), "names are unique")
        equal(sorted(got), sorted(sent), "each document once")


def story_kinds():
    """Invoices and credit notes of one address go to the journals that
    accept them; what nobody accepts is a problem with a code."""
    journals = {
        "sales": dict(SALES, accept="invoice"),
        "credit": {"address": "sales@compta.example", "accept": "credit-note",
                   "deliver_to": "acme-credit@accounting.example"},
        "bank": {"address": "bank@compta.example", "accept": "statement",
                 "deliver_to": "acme-bank@accounting.example"}}
    with Gateway(journals) as g:
        g.send(mail([("I.xml", ubl("I"))]), "sales@compta.example")
        g.send(mail([("C.xml", ubl("C", credit=True))]),
               "sales@compta.example")
        g.send(mail([("P.pdf", pdf("P"))]), "sales@compta.example")
        g.send(mail([("X.xml", ubl("X"))]), "bank@compta.example")
        g.run("--now")
        equal(names(g), ["I.xml", "P.pdf"], "invoices, and the plain PDF once")
        equal(names(g, "acme-credit@accounting.example"), ["C.xml"], "credit")
        equal(names(g, "acme-bank@accounting.example"), [], "no statement")
        check("PL-106" in g.reports()[0].text(),
              "the report names what nobody accepts")


def story_duplicates():
    """The same message and the same file again are duplicates that name
    their original; they are sent once."""
    with Gateway(sales()) as g:
        m, content = invoice("F-1")
        g.send(m, "sales@compta.example")
        g.send(m, "sales@compta.example")                 # the same message
        g.send(mail([("other-name.pdf", content)]), "sales@compta.example")
        g.run("--now")
        equal(names(g), ["F-1.pdf"], "once")
        original, = g.entries(state="sent")
        equal({e["original"] for e in g.entries(state="duplicate")},
              {original["id"]}, "they name their original")
        equal(len(g.entries(state="duplicate")), 2, "two duplicates")


def story_by_hand():
    """Hold, release, archive, unarchive and resend do what they say, and
    the history says who and why."""
    with Gateway(sales()) as g:
        for n in "123":
            g.send(invoice(n)[0], "sales@compta.example")
        g.postledger("run", "--dry-run")
        g.journals["sales"]["enabled"] = "no"
        g.write_conf()
        g.run("--now")                                    # indexes only
        ids = {e["files"][0]["filename"] if "files" in e else
               e["document"]["files"][0]["filename"]: str(e["id"])
               for e in g.entries()}
        g.postledger("hold", ids["1.pdf"], "--reason", "customer contests")
        g.postledger("archive", ids["2.pdf"], "--reason", "booked by hand")
        g.journals["sales"]["enabled"] = "yes"
        g.write_conf()
        g.run("--now")
        equal(names(g), ["3.pdf"], "held and archived ones stay")
        g.postledger("release", ids["1.pdf"])
        g.postledger("unarchive", ids["2.pdf"])
        g.run("--now")
        equal(names(g), ["1.pdf", "2.pdf", "3.pdf"], "then they leave")
        g.postledger("resend", ids["3.pdf"], "--reason", "lost over there")
        g.run("--now")
        equal(names(g), ["1.pdf", "2.pdf", "3.pdf", "3.pdf"], "on purpose")
        history = g.postledger("show", ids["1.pdf"])
        check("customer contests" in history, "why")
        g.postledger("audit", "verify")


if __name__ == "__main__":
    tell(globals())
