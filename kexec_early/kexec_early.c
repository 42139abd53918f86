/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec-early: loads the crash kernel from the initramfs (kexec-early.8).
 *
 * In the initramfs this program has modprobe's place.  Linux runs modprobe before /init, as soon as
 * the initramfs is unpacked (kernel/umh.c, init/initramfs.c).  The first run loads the crash kernel.
 * Every run then executes the real modprobe.  The call may come with closed descriptors and before
 * /proc, /sys and /dev exist.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG "/etc/kexec/early"
#define KEXEC "/sbin/kexec"
#define LOG "kexec-early.log"
#define SCRIPT_LOG "kexec-early-script.log"
#define COMMAND_LINE "/proc/cmdline"
#define RESERVED "/sys/kernel/kexec_crash_size"
#define RESERVED_NOW "/sys/kernel/kexec/crash_size" /* since Linux 6.19 */
#define LOADED "/sys/kernel/kexec_crash_loaded"
#define LOADED_NOW "/sys/kernel/kexec/crash_loaded"
#define WORD "kexec_early"
#define SECONDS 10
#define MAX_CONFIG 16384
#define MAX_ARGUMENTS 128
/* Linux refuses a record of more than 992 bytes (devkmsg_write() in kernel/printk/printk.c). */
#define MAX_RECORD 900

/* Exit statuses of the child that becomes kexec, and that kexec itself never has. */
enum { NOT_WANTED = 100, REFUSED };

/* One record of the kernel's log, whether /dev exists or not. */
static void say(int level, const char *text)
{
	static const char node[] = "/kexec-early.kmsg";
	char record[MAX_RECORD];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0 && !mknod(node, S_IFCHR | S_IWUSR, makedev(1, 11))) {
		fd = open(node, O_WRONLY | O_CLOEXEC);
		unlink(node);
	}
	if (fd < 0)
		return;
	snprintf(record, sizeof(record), "<%d>kexec-early: %s", level, text);
	/* There is no other place for a message. */
	(void)!write(fd, record, strlen(record));
	close(fd);
}

/* The child's standard error is the log. */
static int refuse(const char *what, const char *why)
{
	dprintf(STDERR_FILENO, "%s: %s\n", what, why);
	return REFUSED;
}

/* Reads a file into text, size bytes with the NUL.  Returns its length or -errno. */
static ssize_t read_text(const char *path, char *text, size_t size)
{
	size_t length = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (length < size) {
		ssize_t got = read(fd, text + length, size - length);

		if (got < 0) {
			got = -errno;
			close(fd);
			return got;
		}
		if (!got)
			break;
		length += (size_t)got;
	}
	close(fd);
	if (length == size)
		return -EFBIG;
	text[length] = '\0';
	return (ssize_t)length;
}

static ssize_t read_either(const char *path, const char *other, char *text, size_t size)
{
	ssize_t length = read_text(path, text, size);

	return length == -ENOENT ? read_text(other, text, size) : length;
}

