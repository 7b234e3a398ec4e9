/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox: namespaces of our own around a simulated host. Nothing outside is touched or left. */
#ifndef NETNS_SANDBOX_H
#define NETNS_SANDBOX_H

/*
 * Runs @fn(@arg) as process 1 of a new pid namespace, in new mount and network namespaces: /run and
 * the Xen log directory are empty, /proc and /sys are the namespaces' own, loopback is up. When it
 * returns, is killed, or its parent dies, the kernel kills every process it started.
 *
 * @log: descriptor for its standard output and error, or -1 to inherit. @limit_s: seconds after
 * which it is killed; 0 = none.
 *
 * @return fn's result 0…255; 128 + signal; -ETIME after @limit_s; -errno.
 */
int sandbox_run(int (*fn)(void *arg), void *arg, int log, int limit_s);

/* NULL if this process may make namespaces, else the sentence that says what is missing. */
const char *sandbox_refused(void);

#endif
