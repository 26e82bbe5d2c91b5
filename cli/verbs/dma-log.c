/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dma-log start, report, stop: a device itself notes where it writes. */
#include "verbs/dma-log.h"
#include "verbs/dirty-reader.h"
#include "verbs/finish.h"

static int parse_spans(const struct call *call, struct iommufd_span *spans, size_t n)
{
	struct iommufd_range range;
	int rc = EXIT_DONE;

	for (size_t i = 0; i < n && !rc; i++) {
		rc = arg_range(call, (int)i + 1, &range);
		spans[i] = (struct iommufd_span){ range.start, range.last - range.start + 1 };
	}
	return rc;
}

static int run_dma_log_start(struct call *call)
{
	struct iommufd_span spans[UINT8_MAX];
	size_t n = (size_t)call->n_args - 1;
	uint64_t page = opt_number(call, OPT_PAGE, 4096);
	int rc;

	if (n > ARRAY_SIZE(spans))
		return msg_usage(call->output, "more than %zu ranges", ARRAY_SIZE(spans));
	rc = parse_spans(call, spans, n);
	if (rc)
		return rc;
	rc = iommufd_device_dma_logging_start(arg_device(call, 0)->fd, spans, n, &page);
	return refused(call, 0, IOMMUFD_OP_DMA_LOGGING_START, rc) ?: print_number(call->output, "page", page);
}

static int read_log(const struct call *call, const struct dirty_source *source, uint64_t iova,
		    uint64_t length, uint64_t page, uint64_t *bitmap)
{
	(void)call;
	return iommufd_device_dma_logging_report(source->cdev, iova, length, page, bitmap);
}

static int run_dma_log_report(struct call *call)
{
	const struct dirty_source source = {
		.read = read_log, .op = IOMMUFD_OP_DMA_LOGGING_REPORT, .cdev = arg_device(call, 0)->fd,
	};

	return dirty_read(call, &source, 1);
}

static int report_in_client(struct call *call)
{
	const char *const words[] = { "dma-log", "report", call->args[0], NULL };

	return dirty_read_in_client(call, words, 2, 1);
}

static int run_dma_log_stop(struct call *call)
{
	return finish(call, 0, IOMMUFD_OP_DMA_LOGGING_STOP,
		      iommufd_device_dma_logging_stop(arg_device(call, 0)->fd));
}

const struct verb verb_dma_log_start = {
	.name = "dma-log start", .summary = "Have a device note where it writes",
	.example = PROGRAM " dma-log start nic 1M-0x1fffff",
	.details = "Prints the page size that it has for it.",
	.args = { DEVICE_ARGUMENT, { "START-LAST", ARG_RANGE, ARG_OPTIONAL | ARG_REPEATS } },
	.options = OPTIONS(PAGE_OPTION("As fine as this, if it can (default: 4K)")),
	.needs = NEEDS_CONTEXT, .run = run_dma_log_start,
};

const struct verb verb_dma_log_report = {
	.name = "dma-log report", .summary = "Print, and clear, what it has written",
	.example = PROGRAM " dma-log report nic 1M 1M",
	.args = { DEVICE_ARGUMENT, { "IOVA", ARG_SIZE }, { "LENGTH", ARG_SIZE } },
	.options = OPTIONS(PAGE_OPTION("A bit for so many bytes (default: 4K)"), RAW_BITMAP_OPTION),
	.needs = NEEDS_CONTEXT, .run = run_dma_log_report, .client = report_in_client,
};

const struct verb verb_dma_log_stop = {
	.name = "dma-log stop", .summary = "Have it note no more",
	.example = PROGRAM " dma-log stop nic",
	.args = { DEVICE_ARGUMENT },
	.needs = NEEDS_CONTEXT, .run = run_dma_log_stop,
};
