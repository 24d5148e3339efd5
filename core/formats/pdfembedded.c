/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfembedded - the files inside a PDF
 *
 * They hang in the name tree /Names /EmbeddedFiles and among the associated
 * files /AF of the catalog; most hybrids use both for the same stream, which
 * counts once. Some hang on a page, associated or as an annotation. Loops,
 * depth, numbers and lengths are limited: the walk ends early in a hostile tree
 * and keeps what it found. What cannot be unpacked or is empty is left out; so
 * is what is too long, which the caller is told.
 */
#include "pdf.h"

#include <string.h>

#define TREE_DEPTH_MAX 32
#define STEPS_MAX 4096 /* nodes and entries together */
#define FILES_MAX 1000
#define PAGES_MAX 50          /* that are looked at */
#define BYTES_MAX (64u << 20) /* of content */
#define WORK_MAX (192u << 20) /* unpacked, also in vain */

struct walk {
	qpdf_data pdf;
	GPtrArray *embedded; /* struct pl_embedded */
	GHashTable *seen;    /* object numbers of streams */
	struct pl_pdf_room room;
	guint steps;
};

/* ---- file specifications */

static char *
text_of(struct walk *walk, qpdf_oh string)
{
	size_t length = 0;
	const char *text;

	if (!qpdf_oh_is_string(walk->pdf, string))
		return NULL;
	text = qpdf_oh_get_binary_utf8_value(walk->pdf, string, &length);
	if (text == NULL || length == 0)
		return NULL;

	/* Some writers end the string with a NUL. */
	char *valid =
	    g_utf8_make_valid(text, (gssize)strnlen(text, MIN(length, 1024)));

	if (*g_strstrip(valid) != '\0')
		return valid;
	g_free(valid);
	return NULL;
}

static char *
first_text(struct walk *walk, qpdf_oh dictionary, const char *const *keys)
{
	for (; *keys != NULL; keys++) {
		char *text = text_of(
		    walk, qpdf_oh_get_key(walk->pdf, dictionary, *keys));

		if (text != NULL)
			return text;
	}
	return NULL;
}

/* "/text/xml" of the stream's dictionary. */
static char *
media_type(struct walk *walk, qpdf_oh stream)
{
	qpdf_oh dictionary = qpdf_oh_get_dict(walk->pdf, stream);
	qpdf_oh subtype = qpdf_oh_get_key(walk->pdf, dictionary, "/Subtype");

	if (!qpdf_oh_is_name(walk->pdf, subtype))
		return NULL;

	const char *name = qpdf_oh_get_name(walk->pdf, subtype);

	if (name == NULL || strlen(name) > 128 || strchr(name + 1, '/') == NULL)
		return NULL;
	return g_utf8_make_valid(name + 1, -1);
}

static qpdf_oh
first_stream(struct walk *walk, qpdf_oh specification)
{
	static const char *const keys[] = { "/UF", "/F", "/Unix", "/DOS",
		"/Mac" };
	qpdf_oh files = qpdf_oh_get_key(walk->pdf, specification, "/EF");

	for (guint i = 0;
	     i < G_N_ELEMENTS(keys) && qpdf_oh_is_dictionary(walk->pdf, files);
	     i++) {
		qpdf_oh stream = qpdf_oh_get_key(walk->pdf, files, keys[i]);

		if (qpdf_oh_is_stream(walk->pdf, stream))
			return stream;
	}
	return 0;
}

/* KEY is the name in the tree, or 0. */
static void
add_file(struct walk *walk, qpdf_oh specification, qpdf_oh key)
{
	static const char *const names[] = { "/UF", "/F", "/Unix", "/DOS",
		"/Mac", NULL };

	if (!qpdf_oh_is_dictionary(walk->pdf, specification))
		return;

	qpdf_oh stream = first_stream(walk, specification);

	if (stream == 0 ||
	    !g_hash_table_add(walk->seen,
		GINT_TO_POINTER(qpdf_oh_get_object_id(walk->pdf, stream))))
		return;
	if (walk->embedded->len >= FILES_MAX)
		return;

	g_autoptr(GBytes) bytes =
	    pl_pdf_content(walk->pdf, stream, &walk->room);

	if (bytes == NULL || g_bytes_get_size(bytes) == 0)
		return;
	if (g_bytes_get_size(bytes) > walk->room.bytes) {
		walk->room.beyond = TRUE;
		return;
	}

	struct pl_embedded *file = pl_embedded_new();

	walk->room.bytes -= g_bytes_get_size(bytes);
	file->filename = first_text(walk, specification, names);
	if (file->filename == NULL && key != 0)
		file->filename = text_of(walk, key);
	file->media_type = media_type(walk, stream);
	file->bytes = g_steal_pointer(&bytes);
	g_ptr_array_add(walk->embedded, file);
}

