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

static void insert_all(struct steps *s, const struct step *const *group)
{
	for (; group && *group; group++)
		insert(s, *group);
}

void steps_merge(const struct plugin *plugin, struct steps *out)
{
	const struct step *const *groups[] = {
		steps_link(), steps_filter(), steps_bridge(), steps_nat(), steps_router(), steps_route(),
	};
	out->n = 0;
	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++)
		insert_all(out, groups[g]);
	steps_add(plugin, out);
}

void steps_add(const struct plugin *plugin, struct steps *out)
{
	insert_all(out, plugin ? plugin->steps : NULL);
}
