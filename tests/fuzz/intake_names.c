/* SPDX-License-Identifier: BSD-2-Clause */
/* A field of any bytes: its name is UTF-8, short, and of one piece; base64 of
 * any bytes is decoded the same in pieces as at once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_name(const char *field)
{
	g_autofree char *name = pl_name_parameter(field, "filename");
	g_autofree char *clean = pl_name_clean(name);
	g_autofree char *again = pl_name_clean(clean);

	if (name != NULL && !g_utf8_validate(name, -1, NULL))
		abort();
	if (clean == NULL)
		return;
	if (!g_utf8_validate(clean, -1, NULL) || strlen(clean) > 256 ||
	    *clean == '\0' || strpbrk(clean, "/\\\r\n\t\033") != NULL)
		abort();
	if (again == NULL)
		abort();
	g_free(pl_name_stem(clean));
}

static GByteArray *
decode(const uint8_t *data, size_t size, size_t step)
{
	GByteArray *out = g_byte_array_new();
	struct pl_base64 state;

	pl_base64_init(&state);
	for (size_t i = 0; i < size; i += step)
		pl_base64_step(&state, data + i, MIN(step, size - i), out);
	pl_base64_end(&state, out);
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autofree char *field =
	    g_strconcat("attachment; filename=", text, NULL);

	g_mime_init();
	check_name(text);
	check_name(field);
	g_autoptr(GByteArray) whole = decode(data, size, size + 1);
	g_autoptr(GByteArray) pieces = decode(data, size, 3);
	if (whole->len != pieces->len || whole->len > size ||
	    (whole->len > 0 &&
		memcmp(whole->data, pieces->data, whole->len) != 0))
		abort();
	return 0;
}
