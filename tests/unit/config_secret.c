/* SPDX-License-Identifier: BSD-2-Clause */
/* The secret, its MACs, and becoming the user who owns it. */
#include "config_sample.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char *folder;

static int
set_up(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("pl-secret-XXXXXX", NULL);
	return folder == NULL;
}

static int
tear_down(void **state)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	(void)state;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *file = g_build_filename(folder, name, NULL);
		g_unlink(file);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_clear_pointer(&folder, g_free);
	return 0;
}

static char *
in_folder(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

static unsigned
files_in_folder(void)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(dir) != NULL)
		n++;
	g_dir_close(dir);
	return n;
}

static void
an_absent_secret_is_made_for_its_owner_alone(void **state)
{
	g_autofree char *file = in_folder("secret"), *text = NULL;
	g_autoptr(pl_secret) made = NULL, read_again = NULL;
	const char *const parts[] = { "x", NULL };
	char a[PL_MAC_LENGTH + 1], b[PL_MAC_LENGTH + 1];
	mode_t mask = umask(0);
	struct stat st;

	(void)state;
	made = pl_secret_read(file, NULL);
	umask(mask);
	assert_non_null(made);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(files_in_folder(), 1);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_int_equal(strlen(text), 65);
	read_again = pl_secret_read(file, NULL);
	pl_secret_mac(made, parts, a);
	pl_secret_mac(read_again, parts, b);
	assert_string_equal(a, b);
}

/* In a child: a MAC with the secret goes to FD. */
static void
race(const char *file, int go, int out)
{
	const char *const parts[] = { "same", NULL };
	char byte, mac[PL_MAC_LENGTH + 1];
	pl_secret *secret;

	if (read(go, &byte, 1) != 0)
		_exit(1);
	secret = pl_secret_read(file, NULL);
	if (secret == NULL)
		_exit(2);
	pl_secret_mac(secret, parts, mac);
	_exit(write(out, mac, PL_MAC_LENGTH) == PL_MAC_LENGTH ? 0 : 3);
}

#define RACERS 8

static void
run_race(const char *file)
{
	int go[2], out[2], status;
	char macs[RACERS][PL_MAC_LENGTH];

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(out), 0);
	for (unsigned i = 0; i < RACERS; i++) {
		if (fork() == 0) {
			close(go[1]);
			race(file, go[0], out[1]);
		}
	}
	close(go[1]);
	for (unsigned i = 0; i < RACERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (unsigned i = 0; i < RACERS; i++) {
		assert_int_equal(
		    read(out[0], macs[i], PL_MAC_LENGTH), PL_MAC_LENGTH);
		assert_memory_equal(macs[i], macs[0], PL_MAC_LENGTH);
	}
	close(go[0]);
	close(out[0]);
	close(out[1]);
}

static void
eight_that_make_it_at_once_get_the_same_one(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 25; round++) {
		g_autofree char *file = in_folder("raced");

		run_race(file);
		assert_int_equal(files_in_folder(), 1);
		assert_int_equal(g_unlink(file), 0);
	}
}

static void
bad_secret(const char *text, int mode, const char *what)
{
	g_autofree char *file = in_folder("bad");
	g_autoptr(GError) error = NULL;

	assert_true(g_file_set_contents(file, text, -1, NULL));
	assert_int_equal(g_chmod(file, mode), 0);
	assert_null(pl_secret_read(file, &error));
	assert_true(g_error_matches(error, PL_CONFIG_ERROR, PL_CONFIG_SECRET));
	if (strstr(error->message, what) == NULL)
		fail_msg("%s", error->message);
}

static void
a_secret_that_is_none_is_refused(void **state)
{
	g_autofree char *big = g_strnfill(5000, 'x');
	g_autofree char *missing = in_folder("no/such/folder");
	g_autoptr(GError) error = NULL;

	(void)state;
	bad_secret("0123456789abcdef0123456789abcdef", 0640, "chmod 600 ");
	bad_secret("0123456789abcdef0123456789abcdef", 0604, "chmod 600 ");
	bad_secret("0123456789abcdef0123456789abcdef", 0620, "chmod 600 ");
	bad_secret("", 0600, "at least 16 bytes");
	bad_secret("0123456789abcde\n\n\n\n", 0600, "at least 16 bytes");
	bad_secret(big, 0600, "at most 4096 bytes");
	assert_null(pl_secret_read(folder, &error));
	assert_non_null(strstr(error->message, "must be a regular file"));
	g_clear_error(&error);
	assert_null(pl_secret_read(missing, &error));
	assert_non_null(strstr(error->message, "cannot be made: "));
	pl_secret_free(NULL);
}

