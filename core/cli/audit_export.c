/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit_export - the history as a bundle that a stranger checks offline
 *
 * A tar file (gzipped where its name ends in gz) with the tables as text, the
 * head of the chain, and the procedure. The tables go to unnamed files first,
 * as tar wants to know their sizes; the bundle takes its name, which must be
 * free, when it is whole and on disk.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>

#include "audit.h"

static const char readme[] =
#include "audit_readme.txt.h"
    ;

#define TABLES 5

struct bundle {
	const char *folder; /* where the tables lie meanwhile */
	struct {
		char *name;
		FILE *file;
	} tables[TABLES];
	unsigned n;
	char head[65];
	time_t now;
	struct archive *archive;
};

static gboolean
refuse(const char *what, const char *why, GError **error)
{
	g_set_error(error, PL_CLI_ERROR, EX_IOERR, "%s: %s", what, why);
	return FALSE;
}

static void
bundle_clear(struct bundle *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		g_free(b->tables[i].name);
		fclose(b->tables[i].file);
	}
	if (b->archive != NULL)
		archive_write_free(b->archive);
}

/* ---- tables -------------------------------------------------------------- */

static FILE *
open_nameless(const char *folder, GError **error)
{
	g_autofree char *path =
	    g_build_filename(folder, ".postledger-XXXXXX", NULL);
	int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (file == NULL)
		refuse(folder, g_strerror(errno), error);
	if (fd >= 0)
		unlink(path);
	return file;
}

static gboolean
take_line(const char *table, const char *line, void *user, GError **error)
{
	struct bundle *b = user;

	if (b->n == 0 || strcmp(b->tables[b->n - 1].name, table) != 0) {
		FILE *file = open_nameless(b->folder, error);

		g_assert(b->n < TABLES);
		if (file == NULL)
			return FALSE;
		b->tables[b->n].name = g_strdup(table);
		b->tables[b->n++].file = file;
	}
	if (strcmp(table, "events") == 0)
		g_strlcpy(b->head, line, sizeof(b->head));
	if (fprintf(b->tables[b->n - 1].file, "%s\n", line) < 0)
		return refuse(b->folder, g_strerror(errno), error);
	return TRUE;
}

/* ---- the tar file -------------------------------------------------------- */

static gboolean
archived(struct bundle *b, la_ssize_t result, GError **error)
{
	return result >= ARCHIVE_WARN ||
	       refuse("the bundle", archive_error_string(b->archive), error);
}

static gboolean
add_header(struct bundle *b, const char *name, gint64 size, GError **error)
{
	struct archive_entry *entry = archive_entry_new();
	g_autofree char *path = g_strdup_printf("postledger-audit/%s", name);
	gboolean ok;

	archive_entry_set_pathname(entry, path);
	archive_entry_set_size(entry, size);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, b->now, 0);
	ok = archived(b, archive_write_header(b->archive, entry), error);
	archive_entry_free(entry);
	return ok;
}

static gboolean
add_text(struct bundle *b, const char *name, const char *text, GError **error)
{
	gsize length = strlen(text);

	return add_header(b, name, (gint64)length, error) &&
	       archived(b, archive_write_data(b->archive, text, length), error);
}

static gboolean
add_table(struct bundle *b, const char *name, FILE *file, GError **error)
{
	g_autofree char *member = g_strconcat(name, ".tsv", NULL);
	char block[65536];
	size_t n;

	if (fflush(file) != 0 || ferror(file))
		return refuse(b->folder, g_strerror(errno), error);
	if (!add_header(b, member, ftello(file), error))
		return FALSE;
	rewind(file);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		if (!archived(
			b, archive_write_data(b->archive, block, n), error))
			return FALSE;
	return !ferror(file) || refuse(b->folder, g_strerror(errno), error);
}

static gboolean
add_members(struct bundle *b, GError **error)
{
	g_autofree char *head =
	    g_strconcat(b->head[0] != '\0' ? b->head : "none", "\n", NULL);

	if (!add_text(b, "README.txt", readme, error) ||
	    !add_text(b, "HEAD", head, error))
		return FALSE;
	for (unsigned i = 0; i < b->n; i++)
		if (!add_table(
			b, b->tables[i].name, b->tables[i].file, error))
			return FALSE;
	return archived(b, archive_write_close(b->archive), error);
}

static gboolean
write_archive(struct bundle *b, const char *to, int fd, GError **error)
{
	b->archive = archive_write_new();
	if (g_str_has_suffix(to, "gz"))
		archive_write_add_filter_gzip(b->archive);
	archive_write_set_format_pax_restricted(b->archive);
	return archived(b, archive_write_open_fd(b->archive, fd), error) &&
	       add_members(b, error);
}

/* ---- the command --------------------------------------------------------- */

/* The whole file gets its name, which must be free. */
static gboolean
give_name(int fd, const char *part, const char *to, GError **error)
{
	if (fsync(fd) == 0 && link(part, to) == 0)
		return TRUE;
	return refuse(to, g_strerror(errno), error);
}

static gboolean
export(struct bundle *b, pl_ledger *l, const char *to, GError **error)
{
	g_autofree char *part = g_strconcat(to, ".XXXXXX", NULL);
	int fd;
	gboolean ok;

	if (g_file_test(to, G_FILE_TEST_EXISTS))
		return refuse(to, g_strerror(EEXIST), error);
	fd = g_mkstemp_full(part, O_WRONLY | O_CLOEXEC, 0640);
	if (fd < 0)
		return refuse(b->folder, g_strerror(errno), error);
	ok = pl_ledger_bundle(l, take_line, b, error) &&
	     write_archive(b, to, fd, error) && give_name(fd, part, to, error);
	close(fd);
	unlink(part);
	return ok;
}

gboolean
pl_audit_export(pl_ledger *l, const char *to, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(to);
	struct bundle b = { .folder = folder, .now = time(NULL) };
	gboolean ok = export(&b, l, to, error);

	bundle_clear(&b);
	return ok;
}
