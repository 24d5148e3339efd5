# SPDX-License-Identifier: BSD-2-Clause
"""Programs that see another time.

libfaketime without its wrapper, which keeps a semaphore by its process number:
one that is killed leaves it behind, and the next of that number does not start.
"""

import glob

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


def clock_of(when):
    """The environment for WHEN: "@2026-11-22 07:00:00" or "-3h"."""
    return {"LD_PRELOAD": LIBRARY[0], "FAKETIME": when}
