# SPDX-License-Identifier: BSD-2-Clause
"""A storm: mail comes in while daemon, runs and Postfix are killed and started
again and again. A model knows what was answered with 250; in the end that,
and each of it once, must have arrived, byte for byte, and the reports must add
up to it.

    with Storm(seed=1) as storm:
        storm.blow(seconds)
        storm.calm()
        storm.judge()

What a sender's queue would do is done here: a message whose answer was no 250
is sent again as it is. Some senders give up instead; theirs may arrive, once.
"""

import collections
import csv
import io
import os
import random
import re
import signal
import smtplib
import sys
import threading
import time
from email.policy import SMTP

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../e2e"))
from gateway import Logged  # noqa: E402
from mails import invoice  # noqa: E402
from story import check, equal  # noqa: E402

JOURNALS = {
    name: {"address": name + "@compta.example",
           "deliver_to": "acme-%s@accounting.example" % name,
           "max_mails_per_run": 10000, **more}
    for name, more in (("sales", {"documents_per_mail": 5}),
                       ("credit", {"documents_per_mail": 20,
                                   "compress": "zip"}))}


class Sender(threading.Thread):
    """One client that sends message after message until told to stop."""

    def __init__(self, storm, number):
        super().__init__()
        self.storm, self.number = storm, number
        self.rng = random.Random("%s %d" % (storm.seed, number))
        self.smtp, self.error = None, None

    def run(self):
        count = 0
        try:
            while not self.storm.over.is_set():
                count += 1
                self.one("F-%d" % (self.number * 1000000 + count))
                time.sleep(self.storm.pause)
        except Exception as e:           # told by judge()
            self.error = e
        self.hang_up()

    def one(self, number):
        journal = self.rng.choice(sorted(JOURNALS))
        rcpt = JOURNALS[journal]["address"]
        mail, content = invoice(number, to=rcpt,
                                size=self.rng.choice((500, 20000, 200000)))
        data = mail.as_bytes(policy=SMTP)
        name, patient = number + ".pdf", self.rng.random() > 0.03
        self.storm.offered[name] = (journal, content)
        while not self.give(rcpt, data):
            self.storm.refused += 1
            if not patient or self.storm.given_up.is_set():
                return
            time.sleep(0.1 + self.rng.random() * 0.2)
        self.storm.accepted.add(name)

    def give(self, rcpt, data):
        """One try: was it answered with 250?"""
        try:
            if self.smtp is None:
                self.smtp = smtplib.SMTP("127.0.0.1", self.storm.gateway.port,
                                         timeout=60)
            self.smtp.sendmail("erp@shop.example", rcpt, data)
            return True
        except smtplib.SMTPRecipientsRefused as e:
            codes = [c for c, _ in e.recipients.values()]
            check(all(c // 100 == 4 for c in codes), "refused: %s" % codes)
        except smtplib.SMTPResponseException as e:
            check(e.smtp_code // 100 == 4 or e.smtp_code < 0,
                  "refused for good: %s" % e)
        except (smtplib.SMTPException, OSError):
            pass
        self.hang_up()
        return False

    def hang_up(self):
        if self.smtp is not None:
            self.smtp.close()
            self.smtp = None


class Storm:
    def __init__(self, seed=1, senders=4, pause=0.0):
        self.seed, self.pause = seed, pause
        self.rng = random.Random(seed)
        self.gateway = Logged(JOURNALS)
        self.offered, self.accepted, self.refused = {}, set(), 0
        self.over, self.given_up = threading.Event(), threading.Event()
        self.senders = [Sender(self, n) for n in range(senders)]
        self.done = collections.Counter()

    def __enter__(self):
        self.gateway.__enter__()
        return self

    def __exit__(self, *what):
        self.over.set()
        self.given_up.set()
        for s in self.senders:
            if s.is_alive():
                s.join(90)
        self.gateway.__exit__(*what)

    # -- what goes wrong ------------------------------------------------------

    def kill_daemon(self):
        self.gateway.stop_daemon(signal.SIGKILL)
        time.sleep(self.rng.choice((0, 0, 0.3)))
        self.gateway.start_daemon()

    def end_daemon(self):
        began = time.monotonic()
        equal(self.gateway.stop_daemon(), 0, "a clean end under load")
        check(time.monotonic() - began < 10, "the daemon ends in time")
        self.gateway.start_daemon()

    def restart_postfix(self):
        self.gateway.end_postfix()
        time.sleep(self.rng.choice((0, 0.5)))
        self.gateway.start_postfix()

    def reload_postfix(self):
        self.gateway.postfix("reload")

    def reload_daemon(self):
        self.gateway.daemon.send_signal(signal.SIGUSR1)

    def mishap(self):
        """Something happens; most often the daemon dies."""
        happens = self.rng.choices(
            (self.kill_daemon, self.end_daemon, self.restart_postfix,
             self.reload_postfix, self.reload_daemon),
            (12, 1, 3, 2, 1))[0]
        happens()
        self.done[happens.__name__] += 1

    # -- the storm ------------------------------------------------------------

    def blow(self, seconds, least=0, tell=None):
        """Load, runs, and a mishap every second or so, until LEAST messages
        are accepted, too."""
        for s in self.senders:
            s.start()
        end, moved = time.monotonic() + seconds, (0, time.monotonic())
        while time.monotonic() < end or len(self.accepted) < least:
            self.one_run()
            if len(self.accepted) > moved[0]:
                moved = (len(self.accepted), time.monotonic())
            check(time.monotonic() - moved[1] < 40, "capture goes on")
            if tell:
                tell(self)
        self.over.set()
        for s in self.senders:
            s.join(90)
            check(not s.is_alive(), "every message was answered in the end")

    def one_run(self):
        """A run that is killed, ended, or let be for a while, and a mishap
        meanwhile."""
        run = self.gateway.popen("run", "--now")
        reader = threading.Thread(target=run.communicate)
        reader.start()
        time.sleep(self.rng.random() * 1.2)
        if self.rng.random() < 0.7:
            self.mishap()
        fate = self.rng.random()
        if 0.15 < fate < 0.85:
            time.sleep(self.rng.random())
            run.kill()
        elif fate > 0.85:
            reader.join(15)
        if reader.is_alive() and not 0.15 < fate < 0.85:
            began = time.monotonic()
            run.terminate()
            reader.join(30)
            took = time.monotonic() - began
            check(took < 10, "SIGTERM ended a run after %.1f s" % took)
        reader.join(30)
        check(not reader.is_alive(), "a run ended")
        check(run.returncode in (0, 69, 75, -signal.SIGKILL, -signal.SIGTERM),
              "a run ended with %d" % run.returncode)
        self.done["run %d" % run.returncode] += 1

    def calm(self):
        """Nothing dies any more: what is left goes out."""
        g = self.gateway
        for _ in range(6):
            g.run("--now", code=None)
            g.postfix("flush")
            g.settle(120)
            if g.status == 0 and not g.sql(
                    "select 1 from entry where state in "
                    "('waiting', 'sending') limit 1"):
                break
        g.run("--now")
        g.postfix("flush")
        g.settle(120)

    # -- the judgement ----------------------------------------------------------

    def judge(self):
        """Each document that was accepted arrived once, whole, and stands in
        the reports as sent; nobody's was made up."""
        for s in self.senders:
            if s.error:
                raise s.error
        stored = self.gateway.sql("select count(*) from message")[0][0]
        check(stored >= len(self.accepted), "250 means stored: %d of %d" % (
            stored, len(self.accepted)))
        seen = self.arrived()
        equal(self.accepted - set(seen), set(), "nothing is lost")
        twice = {n: sorted(b) for n, b in seen.items() if len(b) > 1}
        self.judge_twice(twice)
        self.judge_reports(set(seen), twice)
        self.gateway.postledger("audit", "verify")
        equal(self.gateway.entries(state="sending"), [], "nothing hangs")

    def arrived(self):
        """{name: [e-mail]}: the e-mails (Message-ID and queue id) a document
        came in. A copy with the same queue id and date is Postfix's own: its
        client was stopped after the final dot, before it could note that."""
        seen, copies = collections.defaultdict(list), set()
        for journal, rules in JOURNALS.items():
            for m in self.gateway.arrived(rules["deliver_to"]):
                trace = m.mail.get_all("Received")[1]
                if trace in copies:
                    self.done["copies by Postfix"] += 1
                    continue
                copies.add(trace)
                for name, content in unpacked(m.files()):
                    wanted = self.offered.get(name)
                    equal((journal, content), wanted, name + " is unchanged")
                    seen[name].append((m.mail["Message-ID"], trace))
        return seen

    def judge_twice(self, twice):
        """Only what nobody could prove may come again: under the same
        Message-ID, and with PL-303 in a report."""
        batches = {ids[0][0] for ids in twice.values()}
        for name, ids in twice.items():
            equal(len({i for i, _ in ids}), 1, name + ": one Message-ID")
        self.done["e-mails sent again"] = len(batches)
        for message_id in batches:
            self.explain(message_id)
        told = "".join(r.text() for r in self.gateway.reports())
        check(not batches or "PL-303" in told, "twice and not told")

    def explain(self, message_id):
        """Prints what ledger and mail log know of an e-mail."""
        print("# again: " + message_id)
        for row in self.gateway.sql(
                "select a.number, a.state, a.queue_id, a.mta_id, a.reply, "
                "a.started from attempt a join batch b on b.id = a.batch "
                "where b.message_id = ?", message_id):
            print("#   %s" % (row,))
            ids = [i for i in row[2:4] if i]
            for line in self.gateway.maillog().splitlines():
                if any(" %s: " % i in line for i in ids):
                    print("#     " + line[:170])

        for row in self.gateway.sql(
                "select e.id, e.at, e.what, e.who, e.run, e.detail "
                "from event e join batch b on b.id = e.batch "
                "where b.message_id = ? order by e.id", message_id):
            print("#   %s" % (row,))

    def judge_reports(self, arrived, twice):
        told = collections.Counter()
        for r in self.gateway.reports():
            for name, content in r.files().items():
                if not name.endswith(".csv"):
                    continue
                rows = csv.DictReader(io.StringIO(
                    content.decode("utf-8-sig")))
                for row in rows:
                    if row["state"] == "sent":
                        told[row["run"], row["file"]] += 1
        files = collections.Counter(f for _, f in told)
        equal(set(files), arrived, "the reports name all that was sent")
        often = {f for f, n in files.items() if n > 1} - set(twice)
        equal(often, set(), "and each once")

    def __str__(self):
        things = ", ".join("%s %d" % kv for kv in sorted(self.done.items()))
        return "%d accepted, %d refused or broken off; %s" % (
            len(self.accepted), self.refused, things)


def unpacked(files):
    """(name, bytes) of attachments, of those in a ZIP instead of it."""
    import zipfile
    for name, content in files.items():
        if not name.endswith(".zip"):
            yield name, content
            continue
        with zipfile.ZipFile(io.BytesIO(content)) as z:
            for inner in z.namelist():
                yield inner, z.read(inner)
