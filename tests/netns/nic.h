/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nic: one vif as the simulated toolstack, netback and guest see it. */
#ifndef NETNS_NIC_H
#define NETNS_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include <net/if.h>
#include <xenstore.h>

#include "net.h"
#include "proc.h"

struct world;
struct guest;
struct nic;

/* libxl_device_nic: what xl's vif= list says. NULL or 0: not given. */
struct nic_conf {
	unsigned devid, backend_domid;
	const char *script; /* absolute */
	const char *bridge; /* libxl writes "xenbr0" if not given */
	const char *mac;    /* "00:16:3e:…"; derived from the domid if not given */
	const char *ip, *gatewaydev, *vifname, *rate, *vlan;
	unsigned mtu;
	bool hvm; /* type vif_ioemu */

	const char *addr; /* what the guest gives its card: "10.0.0.5/24" */
};

/* Departures from what libxl and Linux 6.x do. */
struct nic_quirk {
	bool old_libxl;	   /* before 4.17: no hotplug-status at the start */
	bool status_lost;  /* Linux before 6.x: hotplug-status deleted when the guest disconnects */
	bool link_first;   /* the netdev is registered before state 2, as before Linux 5.6 */
	int link_delay_ms; /* between state 2 and the netdev; -1: never */
	int unlink_delay_ms; /* between state 6 and the netdev's end */
	bool no_helper;	     /* the toolstack never runs the script: it died, or it is elsewhere */
	bool stay_init;	     /* netback does not probe: state stays 1 */
	int toolstack_delay_ms; /* a busy libxl: between an event and its reading of the state */
	/* Called in the toolstack's transaction, before the commit. */
	void (*edit)(struct nic *nic, xs_transaction_t t);
};

enum nic_phase { /* of the toolstack */
		 NIC_NEW,
		 NIC_WAIT_INITWAIT, /* keys written; waits for state == 2 */
		 NIC_SCRIPT,	    /* online or add runs */
		 NIC_ATTACHED,
		 NIC_FAILED,	  /* attach failed; xenstore and netdev stay behind, as with xl
				     network-attach */
		 NIC_WAIT_CLOSED, /* online=0, state=5 written; waits for state == 6 */
		 NIC_UNSCRIPT,	  /* offline or remove runs */
		 NIC_DETACHED,
};

/* The caller reads; toolstack.c, netback.c and guest.c write. */
struct nic {
	struct world *w;
	struct nic *next;
	struct guest *guest;
	struct nic_conf conf;
	struct nic_quirk quirk;
	char be[128], fe[128], libxl[128]; /* absolute xenstore directories */
	char vif[IFNAMSIZ], emu[IFNAMSIZ]; /* the kernel's and the device model's names */
	char eth[IFNAMSIZ];		   /* the guest's card */
	uint8_t mac[NET_ALEN];

	/* toolstack */
	enum nic_phase phase;
	struct proc script;
	int script_no;	      /* 0: the vif; 1: the tap */
	int exit_status;      /* of the last script; -1: none yet */
	char error[2100];     /* why it failed: libxl's word, or hotplug-error */
	bool early_connect;   /* hotplug-status or state told of success before the script ran */
	bool missed_initwait; /* state was seen past 2 before it was read as 2: libxl's time-out */
	bool forced;
	int64_t added_us, initwait_us, done_us; /* committed; state 2 seen; attached or failed */
	int64_t script_us;			/* exec to exit of the last script */

	/* netback and frontend */
	bool probed, has_link, waits_status;
	int tap; /* descriptor of the device model's tap; -1 = none */
};

/* Of @g; the keys are not written yet: nic_attach() does that. */
struct nic *nic_new(struct guest *g, const struct nic_conf *conf);
/* The nic whose backend directory @path is, lies in, or is above of: next after @prev, or NULL. */
struct nic *nic_by_path(struct world *w, const char *path, struct nic *prev);
const char *nic_be(const struct nic *nic, const char *key); /* path of a backend key, as text() */
const char *nic_fe(const struct nic *nic, const char *key);
bool nic_state_is(const struct nic *nic, unsigned state); /* the backend's */
bool nic_status_is(const struct nic *nic, const char *hotplug_status);

/* toolstack: starts; the phase tells when it has ended. */
void toolstack_attach(struct nic *nic);
void toolstack_detach(struct nic *nic);	 /* xl network-detach */
void toolstack_destroy(struct nic *nic); /* xl destroy: with force */
/* Both wait for the end. @return whether it went well. */
bool nic_attach(struct nic *nic);
bool nic_detach(struct nic *nic);
/* Runs only the script, as libxl would: a test's replay. @return its exit status. */
int toolstack_run_script(struct nic *nic, const char *action, const char *type_if);
/* A xenstore event about @nic. */
void toolstack_event(struct nic *nic);

/* netback: acts by itself on events; these are the guest's and the kernel's deeds. */
void netback_event(struct nic *nic);
void netback_add_link(struct nic *nic);
void netback_del_link(struct nic *nic);
/* The frontend (netfront) goes through Closing and Closed to Initialising and connects again. */
void netfront_disconnect(struct nic *nic);
void netfront_reconnect(struct nic *nic);
/* The device model makes the tap, before libxl adds the nic. */
void devmodel_start(struct nic *nic);
void devmodel_stop(struct nic *nic);

#endif
