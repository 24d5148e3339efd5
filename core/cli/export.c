/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * export - the original files of entries, into a folder
 *
 * Statements get folders by account and year, as accounting programs read
 * them; a file with several accounts is parted for that at the borders of its
 * statements. How a file gets its name there is in filing.c.
 */
#include "cli.h"

#include <string.h>

#include "filing.h"
#include "postledger/run.h"

#define NO_ACCOUNT "no-account"

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
	pl_filing *filing;
	GHashTable *done;  /* what was exported, by message, file and part */
	pl_shares *shares; /* of MESSAGE */
	gint64 message;
	unsigned duplicates;
};

/* ---- a document ---------------------------------------------------------- */

/* The year of a statement, else that in which it came. */
static char *
year_of(struct exporting *x, const pl_document *d, GError **error)
{
	if (d->date != NULL)
		return g_strdup_printf("%.4s", d->date);
	g_autoptr(pl_message) m =
	    pl_message_get(x->cli->ledger, d->message, error);
	if (m == NULL)
		return NULL;
	g_autofree char *arrived = pl_out_time(
	    m->arrived, pl_config_gateway(x->cli->config)->timezone);
	return g_strdup_printf("%.4s", arrived);
}

/* The folders of a statement; "" for other documents. */
static char *
folders_of(struct exporting *x, const pl_document *d, GError **error)
{
	if (d->kind != PL_KIND_STATEMENT)
		return g_strdup("");
	g_autofree char *account = pl_run_folder_name(d->account);
	g_autofree char *year = year_of(x, d, error);
	if (year == NULL)
		return NULL;
	return g_strdup_printf(
	    "%s/%s", *account != '\0' ? account : NO_ACCOUNT, year);
}

static gboolean
read_shares(struct exporting *x, gint64 message, GError **error)
{
	if (x->shares != NULL && x->message == message)
		return TRUE;
	g_clear_pointer(&x->shares, pl_shares_free);
	g_autoptr(GPtrArray) all =
	    pl_document_of(x->cli->ledger, message, error);
	if (all == NULL)
		return FALSE;
	x->shares = pl_shares_new(all);
	x->message = message;
	return TRUE;
}

/* PART of its first file; a file with statements of one account stays whole.
 */
static gboolean
part_of(
    struct exporting *x, pl_document *d, struct pl_part *part, GError **error)
{
	gboolean whole;
	*part = (struct pl_part){ 0 };
	if (d->length == 0)
		return TRUE;
	if (!read_shares(x, d->message, error))
		return FALSE;
	*part = pl_run_part(x->shares, d, &whole);
	if (whole)
		part->length = d->length = 0;
	return TRUE;
}

/* Several journals, and several documents, may share a file: once is enough. */
static gboolean
is_done(struct exporting *x, const struct pl_filed *p)
{
	return !g_hash_table_add(x->done,
	    g_strdup_printf("%" G_GINT64_FORMAT "/%s/%" G_GUINT64_FORMAT "/%s",
		p->message, p->sha256,
		p->part.length > 0 ? p->part.offset + 1 : 0, p->name));
}

static gboolean
export_file(struct exporting *x, const pl_document *d,
    const struct pl_file *file, const struct pl_part *part, const char *folders,
    GError **error)
{
	gboolean first = file == g_ptr_array_index(d->files, 0);
	g_autofree char *name = pl_run_file_name(d, file);
	struct pl_filed filed = {
		.message = d->message,
		.sha256 = file->sha256,
		.part = first ? *part : (struct pl_part){ 0 },
		.folders = folders,
		.name = name,
		.processed = d->kind == PL_KIND_STATEMENT,
	};
	return is_done(x, &filed) || pl_filing_put(x->filing, &filed, error);
}

static gboolean
export_document(struct exporting *x, gint64 id, GError **error)
{
	g_autoptr(pl_document) document =
	    pl_document_get(x->cli->ledger, id, error);
	struct pl_part part;
	if (document == NULL || !part_of(x, document, &part, error))
		return FALSE;
	g_autofree char *folders = folders_of(x, document, error);
	if (folders == NULL)
		return FALSE;
	for (unsigned i = 0; i < document->files->len; i++)
		if (!export_file(x, document,
			g_ptr_array_index(document->files, i), &part, folders,
			error))
			return FALSE;
	return TRUE;
}

/* ---- which documents --------------------------------------------------- */

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
	return x->cli->n_args > 0 ? export_named(x, error)
				  : export_filtered(x, error);
}

/* ---- the command ------------------------------------------------------- */

/* What was left out, and why nothing came of it. */
static void
tell(const struct exporting *x)
{
	g_autofree char *duplicates = pl_out_count(x->duplicates, "duplicate");
	g_autofree char *files = pl_out_count(x->filing->there, "file");
	if (x->duplicates > 0)
		pl_complain("%s left out (name them by number to have them, "
			    "too)",
		    duplicates);
	if (x->filing->there > 0)
		pl_complain("%s there already, with the same bytes", files);
	if (x->filing->written == 0 && x->filing->there == 0)
		pl_complain("nothing to export");
}

static void
explain_rights(struct pl_cli *cli, const GError *error)
{
	if (pl_exit_code(error) == EX_NOPERM)
		pl_complain("postledger works as the user \"%s\", who must be "
			    "able to write there",
		    pl_config_gateway(cli->config)->user);
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
	g_autoptr(pl_filing) filing =
	    pl_filing_open(cli->ledger, folder, error);
	g_autoptr(GHashTable) done =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	x.filing = filing;
	x.done = done;
	if (filing != NULL && export(&x, error) &&
	    pl_filing_sync(filing, error))
		tell(&x);
	else
		explain_rights(cli, *error);
	pl_shares_free(x.shares);
	return EX_OK;
}
