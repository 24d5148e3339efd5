/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postfix - main.cf, master.cf and lookup tables, as Postfix's own programs
 * tell them
 */
#include "postfix.h"

#include <string.h>

#include "cli.h"

struct pl_postfix {
	char *postconf, *postmap, *dir;
	GHashTable *values;
	GPtrArray *services;
};

/* All that is ever asked for. */
static const char *const parameters[] = { "queue_directory", "mail_owner",
	"smtpd_milters", "non_smtpd_milters", "smtpd_milter_maps",
	"milter_default_action", "milter_protocol", "message_size_limit",
	"internal_mail_filter_classes", "transport_maps",
	"receive_override_options", "compatibility_level",
	"parent_domain_matches_subdomains", "cleanup_service_name",
	"relay_domains", "mydestination", "virtual_alias_domains",
	"virtual_mailbox_domains" };

static void
free_service(gpointer data)
{
	struct pl_service *service = data;
	g_free(service->name);
	g_free(service->type);
	g_free(service->command);
	g_hash_table_unref(service->overrides);
	g_free(service);
}

void
pl_postfix_free(pl_postfix *postfix)
{
	if (postfix == NULL)
		return;
	g_free(postfix->postconf);
	g_free(postfix->postmap);
	g_free(postfix->dir);
	g_clear_pointer(&postfix->values, g_hash_table_unref);
	g_clear_pointer(&postfix->services, g_ptr_array_unref);
	g_free(postfix);
}

/* The programs lie in sbin, which is not in everybody's PATH. */
static char *
find_program(const char *name)
{
	char *found = g_find_program_in_path(name);
	g_autofree char *usual = g_strconcat("/usr/sbin/", name, NULL);
	if (found == NULL && g_file_test(usual, G_FILE_TEST_IS_EXECUTABLE))
		return g_steal_pointer(&usual);
	return found;
}

/* Output of PROGRAM with WORDS; STATUS is its exit status. NULL when it could
 * not be started or died. */
static char *
ask(const char *program, const char *const *words, int *status, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autofree char *out = NULL, *complaint = NULL;
	int wait_status;
	g_ptr_array_add(argv, (gpointer)program);
	for (; *words != NULL; words++)
		g_ptr_array_add(argv, (gpointer)*words);
	g_ptr_array_add(argv, NULL);
	if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL,
		G_SPAWN_STDIN_FROM_DEV_NULL, NULL, NULL, &out, &complaint,
		&wait_status, error))
		return NULL;
	*status = g_spawn_check_wait_status(wait_status, NULL) ? 0 : 1;
	if (*status != 0 && *g_strchomp(complaint) != '\0')
		g_set_error(
		    error, PL_CLI_ERROR, EX_UNAVAILABLE, "%s", complaint);
	return g_steal_pointer(&out);
}

/* Lines "name = value" into TABLE. */
static void
read_values(const char *text, GHashTable *table)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		char *equals = strchr(*line, '=');
		if (equals == NULL)
			continue;
		*equals = '\0';
		g_hash_table_insert(table, g_strdup(g_strstrip(*line)),
		    g_strdup(g_strstrip(equals + 1)));
	}
}

static gboolean
read_main(pl_postfix *postfix, GError **error)
{
	const char *words[G_N_ELEMENTS(parameters) + 4] = { "-c", postfix->dir,
		"-x" };
	int status;
	memcpy(words + 3, parameters, sizeof parameters);
	g_autofree char *text = ask(postfix->postconf, words, &status, error);
	if (text == NULL || status != 0)
		return FALSE;
	read_values(text, postfix->values);
	return TRUE;
}

/* "-" in master.cf's chroot column means no, but for a Postfix that keeps to
 * what it did before 3.0. */
static gboolean
chrooted(const pl_postfix *postfix, const char *column)
{
	if (*column != '-')
		return *column == 'y';
	return g_ascii_strtoull(pl_postfix_get(postfix, "compatibility_level"),
		   NULL, 10) == 0;
}

