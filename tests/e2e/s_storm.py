#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A short storm: load, while daemon, runs and Postfix die and come back. The
long one is `make faults`."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../faults"))
from storm import Storm  # noqa: E402
from story import tell  # noqa: E402


def story_kill_at_random():
    """kill -9 of daemon and run at random moments under load, and Postfix
    stopped, started and reloaded: what got its 250 arrives once, byte for
    byte, and the reports add up."""
    with Storm(seed=11, senders=3, pause=0.05) as storm:
        storm.blow(12, least=16)
        storm.calm()
        storm.judge()
        print("# " + str(storm))


if __name__ == "__main__":
    tell(globals())
