/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * group - which files are one document
 *
 * At most one PDF and one XML, or a statement with its PDF. Pairs are made in
 * rounds, the surest first: one contains the other, one names the other, both
 * are of the same invoice number, same name in the same place, the PDF's name
 * has the number, same name anywhere, the only two of one place, the only two
 * at all. Files that contradict each other (two numbers) are never a pair.
 */
#include "room.h"

#include <string.h>

enum class {
	CLASS_PDF,
	CLASS_XML,
	CLASS_STATEMENT,
	CLASS_IMAGE,
};

static enum class class_of(const struct pl_piece *p) {
	switch (p->facts->format){
		case PL_FORMAT_PDF : case PL_FORMAT_FACTUR_X : return CLASS_PDF;
		case PL_FORMAT_UBL : case PL_FORMAT_CII : case
		PL_FORMAT_XML : return CLASS_XML;
		case PL_FORMAT_PNG : case PL_FORMAT_JPEG : case
		PL_FORMAT_TIFF : return CLASS_IMAGE;
		default : return CLASS_STATEMENT;
	}
}

static gboolean
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && a[0] != '\0' && strcmp(a, b) == 0;
}

static gboolean
contradict(const struct pl_piece *a, const struct pl_piece *b)
{
	return a->facts->number != NULL && b->facts->number != NULL &&
	       strcmp(a->facts->number, b->facts->number) != 0;
}

/* Letters and digits only, lower case. */
static char *
letters(const char *text)
{
	GString *s = g_string_new(NULL);

	for (; text != NULL && *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);
		if (g_unichar_isalnum(c))
			g_string_append_unichar(s, g_unichar_tolower(c));
	}
	return g_string_free(s, FALSE);
}

gboolean
pl_name_has_number(const char *name, const char *number)
{
	g_autofree char *n = letters(number);
	g_autofree char *s = letters(name);
	const gsize len = strlen(n);

	if (len < 3)
		return FALSE;
	for (const char *p = s; (p = strstr(p, n)) != NULL; p++)
		if ((p == s || !g_ascii_isdigit(p[-1]) ||
			!g_ascii_isdigit(n[0])) &&
		    (!g_ascii_isdigit(p[len]) || !g_ascii_isdigit(n[len - 1])))
			return TRUE;
	return FALSE;
}

/* ---- the rounds ---------------------------------------------------------------- */

