/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xmlevents - what a parser of XML tells xml.c, in the order of the file
 *
 * Once something has stopped the reading, whatever else comes is ignored.
 */
#ifndef PL_FORMATS_XMLEVENTS_H
#define PL_FORMATS_XMLEVENTS_H

#include <glib.h>

#define PL_XML_DEPTH 64
#define PL_XML_ATTRIBUTES 256

struct pl_xml;

/* Names are local ones, and end where their length says. */
struct pl_xml_attribute {
	const char *name, *value;
	gsize length, value_length;
};
struct pl_xml_element {
	const char *name;
	gsize length;
	const char *space; /* stays where it is, one for each; NULL: none */
	guint namespaces;  /* that it declares */
	guint n_attributes;
	const struct pl_xml_attribute *attributes;
	guint line; /* from 1 */
};
void pl_xml_begin(struct pl_xml *xml, const struct pl_xml_element *element);
void pl_xml_end(struct pl_xml *xml, guint line);
void pl_xml_text(struct pl_xml *xml, const char *text, gsize length);

/* Does anybody look at the attribute? */
gboolean pl_xml_wants(const char *name, gsize length);

/* Gives up on the file; because of a limit. */
void pl_xml_stop(struct pl_xml *xml, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
void pl_xml_limit(
    struct pl_xml *xml, const char *reason, int most, const char *what);
gboolean pl_xml_stopped(const struct pl_xml *xml);

/* Tells XML of all that is in TEXT. */
void pl_xml_parse(struct pl_xml *xml, const char *text, gsize length,
    gboolean ignore_declared_encoding);

#endif
