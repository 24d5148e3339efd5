/* SPDX-License-Identifier: BSD-2-Clause */
/* What the disk says when it is to begin early, and what follows from it. */
#include <errno.h>
#include <fcntl.h>

#include "ledger_fixture.h"

static int refusal; /* errno, 0: none */

int
sync_file_range(int fd, off64_t from, off64_t length, unsigned flags)
{
	(void)fd, (void)from, (void)length, (void)flags;
	errno = refusal;
	return refusal != 0 ? -1 : 0;
}

static void
start(pl_ledger *l, int number)
{
	refusal = number;
	pl_bytes_start(l);
	refusal = 0;
}

/* The sync behind it may not say so any more. */
static void
what_the_disk_refuses_at_once_is_not_stored(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_message) m = new_message("a@c.example", "<1@x>", "body");

	m->bytes = store_bytes(f->l, "milter", "body", 4);
	start(f->l, ENOSPC);
	assert_fails(
	    pl_message_add(f->l, m, "sales", E), PL_LEDGER_CONFLICT, "lost");
	assert_fails(pl_bytes_sync(f->l, E), PL_LEDGER_FULL, "no space");
	assert_ok(pl_bytes_sync(f->l, E));
	add_message(f->l, "a@c.example", "<2@x>", "body");
	assert_whole(f->l);
}

static void
what_only_comes_in_is_lost_with_it(void **state)
{
	struct fixture *f = *state;
	g_autofree char *half = g_malloc0(PL_CHUNK);
	struct pl_bytes_id id;

	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &id, E));
	assert_ok(pl_bytes_append(f->l, &id, half, PL_CHUNK, E));
	start(f->l, EIO);
	assert_fails(
	    pl_bytes_append(f->l, &id, "rest", 4, E), PL_LEDGER_FAILED, "log");
	pl_bytes_rollback(f->l);
	assert_fails(pl_bytes_seal(f->l, &id, NULL, NULL, E), PL_LEDGER_FAILED,
	    "were lost");
}

static void
a_system_that_cannot_be_asked_to_begin_is_as_good(void **state)
{
	struct fixture *f = *state;
	const int numbers[] = { ENOSYS, EPERM, EINVAL };

	for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++) {
		store_bytes(f->l, "milter", "body", 4);
		start(f->l, numbers[i]);
		assert_ok(pl_bytes_sync(f->l, E));
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_the_disk_refuses_at_once_is_not_stored),
		T(what_only_comes_in_is_lost_with_it),
		T(a_system_that_cannot_be_asked_to_begin_is_as_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
