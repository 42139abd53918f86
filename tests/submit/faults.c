/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: faults LOAD FILE_LOAD REBOOT INPUT PROGRAM ARGUMENTS...
 * Runs a program again and again, each time with one of its system calls failing, through a
 * seccomp listener (Linux: userspace-api/seccomp_filter.rst).  kexec_load, kexec_file_load,
 * reboot, sync and a second execve never reach the kernel: the first three are answered with
 * LOAD, FILE_LOAD, REBOOT (0 or an errno).  INPUT is the program's standard input; its output
 * goes to the files out and err.
 *
 * Each line of input is "INDEX ERRNO STICKY": the system call of that index, counted from the
 * start of main(), fails, and if STICKY is 1 all later ones of that number as well.  INDEX -1: none,
 * and a list of the calls follows.  Each line of output: how the program ended, and the calls
 * that matter with what they were given and what was answered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS 45000 /* longer than kexec waits for its lock */
#define CAP_SYS_BOOT_BIT (1u << CAP_SYS_BOOT)

struct fault {
	long index;
	int errnum;
	int sticky;
};

struct run {
	pid_t pid;
	int pidfd, listener;
	long index; /* of the next system call; -1: before main() */
	int sticky_nr;
	int execs;
	struct fault fault;
	char calls[4096];
	uint64_t end_of_heap; /* 0: unknown */
	char *trace; /* NULL: not asked for */
	size_t traced;
	int jumped;
};

static int answers[3];

static uint64_t hash(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		sum = (sum ^ *p++) * 0x100000001b3ull;
	return sum;
}

static uint64_t hash_memory(const struct run *run, uint64_t sum, uint64_t address, uint64_t size)
{
	char buffer[1 << 16];

	while (size) {
		size_t part = size < sizeof(buffer) ? size : sizeof(buffer);
		struct iovec here = { buffer, part }, there = { (void *)(uintptr_t)address, part };

		if (process_vm_readv(run->pid, &here, 1, &there, 1, 0) != (ssize_t)part)
			return 1; /* the kernel could not read it either */
		sum = hash(sum, buffer, part);
		address += part;
		size -= part;
	}
	return sum;
}

