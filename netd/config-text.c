// SPDX-License-Identifier: GPL-2.0-or-later
/* config-text: a configuration file's bytes, checked and made safe for libconfuse. */
#include "config-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Why not hand the file to libconfuse (3.3) at once:
 * - its scanner calls exit() on a read error, so a directory in the file's place ends the daemon;
 * - its line numbers are wrong after a comment ("#" counts three times), and a comment is a syntax
 *   error everywhere but before a name;
 * - outside of quotes it drops what it does not expect without a word: `domain web* {` would be a
 *   rule for "web", `vlan = 10+` would be 10;
 * - a block that is still open at the end of the file counts as closed, and a quote that is not
 *   closed swallows the rest of the file.
 */

enum {
	FILE_SIZE_MAX = 1024 * 1024,
	WORD_LEN_MAX = 1024, /* libconfuse reads a word again for every 8 KiB of it */
	DEPTH_MAX = 8,
};

struct scan {
	char *p; /* what comes next; the text ends with NUL */
	const char *end;
	unsigned int line;
	unsigned int opened[DEPTH_MAX]; /* lines of the braces that are open */
	size_t depth;
	const char *shown;
	struct err *e;
};

static int read_all(int fd, const char *path, char *buf, size_t size, struct err *e);
static int scan_text(struct scan *s);

static int check_kind(const struct stat *st, const char *path, struct err *e)
{
	if (S_ISDIR(st->st_mode))
		return err_setf(e, -EISDIR, "%s is a directory; allowed is a file", path);
	if (!S_ISREG(st->st_mode))
		return err_setf(e, -EINVAL, "%s is not a regular file", path);
	if (st->st_size > FILE_SIZE_MAX)
		return err_setf(e, -EFBIG, "%s holds %lld bytes; allowed are %d", path,
				(long long)st->st_size, FILE_SIZE_MAX);
	return 0;
}

static int load_fd(int fd, const struct conf_file *f, char **text, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_sysf(e, -errno, "examine %s", f->path);
	int r = check_kind(&st, f->path, e);
	if (r)
		return r;

	size_t size = (size_t)st.st_size;
	char *buf = malloc(size + 2);
	if (!buf)
		return err_sysf(e, -ENOMEM, "read %s", f->path);
	r = read_all(fd, f->path, buf, size, e);
	if (r >= 0) {
		if (!r || buf[r - 1] != '\n')
			buf[r++] = '\n';
		buf[r] = '\0';
		r = scan_text(&(struct scan){
			.p = buf, .end = buf + r, .line = 1, .shown = f->shown, .e = e});
	}
	if (r)
		free(buf);
	else
		*text = buf;
	return r;
}

int conf_text_load(const struct conf_file *f, char **text, struct err *e)
{
	/* Not blocking, for a FIFO in the file's place. */
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_sysf(e, -errno, "open %s", f->path);
	int r = load_fd(fd, f, text, e);
	close(fd);
	return r;
}

