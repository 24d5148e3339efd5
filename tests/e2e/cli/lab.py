# SPDX-License-Identifier: BSD-2-Clause
"""Everything around the postledger command without a mail server: a folder
with a configuration and that of a Postfix that never runs, a milter that only
negotiates, an MTA that takes or refuses what it is told to.

    with Lab() as lab:
        lab.main["smtpd_milters"] = ""
        lab.check()          # [{"level", "code", "text", "todo"}, ...]
"""

import contextlib
import json
import os
import pwd
import shutil
import socket
import socketserver
import struct
import subprocess
import tempfile
import threading

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
POSTLEDGER = BUILD + "/postledger"
USER = "nobody"

MASTER = {
    "smtp inet": "n - n - - smtpd",
    "submission inet": "n - n - - smtpd",
    "pickup unix": "n - n 60 1 pickup",
    "cleanup unix": "n - n - 0 cleanup",
}


class Milter(socketserver.ThreadingUnixStreamServer):
    """Answers the option negotiation, and nothing else."""
    daemon_threads = True

    def __init__(self, path, answer=b"O"):
        self.answer = answer

        class Session(socketserver.BaseRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError, struct.error):
                    while True:
                        head = self.request.recv(4, socket.MSG_WAITALL)
                        size, = struct.unpack("!I", head)
                        body = self.request.recv(size, socket.MSG_WAITALL)
                        if body[:1] != b"O":
                            return
                        reply = self.server.answer + struct.pack(
                            "!III", 6, 0, 0)
                        self.request.sendall(
                            struct.pack("!I", len(reply)) + reply)

        super().__init__(path, Session)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Mta(socketserver.ThreadingTCPServer):
    """Takes mail; REFUSE(verb, address) may return a reply instead."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, size=60000000):
        self.size, self.mails = size, []
        self.refuse = lambda verb, address: None

        class Session(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self):
                with contextlib.suppress(OSError):
                    self.serve()

            def serve(self):
                self.say("220 lab ESMTP")
                envelope = {"MAIL": None, "RCPT": []}
                for raw in self.rfile:
                    line = raw.decode(errors="replace").strip()
                    verb = line.split(" ")[0].split(":")[0].upper()
                    address = line.partition("<")[2].partition(">")[0]
                    no = self.server.refuse(verb, address)
                    if no:
                        self.say(no)
                    elif verb == "EHLO":
                        self.say("250-lab")
                        self.say("250-8BITMIME")
                        self.say("250-DSN")
                        self.say("250 SIZE %d" % self.server.size)
                    elif verb == "DATA":
                        self.say("354 go on")
                        data = b""
                        while not (data.endswith(b"\r\n.\r\n") or
                                   data == b".\r\n"):
                            data += self.rfile.readline()
                        self.server.mails.append((dict(envelope), data))
                        envelope = {"MAIL": None, "RCPT": []}
                        self.say("250 2.0.0 Ok: queued as LAB%d" %
                                 len(self.server.mails))
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        if verb == "MAIL":
                            envelope = {"MAIL": address, "RCPT": []}
                        elif verb == "RCPT":
                            envelope["RCPT"].append(address)
                        self.say("250 ok")

        super().__init__(("127.0.0.1", 0), Session)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Lab:
    """`conf` and `journals` are postledger.conf, `main` and `master` main.cf
    and master.cf; all are written anew before each command."""

    def __init__(self, milter=True, mta=True):
        self.dir = tempfile.mkdtemp(prefix="postledger-lab-")
        os.chmod(self.dir, 0o755)
        user = pwd.getpwnam(USER)
        postfix = pwd.getpwnam("postfix")
        for name in ("lib", "queue", "queue/sock", "postfix"):
            os.mkdir("%s/%s" % (self.dir, name))
        os.chown(self.dir + "/lib", user.pw_uid, user.pw_gid)
        os.chown(self.dir + "/queue/sock", user.pw_uid, postfix.pw_gid)
        os.chmod(self.dir + "/queue/sock", 0o750)
        self.sock = self.dir + "/queue/sock/milter.sock"
        self.mta = Mta() if mta else None
        self.milter = None
        if milter:
            self.start_milter()
        self.conf_file = self.dir + "/postledger.conf"
        self.conf = {
            "socket": "unix:" + self.sock,
            "user": USER,
            "ledger": "sqlite:%s/lib/ledger.db" % self.dir,
            "submission": "smtp://127.0.0.1:%d" % (
                self.mta.port if mta else 1),
            "secret_file": self.dir + "/lib/secret",
            "sender": "postledger@gw.example.com",
            "report_to": "team@office.example",
            "timezone": "Europe/Brussels",
        }
        self.journals = {"sales": {
            "address": "sales@compta.example",
            "deliver_to": "acme-sales@accounting.example"}}
        milters = "inet:127.0.0.1:8891, unix:sock/milter.sock"
        self.main = {
            "compatibility_level": "3.6",
            "queue_directory": self.dir + "/queue",
            "mail_owner": "postfix",
            "smtpd_milters": milters,
            "non_smtpd_milters": "$smtpd_milters",
            "message_size_limit": "60000000",
        }
        self.master = dict(MASTER)
        if mta:
            # what the Mta stands for
            self.master["127.0.0.1:%d inet" % self.mta.port] = \
                "n - n - - smtpd"

    def start_milter(self, answer=b"O", mode=0o666):
        self.stop_milter()
        self.milter = Milter(self.sock, answer)
        os.chmod(self.sock, mode)
        os.chown(self.sock, pwd.getpwnam(USER).pw_uid, -1)

    def stop_milter(self):
        if self.milter:
            self.milter.shutdown()
            self.milter.server_close()
            os.unlink(self.sock)
            self.milter = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_milter()
        if self.mta:
            self.mta.shutdown()
            self.mta.server_close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def write(self):
        with open(self.conf_file, "w") as f:
            sections = [("gateway", self.conf)]
            sections += [("journal " + n, j)
                         for n, j in self.journals.items()]
            for name, keys in sections:
                f.write("[%s]\n" % name)
                f.writelines("%s = %s\n" % i for i in keys.items())
        with open(self.dir + "/postfix/main.cf", "w") as f:
            f.writelines("%s = %s\n" % i for i in self.main.items())
        with open(self.dir + "/postfix/master.cf", "w") as f:
            f.writelines("%s %s\n" % i for i in self.master.items())
        # Postfix waits until a file is no longer quite new
        for name in ("main.cf", "master.cf"):
            os.utime(self.dir + "/postfix/" + name, (1e9, 1e9))

    def command(self, *words, **more):
        """Runs `postledger -c CONF WORDS`; the finished process."""
        self.write()
        return command("-c", self.conf_file, *words, **more)

    def run(self, *words, code=0, **more):
        """The same; its stdout when it ends with CODE."""
        done = self.command(*words, **more)
        if done.returncode != code:
            raise AssertionError("postledger %s: exit %d, not %d\n%s%s" % (
                " ".join(words), done.returncode, code, done.stdout,
                done.stderr))
        self.stderr = done.stderr
        return done.stdout

    def lines(self, *words, **more):
        """What --json printed."""
        return [json.loads(line) for line in
                self.run(*words, "--json", **more).splitlines()]

    def check(self, *words):
        """The findings of `check`; `status` is its exit code."""
        done = self.command("check", "--postfix-config",
                            self.dir + "/postfix", "--json", *words)
        self.status, self.stderr = done.returncode, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def command(*words, **more):
    """Runs the command as it is; the finished process."""
    more = {"capture_output": True, "text": True, "timeout": 120,
            "stdin": subprocess.DEVNULL, **more}
    if "input" in more:
        del more["stdin"]
    return subprocess.run([POSTLEDGER, *words], check=False, **more)
