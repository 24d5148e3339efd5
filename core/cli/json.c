/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json - one object a line, as the contract of --json names its members
 *
 * The object is built as a tree and printed from it, but for the lines of
 * statements: of these there may be a hundred thousand, and the tree holds only
 * something that stands for them.
 */
#include "json.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "postledger/formats.h"
#include "postledger/report.h"

JsonBuilder *
pl_json_begin(void)
{
	JsonBuilder *json = json_builder_new();
	json_builder_begin_object(json);
	return json;
}

/* ---- printing ------------------------------------------------------------ */

#define PIECE 65536 /* of a line, before it goes out */

static void
pass_on(GString *text, gsize keep)
{
	if (text->len <= keep)
		return;
	fwrite(text->str, 1, text->len, stdout);
	g_string_truncate(text, 0);
}

/* Characters that some terminals obey, those that turn text around or are not
 * seen, and what some readers take for the end of a line: they can only stand
 * inside of strings, where an escape means the same. */
static gboolean
to_escape(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return TRUE;
	default:
		return FALSE;
	}
}

static void
put_escape(GString *text, gunichar c)
{
	if (c > 0xffff)
		g_string_append_printf(text, "\\u%04x\\u%04x",
		    0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
	else
		g_string_append_printf(text, "\\u%04x", c);
}

static gboolean
is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* VALUE is UTF-8. */
static void
put_string(GString *text, const char *value)
{
	static const char named[] = "\"\\\b\f\n\r\t", after[] = "\"\\bfnrt";

	g_string_append_c(text, '"');
	for (const char *p = value, *from = value; *from != '\0'; from = p) {
		while (is_plain(*p))
			p++;
		g_string_append_len(text, from, p - from);
		if (*p == '\0')
			break;
		gunichar c = g_utf8_get_char(p);
		const char *found = strchr(named, *p);
		if (found != NULL)
			g_string_append_printf(
			    text, "\\%c", after[found - named]);
		else if (to_escape(c))
			put_escape(text, c);
		else
			g_string_append_len(text, p, g_utf8_next_char(p) - p);
		p = g_utf8_next_char(p);
	}
	g_string_append_c(text, '"');
}

/* A member of a line, unless it is absent. */
static void
put_member(GString *text, const char *name, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	g_string_append_printf(text, "%s\"%s\":",
	    text->str[text->len - 1] == '{' ? "" : ",", name);
	put_string(text, valid);
}

static void
put_lines(GString *text, const GPtrArray *lines)
{
	g_string_append_c(text, '[');
	for (unsigned i = 0; i < lines->len; i++) {
		const struct pl_line *l = g_ptr_array_index(lines, i);
		g_string_append(text, i == 0 ? "{" : ",{");
		put_member(text, "date", l->date);
		put_member(text, "amount", l->amount);
		put_member(
		    text, "counterparty_account", l->counterparty_account);
		put_member(text, "counterparty_name", l->counterparty_name);
		put_member(text, "communication", l->communication);
		put_member(text, "payment_reference", l->payment_reference);
		if (l->unbooked)
			put_member(text, "status", "announced");
		g_string_append_c(text, '}');
		pass_on(text, PIECE);
	}
	g_string_append_c(text, ']');
}

static void put_node(GString *text, JsonNode *node, GHashTable *lists);

static void
put_object(GString *text, JsonObject *object, GHashTable *lists)
{
	JsonObjectIter at;
	const char *name, *comma = "";
	JsonNode *node;

	g_string_append_c(text, '{');
	json_object_iter_init_ordered(&at, object);
	while (json_object_iter_next_ordered(&at, &name, &node)) {
		g_string_append(text, comma);
		put_string(text, name);
		g_string_append_c(text, ':');
		put_node(text, node, lists);
		comma = ",";
	}
	g_string_append_c(text, '}');
}

static void
put_array(GString *text, JsonArray *array, GHashTable *lists)
{
	g_string_append_c(text, '[');
	for (unsigned i = 0; i < json_array_get_length(array); i++) {
		if (i > 0)
			g_string_append_c(text, ',');
		put_node(text, json_array_get_element(array, i), lists);
	}
	g_string_append_c(text, ']');
}

static void
put_value(GString *text, JsonNode *node)
{
	if (json_node_get_value_type(node) == G_TYPE_STRING) {
		put_string(text, json_node_get_string(node));
		return;
	}
	g_autofree char *value = json_to_string(node, FALSE);
	g_string_append(text, value);
}

static void
put_node(GString *text, JsonNode *node, GHashTable *lists)
{
	if (JSON_NODE_HOLDS_ARRAY(node)) {
		put_array(text, json_node_get_array(node), lists);
	} else if (JSON_NODE_HOLDS_OBJECT(node)) {
		JsonObject *object = json_node_get_object(node);
		const GPtrArray *lines =
		    lists != NULL ? g_hash_table_lookup(lists, object) : NULL;
		if (lines != NULL)
			put_lines(text, lines);
		else
			put_object(text, object, lists);
	} else {
		put_value(text, node);
	}
	pass_on(text, PIECE);
}

#define LISTS "lines" /* JsonObject that stands for a list ▸ GPtrArray */

void
pl_json_end(JsonBuilder *json)
{
	json_builder_end_object(json);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	g_autoptr(GString) text = g_string_new(NULL);
	put_node(text, root, g_object_get_data(G_OBJECT(json), LISTS));
	g_string_append_c(text, '\n');
	pass_on(text, 0);
	g_object_unref(json);
}

/* ---- building ------------------------------------------------------------ */

void
pl_json_lines(JsonBuilder *json, const char *name, GPtrArray *lines)
{
	GHashTable *lists = g_object_get_data(G_OBJECT(json), LISTS);
	JsonObject *stand_in = json_object_new();
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	if (lists == NULL) {
		lists = g_hash_table_new_full(g_direct_hash, g_direct_equal,
		    NULL, (GDestroyNotify)g_ptr_array_unref);
		g_object_set_data_full(G_OBJECT(json), LISTS, lists,
		    (GDestroyNotify)g_hash_table_unref);
	}
	g_hash_table_insert(lists, stand_in, g_ptr_array_ref(lines));
	json_node_take_object(node, stand_in);
	json_builder_set_member_name(json, name);
	json_builder_add_value(json, node);
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
	g_autofree char *text = pl_text_time(at, zone, "%Y-%m-%dT%H:%M:%S%:z");

	if (*text != '\0')
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
	pl_json_string(json, "problem", document->problem);
	if (document->transactions != NULL)
		pl_json_lines(json, "transactions", document->transactions);
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
	/* a gap is the plan's to find, until somebody holds the entry */
	gboolean gap = entry->code == NULL && decision != NULL;
	pl_json_string(json, "code", gap ? decision->code : entry->code);
	pl_json_string(json, "note",
	    gap && decision->note != NULL ? decision->note : entry->note);
	if (decision != NULL)
		pl_json_number(json, "behind", decision->behind);
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
