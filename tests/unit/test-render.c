// SPDX-License-Identifier: GPL-2.0-or-later
/* test-render: xnetctl's pictures against golden texts, its JSON, its care with strange strings. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cases.h"
#include "ctl/render.h"
#include "ctl/status.h"
#include "ctl/text.h"

#define NOW 1000000

/* JSON with ' for ", to be read by people. */
static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	assert_non_null(copy);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	json_t *json = json_loads(copy, 0, &error);
	if (!json)
		fail_msg("%s in %s", error.text, copy);
	free(copy);
	return json;
}

/* One of each: two bridges and an unused one, an error, a wait, an HVM twin, an unmanaged vif. */
static const char everything[] =
	"{'version':1,'uptime':7300,'store':'connected','networks':["
	"{'name':'xenbr0','mode':'bridge','bridge':'xenbr0','source':'implied'},"
	"{'name':'lab','mode':'bridge','bridge':'br-lab','source':'netd.conf'},"
	"{'name':'dmz','mode':'bridge','bridge':'br1','source':'netd.conf'}],"
	"'bridges':["
	"{'name':'xenbr0','mtu':1500,'up':true,'vlan-filtering':false,"
	"'uplinks':[{'name':'eth0','up':true},{'name':'eth1','up':false}]},"
	"{'name':'br1','mtu':9000,'up':true,'vlan-filtering':true,'uplinks':[]},"
	"{'name':'docker0','mtu':1500,'up':false,'vlan-filtering':false,'uplinks':[]}],"
	"'vifs':["
	"{'name':'vif14.0','domid':14,'devid':0,'domain':'legacy','state':'unmanaged','mtu':1500,"
	"'reason':'its script is /etc/xen/scripts/vif-custom','network':null,'since':999000},"
	"{'name':'vif9.1','domid':9,'devid':1,'domain':'win','mac':'00:16:3e:00:09:01','mtu':9000,"
	"'mode':'bridge','network':'dmz','bridge':'br1','state':'connected','since':0,"
	"'vlan':'42p','addresses':[],'chosen-by':'xenstore key network'},"
	"{'name':'vif9.0','domid':9,'devid':0,'domain':'win','mac':'00:16:3e:00:09:00','mtu':1500,"
	"'mode':'bridge','network':'xenbr0','bridge':'xenbr0','state':'connected',"
	"'since':999940,'addresses':['10.0.0.9','2001:db8::9'],'emulated':'vif9.0-emu',"
	"'chosen-by':'script vif-bridge'},"
	"{'name':'vif10.0','domid':10,'devid':0,'domain':'db','mac':'00:16:3e:00:0a:00',"
	"'mtu':null,'mode':'bridge','network':'xenbr0','bridge':'xenbr0','state':'waiting',"
	"'reason':'waiting for netback to create vif10.0','since':999999,'addresses':[],"
	"'chosen-by':'netd.conf:7'},"
	"{'name':'vif13.0','domid':13,'devid':0,'domain':'test','mac':'00:16:3e:00:0d:00',"
	"'mtu':1500,'mode':'bridge','network':'lab','bridge':'br-lab','state':'error',"
	"'reason':'bridge br-lab does not exist; bridges here are br1, docker0, xenbr0: create "
	"it, and xen-netd will go on by itself','since':800000,'addresses':[],"
	"'chosen-by':'netd.conf:9'}]}";

#define EMPTY "{'version':1,'uptime':59,'networks':[],'bridges':[],'vifs':[]}"
#define VIFS(vifs) "{'version':1,'uptime':300,'networks':[],'vifs':[" vifs "]}"
#define VIF(id, rest)                                                                          \
	"{'name':'vif" #id ".0','domid':" #id ",'devid':0,'state':'connected'," rest "}"

