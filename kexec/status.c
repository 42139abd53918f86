/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -S: what is loaded. */
#include "status.h"

#include "core/json.h"
#include "submit/submit.h"

/* "loaded" is null where the kernel does not tell. */
static int json_status(struct ctx *ctx, struct json *json, const struct sysroot *root,
		       const char *key, bool crash)
{
	bool loaded;
	int ret = submit_status(ctx, root, crash, &loaded);

	json_begin_object(json, key);
	if (ret)
		json_string(json, "loaded", NULL);
	else
		json_bool(json, "loaded", loaded);
	json_end_object(json);
	return ret;
}

/* 1 means loaded: scripts count on it. */
int print_status(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	struct json json = { .out = stdout };
	bool crash = req->crash || !req->normal;
	bool loaded;
	int ret;

	if (req->json) {
		json_begin_object(&json, NULL);
		json_u64(&json, "schema", 1);
		json_status(ctx, &json, root, "normal", false);
		json_status(ctx, &json, root, "crash", true);
		json_end_object(&json);
		json_end(&json);
		err_clear(&ctx->err);
	}
	ret = submit_status(ctx, root, crash, &loaded);
	return ret ? ret : loaded;
}
