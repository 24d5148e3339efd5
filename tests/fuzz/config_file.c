/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration file of any bytes; what it accepts is looked up in. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "postledger/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char file[64];
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_config) config = NULL;

	if (fd < 0) {
		fd = memfd_create("fuzz", 0);
		g_snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	config = pl_config_read(file, &error);
	if ((config == NULL) != (error != NULL))
		abort();
	if (error != NULL && !g_utf8_validate(error->message, -1, NULL))
		abort();
	for (unsigned i = 0; config != NULL && i < pl_config_journals(config);
	     i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		const char *address = g_ptr_array_index(j->addresses, 0);

		if (pl_config_match(config, address) == NULL)
			abort(); /* *@domain matches itself, too */
	}
	return 0;
}
