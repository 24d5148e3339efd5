/* SPDX-License-Identifier: BSD-2-Clause */
/* An address of any bytes: folded in place and apart, stripped, matched. */
#include <stdint.h>
#include <string.h>

#include "private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *address = g_strndup((const char *)data, size);
	g_autofree char *apart = pl_address_normalise(address);
	g_autofree char *place = g_strdup(address);
	size_t domain = pl_address_fold(place, place);

	if (strcmp(apart, place) != 0 || strlen(apart) > strlen(address))
		abort();
	if (domain > 0 && place[domain - 1] != '@')
		abort();
	if (pl_address_strip(place, &domain, '+') &&
	    (domain < 2 || place[domain - 1] != '@' ||
		strlen(place) >= strlen(apart)))
		abort();
	if (pl_address_valid(address, TRUE) && *apart != '*' &&
	    !pl_address_matches(address, apart, '\0'))
		abort();
	return 0;
}
