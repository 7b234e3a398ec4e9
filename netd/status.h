/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: what the daemon knows, as the JSON of proto.h. */
#ifndef NETD_STATUS_H
#define NETD_STATUS_H

#include "ctl.h"
#include "netd.h"

/* The method "status"; its argument is struct netd. */
void status_method(void *arg, struct ctl_req *req, json_t *params);

#endif
