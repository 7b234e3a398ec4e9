// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest needs and busybox has not: forged frames, a record of received ones, xenstore.
//
// Every forged frame ends in "xen-netd:MARK;", after whatever its protocol counts as its end, so
// that a watcher knows it among all traffic and by name.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define AGENT_MARK "xen-netd:"
#define AGENT_MARK_END ';'

// What to forge. Strings are as given on the command line, NULL where absent.
struct forge {
	const char *kind;
	const char *mark;
	uint8_t src[6]; // Ethernet source; the interface's own by default
	uint8_t dst[6]; // Ethernet destination; broadcast or what the kind prescribes by default
	uint8_t hw[6];  // the address inside ARP and ND; src by default
	const char *from; // sender's IP address
	const char *to;   // receiver's, target's or offered IP address
	int vlan;         // -1: no tag
	int inner;        // -1: no second tag
};

struct frame {
	size_t len;
	uint8_t data[1514];
};

// frame_forge() - build the frame that @what asks for
//
// Return: 0; -1 after a message on stderr if the kind is unknown or an address does not parse.
int frame_forge(struct frame *frame, const struct forge *what);

// The kinds that frame_forge() knows, ending in NULL.
extern const char *const frame_kinds[];

// The subcommands. Each gets its own arguments and returns an exit status.
int agent_send(int argc, char **argv);
int agent_watch(int argc, char **argv);
int agent_xs(int argc, char **argv);
