/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program that may never reach kexec_load, kexec_file_load or reboot, and
 * tells what it cost (seccomp_unotify(2), getrusage(2)).
 *
 *	usage: launch [-m] [-r MACHINE] REPORT PROGRAM ARGUMENT...
 *
 * A seccomp filter hands those calls to this process, which answers "done" and
 * puts down in the file REPORT what a kexec_load would have loaded; without an
 * answer they fail.  -m hands over the calls that give memory back, too, so that the
 * peak of anonymous memory is seen exactly; the times mean nothing then.  -r shows the
 * program a made-up machine: MACHINE/proc, /sys and /run in place of the real ones,
 * but the kernel's own /proc/kallsyms, which costs more to read than a file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_SEGMENTS 16

static const int fenced[] = { SYS_kexec_load, SYS_kexec_file_load, SYS_reboot };
static const int memory_calls[] = { SYS_munmap, SYS_mremap,	SYS_madvise,
				    SYS_brk,	SYS_exit_group, SYS_exit };

struct segment {
	uint64_t bytes, bytes_size, address, memory_size;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
	_exit(125);
}

/* Returns the descriptor at which the supervisor hears of the calls. */
static int install_filter(int with_memory)
{
	size_t count = with_memory ? sizeof(memory_calls) / sizeof(*memory_calls) : 0, i, n = 0;
	struct sock_filter code[64];
	struct sock_fprog program = { .filter = code };
	struct sock_filter notify = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);

#define LOAD(field)                                                                                \
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                         \
						 offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(value)                                                                         \
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, 1)
	LOAD(arch);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1,
						 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	LOAD(nr);
	/* The x32 ABI has the same calls at other numbers. */
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	for (i = 0; i < sizeof(fenced) / sizeof(*fenced); i++) {
		SKIP_UNLESS(fenced[i]);
		code[n++] = notify;
	}
	for (i = 0; i < count; i++) {
		SKIP_UNLESS(memory_calls[i]);
		code[n++] = notify;
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)n;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static void bind_over(const char *from, const char *to)
{
	if (mount(from, to, NULL, MS_BIND | MS_REC, NULL))
		die(to);
}

/* Enters a mount namespace of the machine; returns a descriptor of the one before. */
static int enter_machine(const char *machine)
{
	static const char *const shown[] = { "/run", "/sys", "/proc" };
	int before = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	char path[4096];
	size_t i;

	/* The second descriptor stays open: taking the mounts down is not to be timed. */
	if (before < 0 || unshare(CLONE_NEWNS) ||
	    open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("mount namespace");
	snprintf(path, sizeof(path), "%s/proc/kallsyms", machine);
	bind_over("/proc/kallsyms", path);
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		snprintf(path, sizeof(path), "%s%s", machine, shown[i]);
		bind_over(path, shown[i]);
	}
	return before;
}

static _Noreturn void become(char **argv, int with_memory, int to_parent, int from_parent)
{
	int listener;
	char go;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("prctl");
	listener = install_filter(with_memory);
	if (listener < 0)
		die("seccomp");
	if (write(to_parent, &listener, sizeof(listener)) != sizeof(listener) ||
	    read(from_parent, &go, 1) != 1)
		die("pipe");
	execvp(argv[0], argv);
	die(argv[0]);
}

static int take_listener(pid_t pid, int from_child, int to_child)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int number, listener;

	if (read(from_child, &number, sizeof(number)) != sizeof(number))
		exit(125); /* the child has said why */
	listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	if (listener < 0)
		die("pidfd_getfd");
	if (write(to_child, "g", 1) != 1)
		die("pipe");
	close(pidfd);
	return listener;
}

/* smaps_rollup walks the page tables; the counters in status lag behind. */
static unsigned long anonymous_kib(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	file = fopen(path, "r");
	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Anonymous: %lu", &kib) == 1)
			break;
	fclose(file);
	return kib;
}

static void report_load(FILE *report, pid_t pid, uint64_t entry, uint64_t count, uint64_t address)
{
	struct segment segment[MAX_SEGMENTS] = { 0 };
	char path[64];
	size_t size;
	int fd;

	if (count > MAX_SEGMENTS)
		count = MAX_SEGMENTS;
	size = count * sizeof(*segment);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, segment, size, (off_t)address) != (ssize_t)size)
		die(path);
	close(fd);
	fprintf(report, "entry %#llx\n", (unsigned long long)entry);
	for (uint64_t i = 0; i < count; i++)
		fprintf(report, "segment %#llx %llu %llu\n", (unsigned long long)segment[i].address,
			(unsigned long long)segment[i].bytes_size,
			(unsigned long long)segment[i].memory_size);
}

/* Answers calls until the program has ended; returns the peak of anonymous memory. */
static unsigned long supervise(FILE *report, pid_t pid, int listener, int with_memory)
{
	struct pollfd poll_for = { .fd = listener, .events = POLLIN };
	unsigned long peak = 0;

	for (;;) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { 0 };
		unsigned long now;
		size_t i;

		if (poll(&poll_for, 1, -1) < 0 || !(poll_for.revents & POLLIN))
			return peak;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
			continue;
		now = with_memory ? anonymous_kib(pid) : 0;
		if (now > peak)
			peak = now;
		if (call.data.nr == SYS_kexec_load)
			report_load(report, (pid_t)call.pid, call.data.args[0], call.data.args[1],
				    call.data.args[2]);
		answer.id = call.id;
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		for (i = 0; i < sizeof(fenced) / sizeof(*fenced); i++)
			if (call.data.nr == fenced[i])
				answer.flags = 0;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void write_report(FILE *report, int status, double wall, const struct rusage *usage,
			 unsigned long peak)
{
	fprintf(report, "status %d\nwall %.6f\nuser %.6f\nsystem %.6f\nanonymous %lu\n",
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), wall,
		seconds_of(usage->ru_utime), seconds_of(usage->ru_stime), peak);
}

static void run(FILE *report, char **argv, const char *machine, int with_memory)
{
	int up[2], down[2], status, before = machine ? enter_machine(machine) : -1;
	struct timespec begin, end;
	struct rusage usage;
	unsigned long peak;
	pid_t pid;

	if (pipe2(up, O_CLOEXEC) || pipe2(down, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		become(argv, with_memory, up[1], down[0]);
	close(up[1]);
	if (machine && setns(before, CLONE_NEWNS))
		die("setns");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	peak = supervise(report, pid, take_listener(pid, up[0], down[1]), with_memory);
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	clock_gettime(CLOCK_MONOTONIC, &end);
	write_report(report, status,
		     (double)(end.tv_sec - begin.tv_sec) +
			     (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
		     &usage, peak);
}

int main(int argc, char **argv)
{
	const char *machine = NULL;
	int with_memory = 0, option;
	FILE *report;

	while ((option = getopt(argc, argv, "+mr:")) != -1) {
		if (option == '?')
			return 2;
		if (option == 'm')
			with_memory = 1;
		else
			machine = optarg;
	}
	argv += optind;
	if (!argv[0] || !argv[1]) {
		fprintf(stderr, "usage: launch [-m] [-r MACHINE] REPORT PROGRAM ARGUMENT...\n");
		return 2;
	}
	report = fopen(*argv++, "we");
	if (!report)
		die("cannot write the report");
	run(report, argv, machine, with_memory);
	return fclose(report) ? 125 : 0;
}
