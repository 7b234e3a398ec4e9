// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetctl drops: what the filters have kept guests from sending. */
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "text.h"

static void print_vif(const json_t *vif, bool ascii)
{
	const char *reason, *domain = json_string_value(json_object_get(vif, "domain"));
	const char *name = json_string_value(json_object_get(vif, "name"));
	char *clean = text_clean(domain ? domain : "-", ascii);
	json_t *drops = json_object_get(vif, "drops"), *d;
	json_object_foreach(drops, reason, d)
		printf("%-15s  %-20s  %-11s  %12lld  %15lld\n", name ? name : "?", clean ? clean : "?",
		       reason, (long long)json_integer_value(json_object_get(d, "frames")),
		       (long long)json_integer_value(json_object_get(d, "bytes")));
	free(clean);
}

int cmd_drops(const struct options *o, char *const args[])
{
	json_t *result, *vif;
	size_t i;
	bool ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0, any = false;
	json_t *params = args[0] ? json_pack("{s:s}", "match", args[0]) : json_object();
	int status = command_call(o, "drops", params, &result);
	if (status)
		return status;
	if (o->json)
		return command_print_json(result);
	json_array_foreach(json_object_get(result, "vifs"), i, vif) {
		if (!json_object_size(json_object_get(vif, "drops")))
			continue;
		if (!any)
			printf("%-15s  %-20s  %-11s  %12s  %15s\n", "VIF", "DOMAIN", "REASON", "FRAMES",
			       "BYTES");
		any = true;
		print_vif(vif, ascii);
	}
	if (!any)
		printf("nothing was dropped\n");
	json_decref(result);
	return EXIT_WELL;
}
