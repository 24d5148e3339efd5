/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cargo - a batch as files in the workplace, ready to be put into folders
 *
 * First it is settled which files go into which folder; then each gets a name
 * that is free there, and is written. A name may be taken until the file is
 * put out; then it gets another one.
 */
#include <string.h>
#include <unistd.h>

#include "cargo.h"
#include "crash.h"
#include "place.h"

static void
crate_free(gpointer data)
{
	struct pl_crate *c = data;

	g_free(c->below);
	g_free(c->name);
	g_ptr_array_unref(c->files);
	g_free(c);
}

static void
names_free(gpointer names)
{
	pl_names_free(names);
}

struct pl_cargo *
pl_cargo_new(
    const struct pl_pass *pass, const pl_batch *batch, const GPtrArray *entries)
{
	struct pl_cargo *c = g_new0(struct pl_cargo, 1);

	c->composer = (struct pl_composer){ pass->ledger, pass->reader,
		pass->config, 0, NULL };
	c->batch = batch;
	c->entries = entries;
	c->fixed = pl_folder_fixed(batch->deliver_to);
	c->ticket = pl_cargo_ticket(batch);
	c->documents = pl_outgoing_documents();
	c->files = pl_outgoing_files();
	c->crates = g_ptr_array_new_with_free_func(crate_free);
	c->names =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, names_free);
	return c;
}

void
pl_cargo_free(struct pl_cargo *c)
{
	if (c == NULL)
		return;
	g_free(c->fixed);
	g_free(c->ticket);
	pl_shelf_free(c->shelf);
	g_ptr_array_unref(c->crates);
	g_ptr_array_unref(c->files);
	g_ptr_array_unref(c->documents);
	g_hash_table_unref(c->names);
	g_free(c);
}

/* "b.17.LEDGER-RANDOM": of its Message-ID. */
char *
pl_cargo_ticket(const pl_batch *batch)
{
	const char *id = batch->message_id;
	char *ticket = g_strndup(id + 1, strcspn(id + 1, "@>"));

	return g_strcanon(
	    ticket, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ".-", '_');
}

/* ---- crates ------------------------------------------------------------ */

static struct pl_crate *
add_crate(struct pl_cargo *c, const char *below)
{
	struct pl_crate *crate = g_new0(struct pl_crate, 1);

	crate->below = g_strdup(below);
	crate->files = g_ptr_array_new();
	g_ptr_array_add(c->crates, crate);
	return crate;
}

static struct pl_crate *
crate_for(struct pl_cargo *c, const char *below)
{
	for (guint i = 0; c->batch->zip && i < c->crates->len; i++) {
		struct pl_crate *crate = c->crates->pdata[i];

		if (strcmp(crate->below, below) == 0)
			return crate;
	}
	return add_crate(c, below);
}

static void
pack_crates(struct pl_cargo *c)
{
	GTimeZone *zone = pl_config_gateway(c->composer.config)->timezone;

	for (guint i = 0; i < c->files->len; i++) {
		struct pl_outgoing *f = c->files->pdata[i];
		const pl_entry *e = c->entries->pdata[f->entry];
		g_autofree char *below =
		    pl_place_below(c->batch->deliver_to, e, zone);
		struct pl_crate *crate = crate_for(c, below);

		crate->first = c->batch->zip ? 0 : e->id;
		crate->entry =
		    f->covers == c->entries->len && f->covers > 1 ? 0
								  : crate->first;
		g_ptr_array_add(crate->files, f);
	}
}

/* ---- names ------------------------------------------------------------- */

static pl_names *
names_of(struct pl_cargo *c, const char *below)
{
	pl_names *names = g_hash_table_lookup(c->names, below);

	if (names == NULL) {
		names = pl_names_new();
		g_hash_table_insert(c->names, g_strdup(below), names);
	}
	return names;
}

static char *
take_name(
    const struct pl_cargo *c, const struct pl_crate *crate, pl_names *names)
{
	g_autofree char *zip = NULL;

	if (!c->batch->zip)
		return pl_outgoing_name(crate->files->pdata[0], names);
	zip = pl_outgoing_zip_name(&c->composer, c->batch);
	return pl_names_take(names, zip, NULL, NULL);
}

