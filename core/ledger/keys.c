/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keys - what makes two documents the same, however it is written
 *
 * A document has up to four keys, which its entries take over. Each is a hash,
 * so that a number of any length has a place in an index. NULL: the document
 * does not say enough to be compared in that way.
 */
#include <string.h>

#include "room.h"

#define KEY_DIGITS 32 /* of the SHA-256, in hexadecimal */

/* PARTS ends with NULL; each is hashed with its end. */
static char *
hash(const char *const *parts)
{
	g_autoptr(pl_digest) digest = pl_digest_new();
	char hex[PL_SHA256_HEX + 1];

	for (; *parts != NULL; parts++)
		pl_digest_add(digest, *parts, strlen(*parts) + 1);
	pl_digest_end(digest, hex);
	return g_strndup(hex, KEY_DIGITS);
}
#define HASH(...) hash((const char *const[]){ __VA_ARGS__, NULL })

/* ---- words --------------------------------------------------------------- */

typedef gboolean keep_func(gunichar c);

static gboolean
is_no_space(gunichar c)
{
	return !g_unichar_isspace(c);
}

/* In one case, and of the characters only those to keep; NULL: none. */
static char *
fold(const char *text, keep_func *keep)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *same = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL);
	g_autofree char *folded = g_utf8_casefold(same, -1);
	GString *kept = g_string_new(NULL);

	for (const char *p = folded; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (keep(c))
			g_string_append_unichar(kept, c);
	}
	return g_string_free(kept, kept->len == 0);
}

gboolean
pl_name_same(const char *a, const char *b)
{
	g_autofree char *one = a != NULL ? fold(a, g_unichar_isalnum) : NULL;
	g_autofree char *two = b != NULL ? fold(b, g_unichar_isalnum) : NULL;

	return one != NULL && g_strcmp0(one, two) == 0;
}

/* Without the country: whether it is there and another one is for those to
 * say who have both numbers. */
static char *
seller_of(const pl_document *d)
{
	g_autofree char *id =
	    d->seller_id != NULL ? pl_id_normalise(d->seller_id) : NULL;
	g_autofree char *name = NULL;

	if (id != NULL && id[0] != '\0') {
		gboolean country = g_ascii_isalpha(id[0]) &&
				   g_ascii_isalpha(id[1]) &&
				   strpbrk(id + 2, "0123456789") != NULL;

		return g_strconcat("id ", id + (country ? 2 : 0), NULL);
	}
	if (d->seller_name != NULL)
		name = fold(d->seller_name, g_unichar_isalnum);
	return name != NULL ? g_strconcat("name ", name, NULL) : NULL;
}

/* "+01234.50" ▸ "1234.5" */
static char *
amount_of(const char *decimal)
{
	gboolean minus = *decimal == '-';
	const char *digits = decimal + strspn(decimal, "+-0");
	gsize n = strlen(digits);

	if (strchr(digits, '.') != NULL) {
		while (n > 0 && digits[n - 1] == '0')
			n--;
		n -= n > 0 && digits[n - 1] == '.';
	}
	return g_strdup_printf(
	    "%s%.*s", minus && n > 0 ? "-" : "", (int)n, digits);
}

gboolean
pl_amount_same(const char *a, const char *b)
{
	g_autofree char *one = a != NULL ? amount_of(a) : NULL;
	g_autofree char *two = b != NULL ? amount_of(b) : NULL;

	return g_strcmp0(one, two) == 0;
}

/* ---- files --------------------------------------------------------------- */

static const struct pl_file *
file_at(const pl_document *d, guint i)
{
	return i < d->files->len ? d->files->pdata[i] : NULL;
}

/* The invoice's XML says all that there is to say; whatever lies beside it. */
static int
speaker(const pl_document *d)
{
	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *f = file_at(d, i);

		if (g_strcmp0(f->format, "ubl") == 0 ||
		    g_strcmp0(f->format, "cii") == 0)
			return (int)i;
	}
	/* without facts all of its files count */
	return d->kind == PL_KIND_OTHER && d->number == NULL &&
		       d->files->len > 1
		   ? -1
		   : 0;
}

