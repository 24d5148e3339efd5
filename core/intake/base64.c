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
#include "sextets.h"

void
pl_base64_init(struct pl_base64 *state)
{
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
	const guint32 v = pl_sextets_value(c);

	if (c == '=') {
		if (s->have >= 2) {
			out = flush(s, out);
			s->padded = TRUE;
		} else if (s->line) {
			s->foreign = TRUE; /* the checksum of OpenPGP */
		}
		return out;
	}
	if (v == PL_SEXTET_NONE) {
		s->line = s->padded && c == '\n';
		if (s->padded && c != '\r' && c != '\n')
			s->foreign = TRUE;
		return out;
	}
	s->line = FALSE;
	if (s->padded)
		s->behind++;
	s->bits = s->bits << 6 | v;
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
		if (s->have == 0 && !s->padded) {
			const gsize n =
			    pl_sextets_join(in, (gsize)(end - in), out);

			in += n;
			out += n / 4 * 3;
			const guint8 *line = in;
			while (in < end && (*in == '\r' || *in == '\n'))
				in++;
			if (in > line)
				continue;
		}
		if (in == end)
			break;
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