static void
read_service(pl_postfix *postfix, const char *line)
{
	g_autoptr(GPtrArray) columns = g_ptr_array_new();
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
	for (char **word = words; *word != NULL; word++)
		if (**word != '\0')
			g_ptr_array_add(columns, *word);
	if (columns->len < 8)
		return;
	struct pl_service *service = g_new0(struct pl_service, 1);
	service->name = g_strdup(g_ptr_array_index(columns, 0));
	service->type = g_strdup(g_ptr_array_index(columns, 1));
	service->chroot = chrooted(postfix, g_ptr_array_index(columns, 4));
	service->command = g_strdup(g_ptr_array_index(columns, 7));
	service->overrides =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_ptr_array_add(postfix->services, service);
}

/* "submission/inet/smtpd_milters" ▸ value. */
static void
add_override(gpointer key, gpointer value, gpointer user)
{
	pl_postfix *postfix = user;
	g_auto(GStrv) parts = g_strsplit(key, "/", 3);
	if (g_strv_length(parts) != 3)
		return;
	const struct pl_service *service =
	    pl_postfix_service(postfix, parts[0], parts[1]);
	if (service != NULL)
		g_hash_table_insert(
		    service->overrides, g_strdup(parts[2]), g_strdup(value));
}

static gboolean
read_master(pl_postfix *postfix, GError **error)
{
	const char *const lines[] = { "-c", postfix->dir, "-M", NULL };
	const char *const options[] = { "-c", postfix->dir, "-Px", NULL };
	int status;
	g_autofree char *text = ask(postfix->postconf, lines, &status, error);
	if (text == NULL || status != 0)
		return FALSE;
	g_auto(GStrv) all = g_strsplit(text, "\n", -1);
	for (char **line = all; *line != NULL; line++)
		read_service(postfix, *line);
	g_autofree char *overrides =
	    ask(postfix->postconf, options, &status, error);
	if (overrides == NULL || status != 0)
		return FALSE;
	g_autoptr(GHashTable) table =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	read_values(overrides, table);
	g_hash_table_foreach(table, add_override, postfix);
	return TRUE;
}

/* The folder that Postfix itself would read. */
static char *
usual_dir(const pl_postfix *postfix, GError **error)
{
	const char *const words[] = { "-h", "config_directory", NULL };
	int status;
	g_autofree char *dir = ask(postfix->postconf, words, &status, error);
	return dir == NULL || status != 0 ? NULL
					  : g_strchomp(g_steal_pointer(&dir));
}

pl_postfix *
pl_postfix_read(const char *dir, GError **error)
{
	g_autoptr(pl_postfix) postfix = g_new0(struct pl_postfix, 1);
	postfix->postconf = find_program("postconf");
	postfix->postmap = find_program("postmap");
	postfix->values =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	postfix->services = g_ptr_array_new_with_free_func(free_service);
	if (postfix->postconf == NULL) {
		g_set_error(error, PL_CLI_ERROR, EX_UNAVAILABLE,
		    "no postconf found: Postfix is not installed here");
		return NULL;
	}
	postfix->dir = dir != NULL ? g_strdup(dir) : usual_dir(postfix, error);
	if (postfix->dir == NULL || !read_main(postfix, error) ||
	    !read_master(postfix, error)) {
		if (error != NULL && *error == NULL)
			g_set_error(error, PL_CLI_ERROR, EX_UNAVAILABLE,
			    "postconf failed");
		return NULL;
	}
	return g_steal_pointer(&postfix);
}

const char *
pl_postfix_dir(const pl_postfix *postfix)
{
	return postfix->dir;
}

const char *
pl_postfix_get(const pl_postfix *postfix, const char *name)
{
	const char *value = g_hash_table_lookup(postfix->values, name);
	return value != NULL ? value : "";
}

const char *
pl_postfix_of(const pl_postfix *postfix, const struct pl_service *service,
    const char *name)
{
	const char *value = g_hash_table_lookup(service->overrides, name);
	return value != NULL ? value : pl_postfix_get(postfix, name);
}

const GPtrArray *
pl_postfix_services(const pl_postfix *postfix)
{
	return postfix->services;
}

const struct pl_service *
pl_postfix_service(
    const pl_postfix *postfix, const char *name, const char *type)
{
	for (unsigned i = 0; i < postfix->services->len; i++) {
		const struct pl_service *service =
		    g_ptr_array_index(postfix->services, i);
		if (strcmp(service->name, name) == 0 &&
		    strcmp(service->type, type) == 0)
			return service;
	}
	return NULL;
}

