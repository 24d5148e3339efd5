/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire - findings and frames between child and reader
 *
 * Findings travel as one serialised GVariant. The reader takes it for foreign:
 * it must be in normal form (which makes every string UTF-8 and every length
 * true) and its numbers in range; what a text claims stays a claim.
 */
#include "room.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Strings are sent as an array in the order of their table. */
#define FILE_TYPE "(tams)"
#define DOCUMENT_TYPE "(ittuamsa" FILE_TYPE ")"
#define FINDINGS_TYPE "(bxamsa" DOCUMENT_TYPE "a" FILE_TYPE "aams)"

static const gsize file_strings[] = {
	offsetof(struct pl_file, filename),
	offsetof(struct pl_file, media_type),
	offsetof(struct pl_file, format),
	offsetof(struct pl_file, sha256),
	offsetof(struct pl_file, reason),
};
static const gsize document_strings[] = {
	offsetof(struct pl_document, number),
	offsetof(struct pl_document, date),
	offsetof(struct pl_document, seller_id),
	offsetof(struct pl_document, seller_name),
	offsetof(struct pl_document, buyer_id),
	offsetof(struct pl_document, buyer_name),
	offsetof(struct pl_document, currency),
	offsetof(struct pl_document, total),
	offsetof(struct pl_document, payment_reference),
	offsetof(struct pl_document, account),
	offsetof(struct pl_document, sequence),
	offsetof(struct pl_document, opening_balance),
	offsetof(struct pl_document, closing_balance),
	offsetof(struct pl_document, from),
	offsetof(struct pl_document, to),
};
static const gsize problem_strings[] = {
	offsetof(struct pl_found_problem, code),
	offsetof(struct pl_found_problem, filename),
	offsetof(struct pl_found_problem, text),
};
static const gsize findings_strings[] = {
	offsetof(struct pl_findings, message_id),
	offsetof(struct pl_findings, subject),
	offsetof(struct pl_findings, from),
	offsetof(struct pl_findings, sender),
};

static char **
member(void *object, gsize offset)
{
	return (char **)(void *)((char *)object + offset);
}

/* ---- pack -------------------------------------------------------------------- */

static GVariant *
pack_strings(const void *object, const gsize *table, gsize n)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("ams"));
	for (gsize i = 0; i < n; i++) {
		const char *s = *member((void *)(guintptr)object, table[i]);
		g_autofree char *valid =
		    s != NULL ? g_utf8_make_valid(s, -1) : NULL;
		g_variant_builder_add(&b, "ms", valid);
	}
	return g_variant_builder_end(&b);
}

static GVariant *
pack_file(const struct pl_file *f)
{
	return g_variant_new("(t@ams)", f->size,
	    pack_strings(f, file_strings, G_N_ELEMENTS(file_strings)));
}

static GVariant *
pack_files(const GPtrArray *files)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("a" FILE_TYPE));
	for (guint i = 0; files != NULL && i < files->len; i++)
		g_variant_builder_add_value(&b, pack_file(files->pdata[i]));
	return g_variant_builder_end(&b);
}

static GVariant *
pack_document(const struct pl_document *d)
{
	return g_variant_new("(ittu@ams@a" FILE_TYPE ")", d->kind, d->offset,
	    d->length, d->lines,
	    pack_strings(d, document_strings, G_N_ELEMENTS(document_strings)),
	    pack_files(d->files));
}

GBytes *
pl_wire_pack(const pl_findings *f)
{
	GVariantBuilder documents, problems;

	g_variant_builder_init(&documents, G_VARIANT_TYPE("a" DOCUMENT_TYPE));
	for (guint i = 0; i < f->documents->len; i++)
		g_variant_builder_add_value(
		    &documents, pack_document(f->documents->pdata[i]));
	g_variant_builder_init(&problems, G_VARIANT_TYPE("aams"));
	for (guint i = 0; i < f->problems->len; i++)
		g_variant_builder_add_value(&problems,
		    pack_strings(f->problems->pdata[i], problem_strings,
			G_N_ELEMENTS(problem_strings)));
	g_autoptr(GVariant) v = g_variant_ref_sink(g_variant_new(
	    "(bx@ams@a" DOCUMENT_TYPE "@a" FILE_TYPE "@aams)", f->message,
	    f->date,
	    pack_strings(f, findings_strings, G_N_ELEMENTS(findings_strings)),
	    g_variant_builder_end(&documents), pack_files(f->ignored),
	    g_variant_builder_end(&problems)));
	return g_variant_get_data_as_bytes(v);
}

/* ---- unpack ---------------------------------------------------------------------- */

