/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that the session has handed fds to: what they do with them is theirs, and stays so. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"
#include "walk.h"

enum { MOST_IOASES = 9, SLOTS = 32 };

static struct vmm *some_vmm(struct walk *w)
{
	uint32_t first = pick(w, VMMS);

	for (uint32_t i = 0; i < VMMS; i++)
		if (w->vmms[(first + i) % VMMS].pid)
			return &w->vmms[(first + i) % VMMS];
	return NULL;
}

static struct vmm_report tell(struct walk *w, struct vmm *vmm, const struct vmm_order *order)
{
	struct vmm_report report;

	if (write(vmm->control, order, sizeof(*order)) != sizeof(*order))
		fail(w, "the program is gone");
	wait_for(w, vmm->control);
	if (read(vmm->control, &report, sizeof(report)) != sizeof(report))
		fail(w, "the program is gone");
	return report;
}

/* What the kernel has: of the session's own, or of a program's. */
static uint32_t some_ioas(struct walk *w, bool strange)
{
	uint32_t ids[IDS], n = 0;

	for (uint32_t id = 1; id < IDS; id++)
		if (w->model.kernel.ioases[id] && !(strange && w->model.session.ioases[id]))
			ids[n++] = id;
	return n ? ids[pick(w, n)] : 0;
}

/* A page table of the kernel's making may be another one by now. */
static void note_moved(struct walk *w, int device)
{
	for (int i = 0; i < DEVICES; i++)
		if (i == device || is_sibling(i, device))
			w->moved_by_others[i] = true;
}

static void attach(struct walk *w, struct vmm *vmm, int device)
{
	struct vmm_order order = { .op = VMM_ATTACH, .device = device, .id = some_ioas(w, once_in(w, 2)) };
	bool agrees = order.id && model_kernel_attaches(&w->model.kernel, device, order.id);
	int rc = tell(w, vmm, &order).rc;

	did(w, " attaches %s to %u", machine[device].cdev, order.id);
	if ((rc == 0) != agrees)
		fail(w, "the kernel says %s", error_name(rc));
	if (agrees)
		model_attach_kernel(&w->model.kernel, device, order.id);
	note_moved(w, device);
}

static void detach(struct walk *w, struct vmm *vmm, int device)
{
	did(w, " detaches %s", machine[device].cdev);
	if (tell(w, vmm, &(struct vmm_order){ .op = VMM_DETACH, .device = device }).rc)
		fail(w, "the kernel refuses that");
	w->model.kernel.devices[device].ioas = 0;
	note_moved(w, device);
}

static void alloc(struct walk *w, struct vmm *vmm)
{
	struct vmm_report report = tell(w, vmm, &(struct vmm_order){ .op = VMM_ALLOC });

	did(w, " allocates IOAS %u", report.id);
	if (report.rc || report.id >= IDS)
		fail(w, "the kernel says %s", error_name(report.rc));
	w->model.kernel.ioases[report.id] = '-';
}

static void map(struct walk *w, struct vmm *vmm)
{
	struct vmm_order order = { .op = VMM_MAP, .id = some_ioas(w, true), .iova = PAGE * pick(w, SLOTS) };
	struct map what = { .ioas = order.id, .iova = order.iova, .length = PAGE, .memory = -1 };

	did(w, " maps at %#llx in %u", (unsigned long long)order.iova, order.id);
	if (order.id && w->model.kernel.n_maps < MAPS / 2 && tell(w, vmm, &order).rc == 0)
		view_map(&w->model.kernel, &what);
}

void step_vmm(struct walk *w)
{
	struct vmm *vmm = some_vmm(w);
	int device = (int)pick(w, DEVICES), ioases = 0;

	for (int i = 0; vmm && i < DEVICES && !once_in(w, 3) && !vmm->has[device]; i++)
		device = (device + 1) % DEVICES;
	if (!vmm) {
		did(w, "nothing: no such program");
		return;
	}
	for (int id = 1; id < IDS; id++)
		ioases += w->model.kernel.ioases[id] != 0;
	did(w, "program %d", (int)(vmm - w->vmms));
	if (vmm->has[device] && !once_in(w, 3))
		attach(w, vmm, device);
	else if (vmm->has[device])
		detach(w, vmm, device);
	else if (vmm->has_iommufd && once_in(w, 2) && ioases < MOST_IOASES)
		alloc(w, vmm);
	else if (vmm->has_iommufd)
		map(w, vmm);
}

void vmm_end(struct walk *w, struct vmm *vmm)
{
	kill(vmm->pid, SIGKILL);
	waitpid(vmm->pid, NULL, 0);
	close(vmm->control);
	*vmm = (struct vmm){ 0 };
	model_release(w, &w->model);
}

void step_vmm_dies(struct walk *w)
{
	struct vmm *vmm = some_vmm(w);

	did(w, vmm ? "program %d dies" : "nothing: no program %d", vmm ? (int)(vmm - w->vmms) : -1);
	if (vmm)
		vmm_end(w, vmm);
}
