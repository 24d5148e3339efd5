/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smime - what an opaque S/MIME signature wraps
 *
 * The content is taken out of CMS SignedData; nothing is verified, and the
 * signature stays in the stored message. What is inside is a MIME part (signed
 * e-mail) or a file (invoice.xml.p7m).
 */
#include "room.h"

#include <openssl/pem.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CMS_ContentInfo, CMS_ContentInfo_free)

static CMS_ContentInfo *
parse(const guint8 *bytes, gsize length)
{
	CMS_ContentInfo *cms = NULL;

	if (length > G_MAXINT32)
		return NULL;
	if (bytes[0] != 0x30)
		bytes = pl_packing_text(bytes, &length);
	if (length == 0)
		return NULL;
	if (bytes[0] == 0x30) {
		const guint8 *p = bytes;
		cms = d2i_CMS_ContentInfo(NULL, &p, (long)length);
	} else if (bytes[0] == '-') {
		BIO *bio = BIO_new_mem_buf(bytes, (int)length);
		cms = PEM_read_bio_CMS(bio, NULL, NULL, NULL);
		BIO_free(bio);
	} else {
		g_autofree char *text = g_strndup((const char *)bytes, length);
		gsize n;
		g_base64_decode_inplace(text, &n);
		const guint8 *p = (const guint8 *)text;
		cms = d2i_CMS_ContentInfo(NULL, &p, (long)n);
	}
	ERR_clear_error();
	return cms;
}

/* "invoice.xml.p7m" ▸ "invoice.xml"; g_free(). */
static char *
inner_name(const char *name)
{
	if (name == NULL || g_ascii_strcasecmp(name, "smime.p7m") == 0)
		return NULL;
	if (pl_name_ends(name, ".p7m"))
		return g_strndup(name, strlen(name) - 4);
	return g_strdup(name);
}

static void
open_content(struct pl_walk *walk, const struct pl_seen *cms,
    const guint8 *bytes, gsize length)
{
	g_autofree char *name = inner_name(cms->name);
	struct pl_seen seen = {
		.name = name,
		.media_type = "",
		.attached = TRUE,
		.scope = walk->scope,
	};

	if (!pl_walk_part(walk) || !pl_walk_unpacked(walk, length, 0, length))
		return;
	if (g_ascii_strncasecmp(
		(const char *)bytes, "content-", MIN(length, 8)) == 0 ||
	    (name == NULL && pl_packing_is_message(bytes, length, TRUE))) {
		g_autoptr(GBytes) memory = g_bytes_new_static(bytes, length);
		const struct pl_source source = pl_source_memory(memory);
		pl_walk_message(walk, &source, NULL);
	} else {
		pl_walk_file(walk, &seen, bytes, length);
	}
}

void
pl_cms_open(struct pl_walk *walk, const struct pl_seen *cms,
    const guint8 *bytes, gsize length)
{
	g_autoptr(CMS_ContentInfo) info = parse(bytes, length);

	if (info == NULL) {
		walk->refused = "damaged";
		pl_walk_problem(walk, "PL-102", cms->name,
		    "the signed file (S/MIME) is damaged and cannot be read");
		return;
	}
	if (OBJ_obj2nid(CMS_get0_type(info)) != NID_pkcs7_signed) {
		walk->refused = "encrypted";
		pl_walk_problem(walk, "PL-103", cms->name,
		    "it is encrypted (S/MIME); ask the sender for one that "
		    "is not");
		return;
	}
	ASN1_OCTET_STRING **content = CMS_get0_content(info);
	if (content == NULL || *content == NULL || (*content)->length <= 0)
		walk->refused = "signature";
	else
		open_content(
		    walk, cms, (*content)->data, (gsize)(*content)->length);
}
