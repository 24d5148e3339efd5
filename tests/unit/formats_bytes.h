/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_bytes - facts of a fixture or of a text in a test
 */
#ifndef FORMATS_BYTES_H
#define FORMATS_BYTES_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "postledger/formats.h"

#define UBL "urn:oasis:names:specification:ubl:schema:xsd:"

static inline GBytes *
fixture(const char *name)
{
	g_autofree char *path =
	    g_build_filename("tests/data/formats", name, NULL);
	char *bytes;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, NULL))
		fail_msg("cannot read %s", path);
	return g_bytes_new_take(bytes, length);
}

static inline struct pl_facts *
facts_of_bytes(GBytes *bytes)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);

	return pl_facts_read(data, length, NULL);
}

static inline struct pl_facts *
facts_of(const char *name)
{
	g_autoptr(GBytes) bytes = fixture(name);

	return facts_of_bytes(bytes);
}

static inline struct pl_facts *
facts_of_text(const char *text)
{
	return pl_facts_read((const guint8 *)text, strlen(text), NULL);
}

/* The fixture with the first FROM replaced. */
static inline struct pl_facts *
facts_of_changed(const char *name, const char *from, const char *to)
{
	g_autoptr(GBytes) bytes = fixture(name);
	gsize length, size = strlen(from);
	const char *data = g_bytes_get_data(bytes, &length);
	const char *at = memmem(data, length, from, size);
	g_autoptr(GString) text = g_string_new_len(data, (gssize)length);

	if (at == NULL)
		fail_msg("%s has no \"%s\"", name, from);
	g_string_erase(text, at - data, (gssize)size);
	g_string_insert(text, at - data, to);
	return pl_facts_read((const guint8 *)text->str, text->len, NULL);
}

#ifdef __SANITIZE_ADDRESS__
#define SECONDS_MAX 20
#else
#define SECONDS_MAX 2
#endif

/* Takes at most two seconds of the processor, whatever the bytes, as promised
 * (and ten times as long where every access is checked). */
static inline struct pl_facts *
facts_of_hostile(const void *bytes, gsize length)
{
	clock_t start = clock();
	struct pl_facts *facts = pl_facts_read(bytes, length, NULL);

	assert_true(clock() - start < SECONDS_MAX * CLOCKS_PER_SEC);
	return facts;
}

static inline void
is_string(const char *ours, const char *expected)
{
	if (expected == NULL)
		assert_null(ours);
	else if (ours == NULL)
		fail_msg("\"%s\" expected, nothing found", expected);
	else
		assert_string_equal(ours, expected);
}

#endif
