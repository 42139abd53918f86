/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes screen_info for the next kernel (Linux: include/uapi/linux/screen_info.h).  It is the
 * running kernel's, with two exceptions.  If fbdev describes the firmware's framebuffer, its
 * description is used.  If a native driver has taken over the framebuffer, the next kernel
 * starts in text mode.
 */
#include "x86_machine.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/fb.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FRAMEBUFFER "/dev/fb0"

/* struct screen_info */
#define SI_COLS 0x07
#define SI_LINES 0x0e
#define SI_TYPE 0x0f /* orig_video_isVGA */
#define SI_POINTS 0x10
#define SI_LFB_WIDTH 0x12
#define SI_LFB_HEIGHT 0x14
#define SI_LFB_DEPTH 0x16
#define SI_LFB_BASE 0x18
#define SI_LFB_SIZE 0x1c
#define SI_LFB_LINELENGTH 0x24
#define SI_COLORS 0x26
#define SI_VESAPM_SEG 0x2e
#define SI_CAPABILITIES 0x36
#define SI_EXT_LFB_BASE 0x3a

#define SI_TYPE_VGA 0x01
#define SI_TYPE_VESA 0x23
#define SI_TYPE_EFI 0x70
#define SI_CAPABILITY_64BIT_BASE 0x2u

/* An 80x25 VGA text screen. */
static void set_text(uint8_t screen[BP_SCREEN_INFO_SIZE])
{
	memset(screen, 0, BP_SCREEN_INFO_SIZE);
	screen[SI_COLS] = 80;
	screen[SI_LINES] = 25;
	screen[SI_TYPE] = SI_TYPE_VGA;
	put_le16(screen + SI_POINTS, 16);
}

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++) {
		if (!strcmp(name, *list))
			return true;
	}
	return false;
}

/* fbdev names of drivers that leave the firmware's framebuffer where it is. */
static const char *const firmware_fb_names[] = {
	"VESA VGA", "EFI VGA", "simple", "simpledrmdrmfb", "efidrmdrmfb", "vesadrmdrmfb", NULL,
};

/* Names in /proc/iomem: of these drivers, and of the platform device. */
static const char *const firmware_owners[] = {
	"BOOTFB", "vesafb", "efifb", "simplefb", "simpledrm", "efidrm", "vesadrm", NULL,
};

/* A PCI device's own resource is named by its address, such as 0000:00:02.0. */
static bool is_pci_device(const char *name)
{
	static const char pattern[] = "x:x:x.x";

	for (const char *p = pattern; *p; p++) {
		size_t size = *p == 'x' ? strspn(name, "0123456789abcdef") : *name == *p;

		if (!size)
			return false;
		name += size;
	}
	return !*name;
}

const char *x86_native_screen_driver(const struct iomem *iomem, const char *fb_name, uint64_t base)
{
	const struct iomem_entry *owner = NULL, *parent = NULL;

	for (size_t i = 0; i < iomem->count; i++) {
		const struct iomem_entry *entry = &iomem->entry[i];

		if (base < entry->range.start || base >= entry->range.end)
			continue;
		if (is_one_of(entry->name, firmware_owners))
			return NULL;
		if (!owner || entry->depth > owner->depth) {
			parent = owner;
			owner = entry;
		}
	}
	if (fb_name)
		return is_one_of(fb_name, firmware_fb_names) ? NULL : fb_name;
	return parent && is_pci_device(parent->name) ? owner->name : NULL;
}

/* Returns the name of framebuffer 0 in /proc/fb ("0 EFI VGA"); NULL: no such line. */
static const char *read_fb_name(struct ctx *ctx, const struct sysroot *root)
{
	const char *line = (const char *)sysroot_read_optional(ctx, root, "/proc/fb").data;

	if (strncmp(line, "0 ", 2))
		return NULL;
	return arena_strndup(&ctx->arena, line + 2, strcspn(line + 2, "\n"));
}

static uint64_t lfb_base(const uint8_t screen[BP_SCREEN_INFO_SIZE])
{
	uint64_t base = get_le32(screen + SI_LFB_BASE);

	if (get_le32(screen + SI_CAPABILITIES) & SI_CAPABILITY_64BIT_BASE)
		base |= (uint64_t)get_le32(screen + SI_EXT_LFB_BASE) << 32;
	return base;
}

static bool has_framebuffer(const uint8_t screen[BP_SCREEN_INFO_SIZE])
{
	return screen[SI_TYPE] == SI_TYPE_VESA || screen[SI_TYPE] == SI_TYPE_EFI;
}

static void put_base(uint8_t screen[BP_SCREEN_INFO_SIZE], uint64_t base)
{
	uint32_t capabilities = get_le32(screen + SI_CAPABILITIES) & ~SI_CAPABILITY_64BIT_BASE;

	if (base >> 32)
		capabilities |= SI_CAPABILITY_64BIT_BASE;
	put_le32(screen + SI_CAPABILITIES, capabilities);
	put_le32(screen + SI_LFB_BASE, (uint32_t)base);
	put_le32(screen + SI_EXT_LFB_BASE, (uint32_t)(base >> 32));
}

