// SPDX-License-Identifier: GPL-2.0-or-later
/* Mode nat beside mode bridge in one program: each module calls its object by the same name. */
#define xen_netd_plugin plugin_nat
#include "../../plugins/nat/nat.c"
