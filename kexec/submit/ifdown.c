/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes the network interfaces down before the jump, so that no device writes
 * received packets into the next kernel's memory.  netdevice(7).
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

static int interface_down(int fd, const char *name)
{
	struct ifreq req = { 0 };

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &req))
		return -errno;
	if (!(req.ifr_flags & IFF_UP) || (req.ifr_flags & IFF_LOOPBACK))
		return 0;
	req.ifr_flags = (short)(req.ifr_flags & ~IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &req) ? -errno : 0;
}

/* A shaper is stacked on another interface and keeps it busy.  Shapers are taken down first. */
static bool is_shaper(const char *name)
{
	return !strncmp(name, "shaper", 6);
}

static void interfaces_down(struct ctx *ctx, int fd, const struct if_nameindex *list, bool shapers)
{
	for (; list->if_index; list++) {
		const char *name = list->if_name;
		int ret;

		/* name:label is a second address of the interface called name. */
		if (is_shaper(name) != shapers || strchr(name, ':'))
			continue;
		ret = interface_down(fd, name);
		if (ret)
			log_warn(&ctx->log, "ifdown: shutdown %s: %s", name, strerror(-ret));
	}
}

void submit_interfaces_down(struct ctx *ctx)
{
	/* Sockets of every family accept these ioctls.  Netlink works without IPv4. */
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct if_nameindex *list;

	if (fd < 0)
		return;
	list = if_nameindex();
	if (list) {
		interfaces_down(ctx, fd, list, true);
		interfaces_down(ctx, fd, list, false);
		if_freenameindex(list);
	} else {
		log_warn(&ctx->log, "ifdown: cannot list the interfaces: %s", strerror(errno));
	}
	close(fd);
}
