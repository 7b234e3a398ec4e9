// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetctl reload: read netd.conf again. */
#include <stdio.h>

#include "command.h"

int cmd_reload(const struct options *o, char *const args[])
{
	json_t *result;
	(void)args;
	int status = command_call(o, "reload", json_object(), &result);
	if (status)
		return status;
	if (o->json)
		return command_print_json(result);
	json_int_t n = json_integer_value(json_object_get(result, "changed"));
	printf("netd.conf is in force; %lld vif%s looked at again\n", (long long)n,
	       n == 1 ? "" : "s");
	json_decref(result);
	return EXIT_WELL;
}
