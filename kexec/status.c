/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -S: what is loaded.  doc/plan.md has the keys. */
#include "status.h"

#include "core/json.h"
#include "core/print.h"
#include "kdump/kdump.h"
#include "machine/crash_files.h"
#include "load.h"
#include "submit/load_record.h"
#include "submit/submit.h"

static void json_initrds(struct json *json, const struct load_record *record)
{
	if (!record->kernel) {
		json_string(json, "initrds", NULL);
		return;
	}
	json_begin_array(json, "initrds");
	for (size_t i = 0; i < record->initrd_count; i++)
		json_string(json, NULL, record->initrds[i]);
	json_end_array(json);
}

/* One string for each line of text.  NULL: null. */
static void json_lines(struct ctx *ctx, struct json *json, const char *key, const char *text)
{
	if (!text) {
		json_string(json, key, NULL);
		return;
	}
	json_begin_array(json, key);
	while (*text) {
		size_t size = strcspn(text, "\n");

		json_string(json, NULL, arena_strndup(&ctx->arena, text, size));
		text += size + (text[size] == '\n');
	}
	json_end_array(json);
}

/* Every value is null if there is no record that can be trusted. */
static void json_record(struct ctx *ctx, struct json *json, const struct sysroot *root,
			const struct load_record *record)
{
	uint8_t digest[SHA256_SIZE];

	json_string(json, "kernel", record->kernel);
	json_string(json, "kernel_version", record->kernel_version);
	if (record_digest(ctx, root, record, digest))
		json_hex_bytes(json, "sha256", digest, sizeof(digest));
	else
		json_string(json, "sha256", NULL);
	json_string(json, "command_line", record->command_line);
	json_initrds(json, record);
	json_string(json, "method", record->method);
	json_string(json, "purgatory", record->purgatory);
	json_lines(ctx, json, "digests", record->digests);
	json_string(json, "time", record->time);
	json_string(json, "tool", record->tool);
}

/* 1: the slot is filled, 0: empty, -1: the kernel does not report it, with a warning. */
static int slot_state(struct ctx *ctx, const struct sysroot *root, bool crash)
{
	bool loaded;

	if (!submit_status(ctx, root, crash, &loaded))
		return loaded;
	sysroot_go_without(ctx);
	return -1;
}

/* state: of slot_state() */
static void json_slot(struct ctx *ctx, struct json *json, const struct sysroot *root, bool crash,
		      int state)
{
	struct load_record record;

	if (state < 0) {
		json_string(json, "loaded", NULL);
		return;
	}
	json_bool(json, "loaded", state);
	if (!state)
		return;
	record_read(ctx, root, crash, &record);
	json_record(ctx, json, root, &record);
}

static void json_ranges(struct json *json, const char *name, const struct range_set *set)
{
	json_begin_array(json, name);
	for (size_t i = 0; i < set->count; i++) {
		json_begin_object(json, NULL);
		json_hex(json, "start", set->range[i].start);
		json_hex(json, "end", set->range[i].end);
		json_u64(json, "size", range_size(set->range[i]));
		json_end_object(json);
	}
	json_end_array(json);
}

/* null if the reservations cannot be read: unknown is not the same as no reservation. */
static void json_reservations(struct ctx *ctx, struct json *json, const struct request *req,
			      const struct sysroot *root)
{
	struct machine machine;

	if (load_read_reservations(ctx, req, root, &machine)) {
		sysroot_go_without(ctx);
		json_string(json, "reservations", NULL);
		json_ranges(json, "cma_ranges", &machine.crash_cma);
		return;
	}
	json_ranges(json, "reservations", &machine.crash);
	json_ranges(json, "cma_ranges", &machine.crash_cma);
}

static bool can_hotplug(struct ctx *ctx, const struct sysroot *root)
{
	bool can = !kdump_check_hotplug(ctx, machine_elfcorehdr_size(ctx, root));

	err_clear(&ctx->err);
	return can;
}

static void print_json(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		       const int state[2])
{
	struct json json = { .out = print_stdout() };

	json_begin_object(&json, NULL);
	json_u64(&json, "schema", 1);
	json_string(&json, "lockdown", machine_lockdown(ctx, root));
	json_begin_object(&json, "normal");
	json_slot(ctx, &json, root, false, state[false]);
	json_end_object(&json);
	json_begin_object(&json, "crash");
	json_slot(ctx, &json, root, true, state[true]);
	json_reservations(ctx, &json, req, root);
	json_bool(&json, "hotplug", can_hotplug(ctx, root));
	json_end_object(&json);
	json_end_object(&json);
	json_end(&json);
}

int print_status(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	bool crash = req->crash || !req->normal, loaded;
	int ret = submit_status(ctx, root, crash, &loaded);
	struct err err = ctx->err;
	int state[2];

	if (req->json) {
		err_clear(&ctx->err);
		state[crash] = ret ? -1 : loaded;
		state[!crash] = slot_state(ctx, root, !crash);
		print_json(ctx, req, root, state);
		ctx->err = err;
	}
	return ret ? ret : loaded;
}
