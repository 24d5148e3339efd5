#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What else one would use, beside postledger in the same rounds.

    BUILD=build ROUNDS=10 MESSAGES=1000 tests/bench/rivals.py [WORD...]

filters: other mail of 10 KB through Postfix: no milter, ours, and OpenDKIM
that verifies (there is nothing to verify) and that signs.
script: messages of 150 KB into a pipe transport that unpacks (munpack), hashes
(sha256sum) and writes a line (sqlite3), beside capture and the run that reads.
send: 100 KB PDFs, ten an e-mail, by zip and mutt in a script and by mutt
alone, beside a run. What is not installed is left out.
"""

import concurrent.futures
import contextlib
import os
import pwd
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from gateway import INTAKE, TARGET, USER, Gateway, free_port, wait_for  # noqa
from mails import mail, pdf                                      # noqa: E402
from paper import Paper, rounds                                  # noqa: E402

MESSAGES = int(os.environ.get("MESSAGES", "1000"))
OTHER = "someone@customers.example"
SCRIPTED = "scripted.example"
TOGETHER = 10
DISCARD = ("default_transport = discard:\nrelay_transport = discard:\n"
           "in_flow_delay = 0\n")
TAKE = """#!/bin/sh
# What comes in is unpacked, hashed and noted, as an administrator does it.
set -e
place=$(mktemp -d "{dir}/took/XXXXXXXXXX")
cat >"$place/mail"
munpack -q -f -C "$place" mail >/dev/null
cd "$place"
sha256sum -- * | while read -r sum name; do
    echo "INSERT INTO file VALUES ('$place', '$name', '$sum');"
done | sqlite3 -cmd '.timeout 20000' "{dir}/took.db"
"""
SEND = """#!/bin/sh
# Ten files an e-mail; $1: zip or plain, $2: the folder.
set -e
export HOME="{dir}"
cd "$2"
for n in *0.pdf; do
    if [ "$1" = zip ]; then
        zip -q "${{n%0.pdf}}.zip" "${{n%0.pdf}}"?.pdf
        set -- "$1" "$2" "${{n%0.pdf}}.zip"
    else
        set -- "$1" "$2" "${{n%0.pdf}}"?.pdf
    fi
    mode=$1 folder=$2; shift 2
    echo "Enclosed." | mutt -n -F "{dir}/muttrc" -s "Documents" \\
        -a "$@" -- acme@{target}
    set -- "$mode" "$folder"
done
"""


def missing(*programs):
    """Says so when one of PROGRAMS is not there."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    gone = [p for p in programs if not shutil.which(p, path=path)]
    if gone:
        print("not installed, left out: " + " ".join(gone))
    return gone


def ratios(ours, theirs):
    return [a / b for a, b in zip(ours, theirs)]


class Lanes(Gateway):
    """A Postfix with one smtpd for each filter; what passes is thrown away."""

    def lane(self, socket=None):
        port = free_port()
        with open(self.dir + "/postfix/master.cf", "a") as f:
            f.write("127.0.0.1:%d inet n - n - - smtpd\n" % port)
            f.write(" -o smtpd_milters=%s\n" % (socket or ""))
            f.write(" -o milter_default_action=tempfail\n")
        os.utime(self.dir + "/postfix/master.cf", times=(time.time() - 60,) * 2)
        return port

    def rate(self, port, to, size, messages):
        """Messages a second until nothing is left to do."""
        self.settle(120)
        begun = time.monotonic()
        subprocess.run(
            ["smtp-source", "-s", "20", "-d", "-m", str(messages), "-l",
             str(size), "-f", "erp@shop.example", "-t", to,
             "127.0.0.1:%d" % port], check=True, timeout=600)
        self.settle(600)
        return messages / (time.monotonic() - begun)


# ---- filters of other mail ----------------------------------------------------

