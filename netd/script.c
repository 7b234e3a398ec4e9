// SPDX-License-Identifier: GPL-2.0-or-later
/* script: is a vif ours? */
#include "script.h"

#include <string.h>
#include <sys/stat.h>

static bool known_name(const char *base)
{
	static const char *const names[] = {
		"vif-netd", "vif-bridge", "vif-route", "vif-nat", "vif-openvswitch",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(base, names[i]))
			return true;
	return false;
}

const char *script_ours(const char *script, const char *helper, bool driver_domain)
{
	struct stat a, b;
	const char *slash = strrchr(script, '/');
	const char *base = slash ? slash + 1 : script;
	if (driver_domain)
		return known_name(base) ? base : NULL;
	if (!*script)
		return NULL;
	if (strcmp(script, helper) &&
	    (stat(script, &a) < 0 || stat(helper, &b) < 0 || a.st_dev != b.st_dev ||
	     a.st_ino != b.st_ino))
		return NULL;
	return base;
}
