/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - the monthly files: found, made, opened, closed
 *
 * One file a month (UTC) and source, so that the daemon and an import never
 * wait for each other; to each one process adds at a time, by the locks of
 * daemon and import, and by one of the file. A file is written through a
 * descriptor that stays open while its month lasts or something still comes in,
 * with a shared lock, so that nobody removes it; and read through other ones,
 * of which a few are kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "store.h"

#define READERS_KEPT 4
#define ENDING ".mail"

void
pl_store_name(const char *source, gint64 arrived, char name[16])
{
	g_autoptr(GDateTime) at =
	    g_date_time_new_from_unix_utc(arrived / G_TIME_SPAN_SECOND);
	gboolean import = strcmp(source, "import") == 0;

	g_assert(at != NULL);
	g_snprintf(name, 16, "%04d-%02d%s", g_date_time_get_year(at),
	    g_date_time_get_month(at), import ? "-import" : "");
}

char *
pl_store_path(pl_ledger *l, const char *name)
{
	return g_strconcat(l->messages, "/", name, ENDING, NULL);
}

void
pl_store_free(struct pl_store *store)
{
	if (store == NULL)
		return;
	if (store->fd >= 0)
		close(store->fd);
	g_clear_pointer(&store->coming, g_hash_table_destroy);
	g_free(store->path);
	g_free(store);
}

static struct pl_store *
store_new(pl_ledger *l, const char *name)
{
	struct pl_store *store = g_new0(struct pl_store, 1);

	g_strlcpy(store->name, name, sizeof(store->name));
	store->path = pl_store_path(l, name);
	store->fd = -1;
	return store;
}

/* ---- writers ----------------------------------------------------------- */

static void
coming_free(gpointer data)
{
	struct pl_coming *c = data;

	g_array_unref(c->pieces);
	g_free(c);
}

/* A file with nothing but a head, or a part of one, has no messages yet: its
 * maker may have died. */
static gboolean
make_whole(struct pl_store *store, GError **error)
{
	g_autofree char *folder = NULL;

	if (store->end > PL_STORE_HEAD)
		return pl_record_key(store, error);
	if (!pl_record_head(store, error))
		return FALSE;
	store->end = PL_STORE_HEAD;
	if (fsync(store->fd) != 0)
		return pl_disk_refuse(store->path, error);
	folder = g_path_get_dirname(store->path);
	return pl_disk_sync(folder, error);
}

static gboolean
open_write(struct pl_store *store, GError **error)
{
	struct stat st;

	store->fd =
	    open(store->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->fd < 0 || flock(store->fd, LOCK_SH) != 0 ||
	    fstat(store->fd, &st) != 0)
		return pl_disk_refuse(store->path, error);
	if (!S_ISREG(st.st_mode))
		return pl_disk_refuse_as(store->path, PL_LEDGER_DAMAGED,
		    "not a regular file", error);
	if (st.st_nlink == 0)
		return pl_refuse(error, PL_LEDGER_RETRY,
		    "%s: was removed, nothing in it is kept any more; a new "
		    "one is made",
		    store->path);
	store->end = (guint64)st.st_size;
	return make_whole(store, error);
}

struct pl_store *
pl_store_writer(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = g_hash_table_lookup(l->writers, name);

	if (store != NULL)
		return store;
	if (l->use != PL_LEDGER_WRITE) {
		pl_refuse(error, PL_LEDGER_READONLY,
		    "%s: was opened for reading only", l->path);
		return NULL;
	}
	store = store_new(l, name);
	if (!open_write(store, error)) {
		pl_store_free(store);
		return NULL;
	}
	store->synced = store->settled = store->end;
	store->coming = g_hash_table_new_full(
	    g_int64_hash, g_int64_equal, NULL, coming_free);
	g_hash_table_insert(l->writers, store->name, store);
	return store;
}

/* By a lock of its own, which ends with the descriptor: two ledgers that share
 * a folder would write over each other's messages. Where the file system has no
 * such locks there is nothing to be done. */
