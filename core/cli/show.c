/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show - all about an entry (ID), a message (message:ID), a batch (batch:ID)
 *
 * What is shown of each and how is in show_page.c and show_json.c; here it is
 * found and put together.
 */
#include "show.h"

#include <string.h>

#include "overview.h"

/* All that belongs to one entry. */
struct about {
	pl_entry *entry;
	pl_document *document;
	pl_message *message;
	pl_batch *batch;
	GPtrArray *others;   /* pl_entry: the same document elsewhere */
	GPtrArray *problems; /* of the entry or its document */
	GPtrArray *events;
	GPtrArray *plans; /* pl_overview of its journal */
	char *no_lines;   /* why those of the statement cannot be shown */
};

typedef struct about about;

static void
about_clear(struct about *a)
{
	g_clear_pointer(&a->entry, pl_entry_free);
	g_clear_pointer(&a->document, pl_document_free);
	g_clear_pointer(&a->message, pl_message_free);
	g_clear_pointer(&a->batch, pl_batch_free);
	g_clear_pointer(&a->others, g_ptr_array_unref);
	g_clear_pointer(&a->problems, g_ptr_array_unref);
	g_clear_pointer(&a->events, g_ptr_array_unref);
	g_clear_pointer(&a->plans, g_ptr_array_unref);
	g_clear_pointer(&a->no_lines, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(about, about_clear)

GPtrArray *
pl_show_written(const struct pl_page *page, const pl_batch *b)
{
	gboolean some = b->deliver_to != NULL && pl_folder_is(b->deliver_to) &&
			(b->state == PL_BATCH_SENT ||
			    b->state == PL_BATCH_SUBMITTING);
	return some ? pl_batch_written(page->cli->ledger, b->id, NULL) : NULL;
}

static gboolean
note_id(const pl_entry *entry, void *user)
{
	g_array_append_val((GArray *)user, entry->id);
	return TRUE;
}

GPtrArray *
pl_show_find_entries(
    struct pl_cli *cli, const struct pl_entry_filter *filter, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GPtrArray) entries =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
	if (!pl_entry_each(cli->ledger, filter, note_id, ids, error))
		return NULL;
	for (unsigned i = 0; i < ids->len; i++) {
		pl_entry *entry = pl_entry_get(
		    cli->ledger, g_array_index(ids, gint64, i), error);
		if (entry == NULL)
			return NULL;
		g_ptr_array_add(entries, entry);
	}
	return g_steal_pointer(&entries);
}

/* Only what concerns this entry: other documents of the message have their
 * own pages. */
static void
keep_own_problems(GPtrArray *problems, const pl_entry *entry)
{
	for (unsigned i = problems->len; i > 0; i--) {
		const struct pl_problem *p = g_ptr_array_index(problems, i - 1);
		gboolean other =
		    (p->document != 0 && p->document != entry->document) ||
		    (p->entry != 0 && p->entry != entry->id);
		if (other)
			g_ptr_array_remove_index(problems, i - 1);
	}
}

/* How the message came in, before what became of the entry. The message's
 * other documents have histories of their own. */
static gboolean
find_history(struct about *a, struct pl_cli *cli, GError **error)
{
	const pl_entry *entry = a->entry;
	g_autoptr(GPtrArray) own =
	    pl_event_of(cli->ledger, 0, 0, entry->id, 0, error);
	if (own == NULL)
		return FALSE;
	a->events = pl_event_of(cli->ledger, entry->message, 0, 0, 0, error);
	if (a->events == NULL)
		return FALSE;
	for (unsigned i = a->events->len; i > 0; i--) {
		const struct pl_event *e = g_ptr_array_index(a->events, i - 1);
		if (e->entry != 0 || e->batch != 0 ||
		    (e->document != 0 && e->document != entry->document))
			g_ptr_array_remove_index(a->events, i - 1);
	}
	g_ptr_array_extend_and_steal(a->events, g_steal_pointer(&own));
	return TRUE;
}

static gboolean
find_plan(struct about *a, struct pl_cli *cli, GError **error)
{
	const struct pl_journal *journal =
	    pl_config_find(cli->config, a->entry->journal);
	if (journal == NULL ||
	    (a->entry->state != PL_WAITING && a->entry->state != PL_HELD))
		return TRUE;
	pl_overview *overview =
	    pl_overview_new(cli, journal, g_get_real_time(), error);
	if (overview == NULL)
		return FALSE;
	a->plans =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_overview_free);
	g_ptr_array_add(a->plans, overview);
	return TRUE;
}

static gboolean
find_about(struct about *a, struct pl_cli *cli, gint64 id, GError **error)
{
	a->entry = pl_entry_get(cli->ledger, id, error);
	if (a->entry == NULL)
		return FALSE;
	struct pl_entry_filter same = { .document = a->entry->document };
	a->document = pl_document_get(cli->ledger, a->entry->document, error);
	if (a->document == NULL)
		return FALSE;
	a->message = pl_message_get(cli->ledger, a->entry->message, error);
	if (a->message == NULL)
		return FALSE;
	if (a->entry->batch != 0) {
		a->batch = pl_batch_get(cli->ledger, a->entry->batch, error);
		if (a->batch == NULL)
			return FALSE;
	}
	a->others = pl_show_find_entries(cli, &same, error);
	if (a->others == NULL)
		return FALSE;
	a->problems = pl_problem_of(cli->ledger, a->entry->message, error);
	if (a->problems == NULL)
		return FALSE;
	keep_own_problems(a->problems, a->entry);
	a->no_lines = pl_show_read_lines(cli, a->document);
	return find_history(a, cli, error) && find_plan(a, cli, error);
}

