/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder - the destination of journals that deliver into folders
 *
 * All files of a batch are written into the workplace first. Their names, the
 * attempt and that it is offered are committed together; then each file is
 * moved to its name, and the answer is committed. Whoever dies after the
 * commit is followed by a run that moves what still lies in the workplace: what
 * does not was put out, even if a program has taken it away since.
 *
 * An attempt of which something was put out and something could not be stays
 * "unknown": it is completed under the same names and never made anew. One of
 * which nothing was put out is "deferred", as if a mail server had said 4xx.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cargo.h"
#include "crash.h"
#include "destination.h"

/* ---- what waits there -------------------------------------------------- */

/* A finished batch of this ledger; those of others are not ours to judge. */
static gboolean
is_over(const char *ticket, void *user)
{
	const struct pl_pass *pass = user;
	gint64 id = g_str_has_prefix(ticket, "b.")
			? g_ascii_strtoll(ticket + 2, NULL, 10)
			: 0;
	g_autoptr(pl_batch) b =
	    id > 0 ? pl_batch_get(pass->ledger, id, NULL) : NULL;
	g_autofree char *own = b == NULL ? NULL : pl_cargo_ticket(b);

	return own != NULL && b->finished != 0 && strcmp(own, ticket) == 0;
}

/* As with a mail server that does not answer: no run begins for what waits for
 * a folder alone, or each tick would report the same trouble. */
static void
look_at(struct pl_pass *pass, struct pl_turn *turn)
{
	g_autofree char *fixed = pl_folder_fixed(turn->journal->deliver_to);
	g_autoptr(pl_shelf) shelf = pl_shelf_open(fixed, NULL);

	if (shelf != NULL)
		pl_shelf_sweep(shelf, is_over, pass);
	if (!turn->due && (shelf == NULL || !pl_shelf_has_room(shelf)))
		turn->stuck = TRUE;
}

static void
begin(struct pl_pass *pass)
{
	for (guint i = 0; i < pass->turns->len; i++) {
		struct pl_turn *turn = pass->turns->pdata[i];

		if (turn->journal->enabled &&
		    pl_folder_is(turn->journal->deliver_to))
			look_at(pass, turn);
	}
}

static gboolean
closed(const struct pl_pass *pass, const struct pl_turn *turn)
{
	(void)pass;
	return turn != NULL && turn->stuck;
}

/* ---- prepare ----------------------------------------------------------- */

static void *
prepare(struct pl_pass *pass, const pl_batch *batch, const GPtrArray *entries,
    guint *bad, GError **error)
{
	struct pl_cargo *c = pl_cargo_new(pass, batch, entries);

	c->shelf = pl_shelf_open(c->fixed, error);
	if (c->shelf != NULL && pl_cargo_write(c, bad, error))
		return c;
	if (c->shelf != NULL)
		pl_shelf_drop(c->shelf, c->ticket);
	pl_cargo_free(c);
	return NULL;
}

static void
drop(void *ready)
{
	pl_cargo_free(ready);
}

static void
written_free(gpointer written)
{
	pl_written_free(written);
}

static gboolean
intend(struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    void *ready, GError **error)
{
	const struct pl_cargo *c = ready;
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(written_free);
	enum pl_offer offer;

	for (guint i = 0; i < c->crates->len; i++) {
		const struct pl_crate *crate = c->crates->pdata[i];
		g_autofree char *path = pl_cargo_path(c, crate);

		g_ptr_array_add(
		    files, pl_written_new(crate->entry, path, crate->size));
	}
	return pl_batch_offer(
		   pass->ledger, batch->id, attempt, NULL, &offer, error) &&
	       pl_batch_write(pass->ledger, batch->id, files, error);
}

/* ---- deliver ----------------------------------------------------------- */

/* Files on their way from the workplace to their names. */
struct move {
	struct pl_pass *pass;
	const pl_batch *batch;
	pl_shelf *shelf;
	const char *ticket;
	gsize fixed;      /* length of the fixed folder's path */
	GPtrArray *files; /* struct pl_written */
	char *below;      /* the folder that is open */
	int folder;
};

static gboolean
leave_folder(struct move *m, GError **error)
{
	gboolean good = TRUE;

	if (m->folder >= 0) {
		good = pl_shelf_sync(m->shelf, m->folder, error);
		close(m->folder);
	}
	m->folder = -1;
	g_clear_pointer(&m->below, g_free);
	return good;
}

