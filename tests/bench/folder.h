/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder - the messages of a folder, what time they take, and medians
 */
#ifndef POSTLEDGER_BENCH_FOLDER_H
#define POSTLEDGER_BENCH_FOLDER_H

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "gmime_alone.h"

struct folder {
	char *name;
	GPtrArray *messages; /* GBytes */
	gsize bytes;
};

static inline void
folder_read(const char *path, struct folder *f)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	f->name = g_path_get_basename(path);
	f->bytes = 0;
	f->messages =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		char *text;
		gsize n;
		if (!g_file_get_contents(file, &text, &n, NULL))
			continue;
		g_ptr_array_add(f->messages, g_bytes_new_take(text, n));
		f->bytes += n;
	}
	if (dir != NULL)
		g_dir_close(dir);
}

static inline void
folder_clear(struct folder *f)
{
	g_free(f->name);
	g_ptr_array_unref(f->messages);
}

/* Seconds of the processor that this process took, or its dead children. */
static inline double
used(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The same of the children that live: one, if any. */
static inline double
used_by_child(void)
{
	g_autofree char *text = NULL;
	struct timespec t = { 0 };
	clockid_t clock;
	int pid;

	if (!g_file_get_contents(
		"/proc/thread-self/children", &text, NULL, NULL) ||
	    (pid = atoi(text)) == 0 || clock_getcpuclockid(pid, &clock) != 0)
		return 0;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline double
used_by_all(void)
{
	return used(RUSAGE_SELF) + used(RUSAGE_CHILDREN) + used_by_child();
}

/* The same core for all that is compared: the child's work must not hide. */
static inline void
stay_on_this_core(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned)sched_getcpu(), &set);
	sched_setaffinity(0, sizeof set, &set);
}

/* All messages TIMES times by GMime alone, in seconds. */
static inline double
time_gmime(const struct folder *f, unsigned times)
{
	const double start = used(RUSAGE_SELF);

	for (unsigned k = 0; k < times; k++)
		for (guint i = 0; i < f->messages->len; i++)
			gmime_alone(f->messages->pdata[i]);
	return used(RUSAGE_SELF) - start;
}

static inline int
compare_numbers(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Sorts the N numbers. */
static inline double
median(double *numbers, unsigned n)
{
	qsort(numbers, n, sizeof *numbers, compare_numbers);
	return numbers[n / 2];
}

#endif
