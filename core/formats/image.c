/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * image - PNG, JPEG and TIFF by signature and first structure
 *
 * Whether the picture itself is whole is not looked at: an image is only
 * passed on.
 */
#include "readers.h"

#include <string.h>

static gboolean
is_png(const guint8 *bytes, gsize length)
{
	return length >= 24 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0 &&
	       memcmp(bytes + 12, "IHDR", 4) == 0;
}

static gboolean
is_jpeg(const guint8 *bytes, gsize length)
{
	return length >= 4 && memcmp(bytes, "\xff\xd8\xff", 3) == 0 &&
	       bytes[3] >= 0xc0;
}

/* The first directory must lie inside the file. */
static gboolean
is_tiff(const guint8 *bytes, gsize length)
{
	guint32 directory;

	if (length < 10)
		return FALSE;
	if (memcmp(bytes, "II*\0", 4) == 0)
		directory = (guint32)bytes[4] | (guint32)bytes[5] << 8 |
			    (guint32)bytes[6] << 16 | (guint32)bytes[7] << 24;
	else if (memcmp(bytes, "MM\0*", 4) == 0)
		directory = (guint32)bytes[4] << 24 | (guint32)bytes[5] << 16 |
			    (guint32)bytes[6] << 8 | (guint32)bytes[7];
	else
		return FALSE;
	return directory >= 8 && directory < length;
}

gboolean
pl_image_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	if (is_png(bytes, length))
		facts->format = PL_FORMAT_PNG;
	else if (is_jpeg(bytes, length))
		facts->format = PL_FORMAT_JPEG;
	else if (is_tiff(bytes, length))
		facts->format = PL_FORMAT_TIFF;
	else
		return FALSE;
	return TRUE;
}
