/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of settings, the manual page and the sample file say the same. */
#include "config_sample.h"
#include "private.h"

#define MANUAL "docs/postledger.conf.5"
#define SAMPLE "conf/postledger.conf"

static char *
file_text(const char *file)
{
	g_autoptr(GError) error = NULL;
	char *text = NULL;

	if (!g_file_get_contents(file, &text, NULL, &error))
		fail_msg("%s", error->message);
	return text;
}

/* The part of TEXT between FROM and TO. */
static char *
part(const char *text, const char *from, const char *to)
{
	const char *start = strstr(text, from), *end;

	assert_non_null(start);
	end = strstr(start, to);
	assert_non_null(end);
	return g_strndup(start, (gsize)(end - start));
}

/* What the manual says under KEY, with the items that share its text. */
static char *
manual_item(const char *section, const char *key)
{
	g_autofree char *head = g_strdup_printf("\n.It Ic %s\n", key);
	const char *start = strstr(section, head), *end;

	if (start == NULL)
		fail_msg("%s: nothing on %s", MANUAL, key);
	start += strlen(head);
	while (g_str_has_prefix(start, ".It "))
		start = strchr(start, '\n') + 1;
	end = strstr(start, "\n.It ");
	return end == NULL ? g_strdup(start)
			   : g_strndup(start, (gsize)(end - start));
}

static void
the_manual_has_each_setting_with_default_and_what_is_allowed(void **state)
{
	g_autofree char *text = file_text(MANUAL);
	g_autofree char *gateway = part(text, ".Ss The gateway", ".Ss Journals");
	g_autofree char *journal = part(text, ".Ss Journals", ".Sh FILES");

	(void)state;
	for (unsigned i = 0; i < pl_settings_n; i++) {
		const struct pl_setting *s = &pl_settings[i];
		g_autofree char *item = manual_item(
		    *s->info.section == 'g' ? gateway : journal, s->info.key);
		g_autofree char *must
		    = g_strdup_printf("\nMust be %s.\n", s->info.allowed);
		g_autofree char *fallback
		    = g_strdup_printf("\nDefault: %s.", s->info.fallback);

		if (strstr(item, fallback) == NULL)
			fail_msg("%s: [%s] %s lacks \"%s\"", MANUAL,
			    s->info.section, s->info.key, fallback + 1);
		if (s->how != PL_DEFAULT_INHERITED &&
		    strstr(item, must) == NULL)
			fail_msg("%s: [%s] %s lacks \"%s\"", MANUAL,
			    s->info.section, s->info.key, must + 1);
	}
}

static void
the_manual_has_no_other_settings(void **state)
{
	g_autofree char *text = file_text(MANUAL);
	g_autofree char *lists = part(text, ".Ss The gateway", ".Sh FILES");
	g_auto(GStrv) lines = g_strsplit(lists, "\n", -1);
	const char *section = "gateway";
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; lines[i] != NULL; i++) {
		if (g_str_equal(lines[i], ".Ss Journals"))
			section = "journal";
		if (!g_str_has_prefix(lines[i], ".It Ic "))
			continue;
		n++;
		if (pl_setting_find(section, lines[i] + strlen(".It Ic ")) ==
		    NULL)
			fail_msg("%s: [%s] has no %s", MANUAL, section,
			    lines[i]);
	}
	assert_int_equal(n, pl_settings_n);
}

/* "key" or "#key" of a line "key = value" or "#key = value", else NULL. */
static char *
sample_key(const char *line, char **value)
{
	size_t n = strspn(line, "#");
	size_t m = strspn(line + n, G_CSET_a_2_z "_");
	const char *equals = line + n + m + strspn(line + n + m, " ");

	if (n > 1 || m == 0 || *equals != '=')
		return NULL;
	*value = g_strstrip(g_strdup(equals + 1));
	return g_strndup(line, n + m);
}

