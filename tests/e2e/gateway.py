# SPDX-License-Identifier: BSD-2-Clause
"""A mail gateway of the test's own: a private Postfix with postledgerd beside
it, a place where mail arrives (smtp-sink), and the postledger command.

Everything lies in one temporary folder and listens on loopback only; what was
started is stopped by its process id. Postfix wants root.

    with Gateway(journals={"sales": {...}}) as g:
        g.send(invoice("F-1"), to="sales@compta.example")
        g.run("--now")
        g.arrived("acme@accounting.example")
"""

import contextlib
import datetime
import email
import email.policy
import glob
import grp
import json
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import sqlite3
import stat
import subprocess
import tempfile
import time

from clock import clock_of, start_under

USER = "nobody"
MASTER = "/usr/lib/postfix/sbin/master"
BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
VALGRIND = os.environ.get("POSTLEDGER_VALGRIND", "").split()
INTAKE = "compta.example"        # the intake domain
TARGET = "accounting.example"    # where deliver_to lies
OTHERS = "customers.example"     # other people's mail

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/maillog
maillog_file_prefixes = {dir}
mail_owner = postfix
setgid_group = postdrop
myhostname = gw.example.com
mydomain = example.com
mydestination =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
alias_maps =
alias_database =
default_transport = smtp:[127.0.0.1]:{sink_port}
relay_domains = $transport_maps
transport_maps = {transport}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
default_process_limit = 60
message_size_limit = 60000000
minimal_backoff_time = 300s
{milters}
{extra}
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
{hop}
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

# The hop: a loopback smtpd of its own with the milter, and one for batches.
HOP = """\
127.0.0.1:{hop_port} inet n - n - - smtpd
 -o smtpd_milters=unix:{sock}
 -o milter_default_action=tempfail
 -o cleanup_service_name=hop-cleanup
hop-cleanup unix n - n - 0 cleanup
127.0.0.1:{out_port} inet n - n - - smtpd
 -o smtpd_milters=unix:{sock}
 -o milter_default_action=tempfail
"""


def each_once(main_cf):
    """MAIN_CF without the parameters that are set again below. Postfix would
    warn of them, in each process that starts; and its postlogd, which has room
    for ten lines, would wait for itself when they fill it before it reads."""
    parameters = re.split(r"\n(?=\S)", main_cf.strip())
    return "\n".join({p.split("=")[0].strip(): p
                      for p in parameters}.values()) + "\n"


def free_port():
    """A loopback port nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=30):
    """The value of CONDITION once it is true; fails after SECONDS."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain for %s" % (seconds, what))
        time.sleep(0.05)


def answers(port):
    """Does somebody accept connections on PORT?"""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


class Arrived:
    """One e-mail as smtp-sink wrote it down."""

    def __init__(self, path):
        with open(path, "rb") as f:
            raw = f.read()
        head, _, self.raw = raw.partition(b"\nReceived: ")
        self.raw = b"Received: " + self.raw
        self.sender = re.search(rb"X-Mail-Args: <(.*?)>", head)[1].decode()
        self.rcpts = [r.decode() for r in
                      re.findall(rb"X-Rcpt-Args: <(.*?)>", head)]
        self.mail = email.message_from_bytes(
            self.raw, policy=email.policy.default)
        self.path = path

    def text(self):
        """The plain text part."""
        return self.mail.get_body(("plain",)).get_content()

    def files(self):
        """{name: bytes} of the attachments."""
        return {p.get_filename(): p.get_payload(decode=True)
                for p in self.mail.walk() if p.get_filename()}


