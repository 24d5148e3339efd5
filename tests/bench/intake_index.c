/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake_index - what a run's first step costs: from mail to entries
 *
 * The messages of each folder are captured in a new ledger and indexed there,
 * in paired rounds with GMime alone (parse, decode every part). Counts
 * processor time, the child's too, and prints a line of Markdown per folder:
 * the medians of microseconds a message, of their ratio, and how many syncs
 * there were a message.
 *
 *   intake_index ROUNDS TEMPORARY FOLDER...
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counted.h"
#include "folder.h"
#include "postledger/intake.h"

static void
check(gboolean ok, GError **error)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", *error != NULL ? (*error)->message : "failed");
	exit(1);
}

static pl_config *
read_config(const char *temporary)
{
	g_autofree char *file =
	    g_build_filename(temporary, "postledger.conf", NULL);
	GError *e = NULL;

	check(g_file_set_contents(file,
		  "[gateway]\nsender = postledger@gw.example\n"
		  "[journal sales]\naddress = sales@compta.example\n"
		  "deliver_to = sales@out.example\n",
		  -1, &e),
	    &e);
	pl_config *config = pl_config_read(file, &e);
	check(config != NULL, &e);
	return config;
}

/* ---- mail -------------------------------------------------------------- */

static struct pl_bytes_id
store(pl_ledger *l, GBytes *bytes)
{
	struct pl_bytes_id id;
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	GError *e = NULL;

	check(pl_bytes_create(l, "milter", g_get_real_time(), &id, &e), &e);
	for (gsize at = 0; at < size; at += PL_CHUNK)
		check(pl_bytes_append(
			  l, &id, data + at, MIN(size - at, PL_CHUNK), &e),
		    &e);
	check(pl_bytes_seal(l, &id, NULL, NULL, &e), &e);
	return id;
}

static void
add(pl_ledger *l, const struct pl_bytes_id *id, GBytes *bytes, guint number)
{
	g_autoptr(pl_message) m = pl_message_new();
	GError *e = NULL;

	m->bytes = *id;
	m->arrived = g_get_real_time();
	m->origin = g_strdup("milter");
	m->queue_id = g_strdup_printf("4X%08x", number);
	m->sender = g_strdup("<erp@shop.example>");
	m->client_addr = g_strdup("192.0.2.7");
	m->message_id = g_strdup_printf("<%u@shop.example>", number);
	m->header_sha256 = g_strnfill(64, 'a');
	m->body_sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
	g_ptr_array_add(m->recipients, g_strdup("<sales@compta.example>"));
	check(pl_message_add(l, m, "sales", &e), &e);
}

static pl_ledger *
new_ledger(const char *temporary, const struct folder *f)
{
	static unsigned ledgers;
	g_autofree char *url =
	    g_strdup_printf("sqlite:%s/%u/ledger.db", temporary, ledgers++);
	const guint n = f->messages->len;
	g_autofree struct pl_bytes_id *ids = g_new(struct pl_bytes_id, n);
	GError *e = NULL;
	pl_ledger *l = pl_ledger_open(url, NULL, PL_LEDGER_WRITE, &e);

	check(l != NULL, &e);
	for (guint i = 0; i < n; i++)
		ids[i] = store(l, f->messages->pdata[i]);
	check(pl_bytes_sync(l, &e), &e);
	check(pl_ledger_begin(l, &e), &e);
	for (guint i = 0; i < n; i++)
		add(l, &ids[i], f->messages->pdata[i], i);
	check(pl_ledger_commit(l, &e), &e);
	return l;
}

/* ---- what is measured -------------------------------------------------- */

static double
time_index(pl_ledger *l, const pl_config *config, pl_reader *reader)
{
	const double start = used_by_all();
	struct pl_indexed done = { 0 };
	GError *e = NULL;

	check(pl_intake_index(l, config, reader, &done, NULL, NULL, &e), &e);
	return used_by_all() - start;
}

static void
measure(const char *temporary, const char *path, unsigned rounds,
    const pl_config *config)
{
	g_autofree double *numbers = g_new(double, 3 * rounds);
	double *alone = numbers, *index = alone + rounds,
	       *ratio = index + rounds;
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);
	struct folder f;

	folder_read(path, &f);
	const guint n = f.messages->len;
	syncs = 0;
	for (unsigned k = 0; k < rounds && n > 0; k++) {
		pl_ledger *l = new_ledger(temporary, &f);
		const unsigned before = syncs;
		alone[k] = time_gmime(&f, 1) / n * 1e6;
		index[k] = time_index(l, config, reader) / n * 1e6;
		ratio[k] = alone[k] / index[k];
		syncs = syncs - before;
		pl_ledger_close(l);
	}
	if (n > 0)
		printf("| %s | %.1f | %.0f | %.0f | %.2f | %.2f |\n", f.name,
		    (double)f.bytes / 1e3 / n, median(alone, rounds),
		    median(index, rounds), median(ratio, rounds),
		    (double)syncs / n);
	fflush(stdout);
	folder_clear(&f);
}

int
main(int argc, char **argv)
{
	const int rounds = argc > 1 ? atoi(argv[1]) : 0;

	if (argc < 4 || rounds < 1) {
		fprintf(
		    stderr, "usage: %s ROUNDS TEMPORARY FOLDER...\n", argv[0]);
		return 64;
	}
	g_autoptr(pl_config) config = read_config(argv[2]);
	stay_on_this_core();
	g_mime_init();
	puts("| messages | KB | GMime us | index us | ratio | syncs |\n"
	     "| --- | --- | --- | --- | --- | --- |");
	for (int i = 3; i < argc; i++)
		measure(argv[2], argv[i], (unsigned)rounds, config);
	return 0;
}