/* Mounts what /init has not mounted yet.  path: a file that the mounted file system contains. */
static int mount_missing(const char *type, const char *where, const char *path)
{
	if (!access(path, F_OK))
		return 0;
	mkdir(where, 0755);
	return mount(type, where, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ? -errno : 0;
}

static bool has_word(char *line)
{
	char *rest = line;

	for (char *word; (word = strtok_r(rest, " \t\n", &rest));)
		if (!strcmp(word, WORD))
			return true;
	return false;
}

/* Splits the configuration into argv, which ends with NULL. */
static int split(char *text, char *argv[static MAX_ARGUMENTS + 3])
{
	char *rest = text;
	int count = 0;

	argv[count++] = (char *)"kexec";
	argv[count++] = (char *)"-p";
	for (char *line; (line = strtok_r(rest, "\n", &rest));) {
		if (*line == '#')
			continue;
		if (count == MAX_ARGUMENTS + 2)
			return refuse(CONFIG, "more than 128 arguments");
		argv[count++] = line;
	}
	argv[count] = NULL;
	if (count == 2)
		return refuse(CONFIG, "contains no argument; it must name the crash kernel");
	return 0;
}

static int run_kexec(void)
{
	static char text[MAX_CONFIG + 1];
	char *argv[MAX_ARGUMENTS + 3];
	ssize_t length = read_text(CONFIG, text, sizeof(text));

	if (length == -EFBIG)
		return refuse(CONFIG, "larger than 16384 bytes");
	if (length < 0)
		return refuse(CONFIG, strerror((int)-length));
	if (strlen(text) != (size_t)length)
		return refuse(CONFIG, "contains a NUL byte; it must be text");
	if (split(text, argv))
		return REFUSED;
	execv(KEXEC, argv);
	return refuse(KEXEC, strerror(errno));
}

/* The child: becomes kexec, or returns NOT_WANTED or REFUSED. */
static int load(void)
{
	static char text[65536];
	ssize_t length;
	int ret;

	/* Mounts of its own: /init may be running, and mounts the same places. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return refuse("cannot make a mount namespace", strerror(errno));
	ret = mount_missing("proc", "/proc", COMMAND_LINE);
	if (ret)
		return refuse("cannot mount /proc", strerror(-ret));
	length = read_text(COMMAND_LINE, text, sizeof(text));
	if (length < 0)
		return refuse(COMMAND_LINE, strerror((int)-length));
	if (!has_word(text))
		return NOT_WANTED;
	ret = mount_missing("sysfs", "/sys", "/sys/kernel");
	if (ret)
		return refuse("cannot mount /sys", strerror(-ret));
	if (read_either(LOADED_NOW, LOADED, text, sizeof(text)) > 0 && *text == '1')
		return NOT_WANTED;
	length = read_either(RESERVED_NOW, RESERVED, text, sizeof(text));
	if (length == -ENOENT)
		return refuse(RESERVED, "no such file; this kernel cannot load crash kernels");
	if (length < 0)
		return refuse(RESERVED, strerror((int)-length));
	if (strtoull(text, NULL, 10) == 0)
		return refuse("no memory is reserved",
			      "add crashkernel=SIZE to the kernel's command line");
	return run_kexec();
}

/* kexec gets a time limit that outlives exec: other parts of the kernel wait for this modprobe. */
static int child(int log)
{
	sigset_t alarm_signal;

	log = fcntl(log, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(log, fd);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarm_signal);
	sigaddset(&alarm_signal, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_signal, NULL);
	alarm(SECONDS);
	return load();
}

static void say_failure(const char *what, int error)
{
	char line[MAX_RECORD];

	snprintf(line, sizeof(line), "no crash kernel is loaded: %s%s%s", what, error ? ": " : "",
		 error ? strerror(error) : "");
	say(3, line);
}

/* Reports in one line why the child failed: by a signal, or for the reason in the log. */
static void report_status(int log, int status)
{
	char text[MAX_RECORD] = "";
	ssize_t length = pread(log, text, sizeof(text) - 1, 0);

	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	for (char *end = text; (end = strchr(end, '\n'));)
		*end = ';';
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(text, sizeof(text), "kexec took more than %d s and was stopped", SECONDS);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "kexec was ended by signal %d", WTERMSIG(status));
	else if (!*text)
		snprintf(text, sizeof(text), "kexec ended with status %d", WEXITSTATUS(status));
	say_failure(text, 0);
}

/* Opens the log, which is also the lock: -EEXIST after the first run. */
static int open_log(const char *name)
{
	static const char *const folders[] = { "", "/run" };
	char path[64];
	int fd = -1;

	for (size_t i = 0; i < 2 && fd < 0 && (!i || errno != EEXIST); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	return fd < 0 ? -errno : fd;
}

/* Returns the child's status, as waitpid() fills it, or -errno. */
static int run_child(int log)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(child(log));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

static void load_once(const char *log_name)
{
	/* A caller that ignores SIGCHLD would leave waitpid() without a status. */
	struct sigaction usual = { .sa_handler = SIG_DFL }, before;
	int log = open_log(log_name);
	int status;

	if (log == -EEXIST)
		return;
	if (log < 0) {
		say_failure("cannot make a log in / or /run", -log);
		return;
	}
	sigaction(SIGCHLD, &usual, &before);
	status = run_child(log);
	sigaction(SIGCHLD, &before, NULL);
	if (status < 0)
		say_failure("cannot start kexec", -status);
	else if (!status)
		say(6, "crash kernel loaded");
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != NOT_WANTED)
		report_status(log, status);
	close(log);
}

/* Executes the program whose place kexec-early has, with the arguments of the call. */
static void run_real(const char *own, char **argv)
{
	char path[PATH_MAX];
	char text[PATH_MAX + 100];

	errno = ENAMETOOLONG;
	if (snprintf(path, sizeof(path), "%s.real", own) < (int)sizeof(path))
		execv(path, argv);
	if (errno == ENOENT)
		execv("/bin/kmod", argv);
	snprintf(text, sizeof(text), "cannot run %s.real: %s", own, strerror(errno));
	say(3, text);
}

int main(int argc, char **argv)
{
	/* The path that was executed; argv[0] can be anything. */
	const char *own = (const char *)getauxval(AT_EXECFN);
	const char *name = own ? strrchr(own, '/') : NULL;

	(void)argc;
	/* By its own name it is called by a script of the initramfs, once more if the first load failed. */
	if (!own || !strcmp(name ? name + 1 : own, "kexec-early")) {
		load_once(SCRIPT_LOG);
		return 0;
	}
	load_once(LOG);
	run_real(own, argv);
	return 127;
}
