/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vif: the backend of one guest network card: its key, its xenstore keys, the parsed request. */
#ifndef NETD_VIF_H
#define NETD_VIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>

#include "err.h"
#include "hostif.h"

enum {
	VIF_DOMID_MAX = 0x7fef,	  /* DOMID_FIRST_RESERVED - 1 (xen/include/public/xen.h) */
	VIF_DEVID_MAX = 0xffffff, /* libxl: int; netback: "vif%u.%u" must fit IFNAMSIZ */
	VIF_VALUE_MAX = 1024,	  /* bytes of one xenstore value that we accept */
	VIF_ADDRS_MAX = 32,
	VIF_TAG_SIZE = HOSTIF_ALIAS_SIZE,
};

struct vif_key {
	uint32_t domid; /* of the frontend */
	uint32_t devid;
};

/* The two netdevs a vif can have. */
enum vif_dev {
	VIF_DEV_PV,   /* netback's vifF.N */
	VIF_DEV_EMU,  /* the device model's tap vifF.N-emu (HVM) */
	VIF_DEV_COUNT,
};

/*
 * The xenstore keys a vif depends on. All but the last three live in the backend directory
 * /local/domain/B/backend/vif/F/N and are the toolstack's word (XEN-CONTRACT: xl, libxl, netback).
 */
enum vif_val {
	VIF_VAL_STATE,		/* "1".."8": XenbusState */
	VIF_VAL_ONLINE,		/* "1", "0" once detach starts */
	VIF_VAL_FRONTEND_ID,
	VIF_VAL_HANDLE,		/* netback names its netdev vif<F>.<handle> */
	VIF_VAL_SCRIPT,
	VIF_VAL_MAC,
	VIF_VAL_BRIDGE,
	VIF_VAL_TYPE,		/* "vif" or "vif_ioemu" */
	VIF_VAL_IP,
	VIF_VAL_GATEWAYDEV,
	VIF_VAL_VIFNAME,
	VIF_VAL_RATE,
	VIF_VAL_MTU,
	VIF_VAL_VLAN,
	VIF_VAL_NETWORK,	/* ours: `xnetctl set` */
	VIF_VAL_IFACE_ID,	/* ours: by what an OpenFlow controller knows the port */
	VIF_VAL_HOTPLUG_STATUS,
	VIF_VAL_HOTPLUG_ERROR,
	VIF_VAL_ADDRESS,	/* ours: what a network has given the guest */
	VIF_VAL_RELEASED,	/* ours: written with the first `connected`, see reconcile.c */
	VIF_VAL_BACKEND_COUNT,
	VIF_VAL_NAME = VIF_VAL_BACKEND_COUNT, /* /local/domain/F/name */
	VIF_VAL_VM,			      /* /local/domain/F/vm: "/vm/<uuid>" */
	VIF_VAL_FRONTEND_MTU,		      /* /local/domain/F/device/vif/N/mtu, which we write */
	VIF_VAL_COUNT,
};
#define VIF_VAL_ALL ((1u << VIF_VAL_COUNT) - 1)

/* xenstore's name of a key ("hotplug-status", "name"). */
const char *vif_val_name(enum vif_val v);
/* The key named @name in the backend directory, or -1: one that we do not depend on. */
int vif_val_by_name(const char *name, size_t len);

enum xenbus_state { /* xen/io/xenbus.h */
	XENBUS_UNKNOWN, XENBUS_INITIALISING, XENBUS_INIT_WAIT, XENBUS_INITIALISED, XENBUS_CONNECTED,
	XENBUS_CLOSING, XENBUS_CLOSED, XENBUS_RECONFIGURING, XENBUS_RECONFIGURED,
};

/* What the keys say, parsed and checked: the input of choosing a network and of plugin->want(). */
struct vif_req {
	struct vif_key key;
	enum xenbus_state state;
	bool online;
	bool hvm;		      /* has an emulated twin: type vif_ioemu */
	/* The guest's own name, sanitized, without what libxl adds while it migrates; "" = unknown. */
	char domain[256];
	char domain_raw[256];	      /* the same as it is, any bytes, cut at 255 */
	char uuid[40];		      /* "" = unknown */
	char script[256];	      /* "" = missing */
	uint8_t mac[HOSTIF_ALEN];     /* all zero = missing */
	char bridge[256];	      /* free text, checked by the mode; "" = missing */
	char gatewaydev[IFNAMSIZ];
	char vifname[IFNAMSIZ];	      /* of the PV netdev; "" = keep the kernel's name */
	char ip[VIF_VALUE_MAX];	      /* raw list of `ip=`; "" = none */
	char vlan[256];		      /* raw `vlan=`; "" = none */
	char network[64];	      /* raw key `network`; "" = none */
	char iface_id[256];	      /* raw key `iface-id`; "" = none */
	uint32_t mtu;		      /* bytes; 0 = not given (1500 is never written by libxl) */
};

/*
 * Parses the values of one vif. @val[v] is NULL when the key is missing, else NUL-terminated; a value
 * that had a NUL inside on the wire comes with '\1' in its place (store.h), so it is refused here.
 *
 * @return 0; -ENOENT when the backend directory is gone (no `state`); -EINVAL with a sentence that
 * names the key, what it says and what is allowed. key, state, online, domain and script are filled
 * as far as they could be read even on error, so that status can show them.
 */
int vif_parse(struct vif_key key, char *const val[VIF_VAL_COUNT], struct vif_req *req,
	      struct err *e);

/* Netdev name that the kernel (PV) or the device model (EMU) gives: vifF.N, vifF.N-emu. */
void vif_kernel_name(struct vif_key key, enum vif_dev dev, char name[IFNAMSIZ]);
/* Netdev name it shall have: vifname[-emu] when given, else the kernel's. */
void vif_wanted_name(const struct vif_req *req, enum vif_dev dev, char name[IFNAMSIZ]);
/* Ownership tag that we put into ifalias: "xen-netd vifF.N[-emu]". */
void vif_tag(struct vif_key key, enum vif_dev dev, char tag[VIF_TAG_SIZE]);
/* Reads back a tag; false if @alias is not one of ours. */
bool vif_tag_parse(const char *alias, struct vif_key *key, enum vif_dev *dev);
/* Reads "vif5.0" or "vif5.0-emu"; false if @name is no such name. */
bool vif_name_parse(const char *name, struct vif_key *key, enum vif_dev *dev);
/* Reads "F/N" decimal without leading zeros, up to the end or a '/'; *@end is set behind it. */
bool vif_key_parse(const char *s, struct vif_key *key, const char **end);
bool vif_mac_parse(const char *s, uint8_t mac[HOSTIF_ALEN]);
/* A name the kernel accepts for a netdev: 1..15 bytes, no '/', ':', '%' or white space, not "." "..". */
bool vif_ifname_ok(const char *name);

/*
 * The length of the guest's own name in @name. One that arrives by migration is NAME--incoming until it
 * runs, and one that has left is NAME--migratedaway until it is destroyed (libxl, xl): its role of the
 * moment, and no other guest.
 */
size_t vif_name_len(const char *name);

#endif