static void
the_sample_has_each_setting_with_its_default(void **state)
{
	g_autofree char *text = file_text(SAMPLE);
	g_autoptr(GHashTable) values = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	const char *section = NULL;

	(void)state;
	for (unsigned i = 0; lines[i] != NULL; i++) {
		char *value = NULL;
		g_autofree char *key = sample_key(lines[i], &value);

		if (g_str_equal(lines[i], "[gateway]"))
			section = "gateway";
		else if (g_str_equal(lines[i], "[journal sales]"))
			section = "journal";
		else if (g_str_has_prefix(lines[i], "#["))
			break; /* more examples */
		if (key != NULL)
			g_hash_table_insert(values,
			    g_strdup_printf("%s %s", section, key), value);
	}
	for (unsigned i = 0; i < pl_settings_n; i++) {
		const struct pl_setting *s = &pl_settings[i];
		gboolean inherited = s->how == PL_DEFAULT_INHERITED;
		g_autofree char *key = g_strdup_printf("%s %s%s",
		    s->info.section, inherited ? "#" : "", s->info.key);
		const char *value = g_hash_table_lookup(values, key);

		if (value == NULL)
			fail_msg("%s: nothing on %s", SAMPLE, key);
		if (s->how == PL_DEFAULT_TEXT)
			assert_string_equal(value, s->info.fallback);
		else if (s->how == PL_DEFAULT_COMPUTED)
			assert_string_equal(value, "");
		else
			assert_string_not_equal(value, "");
		g_hash_table_remove(values, key);
	}
	if (g_hash_table_size(values) > 0)
		fail_msg("%s: %u lines too many", SAMPLE,
		    g_hash_table_size(values));
}

static void
the_sample_is_good_as_it_is_and_with_its_examples(void **state)
{
	g_autofree char *text = file_text(SAMPLE);
	g_autoptr(GString) all = g_string_new(text);
	g_autoptr(pl_config) plain = accepted(text), full = NULL;

	(void)state;
	g_string_replace(all, "\n#[", "\n[", 0);
	for (char c = 'a'; c <= 'z'; c++) {
		const char from[] = { '\n', '#', c, '\0' };
		const char to[] = { '\n', c, '\0' };

		g_string_replace(all, from, to, 0);
	}
	full = accepted(all->str);
	assert_int_equal(pl_config_journals(plain), 1);
	assert_int_equal(pl_config_journals(full), 2);
	assert_string_equal(pl_config_journal(full, 0)->sender,
	    "postledger-sales@gw.example.com");
	assert_int_equal(pl_config_find(full, "bank")->n_slots, 1);
}

static void
the_example_of_the_manual_is_good(void **state)
{
	g_autofree char *text = file_text(MANUAL);
	g_autofree char *examples = part(text, ".Sh EXAMPLES", ".Sh SEE ALSO");
	g_autofree char *example = part(examples, "[gateway]", "\n.Ed");
	g_autoptr(pl_config) c = accepted(example);

	(void)state;
	assert_int_equal(pl_config_journal(c, 0)->delay_days, 7);
}

static void
what_is_allowed_reads_well_in_a_message(void **state)
{
	unsigned n;
	const struct pl_setting_info *infos = pl_config_settings(&n);

	(void)state;
	assert_int_equal(n, pl_settings_n);
	for (unsigned i = 0; i < n; i++) {
		assert_true(strlen(infos[i].allowed) < 60);
		assert_false(g_str_has_suffix(infos[i].allowed, "."));
		for (unsigned k = 0; k < i; k++)
			assert_false(
			    g_str_equal(infos[i].key, infos[k].key) &&
			    g_str_equal(infos[i].section, infos[k].section));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_manual_has_each_setting_with_default_and_what_is_allowed),
		cmocka_unit_test(the_manual_has_no_other_settings),
		cmocka_unit_test(the_sample_has_each_setting_with_its_default),
		cmocka_unit_test(
		    the_sample_is_good_as_it_is_and_with_its_examples),
		cmocka_unit_test(the_example_of_the_manual_is_good),
		cmocka_unit_test(what_is_allowed_reads_well_in_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