char *
pl_cargo_path(const struct pl_cargo *c, const struct pl_crate *crate)
{
	return *crate->below != '\0'
		   ? g_build_filename(c->fixed, crate->below, crate->name, NULL)
		   : g_build_filename(c->fixed, crate->name, NULL);
}

/* What was sent before and is sent again gets another name, also where the
 * first one was taken away. */
static gboolean
is_used(const struct pl_cargo *c, const struct pl_crate *crate,
    const GPtrArray *before)
{
	g_autofree char *path = pl_cargo_path(c, crate);

	return g_ptr_array_find_with_equal_func(
	    (GPtrArray *)(guintptr)before, path, g_str_equal, NULL);
}

static gboolean
name_crate(struct pl_cargo *c, struct pl_crate *crate, GError **error)
{
	pl_names *names = names_of(c, crate->below);
	g_autoptr(GPtrArray) before =
	    pl_entry_written(c->composer.ledger, crate->first, error);
	int folder = before == NULL
			 ? -1
			 : pl_shelf_folder(c->shelf, crate->below, error);

	if (folder < 0)
		return FALSE;
	do {
		g_free(crate->name);
		crate->name = take_name(c, crate, names);
	} while (
	    pl_shelf_exists(folder, crate->name) || is_used(c, crate, before));
	close(folder);
	return TRUE;
}

static void
name_inside(struct pl_crate *crate)
{
	g_autoptr(pl_names) names = pl_names_new();

	for (guint i = 0; i < crate->files->len; i++) {
		struct pl_outgoing *f = crate->files->pdata[i];

		f->name = pl_outgoing_name(f, names);
	}
}

/* ---- prepare ----------------------------------------------------------- */

static gboolean
put_bytes(void *to, const void *bytes, gsize length, GError **error)
{
	struct pl_cargo *c = to;

	return pl_shelf_write(c->shelf, c->fd, bytes, length, error);
}

static gboolean
fill(struct pl_cargo *c, struct pl_crate *crate, guint *bad, GError **error)
{
	struct pl_outgoing *f = crate->files->pdata[0];

	*bad = f->entry;
	if (!c->batch->zip)
		return pl_outgoing_put(&c->composer, f, put_bytes, c, error);
	name_inside(crate);
	return pl_outgoing_zip(
	    &c->composer, crate->files, c->entries, put_bytes, c, bad, error);
}

static gboolean
write_crate(struct pl_cargo *c, guint number, guint *bad, GError **error)
{
	struct pl_crate *crate = c->crates->pdata[number];
	gboolean filled;

	if (!name_crate(c, crate, error))
		return FALSE;
	c->fd = pl_shelf_begin(c->shelf, c->ticket, number, error);
	if (c->fd < 0)
		return FALSE;
	filled = fill(c, crate, bad, error);
	if (!filled)
		close(c->fd);
	else
		filled = pl_shelf_end(c->shelf, c->fd, &crate->size, error);
	pl_crash_point("folder-spooled");
	return filled;
}

static gboolean
write_list(struct pl_cargo *c, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < c->crates->len; i++) {
		const struct pl_crate *crate = c->crates->pdata[i];
		g_autofree char *path = pl_cargo_path(c, crate);

		g_string_append_printf(text, "%u %s\n", i, path);
	}
	return pl_shelf_list(c->shelf, c->ticket, text->str, error);
}

gboolean
pl_cargo_write(struct pl_cargo *c, guint *bad, GError **error)
{
	const struct pl_journal *journal =
	    pl_config_find(c->composer.config, c->batch->journal);

	if (!pl_outgoing_of(&c->composer, journal, c->entries, c->documents,
		c->files, bad, error))
		return FALSE;
	pack_crates(c);
	for (guint i = 0; i < c->crates->len; i++)
		if (!write_crate(c, i, bad, error))
			return FALSE;
	return write_list(c, error);
}