static const char *
text(const char *value)
{
	return value != NULL ? value : "";
}

static char *
file_key(const pl_document *d)
{
	int at = speaker(d);
	const struct pl_file *f = file_at(d, at < 0 ? 0 : (guint)at);
	const struct pl_file *other = at < 0 ? file_at(d, 1) : NULL;
	g_autofree char *place = NULL;

	if (f == NULL || f->sha256 == NULL)
		return NULL;
	/* of one that cannot be parted each is where all are */
	if (d->length > 0 && d->offset == 0 && d->length == f->size)
		return HASH(f->sha256, "in", text(d->account),
		    text(d->currency), text(d->sequence), text(d->date),
		    text(d->opening_balance), text(d->closing_balance));
	if (d->length > 0) {
		place =
		    g_strdup_printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
			d->offset, d->length);
		return HASH(f->sha256, place);
	}
	if (other != NULL && other->sha256 != NULL)
		return HASH(f->sha256, other->sha256);
	return HASH(f->sha256);
}

/* What comes along: by itself it would be the same again. */
static char *
part_key(const pl_document *d)
{
	int at = speaker(d);
	const struct pl_file *f = file_at(d, at == 0 ? 1 : 0);

	return d->files->len > 1 && f->sha256 != NULL ? HASH(f->sha256) : NULL;
}

/* ---- facts --------------------------------------------------------------- */

static char *
invoice_key(const pl_document *d)
{
	g_autofree char *number =
	    d->number != NULL ? fold(d->number, is_no_space) : NULL;
	g_autofree char *seller = seller_of(d);

	if (number == NULL || seller == NULL)
		return NULL;
	return HASH(d->kind == PL_KIND_INVOICE ? "invoice" : "credit note",
	    seller, number);
}

/* One account, one day, one movement: one statement, in whatever format. */
static char *
balance_key(const pl_document *d)
{
	g_autofree char *account = NULL, *opening = NULL, *closing = NULL;

	if (d->account == NULL || d->to == NULL || d->opening_balance == NULL ||
	    d->closing_balance == NULL)
		return NULL;
	account = pl_statement_account(d->account);
	opening = amount_of(d->opening_balance);
	closing = amount_of(d->closing_balance);
	return HASH("statement", account, d->to, opening, closing);
}

/* 000 is how banks write that they do not count. Pages of one number are no
 * versions of each other. */
static char *
sequence_key(const pl_document *d)
{
	const struct pl_file *f = file_at(d, 0);
	g_autofree char *account = NULL, *sequence = NULL;
	const char *digits;

	if (d->kind != PL_KIND_STATEMENT || d->account == NULL ||
	    d->to == NULL || d->sequence == NULL || f == NULL ||
	    f->format == NULL)
		return NULL;
	account = pl_statement_account(d->account);
	sequence = fold(d->sequence, is_no_space);
	if (sequence == NULL)
		return NULL;
	digits = sequence + strspn(sequence, "0");
	if (*digits == '\0')
		return NULL;
	return HASH("number", f->format, account, d->to, digits,
	    d->page != NULL ? d->page : "1");
}

char *
pl_document_key(const pl_document *d, enum pl_same same)
{
	switch (same) {
	case PL_SAME_FILE:
		return file_key(d);
	case PL_SAME_PART:
		return part_key(d);
	case PL_SAME_FACTS:
		return d->kind == PL_KIND_STATEMENT ? balance_key(d)
		       : d->kind == PL_KIND_OTHER   ? NULL
						    : invoice_key(d);
	case PL_SAME_SEQUENCE:
		return sequence_key(d);
	}
	g_return_val_if_reached(NULL);
}

char *
pl_file_key(const struct pl_file *file)
{
	return file->sha256 != NULL ? HASH(file->sha256) : NULL;
}
