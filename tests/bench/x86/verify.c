/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What verification costs: runs purgatory's own objects in a process, over
 * memory of this process.  Prints "NAME CYCLES INSTRUCTIONS", each per byte;
 * cycles are ticks of the time stamp counter, instructions are counted by
 * stepping (ptrace(2), PTRACE_SINGLESTEP).
 *
 * -DPEER links kexec-tools' purgatory object instead: verify.h.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "../verify.h"

#define AREA (16u << 20)
#define TIMED_BYTES (128u << 10) /* hashed within one slice of the scheduler's, most of the time */
#define STEPPED_BYTES (24u << 10)

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The best of many: whatever else the machine does can only add to it. */
static double cycles_per_byte(const struct method *method, const uint8_t *area)
{
	uint64_t best = UINT64_MAX;

	for (const uint8_t *data = area; data < area + AREA; data += TIMED_BYTES) {
		uint64_t begin, ticks;

		expect(data, TIMED_BYTES);
		begin = __rdtsc();
		if (verify(method, data, TIMED_BYTES)) {
			fprintf(stderr, "verify: %s: wrong digest\n", method->name);
			exit(1);
		}
		ticks = __rdtsc() - begin;
		if (ticks < best)
			best = ticks;
	}
	return (double)best / TIMED_BYTES;
}

/* Instructions between two stops of a child that verifies in between. */
static long steps(const struct method *method, const uint8_t *data, size_t size)
{
	pid_t pid = fork();
	long count = 0;
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		expect(data, size);
		raise(SIGSTOP);
		verify(method, data, size);
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("waitpid");
	do {
		count++;
		if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) || waitpid(pid, &status, 0) != pid)
			die("ptrace");
	} while (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP) {
		fprintf(stderr, "verify: %s did not return\n", method->name);
		exit(1);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return count;
}

/* The difference of two sizes: what happens once does not count. */
static double instructions_per_byte(const struct method *method, const uint8_t *data)
{
	long once = steps(method, data, STEPPED_BYTES);

	return (double)(steps(method, data, 2 * STEPPED_BYTES) - once) / STEPPED_BYTES;
}

static size_t find_methods(struct method *methods)
{
	size_t count = 0;
#ifdef PEER
	methods[count++].name = "peer";
#else
	static const char *const names[] = { "SHA", "AVX2", "SSSE3" };

	methods[count].name = "portable";
	sha256_portable(&methods[count++].engine);
	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
		methods[count].name = names[i];
		count += sha256_accelerated(i, &methods[count].engine);
	}
#endif
	return count;
}

int main(void)
{
	struct method methods[4];
	size_t count = find_methods(methods);
	uint8_t *data = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);

	if (data == MAP_FAILED)
		die("mmap");
	fill(data, AREA);
	for (size_t i = 0; i < count; i++) {
		const struct method *method = &methods[i];

		printf("%s %.3f %.3f\n", method->name, cycles_per_byte(method, data),
		       instructions_per_byte(method, data));
	}
	return 0;
}
