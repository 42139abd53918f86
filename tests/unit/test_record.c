/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/submit/load_record.c: what is kept of a load, and which files are not believed. */
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

#include "machine_tree.h"

#include "kexec/submit/load_record.h"

#define NORMAL "/run/kexec/normal"
#define CRASH "/run/kexec/crash"
/* "abc", and its digest in FIPS 180-4. */
#define KERNEL_TEXT "abc"
#define KERNEL_DIGEST                                                                              \
	"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"                         \
	"\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad"

static const struct sysroot no_root = { .path = "" };

static int make_tree(void **state)
{
	struct tree *t = tree_empty();

	tree_put(t, "/run/nothing", "");
	tree_put(t, "/boot/vmlinuz", KERNEL_TEXT);
	*state = t;
	return 0;
}

static int remove_tree(void **state)
{
	tree_free(*state);
	return 0;
}

static const char *path_of(struct tree *t, const char *name)
{
	return sysroot_path(&t->ctx, &t->root, name);
}

static struct load_record make_record(struct tree *t)
{
	return (struct load_record){
		.kernel = path_of(t, "/boot/vmlinuz"),
		.kernel_version = "6.1.0",
		.command_line = "quiet",
		.method = "kexec_load",
		.purgatory = "pie",
	};
}

/* A load that succeeds. */
static void record_write(struct ctx *ctx, const struct sysroot *root, bool crash,
			 const struct load_record *record)
{
	struct record_change change;

	assert_int_equal(record_begin(ctx, root, crash, &change), 0);
	record_prepare(ctx, record, &change);
	record_end(ctx, &change, RECORD_NEW);
}

static void write_record(struct tree *t, bool crash)
{
	struct load_record record = make_record(t);

	tree_rewind(t);
	record_write(&t->ctx, &t->root, crash, &record);
	assert_string_equal(t->log, "");
}

static mode_t mode_of(struct tree *t, const char *name)
{
	struct stat st;

	assert_int_equal(lstat(path_of(t, name), &st), 0);
	return st.st_mode & 07777;
}

/* YYYY-MM-DDThh:mm:ssZ */
static void assert_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	assert_int_equal(strlen(text), strlen(form));
	for (size_t i = 0; form[i]; i++)
		assert_true(form[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i]);
}

static void test_round_trip(void **state)
{
	static const char odd[] = "a=b \"c\\\n\x80\xff = d\x1b[0m";
	const char *initrds[] = { "-", "/nowhere/a=b\nc", odd };
	struct tree *t = *state;
	struct load_record record = make_record(t), got;

	record.command_line = odd;
	record.kernel_version = NULL;
	record.initrds = initrds;
	record.initrd_count = COUNT(initrds);
	record_write(&t->ctx, &t->root, true, &record);
	assert_true(record_read(&t->ctx, &t->root, true, &got));
	assert_string_equal(got.kernel, record.kernel);
	assert_null(got.kernel_version);
	assert_string_equal(got.command_line, odd);
	assert_int_equal(got.initrd_count, COUNT(initrds));
	for (size_t i = 0; i < COUNT(initrds); i++)
		assert_string_equal(got.initrds[i], initrds[i]);
	assert_string_equal(got.method, "kexec_load");
	assert_string_equal(got.purgatory, "pie");
	assert_time(got.time);
	assert_contains(got.tool, PACKAGE_VERSION);
	assert_string_equal(t->log, "");
	assert_int_equal(t->ctx.err.code, 0);
}

static void test_slots_are_apart(void **state)
{
	struct tree *t = *state;
	struct load_record got;

	write_record(t, false);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_false(record_read(&t->ctx, &t->root, true, &got));
	write_record(t, true);
	record_remove(&t->ctx, &t->root, false);
	assert_false(record_read(&t->ctx, &t->root, false, &got));
	assert_true(record_read(&t->ctx, &t->root, true, &got));
}

static void test_modes(void **state)
{
	struct tree *t = *state;
	mode_t before = umask(0);

	write_record(t, false);
	umask(before);
	assert_int_equal(mode_of(t, "/run/kexec"), 0755);
	assert_int_equal(mode_of(t, NORMAL), 0600);
}

static void test_names(void **state)
{
	struct tree *t = *state;
	struct load_record record = make_record(t), got;
	char before[4096];

	tree_put(t, "/boot/-", "no kernel");
	assert_int_equal(symlink("vmlinuz", path_of(t, "/boot/link")), 0);
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(path_of(t, "/boot")), 0);
	record.kernel = "../boot/link";
	record_write(&t->ctx, &t->root, false, &record);
	record.kernel = "-";
	record_write(&t->ctx, &t->root, true, &record);
	assert_int_equal(chdir(before), 0);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_string_equal(got.kernel, path_of(t, "/boot/vmlinuz"));
	assert_true(record_read(&t->ctx, &t->root, true, &got));
	assert_string_equal(got.kernel, "-");
	assert_null(got.file_id);
}

