/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite_error - SQLite's codes ▸ what the caller may do next
 */
#include "disk.h"
#include "sqlite.h"

static enum pl_ledger_error
class_of(int code, int number)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return PL_LEDGER_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
	case SQLITE_INTERRUPT:
		return PL_LEDGER_RETRY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return PL_LEDGER_DAMAGED;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return PL_LEDGER_READONLY;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return pl_disk_class(number);
	default:
		return PL_LEDGER_FAILED;
	}
}

gboolean
pl_sqlite_fail(struct pl_sqlite *c, const char *path, int code, GError **error)
{
	int number = c->handle != NULL ? sqlite3_system_errno(c->handle) : 0;
	/* What we found out ourselves the handle knows nothing of. */
	gboolean told =
	    c->handle != NULL && sqlite3_errcode(c->handle) != SQLITE_OK;
	const char *text =
	    told ? sqlite3_errmsg(c->handle) : sqlite3_errstr(code);
	enum pl_ledger_error class = class_of(code, number);
	g_autofree char *detail = NULL;

	if (number != 0 &&
	    ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN))
		detail = g_strdup_printf(
		    "%s, error %d, %s", text, code, g_strerror(number));
	else
		detail = g_strdup_printf("%s, error %d", text, code);
	return pl_disk_refuse_as(path, class, detail, error);
}

gboolean
pl_sqlite_failed(pl_db *db, int code, GError **error)
{
	GError *now = NULL;

	pl_sqlite_fail(pl_sqlite_of(db), db->path, code, &now);
	if (db->failure == NULL)
		db->failure = g_error_copy(now);
	g_propagate_error(error, now);
	return FALSE;
}