static uint64_t hash_fd(const struct run *run, uint64_t sum, int number)
{
	int fd = (int)syscall(SYS_pidfd_getfd, run->pidfd, number, 0);
	char buffer[1 << 16];
	off_t at = 0;
	ssize_t got;

	if (number < 0 || fd < 0)
		return hash(sum, "none", 4);
	while ((got = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		sum = hash(sum, buffer, (size_t)got);
		at += got;
	}
	close(fd);
	return sum;
}

static void note(struct run *run, const char *name, uint64_t sum, int answer)
{
	size_t used = strlen(run->calls);

	snprintf(run->calls + used, sizeof(run->calls) - used, " %s:%016" PRIx64 ":%d", name, sum,
		 answer);
}

static void note_load(struct run *run, const uint64_t *arg, int answer)
{
	struct {
		uint64_t buf, bufsz, mem, memsz;
	} segment[16];
	struct iovec here, there;
	uint64_t sum = hash(0xcbf29ce484222325ull, arg, 2 * sizeof(*arg));

	sum = hash(sum, &arg[3], sizeof(arg[3]));
	if (!arg[1]) {
		note(run, "unload", arg[3] & 1, answer);
		return;
	}
	here = (struct iovec){ segment, arg[1] * sizeof(segment[0]) };
	there = (struct iovec){ (void *)(uintptr_t)arg[2], here.iov_len };
	if (arg[1] > 16 || process_vm_readv(run->pid, &here, 1, &there, 1, 0) < 0)
		sum = 1;
	for (uint64_t i = 0; sum != 1 && i < arg[1]; i++) {
		sum = hash(sum, &segment[i].mem, 2 * sizeof(uint64_t));
		sum = hash_memory(run, sum, segment[i].buf, segment[i].bufsz);
	}
	note(run, "load", sum, answer);
}

static void note_file_load(struct run *run, const uint64_t *arg, int answer)
{
	uint64_t sum = hash(0xcbf29ce484222325ull, &arg[4], sizeof(arg[4]));

	if (arg[4] & 1) {
		note(run, "unload", arg[4] >> 1 & 1, answer);
		return;
	}
	sum = hash_fd(run, sum, (int)arg[0]);
	sum = hash_fd(run, sum, (int)arg[1]);
	note(run, "load", hash_memory(run, sum, arg[3], arg[2]), answer);
}

/* The same random bytes in every run. */
static void answer_random(const struct run *run, const struct seccomp_notif *call,
			  struct seccomp_notif_resp *resp)
{
	char zeros[256] = { 0 };
	size_t size = call->data.args[1] < sizeof(zeros) ? call->data.args[1] : sizeof(zeros);
	struct iovec here = { zeros, size };
	struct iovec there = { (void *)(uintptr_t)call->data.args[0], size };

	process_vm_writev(run->pid, &here, 1, &there, 1, 0);
	resp->val = (long long)size;
}

static int is_fault(struct run *run, int nr)
{
	if (run->index == run->fault.index) {
		run->sticky_nr = run->fault.sticky ? nr : -1;
		return 1;
	}
	return nr == run->sticky_nr;
}

static void answer(struct run *run, const struct seccomp_notif *call,
		   struct seccomp_notif_resp *resp)
{
	int nr = call->data.nr;
	const uint64_t *arg = (const uint64_t *)call->data.args;
	int error = 0;

	*resp = (struct seccomp_notif_resp){ .id = call->id };
	if (run->index < 0 && nr == SYS_fcntl && arg[0] == 0 && arg[1] == F_GETFD)
		run->index = 0;
	if (run->index >= 0) {
		if (run->trace)
			run->traced += (size_t)sprintf(run->trace + run->traced, " %d:%d", nr,
						       (int)arg[0]);
		error = is_fault(run, nr) ? run->fault.errnum : 0;
		run->index++;
	}
	/* brk(2) returns the end that the heap has: the old one if it fails. */
	if (nr == SYS_brk && error) {
		resp->val = (long long)(run->end_of_heap ? run->end_of_heap : arg[0] - 0x21000);
		return;
	}
	if (nr == SYS_brk)
		run->end_of_heap = arg[0];
	if (nr == SYS_kexec_load) {
		error = error ? error : answers[0];
		note_load(run, arg, error);
	} else if (nr == SYS_kexec_file_load) {
		error = error ? error : answers[1];
		note_file_load(run, arg, error);
	} else if (nr == SYS_reboot) {
		error = error ? error : answers[2];
		note(run, "reboot", 0, error);
		run->jumped = !error;
	} else if (nr == SYS_execve || nr == SYS_execveat) {
		error = run->execs++ ? ENOENT : 0;
		resp->flags = error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	} else if (nr == SYS_sync) {
		/* answered with success */
	} else if (nr == SYS_getrandom && !error) {
		answer_random(run, call, resp);
	} else if (!error) {
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	}
	resp->error = -error;
}

static int filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static void child(const char *input, char **command, volatile int *shared)
{
	struct rlimit none = { 0, 0 };
	int flags = O_WRONLY | O_CREAT | O_TRUNC;

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(open(input, O_RDONLY | O_CLOEXEC), 0);
	dup2(open("out", flags | O_CLOEXEC, 0600), 1);
	dup2(open("err", flags | O_CLOEXEC, 0600), 2);
	*shared = filter();
	execv(command[0], command);
	_exit(126);
}

/* Serves the program's system calls until it ends.  0: it hangs. */
static int serve(struct run *run)
{
	struct pollfd wait[2] = { { .fd = run->listener, .events = POLLIN },
				  { .fd = run->pidfd, .events = POLLIN } };
	/* Room for the structs of a newer kernel. */
	union {
		struct seccomp_notif call;
		char room[512];
	} in;
	union {
		struct seccomp_notif_resp resp;
		char room[512];
	} out;

	while (!run->jumped) {
		if (poll(wait, 2, TIMEOUT_MS) <= 0)
			return 0;
		if (wait[0].revents & POLLIN) {
			memset(&in, 0, sizeof(in));
			if (ioctl(run->listener, SECCOMP_IOCTL_NOTIF_RECV, &in.call))
				continue;
			memset(&out, 0, sizeof(out));
			answer(run, &in.call, &out.resp);
			if (!run->jumped)
				ioctl(run->listener, SECCOMP_IOCTL_NOTIF_SEND, &out.resp);
		} else if (wait[1].revents) {
			return 1;
		}
	}
	return 1;
}

static void run_once(const char *input, char **command, struct fault fault, volatile int *shared,
		     char *trace)
{
	struct run run = { .index = -1, .sticky_nr = -1, .fault = fault, .trace = trace };
	int status, served;

	*shared = -2;
	run.pid = fork();
	if (!run.pid)
		child(input, command, shared);
	run.pidfd = (int)syscall(SYS_pidfd_open, run.pid, 0);
	while (*shared == -2)
		sched_yield();
	run.listener = (int)syscall(SYS_pidfd_getfd, run.pidfd, *shared, 0);
	if (run.listener < 0)
		exit(77); /* a container that forbids it, or Linux before 5.6 */
	served = serve(&run);
	if (!served || run.jumped)
		kill(run.pid, SIGKILL);
	close(run.listener);
	waitpid(run.pid, &status, 0);
	close(run.pidfd);
	if (!served)
		printf("hang");
	else if (run.jumped)
		printf("jumped");
	else if (WIFSIGNALED(status))
		printf("signal-%d", WTERMSIG(status));
	else
		printf("%d", WEXITSTATUS(status));
	printf("%s", run.calls);
	if (trace)
		printf(" |%s", trace);
	printf("\n");
	fflush(stdout);
}

static void check_fences(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) || data[0].effective & CAP_SYS_BOOT_BIT ||
	    prctl(PR_CAPBSET_READ, CAP_SYS_BOOT) != 0) {
		fputs("faults: CAP_SYS_BOOT has to be dropped first\n", stderr);
		exit(125);
	}
}

int main(int argc, char **argv)
{
	volatile int *shared = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct fault fault;
	char *trace = malloc(1 << 20);

	if (argc < 6 || shared == MAP_FAILED || !trace)
		return 2;
	check_fences();
	for (int i = 0; i < 3; i++)
		answers[i] = atoi(argv[i + 1]);
	while (scanf("%ld %d %d", &fault.index, &fault.errnum, &fault.sticky) == 3) {
		*trace = '\0';
		run_once(argv[4], argv + 5, fault, shared, fault.index < 0 ? trace : NULL);
	}
	return 0;
}
