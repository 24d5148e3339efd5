/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire - findings between child and reader
 *
 * Numbers of eight bytes, texts with their length, lists with their count; the
 * strings of a struct in the order of a table. The reader takes it for
 * foreign: lengths are checked before they are used, texts must be UTF-8
 * without NUL, numbers in range, and nothing may be left over. What a text
 * claims stays a claim.
 */
#include "room.h"

#include <string.h>

#define NONE G_MAXUINT32 /* length of a NULL string */

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
	offsetof(struct pl_document, page),
	offsetof(struct pl_document, problem),
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

static const gsize line_strings[] = {
	offsetof(struct pl_line, date),
	offsetof(struct pl_line, amount),
	offsetof(struct pl_line, counterparty_account),
	offsetof(struct pl_line, counterparty_name),
	offsetof(struct pl_line, communication),
	offsetof(struct pl_line, payment_reference),
};

static char **
member(void *object, gsize offset)
{
	return (char **)(void *)((char *)object + offset);
}

/* ---- pack -------------------------------------------------------------- */

static void
put_number(GByteArray *to, guint64 number)
{
	g_byte_array_append(to, (const guint8 *)&number, sizeof number);
}

static void
put_text(GByteArray *to, const char *text)
{
	g_autofree char *valid = NULL;
	guint32 length = NONE;

	if (text != NULL && !g_utf8_validate(text, -1, NULL))
		text = valid = g_utf8_make_valid(text, -1);
	if (text != NULL)
		length = (guint32)strlen(text);
	g_byte_array_append(to, (const guint8 *)&length, sizeof length);
	if (text != NULL)
		g_byte_array_append(to, (const guint8 *)text, length);
}

static void
put_texts(GByteArray *to, const void *object, const gsize *table, gsize n)
{
	for (gsize i = 0; i < n; i++)
		put_text(to, *member((void *)(guintptr)object, table[i]));
}

static void
put_files(GByteArray *to, const GPtrArray *files)
{
	put_number(to, files->len);
	for (guint i = 0; i < files->len; i++) {
		const struct pl_file *f = files->pdata[i];
		put_number(to, f->size);
		put_number(to, f->spot);
		put_number(to, f->spot_length);
		put_texts(to, f, file_strings, G_N_ELEMENTS(file_strings));
	}
}

/* The lines that are still within ROOM bytes, the number of them first. */
static void
put_lines(GByteArray *to, const GPtrArray *lines, gsize *room)
{
	const guint at = to->len;
	guint64 n = 0;

	put_number(to, 0);
	while (lines != NULL && n < lines->len && *room > 0) {
		const guint before = to->len;
		const struct pl_line *line = lines->pdata[n++];
		put_number(to, line->unbooked ? 1 : 0);
		put_texts(
		    to, line, line_strings, G_N_ELEMENTS(line_strings));
		*room -= MIN(*room, to->len - before);
	}
	memcpy(to->data + at, &n, sizeof n);
}

static void
put_document(GByteArray *to, const struct pl_document *d, gsize *room)
{
	put_number(to, (guint64)d->kind);
	put_number(to, d->offset);
	put_number(to, d->length);
	put_number(to, d->lines);
	put_texts(to, d, document_strings, G_N_ELEMENTS(document_strings));
	put_lines(to, d->transactions, room);
	put_files(to, d->files);
}

GBytes *
pl_wire_pack(const pl_findings *f)
{
	GByteArray *to = g_byte_array_sized_new(1024);
	gsize room = PL_WIRE_LINES;

	put_number(to, f->message ? 1 : 0);
	put_number(to, (guint64)f->date);
	put_texts(to, f, findings_strings, G_N_ELEMENTS(findings_strings));
	put_number(to, f->documents->len);
	for (guint i = 0; i < f->documents->len; i++)
		put_document(to, f->documents->pdata[i], &room);
	put_files(to, f->ignored);
	put_number(to, f->problems->len);
	for (guint i = 0; i < f->problems->len; i++)
		put_texts(to, f->problems->pdata[i], problem_strings,
		    G_N_ELEMENTS(problem_strings));
	return g_byte_array_free_to_bytes(to);
}

/* ---- unpack ------------------------------------------------------------ */

struct view {
	const guint8 *at;
	gsize left;
};

static gboolean
get(struct view *v, void *to, gsize n)
{
	if (v->left < n)
		return FALSE;
	memcpy(to, v->at, n);
	v->at += n;
	v->left -= n;
	return TRUE;
}

static gboolean
get_number(struct view *v, guint64 most, guint64 *number)
{
	return get(v, number, sizeof *number) && *number <= most;
}

/* How many things follow; each has at least a byte. */
static gboolean
get_count(struct view *v, guint64 *count)
{
	return get_number(v, v->left, count);
}