static const struct render_case {
	const char *name;
	const char *json;
	const char *golden;
	unsigned width;
	bool utf8, colour, only_vifs;
} render_cases[] = {
	{"drops and others' walls are told where they belong",
	 "{'version':1,'uptime':300,'networks':[{'name':'lan','mode':'route','bridge':null,"
	 "'source':'netd.conf','hints':['table ip filter, chain FORWARD, drops']}],'vifs':["
	 "{'name':'vif5.0','domid':5,'devid':0,'domain':'web','state':'connected','network':'lan',"
	 "'mode':'route','drops':{'ip':{'frames':3,'bytes':9},'arp':{'frames':1,'bytes':2}}}]}",
	 "dom0  xen-netd up 5 min  1 vif  1 connected\n"
	 "└─ lan  route  netd.conf\n"
	 "   │  table ip filter, chain FORWARD, drops\n"
	 "   └─ vif5.0  web (5)  ● connected\n"
	 "         dropped by the filter:  ip 3  arp 1\n",
	 120, true, false, false},
	{"a wide terminal has a line for each vif",
	 everything,
	 "dom0  xen-netd up 2 h  5 vifs  2 connected  1 waiting  1 in error  1 unmanaged\n"
	 "├─ dmz  bridge  on br1  mtu 9000  vlan filtering  netd.conf  chosen by xenstore key network\n"
	 "│  └─ vif9.1   win (9)      ● connected              00:16:3e:00:09:01  mtu 9000  vlan 42p\n"
	 "├─ lab  bridge  no such bridge: br-lab  netd.conf  chosen by netd.conf:9\n"
	 "│  └─ vif13.0  test (13)    ✗ error      2 d ago     00:16:3e:00:0d:00  mtu 1500\n"
	 "│        bridge br-lab does not exist; bridges here are br1, docker0, xenbr0: create it, and xen-netd will go on by\n"
	 "│        itself\n"
	 "├─ xenbr0  bridge  mtu 1500  not in netd.conf\n"
	 "│  ├─ eth0  uplink  up\n"
	 "│  ├─ eth1  uplink  down\n"
	 "│  ├─ vif9.0   win (9)      ● connected  1 min ago   00:16:3e:00:09:00  mtu 1500            10.0.0.9 2001:db8::9\n"
	 "│  │  │  by script vif-bridge\n"
	 "│  │  └─ vif9.0-emu  emulated device of the same guest\n"
	 "│  └─ vif10.0  db (10)      ○ waiting    1 s ago     00:16:3e:00:0a:00\n"
	 "│        waiting for netback to create vif10.0\n"
	 "│        by netd.conf:7\n"
	 "├─ docker0  bridge  mtu 1500  down  no vifs\n"
	 "└─ unmanaged  left to scripts that are not xen-netd's\n"
	 "   └─ vif14.0  legacy (14)  – unmanaged  16 min ago                     mtu 1500\n"
	 "         its script is /etc/xen/scripts/vif-custom\n",
	 120, true, false, false},
	{"at 80 columns, in ASCII, what does not fit goes below",
	 everything,
	 "dom0  xen-netd up 2 h  5 vifs  2 connected  1 waiting  1 in error  1 unmanaged\n"
	 "|- dmz  bridge  on br1  mtu 9000  vlan filtering  netd.conf\n"
	 "|  chosen by xenstore key network\n"
	 "|  `- vif9.1   win (9)      + connected              00:16:3e:00:09:01  mtu 9000\n"
	 "|        vlan 42p\n"
	 "|- lab  bridge  no such bridge: br-lab  netd.conf  chosen by netd.conf:9\n"
	 "|  `- vif13.0  test (13)    ! error      2 d ago     00:16:3e:00:0d:00  mtu 1500\n"
	 "|        bridge br-lab does not exist; bridges here are br1, docker0, xenbr0:\n"
	 "|        create it, and xen-netd will go on by itself\n"
	 "|- xenbr0  bridge  mtu 1500  not in netd.conf\n"
	 "|  |- eth0  uplink  up\n"
	 "|  |- eth1  uplink  down\n"
	 "|  |- vif9.0   win (9)      + connected  1 min ago   00:16:3e:00:09:00  mtu 1500\n"
	 "|  |  |  10.0.0.9 2001:db8::9  by script vif-bridge\n"
	 "|  |  `- vif9.0-emu  emulated device of the same guest\n"
	 "|  `- vif10.0  db (10)      . waiting    1 s ago     00:16:3e:00:0a:00\n"
	 "|        waiting for netback to create vif10.0\n"
	 "|        by netd.conf:7\n"
	 "|- docker0  bridge  mtu 1500  down  no vifs\n"
	 "`- unmanaged  left to scripts that are not xen-netd's\n"
	 "   `- vif14.0  legacy (14)  - unmanaged  16 min ago                     mtu 1500\n"
	 "         its script is /etc/xen/scripts/vif-custom\n",
	 80, false, false, false},
	{"at 60 columns sentences are wrapped, not cut",
	 everything,
	 "dom0  xen-netd up 2 h  5 vifs  2 connected  1 waiting\n"
	 "   1 in error  1 unmanaged\n"
	 "├─ dmz  bridge  on br1  mtu 9000  vlan filtering  netd.conf\n"
	 "│  chosen by xenstore key network\n"
	 "│  └─ vif9.1   win (9)      ● connected\n"
	 "│        00:16:3e:00:09:01  mtu 9000  vlan 42p\n"
	 "├─ lab  bridge  no such bridge: br-lab  netd.conf\n"
	 "│  chosen by netd.conf:9\n"
	 "│  └─ vif13.0  test (13)    ✗ error      2 d ago\n"
	 "│        bridge br-lab does not exist; bridges here are br1,\n"
	 "│        docker0, xenbr0: create it, and xen-netd will go on\n"
	 "│        by itself\n"
	 "│        00:16:3e:00:0d:00  mtu 1500\n"
	 "├─ xenbr0  bridge  mtu 1500  not in netd.conf\n"
	 "│  ├─ eth0  uplink  up\n"
	 "│  ├─ eth1  uplink  down\n"
	 "│  ├─ vif9.0   win (9)      ● connected  1 min ago\n"
	 "│  │  │  00:16:3e:00:09:00  mtu 1500  10.0.0.9 2001:db8::9\n"
	 "│  │  │  by script vif-bridge\n"
	 "│  │  └─ vif9.0-emu  emulated device of the same guest\n"
	 "│  └─ vif10.0  db (10)      ○ waiting    1 s ago\n"
	 "│        waiting for netback to create vif10.0\n"
	 "│        00:16:3e:00:0a:00  by netd.conf:7\n"
	 "├─ docker0  bridge  mtu 1500  down  no vifs\n"
	 "└─ unmanaged  left to scripts that are not xen-netd's\n"
	 "   └─ vif14.0  legacy (14)  – unmanaged  16 min ago\n"
	 "         its script is /etc/xen/scripts/vif-custom\n"
	 "         mtu 1500\n",
	 60, true, false, false},
	{"colours mark states and headings only",
	 VIFS("{'name':'vif1.0','domid':1,'devid':0,'domain':'a','state':'connected',"
	      "'network':'n'},"
	      "{'name':'vif2.0','domid':2,'devid':0,'domain':'b','state':'error','network':'n',"
	      "'reason':'a sentence that is wrapped behind this'}"),
	 "\033[1mdom0  \033[0m\033[2mxen-netd up 5 min  \033[0m2 vifs\n"
	 "\033[2m   \033[0m\033[32m1 connected  \033[0m\033[31m1 in error\033[0m\n"
	 "\033[2m└─ \033[0m\033[1mn\033[0m\n"
	 "\033[2m   ├─ \033[0mvif1.0  a (1)  \033[32m● connected\033[0m\n"
	 "\033[2m   └─ \033[0mvif2.0  b (2)  \033[31m✗ error\033[0m\n"
	 "\033[2m         \033[0m\033[31ma sentence that is wrapped\033[0m\n"
	 "\033[2m         \033[0m\033[31mbehind this\033[0m\n",
	 40, true, true, false},
	{"without vifs the bridges that could be used are shown",
	 "{'version':1,'uptime':59,'networks':[],'vifs':[],'bridges':["
	 "{'name':'xenbr0','mtu':1500,'up':true,'uplinks':[{'name':'eth0','up':true}]}]}",
	 "dom0  xen-netd up 59 s  0 vifs\n"
	 "└─ xenbr0  bridge  mtu 1500  no vifs\n"
	 "   └─ eth0  uplink  up\n",
	 80, true, false, false},
	{"without anything there is the host",
	 EMPTY,
	 "dom0  xen-netd up 59 s  0 vifs\n",
	 80, false, false, false},
	{"who asks for one guest sees its network only",
	 "{'version':1,'uptime':1,'networks':["
	 "{'name':'a'},{'name':'b','mode':'bridge','bridge':'b'}],"
	 "'bridges':[{'name':'c'},{'name':'b','up':true}],'vifs':[" VIF(5, "'network':'b'") "]}",
	 "dom0  xen-netd up 1 s  1 vif  1 connected\n"
	 "`- b  bridge\n"
	 "   `- vif5.0  ? (5)  + connected\n",
	 80, false, false, true},
	{"a network that only vifs speak of is shown",
	 VIFS(VIF(3, "'network':'gone','mode':'route','chosen-by':'netd.conf:3'") ","
	      VIF(4, "'network':'gone','mode':'route'")),
	 "dom0  xen-netd up 5 min  2 vifs  2 connected\n"
	 "`- gone  route\n"
	 "   |- vif3.0  ? (3)  + connected  by netd.conf:3\n"
	 "   `- vif4.0  ? (4)  + connected\n",
	 80, false, false, false},
	{"a vif without a network has a branch of its own",
	 VIFS("{'name':'vif3.0','domid':3,'domain':'x','state':'error','reason':'no network'}"),
	 "dom0  xen-netd up 5 min  1 vif  1 in error\n"
	 "`- no network  none could be chosen for these\n"
	 "   `- vif3.0  x (3)  ! error\n"
	 "         no network\n",
	 80, false, false, false},
	{"an OVS bridge is not missed among Linux bridges",
	 "{'version':1,'networks':[{'name':'sdn','mode':'ovs','bridge':'ovsbr0'}],'vifs':[]}",
	 "dom0  xen-netd up 0 s  0 vifs\n"
	 "`- sdn  ovs  on ovsbr0  no vifs\n",
	 80, false, false, false},
	{"strange strings are shown, not obeyed; a long name is cut before its number",
	 "{'version':1,'uptime':172800,'store':'lost','networks':[{'name':'n\\u001b[31m','mode':"
	 "'nat','bridge':null,'source':'netd.conf'}],'vifs':["
	 "{'name':'vif1.0','domid':1,'devid':0,'domain':'\\u001b]0;x\\u0007\\u202eroot','state':"
	 "'error','network':'n\\u001b[31m','reason':'no\\nline \\u009b2J'},"
	 "{'name':'vif2.0','domid':2,'devid':0,'domain':'a-name-that-is-longer-than-any-line-would-"
	 "like-it-to-be','state':'waiting','network':'n\\u001b[31m'}]}",
	 "dom0  xen-netd up 2 d  2 vifs  1 waiting  1 in error\n"
	 "   xen-netd has lost its connection to xenstore and tries to\n"
	 "   reconnect; this is what it knew before\n"
	 "└─ n?[31m  nat  netd.conf\n"
	 "   ├─ vif1.0  ?]0;x??root (1)                   ✗ error\n"
	 "   │     no?line ?2J\n"
	 "   └─ vif2.0  a-name-that-is-longer-than-… (2)  ○ waiting\n",
	 60, true, false, false},
	{"a clock that was set back does no harm",
	 VIFS(VIF(3, "'network':'n','since':1000005")),
	 "dom0  xen-netd up 5 min  1 vif  1 connected\n"
	 "`- n\n"
	 "   `- vif3.0  ? (3)  + connected  just now\n",
	 80, false, false, false},
};

