/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json - one object a line, as the contract of --json names its members
 *
 * What is not known is absent: a NULL or empty string, a time or number 0
 * leaves its member out (pl_json_count() writes zeros).
 */
#ifndef POSTLEDGER_CLI_JSON_H
#define POSTLEDGER_CLI_JSON_H

#include <json-glib/json-glib.h>

#include "postledger/ledger.h"
#include "postledger/run.h"

/* A builder with its object begun. */
JsonBuilder *pl_json_begin(void);
/* Ends the object, prints it as one line, frees the builder. */
void pl_json_end(JsonBuilder *json);

void pl_json_string(JsonBuilder *json, const char *name, const char *value);
void pl_json_number(JsonBuilder *json, const char *name, gint64 value);
void pl_json_count(JsonBuilder *json, const char *name, guint64 value);
void pl_json_true(JsonBuilder *json, const char *name, gboolean value);
/* RFC 3339 with the zone's offset. */
void pl_json_time(
    JsonBuilder *json, const char *name, gint64 at, GTimeZone *zone);
void pl_json_object(JsonBuilder *json, const char *name);
void pl_json_array(JsonBuilder *json, const char *name);

/* An array of the lines of a statement (struct pl_line), kept until the end:
 * {"date", "amount", "counterparty_account", "counterparty_name",
 * "communication"}. */
void pl_json_lines(JsonBuilder *json, const char *name, GPtrArray *lines);

/* The members of a document, as `inspect` has them, and its number in the
 * ledger where it has one. */
void pl_json_document(JsonBuilder *json, const pl_document *document);
/* The members of files: {"filename", "media_type", "format", "size",
 * "sha256", "reason"}. */
void pl_json_files(JsonBuilder *json, const char *name, const GPtrArray *files);
/* The members of an entry, without document, message and batch. DECISION may
 * be NULL: the entry does not wait. */
void pl_json_entry(JsonBuilder *json, const pl_entry *entry,
    const struct pl_decision *decision, GTimeZone *zone);
/* "message": what an entry knows of its message. */
void pl_json_message_of(
    JsonBuilder *json, const pl_entry *entry, GTimeZone *zone);

#endif
