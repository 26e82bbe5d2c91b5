/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session is sent that no client of the library sends: each case on a connection of its own. */
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: session-garbage SOCKET CASE...        print the answer to each\n"
	"       session-garbage SOCKET words WORD...  one good command\n"
	"       session-garbage SOCKET many N WORD... the same command N times over one connection\n"
	"       session-garbage SOCKET late N WORD... the same, and all answers are read only afterwards\n"
	"       session-garbage SOCKET die N WORD...  N clients that send it and die at random moments\n"
	"       session-garbage SOCKET taker WORD...   one that sends it, confirms, and stays until a signal\n"
	"       session-garbage SOCKET stall N WORD... N clients that send it and never read; until a signal\n"
	"CASE: ";

enum { ROOM = 256 * 1024, N_FDS = IOMMUFD_SESSION_FDS };

struct packet {
	struct iommufd_session_request_header header;
	char body[ROOM];
	size_t len; /* of all */
	int n_fds;  /* sent, whatever the header says */
};

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		die(USAGE, "'%s' is too long", path);
	strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die(FAILED, "%s: %s", path, error_name(errno));
	return fd;
}

/* A command as it should be. */
static void pack(struct packet *p, int argc, char **argv)
{
	size_t used = 0;

	memset(&p->header, 0, sizeof(p->header));
	p->header.magic = IOMMUFD_SESSION_MAGIC;
	p->header.protocol = IOMMUFD_SESSION_PROTOCOL;
	p->header.argc = (uint32_t)argc;
	for (int i = 0; i < argc; i++) {
		strcpy(p->body + used, argv[i]);
		used += strlen(argv[i]) + 1;
	}
	p->len = sizeof(p->header) + used;
	p->n_fds = 0;
}

static void good(struct packet *p)
{
	char *words[] = { (char *)"ioas", (char *)"alloc" };

	pack(p, 2, words);
}

static void make_byte(struct packet *p)
{
	p->len = 1;
}

static void make_random(struct packet *p)
{
	unsigned int seed = 1;

	for (size_t i = 0; i < 4096; i++)
		((char *)&p->header)[i] = (char)rand_r(&seed);
	p->len = 4096;
}

static void make_header(struct packet *p)
{
	p->len = sizeof(p->header);
}

static void make_magic(struct packet *p)
{
	p->header.magic++;
}

static void make_protocol(struct packet *p)
{
	p->header.protocol++;
}

static void make_no_words(struct packet *p)
{
	p->header.argc = 0;
	p->len = sizeof(p->header);
}

static void make_fewer(struct packet *p)
{
	p->header.argc = 1;
}

static void make_more(struct packet *p)
{
	p->header.argc = 3;
}

static void make_argc(struct packet *p)
{
	p->header.argc = UINT32_MAX;
}

static void make_open_end(struct packet *p)
{
	p->len--;
}

static void make_no_fds(struct packet *p)
{
	p->header.fds = 3;
}

static void make_all_fds(struct packet *p)
{
	p->header.fds = UINT32_MAX;
}

/* fds that no header speaks of. */
static void make_surplus_fds(struct packet *p)
{
	p->n_fds = N_FDS;
}

static void put_indexes(struct packet *p, uint32_t index)
{
	size_t size = N_FDS * sizeof(index);

	memmove(p->body + size, p->body, p->len - sizeof(p->header));
	for (size_t i = 0; i < N_FDS; i++)
		memcpy(p->body + i * sizeof(index), &index, sizeof(index));
	p->len += size;
	p->header.fds = p->n_fds = N_FDS;
}

static void make_index(struct packet *p)
{
	put_indexes(p, 2);
}

static void make_fds(struct packet *p)
{
	put_indexes(p, 1);
}

static void make_long(struct packet *p)
{
	memset(p->body, 'x', 80000);
	p->len = 80000;
}

static void make_many_words(struct packet *p)
{
	memset(p->body, 0, 4096);
	p->header.argc = IOMMUFD_SESSION_WORDS + 1;
	p->len = sizeof(p->header) + IOMMUFD_SESSION_WORDS + 1;
}

static const struct attack {
	const char *name;
	void (*make)(struct packet *p); /* out of a good command */
} attacks[] = {
	{ "good", NULL },	      { "byte", make_byte },
	{ "random", make_random },    { "header", make_header },
	{ "magic", make_magic },      { "protocol", make_protocol },
	{ "no-words", make_no_words }, { "fewer-words", make_fewer },
	{ "more-words", make_more },  { "argc", make_argc },
	{ "open-end", make_open_end }, { "no-fds", make_no_fds },
	{ "all-fds", make_all_fds },  { "surplus-fds", make_surplus_fds },
	{ "index", make_index },      { "fds", make_fds },
	{ "long", make_long },	      { "many-words", make_many_words },
};