@contextlib.contextmanager
def opendkim(folder, mode):
    """An OpenDKIM of its own: its socket. MODE: v or s."""
    socket, key = "%s/dkim-%s.sock" % (folder, mode), folder + "/dkim.pem"
    if not os.path.exists(key):
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", key,
                        "2048"], check=True, capture_output=True)
        os.chmod(key, 0o600)
    conf = "%s/dkim-%s.conf" % (folder, mode)
    with open(conf, "w") as f:
        f.write("Mode %s\nSocket local:%s\nDomain shop.example\nSelector s\n"
                "KeyFile %s\nUMask 000\nSyslog no\nRequireSafeKeys no\n"
                "InternalHosts 127.0.0.1\n" % (mode, socket, key))
    process = subprocess.Popen(["/usr/sbin/opendkim", "-f", "-x", conf])
    try:
        wait_for("OpenDKIM", lambda: Gateway.listening(socket))
        os.chmod(socket, 0o666)
        yield "unix:" + socket
    finally:
        process.terminate()
        process.wait()


def bench_filters(paper):
    if missing("opendkim"):
        return
    journals = {"sales": {"address": "sales@" + INTAKE,
                          "deliver_to": "acme@" + TARGET}}
    with Lanes(journals, attach="hop", main_cf=DISCARD) as g, \
            opendkim(g.dir, "v") as verifies, opendkim(g.dir, "s") as signs:
        ports = [g.lane(), g.lane(g.conf["socket"]), g.lane(verifies),
                 g.lane(signs)]
        g.postfix("reload")
        time.sleep(2)
        for port in ports:
            g.rate(port, OTHER, 1000, 100)
        none, ours, checked, signed = rounds(*(
            lambda port=port: g.rate(port, OTHER, 10240, MESSAGES)
            for port in ports))
    what = "other mail through Postfix, 10 KB"
    paper.row(what + ", no milter", "messages/s", none)
    for name, rates in (("ours", ours), ("OpenDKIM verifies", checked),
                        ("OpenDKIM signs", signed)):
        paper.row(what + ", " + name, "of no milter", ratios(rates, none),
                  at_least=0.85 if rates is ours else None)


# ---- a script that takes mail ---------------------------------------------------

def source(place, count, to):
    """Files with so many messages of 150 KB, each another."""
    names = []
    for n in range(count):
        names.append("%s/%d.eml" % (place, n))
        with open(names[-1], "wb") as f:
            f.write(mail([("F-%d.pdf" % n, pdf(os.urandom(8).hex(), 108000))],
                         to=to).as_bytes())
    return names


def captured(g, count):
    """Messages a second until they are captured, and until read."""
    with tempfile.TemporaryDirectory() as place:
        begun = inject(g, g.port, source(place, count, "sales@" + INTAKE),
                       "sales@" + INTAKE)
        took = time.monotonic() - begun
        g.postledger("run")
        return count / took, count / (time.monotonic() - begun)


def inject(g, port, names, to):
    """Sends the files over ten connections; when it began."""
    def send(some):
        with smtplib.SMTP("127.0.0.1", port) as s:
            for name in some:
                with open(name, "rb") as f:
                    s.sendmail("erp@shop.example", to, f.read())

    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(10) as senders:
        list(senders.map(send, (names[i::10] for i in range(10))))
    g.settle(600)
    return begun


def scripted(g, count):
    to = "sales@" + SCRIPTED
    with tempfile.TemporaryDirectory() as place:
        begun = inject(g, g.port, source(place, count, to), to)
        rate = count / (time.monotonic() - begun)
    assert len(os.listdir(g.dir + "/took")) == count
    shutil.rmtree(g.dir + "/took")
    make_took(g)
    return rate


def make_took(g):
    os.mkdir(g.dir + "/took")
    os.chown(g.dir + "/took", pwd.getpwnam(USER).pw_uid, -1)


