/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settled - a person decided on one of two that are held together
 *
 * The other one's words say what became of the first, so that nobody decides
 * by what was true when they came. Only words change.
 */
#include "room.h"

#include <string.h>

#define SINCE "; since then entry "
#define OTHERS 100

static gboolean
is_held_beside(const pl_entry *e)
{
	return e->state == PL_HELD && (g_strcmp0(e->code, "PL-111") == 0 ||
					  g_strcmp0(e->code, "PL-112") == 0);
}

static const char *
advice(enum pl_state now)
{
	switch (now) {
	case PL_WAITING:
		return "was released: archive this one, or release it too if "
		       "both are to be booked";
	case PL_ARCHIVED:
		return "was archived: release this one if it is right";
	default:
		return "came back from the archive: release the right one";
	}
}

static gboolean
say(pl_ledger *l, const pl_entry *other, gint64 entry, enum pl_state now,
    GError **error)
{
	g_autofree char *before = g_strdup(other->note);
	char *since = before != NULL ? strstr(before, SINCE) : NULL;

	if (since != NULL)
		*since = '\0';
	g_autofree char *note =
	    g_strdup_printf("%s" SINCE "%" G_GINT64_FORMAT " %s",
		before != NULL ? before : "held with another one", entry,
		advice(now));
	return pl_statement_note(l, other->id, other->code, note, error);
}

static gboolean
has_entry(const GPtrArray *entries, gint64 id)
{
	for (guint i = 0; i < entries->len; i++)
		if (((const pl_entry *)entries->pdata[i])->id == id)
			return TRUE;
	return FALSE;
}

/* Those that name the entry, and the one it names. */
static GPtrArray *
others_of(pl_ledger *l, const pl_entry *entry, GError **error)
{
	g_autoptr(GPtrArray) others =
	    pl_entry_naming(l, entry->id, OTHERS, error);

	if (others != NULL && entry->original != 0 &&
	    !has_entry(others, entry->original)) {
		pl_entry *original = pl_entry_get(l, entry->original, error);
		if (original == NULL)
			return NULL;
		g_ptr_array_add(others, original);
	}
	return g_steal_pointer(&others);
}

gboolean
pl_intake_settled(
    pl_ledger *l, const pl_entry *before, enum pl_state now, GError **error)
{
	g_autoptr(GPtrArray) others = others_of(l, before, error);

	for (guint i = 0; others != NULL && i < others->len; i++) {
		const pl_entry *other = others->pdata[i];
		if (is_held_beside(other) &&
		    !say(l, other, before->id, now, error))
			return FALSE;
	}
	return others != NULL;
}