static gboolean
unpack_strings(GVariant *v, void *object, const gsize *table, gsize n)
{
	if (g_variant_n_children(v) != n)
		return FALSE;
	for (gsize i = 0; i < n; i++)
		g_variant_get_child(v, i, "ms", member(object, table[i]));
	return TRUE;
}

static gboolean
is_hash(const char *s)
{
	return s != NULL && strlen(s) == PL_SHA256_HEX &&
	       strspn(s, "0123456789abcdef") == PL_SHA256_HEX;
}

/* IGNORED: a reason, no format; else a known format and no reason. */
static gboolean
unpack_file(GVariant *v, gboolean ignored, GPtrArray *files)
{
	struct pl_file *f = pl_file_new();
	g_autoptr(GVariant) strings = g_variant_get_child_value(v, 1);

	g_ptr_array_add(files, f);
	g_variant_get_child(v, 0, "t", &f->size);
	if (!unpack_strings(
		strings, f, file_strings, G_N_ELEMENTS(file_strings)) ||
	    !is_hash(f->sha256) || f->media_type == NULL)
		return FALSE;
	if (ignored)
		return f->reason != NULL && f->format == NULL;
	return f->reason == NULL && f->format != NULL &&
	       pl_format_parse(f->format) != PL_FORMAT_UNKNOWN;
}

static gboolean
unpack_files(GVariant *list, gboolean ignored, GPtrArray *files)
{
	GVariantIter iter;
	GVariant *v;

	g_variant_iter_init(&iter, list);
	while ((v = g_variant_iter_next_value(&iter)) != NULL) {
		gboolean good = unpack_file(v, ignored, files);
		g_variant_unref(v);
		if (!good)
			return FALSE;
	}
	return TRUE;
}

static gboolean
unpack_document(GVariant *v, GPtrArray *documents)
{
	struct pl_document *d = pl_document_new();
	g_autoptr(GVariant) strings = NULL;
	g_autoptr(GVariant) files = NULL;

	g_ptr_array_add(documents, d);
	if (d->files == NULL)
		d->files = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_file_free);
	g_variant_get(v, "(ittu@ams@a" FILE_TYPE ")", &d->kind, &d->offset,
	    &d->length, &d->lines, &strings, &files);
	return d->kind >= 0 && d->kind < PL_KINDS &&
	       unpack_strings(strings, d, document_strings,
		   G_N_ELEMENTS(document_strings)) &&
	       unpack_files(files, FALSE, d->files) && d->files->len > 0;
}

static gboolean
unpack_documents(GVariant *list, GPtrArray *documents)
{
	GVariantIter iter;
	GVariant *v;

	g_variant_iter_init(&iter, list);
	while ((v = g_variant_iter_next_value(&iter)) != NULL) {
		gboolean good = unpack_document(v, documents);
		g_variant_unref(v);
		if (!good)
			return FALSE;
	}
	return TRUE;
}

static gboolean
unpack_problems(GVariant *list, pl_findings *findings)
{
	GVariantIter iter;
	GVariant *v;

	g_variant_iter_init(&iter, list);
	while ((v = g_variant_iter_next_value(&iter)) != NULL) {
		struct pl_found_problem p = { 0 };
		gboolean good = unpack_strings(
		    v, &p, problem_strings, G_N_ELEMENTS(problem_strings));
		good = good && p.code != NULL && p.text != NULL &&
		       g_str_has_prefix(p.code, "PL-1") && strlen(p.code) == 6;
		if (good)
			pl_found_problem_add(
			    findings, p.code, p.filename, p.text);
		g_free(p.code);
		g_free(p.filename);
		g_free(p.text);
		g_variant_unref(v);
		if (!good)
			return FALSE;
	}
	return TRUE;
}

pl_findings *
pl_wire_unpack(GBytes *bytes)
{
	g_autoptr(GVariant) v = g_variant_ref_sink(g_variant_new_from_bytes(
	    G_VARIANT_TYPE(FINDINGS_TYPE), bytes, FALSE));
	g_autoptr(GVariant) strings = NULL;
	g_autoptr(GVariant) documents = NULL;
	g_autoptr(GVariant) ignored = NULL;
	g_autoptr(GVariant) problems = NULL;

	if (!g_variant_is_normal_form(v))
		return NULL;
	g_autoptr(pl_findings) f = pl_findings_new();
	g_variant_get(v, "(bx@ams@a" DOCUMENT_TYPE "@a" FILE_TYPE "@aams)",
	    &f->message, &f->date, &strings, &documents, &ignored, &problems);
	if (!unpack_strings(
		strings, f, findings_strings, G_N_ELEMENTS(findings_strings)) ||
	    !unpack_documents(documents, f->documents) ||
	    !unpack_files(ignored, TRUE, f->ignored) ||
	    !unpack_problems(problems, f))
		return NULL;
	return g_steal_pointer(&f);
}
