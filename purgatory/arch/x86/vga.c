/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86: VGA text, and the return to text mode 3 (80x25) from any other VGA mode.
 * Register values are those of IBM's VGA technical reference.
 */
#include "purgatory.h"
#include "x86.h"

#define COLUMNS 80
#define ROWS 25
#define GREY_ON_BLACK 0x0700

#define ATTRIBUTE 0x3c0
#define SEQUENCER 0x3c4
#define GRAPHICS 0x3ce
#define CRTC 0x3d4
#define INPUT_STATUS 0x3da /* a read makes the next write to ATTRIBUTE an index */

static unsigned int row, column; /* row 0 is the second of the screen */

static volatile uint16_t *cell(unsigned int at)
{
	return (volatile uint16_t *)0xb8000 + at;
}

static void new_line(void)
{
	unsigned int i;

	column = 0;
	if (++row < ROWS - 1)
		return;
	row = ROWS - 2;
	for (i = 0; i < (ROWS - 1) * COLUMNS; i++)
		*cell(i) = *cell(i + COLUMNS);
	for (; i < ROWS * COLUMNS; i++)
		*cell(i) = GREY_ON_BLACK | ' ';
}

void vga_putchar(char c)
{
	if (c == '\n') {
		new_line();
		return;
	}
	*cell((row + 1) * COLUMNS + column) = (uint16_t)(GREY_ON_BLACK | (uint8_t)c);
	if (++column == COLUMNS)
		new_line();
}

/* Index in the low byte, value in the high byte. */
static void write_indexed(uint16_t port, const uint8_t *values, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		outw(port, (uint16_t)((unsigned int)values[i] << 8 | i));
}

void vga_reset(void)
{
	static const uint8_t sequencer[] = { 0x03, 0x00, 0x03, 0x00, 0x02 };
	static const uint8_t crtc[] = {
		0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x20, 0x0e, 0x00,
		0x00, 0x01, 0xe0, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff,
	};
	static const uint8_t graphics[] = {
		0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff,
	};
	static const uint8_t attribute[] = {
		0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a,
		0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00, 0x0f, 0x08, 0x00,
	};
	uint8_t i;

	inb(INPUT_STATUS);
	outb(ATTRIBUTE, 0); /* palette access: the screen is blank until the end */
	write_indexed(SEQUENCER, sequencer, sizeof(sequencer));
	outw(CRTC, 0x0e11); /* registers 0 to 7 are write-protected by bit 7 of 0x11 */
	write_indexed(CRTC, crtc, sizeof(crtc));
	write_indexed(GRAPHICS, graphics, sizeof(graphics));
	for (i = 0; i < sizeof(attribute); i++) {
		inb(INPUT_STATUS);
		outb(ATTRIBUTE, i);
		outb(ATTRIBUTE, attribute[i]);
	}
	inb(INPUT_STATUS);
	outb(ATTRIBUTE, 0x20);
}
