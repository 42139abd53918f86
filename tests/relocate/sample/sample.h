/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program with every kind of pointer that a purgatory may have in its data,
 * spread over several files.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

struct step {
	const char *name;
	unsigned int (*run)(unsigned int value);
	unsigned int expected;
};

#define STEPS 3

extern const struct step steps[STEPS];
extern unsigned int counter;
extern unsigned int *const counter_address;

unsigned int count(unsigned int value);
unsigned int same_text(const char *a, const char *b);

#endif
