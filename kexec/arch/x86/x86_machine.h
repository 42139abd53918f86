/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of machine_read_x86().  What cannot be read is left empty with a debug
 * line or warning: a next kernel without it still starts.
 */
#ifndef MACHINE_X86_H
#define MACHINE_X86_H

#include "machine/machine.h"
#include "zero_page.h"

/* Fills the efi_ fields. */
void x86_read_efi(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86);

/* Fills the edd fields. */
void x86_read_edd(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86);

/* Fills the screen fields; wants boot_params and iomem read before. */
void x86_read_screen(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     struct machine_x86 *x86);

/*
 * "key=0x..." in /sys/firmware/efi/systab.  -ENOENT: no such file or line;
 * -EINVAL: no number.
 */
int x86_systab_address(struct ctx *ctx, const struct sysroot *root, const char *key,
		       uint64_t *address);

/* What the fbdev interface tells of /dev/fb0. */
struct framebuffer {
	char id[17];
	uint64_t base;
	uint32_t size;
	uint32_t line_length;
	uint32_t width;
	uint32_t height;
	uint32_t depth;
	uint8_t color[4][2]; /* bits and shift of red, green, blue, rest */
};

/*
 * Puts a framebuffer that the firmware set up into screen_info.  false, and
 * nothing changed: its driver is another.
 */
bool x86_screen_from_framebuffer(const struct framebuffer *fb, uint8_t screen[BP_SCREEN_INFO_SIZE]);

/*
 * The driver that took the firmware's framebuffer at base over, or NULL.
 * fb_name: what /proc/fb calls the first framebuffer; NULL: there is none.
 */
const char *x86_native_screen_driver(const struct iomem *iomem, const char *fb_name, uint64_t base);

#endif
