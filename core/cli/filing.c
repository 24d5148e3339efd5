/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filing - a stored file gets its name in a folder
 *
 * A file is written under a name of its own, checked against its hash, made
 * durable, and only then given its name, which must be free: nothing is ever
 * written over, and a half-written file never has a name that anybody would
 * take for an invoice. Where the same bytes are already, also put away as
 * processed, nothing is written: an export can be repeated.
 *
 * The folders are entered one by one and never through a symbolic link: their
 * names are foreign, and others may write there.
 */
#include "filing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define TRIES 10000000

static gboolean
fail(const pl_filing *p, const char *name, const char *what, GError **error)
{
	int saved = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
	    "%s/%s: %s: %s", p->path, name, what, g_strerror(saved));
	return FALSE;
}

pl_filing *
pl_filing_open(pl_ledger *ledger, const char *path, GError **error)
{
	g_autoptr(pl_filing) p = g_new0(pl_filing, 1);
	p->ledger = ledger;
	p->path = path;
	p->dir = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (p->dir < 0) {
		fail(p, "", "cannot open the folder", error);
		return NULL;
	}
	p->reader = pl_reader_new(&pl_limits_default);
	p->next = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	p->sizes = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	return g_steal_pointer(&p);
}

void
pl_filing_free(pl_filing *p)
{
	if (p == NULL)
		return;
	pl_reader_free(p->reader);
	g_clear_pointer(&p->next, g_hash_table_unref);
	g_clear_pointer(&p->sizes, g_hash_table_unref);
	if (p->dir >= 0)
		close(p->dir);
	g_free(p);
}

gboolean
pl_filing_sync(pl_filing *p, GError **error)
{
	return fsync(p->dir) == 0 || fail(p, "", "cannot write", error);
}

/* ---- folders ------------------------------------------------------------- */

