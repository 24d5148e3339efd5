# SPDX-License-Identifier: BSD-2-Clause
"""Another milter beside ours: it continues at every step, and at the end of a
batch's message does what the test tells it.

    with OtherMilter() as other:
        other.at_end = lambda: time.sleep(2) or "accept"
"""

import socket
import struct
import threading

ANSWERS = {"accept": b"a", "continue": b"c",
           "tempfail": b"y451 4.7.1 not now\0", "reject": b"y554 5.7.1 no\0"}


class OtherMilter:
    """`at_end` returns a key of ANSWERS; it is asked for batches only (a keyed
    sender, a recipient with `word` in it)."""

    def __init__(self, word="acme"):
        self.word, self.at_end = word, lambda: "continue"
        self.seen = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.close()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    @staticmethod
    def read(client, n):
        data = b""
        while len(data) < n:
            more = client.recv(n - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data

    def serve(self, client):
        batch = {}
        try:
            while self.step(client, batch):
                pass
        except OSError:
            pass
        client.close()

    def step(self, client, batch):
        length, = struct.unpack("!I", self.read(client, 4))
        packet = self.read(client, length)
        kind, data = packet[:1], packet[1:]
        answer = b"c"
        if kind == b"O":
            answer = b"O" + struct.pack("!III", 6, 0, 0)
        elif kind == b"M":
            batch["from"] = b"+b." in data
        elif kind == b"R":
            batch["to"] = batch["from"] and self.word.encode() in data
        elif kind == b"E":
            answer = ANSWERS["continue"]
            if batch.get("to"):
                self.seen += 1
                answer = ANSWERS[self.at_end()]
        elif kind in b"DAK":
            return True
        elif kind == b"Q":
            return False
        client.sendall(struct.pack("!I", len(answer)) + answer)
        return True
