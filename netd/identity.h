/* SPDX-License-Identifier: GPL-2.0-or-later */
/* identity: which netdev belongs to which vif. Pure. */
#ifndef NETD_IDENTITY_H
#define NETD_IDENTITY_H

#include "links.h"
#include "vif.h"

/*
 * Tells which vif a link belongs to, by the first of:
 *  - the parent device "vif-F-N" on the bus xen-backend (Linux 5.14): certain, survives renames;
 *  - our ownership tag in ifalias;
 *  - its name vifF.N; or vifF.N-emu if it is a tap.
 * A link with a parent device is nobody else's, whatever its name or tag says.
 * @return false: no vif's.
 */
bool identity_of(const struct link *l, struct vif_key *key, enum vif_dev *dev);

/*
 * The link of @req's device: where @hint (an ifindex or 0) says, by the kernel's name, by the wanted
 * name. With @search all links are looked through: for a daemon that was away. NULL: there is none.
 */
const struct link *identity_find(const struct links *links, const struct vif_req *req,
				 enum vif_dev dev, int hint, bool search);

/* Does it carry the tag of this vif, so that we may take it apart? */
bool identity_is_tagged(const struct link *l, struct vif_key key, enum vif_dev dev);

#endif
