/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base64 - decoded as mail programs do, which is more than the standard asks
 *
 * Foreign characters are skipped and missing padding at the end is no loss.
 * Behind padding the content has ended, and a footer that a mailing list put
 * there stays outside; but where nothing except more base64 follows, somebody
 * encoded a file in pieces, and all pieces count.
 */
#include "base64.h"

static gint32 values[256]; /* -1: not of the alphabet */

static void
fill_table(void)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "+/";
	static gsize once;

	if (!g_once_init_enter(&once))
		return;
	for (int i = 0; i < 256; i++)
		values[i] = -1;
	for (int i = 0; i < 64; i++)
		values[(guint8)alphabet[i]] = i;
	g_once_init_leave(&once, 1);
}

void
pl_base64_init(struct pl_base64 *state)
{
	fill_table();
	*state = (struct pl_base64){ 0 };
}

/* What is left of an unfinished group of four. */
static guint8 *
flush(struct pl_base64 *s, guint8 *out)
{
	if (s->have >= 2)
		*out++ = (guint8)(s->bits >> (6 * s->have - 8));
	if (s->have == 3)
		*out++ = (guint8)(s->bits >> 2);
	s->have = 0;
	s->bits = 0;
	return out;
}

static guint8 *
slow(struct pl_base64 *s, guint8 c, guint8 *out)
{
	const gint32 v = values[c];

	if (c == '=') {
		if (s->have >= 2) {
			out = flush(s, out);
			s->padded = TRUE;
		}
		return out;
	}
	if (v < 0) {
		if (s->padded && c != '\r' && c != '\n')
			s->foreign = TRUE;
		return out;
	}
	if (s->padded)
		s->behind++;
	s->bits = s->bits << 6 | (guint32)v;
	if (++s->have == 4) {
		*out++ = (guint8)(s->bits >> 16);
		*out++ = (guint8)(s->bits >> 8);
		*out++ = (guint8)s->bits;
		s->have = 0;
		s->bits = 0;
	}
	return out;
}

void
pl_base64_step(
    struct pl_base64 *s, const guint8 *in, gsize length, GByteArray *array)
{
	const guint8 *end = in + length;
	const guint at = array->len;

	g_byte_array_set_size(array, at + (guint)(length / 4 * 3 + 6));
	guint8 *start = array->data + at, *out = start;
	while (in < end) {
		if (s->have == 0 && !s->padded && end - in >= 4) {
			const gint32 a = values[in[0]], b = values[in[1]],
				     c = values[in[2]], d = values[in[3]];
			if ((a | b | c | d) >= 0) {
				*out++ = (guint8)(a << 2 | b >> 4);
				*out++ = (guint8)(b << 4 | c >> 2);
				*out++ = (guint8)(c << 6 | d);
				in += 4;
				continue;
			}
		}
		const gboolean before = s->padded;
		out = slow(s, *in++, out);
		if (s->padded && !before)
			s->end = at + (guint)(out - start);
	}
	g_byte_array_set_size(array, at + (guint)(out - start));
}

void
pl_base64_end(struct pl_base64 *s, GByteArray *array)
{
	guint8 rest[3];
	const guint8 *to = flush(s, rest);

	g_byte_array_append(array, rest, (guint)(to - rest));
	if (s->padded && (s->foreign || s->behind < 4))
		g_byte_array_set_size(array, s->end);
}
