/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machines of tests that are about no arch.  One machine stands for each class of ELF file and
 * byte order: x86_64 is the one that most builds contain, s390x has no device tree and so needs no
 * libfdt, arm is the only one of 32 bits.
 */
#ifndef TESTS_EXAMPLE_H
#define TESTS_EXAMPLE_H

#include <elf.h>

#define EXAMPLE_LE64 EM_X86_64
#define EXAMPLE_LE64_NAME "x86_64"
#define EXAMPLE_LE64_TITLE "x86-64" /* in messages about ELF files */
#define EXAMPLE_LE64_RELATIVE 8 /* by its ELF supplement, like the next number */
#define EXAMPLE_LE64_PC32 2

#define EXAMPLE_BE64 EM_S390
#define EXAMPLE_BE64_NAME "s390x"
#define EXAMPLE_BE64_TITLE "s390"
#define EXAMPLE_BE64_RELATIVE 12

#define EXAMPLE_LE32 EM_ARM
#define EXAMPLE_LE32_RELATIVE 23

#endif
