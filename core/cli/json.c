/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json - one object a line, as the contract of --json names its members
 */
#include "json.h"

#include <stdio.h>

#include "cli.h"

JsonBuilder *
pl_json_begin(void)
{
	JsonBuilder *json = json_builder_new();
	json_builder_begin_object(json);
	return json;
}

/* Characters that some terminals obey, and those that turn text around: they
 * can only stand inside of strings, where an escape means the same. */
static gboolean
to_escape(gunichar c)
{
	return (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static void
print_line(const char *text)
{
	g_autoptr(GString) line = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (to_escape(c))
			g_string_append_printf(line, "\\u%04x", c);
		else
			g_string_append_len(line, p, g_utf8_next_char(p) - p);
	}
	g_string_append_c(line, '\n');
	fputs(line->str, stdout);
}

void
pl_json_end(JsonBuilder *json)
{
	json_builder_end_object(json);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	g_autofree char *text = json_to_string(root, FALSE);
	print_line(text);
	g_object_unref(json);
}

void
pl_json_string(JsonBuilder *json, const char *name, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	json_builder_set_member_name(json, name);
	json_builder_add_string_value(json, valid);
}

void
pl_json_count(JsonBuilder *json, const char *name, guint64 value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_int_value(json, (gint64)value);
}

void
pl_json_number(JsonBuilder *json, const char *name, gint64 value)
{
	if (value != 0)
		pl_json_count(json, name, (guint64)value);
}

void
pl_json_true(JsonBuilder *json, const char *name, gboolean value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_boolean_value(json, value);
}

void
pl_json_time(JsonBuilder *json, const char *name, gint64 at, GTimeZone *zone)
{
	if (at == 0)
		return;
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);
	if (utc == NULL)
		return;
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
	g_autofree char *text =
	    g_date_time_format(local, "%Y-%m-%dT%H:%M:%S%:z");
	pl_json_string(json, name, text);
}

void
pl_json_object(JsonBuilder *json, const char *name)
{
	if (name != NULL)
		json_builder_set_member_name(json, name);
	json_builder_begin_object(json);
}

void
pl_json_array(JsonBuilder *json, const char *name)
{
	json_builder_set_member_name(json, name);
	json_builder_begin_array(json);
}

static void
add_party(
    JsonBuilder *json, const char *name, const char *id, const char *called)
{
	if (id == NULL && called == NULL)
		return;
	pl_json_object(json, name);
	pl_json_string(json, "id", id);
	pl_json_string(json, "name", called);
	json_builder_end_object(json);
}

void
pl_json_files(JsonBuilder *json, const char *name, const GPtrArray *files)
{
	pl_json_array(json, name);
	for (unsigned i = 0; files != NULL && i < files->len; i++) {
		const struct pl_file *file = g_ptr_array_index(files, i);
		pl_json_object(json, NULL);
		pl_json_string(json, "filename", file->filename);
		pl_json_string(json, "media_type", file->media_type);
		pl_json_string(json, "format", file->format);
		pl_json_count(json, "size", file->size);
		pl_json_string(json, "sha256", file->sha256);
		pl_json_string(json, "reason", file->reason);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
}

static void
add_statement(JsonBuilder *json, const pl_document *document)
{
	pl_json_string(json, "account", document->account);
	pl_json_string(json, "sequence", document->sequence);
	pl_json_string(json, "opening_balance", document->opening_balance);
	pl_json_string(json, "closing_balance", document->closing_balance);
	pl_json_string(json, "currency", document->currency);
	pl_json_string(json, "from", document->from);
	pl_json_string(json, "to", document->to);
	pl_json_count(json, "lines", document->lines);
}

static void
add_invoice(JsonBuilder *json, const pl_document *document)
{
	add_party(json, "seller", document->seller_id, document->seller_name);
	add_party(json, "buyer", document->buyer_id, document->buyer_name);
	pl_json_string(json, "currency", document->currency);
	pl_json_string(json, "total", document->total);
}

void
pl_json_document(JsonBuilder *json, const pl_document *document)
{
	pl_json_number(json, "id", document->id);
	pl_json_string(json, "kind", pl_kind_name(document->kind));
	pl_json_string(json, "number", document->number);
	pl_json_string(json, "date", document->date);
	if (document->kind == PL_KIND_STATEMENT)
		add_statement(json, document);
	else
		add_invoice(json, document);
	pl_json_string(json, "payment_reference", document->payment_reference);
	pl_json_files(json, "files", document->files);
}

void
pl_json_entry(JsonBuilder *json, const pl_entry *entry,
    const struct pl_decision *decision, GTimeZone *zone)
{
	pl_json_number(json, "id", entry->id);
	pl_json_string(json, "journal", entry->journal);
	pl_json_string(json, "state", pl_state_name(entry->state));
	if (decision != NULL && decision->reason != PL_REASON_NONE)
		pl_json_string(
		    json, "reason", pl_reason_name(decision->reason));
	if (decision != NULL)
		pl_json_time(json, "until", decision->until, zone);
	pl_json_string(json, "code", entry->code);
	pl_json_string(json, "note", entry->note);
	pl_json_number(json, "original", entry->original);
	if (entry->released)
		pl_json_true(json, "released", TRUE);
	pl_json_time(json, "changed", entry->changed, zone);
}

void
pl_json_message_of(JsonBuilder *json, const pl_entry *entry, GTimeZone *zone)
{
	pl_json_object(json, "message");
	pl_json_number(json, "id", entry->message);
	pl_json_time(json, "arrived", entry->arrived, zone);
	pl_json_string(json, "message_id", entry->message_id);
	pl_json_string(json, "date", entry->msg_date);
	pl_json_string(json, "sender", entry->sender);
	pl_json_string(json, "from", entry->from);
	pl_json_string(json, "subject", entry->subject);
	pl_json_string(json, "client_addr", entry->client_addr);
	pl_json_string(json, "auth_user", entry->auth_user);
	json_builder_end_object(json);
}
