/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the keys of a document are is asked for before it is entered: the pages
 * that its key is written to then, of a large ledger, and nothing of a small
 * one; and when a run begins, the ends of what grows. It is a hint: no lock is
 * lost by it, and no page is believed.
 */
#include "ledger_fixture.h"
#include "room.h"
#include "sqlite_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define ENTRIES 60000
#define DOCUMENTS 40

/* In place of the system's. */
static GArray *asked; /* gint64 */
int
posix_fadvise(int fd, off_t at, off_t length, int advice)
{
	const gint64 offset = at;

	assert_true(fd >= 0);
	assert_int_equal(length, PAGE);
	assert_int_equal(advice, POSIX_FADV_WILLNEED);
	g_array_append_val(asked, offset);
	return 0;
}

/* Sent ones whose keys are spread evenly, but in no order. */
static void
make_large(struct fixture *f)
{
	assert_ok(f->l->db->driver->script(f->l->db,
	    "PRAGMA foreign_keys = OFF;"
	    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
	    "  WHERE n < " G_STRINGIFY(
		ENTRIES) ")"
			 "INSERT INTO entry (document, message, journal, "
			 "state, changed,"
			 " arrived, stands, file_key)"
			 "SELECT n, 1, 'j', 4, 1, 1, 1, "
			 "printf('%08x%08x0123456789abcdef',"
			 " n * 2654435761 & 4294967295, n * 40503 & "
			 "4294967295) FROM c;",
	    E));
	f->l->db->driver->shrink(f->l->db);
}

static pl_document *
document(unsigned n)
{
	pl_document *d = pl_document_new();
	struct pl_file *file = pl_file_new();

	file->sha256 = g_strdup_printf("%064u", n);
	g_ptr_array_add(d->files, file);
	return d;
}

static char *
read_all(const struct fixture *f)
{
	char *all = NULL;

	f->l->db->driver->shrink(f->l->db);
	assert_ok(g_file_get_contents(f->path, &all, NULL, E));
	return all;
}

/* An entry with KEY. */
static void
enter(struct fixture *f, unsigned n, const char *key)
{
	g_autofree char *sql = g_strdup_printf(
	    "INSERT INTO entry (document, message, journal, state, changed,"
	    " arrived, stands, file_key) VALUES (%u, 1, 'j', 4, 1, 1, 1, '%s')",
	    ENTRIES + 1 + n, key);

	assert_ok(f->l->db->driver->script(f->l->db, sql, E));
}

static gboolean
changed(const char *before, const char *after, gint64 at)
{
	return memcmp(before + at, after + at, PAGE) != 0;
}

/* Asks in one step after the other, and enters it: the page above and its own,
 * and of the first that is full those beside it are written, too. */
static gboolean
was_full(struct fixture *f, unsigned n)
{
	g_autoptr(pl_document) d = document(n);
	g_autofree char *key = pl_document_key(d, PL_SAME_FILE);
	g_autofree char *before = read_all(f), *after = NULL;
	gboolean beside = FALSE;
	gint64 *at;

	g_array_set_size(asked, 0);
	pl_document_ahead(f->l, d);
	assert_int_equal(asked->len, 1);
	pl_document_arrived(f->l, TRUE);
	/* no part, facts or number went out yet */
	assert_in_range(asked->len, 2, 4);
	enter(f, n, key);
	after = read_all(f);
	at = (gint64 *)(void *)asked->data;
	assert_true(changed(before, after, at[1]));
	for (guint i = 2; i < asked->len; i++)
		beside |= changed(before, after, at[i]);
	if (asked->len == 2)
		assert_non_null(memmem(after + at[1], PAGE, key, 8));
	else
		assert_true(beside);
	return asked->len > 2;
}

static void
the_pages_that_a_key_is_written_to_are_asked_for(void **state)
{
	struct fixture *f = *state;
	unsigned full = 0;

	make_large(f);
	for (unsigned i = 0; i < DOCUMENTS; i++)
		full += was_full(f, i);
	assert_in_range(full, 1, DOCUMENTS / 2);
}

