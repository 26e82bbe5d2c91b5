/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of verbs, in groups. */
#include "verbs.h"
#include "verbs/attach.h"
#include "verbs/batch.h"
#include "verbs/bind.h"
#include "verbs/claim.h"
#include "verbs/destroy.h"
#include "verbs/info.h"
#include "verbs/dma-log.h"
#include "verbs/doctor.h"
#include "verbs/exec.h"
#include "verbs/fault.h"
#include "verbs/features.h"
#include "verbs/help.h"
#include "verbs/hw-info.h"
#include "verbs/hwpt-dirty.h"
#include "verbs/hwpt.h"
#include "verbs/ioas.h"
#include "verbs/list.h"
#include "verbs/low-power.h"
#include "verbs/map.h"
#include "verbs/mem-io.h"
#include "verbs/mem.h"
#include "verbs/migration.h"
#include "verbs/monitor.h"
#include "verbs/option.h"
#include "verbs/release.h"
#include "verbs/reset.h"
#include "verbs/session-exec.h"
#include "verbs/session-list.h"
#include "verbs/session-start.h"
#include "verbs/session.h"
#include "verbs/show.h"
#include "verbs/veventq.h"
#include "verbs/viommu.h"
#include "verbs/wait.h"

#define VERBS(...) (const struct verb *const[]){ __VA_ARGS__, NULL }

const struct verb_group verb_groups[] = {
	{ "Devices:", VERBS(&verb_list, &verb_info, &verb_doctor, &verb_claim, &verb_release, &verb_wait, &verb_monitor,
			    &verb_reset, &verb_hot_reset, &verb_migration_get,
			    &verb_migration_set, &verb_migration_save, &verb_migration_load,
			    &verb_dma_log_start, &verb_dma_log_report, &verb_dma_log_stop, &verb_low_power) },
	{ "Attach:", VERBS(&verb_bind, &verb_unbind, &verb_attach, &verb_replace, &verb_detach) },
	{ "Address spaces:", VERBS(&verb_ioas_alloc, &verb_ioas_map, &verb_ioas_unmap, &verb_ioas_copy,
				   &verb_ioas_ranges, &verb_ioas_allow, &verb_ioas_change_process) },
	{ "Page tables:", VERBS(&verb_hwpt_alloc, &verb_hwpt_dirty, &verb_hwpt_invalidate, &verb_hw_info) },
	{ "Page faults, and IOMMUs of guests:",
	  VERBS(&verb_fault_alloc, &verb_fault_read, &verb_fault_respond, &verb_viommu_alloc,
		&verb_vdevice_alloc, &verb_veventq_alloc, &verb_veventq_read, &verb_hw_queue_alloc) },
	{ "The whole context:", VERBS(&verb_option_get, &verb_option_set, &verb_vfio_ioas_get,
				      &verb_vfio_ioas_set, &verb_vfio_ioas_clear, &verb_destroy,
				      &verb_show) },
	{ "Memory:", VERBS(&verb_mem_create, &verb_mem_dma_buf, &verb_mem_write, &verb_mem_read,
			   &verb_mem_list, &verb_mem_destroy) },
	{ "Contexts:", VERBS(&verb_batch, &verb_exec) },
	{ "Sessions:", VERBS(&verb_session_start, &verb_session_stop, &verb_session_list, &verb_session_show,
			     &verb_session_restart, &verb_session_exec, &verb_session_take,
			     &verb_session_confirm, &verb_session_keep) },
	{ "System:", VERBS(&verb_features, &verb_help) },
	{ NULL },
};