/* NAME in DIR, made if need be; its descriptor or -1. */
static int
enter(int dir, const char *name)
{
	gboolean made = mkdirat(dir, name, 0770) == 0;
	if (!made && errno != EEXIST)
		return -1;
	if (made && fsync(dir) < 0)
		return -1;
	return openat(
	    dir, name, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* BESIDE is -1 where nothing is put away. */
struct target {
	int dir, beside;
};

static void
target_clear(struct target *t)
{
	if (t->dir >= 0)
		close(t->dir);
	if (t->beside >= 0)
		close(t->beside);
}

/* The descriptor of "a/b" below DIR ("": DIR itself), or -1. */
static int
enter_all(int dir, const char *folders)
{
	g_auto(GStrv) names = g_strsplit(folders, "/", -1);
	int at = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	for (char **name = names; *name != NULL && at >= 0; name++) {
		int above = at, saved;
		at = enter(above, *name);
		saved = errno;
		close(above);
		errno = saved;
	}
	return at;
}

static gboolean
open_target(const pl_filing *p, const struct pl_filed *filed, struct target *t,
    GError **error)
{
	t->beside = -1;
	t->dir = enter_all(p->dir, filed->folders);
	if (t->dir >= 0 && filed->processed)
		t->beside = enter(t->dir, PL_FILING_PROCESSED);
	if (t->dir >= 0 && (t->beside >= 0 || !filed->processed))
		return TRUE;
	fail(p, filed->folders, "cannot make the folder", error);
	target_clear(t);
	return FALSE;
}

/* ---- content ------------------------------------------------------------- */

struct writing {
	int fd;
	guint64 at; /* bytes that came by */
	struct pl_part part;
};

static gboolean
write_all(void *to, const void *bytes, gsize length, GError **error)
{
	const struct writing *w = to;
	const char *from = bytes;
	while (length > 0) {
		ssize_t n = write(w->fd, from, length);
		int saved = errno;
		if (n < 0 && saved == EINTR)
			continue;
		if (n < 0) {
			g_set_error(error, G_FILE_ERROR,
			    g_file_error_from_errno(saved), "cannot write: %s",
			    g_strerror(saved));
			return FALSE;
		}
		from += n;
		length -= (gsize)n;
	}
	return TRUE;
}

static gboolean
write_piece(const void *bytes, gsize length, void *user, GError **error)
{
	struct writing *w = user;
	const guint64 at = w->at;
	w->at += length;
	return pl_part_put(&w->part, at, bytes, length, write_all, w, error);
}

static gboolean
write_content(
    const pl_filing *p, const struct pl_filed *filed, int fd, GError **error)
{
	struct writing w = { fd, 0, filed->part };
	g_autoptr(pl_bytes) bytes =
	    pl_bytes_open(p->ledger, filed->message, error);
	if (bytes == NULL)
		return FALSE;
	struct pl_source source = pl_source_of(bytes);
	if (!pl_reader_extract(
		p->reader, &source, filed->sha256, write_piece, &w, error)) {
		g_prefix_error(error, "%s/%s: ", p->path, filed->name);
		return FALSE;
	}
	return fsync(fd) == 0 || fail(p, filed->name, "cannot write", error);
}

/* ---- names --------------------------------------------------------------- */

/* "name.pdf", "name-2.pdf", ... */
static char *
numbered(const char *name, unsigned n)
{
	const char *end = strrchr(name, '.');
	if (n == 1)
		return g_strdup(name);
	if (end == NULL || end == name)
		end = name + strlen(name);
	return g_strdup_printf("%.*s-%u%s", (int)(end - name), name, n, end);
}

static gboolean
same_bytes(int fd, int other)
{
	char a[65536], b[sizeof a];
	struct stat one, two;
	if (fstat(fd, &one) < 0 || fstat(other, &two) < 0 ||
	    !S_ISREG(two.st_mode) || one.st_size != two.st_size)
		return FALSE;
	for (off_t at = 0; at < one.st_size;) {
		ssize_t n = pread(fd, a, sizeof a, at);
		if (n <= 0 || pread(other, b, (size_t)n, at) != n ||
		    memcmp(a, b, (size_t)n) != 0)
			return FALSE;
		at += n;
	}
	return TRUE;
}

enum taken { FREE, TAKEN, SAME };

/* *SIZE: of what is there, -1: nothing is. */
static enum taken
look(int dir, const char *name, int fd, gint64 *size)
{
	struct stat st;
	*size = -1;
	if (dir < 0)
		return FREE;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? FREE : TAKEN;
	*size = st.st_size;
	int other =
	    openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	gboolean same = other >= 0 && same_bytes(fd, other);
	if (other >= 0)
		close(other);
	return same ? SAME : TAKEN;
}

/* A file under a number of the name, as it was seen. */
struct seen {
	unsigned n;
	gboolean beside;              /* put away as processed */
	char hash[PL_SHA256_HEX + 1]; /* "": nobody asked yet */
};

/* A finished file that looks for its name. Where ten thousand ask for one and
 * the same, none must try the numbers of all, or read all of them: what was
 * seen of a name is kept. */
struct seeking {
	pl_filing *p;
	const struct target *t;
	const char *name;
	char *key; /* name with its folders */
	int fd;
	gint64 size;
	char hash[PL_SHA256_HEX + 1];
};

/* struct seen, of the same name and SIZE. */
static GArray *
of_size(const struct seeking *s, gint64 size)
{
	g_autofree char *key =
	    g_strdup_printf("%s/%" G_GINT64_FORMAT, s->key, size);
	GArray *list = g_hash_table_lookup(s->p->sizes, key);
	if (list != NULL)
		return list;
	list = g_array_new(FALSE, FALSE, sizeof(struct seen));
	g_hash_table_insert(s->p->sizes, g_steal_pointer(&key), list);
	return list;
}

static void
keep(const struct seeking *s, unsigned n, gboolean beside, gint64 size)
{
	const struct seen seen = { n, beside, "" };
	if (size >= 0)
		g_array_append_val(of_size(s, size), seen);
}

/* What cannot be read has no hash that anything else has. */
static void
hash_of(int fd, char hash[PL_SHA256_HEX + 1])
{
	g_autoptr(pl_digest) digest = pl_digest_new();
	char buffer[65536];
	ssize_t n = -1;
	for (off_t at = 0;
	     fd >= 0 && (n = pread(fd, buffer, sizeof buffer, at)) > 0; at += n)
		pl_digest_add(digest, buffer, (gsize)n);
	if (n < 0)
		g_strlcpy(hash, "-", PL_SHA256_HEX + 1);
	else
		pl_digest_end(digest, hash);
}

static void
hash_seen(int dir, const char *name, struct seen *seen)
{
	int fd =
	    openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	hash_of(fd, seen->hash);
	if (fd >= 0)
		close(fd);
}

/* Are its bytes under one of the numbers that were seen, and still there? */
static gboolean
was_seen(struct seeking *s)
{
	GArray *list = of_size(s, s->size);
	if (list->len > 0)
		hash_of(s->fd, s->hash);
	for (unsigned i = 0; i < list->len; i++) {
		struct seen *seen = &g_array_index(list, struct seen, i);
		int dir = seen->beside ? s->t->beside : s->t->dir;
		g_autofree char *name = NULL;
		gint64 size;
		if (*seen->hash != '\0' && strcmp(seen->hash, s->hash) != 0)
			continue;
		name = numbered(s->name, seen->n);
		if (*seen->hash == '\0')
			hash_seen(dir, name, seen);
		if (strcmp(seen->hash, s->hash) == 0 &&
		    look(dir, name, s->fd, &size) == SAME)
			return TRUE;
	}
	return FALSE;
}

/* Not every file system has links. */
static gboolean
give_name(int dir, const char *made, const char *name)
{
	if (linkat(dir, made, dir, name, 0) == 0)
		return TRUE;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return FALSE;
	return renameat2(dir, made, dir, name, RENAME_NOREPLACE) == 0;
}

/* Under N, and behind it. */
static enum taken
try_number(const struct seeking *s, unsigned n, const char *made, char **named)
{
	g_autofree char *name = numbered(s->name, n);
	gint64 here, beside;
	enum taken one = look(s->t->dir, name, s->fd, &here);
	enum taken other = look(s->t->beside, name, s->fd, &beside);
	enum taken taken = MAX(one, other);
	if (taken == FREE) {
		if (!give_name(s->t->dir, made, name))
			return errno == EEXIST ? TAKEN : FREE;
		here = s->size;
		taken = SAME;
		*named = g_steal_pointer(&name);
	}
	keep(s, n, FALSE, here);
	keep(s, n, TRUE, beside);
	return taken;
}

/* Behind the numbers that were seen. */
static gboolean
seek(const struct seeking *s, const char *made, char **named)
{
	unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(s->p->next, s->key));
	enum taken taken = TAKEN;
	errno = EEXIST;
	for (n = MAX(n, 1); n < TRIES && taken == TAKEN; n++)
		taken = try_number(s, n, made, named);
	if (taken == SAME)
		g_hash_table_insert(
		    s->p->next, g_strdup(s->key), GUINT_TO_POINTER(n));
	return taken == SAME;
}

/* Gives the finished file the first free name; *NAMED stays NULL where its
 * bytes are already. */
static gboolean
settle_name(pl_filing *p, const struct pl_filed *filed, const struct target *t,
    const char *made, int fd, char **named)
{
	struct stat st;
	g_autofree char *key =
	    g_strdup_printf("%s/%s", filed->folders, filed->name);
	if (fstat(fd, &st) < 0)
		return FALSE;
	struct seeking s = { p, t, filed->name, key, fd, st.st_size, "" };
	return was_seen(&s) || seek(&s, made, named);
}

/* ---- a file -------------------------------------------------------------- */

static gboolean
file_it(pl_filing *p, const struct pl_filed *filed, const struct target *t,
    char **named, GError **error)
{
	g_autofree char *made = g_strdup_printf(
	    ".postledger-%d-%u", (int)getpid(), p->written + p->there);
	int fd = openat(t->dir, made,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return fail(p, filed->folders, "cannot create a file", error);
	gboolean good = write_content(p, filed, fd, error);
	if (good && !settle_name(p, filed, t, made, fd, named))
		good = fail(p, filed->name, "cannot create", error);
	close(fd);
	unlinkat(t->dir, made, 0);
	if (good && fsync(t->dir) < 0)
		good = fail(p, filed->folders, "cannot write", error);
	return good;
}

gboolean
pl_filing_put(pl_filing *p, const struct pl_filed *filed, GError **error)
{
	g_autofree char *named = NULL;
	struct target t;
	if (!open_target(p, filed, &t, error))
		return FALSE;
	gboolean good = file_it(p, filed, &t, &named, error);
	target_clear(&t);
	if (!good)
		return FALSE;
	p->written += named != NULL;
	p->there += named == NULL;
	if (named != NULL)
		pl_out("%s/%s%s%s\n", p->path, filed->folders,
		    *filed->folders != '\0' ? "/" : "", named);
	return TRUE;
}