/* Nothing of the earlier record stays, nor of a run that was killed. */
static void test_replace(void **state)
{
	const char *initrds[] = { "-" };
	struct tree *t = *state;
	struct load_record record = make_record(t), got;

	record.initrds = initrds;
	record.initrd_count = 1;
	record_write(&t->ctx, &t->root, false, &record);
	tree_put(t, "/run/victim", "keep");
	assert_int_equal(symlink("../victim", path_of(t, "/run/kexec/.normal")), 0);
	write_record(t, false);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_int_equal(got.initrd_count, 0);
	assert_int_equal(access(path_of(t, "/run/kexec/.normal"), F_OK), -1);
	assert_int_equal(mode_of(t, NORMAL), 0600);
	assert_int_equal(access(path_of(t, "/run/victim"), F_OK), 0);
}

static bool has_record(struct tree *t)
{
	struct load_record got;

	return record_read(&t->ctx, &t->root, false, &got);
}

/* A record of the load before would be worse than none. */
static void test_write_fails(void **state)
{
	struct tree *t = *state;
	struct load_record record = make_record(t);

	write_record(t, false);
	tree_put(t, "/run/kexec/.normal.new/file", "");
	record_write(&t->ctx, &t->root, false, &record);
	assert_contains(t->log, "debug: the record /run/kexec/normal is not written: ");
	assert_int_equal(t->ctx.err.code, 0);
	assert_int_equal(access(path_of(t, NORMAL), F_OK), -1);
	assert_false(has_record(t));
}

/* A file under another name may contain secrets as well. */
static void test_rename_fails(void **state)
{
	struct tree *t = *state;
	struct load_record record = make_record(t);
	struct record_change change;

	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	record_prepare(&t->ctx, &record, &change);
	tree_put(t, "/run/kexec/normal/file", "");
	record_end(&t->ctx, &change, RECORD_NEW);
	assert_contains(t->log, "/run/kexec/normal is not written: Is a directory");
	assert_int_equal(access(path_of(t, "/run/kexec/.normal.new"), F_OK), -1);
}

/* During the call there is no record; a run that is killed then leaves none. */
static void test_call(void **state)
{
	struct tree *t = *state;
	struct record_change change;

	write_record(t, false);
	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	assert_string_equal(change.earlier.command_line, "quiet");
	assert_false(has_record(t));
	record_end(&t->ctx, &change, RECORD_OLD);
	assert_true(has_record(t));

	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	close(change.lock); /* killed */
	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	assert_null(change.earlier.kernel);
	record_end(&t->ctx, &change, RECORD_OLD);
	assert_false(has_record(t));

	write_record(t, false);
	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	record_end(&t->ctx, &change, RECORD_NONE);
	assert_false(has_record(t));
	assert_int_equal(access(path_of(t, "/run/kexec/.normal"), F_OK), -1);
}

/* An old record that stays would be wrong after the call. */
static void test_stuck(void **state)
{
	struct tree *t = *state;
	struct record_change change;

	write_record(t, false);
	tree_put(t, "/run/kexec/.normal/file", "");
	assert_int_not_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	assert_contains(t->ctx.err.what, "Cannot take away ");
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_true(has_record(t));
	assert_int_equal(change.lock, -1);
}

/* A caller whose calls are refused anyway does not touch the record. */
static void test_no_right(void **state)
{
	struct tree *t = *state;
	struct record_change change;

	write_record(t, false);
	tree_put(t, "/proc/self/status", "CapEff:\t000001ffffbfffff\n");
	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	record_end(&t->ctx, &change, RECORD_OLD);
	assert_true(has_record(t));
	/* A call that succeeds all the same. */
	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	record_end(&t->ctx, &change, RECORD_NEW);
	assert_false(has_record(t));
}