def bench_script(paper):
    if missing("munpack", "sqlite3", "sha256sum"):
        return
    journals = {"sales": {
        "address": "sales@" + INTAKE, "deliver_to": "acme@" + TARGET,
        "accept": "invoice credit-note other", "enabled": "no"}}
    g = Gateway(journals, main_cf=DISCARD)
    g.main_extra += ("transport_maps = inline:{ %s=script: }\n" % SCRIPTED)
    count = max(50, MESSAGES // 4)
    with g:
        with open(g.dir + "/take.sh", "w") as f:
            f.write(TAKE.format(dir=g.dir))
        os.chmod(g.dir + "/take.sh", 0o755)
        with open(g.dir + "/postfix/master.cf", "a") as f:
            f.write("script unix - n n - 10 pipe flags=Rq user=%s\n"
                    " argv=%s/take.sh\n" % (USER, g.dir))
        subprocess.run(["sqlite3", g.dir + "/took.db", "CREATE TABLE file"
                        " (place TEXT, name TEXT, sum TEXT)"], check=True)
        os.chown(g.dir + "/took.db", pwd.getpwnam(USER).pw_uid, -1)
        os.chown(g.dir, pwd.getpwnam(USER).pw_uid, -1)   # its journal
        make_took(g)
        g.postfix("reload")
        time.sleep(2)
        ours, script = rounds(lambda: captured(g, count),
                              lambda: scripted(g, count))
    what = "mail of 150 KB taken through Postfix"
    paper.row(what + ", script", "messages/s", script)
    for n, name in enumerate(("captured", "captured and read")):
        rates = [r[n] for r in ours]
        paper.row(what + ", " + name, "messages/s", rates)
        paper.row(what + ", " + name, "times the script's rate",
                  ratios(rates, script))


# ---- a script that sends ----------------------------------------------------------

def sent_by_script(g, mode, count):
    with tempfile.TemporaryDirectory() as place:
        for n in range(count):
            with open("%s/F-%05d.pdf" % (place, n), "wb") as f:
                f.write(pdf(os.urandom(8).hex(), 100000))
        begun = time.monotonic()
        subprocess.run([g.dir + "/send.sh", mode, place], check=True,
                       stderr=subprocess.DEVNULL)
        g.settle(600)
        return count / (time.monotonic() - begun)


def sent_by_run(g, journal, count):
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        names = source(place, count, journal + "@" + INTAKE)
        g.postledger("import", "--journal", journal, *names)
    begun = time.monotonic()
    g.run("--now", "--no-report", "--journal", journal)
    return count / (time.monotonic() - begun)


def bench_send(paper):
    if missing("zip", "mutt"):
        return
    journals = {name: {
        "address": name + "@" + INTAKE, "deliver_to": "acme@" + TARGET,
        "accept": "invoice credit-note other", "compress": packed,
        "documents_per_mail": TOGETHER, "max_mails_per_run": 10000}
        for name, packed in (("plain", "none"), ("zip", "zip"))}
    count = max(50, MESSAGES // 10) // TOGETHER * TOGETHER
    with Gateway(journals, main_cf=DISCARD) as g:
        with open(g.dir + "/send.sh", "w") as f:
            f.write(SEND.format(dir=g.dir, target=TARGET))
        os.chmod(g.dir + "/send.sh", 0o755)
        with open(g.dir + "/muttrc", "w") as f:
            f.write("set sendmail='sendmail -C %s/postfix -oi'\nset copy=no\n"
                    "set from=erp@shop.example\n" % g.dir)
        results = rounds(*(
            lambda how=how, mode=mode: how(g, mode, count)
            for mode in ("plain", "zip")
            for how in (sent_by_run, sent_by_script)))
    for n, mode in enumerate(("plain", "zip")):
        run, script = results[2 * n:2 * n + 2]
        what = "documents sent, ten an e-mail, " + mode
        paper.row(what + ", run (reads them first)", "documents/s", run)
        paper.row(what + ", script with mutt", "documents/s", script)
        paper.row(what, "times the script's rate", ratios(run, script))


def main(words):
    paper = Paper("rivals", "What else one would use")
    benches = {n[6:]: f for n, f in globals().items()
               if n.startswith("bench_")}
    for name in words or benches:
        benches[name](paper)
    paper.write()


if __name__ == "__main__":
    main(sys.argv[1:])
