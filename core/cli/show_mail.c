/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_mail - the page of a message with all that was found in it
 */
#include "show.h"

struct mail {
	pl_message *message;
	GPtrArray *documents, *ignored, *problems, *entries, *events;
};
typedef struct mail mail;

static void
mail_clear(struct mail *m)
{
	g_clear_pointer(&m->message, pl_message_free);
	g_clear_pointer(&m->documents, g_ptr_array_unref);
	g_clear_pointer(&m->ignored, g_ptr_array_unref);
	g_clear_pointer(&m->problems, g_ptr_array_unref);
	g_clear_pointer(&m->entries, g_ptr_array_unref);
	g_clear_pointer(&m->events, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(mail, mail_clear)

static gboolean
find_mail(struct mail *m, struct pl_cli *cli, gint64 id, GError **error)
{
	struct pl_entry_filter of = { .message = id };
	m->message = pl_message_get(cli->ledger, id, error);
	if (m->message == NULL)
		return FALSE;
	m->documents = pl_document_of(cli->ledger, id, error);
	if (m->documents == NULL)
		return FALSE;
	m->ignored = pl_document_ignored(cli->ledger, id, error);
	if (m->ignored == NULL)
		return FALSE;
	m->problems = pl_problem_of(cli->ledger, id, error);
	if (m->problems == NULL)
		return FALSE;
	m->entries = pl_show_find_entries(cli, &of, error);
	if (m->entries == NULL)
		return FALSE;
	m->events = pl_event_of(cli->ledger, id, 0, 0, 0, error);
	return m->events != NULL;
}

static void
print_mail(const struct pl_page *page, const struct mail *m)
{
	pl_show_message(page, m->message);
	for (unsigned i = 0; i < m->documents->len; i++)
		pl_show_document(page, g_ptr_array_index(m->documents, i));
	pl_show_files("Ignored", m->ignored);
	pl_show_problems(m->problems);
	pl_show_entries(page, "Entries", m->entries);
	pl_show_events(page, m->events);
}

static void
print_mail_json(const struct pl_page *page, const struct mail *m)
{
	JsonBuilder *json = pl_json_begin();
	pl_show_message_json(page, json, m->message);
	pl_json_array(json, "documents");
	for (unsigned i = 0; i < m->documents->len; i++) {
		pl_json_object(json, NULL);
		pl_json_document(json, g_ptr_array_index(m->documents, i));
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	pl_json_files(json, "ignored", m->ignored);
	pl_json_array(json, "entries");
	for (unsigned i = 0; i < m->entries->len; i++) {
		const pl_entry *entry = g_ptr_array_index(m->entries, i);
		json_builder_add_int_value(json, entry->id);
	}
	json_builder_end_array(json);
	pl_show_problems_json(json, m->problems);
	pl_show_events_json(page, json, m->events);
	pl_json_end(json);
}

gboolean
pl_show_mail(const struct pl_page *page, gint64 id, GError **error)
{
	g_auto(mail) m = { 0 };
	if (!find_mail(&m, page->cli, id, error))
		return FALSE;
	if (page->cli->json)
		print_mail_json(page, &m);
	else
		print_mail(page, &m);
	return TRUE;
}
