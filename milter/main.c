/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postledgerd - the milter that stores what is mailed to intake addresses
 *
 * Runs in the foreground. The order of the start matters: become the
 * unprivileged user before anything is opened; hold the lock before what a
 * dead daemon left is swept away and before its socket is replaced.
 *
 * Exit codes are those of sysexits.h.
 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "crash.h"
#include "gate.h"

#define BACKLOG 256
#define STACK (256 * 1024) /* of a libmilter thread; it needs a tenth */

static const struct pl_writer_limits limits = {
	.chunks = 16,
	.patience = 60, /* far below the MTA's own (Postfix: 300) */
	.probe = 2,
	.slow = 5, /* making facts takes a tenth of that */
	.gather = 4000,
	.few = 4,
};

/* ---- errors ------------------------------------------------------------ */

static int
exit_code(const GError *error)
{
	if (error->domain == PL_CONFIG_ERROR)
		return error->code == PL_CONFIG_UNREADABLE ? EX_NOINPUT
							   : EX_CONFIG;
	if (error->domain != PL_LEDGER_ERROR)
		return EX_SOFTWARE;
	switch ((enum pl_ledger_error)error->code) {
	case PL_LEDGER_RETRY:
	case PL_LEDGER_CONFLICT:
		return EX_TEMPFAIL;
	case PL_LEDGER_DAMAGED:
	case PL_LEDGER_NEWER:
		return EX_DATAERR;
	case PL_LEDGER_ABSENT:
		return EX_NOINPUT;
	default:
		return EX_IOERR;
	}
}

/* To a person who starts it by hand, and to the log. */
static int
fail(int code, const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		fprintf(stderr, "postledgerd: %s\n", *line);
		pl_log(LOG_ERR, NULL, "not-started", "error", *line, NULL);
	}
	return code;
}

/* ---- options ----------------------------------------------------------- */

struct options {
	char *file;
	gboolean version, crash_points;
};

static gboolean
read_options(int *argc, char ***argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &o->file,
		    "Read FILE (default " PL_CONFIG_DEFAULT_FILE ")", "FILE" },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &o->version,
		    "Print the version", NULL },
		{ "crash-points", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE,
		    &o->crash_points, NULL, NULL },
		{ NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);

	g_option_context_set_summary(context,
	    "Stores what is mailed to intake addresses; a milter, in the "
	    "foreground.\nSIGUSR1: read the configuration again. "
	    "See postledgerd(8).");
	g_option_context_add_main_entries(context, entries, NULL);
	return g_option_context_parse(context, argc, argv, error);
}

static void
print_crash_points(void)
{
	for (int i = 0; pl_crash_name((enum pl_crash)i) != NULL; i++)
		puts(pl_crash_name((enum pl_crash)i));
}

/* ---- the start --------------------------------------------------------- */

/* Before the first thread: libmilter and the reload wait for these. */
static void
block_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* What whoever started us left open is none of our business, and a file of
 * ours must never get the number of an output. */
static void
settle_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

/* Buffers come and go with messages, in any thread: few arenas, and whole
 * chunks go back to the system at once. Packets do not: fresh memory for each
 * of them takes a third of all the time. */
static void
bound_memory(void)
{
	pthread_attr_t attributes;

	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MMAP_THRESHOLD, 200 * 1024);
	mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_setattr_default_np(&attributes);
	pthread_attr_destroy(&attributes);
}

/* A connection is a descriptor, and a busy MTA has hundreds. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = MIN(limit.rlim_max, PL_GATE_DESCRIPTORS);
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* The MTA's programs go first where there are more of them than processors:
 * what they send in pieces meanwhile is then read at once. */
static void
stand_back(void)
{
	const struct sched_param none = { 0 };

	sched_setscheduler(0, SCHED_BATCH, &none);
}

static pl_ledger *
open_ledger(const struct pl_gateway *g, GError **error)
{
	g_autoptr(pl_ledger) ledger =
	    pl_ledger_open(g->ledger, g->messages, PL_LEDGER_WRITE, error);
	g_autofree char *holder = NULL;

	if (ledger == NULL)
		return NULL;
	pl_ledger_set_actor(ledger, "postledgerd", NULL);
	if (!pl_ledger_lock(ledger, "daemon", 0, &holder, error)) {
		if (holder != NULL)
			g_prefix_error(
			    error, "postledgerd runs already (%s): ", holder);
		return NULL;
	}
	if (!pl_bytes_sweep(ledger, "milter", error))
		return NULL;
	return g_steal_pointer(&ledger);
}

