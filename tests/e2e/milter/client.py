# SPDX-License-Identifier: BSD-2-Clause
"""The MTA's side of the milter protocol, one connection, and a daemon to talk
to, without an MTA.

    with Alone(JOURNALS) as d, d.session() as s:
        s.mail("<erp@shop.example>")
        s.rcpt("<sales@compta.example>")      # "c": continue
        s.data()
        s.content(b"Subject: x", b"body")
        s.eom()                               # "a", and s.deleted
"""

import os
import re
import socket
import sqlite3
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import months  # noqa: E402
from gateway import BUILD, Gateway, wait_for  # noqa: E402

ACTIONS = 0x1FF
PROTOCOL = 0x1FFFFF
NO_CONNECT, NO_HELO, NO_MAIL, NO_RCPT = 0x1, 0x2, 0x4, 0x8
NO_BODY, NO_HEADERS, NO_EOH, NO_UNKNOWN, NO_DATA = 0x10, 0x20, 0x40, 0x100, 0x200
NR_HEADER, NR_CONNECT, NR_HELO, NR_MAIL = 0x80, 0x1000, 0x2000, 0x4000
NR_RCPT, NR_DATA, NR_EOH, NR_BODY = 0x8000, 0x10000, 0x40000, 0x80000
LEADING_SPACE = 0x100000
SETSYMLIST = 0x100


