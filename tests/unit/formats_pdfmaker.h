/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_pdfmaker - PDF files for tests, object by object
 */
#ifndef FORMATS_PDFMAKER_H
#define FORMATS_PDFMAKER_H

#include <zlib.h>

#include "formats_bytes.h"

struct pdf {
	GString *text;
	GArray *offsets; /* gsize: of object i + 1 */
};

static inline struct pdf
pdf_begin(void)
{
	return (struct pdf){ .text = g_string_new("%PDF-1.7\n"),
		.offsets = g_array_new(FALSE, TRUE, sizeof(gsize)) };
}

static inline void
pdf_object(struct pdf *pdf, const char *body, gssize length)
{
	gsize at = pdf->text->len;

	g_array_append_val(pdf->offsets, at);
	g_string_append_printf(pdf->text, "%u 0 obj\n", pdf->offsets->len);
	g_string_append_len(pdf->text, body, length);
	g_string_append(pdf->text, "\nendobj\n");
}

static inline void
pdf_stream(struct pdf *pdf, const char *entries, const void *data, gsize length)
{
	g_autoptr(GString) body = g_string_new(NULL);

	g_string_append_printf(body,
	    "<<%s/Length %" G_GSIZE_FORMAT ">>\nstream\n", entries, length);
	g_string_append_len(body, data, (gssize)length);
	g_string_append(body, "\nendstream");
	pdf_object(pdf, body->str, (gssize)body->len);
}

static inline GBytes *
pdf_end(struct pdf *pdf)
{
	gsize table = pdf->text->len;

	g_string_append_printf(pdf->text, "xref\n0 %u\n0000000000 65535 f \n",
	    pdf->offsets->len + 1);
	for (guint i = 0; i < pdf->offsets->len; i++)
		g_string_append_printf(pdf->text,
		    "%010" G_GSIZE_FORMAT " 00000 n \n",
		    g_array_index(pdf->offsets, gsize, i));
	g_string_append_printf(pdf->text,
	    "trailer\n<</Size %u/Root 1 0 R>>"
	    "\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n",
	    pdf->offsets->len + 1, table);
	g_array_unref(pdf->offsets);
	return g_string_free_to_bytes(pdf->text);
}

static inline GBytes *
deflated(const void *data, gsize length)
{
	uLongf size = compressBound(length);
	Bytef *out = g_malloc(size);

	assert_int_equal(compress(out, &size, data, length), Z_OK);
	return g_bytes_new_take(out, size);
}

/* Objects 1 to 3 are catalog and page; NAMES is what the catalog has more. */
static inline struct pdf
pdf_with(const char *names)
{
	struct pdf pdf = pdf_begin();
	g_autofree char *catalog =
	    g_strdup_printf("<</Type/Catalog/Pages 2 0 R%s>>", names);

	pdf_object(&pdf, catalog, -1);
	pdf_object(&pdf, "<</Type/Pages/Kids[3 0 R]/Count 1>>", -1);
	pdf_object(&pdf, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", -1);
	return pdf;
}

#define TREE "/Names<</EmbeddedFiles 4 0 R>>/AF[5 0 R 7 0 R]"

/* A file NAME of DATA as two objects: its specification and its stream. */
static inline void
pdf_file(struct pdf *pdf, const char *name, const void *data, gsize length)
{
	g_autoptr(GBytes) packed = deflated(data, length);
	gsize size;
	const void *bytes = g_bytes_get_data(packed, &size);
	g_autofree char *specification =
	    g_strdup_printf("<</Type/Filespec/F(%s)/UF(%s)/EF<</F %u 0 R>>>>",
		name, name, pdf->offsets->len + 2);

	pdf_object(pdf, specification, -1);
	pdf_stream(pdf,
	    "/Type/EmbeddedFile/Subtype/text#2Fxml"
	    "/Filter/FlateDecode",
	    bytes, size);
}

#define INVOICE(number) \
	"<Invoice xmlns=\"" UBL "Invoice-2\" xmlns:c=\"" UBL \
	"CommonBasicComponents-2\"><c:ID>" number "</c:ID></Invoice>"

static inline GBytes *
hybrid(const char *first_name, const char *first, const char *second_name,
    const char *second)
{
	struct pdf pdf = pdf_with(TREE);

	pdf_object(&pdf, "<</Names[(a)5 0 R(b)7 0 R]>>", -1);
	pdf_file(&pdf, first_name, first, strlen(first));
	pdf_file(&pdf, second_name, second, strlen(second));
	return pdf_end(&pdf);
}

#endif
