/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan as JSON; the schema is in doc/plan.md. */
#include "plan.h"

#include "image/checksum.h"
#include "sha256.h"

static void json_placement(struct json *json, const struct segment *segment)
{
	const struct placement *p = &segment->placement;

	json_begin_object(json, "placement");
	if (segment->fixed) {
		json_string(json, "direction", "fixed");
	} else {
		json_string(json, "direction", p->direction == LOWEST_FIRST ? "lowest" : "highest");
		json_hex(json, "align", p->align);
	}
	json_begin_array(json, "limits");
	for (size_t i = 0; i < p->limits; i++) {
		json_begin_object(json, NULL);
		json_hex(json, "start", p->limit[i].range.start);
		json_hex(json, "end", p->limit[i].range.end);
		json_string(json, "why", p->limit[i].why);
		json_end_object(json);
	}
	json_end_array(json);
	json_end_object(json);
}

/* Of all data, and of the pieces that purgatory hashes, if there are several. */
static void json_digests(struct json *json, const struct plan *plan, const struct segment *segment)
{
	const uint8_t(*piece)[SHA256_SIZE] = plan->params.piece_digest + segment->first_piece;
	uint8_t whole[CHECKSUM_MAX];

	if (segment->pieces == 1) {
		json_hex_bytes(json, "sha256", piece[0], SHA256_SIZE);
		return;
	}
	json_hex_bytes(json, "sha256", whole, checksum_of("sha256", segment->bytes, whole));
	json_begin_object(json, "pieces");
	json_u64(json, "size", segment->piece_size);
	json_begin_array(json, "sha256");
	for (size_t i = 0; i < segment->pieces; i++)
		json_hex_bytes(json, NULL, piece[i], SHA256_SIZE);
	json_end_array(json);
	json_end_object(json);
}

static void json_segment(struct json *json, const struct plan *plan, const struct segment *segment)
{
	json_begin_object(json, NULL);
	json_string(json, "name", segment->name);
	json_string(json, "file", segment->file);
	json_hex(json, "start", segment->range.start);
	json_hex(json, "end", segment->range.end);
	json_u64(json, "memory_size", range_size(segment->range));
	json_u64(json, "data_size", segment->bytes.size);
	json_bool(json, "sealed", segment->sealed);
	if (segment->sealed)
		json_digests(json, plan, segment);
	json_placement(json, segment);
	json_end_object(json);
}

static void json_memory(struct json *json, const struct machine *machine)
{
	json_string(json, "memory_source", machine->map.source);
	json_begin_array(json, "memory");
	for (size_t i = 0; i < machine->map.count; i++) {
		json_begin_object(json, NULL);
		json_hex(json, "start", machine->map.entry[i].range.start);
		json_hex(json, "end", machine->map.entry[i].range.end);
		json_string(json, "type", memory_type_name(machine->map.entry[i].type));
		json_end_object(json);
	}
	json_end_array(json);
}

static void json_purgatory(struct json *json, const struct plan *plan)
{
	const struct plan_purgatory *p = &plan->purgatory;
	struct plan_cost cost = plan_cost(plan);

	json_begin_object(json, "purgatory");
	json_string(json, "kind", p->kind);
	json_string(json, "file", p->file);
	json_u64(json, "image_size", p->image_size);
	json_u64(json, "memory_size", p->memory_size);
	json_u64(json, "relocations", p->relocations);
	json_end_object(json);
	json_begin_object(json, "verification");
	json_u64(json, "bytes", cost.bytes);
	json_string(json, "implementation", cost.bytes ? cost.implementation : NULL);
	json_u64(json, "cycles", cost.cycles);
	json_u64(json, "milliseconds", cost.ms);
	json_end_object(json);
}

static void json_layers(struct json *json, const struct image *image)
{
	json_begin_array(json, "layers");
	for (size_t i = 0; image && i < image->layers; i++)
		json_string(json, NULL, image->layer[i]);
	json_end_array(json);
}

void plan_json(const struct plan *plan, const struct machine *machine, struct json *json)
{
	json_u64(json, "schema", 1);
	json_string(json, "arch", plan->arch);
	json_string(json, "kernel", plan->kernel);
	json_string(json, "image_type", plan->image_type);
	json_layers(json, plan->image);
	if (plan->started_by)
		json_string(json, "started_by", plan->started_by);
	json_string(json, "kernel_version", plan->kernel_version);
	json_string(json, "command_line", plan->cmdline);
	json_string(json, "method", plan->method);
	json_string(json, "method_why", plan->method_why);
	json_hex(json, "flags", plan->kexec_flags);
	json_hex(json, "entry", plan->entry);
	json_hex(json, "kernel_entry", plan->kernel_entry);
	if (plan->reboot_cpu)
		json_u64(json, "reboot_cpu", plan->reboot_cpu->number);
	json_purgatory(json, plan);
	json_begin_array(json, "segments");
	for (size_t i = 0; i < plan->segments; i++)
		json_segment(json, plan, &plan->segment[i]);
	json_end_array(json);
	json_memory(json, machine);
}
