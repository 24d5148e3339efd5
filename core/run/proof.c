/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof - did the MTA queue an attempt whose answer nobody saw?
 */
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>

#include "proof.h"

#define LOG_MOST (64 * 1024 * 1024) /* of a log file, from its end */
/* An attempt that was offered just now may still be on its way. */
#define FRESH (10 * G_USEC_PER_SEC)
#define LOOKS 12
#define PAUSE (G_USEC_PER_SEC / 4)

/* ---- lines --------------------------------------------------------------- */

/* Where TEXT goes on after "QUEUEID: ", or NULL. */
static const char *
behind_id(const char *line, const char *queue_id)
{
	gsize n = strlen(queue_id);

	for (const char *at = strstr(line, queue_id); at != NULL;
	     at = strstr(at + 1, queue_id))
		if ((at == line || at[-1] == ' ') &&
		    strncmp(at + n, ": ", 2) == 0)
			return at + n + 2;
	return NULL;
}

/* An e-mail that did not come by the daemon has no queue id noted: cleanup
 * names it beside our Message-ID. The last one counts. */
static void
learn_id(struct pl_trail *trail, const char *line)
{
	g_autofree char *name =
	    g_strdup_printf(": message-id=%s", trail->message_id);
	const char *at = strstr(line, name), *begin = at;

	if (at == NULL || strstr(line, "cleanup[") == NULL)
		return;
	while (begin > line && g_ascii_isalnum(begin[-1]))
		begin--;
	g_free(trail->found);
	trail->found = g_strndup(begin, (gsize)(at - begin));
}

void
pl_trail_line(struct pl_trail *trail, const char *line)
{
	const char *id, *rest;

	if (trail->proof != NULL)
		return;
	if (trail->queue_id == NULL)
		learn_id(trail, line);
	id = trail->queue_id != NULL ? trail->queue_id : trail->found;
	rest = id == NULL || *id == '\0' ? NULL : behind_id(line, id);
	if (rest == NULL)
		return;
	/* ids come again: only what follows our message's name is about it */
	if (g_str_has_prefix(rest, "message-id="))
		trail->named = g_str_has_prefix(
		    rest + strlen("message-id="), trail->message_id);
	else if (trail->named && g_str_has_prefix(rest, "from=<") &&
		 strstr(line, "qmgr[") != NULL)
		trail->proof = g_strchomp(g_strdup(line));
}

static gboolean
has_member(const char *line, const char *name, const char *value)
{
	g_autofree char *member =
	    g_strdup_printf("\"%s\": \"%s\"", name, value);

	return strstr(line, member) != NULL;
}

gboolean
pl_proof_listed(const char *line, const char *queue_id, const char *sender)
{
	return has_member(line, "queue_id", queue_id) &&
	       has_member(line, "sender", sender) &&
	       !has_member(line, "queue_name", "incoming");
}

/* ---- where they come from ---------------------------------------------- */

static void
read_log(struct pl_trail *trail, const char *path)
{
	g_autofree char *line = NULL;
	size_t room = 0;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return;
	if (fseeko(file, 0, SEEK_END) == 0 && ftello(file) > LOG_MOST)
		fseeko(file, -LOG_MOST, SEEK_END);
	else
		rewind(file);
	while (trail->proof == NULL && getline(&line, &room, file) > 0)
		pl_trail_line(trail, line);
	fclose(file);
}

/* What COMMAND says, NULL if it cannot be asked. g_free(). */
static char *
output_of(const char *const *command)
{
	char *out = NULL;
	int status;

	if (!g_file_test(command[0], G_FILE_TEST_IS_EXECUTABLE) ||
	    !g_spawn_sync(NULL, (char **)(guintptr)command, NULL,
		G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, &status,
		NULL))
		return NULL;
	if (g_spawn_check_wait_status(status, NULL))
		return out;
	g_free(out);
	return NULL;
}

static void
read_journal(struct pl_trail *trail, gint64 since)
{
	g_autofree char *from = g_strdup_printf(
	    "--since=@%" G_GINT64_FORMAT, since / G_USEC_PER_SEC - 60);
	const char *const command[] = { "/usr/bin/journalctl", "--quiet",
		"--no-pager", "--output=short", "--facility=mail", from, NULL };
	g_autofree char *out = output_of(command);
	g_auto(GStrv) lines = out == NULL ? NULL : g_strsplit(out, "\n", -1);

	for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
		pl_trail_line(trail, lines[i]);
}

/* Where Postfix logs to, if not to syslog. g_free(). */
static char *
log_of_postfix(void)
{
	static const char *const command[] = { "/usr/sbin/postconf", "-h",
		"maillog_file", NULL };
	char *path = output_of(command);

	if (path != NULL && *g_strstrip(path) == '/')
		return path;
	g_free(path);
	return NULL;
}

static char *
look_into_logs(const pl_batch *batch, const char *own_log)
{
	static const char *const logs[] = { "/var/log/mail.log.1",
		"/var/log/mail.log", "/var/log/maillog.1", "/var/log/maillog" };
	struct pl_trail trail = { .queue_id = batch->queue_id,
		.message_id = batch->message_id };

	if (own_log != NULL)
		read_log(&trail, own_log);
	for (guint i = 0; i < G_N_ELEMENTS(logs) && trail.proof == NULL; i++)
		read_log(&trail, logs[i]);
	if (trail.proof == NULL)
		read_journal(&trail,
		    batch->offered != 0 ? batch->offered : batch->created);
	g_free(trail.found);
	return trail.proof;
}

static char *
look_into_queue(const pl_batch *batch, const char *return_path)
{
	static const char *const command[] = { "/usr/sbin/postqueue", "-j",
		NULL };
	g_autofree char *out = output_of(command);
	g_auto(GStrv) lines = out == NULL ? NULL : g_strsplit(out, "\n", -1);

	for (guint i = 0; lines != NULL && lines[i] != NULL &&
			  batch->queue_id != NULL;
	     i++)
		if (pl_proof_listed(lines[i], batch->queue_id, return_path))
			return g_strdup("it is in the queue");
	return NULL;
}

enum pl_proof
pl_proof_find(const pl_batch *batch, const char *return_path, char **words)
{
	gboolean fresh = g_get_real_time() - batch->offered < FRESH;
	g_autofree char *own_log = NULL;
	g_autofree char *proof = NULL;

	*words = NULL;
	if (batch->message_id == NULL ||
	    (batch->offered != 0 &&
		(batch->queue_id == NULL || *batch->queue_id == '\0')))
		return PL_PROOF_NONE;
	own_log = log_of_postfix();
	for (unsigned i = 0; i < (fresh ? LOOKS : 1) && proof == NULL; i++) {
		if (i > 0)
			g_usleep(PAUSE);
		proof = look_into_queue(batch, return_path);
		if (proof == NULL)
			proof = look_into_logs(batch, own_log);
	}
	if (proof == NULL)
		return PL_PROOF_NONE;
	*words = g_strdup_printf("[proven: %s]", proof);
	return PL_PROOF_QUEUED;
}
