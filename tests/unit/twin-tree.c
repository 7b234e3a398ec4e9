// SPDX-License-Identifier: GPL-2.0-or-later
/* twin-tree: the nodes of a xenstored in memory, in one list, and transactions over them. */
#include "twin-tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct twin_node *twin_tree_find(const struct twin_tree *t, const char *path)
{
	struct twin_node *n = t->nodes;
	while (n && strcmp(n->path, path))
		n = n->next;
	return n;
}

bool twin_path_below(const char *path, const char *top)
{
	size_t n = strlen(top);
	return !strncmp(path, top, n) && (path[n] == '/' || !path[n]);
}

static void touch_parent(struct twin_tree *t, const char *path)
{
	char parent[TWIN_PATH_SIZE];
	snprintf(parent, sizeof(parent), "%s", path);
	char *slash = strrchr(parent, '/');
	*slash = '\0';
	struct twin_node *n = twin_tree_find(t, parent);
	if (n)
		n->generation = ++t->generation;
}

static struct twin_node *make(struct twin_tree *t, const char *path)
{
	char parent[TWIN_PATH_SIZE];
	struct twin_node *n = twin_tree_find(t, path);
	if (n)
		return n;
	snprintf(parent, sizeof(parent), "%s", path);
	char *slash = strrchr(parent, '/');
	*slash = '\0';
	if (slash > parent)
		make(t, parent);
	n = calloc(1, sizeof(*n) + strlen(path) + 1);
	strcpy(n->path, path);
	n->value = strdup("");
	n->next = t->nodes;
	t->nodes = n;
	touch_parent(t, path);
	return n;
}

bool twin_tree_rm(struct twin_tree *t, const char *path)
{
	bool found = false;
	for (struct twin_node **p = &t->nodes; *p;) {
		struct twin_node *n = *p;
		if (!twin_path_below(n->path, path)) {
			p = &n->next;
			continue;
		}
		found = true;
		*p = n->next;
		free(n->value);
		free(n);
	}
	if (found && path[0])
		touch_parent(t, path);
	return found;
}

void twin_tree_put(struct twin_tree *t, const char *path, const char *value)
{
	struct twin_node *n = make(t, path);
	free(n->value);
	n->value = strdup(value);
	n->generation = ++t->generation;
}

struct twin_tx *twin_tx_new(uint32_t id)
{
	struct twin_tx *tx = calloc(1, sizeof(*tx));
	tx->id = id;
	tx->last = &tx->first;
	return tx;
}

void twin_tx_free(struct twin_tx *tx)
{
	for (struct twin_access *a = tx->first, *next; a; a = next) {
		next = a->next;
		free(a->value);
		free(a);
	}
	free(tx);
}

void twin_tx_note(struct twin_tx *tx, const struct twin_tree *t, const char *path, bool write,
		  const char *value)
{
	struct twin_access *a = calloc(1, sizeof(*a));
	const struct twin_node *n = twin_tree_find(t, path);
	a->generation = n ? n->generation : 0;
	a->write = write;
	a->value = value ? strdup(value) : NULL;
	snprintf(a->path, sizeof(a->path), "%s", path);
	*tx->last = a;
	tx->last = &a->next;
}

bool twin_tx_conflicts(const struct twin_tx *tx, const struct twin_tree *t)
{
	for (const struct twin_access *a = tx->first; a; a = a->next) {
		const struct twin_node *n = twin_tree_find(t, a->path);
		if ((n ? n->generation : 0) != a->generation)
			return true;
	}
	return false;
}
