/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_capture - how fast messages become durable
 *
 * One writer, groups of messages as the daemon stores them: bytes, sync, facts,
 * commit. Prints a line of Markdown per group size: messages a second, syncs a
 * message, bytes written to files per byte of payload.
 *
 *   ledger_capture FOLDER [SIZE [SECONDS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counted.h"
#include "postledger/ledger.h"

static guint64
written(void)
{
	char line[128];
	guint64 n = 0;
	FILE *io = fopen("/proc/self/io", "r");

	while (io != NULL && fgets(line, sizeof(line), io) != NULL)
		if (strncmp(line, "wchar:", 6) == 0)
			n = g_ascii_strtoull(line + 6, NULL, 10);
	if (io != NULL)
		fclose(io);
	return n;
}

static void
check(gboolean ok, GError *error)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", error != NULL ? error->message : "failed");
	exit(1);
}

static void
store(pl_ledger *l, const char *bytes, gsize size, pl_message *m)
{
	GError *e = NULL;

	check(pl_bytes_create(l, "milter", m->arrived, &m->bytes, &e), e);
	for (gsize at = 0; at < size; at += PL_CHUNK)
		check(pl_bytes_append(l, &m->bytes, bytes + at,
			  MIN(size - at, PL_CHUNK), &e),
		    e);
	check(pl_bytes_seal(l, &m->bytes, m, "sales", &e), e);
}

static pl_message *
make(guint64 number)
{
	pl_message *m = pl_message_new();

	m->arrived = g_get_real_time();
	m->origin = g_strdup("milter");
	m->queue_id = g_strdup_printf("4X%08" G_GINT64_MODIFIER "x", number);
	m->sender = g_strdup("<erp@shop.example>");
	m->client_addr = g_strdup("192.0.2.7");
	m->message_id =
	    g_strdup_printf("<%" G_GUINT64_FORMAT "@shop.example>", number);
	m->header_sha256 = g_strnfill(64, 'a');
	m->body_sha256 = g_strnfill(64, 'b');
	g_ptr_array_add(m->recipients, g_strdup("<sales@compta.example>"));
	return m;
}

static void
group(pl_ledger *l, const char *bytes, gsize size, unsigned n, guint64 first)
{
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_message_free);
	GError *e = NULL;

	for (unsigned i = 0; i < n; i++) {
		g_ptr_array_add(all, make(first + i));
		store(l, bytes, size, all->pdata[i]);
	}
	pl_bytes_start(l);
	check(pl_ledger_begin_told(l, &e), e);
	for (unsigned i = 0; i < n; i++)
		check(pl_message_add(l, all->pdata[i], "sales", &e), e);
	check(pl_bytes_sync(l, &e), e);
	check(pl_bytes_note(l, &e) && pl_ledger_commit(l, &e), e);
}

static void
measure(const char *folder, unsigned n, gsize size, double seconds)
{
	g_autofree char *url =
	    g_strdup_printf("sqlite:%s/%u/ledger.db", folder, n);
	g_autofree char *bytes = g_malloc(size);
	GError *e = NULL;
	pl_ledger *l = pl_ledger_open(url, NULL, PL_LEDGER_WRITE, &e);
	guint64 done = 0, before;
	gint64 begun, slowest = 0;
	double took;

	check(l != NULL, e);
	for (gsize i = 0; i < size; i++)
		bytes[i] = (char)g_random_int();
	group(l, bytes, size, n, 0);
	syncs = 0;
	before = written();
	begun = g_get_monotonic_time();
	do {
		gint64 start = g_get_monotonic_time();

		done += n;
		group(l, bytes, size, n, done);
		slowest = MAX(slowest, g_get_monotonic_time() - start);
		took = (double)(g_get_monotonic_time() - begun) / 1e6;
	} while (took < seconds);
	printf("| %u | %.0f | %.2f | %.2f | %.1f |\n", n, (double)done / took,
	    (double)syncs / (double)done,
	    (double)(written() - before) / ((double)done * (double)size),
	    (double)slowest / 1000);
	pl_ledger_close(l);
}

int
main(int argc, char **argv)
{
	const unsigned groups[] = { 1, 8, 32 };
	gsize size = argc > 2 ? strtoul(argv[2], NULL, 10) : 150000;
	double seconds = argc > 3 ? strtod(argv[3], NULL) : 5;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FOLDER [SIZE [SECONDS]]\n", argv[0]);
		return 64;
	}
	puts("| group | messages/s | syncs a message | written per byte | "
	     "slowest ms |\n| --- | --- | --- | --- | --- |");
	for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++)
		measure(argv[1], groups[i], size, seconds);
	return 0;
}