static char *render(const struct render_case *c)
{
	struct render r = {
		.width = c->width,
		.utf8 = c->utf8,
		.colour = c->colour,
		.only_vifs = c->only_vifs,
		.now = NOW,
		.host = "dom0",
	};
	struct status s;
	char *text = NULL;
	size_t size;
	json_t *json = parse(c->json);
	FILE *f = open_memstream(&text, &size);
	assert_non_null(f);
	assert_int_equal(status_clean(json, !c->utf8, NULL), 0);
	assert_int_equal(status_init(&s, json, NULL), 0);
	render_status(f, &r, &s);
	status_fini(&s);
	fclose(f);
	return text;
}

static void test_render(void **state)
{
	const struct render_case *c = *state;
	char *text = render(c);
	assert_string_equal(text, c->golden);
	free(text);
}

/* Whatever the width: no line is longer, no word is lost. */
static void no_width_loses_words(void **state)
{
	static const char *const words[] = {
		"vif9.0",   "vif9.1",	   "(13)",     "00:16:3e:00:0d:00", "itself",
		"10.0.0.9", "2001:db8::9", "vlan 42p", "vif-custom",	    "netd.conf:9",
		"eth1",	    "docker0",	   "vif9.0-emu"};
	(void)state;
	for (unsigned width = 1; width < 200; width++) {
		struct render_case c = {.json = everything, .width = width, .utf8 = true};
		char *text = render(&c), *end = text;
		for (size_t i = 0; i < COUNT(words); i++)
			if (!strstr(text, words[i]))
				fail_msg("%s is not there at width %u", words[i], width);
		for (char *line = text; *line; line = end + 1) {
			end = strchr(line, '\n');
			*end = '\0';
			unsigned limit = width < RENDER_WIDTH_MIN ? RENDER_WIDTH_MIN : width;
			if (text_width(line) > limit)
				fail_msg("at width %u: \"%s\"", width, line);
		}
		free(text);
	}
}

