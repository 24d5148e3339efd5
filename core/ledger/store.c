/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - the monthly files: found, made, opened, closed
 *
 * One file a month (UTC) and source, so that the daemon and an import never
 * wait for each other. A file is written through one connection that stays
 * open while its month lasts or something still comes in, and read through
 * another one; a few of those are kept.
 *
 * The journal is SQLite's write-ahead log: readers and the writer do not see
 * each other, at the price of writing the bytes twice (log, then file). That
 * choice, the page size and the log's length stand here alone, in store_how
 * and in the engine's open.
 */
#include <errno.h>
#include <string.h>

#include "room.h"

#define READERS_KEPT 4
#define READ_CACHE 512 /* KB: a piece is read once, and has its copy then */

static const char schema_001[] =
#include "store-001.sql.h"
    ;
static const struct pl_migration schema[] = { { schema_001 } };
#define SCHEMA_VERSION G_N_ELEMENTS(schema)

/* A chunk fills sixteen of these pages but for a hundredth, and a message of
 * up to a chunk lies in one row: rows that grow side by side split the leaves
 * between them, which made a page more of every message. Larger pages save
 * little time and cost much at low load, when every message writes the few
 * pages anew that all share; smaller ones cost time. The log is emptied into
 * the file after 64 MB, seldom enough that 99 of 100 messages do not see it.
 * A rollback journal writes the bytes once, but syncs five times a group: it
 * was never faster, and readers would wait for the writer. */
static const struct pl_db_how store_how = {
	.application = PL_APPLICATION_STORE,
	.page = 16384,
	.cache = 4096,
	.checkpoint = 4096,
	.what = "file of message bytes",
};

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
	return g_strdup_printf("%s/%s.db", l->messages, name);
}

void
pl_store_free(struct pl_store *store)
{
	if (store == NULL)
		return;
	pl_db_close(store->db);
	g_free(store);
}

static struct pl_store *
open_store(pl_ledger *l, const char *name, gboolean write, GError **error)
{
	struct pl_db_how how = store_how;
	g_autofree char *path = pl_store_path(l, name);
	struct pl_store *store;
	unsigned from;
	pl_db *db;

	how.write = write;
	if (!write)
		how.cache = READ_CACHE;
	db = pl_db_open(&pl_driver_sqlite, path, &how, error);
	if (db == NULL)
		return NULL;
	if (write ? !pl_schema_migrate(db, schema, SCHEMA_VERSION, &from, error)
		  : !pl_schema_expect(db, SCHEMA_VERSION, error)) {
		pl_db_close(db);
		return NULL;
	}
	store = g_new0(struct pl_store, 1);
	g_strlcpy(store->name, name, sizeof(store->name));
	store->db = db;
	return store;
}

/* ---- writers ----------------------------------------------------------- */

struct pl_store *
pl_store_writer(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = g_hash_table_lookup(l->writers, name);

	if (store != NULL && store->ended && !store->writing) {
		g_hash_table_remove(l->writers, name);
		store = NULL;
	}
	if (store != NULL)
		return store;
	if (l->use != PL_LEDGER_WRITE) {
		pl_refuse(error, PL_LEDGER_READONLY,
		    "%s: was opened for reading only", l->path);
		return NULL;
	}
	store = open_store(l, name, TRUE, error);
	if (store != NULL)
		g_hash_table_insert(l->writers, store->name, store);
	return store;
}

/* Numbers go on above all that any writer of the file ever gave. */
gboolean
pl_store_begin(struct pl_store *store, GError **error)
{
	gint64 last;

	if (store->writing)
		return TRUE;
	if (!pl_db_begin(store->db, error))
		return FALSE;
	if (pl_db_number(store->db, PL_SQL_STORE_LAST, V_NONE, &last, error) <
	    0) {
		pl_db_rollback(store->db);
		return FALSE;
	}
	if (last >= PL_STORE_END) {
		pl_db_rollback(store->db);
		store->ended = TRUE;
		return pl_refuse(error, PL_LEDGER_RETRY,
		    "%s: was removed, nothing in it is kept any more; a new "
		    "one is made",
		    store->db->path);
	}
	store->last = MAX(store->last, last);
	store->writing = TRUE;
	return TRUE;
}

void
pl_store_retire(pl_ledger *l, gint64 now)
{
	GHashTableIter iter;
	struct pl_store *store;
	char month[16];

	pl_store_name("milter", now, month);
	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&store))
		if (!store->writing && store->coming == 0 &&
		    strncmp(store->name, month, 7) < 0)
			g_hash_table_iter_remove(&iter);
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

/* Makes room among the readers; what is in use stays. */
static void
close_idle(pl_ledger *l)
{
	GHashTableIter iter;
	struct pl_store *store;

	if (g_hash_table_size(l->readers) < READERS_KEPT)
		return;
	g_hash_table_iter_init(&iter, l->readers);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&store))
		if (store->users == 0)
			g_hash_table_iter_remove(&iter);
}

struct pl_store *
pl_store_reader(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = g_hash_table_lookup(l->readers, name);

	if (store == NULL) {
		close_idle(l);
		store = open_store(l, name, FALSE, error);
		if (store == NULL)
			return NULL;
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

/* Is it YYYY-MM.db or YYYY-MM-import.db, and of SOURCE? */
static gboolean
is_store(const char *file, const char *source)
{
	static const char shape[] = "dddd-dd";
	const char *rest = file + sizeof(shape) - 1;

	for (unsigned i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? !g_ascii_isdigit(file[i])
				    : file[i] != shape[i])
			return FALSE;
	if (strcmp(rest, ".db") == 0)
		return source == NULL || strcmp(source, "import") != 0;
	return strcmp(rest, "-import.db") == 0 &&
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
			g_ptr_array_add(
			    names, g_strndup(file, strlen(file) - 3));
	g_ptr_array_sort(names, by_name);
	return g_steal_pointer(&names);
}
