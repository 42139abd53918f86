/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations of arm objects in ARM state (ELF for the Arm Architecture, "Relocation").
 * The addend is the value at the place to be relocated.
 */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

/* PREL31 changes the low 31 bits.  The top bit is not part of the field. */
#define LOW_31 0x7fffffffu

static uint32_t sign_extend(uint32_t value, unsigned int bits)
{
	uint32_t sign = 1u << (bits - 1);

	return (value ^ sign) - sign;
}

/* Reads the 16-bit immediate of movw or movt, which consists of two fields. */
static uint32_t move_get(uint32_t insn)
{
	return sign_extend((insn >> 4 & 0xf000) | (insn & 0xfff), 16);
}

static uint32_t move_put(uint32_t insn, uint32_t value)
{
	return (insn & 0xfff0f000u) | (value & 0xf000) << 4 | (value & 0xfff);
}

/* A branch reaches 32 MiB.  The target is ARM code, so its address is a multiple of 4. */
static int branch(struct rel_site *site, uint32_t insn)
{
	uint32_t distance = (uint32_t)site->value + (sign_extend(insn & 0xffffff, 24) << 2) -
			    (uint32_t)site->place;

	site->result = distance;
	if ((distance & 3) || sign_extend(distance & 0x3ffffff, 26) != distance)
		return -ERANGE;
	put_le32(site->bytes, (insn & 0xff000000u) | (distance >> 2 & 0xffffff));
	return 1;
}

static int store(struct rel_site *site, uint32_t value)
{
	site->result = value;
	put_le32(site->bytes, value);
	return 1;
}

static int prel31(struct rel_site *site, uint32_t word)
{
	uint32_t distance = (uint32_t)site->value + sign_extend(word & LOW_31, 31) -
			    (uint32_t)site->place;

	site->result = distance;
	if (sign_extend(distance & LOW_31, 31) != distance)
		return -ERANGE;
	put_le32(site->bytes, (word & ~LOW_31) | (distance & LOW_31));
	return 1;
}

static int move(struct rel_site *site, uint32_t insn, bool relative, bool top)
{
	uint32_t value = (uint32_t)site->value + move_get(insn);

	if (relative)
		value -= (uint32_t)site->place;
	site->result = value;
	put_le32(site->bytes, move_put(insn, top ? value >> 16 : value));
	return 1;
}

static int apply(struct rel_site *site)
{
	uint32_t word, value = (uint32_t)site->value, place = (uint32_t)site->place;

	/* V4BX marks a `bx` that a linker for ARMv4 would replace.  ARMv4 is not supported. */
	if (site->type == R_ARM_NONE || site->type == R_ARM_V4BX)
		return 0;
	site->result = site->value;
	if (site->value > UINT32_MAX || site->place > UINT32_MAX)
		return -ERANGE;
	if (site->room < 4)
		return -EFBIG;
	word = get_le32(site->bytes);
	switch (site->type) {
	case R_ARM_ABS32:
	case R_ARM_TARGET1: return store(site, value + word);
	case R_ARM_REL32: return store(site, value + word - place);
	case R_ARM_PC24:
	case R_ARM_CALL:
	case R_ARM_JUMP24: return branch(site, word);
	case R_ARM_PREL31: return prel31(site, word);
	case R_ARM_MOVW_ABS_NC: return move(site, word, false, false);
	case R_ARM_MOVT_ABS: return move(site, word, false, true);
	case R_ARM_MOVW_PREL_NC: return move(site, word, true, false);
	case R_ARM_MOVT_PREL: return move(site, word, true, true);
	default: return -ENOTSUP;
	}
}

/* clang-format off */
#define TYPE(name) { R_ARM_##name, "R_ARM_" #name }
static const struct rel_type rows[] = {
	TYPE(NONE), TYPE(PC24), TYPE(ABS32), TYPE(REL32), TYPE(ABS16), TYPE(ABS12),
	TYPE(ABS8), TYPE(THM_PC22), TYPE(COPY), TYPE(GLOB_DAT), TYPE(JUMP_SLOT),
	TYPE(RELATIVE), TYPE(GOTOFF), TYPE(GOTPC), TYPE(GOT32), TYPE(PLT32), TYPE(CALL),
	TYPE(JUMP24), TYPE(THM_JUMP24), TYPE(TARGET1), TYPE(V4BX), TYPE(TARGET2),
	TYPE(PREL31), TYPE(MOVW_ABS_NC), TYPE(MOVT_ABS), TYPE(MOVW_PREL_NC),
	TYPE(MOVT_PREL), TYPE(THM_MOVW_ABS_NC), TYPE(THM_MOVT_ABS),
};
#undef TYPE
/* clang-format on */

static const struct rel_types types = REL_TYPES(rows);

const struct rel_arch rel_arch_arm = {
	.machine = EM_ARM,
	.order = ORDER_LE,
	.apply = apply,
	.types = &types,
};
