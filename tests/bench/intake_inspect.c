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

#include "folder.h"
#include "reader.h"

/* Short rounds: what disturbs one, disturbs both that are compared. */
#define ROUND_BYTES (2u << 20)
#define ROUND_MOST 20 /* times all of the messages */

/* ---- inspect ----------------------------------------------------------- */

static double
time_here(const struct folder *f, unsigned times)
{
	const double start = used(RUSAGE_SELF);

	for (unsigned k = 0; k < times; k++)
		for (guint i = 0; i < f->messages->len; i++) {
			const struct pl_source source =
			    pl_source_memory(f->messages->pdata[i]);
			pl_findings_free(pl_inspect(
			    &pl_limits_default, &source, NULL, NULL));
		}
	return used(RUSAGE_SELF) - start;
}

static double
time_child(pl_reader *reader, const struct folder *f, unsigned times)
{
	const double start = used_by_all();
	const guint all = times * f->messages->len;
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
	return used_by_all() - start;
}

/* ---- all of it --------------------------------------------------------- */

static void
measure(pl_reader *reader, const char *path, unsigned rounds)
{
	g_autofree double *numbers = g_new(double, 5 * rounds);
	double *alone = numbers, *here = alone + rounds, *child = here + rounds,
	       *here_ratio = child + rounds, *child_ratio = here_ratio + rounds;
	struct folder f;

	folder_read(path, &f);
	const unsigned n = f.messages->len;
	const unsigned times =
	    (unsigned)CLAMP(ROUND_BYTES / (f.bytes + 1), 1, ROUND_MOST);
	for (unsigned k = 0; k < rounds && n > 0; k++) {
		alone[k] = time_gmime(&f, times) / times / n * 1e6;
		here[k] = time_here(&f, times) / times / n * 1e6;
		child[k] = time_child(reader, &f, times) / times / n * 1e6;
		here_ratio[k] = alone[k] / here[k];
		child_ratio[k] = alone[k] / child[k];
	}
	if (n > 0)
		printf("| %s | %.1f | %.0f | %.0f | %.2f | %.0f | %.2f |\n",
		    f.name, (double)f.bytes / 1e3 / n, median(alone, rounds),
		    median(here, rounds), median(here_ratio, rounds),
		    median(child, rounds), median(child_ratio, rounds));
	fflush(stdout);
	folder_clear(&f);
}

int
main(int argc, char **argv)
{
	const int rounds = argc > 1 ? atoi(argv[1]) : 0;

	if (argc < 3 || rounds < 1) {
		fprintf(stderr, "usage: %s ROUNDS FOLDER...\n", argv[0]);
		return 64;
	}
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);
	stay_on_this_core();
	pl_child_warm();
	puts("| messages | KB | GMime us | here us | ratio | child us | ratio "
	     "|\n| --- | --- | --- | --- | --- | --- | --- |");
	for (int i = 2; i < argc; i++)
		measure(reader, argv[i], (unsigned)rounds);
	return 0;
}
