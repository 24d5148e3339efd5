/* SPDX-License-Identifier: BSD-2-Clause */
/* Which packets may come before libmilter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet.h"

#define P(command, text) command, text, sizeof(text) - 1

static void
only_packets_of_the_right_form_pass(void **state)
{
	static const struct {
		char command;
		const char *data;
		gsize length;
		gboolean sane;
	} cases[] = {
		{ P('D', "Mi\0Q1\0"), TRUE },
		{ P('D', "Mi\0Q1\0{auth_authen}\0\0"), TRUE },
		{ P('D', "M"), TRUE },
		{ P('D', ""), FALSE },
		{ P('D', "Mi\0"), FALSE }, /* no value */
		{ P('D', "Mi\0Q1"), FALSE },
		{ P('D', "Mi\0Q1\0x\0"), FALSE },
		{ P('M', "<a@b>\0"), TRUE },
		{ P('M', "<a@b>\0SIZE=1\0BODY=8BITMIME\0"), TRUE },
		{ P('M', ""), FALSE },
		{ P('R', "<a@b>"), FALSE },
		{ P('L', "Subject\0 x\0"), TRUE },
		{ P('L', "Subject\0\0"), TRUE },
		{ P('L', "Subject\0"), FALSE },
		{ P('L', "Subject\0 x"), FALSE },
		{ P('L', "Subject\0 x\0y\0"), FALSE },
		{ P('H', "mx\0"), TRUE },
		{ P('H', "mx"), FALSE },
		{ P('C', "mx\0004\0\03127.0.0.1\0"), TRUE },
		{ P('C', "mx\0U"), TRUE },
		{ P('C', "mx\0"), FALSE },
		{ P('C', "mx\0004\0\03127.0.0.1"), FALSE },
		{ P('C', "mx\0004\0"), FALSE },
		{ P('C', "mx"), FALSE },
		{ P('O', "\0\0\0\6\0\0\1\377\0\37\377\377"), TRUE },
		{ P('O', "\0\0\0\6"), FALSE },
		{ P('B', "any\0thing"), TRUE },
		{ P('E', ""), TRUE },
		{ P('Q', ""), TRUE },
		{ P('Z', ""), FALSE },
		{ P('\0', ""), FALSE },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		if (pl_packet_is_sane(cases[i].command,
			(const guint8 *)cases[i].data,
			cases[i].length) != cases[i].sane)
			fail_msg("case %u", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_packets_of_the_right_form_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
