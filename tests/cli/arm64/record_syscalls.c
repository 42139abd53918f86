/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a kexec for arm64 that QEMU's user mode runs: stands for the kernel's side
 * of kexec_file_load and kexec_load, which QEMU does not know.  Writes each call to the
 * file RECORD and answers with the errno FILE_LOAD or 0, LOAD or 0.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct segment {
	const void *buf;
	size_t bufsz;
	const void *mem;
	size_t memsz;
};

static int answer(const char *variable)
{
	const char *code = getenv(variable);

	errno = code ? atoi(code) : 0;
	return errno ? -1 : 0;
}

/* Files by inode: what a descriptor is called is no affair of the call. */
static unsigned long inode(long fd)
{
	struct stat stat;

	return fstat((int)fd, &stat) ? 0 : (unsigned long)stat.st_ino;
}

long syscall(long number, ...)
{
	FILE *record = fopen(getenv("RECORD"), "ae");
	long arg[5];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 5; i++)
		arg[i] = va_arg(list, long);
	va_end(list);
	if (!record)
		abort();
	if (number == SYS_kexec_file_load)
		fprintf(record, "%ld %lu %lu %ld 0x%lx %s\n", number, inode(arg[0]), inode(arg[1]),
			arg[2], (unsigned long)arg[4], arg[3] ? (const char *)arg[3] : "(none)");
	else if (number == SYS_kexec_load)
		fprintf(record, "%ld %ld 0x%lx 0x%lx\n", number, arg[1], (unsigned long)arg[3],
			(unsigned long)((const struct segment *)arg[2])->mem);
	else
		abort();
	fclose(record);
	return answer(number == SYS_kexec_file_load ? "FILE_LOAD" : "LOAD");
}
