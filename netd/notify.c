// SPDX-License-Identifier: GPL-2.0-or-later
/* notify: what the service manager is told, without ever waiting for it. */
/*
 * Not sd_notify(): its socket blocks, and with a service manager that does not read the whole daemon
 * would stand still.
 */
#include "notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

struct notify {
	sd_event *event;
	sd_event_source *room, *alive;
	struct sockaddr_un to;
	socklen_t to_size;
	int fd; /* -1: nobody listens at present */
	uint64_t interval; /* microseconds between two signs of life */
	char state[32], status[160]; /* to be told yet; "": nothing */
	bool sign;		     /* of life, the same */
};

static int on_room(sd_event_source *s, int fd, uint32_t revents, void *arg);

/* Connected: of such a socket alone epoll says when the other's queue has room. */
static int reach(struct notify *n)
{
	int r = 0;
	if (n->fd >= 0)
		return 0;
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd < 0 || connect(n->fd, (struct sockaddr *)&n->to, n->to_size) < 0)
		r = -errno;
	r = r ?: sd_event_add_io(n->event, &n->room, n->fd, EPOLLOUT, on_room, n);
	return r < 0 ? r : sd_event_source_set_enabled(n->room, SD_EVENT_OFF);
}

static void leave(struct notify *n)
{
	n->room = sd_event_source_disable_unref(n->room);
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

static void flush(struct notify *n)
{
	char text[256];
	int len = snprintf(text, sizeof(text), "%s%s%s%s%s", n->state, n->state[0] ? "\n" : "",
			   n->status, n->status[0] ? "\n" : "", n->sign ? "WATCHDOG=1\n" : "");
	/* Twice: a service manager that began anew has another socket by that name. */
	for (int i = 0; len && i < 2; i++) {
		int r = reach(n);
		if (r >= 0 && send(n->fd, text, len, MSG_NOSIGNAL) < 0)
			r = -errno;
		if (r >= 0) {
			n->state[0] = n->status[0] = '\0';
			n->sign = false;
			len = 0;
		} else if (n->room && r == -EAGAIN) {
			sd_event_source_set_enabled(n->room, SD_EVENT_ON);
			return;
		} else {
			leave(n);
		}
	}
	if (n->room)
		sd_event_source_set_enabled(n->room, SD_EVENT_OFF);
}

static int on_room(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	(void)s;
	(void)fd;
	(void)revents;
	flush(arg);
	return 0;
}

static int on_alive(sd_event_source *s, uint64_t now, void *arg)
{
	struct notify *n = arg;
	(void)now;
	n->sign = true;
	flush(n);
	sd_event_source_set_time_relative(s, n->interval);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int start_watchdog(struct notify *n)
{
	uint64_t usec;
	int r = sd_watchdog_enabled(1, &usec);
	if (r <= 0)
		return r;
	n->interval = usec / 2;
	return sd_event_add_time_relative(n->event, &n->alive, CLOCK_MONOTONIC, n->interval, 0,
					  on_alive, n);
}

int notify_new(struct notify **out, sd_event *event)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct notify *n = NULL;
	*out = NULL;
	if (!path || (path[0] != '/' && path[0] != '@'))
		return 0;
	if (strlen(path) >= sizeof(n->to.sun_path))
		return -ENAMETOOLONG;
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->event = event;
	n->fd = -1;
	n->to.sun_family = AF_UNIX;
	strcpy(n->to.sun_path, path);
	n->to_size = offsetof(struct sockaddr_un, sun_path) + strlen(path) + (path[0] == '/');
	if (path[0] == '@')
		n->to.sun_path[0] = '\0';
	int r = start_watchdog(n);
	if (r < 0)
		notify_free(n);
	else
		*out = n;
	return r < 0 ? r : 0;
}

void notify_free(struct notify *n)
{
	if (!n)
		return;
	leave(n);
	sd_event_source_disable_unref(n->alive);
	free(n);
}

void notify_state(struct notify *n, const char *state)
{
	if (!n)
		return;
	snprintf(n->state, sizeof(n->state), "%s", state);
	flush(n);
}

void notify_status(struct notify *n, const char *status)
{
	if (!n)
		return;
	snprintf(n->status, sizeof(n->status), "%s", status);
	flush(n);
}
