/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_json - the members that `show --json` adds to an entry
 */
#include "show.h"

void
pl_show_message_json(
    const struct pl_page *page, JsonBuilder *json, const pl_message *m)
{
	pl_json_object(json, "message");
	pl_json_number(json, "id", m->id);
	pl_json_time(json, "arrived", m->arrived, page->zone);
	pl_json_string(json, "origin", m->origin);
	pl_json_string(json, "message_id", m->message_id);
	pl_json_string(json, "date", m->date);
	pl_json_string(json, "sender", m->sender);
	pl_json_string(json, "from", m->from);
	pl_json_string(json, "subject", m->subject);
	pl_json_string(json, "queue_id", m->queue_id);
	pl_json_string(json, "client_addr", m->client_addr);
	pl_json_string(json, "client_name", m->client_name);
	pl_json_string(json, "helo", m->helo);
	pl_json_string(json, "auth_user", m->auth_user);
	pl_json_string(json, "tls", m->tls);
	pl_json_count(json, "size", m->bytes.size);
	pl_json_time(json, "pruned", m->pruned, page->zone);
	pl_json_string(json, "header_sha256", m->header_sha256);
	pl_json_string(json, "body_sha256", m->body_sha256);
	pl_json_number(json, "same_as", m->same_as);
	pl_json_true(json, "indexed", m->indexed);
	pl_json_array(json, "recipients");
	for (unsigned i = 0; m->recipients && i < m->recipients->len; i++) {
		g_autofree char *valid =
		    g_utf8_make_valid(g_ptr_array_index(m->recipients, i), -1);
		json_builder_add_string_value(json, valid);
	}
	json_builder_end_array(json);
	json_builder_end_object(json);
}

static void
show_written(const struct pl_page *page, JsonBuilder *json, const pl_batch *b)
{
	g_autoptr(GPtrArray) files = pl_show_written(page, b);
	if (files == NULL || files->len == 0)
		return;
	pl_json_array(json, "written");
	for (unsigned i = 0; i < files->len; i++) {
		const struct pl_written *w = g_ptr_array_index(files, i);
		pl_json_object(json, NULL);
		pl_json_string(json, "path", w->path);
		pl_json_number(json, "entry", w->entry);
		pl_json_number(json, "size", (gint64)w->size);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
}

void
pl_show_batch_json(
    const struct pl_page *page, JsonBuilder *json, const pl_batch *b)
{
	pl_json_object(json, "sending");
	pl_json_number(json, "batch", b->id);
	pl_json_number(json, "attempt", b->attempt);
	pl_json_string(json, "state", pl_batch_state_name(b->state));
	pl_json_number(json, "run", b->run);
	pl_json_number(json, "report", b->report);
	pl_json_string(json, "journal", b->journal);
	pl_json_string(json, "message_id", b->message_id);
	pl_json_string(json, "deliver_to", b->deliver_to);
	pl_json_string(json, "zip", b->zip_name);
	pl_json_count(json, "documents", b->documents);
	pl_json_number(json, "size", (gint64)b->size);
	pl_json_string(json, "queue_id", b->queue_id);
	pl_json_string(json, "mta_id", b->mta_id);
	pl_json_string(json, "reply", b->reply);
	show_written(page, json, b);
	pl_json_time(json, "created", b->created, page->zone);
	pl_json_time(json, "finished", b->finished, page->zone);
	if (b->maybe_twice)
		pl_json_true(json, "maybe_twice", TRUE);
	json_builder_end_object(json);
}

void
pl_show_problems_json(JsonBuilder *json, const GPtrArray *problems)
{
	pl_json_array(json, "problems");
	for (unsigned i = 0; i < problems->len; i++) {
		const struct pl_problem *p = g_ptr_array_index(problems, i);
		pl_json_object(json, NULL);
		pl_json_string(json, "code", p->code);
		pl_json_string(json, "filename", p->filename);
		pl_json_string(json, "text", p->text);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
}

void
pl_show_events_json(
    const struct pl_page *page, JsonBuilder *json, const GPtrArray *events)
{
	pl_json_array(json, "events");
	for (unsigned i = 0; i < events->len; i++) {
		const struct pl_event *e = g_ptr_array_index(events, i);
		pl_json_object(json, NULL);
		pl_json_number(json, "id", e->id);
		pl_json_time(json, "at", e->at, page->zone);
		pl_json_string(json, "what", e->what);
		pl_json_string(json, "who", e->who);
		pl_json_string(json, "reason", e->reason);
		pl_json_string(json, "journal", e->journal);
		pl_json_number(json, "batch", e->batch);
		pl_json_number(json, "run", e->run);
		pl_json_string(json, "detail", e->detail);
		pl_json_string(json, "hash", e->hash);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
}