static gboolean
enter_folder(struct move *m, const struct pl_written *w, GError **error)
{
	const char *rest = w->path + m->fixed + 1;
	const char *slash = strrchr(rest, '/');
	g_autofree char *below =
	    g_strndup(rest, slash != NULL ? (gsize)(slash - rest) : 0);

	if (m->folder >= 0 && strcmp(below, m->below) == 0)
		return TRUE;
	if (!leave_folder(m, error))
		return FALSE;
	m->folder = pl_shelf_folder(m->shelf, below, error);
	m->below = g_steal_pointer(&below);
	return m->folder >= 0;
}

/* Somebody was faster with this name: the next free one, in the ledger first.
 */
static gboolean
rename_it(struct move *m, struct pl_written *w, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(w->path);
	g_autofree char *taken = g_path_get_basename(w->path);
	g_autoptr(pl_names) names = pl_names_new();
	g_autofree char *name = NULL;

	do {
		g_free(name);
		name = pl_names_take(names, taken, NULL, NULL);
	} while (pl_shelf_exists(m->folder, name));
	g_free(w->path);
	w->path = g_build_filename(folder, name, NULL);
	return pl_batch_write(m->pass->ledger, m->batch->id, m->files, error);
}

static gboolean
move_one(struct move *m, guint number, GError **error)
{
	struct pl_written *w = m->files->pdata[number];

	if (!pl_shelf_waits(m->shelf, m->ticket, number))
		return TRUE;
	for (;;) {
		const char *name = strrchr(w->path, '/') + 1;

		if (!enter_folder(m, w, error))
			return FALSE;
		switch (pl_shelf_put(
		    m->shelf, m->ticket, number, m->folder, name, error)) {
		case PL_SHELVED_OUT:
			pl_crash_point("folder-put");
			return TRUE;
		case PL_SHELVED_TAKEN:
			if (!rename_it(m, w, error))
				return FALSE;
			break;
		default:
			return FALSE;
		}
	}
}

static gboolean
move_all(struct move *m, GError **error)
{
	for (guint i = 0; i < m->files->len; i++)
		if (!move_one(m, i, error)) {
			leave_folder(m, NULL);
			return FALSE;
		}
	return leave_folder(m, error);
}

static gboolean
none_is_out(const struct move *m)
{
	for (guint i = 0; i < m->files->len; i++)
		if (!pl_shelf_waits(m->shelf, m->ticket, i))
			return FALSE;
	return TRUE;
}

/* ---- words ------------------------------------------------------------- */

#define FOLDERS_MAX 3 /* in the words of an answer */

/* COUNTS gets the number of files of each folder; the folders in order. */
static GPtrArray *
count_folders(const GPtrArray *files, GHashTable *counts)
{
	GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < files->len; i++) {
		const struct pl_written *w = files->pdata[i];
		char *folder = g_path_get_dirname(w->path);
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, folder));

		g_hash_table_insert(counts, folder, GUINT_TO_POINTER(n + 1));
		if (n == 0)
			g_ptr_array_add(folders, folder);
		else
			g_free(folder);
	}
	return folders;
}

/* "written to /srv/a (2 files), /srv/b (1 file)" */
static char *
words(const GPtrArray *files)
{
	g_autoptr(GHashTable) counts =
	    g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) folders = count_folders(files, counts);
	GString *text = g_string_new("written to");

	for (guint i = 0; i < MIN(folders->len, FOLDERS_MAX); i++) {
		const char *folder = folders->pdata[i];
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, folder));

		g_string_append_printf(text, "%s %s (%u file%s)",
		    i > 0 ? "," : "", folder, n, n == 1 ? "" : "s");
	}
	if (folders->len > FOLDERS_MAX)
		g_string_append_printf(
		    text, " and %u more folders", folders->len - FOLDERS_MAX);
	return g_string_free(text, FALSE);
}

static void
move_and_tell(struct move *m, struct pl_answer *a)
{
	g_autoptr(GError) why = NULL;
	gboolean done = move_all(m, &why);

	if (done)
		pl_crash_point("folder-synced");
	for (guint i = 0; i < m->files->len; i++)
		a->size += ((struct pl_written *)m->files->pdata[i])->size;
	a->reply = done ? words(m->files) : g_strdup(why->message);
	a->state = done             ? PL_ATTEMPT_SENT
		   : none_is_out(m) ? PL_ATTEMPT_DEFERRED
				    : PL_ATTEMPT_UNKNOWN;
}

