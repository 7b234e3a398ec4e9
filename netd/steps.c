// SPDX-License-Identifier: GPL-2.0-or-later
/* steps: one list in the order of the stages. */
#include "steps.h"

static void insert(struct steps *s, const struct step *st)
{
	size_t i = s->n;
	if (s->n == STEPS_MAX)
		return;
	for (; i > 0 && s->at[i - 1]->stage > st->stage; i--)
		s->at[i] = s->at[i - 1];
	s->at[i] = st;
	s->n++;
}

void steps_merge(const struct plugin *plugin, struct steps *out)
{
	const struct step *const *groups[] = {
		steps_link(), steps_filter(), steps_bridge(), steps_nat(),
		steps_router(), steps_route(),
		plugin ? plugin->steps : NULL,
	};
	out->n = 0;
	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++)
		for (const struct step *const *p = groups[g]; p && *p; p++)
			insert(out, *p);
}
