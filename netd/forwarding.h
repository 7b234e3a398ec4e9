/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forwarding: was it us who switched the host's IP forwarding on? Known until the host is booted.
 */
#ifndef NETD_FORWARDING_H
#define NETD_FORWARDING_H

#include <stdbool.h>

/* Files "forwarding4" and "forwarding6" in @run_dir: the daemon may be restarted in between. */
void forwarding_note(const char *run_dir, int family);
/* Was it noted? It is not any longer. */
bool forwarding_take_note(const char *run_dir, int family);

#endif
