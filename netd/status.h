/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: what the daemon knows, as the JSON of proto.h. */
#ifndef NETD_STATUS_H
#define NETD_STATUS_H

#include "ctl.h"
#include "netd.h"

/* @s, with '?' for each byte that is no plain text if it is not UTF-8. NULL: out of memory. */
json_t *status_string(const char *s);
/* The vifs that @match means (NULL: all), by domid and devid. For free(); NULL: out of memory. */
struct vif **status_select(const struct netd *nd, const char *match, size_t *n);

/* Answers that @match means none. */
void status_no_match(struct ctl_req *req, const char *match);

/* The method "status"; its argument is struct netd. */
void status_method(void *arg, struct ctl_req *req, json_t *params);

#endif
