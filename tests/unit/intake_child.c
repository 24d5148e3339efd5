/* SPDX-License-Identifier: BSD-2-Clause */
/* The child that parses: it has no rights, and may die. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "intake_mail.h"

struct fixture {
	pl_reader *reader;
};

static int
set_up(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);

	g_setenv("POSTLEDGER_TEST_CHILD", "1", TRUE);
	f->reader = pl_reader_new(NULL);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	pl_reader_free(f->reader);
	g_free(f);
	/* no child is left */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return 0;
}

static GBytes *
good_mail(void)
{
	GString *m = mail_begin("mixed");

	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	return mail_end(m);
}

static void
read_good(pl_reader *reader)
{
	g_autoptr(GBytes) bytes = good_mail();
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_findings) f =
	    pl_reader_inspect(reader, &source, NULL, &error);

	if (f == NULL)
		fail_msg("%s", error->message);
	g_autofree char *text = told(f);
	assert_string_equal(text, "other: a.pdf\n");
	assert_string_equal(f->subject, "café");
}

static void
the_child_says_the_same_as_a_call_in_this_process(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++)
		read_good(f->reader);
}

/* The child misbehaves as the header says; what the reader says of it. */
static void
misbehaves(pl_reader *reader, const char *how, int code, const char *words)
{
	g_autofree char *text =
	    g_strdup_printf("X-Misbehave: %s\r\n\r\nbody\r\n", how);
	g_autoptr(GBytes) bytes = make_text(text);
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(GError) error = NULL;

	assert_null(pl_reader_inspect(reader, &source, NULL, &error));
	assert_int_equal(error->domain, PL_INTAKE_ERROR);
	if (error->code != code || strstr(error->message, words) == NULL)
		fail_msg("%s: %d %s", how, error->code, error->message);
}

static void
a_crash_costs_only_its_message(void **state)
{
	struct fixture *f = *state;

	read_good(f->reader);
	misbehaves(f->reader, "crash", PL_INTAKE_CHILD, "crashed");
	read_good(f->reader);
	misbehaves(f->reader, "crash", PL_INTAKE_CHILD, "crashed");
	misbehaves(f->reader, "crash", PL_INTAKE_CHILD, "crashed");
	read_good(f->reader);
}

static void
an_endless_loop_is_ended(void **state)
{
	struct fixture *f = *state;
	gint64 start = g_get_monotonic_time();

	if (SANITIZED)
		skip();
	misbehaves(f->reader, "hang", PL_INTAKE_LIMIT, "time");
	/* the processor time is what counts; the machine may be busy */
	assert_true(g_get_monotonic_time() - start < 70 * G_USEC_PER_SEC);
	read_good(f->reader);
}

static double
children_seconds(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
a_large_message_gets_no_more_than_two_seconds(void **state)
{
	static const char how[] = "X-Misbehave: hang\r\n\r\n";
	const gsize size = 40 << 20;
	g_autoptr(GError) error = NULL;

	(void)state;
	if (SANITIZED)
		skip();
	char *text = g_malloc0(size);
	memcpy(text, how, sizeof how - 1);
	g_autoptr(GBytes) bytes = g_bytes_new_take(text, size);
	const struct pl_source source = pl_source_memory(bytes);
	pl_reader *reader = pl_reader_new(NULL);
	const double before = children_seconds();
	g_autoptr(pl_findings) f =
	    pl_reader_inspect(reader, &source, NULL, &error);

	pl_reader_free(reader);
	assert_null(f);
	assert_int_equal(error->code, PL_INTAKE_LIMIT);
	assert_true(children_seconds() - before < 2.0);
}

static void
a_flood_of_memory_is_ended(void **state)
{
	struct fixture *f = *state;

	if (SANITIZED)
		skip();
	misbehaves(f->reader, "memory", PL_INTAKE_LIMIT, "memory");
	read_good(f->reader);
}

/* Peak in MB of the children that ended so far. */
static long
children_peak(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return usage.ru_maxrss / 1024;
}

/* More fields than fit: GMime keeps some hundred bytes of each. */
static void
a_flood_of_header_fields_is_too_much_memory_and_no_crash(void **state)
{
	static const char field[] = "X-A: b\r\n";
	GString *text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	if (SANITIZED)
		skip();
	for (int i = 0; i < 2000000; i++)
		g_string_append_len(text, field, sizeof field - 1);
	const long size = (long)(text->len >> 20);
	g_autoptr(GBytes) bytes = g_string_free_to_bytes(text);
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);
	g_autoptr(pl_findings) f =
	    pl_reader_inspect(reader, &source, NULL, &error);

	(void)state;
	assert_null(f);
	assert_int_equal(error->code, PL_INTAKE_LIMIT);
	assert_non_null(strstr(error->message, "memory"));
	/* the child begins with what this process has */
	assert_in_range(children_peak(), 1, 200 + 2 * size);
}

