/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_faults - a disk that dies, loses power, fills up or fails
 *
 * A layer over SQLite's file calls, and the system's in place of the library's
 * for other files, count every write, sync and truncation of this process. At a
 * given one it
 *   DIES   ends the process at once, as kill -9 would;
 *   LOSES  takes back what was written and not synced, then ends the process,
 *          as a power cut would in the worst case;
 *   TEARS  as LOSES, but every other page of files that are not SQLite's stays,
 *          and the place of the others, with zeros;
 *   FAILS  answers with an error, from there on until it is healed;
 *   TRIPS  answers with an error, this once.
 */
#ifndef LEDGER_FAULTS_H
#define LEDGER_FAULTS_H

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>
#include <sqlite3.h>

enum fault { HEALTHY, DIES, LOSES, TEARS, FAILS, TRIPS };
static struct {
	enum fault fault;
	int at;    /* the operation, from 1 */
	int code;  /* for FAILS */
	int count; /* so far */
	GPtrArray *files;
	GArray *plain; /* struct plain: writes to other files, not synced */
	int inside;    /* SQLite asks the system, which is not counted again */
} disk;

struct plain {
	int fd; /* a copy of the writer's */
	ino_t file;
	off_t from, to, size; /* written; how long the file was */
};

struct undo {
	sqlite3_int64 offset, size;
	int length; /* of what was there */
	char *bytes;
};
struct faulty {
	sqlite3_file base;
	GPtrArray *undo;
	sqlite3_file *real;
};

static void
undo_free(void *data)
{
	struct undo *u = data;

	g_free(u->bytes);
	g_free(u);
}

static sqlite3_file *
real_of(sqlite3_file *file)
{
	return ((struct faulty *)file)->real;
}

/* What a power cut leaves of a file, at worst: the state of its last sync. */
static void
take_back(struct faulty *f)
{
	const sqlite3_io_methods *m = f->real->pMethods;

	disk.inside++;
	while (f->undo->len > 0) {
		struct undo *u = f->undo->pdata[f->undo->len - 1];

		if (u->length > 0)
			m->xWrite(f->real, u->bytes, u->length, u->offset);
		m->xTruncate(f->real, u->size);
		g_ptr_array_set_size(f->undo, (gint)f->undo->len - 1);
	}
	disk.inside--;
}

/* Other files are only added to: what was there before is not written over. */
static void
take_back_plain(void)
{
	static const char zeros[4096];

	for (guint i = disk.plain->len; i > 0; i--) {
		const struct plain *p =
		    &g_array_index(disk.plain, struct plain, i - 1);

		if (disk.fault == LOSES)
			syscall(SYS_ftruncate, p->fd, p->size);
		for (off_t at = p->from - p->from % 8192; at < p->to;
		     at += 8192)
			if (disk.fault == TEARS && at >= p->from)
				syscall(SYS_pwrite64, p->fd, zeros,
				    MIN(p->to - at, 4096), at);
	}
}

static int
operation(void)
{
	disk.count++;
	if (disk.fault == HEALTHY || disk.count < disk.at)
		return SQLITE_OK;
	if (disk.fault == FAILS)
		return disk.code;
	if (disk.fault == TRIPS)
		return disk.count == disk.at ? disk.code : SQLITE_OK;
	if (disk.fault != DIES) {
		for (guint i = 0; i < disk.files->len; i++)
			take_back(disk.files->pdata[i]);
		take_back_plain();
	}
	_exit(42);
}

static void
remember(struct faulty *f, sqlite3_int64 offset, int length)
{
	const sqlite3_io_methods *m = f->real->pMethods;
	struct undo *u;

	if (disk.fault != LOSES && disk.fault != TEARS)
		return;
	u = g_new0(struct undo, 1);
	u->offset = offset;
	m->xFileSize(f->real, &u->size);
	if (offset < u->size) {
		u->length = (int)MIN((sqlite3_int64)length, u->size - offset);
		u->bytes = g_malloc((gsize)u->length);
		m->xRead(f->real, u->bytes, u->length, offset);
	}
	g_ptr_array_add(f->undo, u);
}

static int
faulty_close(sqlite3_file *file)
{
	struct faulty *f = (struct faulty *)file;
	int code = f->real->pMethods->xClose(f->real);

	g_ptr_array_remove(disk.files, f);
	g_ptr_array_unref(f->undo);
	return code;
}

static int
faulty_read(sqlite3_file *f, void *bytes, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), bytes, n, at);
}

static int
faulty_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	int code = operation();

	if (code != SQLITE_OK)
		return code;
	remember((struct faulty *)f, at, n);
	disk.inside++;
	code = real_of(f)->pMethods->xWrite(real_of(f), bytes, n, at);
	disk.inside--;
	return code;
}

