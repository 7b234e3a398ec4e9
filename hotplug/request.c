// SPDX-License-Identifier: GPL-2.0-or-later
/* request: what libxl says by arguments and environment, as a request to the daemon. */
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct action {
	const char *name;
	const char *type; /* the device it is about; with the other one it does nothing */
	bool forgiving;
} actions[] = {
	{"online", "vif", false},
	{"offline", "vif", true},
	{"add", "tap", false},
	{"remove", "tap", true},
};

/* The value of "name=value" in a list of words, or NULL. */
static const char *find(char *const words[], const char *name)
{
	size_t len = strlen(name);
	for (; *words; words++)
		if (!strncmp(*words, name, len) && (*words)[len] == '=')
			return *words + len + 1;
	return NULL;
}

/* An empty variable counts as missing: libxl exports some that way. */
static const char *value(char *const args[], char *const envp[], const char *name)
{
	const char *v = find(args, name);
	if (!v)
		v = find(envp, name);
	return v && *v ? v : NULL;
}

static int bad(char *why, size_t size, const char *what, const char *val, const char *allowed)
{
	int n = snprintf(why, size, "%s is \"%.80s\": must be %s", what, val, allowed);
	for (int i = 0; i < n && (size_t)i < size && why[i]; i++)
		if (why[i] < 0x20 || why[i] > 0x7e)
			why[i] = '?';
	return -EINVAL;
}

/* A number of at most 10 digits that ends at @stop; moves behind it. */
static bool number(const char **p, char stop, const char **digits, int *len)
{
	*digits = *p;
	*len = (int)strspn(*p, "0123456789");
	*p += *len;
	if (!*len || *len > 10 || **p != stop)
		return false;
	if (stop)
		++*p;
	return true;
}

static bool literal(const char **p, const char *text)
{
	size_t len = strlen(text);
	if (strncmp(*p, text, len))
		return false;
	*p += len;
	return true;
}

/*
 * Only the exact form is taken. So nothing that needs quoting gets into the JSON line, and
 * the key that the helper may have to write itself lies below a backend directory.
 */
static bool parse_path(const char *path, struct request *req)
{
	const char *p = path, *dom, *dev;
	int dom_len, dev_len;
	if (literal(&p, "/local/domain/") && !number(&p, '/', &dom, &dom_len))
		return false;
	if (!literal(&p, "backend/vif/") || !number(&p, '/', &dom, &dom_len) ||
	    !number(&p, '\0', &dev, &dev_len))
		return false;
	strcpy(req->path, path);
	snprintf(req->vif, sizeof(req->vif), "vif%.*s.%.*s%s", dom_len, dom, dev_len, dev,
		 !strcmp(req->type, "tap") ? "-emu" : "");
	return true;
}

/* A kernel name, "vif5.0" or "vif5.0-emu"; one given by `vifname` says nothing. */
static bool parse_name(const char *name, struct request *req)
{
	const char *p = name, *dom, *dev;
	char path[REQUEST_PATH_SIZE];
	int dom_len, dev_len;
	if (!literal(&p, "vif") || !number(&p, '.', &dom, &dom_len))
		return false;
	dev = p;
	dev_len = (int)strspn(p, "0123456789");
	if (!dev_len || dev_len > 10 || (p[dev_len] && strcmp(p + dev_len, "-emu")))
		return false;
	snprintf(path, sizeof(path), "backend/vif/%.*s/%.*s", dom_len, dom, dev_len, dev);
	return parse_path(path, req);
}

static int parse_device(char *const args[], char *const envp[], struct request *req, char *why,
			size_t size)
{
	const char *path = value(args, envp, "XENBUS_PATH");
	if (path && parse_path(path, req))
		return REQUEST_SEND;
	if (path)
		return bad(why, size, "XENBUS_PATH", path, "backend/vif/DOMID/DEVID");
	const char *vif = value(args, envp, "vif"), *tap = value(args, envp, "INTERFACE");
	if ((vif && parse_name(vif, req)) || (tap && parse_name(tap, req)))
		return REQUEST_SEND;
	return bad(why, size, "XENBUS_PATH", "",
		   "set to backend/vif/DOMID/DEVID: this program is run by libxl");
}

int request_parse(char *const argv[], char *const envp[], struct request *req, char *why,
		  size_t why_size)
{
	const struct action *a = NULL;
	const char *word = argv[0] && argv[1] ? argv[1] : "";
	*req = (struct request){.action = NULL};
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return REQUEST_HELP;
	if (!strcmp(word, "--version"))
		return REQUEST_VERSION;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(word, actions[i].name))
			a = &actions[i];
	if (!a)
		return bad(why, why_size, "the action", word, "online, offline, add or remove");
	req->action = a->name;
	req->forgiving = a->forgiving;

	const char *type = value(argv + 2, envp, "type_if");
	if (!type)
		type = "vif";
	if (strcmp(type, "vif") && strcmp(type, "tap"))
		return bad(why, why_size, "type_if", type, "vif or tap");
	if (strcmp(type, a->type))
		return REQUEST_NOTHING;
	req->type = a->type;
	return parse_device(argv + 2, envp, req, why, why_size);
}

size_t request_format(const struct request *req, char line[REQUEST_LINE_SIZE])
{
	return snprintf(line, REQUEST_LINE_SIZE,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hotplug\",\"params\":"
			"{\"action\":\"%s\",\"path\":\"%s\",\"type\":\"%s\"}}\n",
			req->action, req->path, req->type);
}
