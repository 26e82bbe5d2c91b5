/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random walk over a session: what it was asked to do is done in a model as well, and after each step the
 * kernel (the simulator's), the journal, 'show' and what the service manager keeps must say what the model
 * says.
 */
#ifndef TESTS_WALK_H
#define TESTS_WALK_H

#include <limits.h>
#include <sys/types.h>

#include "../fake/steps.h"
#include "../helpers/common.h"

enum {
	DEVICES = 6, MEMORIES = 4, VMMS = 3, CLIENTS = 4, /* that there may be */
	IDS = 96, MAPS = 96, STORED = 64, HISTORY = 24, TEXT = 16384,
	PAGE = 4096,
};

/* What somebody says that there is. Names: one letter for an IOAS, and whether a device has its own. */
struct map {
	uint32_t ioas;
	uint64_t iova, length, offset;
	int memory; /* -1: one without a name */
	unsigned int serial; /* in the journal's view alone: which one that is */
};

struct view {
	struct {
		uint32_t id; /* 0: not bound */
		uint32_t ioas, pt; /* 0: detached; the kernel alone makes pt of ioas */
		bool named;
	} devices[DEVICES];
	char ioases[IDS]; /* by id: 0: there is none, '-': it has no name */
	uint64_t memories[MEMORIES]; /* their sizes; 0: not there */
	struct map maps[MAPS];
	size_t n_maps;
	int handed[DEVICES + 1]; /* to how many programs; the last: the iommufd */
};

/* What the session was asked for, and what the kernel was: by the session, or by whoever was handed fds. */
struct model {
	struct view session, kernel;
};

struct vmm {
	pid_t pid; /* 0: none */
	int control;
	bool has_iommufd, has[DEVICES];
	bool moved[DEVICES]; /* the session has not, and knows that it worked in ... */
	uint32_t ioas[DEVICES]; /* ... this one */
};

struct manager {
	int notify;
	pid_t holder;
	int pidfd;
	bool ends; /* it is not started again */
	bool ready, stalls, gone; /* gone: it ended, and another one came: nothing is kept */
	size_t limit;		  /* takes no more than so many fds */
	struct stored {
		char name[48];
		int fd;
	} stored[STORED];
	size_t n_stored;
};

struct walk {
	uint64_t seed, random;
	unsigned long step, sabotage;
	bool verbose;
	char dir[96], program[PATH_MAX], good[PATH_MAX], self[PATH_MAX], session[32];
	struct fake_steps *steps;
	int iommufd;   /* one that is empty, to ask what others hold */
	int memory_fd; /* a client's own memory */
	uint32_t opened; /* how often a holder began with nothing */
	struct manager manager;
	struct model model;
	struct vmm vmms[VMMS];
	int clients[CLIENTS]; /* -1: not connected */
	unsigned int generation, generations[CLIENTS]; /* how many holders ended, now and when it connected */
	bool spoilt; /* what lies in the place of the program is not the tool */
	char history[HISTORY][256];
	bool crashing;		       /* the holder may die of this step */
	bool lost[DEVICES], lost_memory[MEMORIES]; /* the holder died, and nobody kept it */
	bool dead_memory[MEMORIES];    /* it is mapped, and its fd is lost */
	bool moved_by_others[DEVICES]; /* since the session attached it */
	unsigned long crashes, restarts, refused, moved, n_lost;
};

struct answer {
	int code;
	char out[65536], err[4096];
	size_t out_len, err_len;
	int fds[8];
	size_t n_fds;
};

enum expected { DONE, REFUSED, EITHER };

struct command {
	char text[512];
	const char *words[24];
	size_t n;
	enum expected expected;
	bool prints;
	uint64_t printed;
	size_t fd_word; /* the client's memory goes along for this one, 0: it does not */
	int device; /* it may move this one and its siblings, -1: none */
	struct model after;
};

/* main.c */
uint32_t pick(struct walk *w, uint32_t n); /* 0 to n - 1 */
bool once_in(struct walk *w, uint32_t n);
__attribute__((format(printf, 2, 3))) void did(struct walk *w, const char *format, ...);
__attribute__((format(printf, 2, 3), noreturn)) void fail(struct walk *w, const char *format, ...);

/* machine.c: the devices, as machine.json has them, and files */
extern const struct machine_device {
	const char *cdev, *address;
	int group; /* -1: emulated */
} machine[DEVICES];
void machine_create(struct walk *w);
void machine_remove(const struct walk *w);
int device_index(const char *cdev); /* -1: none of ours */

/* view.c */
enum view_part { OF_SESSION, OF_SESSION_PT, OF_KERNEL };
const char *view_text(const struct view *v, enum view_part part, char *to);
void view_compare(struct walk *w, const char *a_name, const struct view *a, const char *b_name,
		  const struct view *b, enum view_part part);
bool view_is(const struct view *a, const struct view *b, enum view_part part);
void view_map(struct view *v, const struct map *map);
void view_unmap(struct view *v, uint32_t ioas, uint64_t iova, uint64_t length);
void view_drop_ioas(struct view *v, uint32_t id);

/* Where the views come from: kernel.c, journal.c, show.c */
void kernel_view(struct walk *w, struct view *ret);
uint32_t kernel_next_id(struct walk *w);
void journal_read(struct walk *w); /* also while a command is under way */
void journal_view(struct walk *w, struct view *ret);
bool journal_is_kept(const struct walk *w, int memory);
void journal_note_dead(const struct walk *w); /* the holder died: unnamed memory that nobody keeps */
bool journal_has_unnamed(const struct walk *w); /* that is not dead */
int journal_memory(uint64_t inode); /* which one that is, -1: none */
bool journal_knows(int memory); /* nobody keeps it: which file it is cannot be seen */
void show_parse(struct walk *w, char *json, struct view *ret);

/* manager.c */
void manager_listen(struct walk *w);
void manager_pump(struct walk *w); /* and starts a holder that was killed again */
void manager_start_holder(struct walk *w); /* until it is ready */
void manager_await_ready(struct walk *w);
void manager_kill_holder(struct walk *w);
void manager_stop_holder(struct walk *w);
void manager_forget(struct walk *w); /* it ends, and another one comes */
int manager_stored(const struct walk *w, const char *name); /* -1: no such fd */
void manager_check(struct walk *w);

/* client.c: 0, or -errno: the connection ended */
int client_connect(struct walk *w, int i);
void client_close(struct walk *w, int i);
int client_send(struct walk *w, int i, const struct command *c, unsigned int flags);
int client_receive(struct walk *w, int i, struct answer *a);
int client_ask(struct walk *w, int i, const struct command *c, unsigned int flags, struct answer *a);
/* As soon as the session is up; a holder that dies is started again. */
void session_show(struct walk *w, struct view *ret);
void session_settle(struct walk *w);
void wait_for(struct walk *w, int fd); /* readable or at its end, while the service manager goes on */

/* model.c */
bool is_handed(const struct walk *w, int device);
bool is_moved_to(const struct walk *w, int device, uint32_t ioas); /* 0: anywhere */
bool is_sibling(int a, int b);
void model_attach_kernel(struct view *kernel, int device, uint32_t ioas);
bool model_kernel_attaches(const struct view *kernel, int device, uint32_t ioas);
void model_release(const struct walk *w, struct model *m); /* what nobody has open any more */
void model_lose(const struct walk *w, struct model *m); /* what nobody kept when the holder died */
void command_begin(struct walk *w, struct command *c);
__attribute__((format(printf, 2, 3))) void command_words(struct command *c, const char *format, ...);
const char *device_word(struct walk *w, int device);
/* commands.c */
void plan_command(struct walk *w, struct command *c);

/* outcome.c */
void check_all(struct walk *w);
/* The command was not acknowledged: it was done, or it was not. */
void resolve(struct walk *w, const struct command *c);
void acknowledged(struct walk *w, const struct command *c, const struct answer *a);

/* steps.c, steps-process.c, steps-vmm.c, steps-restart.c */
void run_step(struct walk *w);
void step_take(struct walk *w);
void step_exec(struct walk *w);
void step_vmm(struct walk *w);
void step_vmm_dies(struct walk *w);
void step_restart(struct walk *w);
void restore_program(struct walk *w);
void step_manager_dies(struct walk *w);
void step_stop(struct walk *w);
void vmm_end(struct walk *w, struct vmm *vmm);

/* vmm.c */
int vmm_main(int argc, char **argv);
#endif
