/* SPDX-License-Identifier: BSD-2-Clause */
/* A writer for each test, above a ledger that fails when told to. */
#include "milter_fake_ledger.h"

#include "writer.h"

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct pl_writer_limits limits = {
	.chunks = 4,
	.patience = 30,
	.probe = 1,
	.reserve = 1000,
	.slow = 60000,
};

static pl_writer *writer;

static void
start_again(const struct pl_writer_limits *with)
{
	pl_writer_stop(writer);
	g_free(writer);
	writer = pl_writer_start(NULL, with);
}

static int
setup(void **state)
{
	(void)state;
	fake_reset();
	writer = pl_writer_start(NULL, &limits);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pl_writer_stop(writer);
	g_free(writer);
	return 0;
}

static enum pl_outcome
seal(pl_incoming *in, const char *bytes, const char *message_id)
{
	g_autoptr(pl_message) m = pl_message_new();

	m->message_id = g_strdup(message_id);
	return pl_writer_seal(writer, in, bytes, strlen(bytes), m, "sales");
}

static enum pl_outcome
store(const char *message_id)
{
	return seal(pl_incoming_new(writer, 1), "bytes", message_id);
}

static gpointer
store_in_thread(gpointer message_id)
{
	return GINT_TO_POINTER(store(message_id));
}
