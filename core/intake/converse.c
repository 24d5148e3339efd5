/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * converse - requests to the child and its answers
 *
 * Several requests may be under way: they are put into the child's queue with
 * the first bytes of their messages, and are answered in their order. Neither
 * side wakes the other for one request when several can be asked or answered
 * together; small messages would otherwise cost more to hand over than to
 * read.
 *
 * Failures: a child that dies takes only the request it worked on with it,
 * which is the one behind those it counts as done; the others are asked again.
 */
#include "converse.h"

#include <string.h>

#define ANSWER_MOST (64u << 20) /* bytes of findings */
#define TOGETHER (PL_SLOTS / 2) /* requests that are sent at once */

void
pl_request_free(struct pl_request *q)
{
	g_free(q->text);
	g_clear_error(&q->error);
	g_clear_error(&q->failure);
	g_clear_pointer(&q->found, g_bytes_unref);
	g_free(q);
}

/* ---- asking ------------------------------------------------------------ */

/* Bytes of the message from OFFSET on into its slot; how many. */
static guint32
fill_slot(pl_reader *r, struct pl_request *q, guint64 offset, gsize most)
{
	guint8 *slot = r->keeper.shared + (gsize)q->slot * PL_SLOT;
	gsize have = 0;

	most = MIN(most, PL_SLOT);
	while (have < most && q->error == NULL) {
		gssize n = q->source.pread(q->source.ctx, offset + have,
		    slot + have, most - have, &q->error);
		if (n <= 0)
			break;
		have += (gsize)n;
	}
	return (guint32)have;
}

static gboolean
is_answered(const struct pl_request *q)
{
	return q->found != NULL || q->failure != NULL;
}

/* The oldest one that was asked and has no answer. */
static struct pl_request *
oldest_asked(const pl_reader *r)
{
	for (const GList *at = r->requests.head; at != NULL; at = at->next) {
		struct pl_request *q = at->data;
		if (q->asked && !is_answered(q))
			return q;
	}
	return NULL;
}

static void
ask(pl_reader *r, struct pl_request *q)
{
	struct pl_frame_head head = {
		.type = q->type,
		.length = q->text != NULL ? (guint32)strlen(q->text) : 0,
		.slot = q->slot,
		.ready = fill_slot(r, q, 0, q->source.size),
		.number = q->type == PL_FRAME_EXTRACT
			      ? (guint64)q->source.message
			      : q->text != NULL,
		.size = q->source.size,
	};

	q->asked = TRUE;
	q->turn = r->keeper.requests;
	pl_keeper_put(&r->keeper, &head, q->text);
	r->put++;
}

/* Asks whatever was not asked yet, in order, unless the child has to be looked
 * at first. */
static void
ask_all(pl_reader *r)
{
	for (GList *at = r->requests.head; at != NULL; at = at->next) {
		struct pl_request *q = at->data;
		if (!q->asked && !is_answered(q) && !pl_keeper_due(&r->keeper))
			ask(r, q);
	}
}

/* The child may work on any of those that are under way. */
static guint64
largest(const pl_reader *r)
{
	guint64 size = 0;

	for (const GList *at = r->requests.head; at != NULL; at = at->next)
		size = MAX(size, ((struct pl_request *)at->data)->source.size);
	return size;
}

static gboolean
send_all(pl_reader *r, GError **error)
{
	r->put = 0;
	return pl_keeper_allow(&r->keeper, largest(r), error) &&
	       pl_keeper_flush(&r->keeper, error);
}

void
pl_converse_begin(pl_reader *r, struct pl_request *q)
{
	if (r->keeper.pid == 0 || pl_keeper_due(&r->keeper))
		return;
	ask(r, q);
	/* what fails here is seen when it is finished */
	if (r->put >= TOGETHER)
		send_all(r, NULL);
}

/* A new child has to be asked everything again that has no answer. */
static gboolean
ready_child(pl_reader *r, GError **error)
{
	const gboolean leaks =
	    r->keeper.pid != 0 && pl_keeper_due(&r->keeper) &&
	    oldest_asked(r) == NULL && pl_keeper_leaks(&r->keeper);

	if (leaks && !r->held)
		pl_keeper_end(&r->keeper);
	if (r->keeper.pid != 0 && !leaks)
		return TRUE;
	if (r->held) {
		g_set_error_literal(error, PL_INTAKE_ERROR, PL_INTAKE_READ,
		    "the parser cannot be started now");
		return FALSE;
	}
	for (GList *at = r->requests.head; at != NULL; at = at->next)
		((struct pl_request *)at->data)->asked = FALSE;
	return pl_keeper_start(&r->keeper, error);
}

/* ---- answers ----------------------------------------------------------- */

static void
give_bytes(
    pl_reader *r, struct pl_request *q, const struct pl_frame_head *asked)
{
	const struct pl_frame_head head = {
		.type = PL_FRAME_BYTES,
		.slot = q->slot,
		.ready = fill_slot(r, q, asked->number, asked->size),
		.number = q->error != NULL,
	};

	pl_keeper_excuse(&r->keeper);
	pl_keeper_put(&r->keeper, &head, NULL);
}