/* A second kexec waits until the first one is done. */
static void test_two_at_once(void **state)
{
	struct tree *t = *state;
	struct record_change change;
	struct timespec pause = { 0, 300000000 };
	pid_t child;
	int status;

	write_record(t, false);
	assert_int_equal(record_begin(&t->ctx, &t->root, false, &change), 0);
	child = fork();
	if (!child) {
		struct record_change second;

		close(change.lock);
		if (record_begin(&t->ctx, &t->root, false, &second))
			_exit(1);
		_exit(second.earlier.kernel ? 0 : 2); /* the first one is done: there is a record */
	}
	nanosleep(&pause, NULL);
	record_end(&t->ctx, &change, RECORD_OLD);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_no_run(void **state)
{
	struct tree *t = *state;
	struct load_record record = make_record(t);

	tree_delete(t, "/run");
	record_remove(&t->ctx, &t->root, false);
	assert_string_equal(t->log, "");
	record_write(&t->ctx, &t->root, false, &record);
	assert_contains(t->log, "will not be written: No such file or directory");
	assert_int_equal(t->ctx.err.code, 0);
}

static void test_remove(void **state)
{
	struct tree *t = *state;

	write_record(t, true);
	record_remove(&t->ctx, &t->root, true);
	assert_int_equal(access(path_of(t, CRASH), F_OK), -1);
	record_remove(&t->ctx, &t->root, true);
	assert_string_equal(t->log, "");
	tree_put(t, CRASH "/file", "");
	record_remove(&t->ctx, &t->root, true);
	assert_contains(t->log, "debug: the record /run/kexec/crash is not removed: ");
}

static void assert_ignored(struct tree *t, const char *why)
{
	struct load_record got;

	tree_rewind(t);
	assert_false(record_read(&t->ctx, &t->root, false, &got));
	if (!strcmp(why, "No such file")) {
		assert_string_equal(t->log, "");
	} else {
		assert_contains(t->log, "warning: the record /run/kexec/normal is not used: ");
		assert_contains(t->log, why);
	}
	assert_int_equal(t->ctx.err.code, 0);
}

#define BEGIN "kernel=/k\0method=m\0time=t\0tool=u"
#define GOOD BEGIN "\0end="

static void test_malformed(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		bool good;
	} table[] = {
#define ROW(text, good) { text, sizeof(text), good } /* with the last NUL */
		ROW(GOOD, true),
		ROW(BEGIN "\0later=x\0end=", true),
		ROW(BEGIN "\0=x\0end=", true),
		ROW(BEGIN "\0kern=x\0kernels=x\0initrds=x\0end=", true),
		ROW(BEGIN "\0nothing\0end=", false),
		ROW(BEGIN, false),
		ROW(BEGIN "\0initrd=/i", false),
		ROW(GOOD "\0initrd=/i", false),
		ROW(GOOD "\0\0", false),
		ROW("method=m\0time=t\0tool=u\0end=", false),
		ROW("kernel=/k\0time=t\0tool=u\0end=", false),
		ROW("kernel=/k\0method=m\0tool=u\0end=", false),
		ROW("kernel=/k\0method=m\0time=t\0end=", false),
		ROW("", false),
#undef ROW
		{ GOOD, sizeof(GOOD) - 1, false },
		{ GOOD "\n", sizeof(GOOD), false },
	};
	struct tree *t = *state;
	struct load_record got;

	for (size_t i = 0; i < COUNT(table); i++) {
		tree_put_bytes(t, NORMAL, table[i].text, table[i].size);
		if (!table[i].good) {
			assert_ignored(t, "malformed");
			continue;
		}
		assert_true(record_read(&t->ctx, &t->root, false, &got));
		assert_string_equal(got.kernel, "/k");
		assert_int_equal(got.initrd_count, 0);
	}
}

static void test_size(void **state)
{
	static const char head[] = BEGIN "\0command_line=", tail[] = "\0end=";
	static char text[(1 << 20) + 1];
	struct tree *t = *state;
	struct load_record got;

	memset(text, 'x', sizeof(text));
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(text) - 1 - sizeof(tail), tail, sizeof(tail));
	text[sizeof(text) - 1] = '\0';
	tree_put_bytes(t, NORMAL, text, sizeof(text) - 1);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_int_equal(strlen(got.command_line), sizeof(text) - sizeof(head) - sizeof(tail));
	tree_put_bytes(t, NORMAL, text, sizeof(text));
	assert_ignored(t, "too long");
	tree_put(t, NORMAL, "");
	assert_ignored(t, "empty");
}

static void test_not_believed(void **state)
{
	struct tree *t = *state;
	const char *file = path_of(t, NORMAL), *directory = path_of(t, "/run/kexec");

	assert_ignored(t, "No such file");
	write_record(t, false);
	assert_int_equal(chmod(file, 0620), 0);
	assert_ignored(t, "not root's alone");
	assert_int_equal(chmod(file, 0602), 0);
	assert_ignored(t, "not root's alone");
	assert_int_equal(chmod(file, 0600), 0);
	/* Root of a user namespace with one user cannot. */
	if (!geteuid() && !chown(file, 1, 1)) {
		assert_ignored(t, "not root's alone");
		assert_int_equal(chown(file, 0, 0), 0);
	}
	assert_int_equal(chmod(directory, 0777), 0);
	assert_ignored(t, "Operation not permitted");
	assert_int_equal(chmod(directory, 0755), 0);

	assert_int_equal(rename(file, path_of(t, "/run/elsewhere")), 0);
	assert_int_equal(symlink("../elsewhere", file), 0);
	assert_ignored(t, strerror(ELOOP));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_ignored(t, "no regular file");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkdir(file, 0755), 0);
	assert_ignored(t, "no regular file");
	assert_int_equal(rmdir(file), 0);

	assert_int_equal(rename(path_of(t, "/run/elsewhere"), file), 0);
	assert_int_equal(rename(directory, path_of(t, "/run/other")), 0);
	assert_int_equal(symlink("other", directory), 0);
	assert_ignored(t, strerror(ELOOP));
}

