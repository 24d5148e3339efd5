/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show - the parts of a page about an entry, a message or a batch
 */
#ifndef POSTLEDGER_CLI_SHOW_H
#define POSTLEDGER_CLI_SHOW_H

#include "cli.h"
#include "json.h"

/* What one page is made of; NULL members are not there. */
struct pl_page {
	struct pl_cli *cli;
	GTimeZone *zone;
	gboolean full; /* a page of its own about the message: all of it */
	unsigned nth, of; /* documents that have no number yet */
	const char *no_lines; /* why the lines of a statement are not there */
};

void pl_show_document(const struct pl_page *page, const pl_document *document);
/* The facts of a statement, and its lines as far as they were read. */
void pl_show_statement(
    const struct pl_page *page, const pl_document *document);
void pl_show_lines(const pl_document *document);
/* Reads these from the stored message. Why there are none, in words for behind
 * their number, or NULL; g_free(). */
char *pl_show_read_lines(struct pl_cli *cli, pl_document *document);
void pl_show_files(const char *title, const GPtrArray *files);
void pl_show_message(const struct pl_page *page, const pl_message *message);
void pl_show_batch(const struct pl_page *page, const pl_batch *batch);
/* What a code (may be NULL) means, and what to do. */
void pl_show_code(const char *code);
/* One of them, of FILENAME (may be NULL); TODO: with what to do. */
void pl_show_problem(const char *code, const char *filename, const char *text,
    gboolean todo);
void pl_show_problems(const GPtrArray *problems);
void pl_show_events(const struct pl_page *page, const GPtrArray *events);
/* "14  sales  sent", a line each, of an array of pl_entry. */
void pl_show_entries(
    const struct pl_page *page, const char *title, const GPtrArray *entries);

void pl_show_message_json(
    const struct pl_page *page, JsonBuilder *json, const pl_message *message);
void pl_show_batch_json(
    const struct pl_page *page, JsonBuilder *json, const pl_batch *batch);
void pl_show_problems_json(JsonBuilder *json, const GPtrArray *problems);
void pl_show_events_json(
    const struct pl_page *page, JsonBuilder *json, const GPtrArray *events);

/* The page of a message with all that was found in it. */
gboolean pl_show_mail(const struct pl_page *page, gint64 id, GError **error);

/* struct pl_written of a batch that goes into folders; NULL: none. */
GPtrArray *pl_show_written(const struct pl_page *page, const pl_batch *batch);
/* Entries that FILTER lets through, copied. */
GPtrArray *pl_show_find_entries(
    struct pl_cli *cli, const struct pl_entry_filter *filter, GError **error);

#endif
