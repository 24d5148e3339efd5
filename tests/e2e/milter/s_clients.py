#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Clients of the milter socket that mean harm: mutated sessions, headers
without end, addresses that try to write the log."""

import csv
import random
import re
import resource
import struct
import time

from client import Alone, sanitized
from story import check, equal, tell

JOURNALS = {"sales": {"address": "sales@compta.example, *@wild.example",
                      "deliver_to": "acme@accounting.example"}}
SALES, ERP = b"<sales@compta.example>", b"<erp@shop.example>"


def packets():
    """A session that would be fine: [kind and data]."""
    macro = b"i\0Q1\0{client_addr}\x00127.0.0.1\0"
    yield b"O" + struct.pack("!III", 6, 0x1FF, 0x1FFFFF)
    yield b"Chost\x004" + struct.pack("!H", 25) + b"127.0.0.1\0"
    yield b"Hhelo\0"
    for _ in range(2):
        yield b"DM" + macro
        yield b"M" + ERP + b"\0SIZE=100\0"
        yield b"DR" + macro
        yield b"R" + SALES + b"\0"
        yield b"T"
        for name, value in ((b"Subject", b" x"), (b"Message-ID", b" <1@x>"),
                            (b"X-Postledger-Batch", b" 1.1; mac=x")):
            yield b"L" + name + b"\0" + value + b"\0"
        yield b"N"
        yield b"B" + b"body\r\n" * 50
        yield b"E"
    yield b"Q"


def mutated(rng):
    """The bytes of a session in which something is wrong."""
    out = []
    for p in packets():
        p, dice = bytearray(p), rng.random()
        if dice < 0.04 and len(p) > 1:
            p[rng.randrange(len(p))] ^= 1 << rng.randrange(8)
        elif dice < 0.06:
            p = p[:rng.randrange(1, len(p) + 1)]           # no final NUL
        elif dice < 0.08:
            p += rng.randbytes(rng.randrange(1, 3000))
        elif dice < 0.10:
            p = bytearray(p[:1] + b"\0" * rng.randrange(5))
        elif dice < 0.12:
            p = p[:1] + p[1:] * rng.randrange(2, 200)
        elif dice < 0.14:
            continue
        size = len(p)
        if rng.random() < 0.01:
            size = rng.choice((0, 1, size - 1, size + 7, 0x7fffffff,
                               0xffffffff, 0x10001))
        out.append(struct.pack("!I", size) + bytes(p))
        if rng.random() < 0.03:
            out.append(out[rng.randrange(len(out))])
    if rng.random() < 0.2 and len(out) > 2:
        a, b = rng.sample(range(1, len(out)), 2)
        out[a], out[b] = out[b], out[a]
    data = b"".join(out)
    return data[:rng.randrange(len(data))] if rng.random() < 0.2 else data


def story_mutated_sessions():
    """A thousand sessions in which bits, lengths, order and ends are wrong:
    others are served meanwhile, the daemon lives and stays small."""
    rng, taken = random.Random(23), 0
    with Alone(JOURNALS) as d:
        still_open = []
        for n in range(1000):
            s = d.session(negotiate=False, timeout=10)
            try:
                s.socket.sendall(mutated(rng))
            except OSError:
                pass
            still_open.append(s)
            if len(still_open) > 20:
                still_open.pop(rng.randrange(20)).socket.close()
            if n % 100 == 0:
                equal(d.take(ERP, [SALES], [("X-Good", " %d" % n)]), "a",
                      "others are served")
                taken += 1
        for s in still_open:
            s.socket.close()
        equal(d.take(ERP, [SALES], [("X-Good", " end")]), "a", "at the end")
        equal(d.daemon.poll(), None, "it runs")
        check(d.rss()[1] < 64 or sanitized(), "%.1f MB" % d.rss()[1])
        good = [m for m in d.messages() if b"X-Good" in d.stored(m)]
        equal(len(good), taken + 1, "what was accepted is stored")


def story_stopped_in_a_packet():
    """Clients that stop in the middle of a packet keep nobody out."""
    with Alone(JOURNALS) as d:
        stopped = []
        for n in range(200):
            s = d.session(negotiate=n % 2 > 0)
            s.socket.sendall(struct.pack("!I", 500) + b"Mabc")
            stopped.append(s)
            if n % 20 == 0:
                equal(d.take(ERP, [SALES], [("X", " y")]), "a", "served")
        for s in stopped:
            s.socket.close()


def story_smallest_pieces():
    """A message that comes byte by byte is stored as any other, and two hundred
    clients that send such pieces of it keep nobody out."""
    whole = b"".join(struct.pack("!I", len(p)) + p for p in packets())
    with Alone(JOURNALS) as d:
        with d.session(negotiate=False) as s:
            for n in range(len(whole)):
                s.socket.sendall(whole[n:n + 1])
            answers = b""
            while answers.count(b"\0\0\0\1a") < 2:
                answers += s.socket.recv(4096)
        dripping = [d.session(negotiate=False) for _ in range(200)]
        for n in range(5):
            for s in dripping:
                s.socket.sendall(whole[n:n + 1])
        equal(d.take(ERP, [SALES], [("X", " y")]), "a", "served")
        equal(len(d.messages()), 3, "both and this one")
        for s in dripping:
            s.socket.close()


def story_thousand_sessions():
    """A thousand connections, each in the middle of a message that never ends:
    others are served at once, the memory stays bounded, and those that end
    after all are stored."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    number = 200 if sanitized() else 1000
    with Alone(JOURNALS) as d:
        endless = [d.session() for _ in range(number)]
        for n, s in enumerate(endless):
            s.mail(ERP)
            s.rcpt(SALES)
            s.data()
            s.header("Message-ID", " <%d@shop.example>" % n)
            s.eoh()
            s.body(b"b" * 60000)
        began = time.monotonic()
        equal(d.take(ERP, [SALES], [("X", " y")]), "a", "served")
        check(time.monotonic() - began < 5, "at once")
        now, most = d.rss()
        print("# %.1f MB at most" % most)
        check(sanitized() or most < 200, "%.1f MB" % most)
        equal([s.eom() for s in endless[::10]], ["a"] * (number // 10),
              "they end")
        equal(len(d.messages()), number // 10 + 1, "stored")
        for s in endless:
            s.socket.close()
        equal(d.take(ERP, [SALES], [("X", " y")]), "a", "served at the end")


def story_unread_answers():
    """Clients that ask and read no answer keep nobody out."""
    asked = b"".join(
        struct.pack("!I", len(p)) + p for p in
        [b"M" + ERP + b"\0", *[b"R" + SALES + b"\0"] * 3000])
    with Alone(JOURNALS) as d:
        deaf = []
        for n in range(40):
            s = d.session()
            s.socket.setblocking(False)
            try:
                while asked:
                    s.socket.send(asked)
            except BlockingIOError:
                pass
            deaf.append(s)
            if n % 10 == 9:
                equal(d.take(ERP, [SALES], [("X", " y")]), "a", "served")
        for s in deaf:
            s.socket.close()
        equal(d.take(ERP, [SALES], [("X", " y")]), "a", "at the end")


def story_endless_header():
    """Headers without end, one field without end, recipients without end:
    the memory stays bounded, the message is refused or taken whole."""
    with Alone(JOURNALS, {"max_message_size": "20M"}) as d:
        with d.session() as s:
            s.mail(ERP)
            s.rcpt(SALES)
            s.data()
            for n in range(2000):
                s.header("X-%d" % n, b" " + b"h" * 30000)
            s.eoh()
            equal(s.eom(), "y", "too large")
        with d.session() as s:
            s.mail(ERP)
            for n in range(20000):
                s.rcpt("<r%d@wild.example>" % n)
            s.data()
            s.eoh()
            answer = s.eom()
            check(answer in "ay", answer)
            if answer == "a":
                equal(len(s.deleted), 20000, "all are ours")
        check(d.rss()[1] < 64 or sanitized(), "%.1f MB" % d.rss()[1])
        equal(d.take(ERP, [SALES], [("X", " y")]), "a", "it goes on")


EVIL = [b"<a\x1b[2Jb@x.example>", b"<\"a\\\"b \r\nsecond line\"@x.example>",
        b"<caf\xc3\xa9@x.example>", b"<\xff\xfe@x.example>", b"<>",
        b"<" + b"l" * 5000 + b"@x.example>", b"<a@x.example> journal=other",
        b"<\xe2\x80\xaeresu@x.example>", b"=HYPERLINK(1)@x.example", b"<%s%n>"]


def story_hostile_addresses():
    """Addresses and names with control characters, line ends, quotes, 8-bit:
    one line each in the log, nothing that moves a cursor anywhere."""
    steer = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
    with Alone(JOURNALS) as d:
        with d.session() as s:
            for n, evil in enumerate(EVIL):
                name = b" <id-%d\x1b]0;x\x07@x>" % n
                answer = s.message(evil, [SALES, evil], [
                    ("Message-ID", name), ("Subject", b" \x1b[31m" + evil),
                    ("From", b" =cmd|x <" + evil[:60] + b">")],
                    queue_id="Q%d" % n)
                equal(answer, "a", repr(evil))
        equal(len(d.messages()), len(EVIL), "all are stored")
        lines = [li for li in d.log().splitlines() if ": captured " in li]
        equal(len(lines), len(EVIL), "a line each")
        check(not steer.search(d.log().replace("\n", "")), "a clean log")
        d.postledger("run", "--now", code=None)
        for words in (["list"], ["list", "--json"], ["status"],
                      ["report", "--text"], ["report", "--html"],
                      ["report", "--csv"],
                      *(["show", "message:%d" % n] for n in range(1, 11))):
            out = d.postledger(*words, code=None)
            found = steer.search(out.replace("\r\n", "\n"))
            check(not found, "%s: %r" % (words, found and out[
                max(0, found.start() - 40):found.end() + 20]))
        rows = csv.reader(d.postledger("report", "--csv").splitlines())
        bad = [c for row in rows for c in row if c[:1] in tuple("=+-@\t\r")]
        equal(bad, [], "no cell is a formula")


if __name__ == "__main__":
    tell(globals())