static gboolean
claim(struct pl_store *store, GError **error)
{
	struct flock head = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = PL_STORE_HEAD
	};

	if (store->ours)
		return TRUE;
	store->ours = fcntl(store->fd, F_OFD_SETLK, &head) == 0 ||
		      (errno != EAGAIN && errno != EACCES);
	return store->ours ||
	       pl_refuse(error, PL_LEDGER_RETRY,
		   "%s: another process writes into it; is its folder set as "
		   "\"messages\" of two ledgers?",
		   store->path);
}

struct pl_store *
pl_store_appender(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = pl_store_writer(l, name, error);

	return store != NULL && claim(store, error) ? store : NULL;
}

void
pl_store_retire(pl_ledger *l, gint64 now)
{
	GHashTableIter iter;
	gpointer value;
	char month[16];

	pl_store_name("milter", now, month);
	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct pl_store *store = value;

		if (store->end == store->synced &&
		    g_hash_table_size(store->coming) == 0 &&
		    strncmp(store->name, month, 7) < 0)
			g_hash_table_iter_remove(&iter);
	}
}

gboolean
pl_store_is_old(const char *name)
{
	char recent[16];

	pl_store_name(
	    "milter", g_get_real_time() - 62 * G_TIME_SPAN_DAY, recent);
	return strncmp(name, recent, 7) < 0;
}

/* ---- readers ----------------------------------------------------------- */

static gboolean
open_read(struct pl_store *store, GError **error)
{
	struct stat st;

	store->fd = open(store->path, O_RDONLY | O_CLOEXEC);
	if (store->fd < 0 || fstat(store->fd, &st) != 0)
		return pl_disk_refuse(store->path, error);
	if (!S_ISREG(st.st_mode))
		return pl_disk_refuse_as(store->path, PL_LEDGER_DAMAGED,
		    "not a regular file", error);
	return pl_record_key(store, error);
}

/* Makes room among the readers; what is in use stays. */
static void
close_idle(pl_ledger *l)
{
	GHashTableIter iter;
	gpointer store;

	if (g_hash_table_size(l->readers) < READERS_KEPT)
		return;
	g_hash_table_iter_init(&iter, l->readers);
	while (g_hash_table_iter_next(&iter, NULL, &store))
		if (((struct pl_store *)store)->users == 0)
			g_hash_table_iter_remove(&iter);
}

struct pl_store *
pl_store_reader(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = g_hash_table_lookup(l->readers, name);

	if (store == NULL) {
		close_idle(l);
		store = store_new(l, name);
		if (!open_read(store, error)) {
			pl_store_free(store);
			return NULL;
		}
		g_hash_table_insert(l->readers, store->name, store);
	}
	store->users++;
	return store;
}

void
pl_store_release(pl_ledger *l, struct pl_store *store)
{
	store->users--;
	if (store->users == 0 && g_hash_table_size(l->readers) > READERS_KEPT)
		g_hash_table_remove(l->readers, store->name);
}

/* ---- the folder -------------------------------------------------------- */

/* Is it YYYY-MM.mail or YYYY-MM-import.mail, and of SOURCE? */
static gboolean
is_store(const char *file, const char *source)
{
	static const char shape[] = "dddd-dd";
	const char *rest = file + sizeof(shape) - 1;

	for (unsigned i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? !g_ascii_isdigit(file[i])
				    : file[i] != shape[i])
			return FALSE;
	if (strcmp(rest, ENDING) == 0)
		return source == NULL || strcmp(source, "import") != 0;
	return strcmp(rest, "-import" ENDING) == 0 &&
	       (source == NULL || strcmp(source, "import") == 0);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *
pl_store_list(pl_ledger *l, const char *source, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) local = NULL;
	g_autoptr(GDir) folder = g_dir_open(l->messages, 0, &local);
	const char *file;

	if (folder == NULL &&
	    g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return g_steal_pointer(&names);
	if (folder == NULL) {
		pl_refuse(error, PL_LEDGER_FAILED,
		    "%s: cannot be read (%s); check its owner", l->messages,
		    local->message);
		return NULL;
	}
	while ((file = g_dir_read_name(folder)) != NULL)
		if (is_store(file, source))
			g_ptr_array_add(names,
			    g_strndup(file, strlen(file) - strlen(ENDING)));
	g_ptr_array_sort(names, by_name);
	return g_steal_pointer(&names);
}