/* NULL for a socket that is no file. */
static const char *
socket_path(const char *socket)
{
	if (g_str_has_prefix(socket, "unix:"))
		return socket + strlen("unix:");
	if (g_str_has_prefix(socket, "local:"))
		return socket + strlen("local:");
	return *socket == '/' ? socket : NULL;
}

/* At no moment may more people connect than socket_mode says. */
static gboolean
open_socket(const struct pl_gateway *g, pl_writer *writer)
{
	const char *path = socket_path(g->socket);

	smfi_setbacklog(BACKLOG);
	if (smfi_setconn((char *)g->socket) != MI_SUCCESS ||
	    !pl_session_register(writer))
		return FALSE;
	umask(0777 & ~g->socket_mode);
	gboolean good = smfi_opensocket(TRUE) == MI_SUCCESS &&
			(path == NULL || chmod(path, g->socket_mode) == 0);
	umask(077);
	return good;
}

static void
say_started(const struct pl_gateway *g, const pl_config *config)
{
	g_autofree char *journals =
	    g_strdup_printf("%u", pl_config_journals(config));

	pl_log_open("postledgerd", !g_log_writer_is_journald(STDERR_FILENO));
	pl_log(LOG_NOTICE, NULL, "started", "version", PL_VERSION, "socket",
	    g->socket, "ledger", g->ledger, "journals", journals, NULL);
}

static int
serve(const pl_config *config, pl_ledger *ledger, const char *file)
{
	const struct pl_gateway *g = pl_config_gateway(config);
	struct pl_writer_limits l = limits;

	l.reserve = pl_ledger_reserve(ledger);
	pl_writer *writer = pl_writer_start(ledger, &l);
	if (!open_socket(g, writer)) {
		g_autofree char *why = g_strdup_printf(
		    "cannot listen on %s: %s", g->socket, g_strerror(errno));
		pl_writer_stop(writer);
		return fail(EX_UNAVAILABLE, why);
	}
	pl_reload_listen(file);
	bound_memory();
	say_started(g, config);
	gboolean good = smfi_main() == MI_SUCCESS;
	pl_writer_stop(writer);
	pl_log(LOG_NOTICE, NULL, "stopped", NULL);
	return good ? EX_OK : EX_UNAVAILABLE;
}

static int
start(const char *file)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_config) config = pl_config_read(file, &error);

	if (config == NULL || !pl_config_become(config, &error))
		return fail(exit_code(error), error->message);
	pl_setup *setup = pl_setup_new(pl_config_ref(config), &error);
	if (setup == NULL)
		return fail(exit_code(error), error->message);
	pl_live_put(setup);
	g_autoptr(pl_ledger) ledger =
	    open_ledger(pl_config_gateway(config), &error);
	if (ledger == NULL)
		return fail(exit_code(error), error->message);
	return serve(config, ledger, file);
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct options o = { NULL, FALSE, FALSE };

	settle_descriptors();
	pl_log_open("postledgerd", FALSE);
	if (!read_options(&argc, &argv, &o, &error) || argc > 1) {
		fprintf(stderr, "postledgerd: %s; see postledgerd --help\n",
		    error ? error->message : "it takes no arguments");
		return EX_USAGE;
	}
	g_autofree char *file =
	    g_strdup(o.file ? o.file : PL_CONFIG_DEFAULT_FILE);
	g_free(o.file);
	if (o.version) {
		puts("postledgerd " PL_VERSION);
		return EX_OK;
	}
	if (o.crash_points) {
		print_crash_points();
		return EX_OK;
	}
	if (!pl_crash_arm(g_getenv("POSTLEDGER_CRASH"))) {
		fputs("postledgerd: POSTLEDGER_CRASH names no crash point\n",
		    stderr);
		return EX_USAGE;
	}
	umask(077);
	block_signals();
	raise_descriptors();
	stand_back();
	return start(file);
}
