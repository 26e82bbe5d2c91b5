/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps with processes of their own: who takes devices, programs that are started with them. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "walk.h"

enum { STEPS_OF_TAKE = 40, MESSAGES_OF_EXEC = 8, BEFORE_CONFIRM = 5 };

/* Mostly one that the session has. */
static int bound_device(struct walk *w)
{
	int d = (int)pick(w, DEVICES);

	for (int i = 0; i < DEVICES && !once_in(w, 8) && !w->model.session.devices[d].id; i++)
		d = (d + 1) % DEVICES;
	return d;
}

/* --- session take --- */

enum stage { TAKES_AND_DIES, DIES_WITH_IT, CONFIRMS, KEEPS, STAGES };

static const char *const stage_names[] = {
	"dies before it has it", "dies when it has it", "confirms", "keeps it after all",
};

static void run(int fd, size_t n, const char *const *words)
{
	struct iommufd_session_reply reply;

	if (iommufd_session_run(fd, 0, n, words, NULL, 0, &reply) < 0 || reply.code)
		_exit(FAILED);
}

/* In a process that ends with it. */
static void take(struct walk *w, enum stage stage, const char *ref, bool move)
{
	const char *const words[] = { "session", "take", ref, "--move" };
	const char *const confirm[] = { "session", "confirm" }, *const keep[] = { "session", "keep" };
	struct command c = { .n = 0 };
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	command_words(&c, "session take %s%s", ref, move ? " --move" : "");
	if (stage == TAKES_AND_DIES) {
		for (int i = 0; i < CLIENTS; i++)
			w->clients[i] = -1; /* its own */
		client_send(w, 0, &c, 0);
		_exit(0);
	}
	if (iommufd_session_connect(w->session, &fd) < 0)
		_exit(FAILED);
	run(fd, move ? 4 : 3, words);
	if (stage != DIES_WITH_IT)
		run(fd, 2, confirm);
	if (stage == KEEPS)
		run(fd, 2, keep);
	_exit(0);
}

