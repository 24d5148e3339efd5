/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_chain - a chain of seven events, and what an audit says of it
 */
#ifndef LEDGER_CHAIN_H
#define LEDGER_CHAIN_H

#include "ledger_fixture.h"

/* A few events of all kinds, then the handle is closed. Returns the head. */
static inline char *
write_history(struct fixture *f)
{
	gint64 entry;
	char *head;

	pl_ledger_set_actor(f->l, "uid=0 root sudo=anna", "a\tb\\c\nd");
	entry = add_waiting(f->l, "sales", "1");
	assert_ok(pl_entry_change(
	    f->l, entry, PL_WAITING, PL_HELD, "PL-110", "n", 0, E));
	assert_ok(pl_entry_release(f->l, entry, E));
	add_waiting(f->l, "sales", "2");
	head = pl_event_head(f->l, NULL);
	pl_ledger_close(f->l);
	f->l = NULL;
	return head;
}

/* Verifies past the look that pl_ledger_open() takes at the chain's end:
 * through a handle that was open before. */
static inline struct pl_audit
verify(struct fixture *f, const char *head)
{
	struct pl_audit audit;

	assert_ok(pl_event_verify(f->l, head, &audit, E));
	return audit;
}

static inline void
assert_bad(struct fixture *f, const char *head, gint64 bad, const char *words)
{
	struct pl_audit audit = verify(f, head);

	if (audit.bad != bad || audit.what == NULL ||
	    strstr(audit.what, words) == NULL)
		fail_msg("event %d: %s", (int)audit.bad,
		    audit.what ? audit.what : "nothing found");
	g_free(audit.what);
}

#endif