bool x86_screen_from_framebuffer(const struct framebuffer *fb, uint8_t screen[BP_SCREEN_INFO_SIZE])
{
	bool vesa = !strcmp(fb->id, "VESA VGA");

	if (!vesa && strcmp(fb->id, "EFI VGA"))
		return false;
	if (fb->width > UINT16_MAX || fb->height > UINT16_MAX || fb->depth > UINT16_MAX ||
	    fb->line_length > UINT16_MAX)
		return false;
	screen[SI_TYPE] = vesa ? SI_TYPE_VESA : SI_TYPE_EFI;
	put_base(screen, fb->base);
	put_le16(screen + SI_LFB_WIDTH, (uint16_t)fb->width);
	put_le16(screen + SI_LFB_HEIGHT, (uint16_t)fb->height);
	put_le16(screen + SI_LFB_DEPTH, (uint16_t)fb->depth);
	put_le16(screen + SI_LFB_LINELENGTH, (uint16_t)fb->line_length);
	/* The unit is 64 KiB for VESA, a byte for EFI. */
	put_le32(screen + SI_LFB_SIZE, vesa ? fb->size / 65536 + !!(fb->size % 65536) : fb->size);
	put_le16(screen + SI_VESAPM_SEG, 0);
	if (fb->depth > 8)
		memcpy(screen + SI_COLORS, fb->color, sizeof(fb->color));
	return true;
}

static void put_color(uint8_t color[2], const struct fb_bitfield *field)
{
	color[0] = (uint8_t)field->length;
	color[1] = (uint8_t)field->offset;
}

static bool ask_device(struct framebuffer *fb)
{
	struct fb_fix_screeninfo fix;
	struct fb_var_screeninfo var;
	int fd = open(FRAMEBUFFER, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool known;

	if (fd < 0)
		return false;
	known = !ioctl(fd, FBIOGET_FSCREENINFO, &fix) && !ioctl(fd, FBIOGET_VSCREENINFO, &var);
	close(fd);
	if (!known)
		return false;
	*fb = (struct framebuffer){
		.base = fix.smem_start,
		.size = fix.smem_len,
		.line_length = fix.line_length,
		.width = var.xres,
		.height = var.yres,
		.depth = var.bits_per_pixel,
	};
	memcpy(fb->id, fix.id, sizeof(fix.id));
	put_color(fb->color[0], &var.red);
	put_color(fb->color[1], &var.green);
	put_color(fb->color[2], &var.blue);
	put_color(fb->color[3], &var.transp);
	return true;
}

/* A capture has the answers as text, in this form on every machine. */
static struct bytes framebuffer_text(struct ctx *ctx, const struct framebuffer *fb)
{
	const uint8_t(*c)[2] = fb->color;
	const char *text = arena_printf(&ctx->arena,
					"base 0x%" PRIx64 " size 0x%" PRIx32 " line %" PRIu32
					" width %" PRIu32 " height %" PRIu32 " depth %" PRIu32
					" colors %u@%u %u@%u %u@%u %u@%u id %.16s\n",
					fb->base, fb->size, fb->line_length, fb->width, fb->height,
					fb->depth, c[0][0], c[0][1], c[1][0], c[1][1], c[2][0],
					c[2][1], c[3][0], c[3][1], fb->id);

	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static bool parse_framebuffer(struct ctx *ctx, struct bytes text, struct framebuffer *fb)
{
	uint8_t(*c)[2] = fb->color;
	int found;

	*fb = (struct framebuffer){ 0 };
	found = sscanf((const char *)text.data,
		       "base 0x%" SCNx64 " size 0x%" SCNx32 " line %" SCNu32 " width %" SCNu32
		       " height %" SCNu32 " depth %" SCNu32
		       " colors %hhu@%hhu %hhu@%hhu %hhu@%hhu %hhu@%hhu id %16[^\n]",
		       &fb->base, &fb->size, &fb->line_length, &fb->width, &fb->height, &fb->depth,
		       &c[0][0], &c[0][1], &c[1][0], &c[1][1], &c[2][0], &c[2][1], &c[3][0],
		       &c[3][1], fb->id);
	if (found < 14) /* all but the name, which may be empty */
		log_debug(&ctx->log, "no description of a framebuffer in the capture");
	return found >= 14;
}

/* A captured machine has no device, only its answers, and those only in a capture of kexec. */
static bool query_framebuffer(struct ctx *ctx, const struct sysroot *root, struct framebuffer *fb)
{
	struct bytes text;

	if (!*root->path) {
		if (!ask_device(fb))
			return false;
		sysroot_record(ctx, root, FRAMEBUFFER, framebuffer_text(ctx, fb));
		return true;
	}
	text = sysroot_read_optional(ctx, root, FRAMEBUFFER);
	return text.size && parse_framebuffer(ctx, text, fb);
}

void x86_read_screen(struct ctx *ctx, const struct load *load, struct machine_x86 *x86)
{
	uint8_t *screen = x86->screen_info;
	struct framebuffer fb;
	const char *driver;

	set_text(screen);
	if (x86->boot_params.size)
		memcpy(screen, x86->boot_params.data + BP_SCREEN_INFO, BP_SCREEN_INFO_SIZE);
	if (query_framebuffer(ctx, load->machine.root, &fb) &&
	    x86_screen_from_framebuffer(&fb, screen)) {
		log_debug(&ctx->log, "screen: %s at 0x%" PRIx64, fb.id, fb.base);
	} else if (has_framebuffer(screen) && !load->req->reuse_video_type) {
		driver = x86_native_screen_driver(&load->machine.iomem,
						  read_fb_name(ctx, load->machine.root),
						  lfb_base(screen));
		if (driver) {
			log_debug(&ctx->log,
				  "screen: '%s' has taken over the firmware's framebuffer at "
				  "0x%" PRIx64 ": the next kernel starts in text mode "
				  "(--reuse-video-type passes it on nevertheless)",
				  driver, lfb_base(screen));
			set_text(screen);
		}
	}
}
