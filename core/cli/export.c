/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * export - the original files of entries, into a folder
 *
 * A file is written under a name of its own, checked against its hash, made
 * durable, and only then given its name, which must be free: nothing is ever
 * written over, and a half-written file never has a name that anybody would
 * take for an invoice.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "postledger/intake.h"
#include "postledger/report.h"
#include "show.h"

#define NAME_BYTES 200
#define TRIES 10000

static char *journal, *since, *folder;

const GOptionEntry pl_export_options[] = {
	{ "journal", 'j', 0, G_OPTION_ARG_STRING, &journal,
	    "Only of this journal", "J" },
	{ "since", 0, 0, G_OPTION_ARG_STRING, &since,
	    "Arrived on or after: 2026-11-20, 2026-11, today, 7d", "D" },
	{ "to", 0, 0, G_OPTION_ARG_FILENAME, &folder,
	    "Into this folder (required; must be there)", "DIR" },
	{ 0 },
};

struct exporting {
	struct pl_cli *cli;
	pl_reader *reader;
	int dir;
	GHashTable *done; /* "message/sha256" */
	unsigned written, duplicates;
};

static gboolean
fail(const char *name, const char *what, GError **error)
{
	int saved = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
	    "%s/%s: %s: %s", folder, name, what, g_strerror(saved));
	return FALSE;
}

/* A name that is safe in any folder: no path, not hidden, not too long. */
static char *
safe_name(const struct pl_file *file)
{
	g_autofree char *name =
	    pl_text_clean(file->filename != NULL ? file->filename : "", 0);
	g_strdelimit(name, "/\\:*?\"<>|", '_');
	g_strstrip(name);
	if (*name == '.')
		*name = '_';
	if (*name == '\0')
		return g_strdup_printf("%.12s.%s", file->sha256,
		    file->format != NULL ? file->format : "bin");
	if (strlen(name) <= NAME_BYTES)
		return g_steal_pointer(&name);
	const char *end = strrchr(name, '.');
	if (end == NULL || strlen(end) > 16)
		end = "";
	const char *cut = name + NAME_BYTES - strlen(end);
	cut = g_utf8_find_prev_char(name, cut + 1);
	return g_strdup_printf("%.*s%s", (int)(cut - name), name, end);
}

/* "name.pdf", "name-2.pdf", ... */
static char *
numbered(const char *name, unsigned n)
{
	const char *end = strrchr(name, '.');
	if (n == 1)
		return g_strdup(name);
	if (end == NULL || end == name)
		end = name + strlen(name);
	return g_strdup_printf("%.*s-%u%s", (int)(end - name), name, n, end);
}

/* Gives the finished file the first free name. */
static char *
settle_name(
    const struct exporting *x, const char *made, const char *name, GError **e)
{
	for (unsigned n = 1; n < TRIES; n++) {
		g_autofree char *free_name = numbered(name, n);
		if (linkat(x->dir, made, x->dir, free_name, 0) == 0)
			return g_steal_pointer(&free_name);
		if (errno != EEXIST)
			break;
	}
	fail(name, "cannot create", e);
	return NULL;
}