static int
faulty_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int code = operation();
	sqlite3_int64 now;

	if (code != SQLITE_OK)
		return code;
	real_of(f)->pMethods->xFileSize(real_of(f), &now);
	if (size < now)
		remember((struct faulty *)f, size, (int)(now - size));
	disk.inside++;
	code = real_of(f)->pMethods->xTruncate(real_of(f), size);
	disk.inside--;
	return code;
}

static int
faulty_sync(sqlite3_file *f, int flags)
{
	int code = operation();

	if (code != SQLITE_OK)
		return code == SQLITE_FULL ? SQLITE_IOERR_FSYNC : code;
	g_ptr_array_set_size(((struct faulty *)f)->undo, 0);
	/* Nobody pulls the plug here: the real sync only takes time. */
	(void)flags;
	return SQLITE_OK;
}

static int
faulty_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int
faulty_lock(sqlite3_file *f, int lock)
{
	return real_of(f)->pMethods->xLock(real_of(f), lock);
}

static int
faulty_unlock(sqlite3_file *f, int lock)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), lock);
}

static int
faulty_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int
faulty_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int
faulty_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int
faulty_character(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int
faulty_shm_map(
    sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	int code;

	disk.inside++;
	code = real_of(f)->pMethods->xShmMap(
	    real_of(f), page, size, extend, out);
	disk.inside--;
	return code;
}

static int
faulty_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void
faulty_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int
faulty_shm_unmap(sqlite3_file *f, int delete)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), delete);
}

static const sqlite3_io_methods faulty_methods = { 2, faulty_close, faulty_read,
	faulty_write, faulty_truncate, faulty_sync, faulty_size, faulty_lock,
	faulty_unlock, faulty_reserved, faulty_control, faulty_sector,
	faulty_character, faulty_shm_map, faulty_shm_lock, faulty_shm_barrier,
	faulty_shm_unmap, NULL, NULL };

static sqlite3_vfs *real_vfs;

static int
faulty_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
    int flags, int *out)
{
	struct faulty *f = (struct faulty *)file;
	int code;

	(void)vfs;
	memset(f, 0, sizeof(*f));
	f->real = (sqlite3_file *)(f + 1);
	code = real_vfs->xOpen(real_vfs, name, f->real, flags, out);
	if (code != SQLITE_OK)
		return code;
	f->undo = g_ptr_array_new_with_free_func(undo_free);
	g_ptr_array_add(disk.files, f);
	f->base.pMethods = &faulty_methods;
	return SQLITE_OK;
}

/* ---- files that are not SQLite's ---------------------------------------- */

static gboolean
plain_fails(void)
{
	int code = disk.files == NULL || disk.inside > 0 ? SQLITE_OK
							 : operation();

	errno = code == SQLITE_FULL ? ENOSPC : EIO;
	return code != SQLITE_OK;
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	struct plain p = { .from = at, .to = at + (off_t)n };
	struct stat st;

	if (plain_fails())
		return -1;
	if ((disk.fault == LOSES || disk.fault == TEARS) && disk.inside == 0 &&
	    fstat(fd, &st) == 0) {
		p.file = st.st_ino;
		p.size = st.st_size;
		p.fd = dup(fd);
		g_array_append_val(disk.plain, p);
	}
	return syscall(SYS_pwrite64, fd, bytes, n, at);
}

static int
plain_sync(int fd)
{
	struct stat st;

	if (plain_fails())
		return -1;
	if (fstat(fd, &st) != 0)
		return -1;
	for (guint i = disk.plain->len; i > 0; i--)
		if (g_array_index(disk.plain, struct plain, i - 1).file ==
		    st.st_ino)
			g_array_remove_index(disk.plain, i - 1);
	return 0;
}

int
fdatasync(int fd)
{
	return plain_sync(fd);
}

int
fsync(int fd)
{
	return plain_sync(fd);
}

int
ftruncate(int fd, off_t size)
{
	return plain_fails() ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

/* From here on this process has such a disk. */
static void
disk_install(void)
{
	static sqlite3_vfs vfs;

	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "faulty";
	vfs.pNext = NULL;
	vfs.szOsFile = real_vfs->szOsFile + (int)sizeof(struct faulty);
	vfs.xOpen = faulty_open;
	disk.plain = g_array_new(FALSE, FALSE, sizeof(struct plain));
	disk.files = g_ptr_array_new();
	sqlite3_vfs_register(&vfs, 1);
}

static void
disk_set(enum fault fault, int at, int code)
{
	disk.fault = fault;
	disk.at = at;
	disk.code = code;
	disk.count = 0;
}

#endif
