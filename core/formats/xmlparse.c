/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xmlparse - any XML, read by libxml2's SAX interface
 *
 * Nothing is fetched, and no entity is ever expanded: the callbacks know none,
 * so a reference to one that is not predefined is an error and the file
 * damaged. What libxml2 2.9 does in more than linear time is fenced in:
 * attributes of one tag are compared pairwise (xmltext.c), its dictionary of
 * names slows down with its size (read_bytes), namespaces are searched
 * linearly (xml.c).
 */
#include "xmlevents.h"

#include <string.h>

#include <libxml/parser.h>

#define NAMES_MAX 10000

struct parse {
	struct pl_xml *xml;
	xmlParserCtxtPtr parser;
	const char *next, *end; /* bytes not handed over yet */
};

static void
stop_if_told(const struct parse *p)
{
	if (pl_xml_stopped(p->xml))
		xmlStopParser(p->parser);
}

static guint
line_now(const struct parse *p)
{
	return p->parser->input != NULL ? (guint)MAX(p->parser->input->line, 1)
					: 1;
}

static void
start_element(void *data, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int n_namespaces, const xmlChar **namespaces,
    int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	const struct parse *p = data;
	struct pl_xml_attribute kept[PL_XML_ATTRIBUTES];
	const struct pl_xml_element element = {
		.name = (const char *)local,
		.length = strlen((const char *)local),
		.space = (const char *)uri,
		.namespaces = (guint)n_namespaces,
		.n_attributes = (guint)n_attributes,
		.attributes = kept,
		.line = line_now(p),
	};

	(void)prefix, (void)namespaces, (void)n_defaulted;
	for (int i = 0; i < MIN(n_attributes, PL_XML_ATTRIBUTES); i++) {
		const char **from = (const char **)attributes + 5 * i;

		kept[i] = (struct pl_xml_attribute){ .name = from[0],
			.length = strlen(from[0]),
			.value = from[3],
			.value_length = (gsize)(from[4] - from[3]) };
	}
	pl_xml_begin(p->xml, &element);
	stop_if_told(p);
}

static void
end_element(
    void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	const struct parse *p = data;

	(void)local, (void)prefix, (void)uri;
	pl_xml_end(p->xml, line_now(p));
	stop_if_told(p);
}

static void
characters(void *data, const xmlChar *text, int length)
{
	const struct parse *p = data;

	pl_xml_text(p->xml, (const char *)text, (gsize)length);
}

/* ---- document types: nothing of them is used */

static xmlEntityPtr
no_entity(void *data, const xmlChar *name)
{
	(void)data, (void)name;
	return NULL;
}

static void
entity_used(void *data, const xmlChar *name)
{
	const struct parse *p = data;

	pl_xml_stop(p->xml, "uses the entity \"%.60s\", which is not expanded",
	    (const char *)name);
	stop_if_told(p);
}

/* Defaults would be added to every element by libxml2 itself. */
static void
attribute_declared(void *data, const xmlChar *element, const xmlChar *name,
    int type, int def, const xmlChar *value, xmlEnumerationPtr values)
{
	const struct parse *p = data;

	(void)element, (void)name, (void)type, (void)def;
	xmlFreeEnumeration(values);
	if (value != NULL)
		pl_xml_stop(
		    p->xml, "declares default attributes in a document type");
	stop_if_told(p);
}

static void
parse_error(void *data, xmlErrorPtr error)
{
	const struct parse *p = data;

	if (error->level != XML_ERR_FATAL || pl_xml_stopped(p->xml))
		return;

	g_autofree char *message = g_strdup(error->message);

	pl_xml_stop(
	    p->xml, "line %d: %.200s", error->line, g_strchomp(message));
	stop_if_told(p);
}

/* ---- the parser's view of the bytes */

static int
read_bytes(void *data, char *buffer, int length)
{
	struct parse *p = data;
	gsize count = MIN((gsize)length, (gsize)(p->end - p->next));

	if (p->parser != NULL && xmlDictSize(p->parser->dict) > NAMES_MAX)
		pl_xml_limit(p->xml, "more than", NAMES_MAX, "different names");
	if (pl_xml_stopped(p->xml))
		return 0;
	memcpy(buffer, p->next, count);
	p->next += count;
	return (int)count;
}

void
pl_xml_parse(struct pl_xml *xml, const char *text, gsize length,
    gboolean ignore_declared_encoding)
{
	struct parse p = { .xml = xml, .next = text, .end = text + length };
	xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = start_element,
		.endElementNs = end_element,
		.characters = characters,
		.cdataBlock = characters,
		.ignorableWhitespace = characters,
		.getEntity = no_entity,
		.getParameterEntity = no_entity,
		.reference = entity_used,
		.attributeDecl = attribute_declared,
		.serror = parse_error,
	};

	p.parser = xmlCreateIOParserCtxt(
	    &handler, &p, read_bytes, NULL, &p, XML_CHAR_ENCODING_NONE);
	if (p.parser == NULL) {
		pl_xml_stop(xml, "no memory for the XML parser");
		return;
	}
	xmlCtxtUseOptions(p.parser,
	    XML_PARSE_NONET |
		(ignore_declared_encoding ? XML_PARSE_IGNORE_ENC : 0));
	xmlParseDocument(p.parser);
	if (!p.parser->wellFormed)
		pl_xml_stop(xml, "not well-formed");
	/* where it keeps declared entities, when it was stopped early */
	xmlFreeDoc(p.parser->myDoc);
	xmlFreeParserCtxt(p.parser);
}