/* ---- the model ---- */

static void json_has_the_documented_members_in_order(void **state)
{
	static const char want[] =
		"{\"version\": 1, \"networks\": [{\"name\": \"a\", \"mode\": \"nat\", "
		"\"bridge\": null, \"source\": null, \"hints\": null}], "
		"\"vifs\": [{\"name\": \"vif2.0\", "
		"\"domid\": 2, \"devid\": 0, \"domain\": null, \"uuid\": null, \"mac\": null, "
		"\"mode\": null, \"network\": \"a\", \"chosen-by\": null, \"bridge\": null, "
		"\"ifindex\": null, \"mtu\": null, \"addresses\": [\"10.0.0.2\"], "
		"\"state\": \"connected\", \"reason\": \"a\\nb\", \"since\": 5, \"via\": null, "
		"\"filter\": null, \"drops\": null}]}";
	struct status s;
	(void)state;
	json_t *result =
		parse("{'version':1,'uptime':1,'later':1,"
		      "'networks':[{'name':'a','mode':'nat','later':2}],"
		      "'vifs':[{'name':'vif2.0','domid':2,'devid':0,'network':'a','since':5,"
		      "'state':'connected','addresses':['10.0.0.2'],'vlan':'1',"
		      "'reason':'a\\nb'}]}");
	assert_int_equal(status_init(&s, result, NULL), 0);
	json_t *json = status_json(&s);
	char *text = json_dumps(json, JSON_ENSURE_ASCII);
	assert_string_equal(text, want);
	free(text);
	json_decref(json);
	status_fini(&s);
}

