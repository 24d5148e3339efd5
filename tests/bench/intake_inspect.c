/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake_inspect - what inspecting costs beside parsing and decoding alone
 *
 * The same messages, in paired rounds: GMime alone (parse, decode every part),
 * inspect in this process, and inspect by the child with requests under way.
 * Counts processor time, the child's too, and prints a line of Markdown per
 * round: MB/s of each, and their ratios to GMime.
 *
 *   intake_inspect ROUNDS FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "reader.h"

#define REPEAT 20 /* messages are few; the child starts once */

static double
used(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- GMime alone --------------------------------------------------------------- */

static void
decode(GMimeObject *parent, GMimeObject *object, gpointer user)
{
	(void)parent;
	(void)user;
	if (!GMIME_IS_PART(object))
		return;
	GMimeDataWrapper *content =
	    g_mime_part_get_content((GMimePart *)object);
	if (content == NULL)
		return;
	g_autoptr(GMimeStream) memory = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, memory);
}

static void
gmime_alone(GBytes *bytes)
{
	gsize n;
	const char *data = g_bytes_get_data(bytes, &n);
	g_autoptr(GMimeStream) stream =
	    g_mime_stream_mem_new_with_buffer(data, n);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	g_autoptr(GMimeMessage) message =
	    g_mime_parser_construct_message(parser, NULL);

	if (message != NULL)
		g_mime_message_foreach(message, decode, NULL);
}

static double
time_gmime(const GPtrArray *messages)
{
	const double start = used(RUSAGE_SELF);

	for (int k = 0; k < REPEAT; k++)
		for (guint i = 0; i < messages->len; i++)
			gmime_alone(messages->pdata[i]);
	return used(RUSAGE_SELF) - start;
}

/* ---- inspect ---------------------------------------------------------------------- */

static double
time_here(const GPtrArray *messages)
{
	const double start = used(RUSAGE_SELF);

	for (int k = 0; k < REPEAT; k++)
		for (guint i = 0; i < messages->len; i++) {
			const struct pl_source source =
			    pl_source_memory(messages->pdata[i]);
			pl_findings_free(pl_inspect(
			    &pl_limits_default, &source, NULL, NULL));
		}
	return used(RUSAGE_SELF) - start;
}

static double
time_child(const GPtrArray *messages)
{
	const double start = used(RUSAGE_SELF) + used(RUSAGE_CHILDREN);
	pl_reader *reader = pl_reader_new(NULL);

	for (int k = 0; k < REPEAT; k++) {
		guint done = 0;
		for (guint i = 0; i < messages->len; i++) {
			const struct pl_source source =
			    pl_source_memory(messages->pdata[i]);
			if (i - done == PL_SLOTS) {
				pl_findings_free(
				    pl_reader_finish(reader, NULL));
				done++;
			}
			pl_reader_begin(reader, &source, NULL);
		}
		for (; done < messages->len; done++)
			pl_findings_free(pl_reader_finish(reader, NULL));
	}
	pl_reader_free(reader);
	return used(RUSAGE_SELF) + used(RUSAGE_CHILDREN) - start;
}

int
main(int argc, char **argv)
{
	g_autoptr(GPtrArray) messages =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	double mb = 0;

	for (int i = 2; i < argc; i++) {
		char *text;
		gsize n;
		if (!g_file_get_contents(argv[i], &text, &n, NULL))
			continue;
		g_ptr_array_add(messages, g_bytes_new_take(text, n));
		mb += (double)n * REPEAT / 1e6;
	}
	if (messages->len == 0) {
		fprintf(stderr, "usage: intake_inspect ROUNDS FILE...\n");
		return 64;
	}
	pl_child_warm();
	printf("| %u messages | GMime MB/s | here | ratio | child | ratio |\n"
	       "| --- | --- | --- | --- | --- | --- |\n",
	    messages->len);
	for (int k = 0; k < atoi(argv[1]); k++) {
		const double alone = time_gmime(messages);
		const double here = time_here(messages);
		const double child = time_child(messages);
		printf("| round %d | %.0f | %.0f | %.2f | %.0f | %.2f |\n",
		    k + 1, mb / alone, mb / here, alone / here, mb / child,
		    alone / child);
	}
	return 0;
}
