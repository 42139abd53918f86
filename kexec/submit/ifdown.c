/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes the network interfaces down before the jump, so that no device writes
 * received packets into the next kernel's memory, and up again if the jump was refused.
 * netdevice(7).
 */
#include "submit.h"

#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int read_flags(int fd, const char *name, struct ifreq *req)
{
	*req = (struct ifreq){ 0 };
	snprintf(req->ifr_name, sizeof(req->ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFFLAGS, req) ? -errno : 0;
}

/* Returns 1: taken down; 0: it was down before, or stays up; or a negative errno. */
static int interface_down(int fd, const char *name)
{
	struct ifreq req;
	int ret = read_flags(fd, name, &req);

	if (ret || !(req.ifr_flags & IFF_UP) || (req.ifr_flags & IFF_LOOPBACK))
		return ret;
	req.ifr_flags = (short)(req.ifr_flags & ~IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &req) ? -errno : 1;
}

static int interface_up(int fd, const char *name)
{
	struct ifreq req;
	int ret = read_flags(fd, name, &req);

	if (ret)
		return ret;
	req.ifr_flags = (short)(req.ifr_flags | IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &req) ? -errno : 0;
}

/* A shaper is stacked on another interface and keeps it busy.  Shapers are taken down first. */
static bool is_shaper(const char *name)
{
	return !strncmp(name, "shaper", 6);
}

static void interfaces_down(struct ctx *ctx, int fd, const struct if_nameindex *list, bool shapers,
			    struct interfaces *down)
{
	for (; list->if_index; list++) {
		const char *name = list->if_name;
		int ret;

		/* name:label is a second address of the interface called name. */
		if (is_shaper(name) != shapers || strchr(name, ':'))
			continue;
		ret = interface_down(fd, name);
		if (ret < 0)
			log_warn(&ctx->log, "ifdown: shutdown %s: %s", name, strerror(-ret));
		if (ret > 0)
			snprintf(down->name[down->count++], IF_NAMESIZE, "%s", name);
	}
}

void submit_interfaces_down(struct ctx *ctx, struct interfaces *down)
{
	struct if_nameindex *list;
	size_t count = 0;

	/* Sockets of every family accept these ioctls.  Netlink works without IPv4. */
	*down = (struct interfaces){ 0 };
	down->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (down->fd < 0) {
		log_warn(&ctx->log, "ifdown: cannot open a socket: %s", strerror(errno));
		return;
	}
	list = if_nameindex();
	if (!list) {
		log_warn(&ctx->log, "ifdown: cannot list the interfaces: %s", strerror(errno));
		return;
	}
	while (list[count].if_index)
		count++;
	down->name = arena_array(&ctx->arena, count, sizeof(*down->name));
	interfaces_down(ctx, down->fd, list, true, down);
	interfaces_down(ctx, down->fd, list, false, down);
	if_freenameindex(list);
}

void submit_interfaces_up(struct ctx *ctx, struct interfaces *down)
{
	char up[512] = "";

	/* The last one first: shapers need the interface that they are stacked on. */
	while (down->count) {
		const char *name = down->name[--down->count];
		int ret = interface_up(down->fd, name);
		size_t used = strlen(up);

		if (ret)
			log_warn(&ctx->log, "ifup: %s stays down: %s", name, strerror(-ret));
		else
			snprintf(up + used, sizeof(up) - used, " %s", name);
	}
	if (*up)
		log_warn(&ctx->log,
			 "network interfaces are up again:%s; routes over them may be lost", up);
	if (down->fd >= 0)
		close(down->fd);
}