/* open() fails for it: it exits as a crash does, with 9 and not with 0. */
static void
it_can_open_no_file_and_no_socket(void **state)
{
	struct fixture *f = *state;

	if (SANITIZED)
		skip();
	misbehaves(f->reader, "open", PL_INTAKE_CHILD, "refused");
	misbehaves(f->reader, "socket", PL_INTAKE_CHILD, "refused");
	misbehaves(f->reader, "exec", PL_INTAKE_CHILD, "refused");
	misbehaves(f->reader, "kill", PL_INTAKE_CHILD, "refused");
	misbehaves(f->reader, "code", PL_INTAKE_CHILD, "refused");
}

static void
it_answers_nonsense(void **state)
{
	struct fixture *f = *state;

	misbehaves(f->reader, "nonsense", PL_INTAKE_CHILD, "crashed");
	misbehaves(f->reader, "flood", PL_INTAKE_CHILD, "crashed");
	misbehaves(f->reader, "end", PL_INTAKE_CHILD, "crashed");
	read_good(f->reader);
}

/* Kills the child a moment later, once or always. */
struct killer {
	unsigned times;
	volatile gint stop;
};

static void *
kill_children(void *data)
{
	struct killer *k = data;

	while (k->times > 0 && !g_atomic_int_get(&k->stop)) {
		g_autofree char *path = g_strdup_printf(
		    "/proc/self/task/%d/children", (int)getpid());
		g_autofree char *text = NULL;
		g_usleep(300000);
		if (g_file_get_contents(path, &text, NULL, NULL) &&
		    atoi(text) > 0) {
			kill(atoi(text), SIGKILL);
			k->times--;
		}
	}
	return NULL;
}

/* A slow source: the child waits for it when it is killed. */
static gssize
slow_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	GBytes *bytes = ctx;
	const struct pl_source source = pl_source_memory(bytes);

	if (offset > 0)
		g_usleep(400000);
	return source.pread(
	    source.ctx, offset, buffer, MIN(length, 300000), error);
}

static void
a_child_that_is_killed_from_outside_gets_another_chance(void **state)
{
	struct fixture *f = *state;
	GString *m = mail_begin("mixed");
	g_autoptr(GError) error = NULL;

	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	g_string_append(m, "--=_1\r\n\r\n");
	while (m->len < 600000)
		g_string_append(m, "text\r\n");
	g_autoptr(GBytes) bytes = mail_end(m);
	const struct pl_source source = { bytes, g_bytes_get_size(bytes),
		slow_pread, 0 };
	read_good(f->reader);
	for (unsigned times = 1; times <= 100; times += 99) {
		struct killer killer = { times, 0 };
		GThread *thread = g_thread_new("killer", kill_children, &killer);
		g_autoptr(pl_findings) found =
		    pl_reader_inspect(f->reader, &source, NULL, &error);
		g_atomic_int_set(&killer.stop, 1);
		g_thread_join(thread);
		assert_true((found != NULL) == (times == 1));
	}
	assert_true(
	    g_error_matches(error, PL_INTAKE_ERROR, PL_INTAKE_LIMIT));
	read_good(f->reader);
}