static void
a_mac_keeps_its_parts_apart(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	g_autoptr(pl_secret) other = sample_secret("0123456789abcdeg");
	const char *const a[] = { "ab", "c", NULL };
	const char *const b[] = { "a", "bc", NULL };
	const char *const c[] = { "ab", "c", "", NULL };
	char x[PL_MAC_LENGTH + 1], y[PL_MAC_LENGTH + 1];

	(void)state;
	pl_secret_mac(secret, a, x);
	assert_int_equal(strlen(x), PL_MAC_LENGTH);
	assert_int_equal(
	    strspn(x, "abcdefghijklmnopqrstuvwxyz234567"), PL_MAC_LENGTH);
	pl_secret_mac(secret, b, y);
	assert_string_not_equal(x, y);
	pl_secret_mac(secret, c, y);
	assert_string_not_equal(x, y);
	pl_secret_mac(other, a, y);
	assert_string_not_equal(x, y);
}

static void
a_mac_is_hmac_sha_256_in_base_32(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef\n");
	const char *const parts[] = { "one", "two", NULL };
	char mac[PL_MAC_LENGTH + 1];

	/* python3: base64.b32encode(hmac.digest(b"0123456789abcdef",
	 * b"\0\0\0\0\0\0\0\3one\0\0\0\0\0\0\0\3two", "sha256"))[:16] */
	(void)state;
	pl_secret_mac(secret, parts, mac);
	assert_string_equal(mac, "zcvrxxlwmfvn2pnf");
}

/* ---- become ----------------------------------------------------------- */

static pl_config *
config_of_user(const char *user)
{
	g_autofree char *text = g_strdup_printf(
	    "[gateway]\nsender = a@b\nuser = %s\n" SMALLEST_JOURNAL, user);

	return accepted(text);
}

static void
become_nobody(const pl_config *c)
{
	const struct passwd *pw = getpwnam("nobody");
	gid_t groups[64];
	int n;

	if (!pl_config_become(c, NULL))
		_exit(1);
	n = getgroups(G_N_ELEMENTS(groups), groups);
	if (getuid() != pw->pw_uid || geteuid() != pw->pw_uid ||
	    getgid() != pw->pw_gid || getegid() != pw->pw_gid)
		_exit(2);
	for (int i = 0; i < n; i++)
		if (groups[i] == 0)
			_exit(3);
	if (setuid(0) == 0 || setgid(0) == 0)
		_exit(4);
	/* a second time there is nothing to do, whoever is asked for */
	_exit(pl_config_become(c, NULL) ? 0 : 5);
}

static void
root_becomes_the_user_for_ever(void **state)
{
	g_autoptr(pl_config) c = NULL;
	int status;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip(); /* jumps: nothing may be allocated yet */
	c = config_of_user("nobody");
	child = fork();
	if (child == 0)
		become_nobody(c);
	assert_true(waitpid(child, &status, 0) == child);
	assert_int_equal(status, 0);
	assert_int_equal(geteuid(), 0);
}

static void
root_does_not_go_on_as_root_or_as_nobody_known(void **state)
{
	static const char *const users[] = { "root", "no-such-user" };

	(void)state;
	if (geteuid() != 0)
		skip();
	for (unsigned i = 0; i < G_N_ELEMENTS(users); i++) {
		g_autoptr(pl_config) c = config_of_user(users[i]);
		g_autoptr(GError) error = NULL;

		assert_false(pl_config_become(c, &error));
		assert_true(
		    g_error_matches(error, PL_CONFIG_ERROR, PL_CONFIG_USER));
		g_autofree char *start = g_strdup_printf(
		    "%s:3: [gateway] user = \"%s\": must be the name of a "
		    "user",
		    pl_config_file(c), users[i]);
		assert_true(g_str_has_prefix(error->message, start));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_absent_secret_is_made_for_its_owner_alone),
		TEST(eight_that_make_it_at_once_get_the_same_one),
		TEST(a_secret_that_is_none_is_refused),
		TEST(a_mac_keeps_its_parts_apart),
		TEST(a_mac_is_hmac_sha_256_in_base_32),
		TEST(root_becomes_the_user_for_ever),
		TEST(root_does_not_go_on_as_root_or_as_nobody_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