static gboolean
is_among(const GPtrArray *problems, const char *code)
{
	for (unsigned i = 0; i < problems->len; i++) {
		const struct pl_problem *p = g_ptr_array_index(problems, i);
		if (g_strcmp0(p->code, code) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
print_entry(const struct pl_page *page, const struct about *a)
{
	const pl_entry *e = a->entry;
	const struct pl_decision *d = pl_overview_find(a->plans, e);
	const gboolean gap = e->code == NULL && d != NULL && d->code != NULL;
	g_autofree char *why =
	    e->state == PL_SENDING
		? pl_sending_why(page->cli->ledger, e, 0)
		: pl_overview_why(e, d, page->zone);
	g_autofree char *sent = pl_out_time(e->sent, page->zone);
	pl_out("Entry %" G_GINT64_FORMAT "\n", e->id);
	pl_out_field("journal", e->journal);
	g_autofree char *state = g_strdup_printf("%s%s%s%s",
	    pl_state_name(e->state), *why != '\0' ? ", " : "", why,
	    e->released ? ", released by a person" : "");
	pl_out_field("state", state);
	pl_out_field("note", gap ? d->note : e->note);
	if (!is_among(a->problems, gap ? d->code : e->code))
		pl_show_code(gap ? d->code : e->code);
	pl_out_field("sent", sent);
}

static void
print_about(struct pl_page *page, const struct about *a)
{
	page->no_lines = a->no_lines;
	print_entry(page, a);
	pl_show_document(page, a->document);
	pl_show_message(page, a->message);
	if (a->batch != NULL)
		pl_show_batch(page, a->batch);
	if (a->others->len > 1)
		pl_show_entries(page, "Entries of this document", a->others);
	pl_show_problems(a->problems);
	pl_show_events(page, a->events);
}

static void
print_about_json(const struct pl_page *page, const struct about *a)
{
	JsonBuilder *json = pl_json_begin();
	pl_json_entry(
	    json, a->entry, pl_overview_find(a->plans, a->entry), page->zone);
	pl_sending_json(json, page->cli->ledger, a->entry);
	pl_json_object(json, "document");
	pl_json_document(json, a->document);
	json_builder_end_object(json);
	pl_show_message_json(page, json, a->message);
	pl_json_string(json, "batch", a->entry->batch_name);
	pl_json_time(json, "sent", a->entry->sent, page->zone);
	if (a->batch != NULL)
		pl_show_batch_json(page, json, a->batch);
	pl_show_problems_json(json, a->problems);
	pl_show_events_json(page, json, a->events);
	pl_json_end(json);
}

static gboolean
show_entry(struct pl_page *page, gint64 id, GError **error)
{
	g_auto(about) a = { 0 };
	if (!find_about(&a, page->cli, id, error))
		return FALSE;
	if (page->cli->json)
		print_about_json(page, &a);
	else
		print_about(page, &a);
	return TRUE;
}

static gboolean
show_batch(const struct pl_page *page, gint64 id, GError **error)
{
	struct pl_cli *cli = page->cli;
	g_autoptr(pl_batch) batch = pl_batch_get(cli->ledger, id, error);
	if (batch == NULL)
		return FALSE;
	g_autoptr(GPtrArray) entries = pl_batch_entries(cli->ledger, id, error);
	if (entries == NULL)
		return FALSE;
	g_autoptr(GPtrArray) events =
	    pl_event_of(cli->ledger, 0, 0, 0, id, error);
	if (events == NULL)
		return FALSE;
	if (!cli->json) {
		pl_show_batch(page, batch);
		pl_show_entries(page, "Entries", entries);
		pl_show_events(page, events);
		return TRUE;
	}
	JsonBuilder *json = pl_json_begin();
	pl_show_batch_json(page, json, batch);
	pl_json_array(json, "entries");
	for (unsigned i = 0; i < entries->len; i++) {
		const pl_entry *entry = g_ptr_array_index(entries, i);
		json_builder_add_int_value(json, entry->id);
	}
	json_builder_end_array(json);
	pl_show_events_json(page, json, events);
	pl_json_end(json);
	return TRUE;
}

static gboolean
show(struct pl_page *page, const char *what, GError **error)
{
	const char *colon = strchr(what, ':');
	gint64 id;
	page->full = colon != NULL;
	if (!pl_options_id(
		colon != NULL ? colon + 1 : what, "entry", &id, error))
		return FALSE;
	if (colon == NULL || g_str_has_prefix(what, "entry:"))
		return show_entry(page, id, error);
	if (g_str_has_prefix(what, "message:"))
		return pl_show_mail(page, id, error);
	if (g_str_has_prefix(what, "batch:"))
		return show_batch(page, id, error);
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "\"%s\": show takes ID, message:ID or batch:ID", what);
	return FALSE;
}

int
pl_cli_show(struct pl_cli *cli, GError **error)
{
	struct pl_page page = { .cli = cli,
		.zone = pl_config_gateway(cli->config)->timezone };
	if (cli->n_args == 0) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "show what? Numbers are in the first column of "
		    "`postledger list`");
		return EX_USAGE;
	}
	for (unsigned i = 0; i < cli->n_args; i++) {
		if (i > 0 && !cli->json)
			pl_out("\n");
		if (!show(&page, cli->args[i], error))
			return EX_NOINPUT;
	}
	return EX_OK;
}
