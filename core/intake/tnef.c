/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tnef - the files in a winmail.dat (Microsoft's TNEF)
 *
 * A stream of attributes: level, id, length, data, checksum. A file is a row
 * of attributes that begins with attAttachRenddata; its name and sometimes its
 * content stand among the MAPI properties of attAttachment. Only what is
 * needed for files is read, and every length is checked before it is used;
 * checksums are not, as mail programs do not either.
 *
 * Own reader: libytnef trusts the lengths it finds, and copies everything.
 */
#include "room.h"

#include <string.h>

#define ATT_TITLE 0x00018010u
#define ATT_DATA 0x0006800fu
#define ATT_RENDDATA 0x00069002u
#define ATT_ATTACHMENT 0x00069005u
#define ATT_CODEPAGE 0x00069007u

#define PR_ATTACH_DATA 0x3701
#define PR_ATTACH_FILENAME 0x3704
#define PR_ATTACH_LONG_FILENAME 0x3707
#define PR_ATTACH_MIME_TAG 0x370e
#define PR_ATTACH_CONTENT_ID 0x3712
#define PR_DISPLAY_NAME 0x3001

#define PT_OBJECT 0x000d
#define PT_STRING8 0x001e
#define PT_UNICODE 0x001f
#define PT_BINARY 0x0102
#define PT_MULTI 0x1000

/* What is left to read. */
struct view {
	const guint8 *at;
	gsize left;
};

struct attachment {
	gboolean begun;
	struct view data, property_data;
	char *title, *short_name, *long_name, *display, *media_type, *cid;
};

static void
attachment_clear(struct attachment *a)
{
	g_free(a->title);
	g_free(a->short_name);
	g_free(a->long_name);
	g_free(a->display);
	g_free(a->media_type);
	g_free(a->cid);
	memset(a, 0, sizeof *a);
}

static gboolean
take(struct view *v, gsize n, struct view *out)
{
	if (n > v->left)
		return FALSE;
	*out = (struct view){ v->at, n };
	v->at += n;
	v->left -= n;
	return TRUE;
}

static gboolean
take_u32(struct view *v, guint32 *number)
{
	struct view b;

	if (!take(v, 4, &b))
		return FALSE;
	*number = (guint32)b.at[0] | (guint32)b.at[1] << 8 |
		  (guint32)b.at[2] << 16 | (guint32)b.at[3] << 24;
	return TRUE;
}

/* ---- texts ------------------------------------------------------------- */

static char *
text8(struct view v, unsigned codepage)
{
	g_autofree char *s = g_strndup((const char *)v.at, v.left);

	if (codepage != 0 && !g_utf8_validate(s, -1, NULL)) {
		g_autofree char *charset = g_strdup_printf("CP%u", codepage);
		char *u = g_convert(s, -1, "UTF-8", charset, NULL, NULL, NULL);
		if (u != NULL)
			return u;
	}
	return pl_name_utf8(s, -1);
}

static char *
text16(struct view v)
{
	g_autofree gunichar2 *units = g_new0(gunichar2, v.left / 2 + 1);

	for (gsize i = 0; i < v.left / 2; i++)
		units[i] = (gunichar2)(v.at[2 * i] | v.at[2 * i + 1] << 8);
	return g_utf16_to_utf8(units, -1, NULL, NULL, NULL);
}

/* ---- MAPI properties --------------------------------------------------- */

static gsize
fixed_size(unsigned type)
{
	switch (type) {
	case 0x0005: /* double */
	case 0x0006: /* currency */
	case 0x0007: /* application time */
	case 0x0014: /* 64 bits */
	case 0x0040: /* system time */
		return 8;
	case 0x0048: /* class id */
		return 16;
	default:
		return 4;
	}
}

/* Behind the id of a named property: GUID, kind, number or name. */
static gboolean
skip_name(struct view *v)
{
	struct view skip;
	guint32 kind, n;

	if (!take(v, 16, &skip) || !take_u32(v, &kind) || !take_u32(v, &n))
		return FALSE;
	return kind != 1 || take(v, ((gsize)n + 3) & ~(gsize)3, &skip);
}

/* One value of TYPE; of a variable length or fixed. */
static gboolean
take_value(struct view *v, unsigned type, struct view *value)
{
	struct view skip;
	guint32 n;

	if (type != PT_STRING8 && type != PT_UNICODE && type != PT_BINARY &&
	    type != PT_OBJECT)
		return take(v, fixed_size(type), value);
	if (!take_u32(v, &n) || !take(v, n, value))
		return FALSE;
	return take(v, MIN((4 - n % 4) % 4, v->left), &skip);
}

static void
set_text(char **text, unsigned type, struct view value, unsigned codepage)
{
	if (*text == NULL && (type == PT_STRING8 || type == PT_UNICODE))
		*text =
		    type == PT_UNICODE ? text16(value) : text8(value, codepage);
}

static void
use_property(struct attachment *a, unsigned id, unsigned type,
    struct view value, unsigned codepage)
{
	switch (id) {
	case PR_ATTACH_LONG_FILENAME:
		set_text(&a->long_name, type, value, codepage);
		break;
	case PR_ATTACH_FILENAME:
		set_text(&a->short_name, type, value, codepage);
		break;
	case PR_DISPLAY_NAME:
		set_text(&a->display, type, value, codepage);
		break;
	case PR_ATTACH_MIME_TAG:
		set_text(&a->media_type, type, value, codepage);
		break;
	case PR_ATTACH_CONTENT_ID:
		set_text(&a->cid, type, value, codepage);
		break;
	case PR_ATTACH_DATA:
		/* an object begins with the id of its interface */
		if (type == PT_OBJECT && value.left > 16)
			value = (struct view){ value.at + 16, value.left - 16 };
		if (type == PT_OBJECT || type == PT_BINARY)
			a->property_data = value;
		break;
	}
}

static gboolean
read_properties(struct attachment *a, struct view v, unsigned codepage)
{
	guint32 count, head, values;

	if (!take_u32(&v, &count))
		return FALSE;
	while (count-- > 0) {
		if (!take_u32(&v, &head))
			return FALSE;
		const unsigned id = head >> 16,
			       type = head & 0xffff & ~PT_MULTI;
		const gboolean variable =
		    type == PT_STRING8 || type == PT_UNICODE ||
		    type == PT_BINARY || type == PT_OBJECT;
		if (id >= 0x8000 && !skip_name(&v))
			return FALSE;
		values = 1;
		if ((variable || (head & PT_MULTI) != 0) &&
		    !take_u32(&v, &values))
			return FALSE;
		while (values-- > 0) {
			struct view value;
			if (!take_value(&v, type, &value))
				return FALSE;
			use_property(a, id, type, value, codepage);
		}
	}
	return TRUE;
}

/* ---- the stream -------------------------------------------------------- */

static gboolean
finish(struct pl_walk *walk, struct attachment *a, gsize packed)
{
	const char *name = a->long_name;
	struct view data = a->data;

	if (!a->begun)
		return TRUE;
	if (name == NULL)
		name = a->title != NULL ? a->title : a->short_name;
	if (name == NULL)
		name = a->display;
	if (data.left == 0)
		data = a->property_data;
	g_autofree char *clean = pl_name_clean(name);
	g_autofree char *type =
	    g_ascii_strdown(a->media_type != NULL ? a->media_type : "", -1);
	struct pl_seen seen = {
		.name = clean,
		.media_type = type,
		.cid = a->cid,
		.attached = TRUE,
		.scope = walk->scope,
	};
	gboolean go_on =
	    pl_walk_part(walk) && pl_walk_unpacked(walk, data.left, 0, packed);
	if (go_on)
		pl_walk_file(walk, &seen, data.at, data.left);
	attachment_clear(a);
	return go_on;
}

static gboolean
use_attribute(struct pl_walk *walk, struct attachment *a, guint32 id,
    struct view data, unsigned *codepage, gsize packed)
{
	switch (id) {
	case ATT_CODEPAGE:
		take_u32(&data, codepage);
		return TRUE;
	case ATT_RENDDATA:
		if (!finish(walk, a, packed))
			return FALSE;
		a->begun = TRUE;
		return TRUE;
	case ATT_TITLE:
		if (a->title == NULL)
			a->title = text8(data, *codepage);
		return TRUE;
	case ATT_DATA:
		a->data = data;
		return TRUE;
	case ATT_ATTACHMENT:
		return read_properties(a, data, *codepage) || TRUE;
	}
	return TRUE;
}

/* What carriers and programs put behind the last attribute. */
static gboolean
is_filling(struct view v)
{
	while (v.left > 0 &&
	       (*v.at == '\0' || *v.at == 0x1a || g_ascii_isspace((char)*v.at)))
		v.at++, v.left--;
	return v.left == 0;
}

void
pl_tnef_open(struct pl_walk *walk, const struct pl_seen *tnef,
    const guint8 *bytes, gsize length)
{
	struct view v = { bytes, length }, data, skip;
	struct attachment a = { 0 };
	gboolean whole = take(&v, 6, &skip);
	const unsigned before = walk->files;
	unsigned codepage = 0;

	while (whole && v.left > 0) {
		const struct view rest = v;
		guint32 id, n;
		whole = take(&v, 1, &skip) && take_u32(&v, &id) &&
			take_u32(&v, &n) && take(&v, n, &data);
		if (!whole) {
			whole = is_filling(rest);
			break;
		}
		take(&v, MIN(2, v.left), &skip);
		if (!use_attribute(walk, &a, id, data, &codepage, length)) {
			attachment_clear(&a);
			return;
		}
	}
	if (!whole && walk->files == before)
		walk->refused = "damaged";
	if (!whole)
		pl_walk_problem(walk, "PL-102", tnef->name,
		    "the winmail.dat file is damaged: it ends in the middle "
		    "of an attribute");
	finish(walk, &a, length);
	attachment_clear(&a);
}
