/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retention_month - the bytes of one month go
 *
 * A month in which nothing is kept goes as a file, at once. That is safe only
 * when nobody writes into it: a daemon whose clock went back might put a
 * message into a file without a name. Hence the lock that a writer shares and who
 * removes has alone. In a month that keeps something, messages are dropped one
 * by one, and their space is the disk's at once; readers and the writer are not
 * kept waiting.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "retention.h"
#include "store.h"

#define LATER "retention-files"

/* ---- messages of a month ------------------------------------------------ */

/* What a call that died left is without a name, too: only of a month into which
 * nothing comes. */
static gboolean
drop_rows(struct pl_pruning *p, gboolean resumed, GError **error)
{
	gboolean old = pl_store_is_old(p->name);
	struct pl_store *store = pl_store_writer(p->l, p->name, error);
	struct pl_bytes_id id = { .row = 0 };

	if (store == NULL)
		return FALSE;
	g_strlcpy(id.store, p->name, sizeof(id.store));
	/* Nobody comes back for those of these days. */
	while (p->doomed->len > 0 && (!old || pl_pruning_goes_on(p))) {
		id.row = g_array_index(
		    p->doomed, struct pl_doomed, p->doomed->len - 1)
			     .row;
		pl_bytes_drop(p->l, &id);
		g_array_set_size(p->doomed, p->doomed->len - 1);
	}
	/* nor into it by a clock that went back */
	return !old || !resumed || p->doomed->len > 0 ||
	       flock(store->fd, LOCK_EX | LOCK_NB) != 0 ||
	       pl_store_sweep(p->l, store, PL_STORE_HEAD, error);
}

/* ---- a whole month ----------------------------------------------------- */

static gboolean
note_removed(struct pl_pruning *p, guint64 size, GError **error)
{
	g_autofree char *detail =
	    g_strdup_printf("bytes=%s size=%" G_GUINT64_FORMAT, p->name, size);
	struct pl_work work;

	return pl_work_begin(&work, p->l, error) &&
	       pl_work_end(&work,
		   pl_event_note(p->l,
		       &(struct pl_event){
			   .what = (char *)"removed", .detail = detail },
		       error),
		   error);
}

/* Files that somebody had open, to be removed by a later call: their names. */
char **
pl_pruning_later(pl_ledger *l)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_META_GET, V(v_text(LATER)), NULL);
	g_autofree char *text = rows != NULL && pl_rows_next(rows, NULL) > 0
				    ? pl_rows_text(rows, 0)
				    : NULL;

	return g_strsplit(text != NULL ? text : "", " ", -1);
}

static gboolean
put_later(struct pl_pruning *p, gboolean later, GError **error)
{
	g_auto(GStrv) names = pl_pruning_later(p->l);
	g_autoptr(GString) text = g_string_new(later ? p->name : NULL);
	struct pl_work work;

	if (g_strv_contains((const char *const *)names, p->name) == later)
		return TRUE;
	for (unsigned i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], p->name) != 0)
			g_string_append_printf(
			    text, "%s%s", text->len > 0 ? " " : "", names[i]);
	return pl_work_begin(&work, p->l, error) &&
	       pl_work_end(&work,
		   pl_db_do(p->l->db, PL_SQL_META_PUT,
		       V(v_text(LATER), v_text(text->str)), error),
		   error);
}

/* For ourselves as long as the descriptor is open; -1: somebody writes. */
static int
open_alone(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What is noted of it is not true of a file of the same name that a clock may
 * have made one day. */
static gboolean
forget_noted(struct pl_pruning *p, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, p->l, error) &&
	       pl_work_end(&work,
		   pl_db_do(p->l->db, PL_SQL_STORE_FORGET, V(v_text(p->name)),
		       error),
		   error);
}

static gboolean
unlink_alone(struct pl_pruning *p, const char *path, int fd, GError **error)
{
	struct stat st = { 0 };

	(void)!fstat(fd, &st);
	if (!forget_noted(p, error))
		return FALSE;
	if (unlink(path) != 0 && errno != ENOENT)
		return pl_refuse(error, PL_LEDGER_FAILED,
		    "%s: cannot be removed: %s", path, g_strerror(errno));
	p->done->months++;
	return pl_disk_sync(p->l->messages, error) &&
	       note_removed(p, (guint64)st.st_size, error) &&
	       put_later(p, FALSE, error);
}

/* 1: something in it is kept, 0: nothing, -1: error. */
static int
keeps_any(struct pl_pruning *p, GError **error)
{
	gint64 one;

	return pl_db_number(
	    p->l->db, PL_SQL_PRUNE_KEPT, V(v_text(p->name)), &one, error);
}

/* *KEPT: looked at again, since nobody can write into it now. */
static gboolean
remove_file(struct pl_pruning *p, int *kept, GError **error)
{
	g_autofree char *path = pl_store_path(p->l, p->name);
	int fd = open_alone(path);
	gboolean ok;

	if (fd < 0)
		return put_later(p, TRUE, error);
	*kept = keeps_any(p, error);
	ok = *kept == 0 ? unlink_alone(p, path, fd, error) : *kept > 0;
	close(fd);
	return ok;
}

/* ---- its end ----------------------------------------------------------- */

gboolean
pl_pruning_finish(struct pl_pruning *p, gboolean resumed, GError **error)
{
	struct pl_store *reader = g_hash_table_lookup(p->l->readers, p->name);
	int kept = keeps_any(p, error);
	gboolean ok;

	if (kept < 0)
		return FALSE;
	if (reader != NULL && reader->users == 0)
		g_hash_table_remove(p->l->readers, p->name);
	if (kept == 0 && pl_store_is_old(p->name)) {
		ok = remove_file(p, &kept, error);
		if (!ok || kept == 0)
			return ok;
	}
	ok = drop_rows(p, resumed, error);
	g_hash_table_remove(p->l->writers, p->name);
	return ok;
}