static void vifs_are_sorted_by_network_domid_devid(void **state)
{
	static const char *const want[] = {"vif2.0", "vif10.0", "vif10.1", "vif1.0", "vif3.0",
					   "vif0.9"};
	struct status s;
	(void)state;
	json_t *result = parse(
		"{'version':1,'networks':[{'name':'b'},{'name':'a'}],'vifs':["
		"{'name':'vif0.9','domid':0,'devid':9,'state':'unmanaged'},"
		"{'name':'vif3.0','domid':3,'devid':0,'state':'error'},"
		"{'name':'vif1.0','domid':1,'devid':0,'network':'b','state':'waiting'},"
		"{'name':'vif10.1','domid':10,'devid':1,'network':'a','state':'connected'},"
		"{'name':'vif10.0','domid':10,'devid':0,'network':'a','state':'connected'},"
		"{'name':'vif2.0','domid':2,'devid':0,'network':'a','state':'connected'}]}");
	assert_int_equal(status_init(&s, result, NULL), 0);
	assert_int_equal(s.n_vifs, COUNT(want));
	for (size_t i = 0; i < s.n_vifs; i++)
		assert_string_equal(s.vifs[i].name, want[i]);
	assert_int_equal(s.n_stray, 1);
	assert_int_equal(s.n_unmanaged, 1);
	assert_false(status_is_well(&s));
	status_fini(&s);
}

static const struct answer_case {
	const char *name;
	const char *json;
	int want;
	bool well; /* only where it is understood */
} answer_cases[] = {
	{"an empty answer is well", EMPTY, 0, true},
	{"a connected vif is well", VIFS(VIF(1, "'network':'a'")), 0, true},
	{"a waiting vif is well", VIFS("{'state':'waiting'}"), 0, true},
	{"a vif in error is not well", VIFS("{'state':'error'}"), 0, false},
	{"a state that is not known is not well", VIFS("{'state':'broken'}"), 0, false},
	{"a vif without anything is not well", VIFS("{}"), 0, false},
	{"a vif that is no object is not well", VIFS("7"), 0, false},
	{"a lost xenstore is not well",
	 "{'version':1,'store':'lost','networks':[],'vifs':[]}", 0, false},
	{"members of wrong types count as missing",
	 "{'version':1,'store':7,'uptime':'x','networks':[{'name':1,'mode':[]}],'bridges':{},"
	 "'vifs':[{'name':{},'domid':'1','addresses':['a',1,null,'b'],'state':'waiting'}]}",
	 0, true},
	{"another version is refused", "{'version':2,'networks':[],'vifs':[]}", -EPROTO, false},
	{"no version is refused", "{'networks':[],'vifs':[]}", -EPROTO, false},
	{"no vifs are refused", "{'version':1,'networks':[]}", -EPROTO, false},
	{"no networks are refused", "{'version':1,'vifs':[]}", -EPROTO, false},
	{"an array is refused", "[]", -EPROTO, false},
};

