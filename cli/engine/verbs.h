/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs, each one function: what a row of the table in verbs.c points at. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli.h"
#include "table.h"

int verb_list(struct call *call);

int verb_info(struct call *call);
int verb_reset(struct call *call);
int verb_hot_reset(struct call *call);
int verb_migration_get(struct call *call);
int verb_migration_set(struct call *call);
int verb_migration_save(struct call *call);
int verb_migration_load(struct call *call);
int verb_dma_log_start(struct call *call);
int verb_dma_log_stop(struct call *call);
int verb_dma_log_report(struct call *call);
int verb_low_power(struct call *call);

int verb_bind(struct call *call);
int verb_unbind(struct call *call);
int verb_attach(struct call *call);
int verb_replace(struct call *call);
int verb_detach(struct call *call);

int verb_ioas_alloc(struct call *call);
int verb_ioas_map(struct call *call);
int verb_ioas_unmap(struct call *call);
int verb_ioas_ranges(struct call *call);
int verb_ioas_copy(struct call *call);
int verb_ioas_allow(struct call *call);
int verb_ioas_change_process(struct call *call);
int verb_option_get(struct call *call);
int verb_option_set(struct call *call);
int verb_vfio_ioas_get(struct call *call);
int verb_vfio_ioas_set(struct call *call);
int verb_vfio_ioas_clear(struct call *call);

int verb_hwpt_alloc(struct call *call);
int verb_hwpt_dirty(struct call *call);
int verb_hwpt_invalidate(struct call *call);
int verb_hw_info(struct call *call);

int verb_fault_alloc(struct call *call);
int verb_fault_read(struct call *call);
int verb_fault_respond(struct call *call);
int verb_viommu_alloc(struct call *call);
int verb_vdevice_alloc(struct call *call);
int verb_veventq_alloc(struct call *call);
int verb_veventq_read(struct call *call);
int verb_hw_queue_alloc(struct call *call);

int verb_destroy(struct call *call);
int verb_show(struct call *call);

int verb_mem_create(struct call *call);
int verb_mem_dma_buf(struct call *call);
int verb_mem_write(struct call *call);
int verb_mem_read(struct call *call);
int verb_mem_list(struct call *call);
int verb_mem_destroy(struct call *call);

int verb_batch(struct call *call);
int verb_exec(struct call *call);
int verb_session_start(struct call *call);
int verb_session_stop(struct call *call);
int verb_session_list(struct call *call);
int verb_session_show(struct call *call);
int verb_session_exec(struct call *call);
int verb_session_restart(struct call *call);
int verb_session_take(struct call *call);
int verb_session_keep(struct call *call);

int verb_features(struct call *call);
int verb_help(struct call *call);

/* The memory table, for show as well. */
extern const struct column memory_columns[];
extern const size_t n_memory_columns;
bool next_memory(const void *ctx, size_t *cursor, struct value *row);

#endif