class Gateway:
    """See the head of the file. `conf` and `journals` are the configuration:
    keys of [gateway] and, per journal, of [journal NAME]."""

    def __init__(self, journals, conf=None, attach="inline", main_cf="",
                 daemon=True, clock=None):
        self.dir = tempfile.mkdtemp(prefix="postledger-test-")
        os.chmod(self.dir, 0o755)
        self.attach, self.main_extra = attach, main_cf
        self._clock = None
        self.clock = clock
        self.journals = {n: dict(j) for n, j in journals.items()}
        self.port, self.hop_port, self.sink_port, self.out_port = (
            free_port() for _ in range(4))
        self.conf = {
            "socket": "unix:%s/sock/milter.sock" % self.dir,
            "user": USER,
            "ledger": "sqlite:%s/lib/ledger.db" % self.dir,
            "submission": "smtp://127.0.0.1:%d" % (
                self.out_port if attach == "hop" else self.port),
            "secret_file": "%s/lib/secret" % self.dir,
            "sender": "postledger@gw.example.com",
            "report_to": "team@office.example",
            "timezone": "Europe/Brussels",
        }
        self.conf.update(conf or {})
        self.conf_file = self.dir + "/postledger.conf"
        self.daemon, self.sink = None, None
        self.with_daemon = daemon
        self.master = None

    # -- the clock of the command ---------------------------------------------

    @property
    def clock(self):
        """The time the command believes in, or None for the real one. It goes
        on from the moment it was set."""
        if self._clock is None:
            return None
        moment, since = self._clock
        return moment + datetime.timedelta(seconds=time.monotonic() - since)

    @clock.setter
    def clock(self, moment):
        self._clock = moment and (moment, time.monotonic())

    # -- life ---------------------------------------------------------------

    def __enter__(self):
        try:
            self.write_files()
            self.start_sink()
            if self.with_daemon:
                self.start_daemon()
            self.start_postfix()
        except BaseException:
            self.stop(keep=True)
            raise
        return self

    def __exit__(self, kind, value, trace):
        found = "Sanitizer" in self.log() or "runtime error" in self.log()
        self.stop(keep=kind is not None or found)
        if found:
            raise AssertionError("a sanitizer speaks in daemon.log")

    def stop(self, keep=False):
        self.end_postfix()
        # at the end nobody is left whom a sudden death could hurt; libmilter
        # takes up to six seconds for a clean one
        self.stop_daemon(signal.SIGKILL)
        if self.sink:
            self.sink.kill()
            self.sink.wait()
        if keep:
            print("# left for inspection: " + self.dir, flush=True)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def write_files(self):
        user = pwd.getpwnam(USER)
        for name in ("lib", "sock", "mail", "postfix", "queue", "data"):
            os.mkdir("%s/%s" % (self.dir, name))
        os.chown(self.dir + "/lib", user.pw_uid, user.pw_gid)
        # as the install guide says: the socket gets the group of the folder
        os.chown(self.dir + "/sock", user.pw_uid,
                 grp.getgrnam("postfix").gr_gid)
        os.chmod(self.dir + "/sock", 0o2750)
        os.chown(self.dir + "/mail", user.pw_uid, user.pw_gid)
        os.chown(self.dir + "/data", pwd.getpwnam("postfix").pw_uid, -1)
        self.write_conf()
        self.write_postfix()

    def write_conf(self):
        """Writes postledger.conf anew from self.conf and self.journals."""
        sections = [("gateway", self.conf)]
        sections += [("journal " + n, j) for n, j in self.journals.items()]
        with open(self.conf_file, "w") as f:
            for name, keys in sections:
                f.write("[%s]\n" % name)
                for key, value in keys.items():
                    f.write("%s = %s\n" % (key, value))
                f.write("\n")

    def write_postfix(self):
        sock = self.conf["socket"].split(":", 1)[1]
        inline = self.attach == "inline" and self.with_daemon
        milters = ("smtpd_milters = unix:%s\nnon_smtpd_milters = unix:%s\n"
                   "milter_default_action = tempfail" % (sock, sock)
                   if inline else "")
        hop = ""
        transport = "inline:{ %s=smtp:[127.0.0.1]:%d }" % (
            "unused.example", self.sink_port)
        if self.attach == "hop":
            hop = HOP.format(hop_port=self.hop_port, sock=sock,
                             out_port=self.out_port)
            transport = "inline:{ %s=smtp:[127.0.0.1]:%d }" % (
                INTAKE, self.hop_port)
        with open(self.dir + "/postfix/main.cf", "w") as f:
            f.write(each_once(MAIN_CF.format(
                dir=self.dir, sink_port=self.sink_port, milters=milters,
                transport=transport, extra=self.main_extra)))
        with open(self.dir + "/postfix/master.cf", "w") as f:
            f.write(MASTER_CF.format(port=self.port, hop=hop))
        # Postfix waits until a file is no longer quite new
        for name in ("main.cf", "master.cf"):
            os.utime("%s/postfix/%s" % (self.dir, name),
                     times=(time.time() - 60,) * 2)

    # -- the servers ----------------------------------------------------------

    def start_sink(self, *options):
        self.sink = subprocess.Popen(
            ["smtp-sink", "-u", USER, "-c", "-d", self.dir + "/mail/%M.",
             *options, "127.0.0.1:%d" % self.sink_port, "1000"],
            stdout=subprocess.DEVNULL, stderr=open(self.dir + "/sink.err", "w"))
        wait_for("smtp-sink", lambda: answers(self.sink_port))

    def start_postfix(self):
        """Starts the private master itself: `postfix start` looks after the
        queue's folders first, which takes seconds each time."""
        self.make_queue()
        self.master = subprocess.Popen(
            [MASTER, "-c", self.dir + "/postfix", "-d"], cwd=self.dir,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True)    # it ends its children as a group
        wait_for("Postfix", lambda: self.master.poll() is not None or
                 answers(self.port))
        if self.master.poll() is not None:
            raise AssertionError("master ended with %d" % self.master.poll())

    def make_queue(self):
        """The folders of the queue, as `postfix check` makes them."""
        owner = pwd.getpwnam("postfix").pw_uid
        drop = grp.getgrnam("postdrop").gr_gid
        modes = {"pid": 0o755, "maildrop": 0o1730, "public": 0o2710}
        for name in ("active", "bounce", "corrupt", "defer", "deferred",
                     "flush", "hold", "incoming", "maildrop", "pid",
                     "private", "public", "saved", "trace"):
            path = "%s/queue/%s" % (self.dir, name)
            if not os.path.exists(path):
                os.mkdir(path)
                os.chown(path, 0 if name == "pid" else owner,
                         drop if name in ("maildrop", "public") else -1)
                os.chmod(path, modes.get(name, 0o700))

    def end_postfix(self):
        """Ends the private master, and with it its children, at once;
        `postfix stop` takes its time."""
        if self.master:
            self.master.terminate()
            self.master.wait(30)
            self.master = None
            # a child that still ends keeps the port from the next master
            wait_for("the end of Postfix", lambda: not answers(self.port))

    def restart_postfix(self):
        """With its files written anew: after a reload an smtpd of before may
        take one more message."""
        self.end_postfix()
        self.write_postfix()
        self.start_postfix()

    def postfix(self, word):
        """`postfix WORD` on the private instance: reload, flush."""
        subprocess.run(["postfix", "-c", self.dir + "/postfix", word],
                       check=True, capture_output=True, timeout=60)

    def start_daemon(self, crash=None, wait=True, **env):
        environment = dict(os.environ, **env)
        if crash:
            environment["POSTLEDGER_CRASH"] = crash
        self.daemon_log = open(self.dir + "/daemon.log", "ab")
        self.daemon = start_under(
            environment,
            [*VALGRIND, BUILD + "/postledgerd", "-c", self.conf_file],
            stdout=self.daemon_log, stderr=self.daemon_log)
        if wait:
            sock = self.conf["socket"]
            path = sock.split(":", 1)[1]
            wait_for("postledgerd", lambda: self.daemon.poll() is not None or
                     os.path.exists(path) and self.listening(path))
            if self.daemon.poll() is not None:
                raise AssertionError("postledgerd ended: " + self.log())

    @staticmethod
    def listening(path):
        with contextlib.suppress(OSError), \
                socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            return True
        return False

    def stop_daemon(self, how=signal.SIGTERM):
        """Ends the daemon; the status it ended with."""
        if not self.daemon:
            return None
        if self.daemon.poll() is None:
            self.daemon.send_signal(how)
        try:
            status = self.daemon.wait(20)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            raise AssertionError("postledgerd did not end") from None
        self.daemon_log.close()
        self.daemon = None
        return status

    def log(self):
        """What the daemon wrote to stderr."""
        if not os.path.exists(self.dir + "/daemon.log"):
            return ""
        with open(self.dir + "/daemon.log", errors="replace") as f:
            return f.read()

    def maillog(self):
        with open(self.dir + "/maillog", errors="replace") as f:
            return f.read()

    # -- mail in --------------------------------------------------------------

    def send(self, mail, to, sender="erp@shop.example", hold=None):
        """Sends MAIL (bytes or EmailMessage) by SMTP; fails when refused."""
        to = [to] if isinstance(to, str) else to
        data = mail if isinstance(mail, bytes) else mail.as_bytes(
            policy=email.policy.SMTP)
        with hold or smtplib.SMTP("127.0.0.1", self.port, timeout=60) as s:
            return s.sendmail(sender, to, data)

    def sendmail(self, mail, to, sender="erp@shop.example"):
        """The same through the sendmail command (local submission)."""
        to = [to] if isinstance(to, str) else to
        data = mail if isinstance(mail, bytes) else mail.as_bytes()
        subprocess.run(
            ["sendmail", "-C", self.dir + "/postfix", "-i", "-f", sender,
             "--", *to], input=data, check=True, timeout=60)

    # -- the command ------------------------------------------------------------

    def postledger(self, *words, code=0, crash=None, env=None):
        """`postledger -c CONF WORDS`: its stdout. CODE: the exit code that is
        expected (None: any)."""
        done = self.popen(*words, crash=crash, env=env)
        out, err = done.communicate(timeout=300)
        self.stderr = err
        if code is not None and done.returncode != code:
            raise AssertionError("postledger %s: exit %d, not %d\n%s%s" % (
                " ".join(words), done.returncode, code, out, err))
        self.status = done.returncode
        return out

    def popen(self, *words, crash=None, env=None):
        # where the command finds this Postfix: its log may prove a queueing
        environment = dict(os.environ, MAIL_CONFIG=self.dir + "/postfix",
                           **(env or {}))
        if crash:
            environment["POSTLEDGER_CRASH"] = crash
        if self.clock:
            utc = self.clock.astimezone(datetime.timezone.utc)
            environment.update(
                clock_of(utc.strftime("@%Y-%m-%d %H:%M:%S")), TZ="UTC")
        return start_under(
            environment,
            [*VALGRIND, BUILD + "/postledger", "-c", self.conf_file, *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words, **more):
        """One run; waits until Postfix has delivered what it made."""
        out = self.postledger("run", *words, **more)
        self.settle()
        return out

    def json(self, *words, **more):
        out = self.postledger(*words, "--json", **more)
        return [json.loads(line) for line in out.splitlines()]

    def entries(self, **match):
        """The ledger's entries (list --json) with these fields."""
        return [e for e in self.json("list")
                if all(e.get(k) == v for k, v in match.items())]

    # -- mail out -----------------------------------------------------------------

    def queue_empty(self):
        """Nothing in incoming, active, maildrop; neither what is deferred
        counts nor what a cleanup that was killed has left behind, which is
        not marked as complete."""
        for name in ("maildrop", "incoming", "active"):
            for folder, _, files in os.walk(self.dir + "/queue/" + name):
                for file in files:
                    with contextlib.suppress(FileNotFoundError):
                        mode = os.stat(os.path.join(folder, file)).st_mode
                        if name == "maildrop" or mode & stat.S_IXUSR:
                            return False
        return True

    def settle(self, seconds=60):
        """Waits until Postfix has nothing left to do."""
        wait_for("an empty queue", self.queue_empty, seconds)

    def mails(self):
        """All that arrived at the sink, oldest first; not what it writes
        just now."""
        paths = sorted(glob.glob(self.dir + "/mail/*"), key=os.path.getmtime)
        still = set()
        if self.sink and self.sink.poll() is None:
            fds = "/proc/%d/fd/" % self.sink.pid
            for fd in os.listdir(fds):
                with contextlib.suppress(OSError):
                    still.add(os.readlink(fds + fd))
        return [Arrived(p) for p in paths if p not in still]

    def arrived(self, rcpt):
        """What arrived for RCPT."""
        return [m for m in self.mails() if rcpt in m.rcpts]

    def documents(self, rcpt):
        """[(name, bytes)] of all attachments that arrived for RCPT."""
        return [f for m in self.arrived(rcpt) for f in m.files().items()]

    def reports(self):
        return self.arrived(self.conf["report_to"])

    def sql(self, statement, *values):
        """A look into the ledger, past the program."""
        with contextlib.closing(sqlite3.connect(
                "file:%s/lib/ledger.db?mode=ro" % self.dir, uri=True)) as db:
            return db.execute(statement, values).fetchall()


class Logged(Gateway):
    """One whose user may read the mail log, as members of adm may."""

    def start_postfix(self):
        with open(self.dir + "/maillog", "a") as f:
            os.chmod(f.fileno(), 0o644)
        super().start_postfix()
