/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twin-tree: the nodes and transactions of a xenstored in memory. */
#ifndef TESTS_TWIN_TREE_H
#define TESTS_TWIN_TREE_H

#include <stdbool.h>
#include <stdint.h>

enum { TWIN_PATH_SIZE = 256 };

struct twin_node {
	struct twin_node *next;
	char *value;
	uint64_t generation; /* of its last change: its value, or which children it has */
	char path[];
};

/* Zeroed is empty. */
struct twin_tree {
	struct twin_node *nodes;
	uint64_t generation;
};

struct twin_node *twin_tree_find(const struct twin_tree *t, const char *path);
/* Missing parents are made, empty, as xenstored does. */
void twin_tree_put(struct twin_tree *t, const char *path, const char *value);
/* With all below; "" is the whole tree. @return whether there was anything. */
bool twin_tree_rm(struct twin_tree *t, const char *path);
/* @path is @top or below it. */
bool twin_path_below(const char *path, const char *top);

/* What a transaction has read, and what it will write. */
struct twin_access {
	struct twin_access *next;
	uint64_t generation; /* 0: was missing */
	bool write;
	char *value; /* of a write; NULL: remove */
	char path[TWIN_PATH_SIZE];
};

struct twin_tx {
	struct twin_tx *next;
	uint32_t id;
	struct twin_access *first, **last; /* in their order */
};

struct twin_tx *twin_tx_new(uint32_t id);
void twin_tx_free(struct twin_tx *tx);
void twin_tx_note(struct twin_tx *tx, const struct twin_tree *t, const char *path, bool write,
		  const char *value);
/* Has a node that it read or will write changed since? */
bool twin_tx_conflicts(const struct twin_tx *tx, const struct twin_tree *t);

#endif