/* systemd and terminals send these to all processes of a group. */
static void
signals_to_the_group_do_not_end_the_child(void **state)
{
	struct fixture *f = *state;
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	g_autofree char *path =
	    g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
	g_autofree char *text = NULL;

	read_good(f->reader);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++)
		assert_int_equal(kill(atoi(text), signals[i]), 0);
	read_good(f->reader);
	assert_int_equal(kill(atoi(text), 0), 0);
}

/* Whoever starts us may have closed standard input and output. */
static void
it_works_without_standard_input_and_output(void **state)
{
	pl_reader *reader;
	int kept[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		kept[i] = dup(i);
	for (int i = 0; i < 3; i++)
		close(i);
	reader = pl_reader_new(NULL);
	g_autoptr(GBytes) bytes = good_mail();
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(pl_findings) found =
	    pl_reader_inspect(reader, &source, NULL, NULL);
	pl_reader_free(reader);
	for (int i = 0; i < 3; i++)
		dup2(kept[i], i);
	assert_non_null(found);
}

/* ---- sources ----------------------------------------------------------- */

struct failing {
	GBytes *bytes;
	guint64 from;
};

static gssize
failing_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	const struct failing *f = ctx;
	gsize size;
	const guint8 *data = g_bytes_get_data(f->bytes, &size);

	if (offset + length > f->from) {
		g_set_error_literal(error, PL_LEDGER_ERROR, PL_LEDGER_DAMAGED,
		    "the disk is gone");
		return -1;
	}
	memcpy(buffer, data + offset, length);
	return (gssize)length;
}

/* It is the source's own error that comes back, and the child lives on. */
static void
a_source_that_fails_is_no_fault_of_the_message(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GBytes) bytes = good_mail();
	struct failing failing = { bytes, 100 };
	const struct pl_source source = { &failing, g_bytes_get_size(bytes),
		failing_pread, 0 };
	g_autoptr(GError) error = NULL;

	read_good(f->reader);
	assert_null(pl_reader_inspect(f->reader, &source, NULL, &error));
	assert_true(g_error_matches(
	    error, PL_LEDGER_ERROR, PL_LEDGER_DAMAGED));
	assert_string_equal(error->message, "the disk is gone");
	read_good(f->reader);
}

/* ---- extract ----------------------------------------------------------- */

static gboolean
take(const void *bytes, gsize length, void *user, GError **error)
{
	(void)error;
	g_byte_array_append(user, bytes, (guint)length);
	return TRUE;
}

static gboolean
refuse(const void *bytes, gsize length, void *user, GError **error)
{
	(void)bytes;
	(void)length;
	(void)user;
	g_set_error_literal(
	    error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "disk full");
	return FALSE;
}

