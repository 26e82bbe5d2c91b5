/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iommufd-sim: runs a program in a machine with a simulated /dev/iommu. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libiommufd.h"
#include "supervisor/below.h"
#include "supervisor/mounts.h"
#include "supervisor/run.h"
#include "topology/topology.h"

enum { FAILED = 1, USAGE = 2, CANNOT = 3 };

struct options {
	const char *topology, *kernel, *trace;
	bool print, no_mounts, observe;
	char **command;
};

static const char usage_text[] =
	"Usage: iommufd-sim [OPTION...] [--] CMD [ARG...]\n"
	"Run CMD, and all that it starts, with a simulated /dev/iommu and VFIO devices\n"
	"\n"
	"      --topology=FILE    The machine (default: the one of --print-topology)\n"
	"      --kernel=VERSION   Behave as this Linux: %s (default: the\n"
	"                         topology's, or the last one)\n"
	"      --trace=FILE       Write a line for each simulated call\n"
	"      --print-topology   Print the machine as a file that --topology reads\n"
	"      --no-mounts        Leave /sys and /dev as they are: the environment tells\n"
	"                         iommufdctl where the machine's are\n"
	"      --observe          An ioctl tells tests what the iommufds hold\n"
	"      --help             Print this help\n"
	"      --version          Print the version\n"
	"\n"
	"The exit status is CMD's; 2: these words are wrong, 3: no simulation is possible\n"
	"here, 126: CMD cannot be executed, 127: there is no CMD.\n";

__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("iommufd-sim: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
}

