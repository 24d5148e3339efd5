# SPDX-License-Identifier: BSD-2-Clause
"""Reads the monthly files of message bytes past the program: as
core/ledger/store.h says that they are."""
import hashlib
import struct

HEAD, MARK = 64, 32
TOLD = ("origin", "queue_id", "sender", "client_addr", "client_name", "helo",
        "auth_user", "tls", "message_id", "header_sha256", "body_sha256")


def records(path):
    """(kind, place, bytes) of all that stands in it, in order."""
    with open(path, "rb") as f:
        data = f.read()
    assert data.startswith(b"postledger messages 1\n"), data[:32]
    key, at, found = data[32:40], data.find(data[32:40], HEAD), []
    while at >= 0:
        mark = data[at:at + MARK]
        kind, length, place = struct.unpack("<4sIQ", mark[8:24])
        assert place == at and mark[24:] == key, "a mark at %d" % at
        found.append((kind.decode(), at, data[at + MARK:at + MARK + length]))
        at = data.find(key, at + MARK + length)
    return found


def message(path, row):
    """The bytes of the message whose seal stands at ROW."""
    at = {place: (kind, data) for kind, place, data in records(path)}
    kind, seal = at[row]
    assert kind == "seal", kind
    size, n, told = struct.unpack("<QII", seal[:16])
    pieces = struct.unpack("<%dQ" % n, seal[16:16 + 8 * n])
    assert len(seal) == 16 + 8 * n + told
    data = b"".join(at[p][1] for p in pieces)
    assert all(at[p][0] == "piec" for p in pieces) and len(data) == size
    return data


def told(path, row):
    """What the seal at ROW tells: numbers, texts, recipients."""
    _, seal = {at: (k, data) for k, at, data in records(path)}[row]
    _, n, length = struct.unpack("<QII", seal[:16])
    data = seal[16 + 8 * n:]
    data, sum_ = data[:-32], data[-32:]
    assert hashlib.sha256(data).digest() == sum_
    numbers, at = struct.unpack("<qqI", data[:20]), 20

    def text():
        nonlocal at
        size, = struct.unpack("<I", data[at:at + 4])
        at += 4
        if size == 0xffffffff:
            return None
        at += size
        return data[at - size:at]

    texts = [text() for _ in range(12)]
    count, = struct.unpack("<I", data[at:at + 4])
    at += 4
    recipients = [text() for _ in range(count)]
    assert at == len(data)
    return numbers, texts, recipients