static void send_packet(int fd, const struct packet *p)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(N_FDS * sizeof(int))];
	} control;
	struct iovec part = { (void *)p, p->len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t size = (size_t)p->n_fds * sizeof(int);

	if (p->n_fds) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(size);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(size);
		for (int i = 0, null = STDIN_FILENO; i < p->n_fds; i++)
			memcpy(CMSG_DATA(&control.header) + (size_t)i * sizeof(int), &null, sizeof(int));
	}
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		die(FAILED, "sending: %s", error_name(errno));
}

/* The whole answer. quiet: it is only counted. */
static int print_answer(int fd, bool quiet)
{
	static char body[ROOM];
	struct iommufd_session_reply_header header;
	ssize_t n;

	do {
		n = recv(fd, body, sizeof(body), 0);
		if (n <= 0) {
			printf("closed%s%s\n", n < 0 ? ": " : "", n < 0 ? error_name(errno) : "");
			return FAILED;
		}
		if ((size_t)n < sizeof(header))
			die(FAILED, "an answer of %zd bytes", n);
		memcpy(&header, body, sizeof(header));
		if (!quiet)
			fwrite(body + sizeof(header), 1, (size_t)n - sizeof(header), stdout);
	} while (header.flags & IOMMUFD_SESSION_MORE);
	if (!quiet)
		printf("code %d\n", header.code);
	return header.code;
}

static void run_attack(const char *path, const char *name)
{
	static struct packet packet;
	int fd = connect_to(path);

	for (size_t i = 0; i < sizeof(attacks) / sizeof(*attacks); i++)
		if (strcmp(attacks[i].name, name) == 0) {
			good(&packet);
			if (attacks[i].make)
				attacks[i].make(&packet);
			send_packet(fd, &packet);
			printf("%s: ", name);
			print_answer(fd, false);
			close(fd);
			return;
		}
	die(USAGE, "no case '%s'", name);
}

static int run_many(const char *path, uint64_t n, const struct packet *packet)
{
	int fd = connect_to(path), code = 0;

	for (uint64_t i = 0; i < n && code == 0; i++) {
		send_packet(fd, packet);
		code = print_answer(fd, true);
	}
	close(fd);
	return code;
}

static int run_late(const char *path, uint64_t n, const struct packet *packet)
{
	int fd = connect_to(path), code = 0;

	for (uint64_t i = 0; i < n; i++)
		send_packet(fd, packet);
	sleep(1); /* the session has answered as much as it can */
	for (uint64_t i = 0; i < n && code == 0; i++)
		code = print_answer(fd, true);
	close(fd);
	return code;
}

static void run_die(const char *path, uint64_t n, const struct packet *packet)
{
	unsigned int seed = 1;

	for (uint64_t i = 0; i < n; i++) {
		pid_t child = fork();

		if (child < 0)
			die(FAILED, "fork: %s", error_name(errno));
		if (child == 0) {
			int fd = connect_to(path);

			for (;;) {
				send_packet(fd, packet);
				print_answer(fd, true);
			}
		}
		usleep((unsigned int)rand_r(&seed) % 10000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
}

static _Noreturn void run_stall(const char *path, uint64_t n, const struct packet *packet)
{
	for (uint64_t i = 0; i < n; i++)
		send_packet(connect_to(path), packet);
	puts("stalled");
	fflush(stdout);
	for (;;)
		pause();
}

static _Noreturn void run_taker(const char *path, struct packet *packet)
{
	char session[] = "session", word[] = "confirm", *confirm[] = { session, word };
	int fd = connect_to(path);

	send_packet(fd, packet);
	print_answer(fd, false);
	pack(packet, 2, confirm);
	send_packet(fd, packet);
	print_answer(fd, false);
	puts("taken");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static struct packet packet;
	const char *what = argc > 2 ? argv[2] : "";
	uint64_t n;

	if (strcmp(what, "words") == 0 && argc > 3) {
		int fd = connect_to(argv[1]);

		pack(&packet, argc - 3, argv + 3);
		send_packet(fd, &packet);
		print_answer(fd, false);
		return finish();
	}
	if (strcmp(what, "taker") == 0 && argc > 3) {
		pack(&packet, argc - 3, argv + 3);
		run_taker(argv[1], &packet);
	}
	if (argc > 4 && parse_u64(argv[3], UINT32_MAX, &n)) {
		pack(&packet, argc - 4, argv + 4);
		if (strcmp(what, "many") == 0)
			return run_many(argv[1], n, &packet) ? FAILED : finish();
		if (strcmp(what, "late") == 0)
			return run_late(argv[1], n, &packet) ? FAILED : finish();
		if (strcmp(what, "stall") == 0)
			run_stall(argv[1], n, &packet);
		if (strcmp(what, "die") == 0) {
			run_die(argv[1], n, &packet);
			return finish();
		}
	}
	for (int i = 2; i < argc; i++)
		run_attack(argv[1], argv[i]);
	if (argc > 2)
		return finish();
	fputs(usage_text, stderr);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(*attacks); i++)
		fprintf(stderr, "%s%s", i ? ", " : "", attacks[i].name);
	fputc('\n', stderr);
	return USAGE;
}
