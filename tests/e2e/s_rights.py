#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the programs may, and what others may with what is theirs."""

import glob
import os
import pwd
import re
import stat
import subprocess

from gateway import BUILD, USER, Gateway, wait_for
from mails import invoice
from story import check, equal, tell

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


def story_inherited():
    """What a careless starter leaves open, or closed, does not reach the
    daemon: nothing else is open, and no file of its own is its stderr."""
    with Gateway(JOURNALS, daemon=False) as g, \
            open(g.dir + "/other", "w") as other, \
            open(g.dir + "/high", "w") as high:
        os.dup2(high.fileno(), 700)
        try:
            daemon = subprocess.Popen(
                ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh",
                 BUILD + "/postledgerd", "-c", g.conf_file],
                pass_fds=[other.fileno(), 700])
        finally:
            os.close(700)
        try:
            path = g.conf["socket"][5:]
            wait_for("postledgerd", lambda: daemon.poll() is not None or
                     os.path.exists(path) and g.listening(path))
            found = open_files(daemon.pid)
            equal({f for f in found if f.startswith(g.dir) and
                   "/lib/" not in f}, set(), "inherited")
            for n in range(3):
                equal(os.readlink("/proc/%d/fd/%d" % (daemon.pid, n)),
                      "/dev/null", "descriptor %d" % n)
        finally:
            daemon.kill()
            daemon.wait()


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
            r"/lib/messages/\d{4}-\d\d\.mail$|/daemon\.log$|"
            r"^/dev/null$|^socket$|^pipe$|^anon_inode:|^/dev/pts/")
        # what the test itself was started with comes down to its children
        ours = open_files(os.getpid())
        strange = {f for f in open_files(g.daemon.pid) - ours
                   if not may.search(f)}
        equal(strange, set(), "nothing else is open")


# What makes up the score, for both units.
DIRECTIVES = """NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes
PrivateTmp=yes PrivateDevices=yes ProtectClock=yes ProtectHostname=yes
ProtectKernelLogs=yes ProtectKernelModules=yes ProtectKernelTunables=yes
ProtectControlGroups=yes ProtectProc=invisible ProcSubset=pid
RestrictNamespaces=yes RestrictRealtime=yes RestrictSUIDSGID=yes
LockPersonality=yes MemoryDenyWriteExecute=yes RemoveIPC=yes
CapabilityBoundingSet= AmbientCapabilities= SystemCallArchitectures=native
IPAddressDeny=any UMask=0027 User=postledger""".split()


def story_systemd():
    """systemd rates the exposure of both services 2.0 or less, and nothing of
    what that is made of is missing."""
    units = sorted(glob.glob(TOP + "/conf/*.service"))
    equal(len(units), 2, "daemon and run")
    for unit in units:
        with open(unit) as f:
            lines = f.read().splitlines()
        equal([d for d in DIRECTIVES if d not in lines], [], unit)
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
