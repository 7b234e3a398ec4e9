/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lease-file: the address plan on disk, whole or not at all. */
#ifndef NETD_LEASE_FILE_H
#define NETD_LEASE_FILE_H

#include "leases.h"

#define LEASE_FILE "leases" /* its name; "leases.damaged": one that could not be read whole */

/*
 * Fills @ls from the file in @dir. No such file is fine. @return 0; 1: the file was damaged, what
 * could be read of it was taken, and it has a second name that stays; -errno: it cannot be read,
 * and must not be replaced.
 */
int lease_file_load(const char *dir, struct leases *ls, struct err *e);

/*
 * Replaces the file: a new one is written and synced, then takes the old one's name, and the
 * directory is synced. So at each moment a power cut leaves the old plan or the new one. @dir is
 * made if missing.
 * @return 0: the new one is safe; -errno: the old one is there, or the new one, both whole.
 */
int lease_file_save(const char *dir, const struct leases *ls, struct err *e);

#endif