/* ---- the places */

static guint
array_length(struct walk *walk, qpdf_oh array)
{
	if (!qpdf_oh_is_array(walk->pdf, array))
		return 0;
	return (guint)MAX(qpdf_oh_get_array_n_items(walk->pdf, array), 0);
}

static void
walk_tree(struct walk *walk, qpdf_oh node, guint depth)
{
	if (depth > TREE_DEPTH_MAX || !qpdf_oh_is_dictionary(walk->pdf, node))
		return;

	qpdf_oh names = qpdf_oh_get_key(walk->pdf, node, "/Names");
	guint n_names = array_length(walk, names);

	for (guint i = 0; i + 1 < n_names && walk->steps < STEPS_MAX; i += 2) {
		walk->steps++;
		add_file(walk,
		    qpdf_oh_get_array_item(walk->pdf, names, (int)i + 1),
		    qpdf_oh_get_array_item(walk->pdf, names, (int)i));
	}

	qpdf_oh kids = qpdf_oh_get_key(walk->pdf, node, "/Kids");
	guint n_kids = array_length(walk, kids);

	for (guint i = 0; i < n_kids && walk->steps < STEPS_MAX; i++) {
		walk->steps++;
		walk_tree(walk, qpdf_oh_get_array_item(walk->pdf, kids, (int)i),
		    depth + 1);
	}
}

/* /AF of the catalog or of a page: an array, from some writers one alone. */
static void
walk_associated(struct walk *walk, qpdf_oh owner)
{
	qpdf_oh files = qpdf_oh_get_key(walk->pdf, owner, "/AF");
	guint n_files = array_length(walk, files);

	add_file(walk, files, 0);
	for (guint i = 0; i < n_files && walk->steps < STEPS_MAX; i++) {
		walk->steps++;
		add_file(
		    walk, qpdf_oh_get_array_item(walk->pdf, files, (int)i), 0);
	}
}

static gboolean
is_attachment(struct walk *walk, qpdf_oh annotation)
{
	qpdf_oh subtype;

	if (!qpdf_oh_is_dictionary(walk->pdf, annotation))
		return FALSE;
	subtype = qpdf_oh_get_key(walk->pdf, annotation, "/Subtype");
	return qpdf_oh_is_name(walk->pdf, subtype) &&
	       g_strcmp0(qpdf_oh_get_name(walk->pdf, subtype),
		   "/FileAttachment") == 0;
}

static void
walk_annotations(struct walk *walk, qpdf_oh page)
{
	qpdf_oh list = qpdf_oh_get_key(walk->pdf, page, "/Annots");
	guint n = array_length(walk, list);

	for (guint i = 0; i < n && walk->steps < STEPS_MAX; i++) {
		qpdf_oh one = qpdf_oh_get_array_item(walk->pdf, list, (int)i);

		walk->steps++;
		if (is_attachment(walk, one))
			add_file(
			    walk, qpdf_oh_get_key(walk->pdf, one, "/FS"), 0);
	}
}

static void
walk_pages(struct walk *walk)
{
	int pages = MIN(qpdf_get_num_pages(walk->pdf), PAGES_MAX);

	for (int i = 0; i < pages && walk->steps < STEPS_MAX; i++) {
		qpdf_oh page = qpdf_get_page_n(walk->pdf, (size_t)i);

		walk->steps++;
		walk_associated(walk, page);
		walk_annotations(walk, page);
	}
}

gboolean
pl_pdf_list_embedded(qpdf_data pdf, guint files, GPtrArray *embedded)
{
	if (files == 0)
		return TRUE;

	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	struct walk walk = { .pdf = pdf,
		.embedded = embedded,
		.seen = seen,
		.room = { BYTES_MAX, WORK_MAX, FALSE } };
	qpdf_oh root = qpdf_get_root(pdf);
	qpdf_oh names = qpdf_oh_get_key(pdf, root, "/Names");

	if (qpdf_oh_is_dictionary(pdf, names))
		walk_tree(
		    &walk, qpdf_oh_get_key(pdf, names, "/EmbeddedFiles"), 0);
	walk_associated(&walk, root);
	/* pages are many: not where all files were seen */
	if (g_hash_table_size(seen) < files)
		walk_pages(&walk);
	return !walk.room.beyond;
}