/* Those that came first, while others are still announced. */
static void
of_many_the_first_are_asked_for_at_once(void **state)
{
	struct fixture *f = *state;
	guint announced, entered;

	make_large(f);
	for (unsigned i = 0; i < DOCUMENTS; i++) {
		g_autoptr(pl_document) d = document(i);

		pl_document_ahead(f->l, d);
	}
	announced = asked->len;
	assert_in_range(announced, DOCUMENTS + 1, 2 * DOCUMENTS - 1);
	for (unsigned i = 0; i < DOCUMENTS; i++)
		pl_document_arrived(f->l, FALSE);
	entered = asked->len;
	assert_true(entered >= 2 * DOCUMENTS);
	pl_document_arrived(f->l, TRUE);
	assert_true(asked->len > entered);
	entered = asked->len;
	pl_document_arrived(f->l, TRUE);
	assert_int_equal(asked->len, entered);
}

static gboolean
is_asked(gint64 at)
{
	for (guint i = 0; i < asked->len; i++)
		if (g_array_index(asked, gint64, i) == at)
			return TRUE;
	return FALSE;
}

/* What an entry without keys is added to, but for the head of the file. */
static void
the_ends_of_what_grows_are_asked_for(void **state)
{
	struct fixture *f = *state;
	g_autofree char *before = NULL, *after = NULL;
	unsigned pages = 0;
	struct stat st;

	make_large(f);
	before = read_all(f);
	assert_int_equal(stat(f->path, &st), 0);
	pl_ledger_ahead(f->l);
	assert_ok(f->l->db->driver->script(f->l->db,
	    "PRAGMA foreign_keys = OFF;"
	    "INSERT INTO entry (document, message, journal, state, changed,"
	    " arrived, stands) VALUES (1000000, 2, 'j', 4, 1, 1, 1)",
	    E));
	after = read_all(f);
	for (gint64 at = PAGE; at < st.st_size; at += PAGE)
		if (changed(before, after, at)) {
			assert_true(is_asked(at));
			pages++;
		}
	assert_in_range(pages, 6, 20);
}

static void
a_small_ledger_is_left_alone(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_document) d = document(1);

	pl_ledger_ahead(f->l);
	pl_document_arrived(f->l, TRUE);
	pl_document_ahead(f->l, d);
	pl_document_arrived(f->l, TRUE);
	assert_int_equal(asked->len, 0);
}

/* Another process, which looks for those that SQLite holds. */
static gboolean
is_locked(const char *path)
{
	int status;
	pid_t other = fork();

	if (other == 0) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int fd = open(path, O_RDWR);

		_exit(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 &&
			      lock.l_type != F_UNLCK
			  ? 0
			  : 1);
	}
	assert_int_equal(waitpid(other, &status, 0), other);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* POSIX: who closes a file once gives up all its locks of it. */
static void
no_lock_is_lost(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_document) d = document(1);

	make_large(f);
	assert_ok(pl_ledger_begin(f->l, E));
	assert_true(is_locked(f->path));
	pl_document_ahead(f->l, d);
	pl_document_arrived(f->l, TRUE);
	assert_int_equal(asked->len, 2);
	assert_true(is_locked(f->path));
	pl_ledger_rollback(f->l);
}

/* A page may be half written, or another one's. */
static void
no_page_is_believed(void **state)
{
	g_autoptr(GRand) dice = g_rand_new_with_seed(1);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		const gsize size = 512;
		g_autofree guint8 *page = g_malloc(size);

		for (gsize k = 0; k < size; k++)
			page[k] = (guint8)g_rand_int(dice);
		page[0] = 2;
		page[3] = 0;
		for (unsigned k = 0; i % 2 == 0 && k < 250; k++)
			page[12 + 2 * k] &= 1;
		pl_ahead_below(page, size, "0123456789abcdef");
		page[0] = 10;
		assert_int_equal(pl_ahead_below(page, size, "0"), 0);
		pl_ahead_full(page, size, 16);
	}
}

static int
begin(void **state)
{
	asked = g_array_new(FALSE, FALSE, sizeof(gint64));
	return setup(state);
}

static int
end(void **state)
{
	g_array_unref(asked);
	return teardown(state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_pages_that_a_key_is_written_to_are_asked_for),
		T(of_many_the_first_are_asked_for_at_once),
		T(the_ends_of_what_grows_are_asked_for),
		T(a_small_ledger_is_left_alone),
		T(no_lock_is_lost),
		T(no_page_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