static gboolean
take_content(pl_reader *r, struct pl_request *q, gsize length, GError **error)
{
	g_autofree void *bytes = g_malloc(length + 1);

	if (!pl_keeper_get(&r->keeper, bytes, length, error))
		return FALSE;
	if (q->error != NULL)
		return TRUE;
	pl_digest_add(q->hash, bytes, length);
	if (!q->sink(bytes, length, q->user, &q->error) && q->error == NULL)
		g_set_error_literal(&q->error, PL_INTAKE_ERROR, PL_INTAKE_READ,
		    "the content could not be taken");
	pl_keeper_excuse(&r->keeper);
	return TRUE;
}

static gboolean
take_found(pl_reader *r, struct pl_request *q, gsize length, GError **error)
{
	g_autofree void *bytes = g_malloc(length + 1);

	if (!pl_keeper_get(&r->keeper, bytes, length, error))
		return FALSE;
	q->found = g_bytes_new_take(g_steal_pointer(&bytes), length);
	return TRUE;
}

static gboolean
take_failure(pl_reader *r, struct pl_request *q,
    const struct pl_frame_head *head, GError **error)
{
	char text[1001] = "";

	if (!pl_keeper_get(&r->keeper, text, head->length, error))
		return FALSE;
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_set_error_literal(&q->failure, PL_INTAKE_ERROR,
	    head->number == PL_INTAKE_ABSENT ? PL_INTAKE_ABSENT
					     : PL_INTAKE_READ,
	    valid);
	return TRUE;
}

static gboolean
is_sane(const struct pl_frame_head *head, const struct pl_request *q)
{
	switch (head->type) {
	case PL_FRAME_ASK:
		return head->length == 0;
	case PL_FRAME_CONTENT:
		return q->hash != NULL && head->length <= PL_FRAME_MOST;
	case PL_FRAME_FOUND:
		return head->length <= ANSWER_MOST;
	case PL_FRAME_FAILED:
		return head->length <= 1000;
	}
	return FALSE;
}

/* Answers that came with others are taken with them. */
static gboolean
is_more(const pl_reader *r)
{
	return r->keeper.taken < r->keeper.in->len && oldest_asked(r) != NULL;
}

/* Serves the child until it has answered the request. */
static gboolean
converse(pl_reader *r, const struct pl_request *until, GError **error)
{
	struct pl_frame_head head;
	gboolean good = TRUE;

	while (good && (!is_answered(until) || is_more(r))) {
		struct pl_request *q = oldest_asked(r);
		if (!pl_keeper_get(&r->keeper, &head, sizeof head, error))
			return FALSE;
		if (!is_sane(&head, q)) {
			pl_keeper_bury(&r->keeper, NULL, error);
			return FALSE;
		}
		if (head.type == PL_FRAME_ASK)
			give_bytes(r, q, &head);
		else if (head.type == PL_FRAME_CONTENT)
			good = take_content(r, q, head.length, error);
		else if (head.type == PL_FRAME_FOUND)
			good = take_found(r, q, head.length, error);
		else
			good = take_failure(r, q, &head, error);
	}
	return good;
}

static gboolean
try_answer(pl_reader *r, struct pl_request *q, GError **error)
{
	if (!ready_child(r, error))
		return FALSE;
	ask_all(r);
	return send_all(r, error) && converse(r, q, error);
}

/* Whoever the child worked on when it died is answered with that; if we do not
 * know, the oldest. A child that was killed from outside gets another chance:
 * it may have been in the way of somebody else. */
static void
blame(pl_reader *r, GError *error)
{
	const unsigned through =
	    r->keeper.shared != NULL ? pl_keeper_through(&r->keeper) : 0;
	struct pl_request *guilty = oldest_asked(r);

	for (GList *at = r->requests.head; at != NULL; at = at->next) {
		struct pl_request *q = at->data;
		if (q->asked && !is_answered(q) && q->turn == through)
			guilty = q;
	}
	if (guilty == NULL)
		guilty = g_queue_peek_head(&r->requests);
	if (r->keeper.pid == 0 && r->keeper.killed && !guilty->again &&
	    guilty->type != PL_FRAME_EXTRACT) {
		guilty->again = TRUE;
		g_error_free(error);
		return;
	}
	guilty->failure = error;
}

/* The error of the source or the sink goes before that of the child. */
gboolean
pl_converse_end(pl_reader *r, GBytes **found, GError **error)
{
	struct pl_request *q = g_queue_peek_head(&r->requests);

	while (!is_answered(q)) {
		g_autoptr(GError) local = NULL;
		if (!try_answer(r, q, &local))
			blame(r, g_steal_pointer(&local));
	}
	g_queue_pop_head(&r->requests);
	if (q->error != NULL)
		g_propagate_error(error, g_steal_pointer(&q->error));
	else if (q->failure != NULL)
		g_propagate_error(error, g_steal_pointer(&q->failure));
	else
		*found = g_steal_pointer(&q->found);
	pl_request_free(q);
	return *found != NULL;
}
