# SPDX-License-Identifier: BSD-2-Clause
"""Runs the stories of a file: every function `story_...`, in order. Its
docstring is the sentence that is printed. TAP, so that tests/run can count.

    tests/e2e/s_rules.py [WORD]     only stories with WORD in their name
"""

import os
import sys
import time
import traceback


class Skip(Exception):
    """Raised by a story that cannot be told here, with the reason; it counts
    as skipped, not as passed."""


def check(condition, what):
    """One fact of a story; WHAT is said when it is not so."""
    if not condition:
        raise AssertionError(what)


def equal(is_, should_be, what):
    if is_ != should_be:
        raise AssertionError("%s\n  is:        %r\n  should be: %r" % (
            what, is_, should_be))


def tell(names):
    """Runs all stories in NAMES (globals()); exits 1 if one fails."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    build = os.environ.get("BUILD", "build")
    if not os.path.exists(build + "/postledger"):
        sys.exit("not ok 1 - %s holds no postledger; run make first" % build)
    stories = [(n, f) for n, f in names.items()
               if n.startswith("story_") and word in n]
    failed = 0
    for number, (name, story) in enumerate(stories, 1):
        sentence = " ".join((story.__doc__ or name).split())
        began = time.monotonic()
        try:
            story()
        except Skip as e:
            print("ok %d - # SKIP %s (%s)" % (number, sentence, e))
        except Exception:                         # whatever: it failed
            failed += 1
            print("not ok %d - %s" % (number, sentence))
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        else:
            print("ok %d - %s" % (number, sentence))
        print("# %.1f s" % (time.monotonic() - began), flush=True)
    print("1..%d" % len(stories))
    sys.exit(1 if failed or not stories else 0)
