/* SPDX-License-Identifier: GPL-2.0-or-later */
/* steps-ovs: the mode's steps, and the peer whom they have do it. */
#ifndef OVS_STEPS_OVS_H
#define OVS_STEPS_OVS_H

#include "plugin.h"

extern const struct step *const steps_ovs[];
extern const struct plugin_peer peer_ovs;

#endif
