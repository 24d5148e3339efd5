/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * list - entries, a line each
 *
 * Streams: a ledger of millions is listed in a bounded amount of memory. The
 * reason of what waits is the plan's, asked only when the filter lets waiting
 * entries through.
 */
#include "cli.h"

#include <string.h>

#include "json.h"
#include "overview.h"
#include "sending.h"

static char *journal, *states, *since, *until;
static int limit;

const GOptionEntry pl_list_options[] = {
	{ "journal", 'j', 0, G_OPTION_ARG_STRING, &journal,
	    "Only of this journal", "J" },
	{ "state", 's', 0, G_OPTION_ARG_STRING, &states,
	    "Only in this state (several by comma)", "S" },
	{ "since", 0, 0, G_OPTION_ARG_STRING, &since,
	    "Arrived on or after: 2026-11-20, 2026-11, today, 7d, 12h", "D" },
	{ "until", 0, 0, G_OPTION_ARG_STRING, &until, "Arrived before", "D" },
	{ "limit", 'n', 0, G_OPTION_ARG_INT, &limit, "At most so many", "N" },
	{ 0 },
};

static const struct pl_column columns[] = {
	{ "ID", TRUE, 0 },
	{ "ARRIVED", FALSE, 0 },
	{ "JOURNAL", FALSE, 7 },
	{ "STATE", FALSE, 0 },
	{ "WHY", FALSE, 6 },
	{ "NUMBER", FALSE, 6 },
	{ "TOTAL", TRUE, 0 },
	{ "FROM", FALSE, 8 },
	{ "FILE", FALSE, 8 },
};
/* Of a journal that takes nothing but statements. */
static const struct pl_column bank_columns[] = {
	{ "ID", TRUE, 0 },
	{ "STATE", FALSE, 0 },
	{ "WHY", FALSE, 6 },
	{ "ACCOUNT", FALSE, 16 },
	{ "NUMBER", TRUE, 0 },
	{ "DATE", FALSE, 0 },
	{ "BALANCE", TRUE, 0 },
	{ "FILE", FALSE, 5 },
};

#define REPLY 40 /* characters of the mail server's words */

struct listing {
	struct pl_cli *cli;
	GTimeZone *zone;
	GPtrArray *overviews;
	char *states; /* letters */
	pl_table *table;
	unsigned seen;
	GError *error;
};

/* What a statement comes to is its closing balance. */
static char *
total_of(const pl_entry *entry)
{
	const char *total =
	    entry->kind == PL_KIND_STATEMENT ? entry->closing : entry->total;
	if (total == NULL)
		return NULL;
	return g_strjoin(" ", total, entry->currency, NULL);
}

static char *
why(const struct listing *l, const pl_entry *entry)
{
	if (entry->state == PL_SENDING)
		return pl_sending_why(l->cli->ledger, entry, REPLY);
	return pl_overview_why(
	    entry, pl_overview_find(l->overviews, entry), l->zone);
}

static gboolean
add_row(const pl_entry *entry, void *user)
{
	struct listing *l = user;
	const char *from = entry->account != NULL       ? entry->account
			   : entry->seller_name != NULL ? entry->seller_name
			   : entry->from != NULL        ? entry->from
							: entry->sender;
	g_autofree char *arrived = pl_out_time(entry->arrived, l->zone);
	char *cells[G_N_ELEMENTS(columns)] = {
		g_strdup_printf("%" G_GINT64_FORMAT, entry->id),
		g_strndup(arrived, strlen("2026-11-20")),
		g_strdup(entry->journal),
		g_strdup(pl_state_name(entry->state)),
		why(l, entry),
		g_strdup(
		    entry->number != NULL ? entry->number : entry->sequence),
		total_of(entry),
		g_strdup(from),
		g_strdup(entry->filename),
	};
	pl_table_add(l->table, cells);
	l->seen++;
	return TRUE;
}

static gboolean
add_bank_row(const pl_entry *entry, void *user)
{
	struct listing *l = user;
	char *cells[G_N_ELEMENTS(bank_columns)] = {
		g_strdup_printf("%" G_GINT64_FORMAT, entry->id),
		g_strdup(pl_state_name(entry->state)),
		why(l, entry),
		g_strdup(entry->account),
		g_strdup(entry->sequence),
		g_strdup(entry->doc_date),
		total_of(entry),
		g_strdup(entry->filename),
	};
	pl_table_add(l->table, cells);
	l->seen++;
	return TRUE;
}

