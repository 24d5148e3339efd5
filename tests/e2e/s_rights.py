#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the programs may, and what others may with what is theirs."""

import glob
import os
import pwd
import re
import shutil
import stat
import subprocess

from gateway import USER, Gateway
from mails import invoice
from story import Skip, check, equal, tell

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
JOURNALS = {"sales": {"address": "sales@compta.example",
                      "deliver_to": "acme@accounting.example"}}
SCORE_MOST = 2.0


def status(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(re.findall(r"^(\w+):\s+(.*)$", f.read(), re.M))


def story_own_user():
    """The daemon runs as its user, in all respects and without a way back;
    what it keeps is open to nobody else."""
    with Gateway(JOURNALS) as g:
        g.send(invoice("F-1")[0], "sales@compta.example")
        g.run("--now")
        user = pwd.getpwnam(USER)
        s = status(g.daemon.pid)
        equal(set(s["Uid"].split()), {str(user.pw_uid)}, "user")
        equal(set(s["Gid"].split()), {str(user.pw_gid)}, "group")
        check("0" not in s["Groups"].split(), "groups: " + s["Groups"])
        for kind in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            equal(int(s[kind], 16), 0, kind)
        for folder, _, names in os.walk(g.dir + "/lib"):
            for name in names:
                st = os.stat(os.path.join(folder, name))
                equal(st.st_uid, user.pw_uid, name + ": its owner")
                equal(st.st_mode & 0o137, 0, "%s: %o" % (name, st.st_mode))
        equal(stat.S_IMODE(os.stat(g.dir + "/lib/secret").st_mode), 0o600,
              "the secret")
        equal(stat.S_IMODE(os.stat(g.conf["socket"][5:]).st_mode), 0o660,
              "the socket")


def open_files(pid):
    """What a process has open, without what only has a number."""
    found = set()
    for fd in glob.glob("/proc/%d/fd/*" % pid):
        try:
            found.add(re.sub(r":\[\d+\]$", "", os.readlink(fd)))
        except FileNotFoundError:
            pass
    return found


def story_open_files():
    """The daemon has open: its ledger, this month's messages, its lock, its
    socket, its log; neither configuration nor secret."""
    with Gateway(JOURNALS) as g:
        for n in range(3):
            g.send(invoice("F-%d" % n)[0], "sales@compta.example")
        may = re.compile(
            r"/lib/ledger\.db(-wal|-shm|\.daemon\.lock)?$|"
            r"/lib/messages/\d{4}-\d\d\.db(-wal|-shm)?$|/daemon\.log$|"
            r"^/dev/null$|^socket$|^pipe$|^anon_inode:|^/dev/pts/")
        # what the test itself was started with comes down to its children
        ours = open_files(os.getpid())
        strange = {f for f in open_files(g.daemon.pid) - ours
                   if not may.search(f)}
        equal(strange, set(), "nothing else is open")


def story_systemd():
    """systemd rates the exposure of both services 2.0 or less."""
    if not shutil.which("systemd-analyze"):
        raise Skip("no systemd-analyze")
    for unit in sorted(glob.glob(TOP + "/conf/*.service")):
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager",
             unit], capture_output=True, text=True, check=False, timeout=60)
        score = re.search(r"Overall exposure level for .*: ([\d.]+)",
                          done.stdout)
        check(score, done.stdout[-500:] + done.stderr)
        check(float(score[1]) <= SCORE_MOST, "%s: %s" % (unit, score[1]))


def story_no_shell():
    """No source calls a shell, and programs are started by their full
    names."""
    bad = re.compile(r"\b(system|popen|wordexp|g_spawn_command_line_\w+|"
                     r"exec[lv]p\w*)\s*\(|G_SPAWN_SEARCH_PATH|\"/bin/sh\"")
    found = []
    for folder in ("core", "milter", "include"):
        for path in glob.glob("%s/%s/**/*.[ch]" % (TOP, folder),
                              recursive=True):
            with open(path) as f:
                for n, line in enumerate(f, 1):
                    if bad.search(line) and "file_system" not in line:
                        found.append("%s:%d" % (path, n))
    equal(found, [], "no shell")


if __name__ == "__main__":
    tell(globals())
