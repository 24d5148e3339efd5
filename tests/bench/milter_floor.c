/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * milter_floor - the least that a filter like postledgerd has to do
 *
 *   milter_floor SOCKET pass    sees MAIL and every RCPT, accepts at DATA
 *   milter_floor SOCKET take    takes header and body without answers, deletes
 *                               the recipients, accepts; stores nothing
 *
 * The yardstick of tests/bench/milter.py: what lies above it is ours, what
 * lies below is libmilter's and the system's.
 */
#include <glib.h>
#include <string.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

static gboolean taking;

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long protocol,
    unsigned long f2, unsigned long f3, unsigned long *our_actions,
    unsigned long *our_protocol, unsigned long *p2, unsigned long *p3)
{
	(void)ctx, (void)f2, (void)f3;
	*our_actions = actions & SMFIF_DELRCPT;
	*our_protocol =
	    protocol & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN |
			   SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH |
			   SMFIP_NR_BODY | SMFIP_HDR_LEADSPC);
	*p2 = *p3 = 0;
	return SMFIS_CONTINUE;
}

static void
forget(SMFICTX *ctx)
{
	GPtrArray *recipients = smfi_getpriv(ctx);

	if (recipients != NULL)
		g_ptr_array_unref(recipients);
	smfi_setpriv(ctx, NULL);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	(void)argv;
	forget(ctx);
	if (taking)
		smfi_setpriv(ctx, g_ptr_array_new_with_free_func(g_free));
	return SMFIS_NOREPLY;
}

static sfsistat
on_recipient(SMFICTX *ctx, char **argv)
{
	if (taking)
		g_ptr_array_add(smfi_getpriv(ctx), g_strdup(argv[0]));
	return SMFIS_CONTINUE;
}

static sfsistat
on_data(SMFICTX *ctx)
{
	(void)ctx;
	return taking ? SMFIS_CONTINUE : SMFIS_ACCEPT;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx, (void)name, (void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
on_end_of_header(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_NOREPLY;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t length)
{
	(void)ctx, (void)bytes, (void)length;
	return SMFIS_NOREPLY;
}

static sfsistat
on_end_of_message(SMFICTX *ctx)
{
	const GPtrArray *recipients = smfi_getpriv(ctx);

	for (guint i = 0; recipients != NULL && i < recipients->len; i++)
		if (smfi_delrcpt(ctx, recipients->pdata[i]) != MI_SUCCESS)
			return SMFIS_TEMPFAIL;
	return SMFIS_ACCEPT;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	forget(ctx);
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	struct smfiDesc callbacks = {
		.xxfi_name = (char *)"floor",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_DELRCPT,
		.xxfi_negotiate = on_negotiate,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_recipient,
		.xxfi_data = on_data,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_of_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end_of_message,
		.xxfi_close = on_close,
	};

	if (argc != 3)
		return 64;
	taking = strcmp(argv[2], "take") == 0;
	smfi_setbacklog(256);
	if (smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_register(callbacks) != MI_SUCCESS ||
	    smfi_opensocket(TRUE) != MI_SUCCESS)
		return 69;
	return smfi_main() == MI_SUCCESS ? 0 : 70;
}