static gboolean
is_bank(const struct listing *l)
{
	const struct pl_journal *only =
	    journal != NULL ? pl_config_find(l->cli->config, journal) : NULL;
	return only != NULL && only->accept == 1u << PL_KIND_STATEMENT;
}

static gboolean
print_json(const pl_entry *entry, void *user)
{
	struct listing *l = user;
	g_autoptr(pl_document) document =
	    pl_document_get(l->cli->ledger, entry->document, &l->error);
	if (document == NULL)
		return FALSE;
	JsonBuilder *json = pl_json_begin();
	pl_json_entry(
	    json, entry, pl_overview_find(l->overviews, entry), l->zone);
	pl_sending_json(json, l->cli->ledger, entry);
	pl_json_object(json, "document");
	pl_json_document(json, document);
	json_builder_end_object(json);
	pl_json_message_of(json, entry, l->zone);
	pl_json_string(json, "batch", entry->batch_name);
	pl_json_time(json, "sent", entry->sent, l->zone);
	pl_json_end(json);
	l->seen++;
	return TRUE;
}

static gboolean
read_filter(struct listing *l, struct pl_entry_filter *filter, GError **error)
{
	gint64 now = g_get_real_time();
	if (since != NULL &&
	    !pl_options_since(since, l->zone, now, &filter->since, error))
		return FALSE;
	if (until != NULL &&
	    !pl_options_since(until, l->zone, now, &filter->until, error))
		return FALSE;
	if (states != NULL) {
		filter->states = l->states = pl_options_states(states, error);
		if (l->states == NULL)
			return FALSE;
	}
	if (limit < 0) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "--limit takes a number above 0");
		return FALSE;
	}
	filter->journal = journal;
	filter->limit = (unsigned)limit;
	return TRUE;
}

/* What the plan says, of the journals and states that can be in the list. */
static gboolean
read_plans(
    struct listing *l, const struct pl_entry_filter *filter, GError **error)
{
	const struct pl_journal *only =
	    journal != NULL ? pl_config_find(l->cli->config, journal) : NULL;
	if (filter->states != NULL && strpbrk(filter->states, "wh") == NULL)
		return TRUE;
	if (journal == NULL) {
		l->overviews =
		    pl_overview_all(l->cli, g_get_real_time(), error);
		return l->overviews != NULL;
	}
	if (only == NULL)
		return TRUE;
	pl_overview *one =
	    pl_overview_new(l->cli, only, g_get_real_time(), error);
	if (one == NULL)
		return FALSE;
	l->overviews =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_overview_free);
	g_ptr_array_add(l->overviews, one);
	return TRUE;
}

static gboolean
print_all(
    struct listing *l, const struct pl_entry_filter *filter, GError **error)
{
	gboolean good;
	if (l->cli->json) {
		good =
		    pl_entry_each(l->cli->ledger, filter, print_json, l, error);
	} else {
		gboolean bank = is_bank(l);
		l->table = bank ? pl_table_new(
				      bank_columns, G_N_ELEMENTS(bank_columns))
				: pl_table_new(columns, G_N_ELEMENTS(columns));
		good = pl_entry_each(l->cli->ledger, filter,
		    bank ? add_bank_row : add_row, l, error);
		pl_table_end(l->table);
	}
	if (l->error != NULL) {
		g_clear_error(error);
		g_propagate_error(error, g_steal_pointer(&l->error));
		return FALSE;
	}
	return good;
}

int
pl_cli_list(struct pl_cli *cli, GError **error)
{
	struct listing l = { .cli = cli,
		.zone = pl_config_gateway(cli->config)->timezone };
	struct pl_entry_filter filter = { 0 };
	gboolean good = read_filter(&l, &filter, error) &&
			read_plans(&l, &filter, error) &&
			print_all(&l, &filter, error);
	g_free(l.states);
	g_clear_pointer(&l.overviews, g_ptr_array_unref);
	/* A journal taken out of the configuration still has its entries; a
	 * name that has none is a mistake. */
	if (good && l.seen == 0 && journal != NULL &&
	    pl_options_journal(cli->config, journal, error) == NULL)
		return EX_USAGE;
	return EX_OK;
}
