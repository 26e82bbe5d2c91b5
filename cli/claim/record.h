/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a claim wrote down before it changed anything: which device it was, and how it was. It lies in
 * /run/iommufdctl/claims, a file for each device that is claimed, "pci:0000:01:00.0".
 */
#ifndef CLI_CLAIM_RECORD_H
#define CLI_CLAIM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CLAIM_NAME = 96 };

/* Empty: it had none, or none is known. */
struct claim {
	char bus[16], address[64];
	char ids[192];	   /* its modalias: vendor, device, subsystem, class */
	char serial[24];   /* that of the card */
	char driver[64], override[64]; /* before the claim */
	char claimed[64];  /* the driver that the claim gives it */
	char boot[40];	   /* the kernel's boot_id */
	bool has_node;	   /* there was a cdev before, of this owner and mode: */
	uid_t owner;
	gid_t group;
	mode_t mode;
};

/* The name of a device's record: "pci:0000:01:00.0". */
void claim_name(char buf[CLAIM_NAME], const char *bus, const char *address);

/*
 * The record of a device. 0, or -errno. -ENOENT: it is not claimed; -EBADMSG: what lies there is no record;
 * -EPERM: it, or its directory, belongs to another user, or others may write there.
 */
int claim_read(const char *bus, const char *address, struct claim *ret);

/* Call fn for each device that is claimed, by its record's name, until it says false. 0, or -errno. */
typedef bool claim_fn(void *arg, const char *bus, const char *address);
int claims_each(claim_fn *fn, void *arg);

/* The same in the directory as claims_open() has it. What is written lies on the disk when they return 0. */
int claim_read_in(int dir, const char *name, struct claim *ret);
int claim_write_in(int dir, const char *name, const struct claim *claim);
int claim_forget_in(int dir, const char *name);

#endif
