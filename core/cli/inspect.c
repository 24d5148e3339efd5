/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect - what postledger makes of message and document files
 *
 * Needs neither configuration nor ledger. Files are foreign: they are parsed
 * by the reader's child. A file that cannot be opened is told, and the others
 * go on.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "postledger/intake.h"
#include "postledger/report.h"
#include "show.h"

static gboolean
fail(const char *name, const char *what, GError **error)
{
	int saved = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
	    "%s: %s: %s", name, what, g_strerror(saved));
	return FALSE;
}

static gssize
pread_file(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	ssize_t n;
	do
		n = pread(GPOINTER_TO_INT(ctx), buffer, length, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		fail("inspect", "cannot read", error);
	return n;
}

/* A source needs offsets: what comes through a pipe is put in a file that
 * has no name. */
static int
spool_stdin(GError **error)
{
	FILE *spool = tmpfile();
	char buffer[65536];
	ssize_t n = 0;
	int fd = -1;
	gboolean good = spool != NULL;
	while (good && (n = read(STDIN_FILENO, buffer, sizeof buffer)) != 0)
		good =
		    n > 0 && fwrite(buffer, 1, (size_t)n, spool) == (size_t)n;
	if (good && fflush(spool) == 0)
		fd = dup(fileno(spool));
	if (fd < 0)
		fail("-", "cannot read the standard input", error);
	if (spool != NULL)
		fclose(spool);
	return fd;
}

static gboolean
is_mailbox(int fd, const char *name, GError **error)
{
	char start[5];

	if (pread(fd, start, sizeof start, 0) != sizeof start ||
	    memcmp(start, "From ", sizeof start) != 0)
		return FALSE;
	g_autoptr(GMappedFile) map = g_mapped_file_new_from_fd(fd, FALSE, NULL);
	unsigned n = map == NULL
			 ? 0
			 : pl_intake_mbox(g_mapped_file_get_contents(map),
			       g_mapped_file_get_length(map));

	if (n > 1)
		g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_MBOX,
		    "%s: is an mbox with %u messages; split it first", name, n);
	return n > 1;
}

static int
open_input(const char *name, struct stat *st, GError **error)
{
	int fd = strcmp(name, "-") == 0
		     ? spool_stdin(error)
		     : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		if (strcmp(name, "-") != 0)
			fail(name, "cannot open", error);
		return -1;
	}
	gboolean file = fstat(fd, st) == 0 && S_ISREG(st->st_mode);
	if (file && (strcmp(name, "-") == 0 || !is_mailbox(fd, name, error)))
		return fd;
	if (!file)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR,
		    "%s: is no file", name);
	close(fd);
	return -1;
}

/* Statements that do not add up; where they are entered, they are held. */
static void
add_unproven(pl_findings *f)
{
	for (unsigned i = 0; i < f->documents->len; i++) {
		const pl_document *d = g_ptr_array_index(f->documents, i);
		const struct pl_file *file = d->files->pdata[0];
		if (d->problem == NULL)
			continue;
		struct pl_found_problem *p = g_new0(struct pl_found_problem, 1);
		p->code = g_strdup("PL-205");
		p->filename = g_strdup(file->filename);
		p->text = g_strdup_printf("statement %s of account %s: %s",
		    d->sequence != NULL ? d->sequence : "without a number",
		    d->account != NULL ? d->account : "(unknown)", d->problem);
		g_ptr_array_add(f->problems, p);
	}
}

/* Each with what to do, once for those of one code in a row. */
static void
print_problems(const pl_findings *f)
{
	if (f->problems->len > 0)
		pl_out("\nProblems\n");
	for (unsigned i = 0; i < f->problems->len; i++) {
		const struct pl_found_problem *p =
		    g_ptr_array_index(f->problems, i);
		const struct pl_found_problem *next =
		    i + 1 < f->problems->len
			? g_ptr_array_index(f->problems, i + 1)
			: NULL;
		pl_show_problem(p->code, p->filename, p->text,
		    next == NULL || strcmp(next->code, p->code) != 0);
	}
}

/* "m.eml: a message with 2 documents, 1 problem" */
static void
print_title(const char *name, const pl_findings *f)
{
	g_autofree char *clean = pl_text_clean(name, 0);
	g_autofree char *documents =
	    f->documents->len > 0 ? pl_out_count(f->documents->len, "document")
				  : g_strdup("no document");
	g_autofree char *problems = pl_out_count(f->problems->len, "problem");
	pl_out("%s: a %s with %s%s%s\n", clean, f->message ? "message" : "file",
	    documents, f->problems->len > 0 ? ", " : "",
	    f->problems->len > 0 ? problems : "");
}

static void
print_page(const char *name, const pl_findings *f)
{
	struct pl_page page = { .of = f->documents->len };
	print_title(name, f);
	pl_out_field("from", f->from);
	pl_out_field("subject", f->subject);
	pl_out_field("message-id", f->message_id);
	print_problems(f);
	for (unsigned i = 0; i < f->documents->len; i++) {
		page.nth = i + 1;
		pl_show_document(&page, g_ptr_array_index(f->documents, i));
	}
	pl_show_files("Ignored", f->ignored);
}