static void test_answer(void **state)
{
	const struct answer_case *c = *state;
	struct status s;
	struct err e = ERR_INIT;
	assert_int_equal(status_init(&s, parse(c->json), &e), c->want);
	assert_int_equal(!c->want, !e.text[0]);
	if (!c->want)
		assert_int_equal(status_is_well(&s), c->well);
	status_fini(&s);
	status_fini(&s); /* twice is no harm */
}

/* ---- text ---- */

static const struct text_case {
	const char *name;
	const char *text;
	const char *utf8, *ascii; /* cleaned */
	unsigned width;		  /* of the former */
} text_cases[] = {
	{"plain text stays", "web-1.example", "web-1.example", "web-1.example", 13},
	{"umlauts stay, or become '?'", "b\u00fcro", "b\u00fcro", "b?ro", 4},
	{"an escape sequence loses its escape", "\033[31mred", "?[31mred", "?[31mred", 8},
	{"line ends and tabs are not obeyed", "a\nb\rc\td", "a?b?c?d", "a?b?c?d", 7},
	{"DEL and C1 controls are not obeyed", "\177\xc2\x9b" "31m", "??31m", "??31m", 5},
	{"text cannot be turned around", "a\u202eb\u2066c", "a?b?c", "a?b?c", 5},
	{"zero-width characters are seen", "we\u200bb\ufeff", "we?b?", "we?b?", 5},
	{"private characters are not shown", "\xee\x80\x80\xf3\xb0\x80\x80", "??", "??", 2},
	{"a lone continuation byte is one '?'", "a\x80z", "a?z", "a?z", 3},
	{"a cut sequence is one '?' for each byte", "a\xe2\x82", "a??", "a??", 3},
	{"an overlong slash is no slash", "\xc0\xaf\xe0\x80\xaf", "?????", "?????", 5},
	{"a surrogate is no character", "\xed\xa0\x80", "?", "?", 1},
	{"beyond Unicode is no character", "\xf4\x90\x80\x80", "?", "?", 1},
	{"Chinese takes two columns each", "\u4e2d\u6587", "\u4e2d\u6587", "??", 4},
	{"an emoji takes two columns", "\U0001f600", "\U0001f600", "?", 2},
	{"a combining mark takes none", "e\u0301", "e\u0301", "e?", 1},
	{"nothing is nothing", "", "", "", 0},
};

static void test_text(void **state)
{
	const struct text_case *c = *state;
	char *utf8 = text_clean(c->text, false), *ascii = text_clean(c->text, true);
	assert_string_equal(utf8, c->utf8);
	assert_string_equal(ascii, c->ascii);
	assert_int_equal(text_width(utf8), c->width);
	assert_int_equal(text_fit(utf8, c->width), strlen(utf8));
	free(utf8);
	free(ascii);
}

static void fit_never_cuts_a_character(void **state)
{
	(void)state;
	assert_int_equal(text_fit("\u4e2d\u6587", 3), 3);
	assert_int_equal(text_fit("\u4e2d\u6587", 1), 0);
	assert_int_equal(text_fit("e\u0301x", 1), 3);
	assert_int_equal(text_fit("", 5), 0);
}

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(no_width_loses_words),
		cmocka_unit_test(json_has_the_documented_members_in_order),
		cmocka_unit_test(vifs_are_sorted_by_network_domid_devid),
		cmocka_unit_test(fit_never_cuts_a_character),
	};
	struct CMUnitTest tests[COUNT(render_cases) + COUNT(answer_cases) +
				COUNT(text_cases) + COUNT(singles)];
	size_t n = COUNT(singles);
	memcpy(tests, singles, sizeof(singles));
	CASES_ADD(tests, n, render_cases, test_render);
	CASES_ADD(tests, n, answer_cases, test_answer);
	CASES_ADD(tests, n, text_cases, test_text);
	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
