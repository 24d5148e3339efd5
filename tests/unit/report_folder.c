/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_folder - what a report says of journals that deliver into folders
 */
#include "report_reading.h"

/* One document by e-mail, one into a folder, another put off. */
static struct sample *
sample_folder(void)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *sales = sample_journal(s, "sales");
	struct pl_report_journal *bank = sample_journal(s, "bank");
	struct pl_report_sent *mail = sample_batch(s, sales, PL_BATCH_SENT);
	struct pl_report_sent *files = sample_batch(s, bank, PL_BATCH_SENT);
	pl_batch *b = (pl_batch *)(guintptr)files->batch;
	pl_entry *e = sample_entry(s, bank, PL_SENT, "17");

	((struct pl_journal *)(guintptr)bank->journal)->deliver_to =
	    b->deliver_to = sample_string(s, "dir:/srv/coda/%{account}");
	b->mta_id = NULL;
	b->reply = sample_string(s, "written to /srv/coda/BE68 (1 file)");
	g_ptr_array_add(mail->entries, sample_entry(s, sales, PL_SENT, "F-1"));
	g_ptr_array_add(files->entries, e);
	files->written =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_written_free);
	g_ptr_array_add(files->written,
	    pl_written_new(e->id, "/srv/coda/BE68/17.cod", 960));
	g_ptr_array_add(files->written,
	    pl_written_new(e->id + 1000, "/srv/coda/BE71/18.cod", 960));
	sample_wait(s, bank, sample_entry(s, bank, PL_SENDING, "18"),
	    PL_REPORT_PUT_OFF "cannot write /srv/coda: Read-only file system",
	    0);
	sample_wait(s, bank, sample_entry(s, bank, PL_SENDING, "19"), NULL, 0);
	return s;
}

static void
sample_folder_end(struct sample *s)
{
	struct pl_report_journal *bank = s->facts.journals->pdata[1];
	struct pl_report_sent *files = bank->sent->pdata[0];

	g_ptr_array_unref(files->written);
	sample_end(s);
}

static void
folders_and_names_stand_where_the_words_of_the_mta_would(void **state)
{
	struct sample *s = sample_folder();
	struct written t = { 0 };

	(void)state;
	write_facts(&s->facts, &t);
	says(t.text, "2 documents were sent in 1 e-mail and 1 batch of files",
	    "to acme-sales@in.accounting.example",
	    "into the folder /srv/coda/%{account}", "batch 900.1",
	    "/srv/coda/BE68/17.cod", NULL);
	says(t.html, "into the folder /srv/coda/%{account}",
	    "/srv/coda/BE68/17.cod", NULL);
	says_not(t.text, "/srv/coda/BE71/18.cod");
	says(t.csv, "/srv/coda/BE68/17.cod", NULL);
	says_not(t.csv, "/srv/coda/BE71/18.cod");
	written_clear(&t);
	sample_folder_end(s);
}

static void
what_a_folder_put_off_is_not_blamed_on_the_mail_server(void **state)
{
	struct sample *s = sample_folder();
	struct written t = { 0 };

	(void)state;
	write_facts(&s->facts, &t);
	says(t.text, "Put off: cannot write /srv/coda: Read-only file system",
	    NULL);
	says(t.text, "Being written into its folder", NULL);
	says_not(t.text, "mail server");
	written_clear(&t);
	sample_folder_end(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    folders_and_names_stand_where_the_words_of_the_mta_would),
		cmocka_unit_test(
		    what_a_folder_put_off_is_not_blamed_on_the_mail_server),
	};

	return cmocka_run_group_tests_name("report_folder", tests, NULL, NULL);
}