/* Nothing is written through a link or into what others may change. */
static void test_directory_of_others(void **state)
{
	struct tree *t = *state;
	struct load_record record = make_record(t);

	assert_int_equal(mkdir(path_of(t, "/run/other"), 0755), 0);
	assert_int_equal(symlink("other", path_of(t, "/run/kexec")), 0);
	record_write(&t->ctx, &t->root, false, &record);
	assert_contains(t->log, "will not be written: Too many levels");
	assert_int_equal(rmdir(path_of(t, "/run/other")), 0);
	assert_int_equal(unlink(path_of(t, "/run/kexec")), 0);
	assert_int_equal(mkdir(path_of(t, "/run/kexec"), 0755), 0);
	assert_int_equal(chmod(path_of(t, "/run/kexec"), 01777), 0);
	record_write(&t->ctx, &t->root, false, &record);
	assert_contains(t->log, "will not be written: Operation not permitted");
	assert_int_equal(rmdir(path_of(t, "/run/kexec")), 0);
}

static bool digest(struct tree *t, const struct load_record *record)
{
	uint8_t sum[SHA256_SIZE];
	bool good = record_digest(&t->ctx, &no_root, record, sum);

	if (good)
		assert_memory_equal(sum, KERNEL_DIGEST, sizeof(sum));
	assert_int_equal(t->ctx.err.code, 0);
	return good;
}

static void test_digest(void **state)
{
	struct tree *t = *state;
	const char *kernel = path_of(t, "/boot/vmlinuz");
	const struct timespec times[2] = { { 1, 0 }, { 1, 1 } };
	struct load_record got;

	write_record(t, false);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_true(digest(t, &got));

	/* Of the same size, or even the same bytes: another state all the same. */
	assert_int_equal(utimensat(AT_FDCWD, kernel, times, 0), 0);
	assert_false(digest(t, &got));
	write_record(t, false);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_true(digest(t, &got));
	assert_int_equal(rename(kernel, path_of(t, "/boot/old")), 0);
	assert_false(digest(t, &got));
	tree_put(t, "/boot/vmlinuz", KERNEL_TEXT);
	assert_int_equal(utimensat(AT_FDCWD, kernel, times, 0), 0);
	assert_false(digest(t, &got));
	assert_int_equal(rename(path_of(t, "/boot/old"), kernel), 0);
	write_record(t, false);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_true(digest(t, &got));
	assert_int_equal(truncate(kernel, 2), 0);
	assert_int_equal(utimensat(AT_FDCWD, kernel, times, 0), 0);
	assert_false(digest(t, &got));

	assert_int_equal(unlink(kernel), 0);
	assert_int_equal(mkfifo(kernel, 0600), 0);
	assert_false(digest(t, &got));
	got.file_id = NULL;
	assert_false(digest(t, &got));
}

/* Then the file that was loaded is unknown. */
static void test_changed_while_loading(void **state)
{
	struct tree *t = *state;
	struct load_record got;
	struct file file;

	assert_int_equal(file_open(&t->ctx, path_of(t, "/boot/vmlinuz"), 0, &file), 0);
	write_record(t, false);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_non_null(got.file_id);
	assert_int_equal(truncate(file.name, 2), 0);
	write_record(t, false);
	assert_true(record_read(&t->ctx, &t->root, false, &got));
	assert_null(got.file_id);
	assert_int_equal(t->ctx.err.code, 0);
	file_close(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_slots_are_apart),
		TEST(test_modes),
		TEST(test_names),
		TEST(test_replace),
		TEST(test_write_fails),
		TEST(test_rename_fails),
		TEST(test_call),
		TEST(test_stuck),
		TEST(test_no_right),
		TEST(test_two_at_once),
		TEST(test_no_run),
		TEST(test_remove),
		TEST(test_malformed),
		TEST(test_size),
		TEST(test_not_believed),
		TEST(test_directory_of_others),
		TEST(test_digest),
		TEST(test_changed_while_loading),
	};

	umask(022); /* what others may write is not believed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