static struct move
move_of(struct pl_pass *pass, const pl_batch *batch, pl_shelf *shelf,
    const char *ticket, const char *fixed, GPtrArray *files)
{
	return (struct move){
		.pass = pass,
		.batch = batch,
		.shelf = shelf,
		.ticket = ticket,
		.fixed = strlen(fixed),
		.files = files,
		.folder = -1,
	};
}

static void
not_now(struct pl_answer *a, const GError *why)
{
	a->state = PL_ATTEMPT_UNKNOWN;
	a->reply = g_strdup(why->message);
}

static void
deliver(struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    void *ready, struct pl_answer *a)
{
	const struct pl_cargo *c = ready;
	g_autoptr(GError) why = NULL;
	g_autoptr(GPtrArray) files =
	    pl_batch_written(pass->ledger, batch->id, &why);
	struct move m =
	    move_of(pass, batch, c->shelf, c->ticket, c->fixed, files);

	(void)attempt;
	if (files != NULL)
		move_and_tell(&m, a);
	else
		not_now(a, why);
}

static void
answered(struct pl_pass *pass, const pl_batch *batch, const struct pl_answer *a)
{
	struct pl_turn *turn = pl_pass_turn(pass, batch->journal);
	g_autofree char *fixed = pl_folder_fixed(batch->deliver_to);
	g_autofree char *ticket = pl_cargo_ticket(batch);
	g_autoptr(pl_shelf) shelf = NULL;

	if (a->state == PL_ATTEMPT_SENT)
		pass->result->written++;
	else
		g_strlcpy(pass->result->folder, a->reply,
		    sizeof(pass->result->folder));
	if (turn != NULL && a->state != PL_ATTEMPT_SENT)
		turn->stuck = TRUE;
	if (a->state != PL_ATTEMPT_UNKNOWN)
		shelf = pl_shelf_open(fixed, NULL);
	if (shelf != NULL)
		pl_shelf_drop(shelf, ticket);
}

/* ---- proof ------------------------------------------------------------- */

static gboolean
all_there(const GPtrArray *files)
{
	for (guint i = 0; i < files->len; i++) {
		const struct pl_written *w = files->pdata[i];
		struct stat st;

		if (lstat(w->path, &st) < 0 || !S_ISREG(st.st_mode) ||
		    (guint64)st.st_size != w->size)
			return FALSE;
	}
	return files->len > 0;
}

/* LISTED: the workplace knows of the batch. Where somebody removed it, what is
 * under the names that were noted can only be ours: they were free. */
static gboolean
complete(struct move *m, gboolean listed, struct pl_answer *a)
{
	if (listed) {
		move_and_tell(m, a);
		return TRUE;
	}
	if (!all_there(m->files))
		return FALSE;
	a->state = PL_ATTEMPT_SENT;
	a->reply = words(m->files);
	return TRUE;
}

static gboolean
prove(struct pl_pass *pass, const pl_batch *batch, struct pl_answer *a)
{
	g_autofree char *fixed = pl_folder_fixed(batch->deliver_to);
	g_autofree char *ticket = pl_cargo_ticket(batch);
	g_autoptr(GError) why = NULL;
	g_autoptr(pl_shelf) shelf = pl_shelf_open(fixed, &why);
	g_autoptr(GPtrArray) files = NULL;
	struct move m;
	int listed =
	    shelf == NULL ? -1 : pl_shelf_has_list(shelf, ticket, &why);

	if (listed >= 0)
		files = pl_batch_written(pass->ledger, batch->id, &why);
	if (files == NULL) {
		not_now(a, why);
		return TRUE;
	}
	m = move_of(pass, batch, shelf, ticket, fixed, files);
	return complete(&m, listed > 0, a);
}

static char *
again(const pl_batch *batch)
{
	return g_strdup_printf("The files of batch %" G_GINT64_FORMAT
			       " may have been written already: what was kept "
			       "of it in " PL_FOLDER_WORKPLACE
			       " is gone. They were written again.",
	    batch->id);
}

const struct pl_destination pl_destination_folder = {
	.deferred = "PL-307",
	.begin = begin,
	.closed = closed,
	.prepare = prepare,
	.intend = intend,
	.deliver = deliver,
	.answered = answered,
	.prove = prove,
	.again = again,
	.drop = drop,
};
