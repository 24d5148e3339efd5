/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value_clock - reads settings that are lists of times of day
 *
 * The same contract as value_list.c. A time is HH:MM, two digits each.
 */
#include <string.h>

#include "private.h"

/* "HH:MM" and what follows it. */
static const char *
read_clock(const char *text, unsigned most, unsigned *minutes)
{
	unsigned hour, minute;

	for (unsigned i = 0; i < 5; i++)
		if (i == 2 ? text[i] != ':' : !g_ascii_isdigit(text[i]))
			return NULL;
	hour = (unsigned)((text[0] - '0') * 10 + text[1] - '0');
	minute = (unsigned)((text[3] - '0') * 10 + text[4] - '0');
	*minutes = hour * 60 + minute;
	return minute < 60 && *minutes <= most ? text + 5 : NULL;
}

/* "12h" or "30m", at most a day. */
static gboolean
read_interval(const char *word, unsigned *minutes)
{
	char *end;
	guint64 n;

	if (word == NULL || !g_ascii_isdigit(*word) || strlen(word) > 5)
		return FALSE;
	n = g_ascii_strtoull(word, &end, 10);
	if (g_str_equal(end, "h"))
		n *= 60;
	else if (!g_str_equal(end, "m"))
		return FALSE;
	*minutes = (unsigned)n;
	return n > 0 && n <= 24 * 60;
}

gboolean
pl_value_slots(struct pl_value *v, void *at)
{
	struct pl_journal *j =
	    (struct pl_journal *)(void *)((char *)at -
					  offsetof(struct pl_journal, slots));
	GPtrArray *owner = pl_config_array(v->config, g_free);
	g_autoptr(GArray) slots =
	    g_array_new(FALSE, TRUE, sizeof(struct pl_slot));
	const char *word, *end;
	gboolean every = FALSE;

	while ((word = pl_value_next(v)) != NULL) {
		struct pl_slot slot = { 0 };

		if (g_str_equal(word, "every")) {
			slot.every = TRUE;
			if (!read_interval(pl_value_next(v), &slot.minutes))
				return FALSE;
		} else {
			end = read_clock(word, 24 * 60 - 1, &slot.minutes);
			if (end == NULL || *end != '\0')
				return FALSE;
		}
		every |= slot.every;
		if (every && slots->len > 0) {
			v->why = "; every stands alone";
			return FALSE;
		}
		g_array_append_val(slots, slot);
	}
	j->n_slots = slots->len;
	j->slots = (struct pl_slot *)(void *)g_array_free(
	    g_steal_pointer(&slots), FALSE);
	g_ptr_array_add(owner, (void *)j->slots);
	return TRUE;
}

gboolean
pl_value_windows(struct pl_value *v, void *at)
{
	struct pl_journal *j =
	    (struct pl_journal *)(void *)((char *)at -
					  offsetof(struct pl_journal, windows));
	GPtrArray *owner = pl_config_array(v->config, g_free);
	g_autoptr(GArray) windows =
	    g_array_new(FALSE, TRUE, sizeof(struct pl_window));
	const char *word, *end;

	while ((word = pl_value_next(v)) != NULL) {
		struct pl_window w = { 0 };

		end = read_clock(word, 24 * 60 - 1, &w.from);
		if (end == NULL || *end != '-')
			return FALSE;
		end = read_clock(end + 1, 24 * 60, &w.to);
		if (end == NULL || *end != '\0' || w.from == w.to)
			return FALSE;
		g_array_append_val(windows, w);
	}
	j->n_windows = windows->len;
	j->windows = (struct pl_window *)(void *)g_array_free(
	    g_steal_pointer(&windows), FALSE);
	g_ptr_array_add(owner, (void *)j->windows);
	return TRUE;
}