static void
a_file_comes_out_bit_for_bit(void **state)
{
	struct fixture *f = *state;
	const gsize n = 3000000;
	guint8 *noise = g_malloc(n);
	GString *m = mail_begin("mixed");
	char hex[PL_SHA256_HEX + 1];

	for (gsize i = 0; i < n; i++)
		noise[i] = (guint8)(i * 2654435761u >> 13);
	pl_sha256_hex(noise, n, hex);
	g_autoptr(GBytes) content = g_bytes_new_take(noise, n);
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	mail_file(m, "application/x", "n.bin", g_bytes_ref(content));
	g_autoptr(GBytes) mail = mail_end(m);
	const struct pl_source source = pl_source_memory(mail);
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	assert_true(
	    pl_reader_extract(f->reader, &source, hex, take, out, &error));
	assert_int_equal(out->len, n);
	assert_memory_equal(out->data, noise, n);

	assert_false(
	    pl_reader_extract(f->reader, &source, hex, refuse, NULL, &error));
	assert_true(
	    g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
	g_clear_error(&error);

	hex[0] = hex[0] == '0' ? '1' : '0';
	assert_false(
	    pl_reader_extract(f->reader, &source, hex, take, out, &error));
	assert_true(
	    g_error_matches(error, PL_INTAKE_ERROR, PL_INTAKE_ABSENT));
	read_good(f->reader);
}

static void
an_empty_file_comes_out_too(void **state)
{
	struct fixture *f = *state;
	GString *m = mail_begin("mixed");
	char hex[PL_SHA256_HEX + 1];

	mail_file(m, "application/pdf", "a.pdf", make_text(""));
	pl_sha256_hex("", 0, hex);
	g_autoptr(GBytes) mail = mail_end(m);
	const struct pl_source source = pl_source_memory(mail);
	g_autoptr(GByteArray) out = g_byte_array_new();
	assert_true(
	    pl_reader_extract(f->reader, &source, hex, take, out, NULL));
	assert_int_equal(out->len, 0);
}

/* Charsets that are loaded before the rights are given up. */
static void
foreign_charsets_are_read_without_rights(void **state)
{
	static const struct {
		const char *value, *name;
	} names[] = {
		{ "filename*=iso-8859-15''%A4.pdf", "€.pdf" },
		{ "filename*=koi8-r''%D3%DE%C5%D4.pdf", "счет.pdf" },
		{ "filename*=shift_jis''%90%BF%8B%81.pdf", "請求.pdf" },
		{ "filename=\"=?gb2312?B?t6LGsS5wZGY=?=\"", "发票.pdf" },
		{ "filename=\"=?iso-2022-jp?B?GyRCQEE1YRsoQi5wZGY=?=\"",
		    "請求.pdf" },
		{ "filename*=big5''%B5o%B2%BC.pdf", "發票.pdf" },
		{ "filename*=euc-kr''%C3%BB%B1%B8.pdf", "청구.pdf" },
		{ "filename*=windows-1253''%E1.pdf", "α.pdf" },
	};
	struct fixture *f = *state;

	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		GString *m = mail_begin("mixed");
		g_autoptr(GBytes) pdf = make_pdf("a");
		g_autofree char *h =
		    g_strdup_printf("Content-Type: application/pdf\r\n"
				    "Content-Disposition: attachment; %s\r\n",
			names[i].value);
		mail_raw(m, h, g_bytes_get_data(pdf, NULL),
		    g_bytes_get_size(pdf));
		g_autoptr(GBytes) mail = mail_end(m);
		const struct pl_source source = pl_source_memory(mail);
		g_autoptr(pl_findings) found =
		    pl_reader_inspect(f->reader, &source, NULL, NULL);
		assert_non_null(found);
		const pl_document *d = found->documents->pdata[0];
		const struct pl_file *file = d->files->pdata[0];
		assert_string_equal(file->filename, names[i].name);
	}
}

/* ---- wire: what comes from the child is foreign ------------------------ */

static void
changed_findings_are_refused_or_harmless(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "hello");
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	mail_file(m, "application/xml", "b.xml",
	    make_ubl(FALSE, "1", "2026-01-01", "1.00", NULL, NULL));
	mail_file(m, "application/x", "c", make_text("\1"));
	g_autoptr(pl_findings) f = inspect(mail_end(m));
	g_autoptr(pl_findings) same = come_back(f);
	g_autofree char *a = told(f), *b = told(same);
	assert_string_equal(a, b);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(the_child_says_the_same_as_a_call_in_this_process),
		T(a_crash_costs_only_its_message),
		T(an_endless_loop_is_ended),
		T(a_large_message_gets_no_more_than_two_seconds),
		T(a_flood_of_memory_is_ended),
		T(a_flood_of_header_fields_is_too_much_memory_and_no_crash),
		T(it_can_open_no_file_and_no_socket),
		T(it_answers_nonsense),
		T(a_child_that_is_killed_from_outside_gets_another_chance),
		T(signals_to_the_group_do_not_end_the_child),
		T(it_works_without_standard_input_and_output),
		T(a_source_that_fails_is_no_fault_of_the_message),
		T(a_file_comes_out_bit_for_bit),
		T(an_empty_file_comes_out_too),
		T(foreign_charsets_are_read_without_rights),
		cmocka_unit_test(changed_findings_are_refused_or_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
