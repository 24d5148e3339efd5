# SPDX-License-Identifier: BSD-2-Clause
"""Programs that see another time.

libfaketime keeps a semaphore by the number of each process, for ever. Its own
wrapper does not start where an old one is in the way; the library does.
"""

import atexit
import contextlib
import glob
import os
import subprocess

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


def clock_of(when):
    """The environment for WHEN: "@2026-11-22 07:00:00" or "-3h"."""
    return {"LD_PRELOAD": LIBRARY[0], "FAKETIME": when}


def forget(pid):
    for name in ("sem.faketime_sem_", "faketime_shm_"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/dev/shm/%s%d" % (name, pid))


def start_under(env, command, **more):
    """subprocess.Popen; nothing of its clock is left when we end."""
    process = subprocess.Popen(command, env=env, **more)
    if "FAKETIME" in env:
        atexit.register(forget, process.pid)
    return process