/* @return the number of bytes, @size or less when the file was cut just now; -errno. */
static int read_all(int fd, const char *path, char *buf, size_t size, struct err *e)
{
	size_t n = 0;

	while (n < size) {
		ssize_t r = read(fd, buf + n, size - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sysf(e, -errno, "read %s", path);
		if (r == 0)
			break;
		n += (size_t)r;
	}
	return (int)n;
}

__attribute__((format(printf, 2, 3))) static int bad(struct scan *s, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_setf(s->e, -EINVAL, "%s:%u: %s", s->shown, s->line, text);
}

static void blank(struct scan *s, size_t n)
{
	for (; n; n--, s->p++) {
		if (*s->p == '\n')
			s->line++;
		else
			*s->p = ' ';
	}
}

/* Bytes outside ASCII are fine in a comment; NUL and its like mean that this is no text at all. */
static int check_byte(struct scan *s)
{
	unsigned char c = (unsigned char)*s->p;

	if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
		return bad(s, "byte 0x%02x; allowed is text", c);
	return 0;
}

static int scan_comment(struct scan *s, const char *stop)
{
	const char *found = strstr(s->p + 2, stop);
	/* strstr ends at a NUL byte; scan_bytes() has seen to it that there is none. */
	if (!found)
		return bad(s, "the comment that begins here is never closed by \"%s\"", stop);
	blank(s, (size_t)(found - s->p) + strlen(stop));
	return 0;
}

/* What may follow a backslash; '\0' ends both. */
static bool is_escape(char quote, char c)
{
	return c && strchr(quote == '"' ? "\"\\$" : "'\\", c);
}

/* In double quotes libconfuse knows C's escapes, of which \0 would cut the string unseen. */
static int scan_escape(struct scan *s, char quote)
{
	if (is_escape(quote, s->p[1]))
		s->p++;
	else if (quote == '"')
		return bad(s,
			   "\"\\%c\" in a string; in double quotes allowed are \\\", \\\\ and "
			   "\\$, in single quotes a \\ is itself",
			   s->p[1]);
	s->p++;
	return 0;
}

/* ${NAME} or ${NAME:-other}: libconfuse puts in the environment's value. */
static int scan_variable(struct scan *s)
{
	size_t n = strcspn(s->p, "}\n");

	if (s->p[n] != '}')
		return bad(s, "\"${\" without \"}\" in a string");
	s->p += n + 1;
	return 0;
}

static int scan_string(struct scan *s)
{
	char quote = *s->p++;
	int r = 0;

	while (!r && *s->p != quote) {
		if (*s->p == '\n')
			return bad(s, "a string that is not closed on its line");
		if (*s->p == '\\')
			r = scan_escape(s, quote);
		else if (quote == '"' && !strncmp(s->p, "${", 2))
			r = scan_variable(s);
		else
			s->p++;
	}
	s->p++;
	return r;
}

static bool ends_word(char c)
{
	return strchr(" \t\r\n#\"'{}(),=", c); /* and NUL */
}

static int scan_word(struct scan *s)
{
	const char *start = s->p;

	for (; !ends_word(*s->p); s->p++) {
		unsigned char c = (unsigned char)*s->p;
		if (c > 0x7e)
			return bad(s, "byte 0x%02x outside of quotes; allowed is ASCII", c);
		if (strchr("*+$", c))
			return bad(s, "\"%c\" outside of quotes; put the whole value in quotes", c);
		if (s->p - start == WORD_LEN_MAX)
			return bad(s, "a word of more than %d bytes", WORD_LEN_MAX);
	}
	return 0;
}

static int scan_brace(struct scan *s)
{
	bool opens = *s->p++ == '{';

	if (opens && s->depth == DEPTH_MAX)
		return bad(s, "more than %d blocks in each other", DEPTH_MAX);
	if (!opens && !s->depth)
		return bad(s, "\"}\" without a \"{\"");
	if (opens)
		s->opened[s->depth++] = s->line;
	else
		s->depth--;
	return 0;
}

static int scan_token(struct scan *s)
{
	switch (*s->p) {
	case '#':
		blank(s, strcspn(s->p, "\n"));
		return 0;
	case '"':
	case '\'':
		return scan_string(s);
	case '{':
	case '}':
		return scan_brace(s);
	case '\n':
		s->line++;
		s->p++;
		return 0;
	default:
		break;
	}
	if (!strncmp(s->p, "//", 2))
		return scan_comment(s, "\n");
	if (!strncmp(s->p, "/*", 2))
		return scan_comment(s, "*/");
	if (!ends_word(*s->p))
		return scan_word(s);
	s->p++;
	return 0;
}

static int scan_bytes(struct scan *s)
{
	int r = 0;

	for (; !r && s->p < s->end; s->p++) {
		r = check_byte(s);
		s->line += *s->p == '\n';
	}
	return r;
}

static int scan_text(struct scan *s)
{
	struct scan first = *s;
	int r = scan_bytes(&first);

	while (!r && s->p < s->end)
		r = scan_token(s);
	if (r || !s->depth)
		return r;
	s->line = s->opened[s->depth - 1];
	return bad(s, "the block that is opened here is never closed by \"}\"");
}