char **
pl_postfix_words(const char *list)
{
	GPtrArray *words = g_ptr_array_new();
	unsigned depth = 0;
	const char *begin = NULL;
	for (const char *p = list;; p++) {
		gboolean between =
		    *p == '\0' ||
		    (depth == 0 && strchr(", \t\r\n", *p) != NULL);
		if (!between && begin == NULL)
			begin = p;
		if (between && begin != NULL) {
			g_ptr_array_add(
			    words, g_strndup(begin, (gsize)(p - begin)));
			begin = NULL;
		}
		if (*p == '\0')
			break;
		if (*p == '{')
			depth++;
		else if (*p == '}' && depth > 0)
			depth--;
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

/* NULL: not in it. */
static char *
look_up(const pl_postfix *postfix, const char *table, const char *key,
    gboolean *unknown)
{
	g_autoptr(GError) error = NULL;
	const char *direct = g_str_has_prefix(table, "proxy:")
				 ? table + strlen("proxy:")
				 : table;
	const char *const words[] = { "-c", postfix->dir, "-q", key, direct,
		NULL };
	int status = 0;
	if (postfix->postmap == NULL) {
		*unknown = TRUE;
		return NULL;
	}
	g_autofree char *value = ask(postfix->postmap, words, &status, &error);
	if (value == NULL || error != NULL) {
		*unknown = TRUE;
		return NULL;
	}
	g_strchomp(value);
	return *value != '\0' ? g_steal_pointer(&value) : NULL;
}

/* Keys in the order of transport(5): the address, its domain, the domains
 * above it (with a dot, or without where the table is told to take both). */
static GPtrArray *
transport_keys(const char *address, gboolean bare)
{
	GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
	const char *at = strrchr(address, '@');
	g_ptr_array_add(keys, g_ascii_strdown(address, -1));
	if (at != NULL) {
		g_ptr_array_add(keys, g_ascii_strdown(at + 1, -1));
		for (const char *dot = strchr(at, '.'); dot != NULL;
		     dot = strchr(dot + 1, '.'))
			g_ptr_array_add(
			    keys, g_ascii_strdown(bare ? dot + 1 : dot, -1));
	}
	g_ptr_array_add(keys, g_strdup("*"));
	return keys;
}

char *
pl_postfix_transport(
    const pl_postfix *postfix, const char *address, gboolean *unknown)
{
	g_auto(GStrv) tables =
	    pl_postfix_words(pl_postfix_get(postfix, "transport_maps"));
	gboolean bare =
	    strstr(pl_postfix_get(postfix, "parent_domain_matches_subdomains"),
		"transport_maps") != NULL;
	g_autoptr(GPtrArray) keys = transport_keys(address, bare);
	for (unsigned i = 0; i < keys->len; i++)
		for (char **table = tables; *table != NULL; table++) {
			char *value = look_up(postfix, *table,
			    g_ptr_array_index(keys, i), unknown);
			if (value != NULL)
				return value;
		}
	return NULL;
}

/* DOMAIN or one above it. */
static gboolean
is_below(const char *domain, const char *pattern)
{
	gsize n = strlen(domain), m = strlen(pattern);

	if (*pattern == '.')
		return n > m && g_ascii_strcasecmp(domain + n - m, pattern) == 0;
	return n >= m && g_ascii_strcasecmp(domain + n - m, pattern) == 0 &&
	       (n == m || domain[n - m - 1] == '.');
}

static gboolean
word_lists(const pl_postfix *postfix, const char *word, const char *domain,
    gboolean *unknown)
{
	if (*word == '/') {
		*unknown = TRUE;
		return FALSE;
	}
	if (strchr(word, ':') == NULL)
		return is_below(domain, word);
	for (const char *key = domain; key != NULL;
	     key = strchr(key, '.') != NULL ? strchr(key, '.') + 1 : NULL) {
		g_autofree char *value =
		    look_up(postfix, word, key, unknown);

		if (value != NULL)
			return TRUE;
	}
	return FALSE;
}

gboolean
pl_postfix_lists(const pl_postfix *postfix, const char *name,
    const char *domain, gboolean *unknown)
{
	g_auto(GStrv) words = pl_postfix_words(pl_postfix_get(postfix, name));

	for (char **word = words; *word != NULL; word++)
		if (word_lists(postfix, *word, domain, unknown))
			return TRUE;
	return FALSE;
}
