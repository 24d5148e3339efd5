/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml - one pass over a hostile XML file
 *
 * The reader walks the file without building a tree, finds the dialect by the
 * root's name and namespace (also inside a StandardBusinessDocument envelope,
 * statements of banks inside any) and tells it of each element under the root
 * by its path: local names joined with '/', without the root. Elements of
 * foreign namespaces are '?' there, so they match nothing. A dialect keeps what
 * it wants in the facts and in a zeroed state of its own.
 */
#ifndef PL_FORMATS_XML_H
#define PL_FORMATS_XML_H

#include "postledger/formats.h"

struct pl_xml;

struct pl_xml_dialect {
	enum pl_format format;
	const char *root; /* local name */
	/* what the namespaces of the root and under it begin with; NULL: none */
	const char *space, *inside;
	gboolean enveloped; /* its root may stand in a foreign envelope */
	gsize state_size;
	void (*open)(struct pl_xml *xml, const char *path);
	void (*close)(struct pl_xml *xml, const char *path, const char *text);
	void (*finish)(struct pl_xml *xml);
};

/* What a handler may ask and do. Attributes are those of the element opened
 * last; only a few names are kept (see xml.c). */
struct pl_facts *pl_xml_facts(struct pl_xml *xml);
gpointer pl_xml_state(struct pl_xml *xml);
const char *pl_xml_root(struct pl_xml *xml);
guint pl_xml_line(struct pl_xml *xml);       /* of the file, from 1 */
const char *pl_xml_name(struct pl_xml *xml); /* the path's last */
const char *pl_xml_attribute(struct pl_xml *xml, const char *name);
/* In open: the element's text is base64; its content becomes an embedded
 * file called FILENAME of MEDIA_TYPE (both copied, may be NULL). */
void pl_xml_embed(
    struct pl_xml *xml, const char *filename, const char *media_type);

/* Gives up on the file because of a limit: REASON. */
void pl_xml_fail(struct pl_xml *xml, const char *reason);

/* Reads BYTES into FACTS. FALSE: this is no XML, and FACTS are untouched. */
gboolean pl_xml_read(const guint8 *bytes, gsize length, struct pl_facts *facts);

/* The dialects. */
extern const struct pl_xml_dialect pl_ubl_invoice, pl_ubl_credit_note,
    pl_cii_invoice, pl_cii_zugferd1, pl_camt_statement, pl_camt_austrian,
    pl_camt_bare, pl_camt_swift;

#endif