static void
print_json(const char *name, const pl_findings *f)
{
	JsonBuilder *json = pl_json_begin();
	pl_json_string(json, "file", name);
	pl_json_string(json, "type", f->message ? "message" : "document");
	pl_json_string(json, "message_id", f->message_id);
	pl_json_array(json, "documents");
	for (unsigned i = 0; i < f->documents->len; i++) {
		pl_json_object(json, NULL);
		pl_json_document(json, g_ptr_array_index(f->documents, i));
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	pl_json_files(json, "ignored", f->ignored);
	pl_json_array(json, "problems");
	for (unsigned i = 0; i < f->problems->len; i++) {
		const struct pl_found_problem *p =
		    g_ptr_array_index(f->problems, i);
		pl_json_object(json, NULL);
		pl_json_string(json, "code", p->code);
		pl_json_string(json, "text", p->text);
		pl_json_string(json, "filename", p->filename);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	pl_json_end(json);
}

/* The reader gave up on the file: that is a finding, too. */
static void
print_gave_up(struct pl_cli *cli, const char *name, const GError *error)
{
	gboolean eml = g_str_has_suffix(name, ".eml");
	const char *code = error->code == PL_INTAKE_LIMIT ? "PL-105" : "PL-102";
	if (!cli->json) {
		g_autofree char *clean = pl_text_clean(name, 0);
		pl_out("%s: not readable\n\nProblems\n", clean);
		pl_show_problem(code, NULL, error->message, TRUE);
		return;
	}
	JsonBuilder *json = pl_json_begin();
	pl_json_string(json, "file", name);
	pl_json_string(json, "type", eml ? "message" : "document");
	pl_json_array(json, "documents");
	json_builder_end_array(json);
	pl_json_array(json, "ignored");
	json_builder_end_array(json);
	pl_json_array(json, "problems");
	pl_json_object(json, NULL);
	pl_json_string(json, "code", code);
	pl_json_string(json, "text", error->message);
	json_builder_end_object(json);
	json_builder_end_array(json);
	pl_json_end(json);
}

/* ---- files, several under way -------------------------------------------- */

struct input {
	const char *name;
	int fd; /* -1: it could not be opened */
	GError *broken;
};

static struct input *
begin(pl_reader *reader, const char *name)
{
	struct input *in = g_new0(struct input, 1);
	struct stat st;

	in->name = name;
	in->fd = open_input(name, &st, &in->broken);
	if (in->fd < 0)
		return in;
	const struct pl_source source = { GINT_TO_POINTER(in->fd),
		(guint64)st.st_size, pread_file, 0 };
	pl_reader_ask(reader, &source, name);
	return in;
}

static void
tell(struct pl_cli *cli, struct input *in, pl_findings *findings)
{
	if (findings != NULL)
		add_unproven(findings);
	if (findings != NULL && cli->json)
		print_json(in->name, findings);
	else if (findings != NULL)
		print_page(in->name, findings);
	else if (in->fd >= 0 && (g_error_matches(in->broken, PL_INTAKE_ERROR,
				     PL_INTAKE_CHILD) ||
				    g_error_matches(in->broken, PL_INTAKE_ERROR,
					PL_INTAKE_LIMIT))) {
		print_gave_up(cli, in->name, in->broken);
		g_clear_error(&in->broken);
	} else if (in->fd >= 0) {
		g_prefix_error(&in->broken, "%s: ", in->name);
	}
}

/* Tells what is in the oldest. Takes IN; the exit code, if it is a bad one. */
static int
finish(struct pl_cli *cli, pl_reader *reader, struct input *in)
{
	int code = EX_OK;

	if (in->fd >= 0) {
		g_autoptr(pl_findings) findings =
		    pl_reader_answer(reader, &in->broken);
		tell(cli, in, findings);
		close(in->fd);
	}
	if (in->broken != NULL)
		code = pl_complain_error(in->broken);
	g_clear_error(&in->broken);
	g_free(in);
	return code;
}

int
pl_cli_inspect(struct pl_cli *cli, GError **error)
{
	g_autoptr(GQueue) inputs = g_queue_new();
	unsigned begun = 0;
	int code = EX_OK;

	if (cli->n_args == 0) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "inspect what? Name message or document files, or - for "
		    "the standard input");
		return EX_USAGE;
	}
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);
	for (unsigned i = 0; i < cli->n_args; i++) {
		while (begun < cli->n_args && begun - i < PL_READER_AHEAD)
			g_queue_push_tail(
			    inputs, begin(reader, cli->args[begun++]));
		if (i > 0 && !cli->json)
			pl_out("\n");
		int bad = finish(cli, reader, g_queue_pop_head(inputs));
		code = bad != EX_OK ? bad : code;
	}
	return code;
}
