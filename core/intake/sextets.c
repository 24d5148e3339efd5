/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sextets - three bytes as four characters of base64, and back, in a row
 *
 * All documents pass here three times: decoded when they are read, decoded and
 * encoded when they are sent. Byte by byte, or by tables, that was a tenth of
 * what a run takes.
 */
#include "sextets.h"

#include "postledger/intake.h"

#include <string.h>

#define BAD 0x1000000u

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What a character is worth in the first, second, third and fourth place of a
 * group, BAD for those that are not of the alphabet; what twelve bits are as
 * two characters. */
static guint32 worth[4][256];
static char pairs[4096][2];

static void
fill_tables(void)
{
	static gsize once;

	if (!g_once_init_enter(&once))
		return;
	for (unsigned place = 0; place < 4; place++) {
		for (unsigned i = 0; i < 256; i++)
			worth[place][i] = BAD;
		for (guint32 i = 0; i < 64; i++)
			worth[place][(guint8)alphabet[i]] = i
							    << (18 - 6 * place);
	}
	for (unsigned i = 0; i < 4096; i++) {
		pairs[i][0] = alphabet[i >> 6];
		pairs[i][1] = alphabet[i & 63];
	}
	g_once_init_leave(&once, 1);
}

gsize
pl_sextets_join_plain(const guint8 *in, gsize length, guint8 *out)
{
	gsize at = 0;

	fill_tables();
	for (; length - at >= 4; at += 4) {
		const guint32 v = worth[0][in[at]] | worth[1][in[at + 1]] |
				  worth[2][in[at + 2]] | worth[3][in[at + 3]];

		if (v >= BAD)
			break;
		*out++ = (guint8)(v >> 16);
		*out++ = (guint8)(v >> 8);
		*out++ = (guint8)v;
	}
	return at;
}

guint32
pl_sextets_value(guint8 character)
{
	fill_tables();
	return MIN(worth[3][character], PL_SEXTET_NONE);
}

void
pl_sextets_split_plain(const guint8 *in, gsize length, char *out)
{
	fill_tables();
	for (gsize i = 0; i < length; i += 3, out += 4) {
		const guint32 v =
		    (guint32)in[i] << 16 | (guint32)in[i + 1] << 8 | in[i + 2];

		memcpy(out, pairs[v >> 12], 2);
		memcpy(out + 2, pairs[v & 4095], 2);
	}
}

#ifdef __x86_64__

#include <immintrin.h>

#define VECTOR __attribute__((target("avx2")))
#define CHARS 32 /* in a vector, */
#define BYTES 24 /* and what they stand for */

static gboolean
has_vectors(void)
{
	return __builtin_cpu_supports("avx2") > 0;
}

/* 0xff where FROM <= c <= TO. Characters above 127 are negative, and in no
 * range. */
VECTOR static inline __m256i
between(__m256i c, char from, char to)
{
	return _mm256_and_si256(
	    _mm256_cmpgt_epi8(c, _mm256_set1_epi8((char)(from - 1))),
	    _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(to + 1)), c));
}

/* What has to be added to those of a RANGE, which ALL gets. */
VECTOR static inline __m256i
worth_of(__m256i range, int shift, __m256i *all)
{
	*all = _mm256_or_si256(*all, range);
	return _mm256_and_si256(range, _mm256_set1_epi8((char)shift));
}

