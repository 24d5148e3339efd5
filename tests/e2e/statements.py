# SPDX-License-Identifier: BSD-2-Clause
"""Bank statements as banks make them, for the tests.

    coda(Statement("BE68539007547034", 41, "2026-02-27", "1000.00",
                   [Move("2026-02-28", "-50.00", "Power NV",
                         "BE71096123456769", "+++123/4567/89002+++")]))
"""

import dataclasses
import decimal

D = decimal.Decimal


@dataclasses.dataclass
class Move:
    """One movement; a credit is positive."""
    date: str
    amount: str
    name: str = ""
    account: str = ""
    words: str = ""


@dataclasses.dataclass
class Statement:
    """One statement of an account; `day` is that of the new balance, too,
    unless `until` says another."""
    account: str
    number: int
    day: str
    opening: str
    moves: list = dataclasses.field(default_factory=list)
    until: str = None
    currency: str = "EUR"

    @property
    def last(self):
        return self.until or self.day

    @property
    def closing(self):
        return str(D(self.opening) + sum((D(m.amount) for m in self.moves),
                                         D("0.00")))


def _day(date):
    return date[8:10] + date[5:7] + date[2:4]


def _amount(amount):
    value = D(amount)
    return ("1" if value < 0 else "0") + "%015d" % (abs(value) * 1000)


def _record(*fields):
    """Fields of (width, text), 128 characters together."""
    line = "".join(text[:width].ljust(width) for width, text in fields)
    assert len(line) == 128, len(line)
    return line + "\r\n"


def _account(statement):
    return statement.account.ljust(34) + statement.currency


def _move(m, n, statement):
    number = "%04d0000" % (n % 10000)
    digits = "".join(c for c in m.words if c.isdigit())
    structured = m.words.startswith("+++")
    words = "101" + digits if structured else m.words
    first, rest = words[:53], words[53:]
    lines = _record((2, "21"), (8, number), (21, "REF%d" % n),
                    (16, _amount(m.amount)), (6, _day(m.date)),
                    (8, "00150000"), (1, "1" if structured else "0"),
                    (53, first), (6, _day(m.date)),
                    (3, "%03d" % (statement.number % 1000)), (1, "0"),
                    (1, "1"), (1, ""), (1, "0"))
    if len(rest) > 43:
        lines += _record((2, "22"), (8, number), (53, rest[:53]), (65, ""))
        rest = rest[53:]
    lines += _record((2, "23"), (8, number), (37, m.account), (35, m.name),
                     (43, rest), (3, "0 0"))
    return lines


def _body(s):
    number = "%03d" % (s.number % 1000)
    sign_amount = _amount(s.opening)
    lines = _record((2, "12"), (3, number), (37, _account(s)),
                    (16, sign_amount), (6, _day(s.day)),
                    (26, "BRASSERIE DU PARC"), (35, "current account"),
                    (3, number))
    for n, m in enumerate(s.moves, 1):
        lines += _move(m, n, s)
    return lines + _record((1, "8"), (3, number), (37, _account(s)),
                           (16, _amount(s.closing)), (6, _day(s.last)),
                           (64, ""), (1, "0"))


def coda_bytes(*statements):
    """A logical file, from its header to its trailer."""
    s = statements[0]
    head = _record((5, "00000"), (6, _day(s.last)), (3, "539"), (2, "05"),
                   (8, ""), (10, ""), (26, "BRASSERIE DU PARC"),
                   (11, "KREDBEBB"), (11, "00123456749"), (1, ""),
                   (5, "00000"), (16, ""), (16, ""), (7, ""), (1, "2"))
    text = head + "".join(_body(one) for one in statements)
    moves = [D(m.amount) for one in statements for m in one.moves]
    text += _record(
        (16, "9"), (6, "%06d" % (text.count("\r\n") - 1)),
        (15, "%015d" % (sum(-m for m in moves if m < 0) * 1000)),
        (15, "%015d" % (sum(m for m in moves if m > 0) * 1000)),
        (75, ""), (1, "2"))
    return text.encode("latin-1")


def coda(*statements):
    """A CODA file: each statement in a logical file of its own, as the banks
    put several accounts into one file."""
    return b"".join(coda_bytes(s) for s in statements)
