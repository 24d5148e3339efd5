/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake_inspect - what inspecting costs beside parsing and decoding alone
 *
 * The messages of each folder, in paired rounds: GMime alone (parse, decode
 * every part), inspect in this process, and inspect by the child with requests
 * under way. Counts processor time, the child's too, and prints a line of
 * Markdown per folder: the medians of microseconds a message, and of the
 * ratios to GMime (1: as fast).
 *
 *   intake_inspect ROUNDS FOLDER...
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "gmime_alone.h"
#include "reader.h"

#define ROUND_BYTES (8u << 20) /* messages are few; the child starts once */
#define ROUND_MOST 40          /* times all of them */

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Sorts the N numbers. */
static double
median(double *numbers, unsigned n)
{
	qsort(numbers, n, sizeof *numbers, compare);
	return numbers[n / 2];
}

static double
used(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

struct folder {
	GPtrArray *messages; /* GBytes */
	unsigned repeat;
};

static double
time_gmime(const struct folder *f)
{
	const double start = used(RUSAGE_SELF);

	for (unsigned k = 0; k < f->repeat; k++)
		for (guint i = 0; i < f->messages->len; i++)
			gmime_alone(f->messages->pdata[i]);
	return used(RUSAGE_SELF) - start;
}

/* ---- inspect ---------------------------------------------------------------------- */

static double
time_here(const struct folder *f)
{
	const double start = used(RUSAGE_SELF);

	for (unsigned k = 0; k < f->repeat; k++)
		for (guint i = 0; i < f->messages->len; i++) {
			const struct pl_source source =
			    pl_source_memory(f->messages->pdata[i]);
			pl_findings_free(pl_inspect(
			    &pl_limits_default, &source, NULL, NULL));
		}
	return used(RUSAGE_SELF) - start;
}

static double
time_child(const struct folder *f)
{
	const double start = used(RUSAGE_SELF) + used(RUSAGE_CHILDREN);
	pl_reader *reader = pl_reader_new(NULL);
	const guint all = f->repeat * f->messages->len;
	guint done = 0;

	for (guint i = 0; i < all; i++) {
		const struct pl_source source =
		    pl_source_memory(f->messages->pdata[i % f->messages->len]);
		if (i - done == PL_SLOTS) {
			pl_findings_free(pl_reader_finish(reader, NULL));
			done++;
		}
		pl_reader_begin(reader, &source, NULL);
	}
	for (; done < all; done++)
		pl_findings_free(pl_reader_finish(reader, NULL));
	pl_reader_free(reader);
	return used(RUSAGE_SELF) + used(RUSAGE_CHILDREN) - start;
}

/* ---- all of it ---------------------------------------------------------------------- */

static gsize
read_folder(const char *path, struct folder *f)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;
	gsize bytes = 0;

	f->messages =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		char *text;
		gsize n;
		if (!g_file_get_contents(file, &text, &n, NULL))
			continue;
		g_ptr_array_add(f->messages, g_bytes_new_take(text, n));
		bytes += n;
	}
	if (dir != NULL)
		g_dir_close(dir);
	f->repeat = CLAMP(ROUND_BYTES / (bytes + 1), 1, ROUND_MOST);
	return bytes;
}

static void
measure(const char *path, unsigned rounds)
{
	g_autofree double *alone = g_new(double, 5 * rounds);
	double *here = alone + rounds, *child = here + rounds,
	       *here_ratio = child + rounds, *child_ratio = here_ratio + rounds;
	g_autofree char *name = g_path_get_basename(path);
	struct folder f;
	const gsize bytes = read_folder(path, &f);
	const double all = (double)f.repeat * f.messages->len / 1e6;

	for (unsigned k = 0; k < rounds && f.messages->len > 0; k++) {
		alone[k] = time_gmime(&f);
		here[k] = time_here(&f);
		child[k] = time_child(&f);
		here_ratio[k] = alone[k] / here[k];
		child_ratio[k] = alone[k] / child[k];
	}
	if (f.messages->len > 0)
		printf("| %s | %.1f | %.0f | %.0f | %.2f | %.0f | %.2f |\n",
		    name, (double)bytes / 1e3 / f.messages->len,
		    median(alone, rounds) / all, median(here, rounds) / all,
		    median(here_ratio, rounds), median(child, rounds) / all,
		    median(child_ratio, rounds));
	fflush(stdout);
	g_ptr_array_unref(f.messages);
}

int
main(int argc, char **argv)
{
	const int rounds = argc > 1 ? atoi(argv[1]) : 0;

	if (argc < 3 || rounds < 1) {
		fprintf(stderr, "usage: %s ROUNDS FOLDER...\n", argv[0]);
		return 64;
	}
	pl_child_warm();
	puts("| messages | KB | GMime us | here us | ratio | child us | ratio "
	     "|\n| --- | --- | --- | --- | --- | --- | --- |");
	for (int i = 2; i < argc; i++)
		measure(argv[i], (unsigned)rounds);
	return 0;
}