/* FALSE: not all are of the alphabet. */
VECTOR static inline gboolean
join_one(const guint8 *in, guint8 *out)
{
	const __m256i c = _mm256_loadu_si256((const void *)in);
	const __m256i places =
	    _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1,
		-1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
	__m256i all = _mm256_setzero_si256(), v = c;

	v = _mm256_add_epi8(v, worth_of(between(c, 'A', 'Z'), -'A', &all));
	v = _mm256_add_epi8(v, worth_of(between(c, 'a', 'z'), 26 - 'a', &all));
	v = _mm256_add_epi8(v, worth_of(between(c, '0', '9'), 52 - '0', &all));
	v = _mm256_add_epi8(v, worth_of(between(c, '+', '+'), 62 - '+', &all));
	v = _mm256_add_epi8(v, worth_of(between(c, '/', '/'), 63 - '/', &all));
	if (_mm256_movemask_epi8(all) != -1)
		return FALSE;
	/* two of six bits become one of twelve, two of these one of 24 */
	v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
	v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
	v = _mm256_shuffle_epi8(v, places);
	/* twelve bytes of each half */
	v = _mm256_permutevar8x32_epi32(
	    v, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
	_mm_storeu_si128((void *)out, _mm256_castsi256_si128(v));
	_mm_storel_epi64((void *)(out + 16), _mm256_extracti128_si256(v, 1));
	return TRUE;
}

VECTOR static gsize
join_vectors(const guint8 *in, gsize length, guint8 *out)
{
	gsize at = 0;

	for (; length - at >= CHARS && join_one(in + at, out); at += CHARS)
		out += BYTES;
	return at;
}

VECTOR static inline void
split_one(const guint8 *in, char *out)
{
	/* twelve bytes for each half; the second half has four in front */
	const __m256i bytes = _mm256_inserti128_si256(
	    _mm256_castsi128_si256(_mm_loadu_si128((const void *)in)),
	    _mm_loadu_si128((const void *)(in + 8)), 1);
	/* three bytes a b c as the pairs "b a" and "c b" */
	const __m256i abc = _mm256_shuffle_epi8(bytes,
	    _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
		5, 4, 6, 5, 8, 7, 9, 8, 11, 10, 12, 11, 14, 13, 15, 14));
	/* first and third of six bits by a shift to the right, second and
	 * fourth by one to the left */
	const __m256i odd = _mm256_mulhi_epu16(
	    _mm256_and_si256(abc, _mm256_set1_epi32(0x0fc0fc00)),
	    _mm256_set1_epi32(0x04000040));
	const __m256i even = _mm256_mullo_epi16(
	    _mm256_and_si256(abc, _mm256_set1_epi32(0x003f03f0)),
	    _mm256_set1_epi32(0x01000010));
	const __m256i v = _mm256_or_si256(odd, even);
	__m256i c = _mm256_add_epi8(v, _mm256_set1_epi8('A')), unused = v;

	c = _mm256_add_epi8(
	    c, worth_of(between(v, 26, 51), 'a' - 'A' - 26, &unused));
	c = _mm256_add_epi8(
	    c, worth_of(between(v, 52, 61), '0' - 'A' - 52, &unused));
	c = _mm256_add_epi8(
	    c, worth_of(between(v, 62, 62), '+' - 'A' - 62, &unused));
	c = _mm256_add_epi8(
	    c, worth_of(between(v, 63, 63), '/' - 'A' - 63, &unused));
	_mm256_storeu_si256((void *)out, c);
}

/* The last vector may begin in the one before it. */
VECTOR static void
split_vectors(const guint8 *in, gsize length, char *out)
{
	gsize at = 0;

	for (; at + BYTES <= length; at += BYTES)
		split_one(in + at, out + at / 3 * 4);
	if (at < length)
		split_one(in + length - BYTES, out + (length - BYTES) / 3 * 4);
}

#else

#define BYTES 0

static gboolean
has_vectors(void)
{
	return FALSE;
}

static gsize
join_vectors(const guint8 *in, gsize length, guint8 *out)
{
	return pl_sextets_join_plain(in, length, out);
}

static void
split_vectors(const guint8 *in, gsize length, char *out)
{
	pl_sextets_split_plain(in, length, out);
}

#endif

gsize
pl_sextets_join(const guint8 *in, gsize length, guint8 *out)
{
	const gsize at = has_vectors() ? join_vectors(in, length, out) : 0;

	return at +
	       pl_sextets_join_plain(in + at, length - at, out + at / 4 * 3);
}

void
pl_base64_encode(const guint8 *in, gsize length, char *out)
{
	g_assert(length % 3 == 0);
	if (length >= BYTES && has_vectors())
		split_vectors(in, length, out);
	else
		pl_sextets_split_plain(in, length, out);
}