static gboolean
lists(const GPtrArray *hashes, const char *sha256)
{
	for (guint i = 0; i < hashes->len; i++)
		if (strcmp(hashes->pdata[i], sha256) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
by_content(const struct pl_piece *x, const struct pl_piece *pdf)
{
	return lists(x->inside, pdf->file->sha256) ||
	       lists(pdf->inside, x->file->sha256);
}

static gboolean
by_reference(const struct pl_piece *x, const struct pl_piece *pdf)
{
	const GPtrArray *names = x->facts->attached_names;

	for (guint i = 0; names != NULL && i < names->len; i++) {
		g_autofree char *name = pl_name_clean(names->pdata[i]);
		g_autofree char *stem = pl_name_stem(name);
		if (same(stem, pdf->stem) && pl_name_ends(name, ".pdf"))
			return TRUE;
	}
	return FALSE;
}

static gboolean
by_number(const struct pl_piece *x, const struct pl_piece *pdf)
{
	return same(x->facts->number, pdf->facts->number);
}

static gboolean
by_name_here(const struct pl_piece *x, const struct pl_piece *pdf)
{
	return x->scope == pdf->scope && same(x->stem, pdf->stem);
}

static gboolean
by_name_with_number(const struct pl_piece *x, const struct pl_piece *pdf)
{
	return x->facts->number != NULL && pdf->stem != NULL &&
	       pl_name_has_number(pdf->stem, x->facts->number);
}

static gboolean
by_name_anywhere(const struct pl_piece *x, const struct pl_piece *pdf)
{
	return same(x->stem, pdf->stem);
}

static gboolean
by_place(const struct pl_piece *x, const struct pl_piece *pdf)
{
	return x->scope == pdf->scope;
}

static gboolean
by_being_there(const struct pl_piece *x, const struct pl_piece *pdf)
{
	(void)x, (void)pdf;
	return TRUE;
}

struct round {
	gboolean (*match)(const struct pl_piece *x, const struct pl_piece *pdf);
	gboolean only; /* neither has another candidate */
	gboolean statements;
};
static const struct round rounds[] = {
	{ by_content, FALSE, FALSE },
	{ by_reference, FALSE, FALSE },
	{ by_number, FALSE, FALSE },
	{ by_name_here, FALSE, TRUE },
	{ by_name_with_number, TRUE, FALSE },
	{ by_name_anywhere, TRUE, TRUE },
	{ by_place, TRUE, FALSE },
	{ by_being_there, TRUE, FALSE },
};

struct pairing {
	GPtrArray *others, *pdfs; /* struct pl_piece; partners in step */
	GPtrArray *partners;      /* of others: a PDF or NULL */
};

static gboolean
fits(
    const struct round *r, const struct pl_piece *x, const struct pl_piece *pdf)
{
	return !pdf->used &&
	       (r->statements || class_of(x) != CLASS_STATEMENT) &&
	       !contradict(x, pdf) && r->match(x, pdf);
}

/* The PDF for X by R; NULL if there is none, or (ONLY) more than one. */
static struct pl_piece *
partner(
    const struct pairing *p, const struct round *r, const struct pl_piece *x)
{
	struct pl_piece *found = NULL;

	for (guint i = 0; i < p->pdfs->len; i++) {
		struct pl_piece *pdf = p->pdfs->pdata[i];
		if (!fits(r, x, pdf))
			continue;
		if (!r->only)
			return pdf;
		if (found != NULL)
			return NULL;
		found = pdf;
	}
	return found;
}

/* Is X the only one that PDF would go to by R? */
static gboolean
only_one(
    const struct pairing *p, const struct round *r, const struct pl_piece *pdf)
{
	unsigned n = 0;

	for (guint i = 0; i < p->others->len; i++)
		if (p->partners->pdata[i] == NULL &&
		    fits(r, p->others->pdata[i], pdf))
			n++;
	return n == 1;
}

static void
pair(struct pairing *p)
{
	for (unsigned k = 0; k < G_N_ELEMENTS(rounds); k++) {
		const struct round *r = &rounds[k];
		for (guint i = 0; i < p->others->len; i++) {
			if (p->partners->pdata[i] != NULL)
				continue;
			struct pl_piece *pdf =
			    partner(p, r, p->others->pdata[i]);
			if (pdf == NULL || (r->only && !only_one(p, r, pdf)))
				continue;
			p->partners->pdata[i] = pdf;
			pdf->used = TRUE;
		}
	}
}

/* ---- documents --------------------------------------------------------------------- */

static struct pl_piece *
partner_of(const struct pairing *p, const struct pl_piece *piece)
{
	for (guint i = 0; i < p->others->len; i++) {
		if (p->others->pdata[i] == piece)
			return p->partners->pdata[i];
		if (p->partners->pdata[i] == piece)
			return p->others->pdata[i];
	}
	return NULL;
}

static void
make(const struct pairing *p, struct pl_piece *piece, GPtrArray *documents)
{
	struct pl_piece *other = partner_of(p, piece);
	struct pl_piece *pdf = class_of(piece) == CLASS_PDF ? piece : other;
	struct pl_piece *rest = pdf == piece ? other : piece;

	piece->used = TRUE;
	if (other != NULL)
		other->used = TRUE;
	if (class_of(piece) == CLASS_IMAGE)
		pl_document_of_files(documents, piece, NULL);
	else if (rest != NULL && class_of(rest) == CLASS_STATEMENT)
		pl_document_of_statements(documents, rest, pdf);
	else
		pl_document_of_files(documents, pdf, rest);
}

void
pl_group(GPtrArray *pieces, GPtrArray *documents)
{
	g_autoptr(GPtrArray) others = g_ptr_array_new();
	g_autoptr(GPtrArray) pdfs = g_ptr_array_new();
	g_autoptr(GPtrArray) partners = g_ptr_array_new();
	struct pairing p = { others, pdfs, partners };

	for (guint i = 0; i < pieces->len; i++) {
		struct pl_piece *piece = pieces->pdata[i];
		piece->used = FALSE;
		if (class_of(piece) == CLASS_PDF)
			g_ptr_array_add(pdfs, piece);
		else if (class_of(piece) != CLASS_IMAGE)
			g_ptr_array_add(others, piece);
	}
	g_ptr_array_set_size(partners, (gint)others->len);
	pair(&p);
	for (guint i = 0; i < pdfs->len; i++)
		((struct pl_piece *)pdfs->pdata[i])->used = FALSE;
	for (guint i = 0; i < pieces->len; i++) {
		struct pl_piece *piece = pieces->pdata[i];
		if (!piece->used)
			make(&p, piece, documents);
	}
}