class Session:
    """One connection, to a path or (host, port). `bits` are the SMFIP_ bits
    the MTA offers."""

    def __init__(self, path, bits=PROTOCOL, actions=ACTIONS, timeout=60,
                 negotiate=True):
        if isinstance(path, tuple):
            self.socket = socket.create_connection(path, timeout)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(path)
        self.buffer = b""
        self.deleted, self.reply = [], None
        if negotiate:
            self.send(b"O", struct.pack("!III", 6, actions, bits))
            kind, data = self.packet()
            assert kind == b"O", kind
            _, self.actions, self.protocol = struct.unpack("!III", data[:12])
            self.symbols = data[12:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.send(b"Q")
        except OSError:
            pass
        self.socket.close()

    # -- packets --------------------------------------------------------------

    def send(self, kind, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + kind + data)

    def packet(self):
        while True:
            if len(self.buffer) >= 4:
                n = struct.unpack("!I", self.buffer[:4])[0]
                if len(self.buffer) >= 4 + n:
                    p, self.buffer = (self.buffer[4:4 + n],
                                      self.buffer[4 + n:])
                    return p[:1], p[1:]
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the daemon hung up")
            self.buffer += more

    def verdict(self):
        """The letter of the answer; `reply` has the SMTP text of a 'y'."""
        while True:
            kind, data = self.packet()
            if kind == b"-":
                self.deleted.append(data.rstrip(b"\0").decode())
            elif kind == b"y":
                self.reply = data.rstrip(b"\0").decode()
                return "y"
            elif kind != b"p":
                return kind.decode()

    def step(self, kind, data, no, no_reply):
        if self.protocol & no:
            return "c"
        self.send(kind, data)
        return "c" if self.protocol & no_reply else self.verdict()

    def macros(self, kind, **values):
        data = b"".join(k.encode() + b"\0" + v.encode() + b"\0"
                        for k, v in values.items())
        self.send(b"D", kind + data)

    # -- the steps ------------------------------------------------------------

    def connect(self, host="client.example", address="127.0.0.1"):
        return self.step(b"C", host.encode() + b"\x004" +
                         struct.pack("!H", 4711) + address.encode() + b"\0",
                         NO_CONNECT, NR_CONNECT)

    def mail(self, sender, client="127.0.0.1", **macros):
        self.deleted, self.reply = [], None
        known = {"{client_addr}": client} if client else {}
        for name, value in macros.items():
            known["{%s}" % name if len(name) > 1 else name] = value
        self.macros(b"M", **known)
        return self.step(b"M", raw(sender) + b"\0", NO_MAIL, NR_MAIL)

    def rcpt(self, recipient, queue_id="Q1"):
        self.macros(b"R", i=queue_id)
        return self.step(b"R", raw(recipient) + b"\0", NO_RCPT, NR_RCPT)

    def data(self, queue_id="Q1"):
        self.macros(b"T", i=queue_id)
        return self.step(b"T", b"", NO_DATA, NR_DATA)

    def header(self, name, value):
        return self.step(b"L", raw(name) + b"\0" + raw(value) + b"\0",
                         NO_HEADERS, NR_HEADER)

    def eoh(self):
        return self.step(b"N", b"", NO_EOH, NR_EOH)

    def body(self, data):
        for at in range(0, len(data), 65535):
            self.step(b"B", data[at:at + 65535], NO_BODY, NR_BODY)

    def eom(self, queue_id="Q1"):
        self.macros(b"E", i=queue_id)
        self.send(b"E")
        return self.verdict()

    def abort(self):
        self.send(b"A")

    def message(self, sender, recipients, headers, body=b"body\r\n",
                queue_id="Q1", **macros):
        """A whole message; the verdict. HEADERS: pairs, values as after the
        colon."""
        answers = [self.mail(sender, **macros)]
        answers += [self.rcpt(r, queue_id) for r in recipients]
        if "c" not in answers[1:]:
            self.abort()
            return answers[-1]
        answer = self.data(queue_id)
        if answer != "c":
            return answer
        for name, value in headers:
            self.header(name, value)
        answer = self.eoh()
        if answer != "c":
            return answer
        self.body(body)
        return self.eom(queue_id)


def sanitized():
    with open(BUILD + "/postledgerd", "rb") as f:
        return b"__asan_init" in f.read()


def raw(text):
    return text if isinstance(text, bytes) else text.encode()


class Alone(Gateway):
    """The daemon without Postfix around it."""

    def __init__(self, journals, conf=None, start=True):
        super().__init__(journals, conf)
        self.start = start

    def __enter__(self):
        self.write_files()
        self.path = self.conf["socket"].split(":", 1)[1]
        if self.start:
            self.start_daemon()
        return self

    def __exit__(self, kind, value, trace):
        # libmilter takes five seconds for a clean end. With the sanitizers on
        # it is worth them: leaks are told only then.
        clean = True
        if self.daemon and sanitized() and self.daemon.poll() is None:
            clean = self.stop_daemon() == 0
        elif self.daemon:
            self.daemon.kill()
        log = self.log() if not clean else ""
        super().__exit__(kind, value, trace)
        if not clean and kind is None:
            raise AssertionError("no clean end: " + log)

    def session(self, **more):
        return Session(self.path, **more)

    def take(self, *words, **more):
        """One session with one message; the verdict."""
        with self.session() as s:
            return s.message(*words, **more)

    def messages(self):
        """Rows of the ledger's messages as dictionaries, oldest first."""
        with sqlite3.connect("file:%s/lib/ledger.db?mode=ro" % self.dir,
                             uri=True) as db:
            db.row_factory = sqlite3.Row
            db.text_factory = lambda b: b.decode(errors="surrogateescape")
            return [dict(r) for r in
                    db.execute("select * from message order by id")]

    def stored(self, message):
        """The bytes of a message, past the program, which its file tells of
        as the ledger does."""
        path = "%s/lib/messages/%s.mail" % (self.dir, message["store"])
        data = months.message(path, message["store_row"])
        assert len(data) == message["size"]
        numbers, texts, _ = months.told(path, message["store_row"])
        assert numbers[0] == message["arrived"], numbers
        for text, column in zip(texts, months.TOLD):
            known = message[column]
            assert text == (known if known is None else known.encode(
                errors="surrogateescape")), (column, text, known)
        return data

    def rows(self):
        """Messages of the monthly files that are sealed, and all pieces."""
        folder = self.dir + "/lib/messages/"
        found = []
        for name in sorted(os.listdir(folder)):
            kinds = [kind for kind, _, _ in months.records(folder + name)]
            found += [kinds.count("seal"), kinds.count("piec")]
        return found

    def rss(self):
        """Resident memory in MB: now, and the most there was."""
        with open("/proc/%d/status" % self.daemon.pid) as f:
            text = f.read()
        return tuple(int(re.search(k + r":\s*(\d+)", text)[1]) / 1024
                     for k in ("VmRSS", "VmHWM"))

    def logged(self, *words, seconds=10):
        """Waits for a line of the log with all WORDS; that line."""
        def look():
            for line in self.log().splitlines():
                if all(w in line for w in words):
                    return line
            return None
        return wait_for("%r in the log" % (words,), look, seconds)