/* "6.6, 6.12, 7.2" */
static const char *kernels(char *buf, size_t len)
{
	const char *name;
	size_t used = 0;

	for (size_t i = 0; (name = sim_kernel_name(i)) && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%s", i ? ", " : "", name);
	return buf;
}

static const char *last_kernel(void)
{
	const char *name, *last = NULL;

	for (size_t i = 0; (name = sim_kernel_name(i)); i++)
		last = name;
	return last;
}

static int print_usage(void)
{
	char names[64];

	printf(usage_text, kernels(names, sizeof(names)));
	return EXIT_SUCCESS;
}

/* -1: go on; else the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	enum { TOPOLOGY = 256, KERNEL, TRACE, PRINT, NO_MOUNTS, OBSERVE, HELP, VERSION };
	static const struct option known[] = {
		{ "topology", required_argument, NULL, TOPOLOGY }, { "kernel", required_argument, NULL, KERNEL },
		{ "trace", required_argument, NULL, TRACE }, { "print-topology", no_argument, NULL, PRINT },
		{ "no-mounts", no_argument, NULL, NO_MOUNTS }, { "observe", no_argument, NULL, OBSERVE },
		{ "help", no_argument, NULL, HELP },
		{ "version", no_argument, NULL, VERSION }, { 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+h", known, NULL)) >= 0)
		switch (option) {
		case TOPOLOGY: options->topology = optarg; break;
		case KERNEL: options->kernel = optarg; break;
		case TRACE: options->trace = optarg; break;
		case PRINT: options->print = true; break;
		case NO_MOUNTS: options->no_mounts = true; break;
		case OBSERVE: options->observe = true; break;
		case VERSION: return puts("iommufd-sim " LIBIOMMUFD_VERSION) < 0;
		case 'h':
		case HELP: return print_usage();
		default: return USAGE;
		}
	options->command = argv + optind;
	if (options->print == !*options->command)
		return -1;
	say(options->print ? "--print-topology runs no command" : "there is no command to run; see --help");
	return USAGE;
}

static int read_topology(const struct options *options, struct topology *topology)
{
	struct topology_error error = { 0 };

	if (topology_read(topology, options->topology, &error) == 0)
		return 0;
	if (error.line)
		say("%s:%u: %s", options->topology, error.line, error.text);
	else
		say("%s: %s", options->topology, error.text);
	return USAGE;
}

static struct sim *make_machine(const struct options *options, struct topology *topology)
{
	const char *kernel = options->kernel ?: *topology->kernel ? topology->kernel : last_kernel();
	struct sim *sim = sim_new(options->kernel ?: kernel);
	char names[64];
	int rc;

	if (!sim && errno == EINVAL) {
		say("no kernel '%s' is known: %s", options->kernel ?: kernel, kernels(names, sizeof(names)));
		return NULL;
	}
	rc = sim ? topology_fill(topology, sim) : -errno;
	if (rc == 0)
		return sim;
	say("the machine cannot be made: %s", strerror(-rc));
	return NULL;
}

static int say_refused(int rc)
{
	switch (-rc) {
	case EBUSY:
		say("this is inside of another simulator, or of a container whose seccomp is asked the same way: "
		    "there can be one only");
		break;
	case ENOSYS:
		say("this kernel has no seccomp user notification: Linux 5.14 or newer is needed");
		break;
	case EPERM:
	case EACCES:
		say("seccomp is forbidden here: a container may have to be started with a profile that lets it pass");
		break;
	default:
		say("cannot start: %s", strerror(-rc));
	}
	return CANNOT;
}

/* Its end is passed on: killed by a signal means killed by the same one, without a second core dump. */
static int pass_on(int status)
{
	sigset_t set;
	int number;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	number = WTERMSIG(status);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	return 128 + number;
}

/* Each open file takes one or two here: as many as there may be. */
static struct rlimit raise_limit(void)
{
	struct rlimit before = { RLIM_INFINITY, RLIM_INFINITY }, most;

	getrlimit(RLIMIT_NOFILE, &before);
	most = (struct rlimit){ before.rlim_max, before.rlim_max };
	setrlimit(RLIMIT_NOFILE, &most);
	return before;
}

/* In mounts of its own, or below a directory where there can be none: then *below is that, to be removed. */
static int make_files(const struct options *options, const struct topology *topology, struct supervisor *s,
		      struct below *below)
{
	const char *what = "namespaces";
	int rc = options->no_mounts ? -EPERM : mounts_enter();

	below_nowhere(below);
	if (rc == 0)
		rc = mounts_make(topology, &s->nodes, &what) ?: sysfs_find(&s->sysfs, "/sys");
	else
		rc = below_make(below, topology, &s->nodes) ?: sysfs_find(&s->sysfs, below->sys);
	if (rc < 0)
		say("cannot make the machine's files (%s): %s", what, strerror(-rc));
	return rc;
}

/* 0 and how CMD ended, or an exit status. */
static int simulate(const struct options *options, struct topology *topology, struct supervisor *s,
		    int *status)
{
	struct start start = { .argv = options->command, .memlock = topology->memlock };
	struct below below = { 0 };
	sigset_t mask;
	int rc = run_prepare(s, &mask);

	start.files = raise_limit();
	start.mask = &mask;
	rc = rc ?: nodes_init(&s->nodes, topology);
	if (rc < 0)
		return say_refused(rc);
	if (make_files(options, topology, s, &below) < 0) {
		rc = CANNOT;
	} else {
		start.environment = below.environment;
		rc = run_command(s, &start, status);
		rc = rc < 0 ? say_refused(rc) : 0;
	}
	below_remove(&below);
	return rc;
}

static int run(const struct options *options, struct topology *topology)
{
	struct supervisor s = { 0 };
	struct sim *sim = make_machine(options, topology);
	FILE *trace = sim && options->trace ? fopen(options->trace, "we") : NULL;
	int status = 0, rc;

	if (!sim)
		return USAGE;
	if (options->trace && !trace) {
		say("%s: %s", options->trace, strerror(errno));
		sim_free(sim);
		return FAILED;
	}
	rc = supervisor_init(&s, sim, trace);
	s.observed = options->observe;
	rc = rc < 0 ? say_refused(rc) : simulate(options, topology, &s, &status);
	supervisor_fini(&s);
	nodes_fini(&s.nodes);
	sim_free(sim);
	if (trace)
		fclose(trace);
	return rc ?: pass_on(status);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct topology topology;
	int rc = parse_options(argc, argv, &options);

	if (rc >= 0)
		return rc;
	rc = read_topology(&options, &topology);
	if (rc)
		return rc;
	rc = options.print ? topology_print(options.topology) : run(&options, &topology);
	topology_free(&topology);
	return rc;
}