/* Its end is told by that of the pipe. What it exited with. */
static int wait_for_process(struct walk *w, pid_t pid, int end)
{
	int status;

	wait_for(w, end);
	close(end);
	if (waitpid(pid, &status, 0) != pid)
		fail(w, "a process is lost");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void take_away(struct walk *w, struct command *c, int device)
{
	memset(&c->after.session.devices[device], 0, sizeof(c->after.session.devices[device]));
	model_release(w, &c->after);
}

static int run_taker(struct walk *w, enum stage stage, const char *ref, bool move)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die(FAILED, "pipe: %s", error_name(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		take(w, stage, ref, move);
	}
	close(ends[1]);
	return wait_for_process(w, pid, ends[0]);
}

/* Takers end at once: there is nobody then who would have the device. */
void step_take(struct walk *w)
{
	static const char *const others[] = { "iommufd", "mem:m0" };
	enum stage stage = (enum stage)pick(w, STAGES);
	int device = once_in(w, 4) ? DEVICES + (int)pick(w, 2) : bound_device(w), code;
	bool is_device = device < DEVICES, move = once_in(w, 2), crash = once_in(w, 5);
	const char *ref = is_device ? device_word(w, device) : others[device - DEVICES];
	struct command c;
	bool there = is_device ? w->model.session.devices[device].id != 0
			       : device == DEVICES || w->model.session.memories[0];

	command_begin(w, &c);
	if (is_device && there && move && stage == CONFIRMS)
		take_away(w, &c, device);
	w->steps->kill_next = 0;
	w->steps->kill_in = crash ? 1 + pick(w, STEPS_OF_TAKE) : 0;
	did(w, "a process takes %s%s and %s, the holder dies at %u", ref, move ? " to move it" : "",
	    stage_names[stage], w->steps->kill_in);
	code = run_taker(w, stage, ref, move);
	session_settle(w);
	if (!crash && stage != TAKES_AND_DIES && (code == 0) != there)
		fail(w, "session take: exit code %d", code);
	if (crash) {
		c.expected = EITHER;
		resolve(w, &c);
	} else {
		w->model = c.after;
	}
}

/* --- session exec --- */

enum trouble { NO_TROUBLE, FEW_FDS, NO_PROGRAM, KILLED, TROUBLES };

struct exec {
	enum trouble trouble;
	bool share, iommufd, crash;
	int device; /* -1: none */
	uint32_t dies_at; /* which of its messages */
	struct vmm *vmm;
};

/* In the child: it becomes the tool, and that becomes the program. */
static void become(struct walk *w, const struct exec *e, int control)
{
	struct rlimit few = { 4, 4 };
	struct command c = { .n = 0 };
	char number[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fcntl(control, F_SETFD, 0);
	unsetenv("NOTIFY_SOCKET");
	snprintf(number, sizeof(number), "%u", e->dies_at);
	if (e->trouble == KILLED)
		setenv("FAKE_DIE", number, 1);
	command_words(&c, "iommufdctl -s %s session exec%s%s -- %s --vmm %d", w->session,
		      e->share ? " --share" : "", e->iommufd ? " --share-iommufd" : "", e->trouble == NO_PROGRAM ? "/nowhere" : w->self, control);
	if (e->iommufd)
		command_words(&c, "iommufd {fd:iommufd}");
	if (e->device >= 0)
		command_words(&c, "%s {fd:%s}", machine[e->device].cdev, machine[e->device].cdev);
	c.words[c.n] = NULL;
	if (!freopen("/dev/null", "w", stderr))
		_exit(FAILED);
	if (e->trouble == FEW_FDS)
		setrlimit(RLIMIT_NOFILE, &few);
	execv(w->good, (char *const *)c.words);
	_exit(FAILED);
}

/* true: the program runs. */
static bool start_program(struct walk *w, const struct exec *e)
{
	int ends[2], report[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		die(FAILED, "socketpair: %s", error_name(errno));
	pid = fork();
	if (pid == 0)
		become(w, e, ends[1]);
	close(ends[1]);
	wait_for(w, ends[0]);
	if (read(ends[0], report, sizeof(report)) != sizeof(report)) {
		wait_for_process(w, pid, ends[0]);
		return false;
	}
	*e->vmm = (struct vmm){ .pid = pid, .control = ends[0], .has_iommufd = e->iommufd };
	if (e->device >= 0)
		e->vmm->has[e->device] = true;
	return true;
}

/* false: nothing is bound. Another device would be opened for the program, and this session forget of it. */
static bool plan_exec(struct walk *w, struct exec *e)
{
	*e = (struct exec){
		.trouble = once_in(w, 2) ? (enum trouble)pick(w, TROUBLES) : NO_TROUBLE,
		.share = once_in(w, 3), .iommufd = once_in(w, 2), .crash = once_in(w, 5),
		.device = bound_device(w), .dies_at = 1 + pick(w, MESSAGES_OF_EXEC),
		.vmm = &w->vmms[pick(w, VMMS)],
	};
	if (!w->model.session.devices[e->device].id)
		return false;
	w->steps->kill_next = 0;
	w->steps->kill_in = e->crash ? 1 + pick(w, STEPS_OF_TAKE) : 0;
	did(w, "session exec%s with %s%s, %s %u, the holder dies at %u", e->share ? " --share" : "",
	    machine[e->device].cdev, e->iommufd ? " and the iommufd" : "",
	    (const char *[]){ "well", "with few fds", "no program", "killed" }[e->trouble], e->dies_at,
	    w->steps->kill_in);
	return true;
}

/* A tool that was killed may have been the receiver already, and then it had the device to itself. */
static bool may_be_lost(const struct exec *e)
{
	return !e->share && e->trouble == KILLED && e->dies_at > BEFORE_CONFIRM;
}

void step_exec(struct walk *w)
{
	struct command c;
	struct exec e;
	bool runs;

	if (!plan_exec(w, &e))
		return;
	if (e.vmm->pid)
		vmm_end(w, e.vmm);
	runs = start_program(w, &e);
	session_settle(w);
	did(w, runs ? ": it runs" : ": it does not run");
	if (!e.crash && runs != (e.trouble == NO_TROUBLE) && e.trouble != KILLED)
		fail(w, "the program should have been %s", runs ? "refused" : "started");
	command_begin(w, &c);
	if (!e.share && (runs || may_be_lost(&e)))
		take_away(w, &c, e.device);
	c.expected = EITHER;
	w->moved += runs && !e.share;
	if (runs && !e.share && !e.crash) {
		e.vmm->moved[e.device] = true;
		e.vmm->ioas[e.device] = w->model.session.devices[e.device].ioas;
	}
	if (e.crash || (!runs && may_be_lost(&e)))
		resolve(w, &c);
	else
		w->model = c.after;
}
