# SPDX-License-Identifier: BSD-2-Clause
"""A lab with files to import, a journal more, and a terminal; and what a
refusal looks like."""

import fcntl
import os
import struct
import subprocess
import tempfile
import termios

from lab import POSTLEDGER, Lab
from mails import invoice
from story import check, equal

ESCAPE = "\x1b[31mred\x1b]0;title\x07\u202egnp.exe\x9b2J"


UNLOCK, OTHER_SIDE = 0x40045431, 0x5441     # TIOCSPTLCK, TIOCGPTPEER


def pseudo_terminal():
    """Both sides; also where nothing is mounted at /dev/pts, as in a bare
    chroot: then by a place of its own, which is gone afterwards."""
    try:
        return os.openpty()
    except OSError:
        pass
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["mount", "-t", "devpts", "devpts", place], check=True)
        try:
            ours = os.open(place + "/ptmx", os.O_RDWR | os.O_NOCTTY)
            fcntl.ioctl(ours, UNLOCK, struct.pack("i", 0))
            return ours, fcntl.ioctl(ours, OTHER_SIDE,
                                     os.O_RDWR | os.O_NOCTTY)
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


class Office(Lab):
    """A lab with files to import and a journal more."""

    def __init__(self, **more):
        super().__init__(**more)
        self.journals["bank"] = {
            "address": "bank@compta.example", "accept": "statement",
            "deliver_to": "acme-bank@accounting.example"}

    def file(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes)
                    else content.as_bytes())
        return path

    def take(self, *numbers, journal="sales"):
        """Imports a message with an invoice for each number."""
        for n in numbers:
            self.run("import", "--journal", journal,
                     self.file("m-%s.eml" % n, invoice(n)[0]))

    def send(self, *words):
        return self.run("run", "--now", *words)

    def ids(self, *words):
        """{file name: entry}"""
        return {e["document"]["files"][0]["filename"]: e
                for e in self.lines("list", *words)}

    def terminal(self, *words, columns=80):
        """What the command prints on a terminal of so many columns."""
        self.write()
        fd, theirs = pseudo_terminal()
        pid = os.fork()
        if pid == 0:
            os.login_tty(theirs)
            os.environ["LC_ALL"] = "C.UTF-8"
            os.execv("/bin/sh", [
                "sh", "-c", "stty cols %d; exec \"$@\"" % columns, "sh",
                POSTLEDGER, "-c", self.conf_file, *words])
        os.close(theirs)
        fcntl.ioctl(fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 50, columns, 0, 0))
        out = b""
        while True:
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        os.waitpid(pid, 0)
        os.close(fd)
        return out.decode()


def refused(done, code, *words):
    """A command that ended with CODE and said WORDS, on stderr alone."""
    equal(done.returncode, code, "exit code\n" + done.stdout + done.stderr)
    equal(done.stdout, "", "nothing on stdout")
    check(done.stderr.startswith("postledger: "), done.stderr)
    for word in words:
        check(word in done.stderr, "%r in %s" % (word, done.stderr))
