/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * group - which files are one document
 *
 * At most one PDF and one XML, or a statement with its PDF. Pairs are made in
 * rounds, the surest first: one contains the other, one names the other, both
 * are of the same invoice number, same name in the same place, the PDF's name
 * has the number, same name anywhere, its pages have it, the only two of one
 * place, the only two at all. Files that contradict each other (two numbers,
 * two accounts) are never a pair by being the only two.
 *
 * Each statement of a file has a seat of its own for a PDF; one with the name
 * of the file goes with the first.
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

/* ---- the rounds -------------------------------------------------------- */

enum seats {
	SEAT_XML = 1,
	SEAT_ALONE = 2, /* the only statement of its file */
	SEAT_FIRST = 4, /* of several in one file */
	SEAT_LATER = 8,
	SEAT_STATEMENT = SEAT_ALONE | SEAT_FIRST | SEAT_LATER,
};

/* What may have a PDF beside it. */
struct seat {
	struct pl_piece *piece;
	const struct pl_statement *statement; /* NULL: none is known */
	enum seats kind;
	struct pl_piece *pdf;
};

static gboolean
lists(const GPtrArray *hashes, const char *sha256)
{
	for (guint i = 0; i < hashes->len; i++)
		if (strcmp(hashes->pdata[i], sha256) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
by_content(const struct seat *x, const struct pl_piece *pdf)
{
	return lists(x->piece->inside, pdf->file->sha256) ||
	       lists(pdf->inside, x->piece->file->sha256);
}

static gboolean
by_reference(const struct seat *x, const struct pl_piece *pdf)
{
	const GPtrArray *names = x->piece->facts->attached_names;

	for (guint i = 0; names != NULL && i < names->len; i++) {
		g_autofree char *name = pl_name_clean(names->pdata[i]);
		g_autofree char *stem = pl_name_stem(name);
		if (same(stem, pdf->stem) && pl_name_ends(name, ".pdf"))
			return TRUE;
	}
	return FALSE;
}

static gboolean
by_number(const struct seat *x, const struct pl_piece *pdf)
{
	return same(x->piece->facts->number, pdf->facts->number);
}

static gboolean
by_name_here(const struct seat *x, const struct pl_piece *pdf)
{
	return x->piece->scope == pdf->scope && same(x->piece->stem, pdf->stem);
}

static gboolean
by_name_with_number(const struct seat *x, const struct pl_piece *pdf)
{
	return x->piece->facts->number != NULL && pdf->stem != NULL &&
	       pl_name_has_number(pdf->stem, x->piece->facts->number);
}

static gboolean
by_name_anywhere(const struct seat *x, const struct pl_piece *pdf)
{
	return same(x->piece->stem, pdf->stem);
}

static gboolean
by_being_there(const struct seat *x, const struct pl_piece *pdf)
{
	return x->statement == NULL ||
	       !pl_beside_contradicts(x->statement, pdf);
}

static gboolean
by_place(const struct seat *x, const struct pl_piece *pdf)
{
	return x->piece->scope == pdf->scope && by_being_there(x, pdf);
}

static gboolean
by_account_and_number(const struct seat *x, const struct pl_piece *pdf)
{
	return x->statement != NULL && pl_beside_named(x->statement, pdf);
}

static gboolean
by_account(const struct seat *x, const struct pl_piece *pdf)
{
	return x->statement != NULL && pl_beside_account(x->statement, pdf);
}

static gboolean
by_pages(const struct seat *x, const struct pl_piece *pdf)
{
	return x->statement != NULL && pl_beside_written(x->statement, pdf);
}

static gboolean
by_pages_with_balance(const struct seat *x, const struct pl_piece *pdf)
{
	return x->statement != NULL &&
	       pl_beside_written_well(x->statement, pdf);
}

struct round {
	gboolean (*match)(const struct seat *x, const struct pl_piece *pdf);
	gboolean only; /* neither has another candidate */
	unsigned seats;
};
static const struct round rounds[] = {
	{ by_content, FALSE, SEAT_XML },
	{ by_reference, FALSE, SEAT_XML },
	{ by_number, FALSE, SEAT_XML },
	{ by_name_here, FALSE, SEAT_XML | SEAT_ALONE },
	{ by_account_and_number, TRUE, SEAT_STATEMENT },
	{ by_name_with_number, TRUE, SEAT_XML },
	{ by_name_anywhere, TRUE, SEAT_XML | SEAT_ALONE },
	{ by_pages_with_balance, TRUE, SEAT_STATEMENT },
	{ by_pages, TRUE, SEAT_STATEMENT },
	{ by_account, TRUE, SEAT_STATEMENT },
	{ by_name_here, FALSE, SEAT_FIRST },
	{ by_name_anywhere, TRUE, SEAT_FIRST },
	{ by_place, TRUE, SEAT_XML | SEAT_ALONE },
	{ by_being_there, TRUE, SEAT_XML | SEAT_ALONE },
};

struct pairing {
	GArray *seats; /* struct seat, those of one file together */
	GPtrArray *pdfs;
};

static gboolean
fits(const struct round *r, const struct seat *x, const struct pl_piece *pdf)
{
	if (pdf->used || x->pdf != NULL || (r->seats & x->kind) == 0)
		return FALSE;
	/* a hybrid is an invoice */
	if ((x->kind & SEAT_STATEMENT) != 0 && pdf->facts->number != NULL)
		return FALSE;
	return !contradict(x->piece, pdf) && r->match(x, pdf);
}

static void
seat_pdf(struct seat *x, struct pl_piece *pdf)
{
	x->pdf = pdf;
	pdf->used = TRUE;
}

/* The first that fits. */
static void
pair_first(struct pairing *p, const struct round *r)
{
	for (guint i = 0; i < p->seats->len; i++) {
		struct seat *x = &g_array_index(p->seats, struct seat, i);
		for (guint k = 0; k < p->pdfs->len; k++)
			if (fits(r, x, p->pdfs->pdata[k]))
				seat_pdf(x, p->pdfs->pdata[k]);
	}
}

#define NONE (-1)
#define SEVERAL (-2)

/* Those of which neither fits another one. */
static void
pair_only(struct pairing *p, const struct round *r)
{
	g_autofree int *of_pdf = g_new(int, p->pdfs->len + 1);
	g_autofree int *of_seat = g_new(int, p->seats->len + 1);

	for (guint k = 0; k < p->pdfs->len; k++)
		of_pdf[k] = NONE;
	for (guint i = 0; i < p->seats->len; i++) {
		const struct seat *x = &g_array_index(p->seats, struct seat, i);
		of_seat[i] = NONE;
		for (guint k = 0; k < p->pdfs->len; k++) {
			if (!fits(r, x, p->pdfs->pdata[k]))
				continue;
			of_seat[i] = of_seat[i] == NONE ? (int)k : SEVERAL;
			of_pdf[k] = of_pdf[k] == NONE ? (int)i : SEVERAL;
		}
	}
	for (guint i = 0; i < p->seats->len; i++)
		if (of_seat[i] >= 0 && of_pdf[of_seat[i]] == (int)i)
			seat_pdf(&g_array_index(p->seats, struct seat, i),
			    p->pdfs->pdata[of_seat[i]]);
}

/* ---- seats ------------------------------------------------------------- */

#define PAIRS_MOST 4000 /* of statements and PDFs: else by the names of files */

static void
add_seat(GArray *seats, struct pl_piece *piece, enum seats kind, unsigned n)
{
	const GPtrArray *list = piece->facts->statements;
	const struct seat seat = {
		.piece = piece,
		.statement = list != NULL && n < list->len ? list->pdata[n]
							   : NULL,
		.kind = kind,
	};

	g_array_append_val(seats, seat);
}

static void
add_seats(GArray *seats, struct pl_piece *piece, gboolean all)
{
	unsigned n = pl_document_count(piece);

	if (class_of(piece) == CLASS_XML)
		add_seat(seats, piece, SEAT_XML, G_MAXUINT);
	else if (n == 1)
		add_seat(seats, piece, SEAT_ALONE, 0);
	else
		add_seat(seats, piece, SEAT_FIRST, 0);
	for (unsigned i = 1; i < n && all && class_of(piece) != CLASS_XML; i++)
		add_seat(seats, piece, SEAT_LATER, i);
}

static guint64
count_statements(const GPtrArray *pieces)
{
	guint64 n = 0;

	for (guint i = 0; i < pieces->len; i++)
		if (class_of(pieces->pdata[i]) == CLASS_STATEMENT)
			n += pl_document_count(pieces->pdata[i]);
	return n;
}

static guint
count_pdfs(const GPtrArray *pieces)
{
	guint n = 0;

	for (guint i = 0; i < pieces->len; i++)
		n += class_of(pieces->pdata[i]) == CLASS_PDF;
	return n;
}

static gboolean
may_look(const GPtrArray *pieces)
{
	const guint64 n = count_statements(pieces);

	return n > 0 && n * count_pdfs(pieces) <= PAIRS_MOST;
}

gboolean
pl_group_wants_pages(const GPtrArray *pieces, const struct pl_piece *pdf)
{
	if (class_of(pdf) != CLASS_PDF || pdf->facts->number != NULL ||
	    !may_look(pieces))
		return FALSE;
	for (guint i = 0; i < pieces->len; i++) {
		const struct pl_piece *x = pieces->pdata[i];
		if (class_of(x) == CLASS_STATEMENT &&
		    pl_document_count(x) == 1 && x->scope == pdf->scope &&
		    same(x->stem, pdf->stem))
			return FALSE;
	}
	return TRUE;
}

static void
take_seats(struct pairing *p, GPtrArray *pieces)
{
	const gboolean look = may_look(pieces);

	for (guint i = 0; i < pieces->len; i++) {
		struct pl_piece *piece = pieces->pdata[i];
		piece->used = FALSE;
		if (class_of(piece) == CLASS_PDF)
			g_ptr_array_add(p->pdfs, piece);
		else if (class_of(piece) != CLASS_IMAGE)
			add_seats(p->seats, piece, look);
		if (class_of(piece) == CLASS_PDF && look &&
		    piece->stem != NULL && piece->name_said == NULL)
			piece->name_said = pl_said_new(piece->stem);
	}
}

/* ---- documents --------------------------------------------------------- */

/* The first seat of the file PIECE, or of that with which it goes as a PDF. */
static struct seat *
seat_of(const struct pairing *p, const struct pl_piece *piece, guint *at)
{
	for (guint i = 0; i < p->seats->len; i++) {
		struct seat *x = &g_array_index(p->seats, struct seat, i);
		if (x->piece != piece && x->pdf != piece)
			continue;
		while (i > 0 && x[-1].piece == x->piece)
			i--, x--;
		*at = i;
		return x;
	}
	return NULL;
}

static void
make_statements(const struct pairing *p, guint at, GPtrArray *documents)
{
	struct pl_piece *file = g_array_index(p->seats, struct seat, at).piece;
	const unsigned n = pl_document_count(file);
	g_autofree const struct pl_piece **pdfs =
	    g_new0(const struct pl_piece *, n);

	for (unsigned i = 0; i < n && at + i < p->seats->len; i++) {
		const struct seat *x =
		    &g_array_index(p->seats, struct seat, at + i);
		if (x->piece != file)
			break;
		pdfs[i] = x->pdf;
		if (x->pdf != NULL)
			x->pdf->used = TRUE;
	}
	file->used = TRUE;
	pl_document_of_statements(documents, file, pdfs);
}

static void
make(const struct pairing *p, struct pl_piece *piece, GPtrArray *documents)
{
	guint at = 0;
	const struct seat *x = seat_of(p, piece, &at);

	piece->used = TRUE;
	if (x == NULL) {
		pl_document_of_files(documents, piece, NULL);
		return;
	}
	if ((x->kind & SEAT_STATEMENT) != 0) {
		make_statements(p, at, documents);
		return;
	}
	x->piece->used = TRUE;
	if (x->pdf != NULL)
		x->pdf->used = TRUE;
	pl_document_of_files(documents, x->pdf, x->piece);
}

void
pl_group(GPtrArray *pieces, GPtrArray *documents)
{
	g_autoptr(GArray) seats = g_array_new(FALSE, FALSE, sizeof(struct seat));
	g_autoptr(GPtrArray) pdfs = g_ptr_array_new();
	struct pairing p = { seats, pdfs };

	take_seats(&p, pieces);
	for (unsigned k = 0; k < G_N_ELEMENTS(rounds) && pdfs->len > 0; k++)
		if (rounds[k].only)
			pair_only(&p, &rounds[k]);
		else
			pair_first(&p, &rounds[k]);
	for (guint i = 0; i < pdfs->len; i++)
		((struct pl_piece *)pdfs->pdata[i])->used = FALSE;
	for (guint i = 0; i < pieces->len; i++) {
		struct pl_piece *piece = pieces->pdata[i];
		if (!piece->used)
			make(&p, piece, documents);
	}
}