static gboolean
write_piece(const void *bytes, gsize length, void *user, GError **error)
{
	int fd = GPOINTER_TO_INT(user);
	const char *p = bytes;
	while (length > 0) {
		ssize_t n = write(fd, p, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail("", "cannot write", error);
		p += n;
		length -= (gsize)n;
	}
	return TRUE;
}

static gboolean
write_file(struct exporting *x, int fd, const pl_document *document,
    const struct pl_file *file, GError **error)
{
	g_autoptr(pl_bytes) bytes =
	    pl_bytes_open(x->cli->ledger, document->message, error);
	if (bytes == NULL)
		return FALSE;
	struct pl_source source = pl_source_of(bytes);
	if (!pl_reader_extract(x->reader, &source, file->sha256, write_piece,
		GINT_TO_POINTER(fd), error))
		return FALSE;
	return fsync(fd) == 0 || fail("", "cannot write", error);
}

static gboolean
export_file(struct exporting *x, const pl_document *document,
    const struct pl_file *file, GError **error)
{
	g_autofree char *name = safe_name(file);
	g_autofree char *made =
	    g_strdup_printf(".postledger-%d-%u", (int)getpid(), x->written);
	g_autofree char *named = NULL;
	int fd = openat(x->dir, made,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return fail(made, "cannot create", error);
	gboolean good = write_file(x, fd, document, file, error);
	close(fd);
	if (good)
		named = settle_name(x, made, name, error);
	unlinkat(x->dir, made, 0);
	if (named == NULL)
		return FALSE;
	x->written++;
	pl_out("%s/%s\n", folder, named);
	return TRUE;
}

/* Several journals, and several documents, may share a file: once is enough. */
static gboolean
export_document(struct exporting *x, gint64 id, GError **error)
{
	g_autoptr(pl_document) document =
	    pl_document_get(x->cli->ledger, id, error);
	if (document == NULL)
		return FALSE;
	for (unsigned i = 0; i < document->files->len; i++) {
		const struct pl_file *file =
		    g_ptr_array_index(document->files, i);
		char *key = g_strdup_printf("%" G_GINT64_FORMAT "/%s/%s",
		    document->message, file->sha256,
		    file->filename != NULL ? file->filename : "");
		if (g_hash_table_add(x->done, key) &&
		    !export_file(x, document, file, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
export_named(struct exporting *x, GError **error)
{
	for (unsigned i = 0; i < x->cli->n_args; i++) {
		gint64 id;
		if (!pl_options_id(x->cli->args[i], "entry", &id, error))
			return FALSE;
		g_autoptr(pl_entry) entry =
		    pl_entry_get(x->cli->ledger, id, error);
		if (entry == NULL ||
		    !export_document(x, entry->document, error))
			return FALSE;
	}
	return TRUE;
}

struct wanted {
	GArray *documents;
	unsigned duplicates;
};

static gboolean
want(const pl_entry *entry, void *user)
{
	struct wanted *w = user;
	if (entry->state == PL_DUPLICATE)
		w->duplicates++;
	else
		g_array_append_val(w->documents, entry->document);
	return TRUE;
}

/* What was taken twice is written once; its number still gets the copy. */
static gboolean
export_filtered(struct exporting *x, GError **error)
{
	struct pl_entry_filter filter = { .journal = journal };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct wanted wanted = { ids, 0 };
	if (journal != NULL &&
	    !pl_options_journal(x->cli->config, journal, error))
		return FALSE;
	if (since != NULL && !pl_options_since(since,
				 pl_config_gateway(x->cli->config)->timezone,
				 g_get_real_time(), &filter.since, error))
		return FALSE;
	if (!pl_entry_each(x->cli->ledger, &filter, want, &wanted, error))
		return FALSE;
	x->duplicates = wanted.duplicates;
	for (unsigned i = 0; i < ids->len; i++)
		if (!export_document(x, g_array_index(ids, gint64, i), error))
			return FALSE;
	return TRUE;
}

static gboolean export(struct exporting *x, GError **error)
{
	if (x->cli->n_args > 0 && (journal != NULL || since != NULL)) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "export takes numbers of entries, or --journal and "
		    "--since, not both");
		return FALSE;
	}
	x->dir = open(folder, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (x->dir < 0)
		return fail("", "cannot open the folder", error);
	gboolean good = x->cli->n_args > 0 ? export_named(x, error)
					   : export_filtered(x, error);
	if (fsync(x->dir) < 0 && good)
		good = fail("", "cannot write", error);
	close(x->dir);
	return good;
}

int
pl_cli_export(struct pl_cli *cli, GError **error)
{
	struct exporting x = { .cli = cli };
	if (folder == NULL) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "where to? `postledger export ... --to DIR`");
		return EX_USAGE;
	}
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);
	x.reader = reader;
	x.done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gboolean good = export(&x, error);
	g_hash_table_unref(x.done);
	if (!good && pl_exit_code(*error) == EX_NOPERM)
		pl_complain("postledger works as the user \"%s\", who must be "
			    "able to write there",
		    pl_config_gateway(cli->config)->user);
	if (good && x.duplicates > 0)
		pl_complain("%u duplicates left out (name them by number to "
			    "have them, too)",
		    x.duplicates);
	if (good && x.written == 0)
		pl_complain("nothing to export");
	return EX_OK;
}
