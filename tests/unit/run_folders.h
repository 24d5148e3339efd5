/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_folders - a gateway whose journal delivers into a folder, and a program
 * that takes the files away from there
 */
#ifndef RUN_FOLDERS_H
#define RUN_FOLDERS_H

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "run_sales.h"

struct folders {
	struct gateway *g;
	char *in, *taken; /* where files go, and what was taken away from it */
	unsigned n;       /* taken so far */
};

static inline void
rules(struct folders *f, const char *below, const char *more)
{
	g_autofree char *journal =
	    g_strdup_printf("[journal sales]\naddress = sales@in.example\n"
			    "deliver_to = dir:%s%s\n%s",
		f->in, below, more);

	gateway_rules(f->g, TEAM, journal);
}

static inline struct folders *
folders_new(const struct smtpd_rule *answers, unsigned n)
{
	struct folders *f = g_new0(struct folders, 1);

	f->g = gateway_new(answers, n);
	f->in = g_build_filename(f->g->f->folder, "in", NULL);
	f->taken = g_build_filename(f->g->f->folder, "taken", NULL);
	g_mkdir(f->in, 0750);
	g_mkdir(f->taken, 0750);
	rules(f, "", "");
	return f;
}

static inline void
folders_free(struct folders *f)
{
	gateway_free(f->g);
	g_free(f->in);
	g_free(f->taken);
	g_free(f);
}

/* The paths of all files in FOLDER, sorted, below "what begins with a dot". */
static inline void
list(const char *folder, const char *below, GPtrArray *names)
{
	g_autofree char *path = g_build_filename(folder, below, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *each =
		    *below != '\0' ? g_build_filename(below, name, NULL)
				   : g_strdup(name);
		g_autofree char *full = g_build_filename(folder, each, NULL);

		if (*name == '.')
			continue;
		if (g_file_test(full, G_FILE_TEST_IS_DIR))
			list(folder, each, names);
		else
			g_ptr_array_add(names, g_steal_pointer(&each));
	}
}

static inline int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline char *
listed(const char *folder)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	list(folder, "", names);
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	return g_strjoinv(" ", (char **)names->pdata);
}

static inline void
assert_in(const struct folders *f, const char *names)
{
	g_autofree char *is = listed(f->in);

	assert_string_equal(is, names);
}

/* Nothing is left where files waited. */
static inline void
assert_tidy(const struct folders *f)
{
	g_autofree char *work =
	    g_build_filename(f->in, PL_FOLDER_WORKPLACE, NULL);
	g_autofree char *rest = listed(work);

	assert_string_equal(rest, "");
}

/* The reading program: takes all away, and remembers it. */
static inline void
take_away(struct folders *f)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	list(f->in, "", names);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *from =
		    g_build_filename(f->in, names->pdata[i], NULL);
		g_autofree char *base = g_path_get_basename(from);
		g_autofree char *name = g_strdup_printf("%u-%s", f->n++, base);
		g_autofree char *to = g_build_filename(f->taken, name, NULL);
		g_autofree char *bytes = NULL;
		gsize n;

		/* as between two file systems: nothing of the inode is kept */
		assert_true(g_file_get_contents(from, &bytes, &n, NULL));
		assert_true(g_file_set_contents(to, bytes, (gssize)n, NULL));
		assert_int_equal(g_unlink(from), 0);
	}
}

#endif