static gboolean
get_text(struct view *v, char **text)
{
	guint32 length;

	if (!get(v, &length, sizeof length))
		return FALSE;
	if (length == NONE)
		return TRUE;
	if (length > v->left ||
	    !g_utf8_validate_len((const char *)v->at, length, NULL))
		return FALSE;
	*text = g_strndup((const char *)v->at, length);
	v->at += length;
	v->left -= length;
	return TRUE;
}

static gboolean
get_texts(struct view *v, void *object, const gsize *table, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (!get_text(v, member(object, table[i])))
			return FALSE;
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
get_file(struct view *v, gboolean ignored, GPtrArray *files)
{
	struct pl_file *f = pl_file_new();

	g_ptr_array_add(files, f);
	if (!get_number(v, G_MAXINT64, &f->size) ||
	    !get_number(v, G_MAXINT64, &f->spot) ||
	    !get_number(v, G_MAXINT64, &f->spot_length) ||
	    !get_texts(v, f, file_strings, G_N_ELEMENTS(file_strings)) ||
	    !is_hash(f->sha256) || f->media_type == NULL)
		return FALSE;
	if (ignored)
		return f->reason != NULL && f->format == NULL;
	return f->reason == NULL && f->format != NULL &&
	       pl_format_parse(f->format) != PL_FORMAT_UNKNOWN;
}

static gboolean
get_files(struct view *v, gboolean ignored, GPtrArray *files)
{
	guint64 n;

	if (!get_count(v, &n))
		return FALSE;
	while (n-- > 0)
		if (!get_file(v, ignored, files))
			return FALSE;
	return TRUE;
}

static gboolean
get_lines(struct view *v, struct pl_document *d)
{
	guint64 n;

	if (!get_count(v, &n) || n > d->lines)
		return FALSE;
	if (n > 0)
		d->transactions = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_line_free);
	while (n-- > 0) {
		struct pl_line *line = pl_line_new();
		guint64 unbooked;
		g_ptr_array_add(d->transactions, line);
		if (!get_number(v, 1, &unbooked) ||
		    !get_texts(
			v, line, line_strings, G_N_ELEMENTS(line_strings)))
			return FALSE;
		line->unbooked = unbooked != 0;
	}
	return TRUE;
}

static gboolean
get_document(struct view *v, GPtrArray *documents)
{
	struct pl_document *d = pl_document_new();
	guint64 kind, lines;

	g_ptr_array_add(documents, d);
	if (!get_number(v, PL_KINDS - 1, &kind) ||
	    !get_number(v, G_MAXINT64, &d->offset) ||
	    !get_number(v, G_MAXINT64, &d->length) ||
	    !get_number(v, G_MAXUINT32, &lines) ||
	    !get_texts(
		v, d, document_strings, G_N_ELEMENTS(document_strings)))
		return FALSE;
	d->kind = (int)kind;
	d->lines = (unsigned)lines;
	return get_lines(v, d) && get_files(v, FALSE, d->files) &&
	       d->files->len > 0;
}

static gboolean
get_documents(struct view *v, GPtrArray *documents)
{
	guint64 n;

	if (!get_count(v, &n))
		return FALSE;
	while (n-- > 0)
		if (!get_document(v, documents))
			return FALSE;
	return TRUE;
}

static gboolean
get_problems(struct view *v, GPtrArray *problems)
{
	guint64 n;

	if (!get_count(v, &n))
		return FALSE;
	while (n-- > 0) {
		struct pl_found_problem *p = g_new0(struct pl_found_problem, 1);
		g_ptr_array_add(problems, p);
		if (!get_texts(
			v, p, problem_strings, G_N_ELEMENTS(problem_strings)) ||
		    p->text == NULL || p->code == NULL ||
		    !g_str_has_prefix(p->code, "PL-1") || strlen(p->code) != 6)
			return FALSE;
	}
	return TRUE;
}

pl_findings *
pl_wire_unpack(GBytes *bytes)
{
	g_autoptr(pl_findings) f = pl_findings_new();
	struct view v;
	guint64 message, date;

	v.at = g_bytes_get_data(bytes, &v.left);
	if (!get_number(&v, 1, &message) ||
	    !get_number(&v, G_MAXUINT64, &date) ||
	    !get_texts(
		&v, f, findings_strings, G_N_ELEMENTS(findings_strings)) ||
	    !get_documents(&v, f->documents) ||
	    !get_files(&v, TRUE, f->ignored) ||
	    !get_problems(&v, f->problems) || v.left != 0)
		return NULL;
	f->message = message != 0;
	f->date = (gint64)date;
	return g_steal_pointer(&f);
}
