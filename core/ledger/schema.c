/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schema - versions of the facts and how to get from one to the next
 *
 * Version N is what schema-001.sql to schema-N.sql made, in this order. Each
 * step and its new version number are one transaction; whoever comes second
 * finds it done. A published step is never edited: a change is a new file.
 */
#include "room.h"

static const char schema_001[] =
#include "schema-001.sql.h"
    ;

const struct pl_migration pl_ledger_schema[] = {
	{ schema_001 },
};
const unsigned pl_ledger_schema_version = G_N_ELEMENTS(pl_ledger_schema);

const struct pl_db_how pl_how_ledger = {
	.application = PL_APPLICATION_LEDGER,
	.page = 4096,
	.cache = 4096,
	.checkpoint = 4000,
	.what = "ledger",
};

gboolean
pl_schema_version(pl_db *db, unsigned *version, GError **error)
{
	int there = db->driver->has_table(db, "meta", error);
	g_autoptr(pl_rows) rows = NULL;
	g_autofree char *text = NULL;
	guint64 number = 0;

	*version = 0;
	if (there <= 0)
		return there == 0;
	rows = pl_db_query(db, PL_SQL_META_GET, V(v_text("version")), error);
	if (rows == NULL || pl_rows_next(rows, error) < 0)
		return FALSE;
	text = pl_rows_text(rows, 0);
	if (text == NULL ||
	    !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT, &number, NULL))
		return pl_refuse(error, PL_LEDGER_DAMAGED,
		    "%s: damaged, its version cannot be read; put a backup in "
		    "its place",
		    db->path);
	*version = (unsigned)number;
	return TRUE;
}

static gboolean
set_version(pl_db *db, unsigned version, GError **error)
{
	g_autofree char *text = g_strdup_printf("%u", version);

	return pl_db_do(
	    db, PL_SQL_META_PUT, V(v_text("version"), v_text(text)), error);
}

static gboolean
step(pl_db *db, const struct pl_migration *steps, unsigned to, GError **error)
{
	unsigned now;

	if (!pl_db_begin(db, error))
		return FALSE;
	if (!pl_schema_version(db, &now, error)) {
		pl_db_rollback(db);
		return FALSE;
	}
	if (now >= to) { /* somebody else was faster */
		pl_db_rollback(db);
		return TRUE;
	}
	if (pl_db_script(db, steps[to - 1].sql, error) &&
	    set_version(db, to, error))
		return pl_db_commit(db, error);
	pl_db_rollback(db);
	return FALSE;
}

static gboolean
newer(pl_db *db, unsigned version, unsigned n, GError **error)
{
	return pl_refuse(error, PL_LEDGER_NEWER,
	    "%s: written by a newer version of postledger (format %u, this one "
	    "knows %u); upgrade this program",
	    db->path, version, n);
}

gboolean
pl_schema_migrate(pl_db *db, const struct pl_migration *steps, unsigned n,
    unsigned *from, GError **error)
{
	if (!pl_schema_version(db, from, error))
		return FALSE;
	if (*from > n)
		return newer(db, *from, n, error);
	for (unsigned to = *from + 1; to <= n; to++)
		if (!step(db, steps, to, error))
			return FALSE;
	return TRUE;
}

gboolean
pl_schema_expect(pl_db *db, unsigned n, GError **error)
{
	unsigned version;

	if (!pl_schema_version(db, &version, error))
		return FALSE;
	if (version == n)
		return TRUE;
	if (version > n)
		return newer(db, version, n, error);
	if (version == 0)
		return pl_refuse(error, PL_LEDGER_ABSENT,
		    "%s: empty, nothing was stored in it yet", db->path);
	return pl_refuse(error, PL_LEDGER_FAILED,
	    "%s: written by an older version of postledger (format %u, this "
	    "one needs %u); start postledgerd or a run, which bring it up to "
	    "date",
	    db->path, version, n);
}
