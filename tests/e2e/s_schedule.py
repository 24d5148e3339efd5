#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Statement journals as a bank feed: start dates, mornings, off and on again;
what status says of accounts, of e-mails under way and of what ends."""

import datetime
import os
import subprocess
import zoneinfo

from gateway import Gateway
from mails import mail
from statements import Move, Statement, coda
from story import check, equal, tell

ZONE = zoneinfo.ZoneInfo("Europe/Brussels")
TODAY = datetime.datetime.now(ZONE).date()
HOME, OTHER, THIRD = ("BE68539007547034", "BE71096123456769",
                      "NL91ABNA0417164300")
TEAM = {"address": "bank@compta.example", "accept": "statement",
        "documents_per_mail": "50"}
FEED = dict(TEAM, schedule="07:00", window="07:00-09:00")


def date(offset):
    return (TODAY + datetime.timedelta(offset)).isoformat()


def moment(offset, hour, minute=0):
    return datetime.datetime.combine(
        TODAY + datetime.timedelta(offset), datetime.time(hour, minute), ZONE)


def feed(account, to, **more):
    return dict(FEED, account=account, deliver_to=to + "@accounting.example",
                **more)


def statements(account, *offsets, number=100, step=1):
    """Those of days by their distance from today; each follows the one STEP
    days before it."""
    return [Statement(account, number + o // step, date(o - step),
                      "%d.00" % (1000 + 10 * (o // step)),
                      [Move(date(o), "10.00", "Shop")], until=date(o))
            for o in offsets]


def name(s):
    return "%s.%s.cod" % (s.account, s.last)


def take(g, *all_):
    g.send(mail([(name(s), coda(s)) for s in all_], to=TEAM["address"]),
           TEAM["address"])


def got(g, to):
    """The days of the statements that arrived, by their distance from today."""
    days = [datetime.date.fromisoformat(n.split(".")[1])
            for n, _ in g.documents(to + "@accounting.example")]
    return sorted((d - TODAY).days for d in days)


def run_at(g, offset, hour, minute=0, *words):
    g.clock = moment(offset, hour, minute)
    g.run(*words)


def story_bank_feed():
    """A sync an account: a start date in the past sends up to yesterday at
    once, today or later nothing; then each morning, weekends too; each
    statement once, whatever is switched; again by export or another sync."""
    syncs = {"home": feed(HOME, "home", enabled="no"),
             "other": feed(OTHER, "other", enabled="no")}
    with Gateway(syncs) as g:
        for account in (HOME, OTHER):
            take(g, *statements(account, *range(-10, 0)))
        run_at(g, 0, 12)
        g.journals["home"].update(enabled="yes", start_date=date(-5))
        g.journals["other"].update(enabled="yes", start_date=date(0))
        g.write_conf()
        run_at(g, 0, 22)
        equal(got(g, "home"), list(range(-5, 0)), "at once, at ten at night")
        equal(got(g, "other"), [], "from today on: nothing at once")
        take(g, *statements(HOME, 0), *statements(OTHER, 0))
        run_at(g, 0, 23)
        run_at(g, 0, 23, 30, "--now")
        equal(got(g, "home"), list(range(-5, 0)), "never an unfinished day")
        run_at(g, 1, 6, 50)
        equal(got(g, "home"), list(range(-5, 0)), "not before seven")
        for day in range(1, 8):                 # there is a weekend in it
            run_at(g, day, 7, 10)
            equal(got(g, "home"), list(range(-5, day)), "day %d" % day)
            equal(got(g, "other"), list(range(0, day)), "day %d" % day)
            take(g, *statements(HOME, day), *statements(OTHER, day))
        take(g, *statements(HOME, *range(-5, 3)))     # the bank sends again
        before_off = list(range(-5, 7))
        g.journals["home"]["enabled"] = "no"
        g.write_conf()
        run_at(g, 8, 7, 10)
        equal(got(g, "home"), before_off, "off")
        g.journals["home"].update(enabled="yes", start_date=date(-8))
        g.write_conf()
        run_at(g, 9, 15)
        equal(got(g, "home"), list(range(-8, 8)), "on, from an earlier day")
        run_at(g, 10, 7, 10)
        equal(got(g, "home"), list(range(-8, 8)), "nothing twice")
        again(g)


def again(g):
    """All of the story above another time: exported, and by another sync."""
    folder = g.dir + "/mail/export"
    os.mkdir(folder, 0o777)
    os.chmod(folder, 0o777)
    g.postledger("export", "--journal", "home", "--to", folder)
    files = [f for _, _, names in os.walk(folder) for f in names]
    check(len(set(files)) >= 18, "all are exported: %r" % sorted(files))
    subprocess.run(["rm", "-r", folder], check=True)
    g.journals["again"] = feed(HOME, "again", start_date=date(-2))
    g.write_conf()
    run_at(g, 10, 16)
    equal(got(g, "again"), list(range(-2, 8)), "another sync: all again")
    equal(got(g, "home"), list(range(-8, 8)), "and nothing to the first")


def account_of(g, account):
    for line in g.json("status"):
        for a in line.get("accounts", []):
            if a["account"] == account:
                return a
    return None


def story_accounts():
    """status tells the last statement of each account, accounts without a
    journal, what ends, and who is silent; silence is told in one report."""
    bank = dict(TEAM, account=HOME + " " + OTHER, schedule="07:00",
                deliver_to="acme-bank@accounting.example",
                expires=date(9))
    with Gateway({"bank": bank}) as g:
        take(g, *statements(HOME, *range(-12, 0)))
        take(g, *statements(OTHER, -14, -7, number=7, step=7))
        take(g, *statements(THIRD, -3, -1, number=30, step=2))
        line, = g.json("status")
        check("last_run" not in line, "no run served it yet")
        check("any run" in g.postledger("status"), "the first one will")
        run_at(g, 0, 12)
        home, other = account_of(g, HOME), account_of(g, OTHER)
        equal([home[k] for k in ("number", "date", "closing_balance",
                                 "currency", "state", "rhythm", "silent")],
              ["99", date(-1), "1000.00", "EUR", "sent", "daily", False],
              "the last of the one")
        check(home["sent"].startswith(date(0)), home["sent"])
        equal((other["number"], other["date"], other["silent"]),
              ("6", date(-7), False), "and of the other")
        check("rhythm" not in other, "two are no rhythm")
        line, = g.json("status")
        equal(line["gateway"]["accounts_without_journal"],
              [{"account": THIRD, "currency": "EUR", "date": date(-1),
                "statements": 2}], "an account without a journal")
        equal((line["expires"], line["expires_in_days"]), (date(9), 9), "ends")
        out = g.postledger("status")
        for words in ("BE68 5390 0754 7034 EUR", "1000.00", "daily",
                      "NL91 ABNA 0417 1643 00 EUR has no journal (PL-203): 2",
                      "its permission ends on " + date(9)):
            check(words in out, "%r in: %s" % (words, out))
        check("PL-421" in g.reports()[0].text(), "a month before")
        check("PL-421" in g.postledger("check", code=None), "check warns")
        silent(g)


def silent(g):
    """The daily account of the story above falls silent, for Christmas and
    more."""
    run_at(g, 1, 7, 10)
    check("OK" in g.postledger("status", "--check"), "all is well")
    run_at(g, 30, 7, 10)
    report = g.reports()[-1].text()
    for words in ("PL-204", "Account " + HOME, "PL-422"):
        check(words in report, "%s in the report: %s" % (words, report))
    equal(account_of(g, HOME)["silent"], True, "in status")
    check("SILENT (daily" in g.postledger("status"), "for people")
    out = g.postledger("status", "--check", code=1)
    check("WARNING" in out and "account " + HOME + " is silent" in out and
          "its permission ended" in out, out)
    g.journals["bank"].pop("expires")
    g.write_conf()
    run_at(g, 31, 7, 10)
    report = g.reports()[-1].text()
    check("PL-204" not in report and "PL-422" not in report, "told once")
    equal(account_of(g, HOME)["silent"], True, "status goes on")
    take(g, *statements(HOME, 0))
    run_at(g, 32, 7, 10)
    check("PL-204" in g.reports()[-1].text(), "it spoke, and fell silent anew")
    take(g, *statements(THIRD, 1))
    g.journals["bank"]["account"] += " " + THIRD
    g.write_conf()
    run_at(g, 33, 7, 10)
    check("has no journal" not in g.postledger("status"), "it has one now")


def story_under_way():
    """Of documents in an e-mail that the mail server put off, status, list and
    show say so, with its words."""
    bank = dict(TEAM, account=HOME, deliver_to="slow@accounting.example")
    later = ("smtpd_recipient_restrictions = check_recipient_access inline:{ "
             "{slow@accounting.example=451 4.7.1 come back later} }")
    with Gateway({"bank": bank}, main_cf=later) as g:
        take(g, *statements(HOME, *range(-4, 0)))
        g.run("--now", code=None)
        line, = g.json("status")
        equal(line["sending"], 4, "under way")
        equal(line["reasons"].get("put-off"), 4, "put off: %r" % line)
        check("come back later" in line["reply"], line["reply"])
        out = g.postledger("status")
        check("bank: 4 put off: 451 4.7.1" in out, out)
        for e in g.entries(state="sending"):
            equal(e["reason"], "put-off", "in list")
            check("come back later" in e["reply"], e["reply"])
            shown, = g.json("show", str(e["id"]))
            equal(shown["reason"], "put-off", "in show")
            check("put off: 451 4.7.1" in g.postledger("show", str(e["id"])),
                  "for people")
        check("put off: 451" in g.postledger("list"), "in the list")


if __name__ == "__main__":
    tell(globals())
