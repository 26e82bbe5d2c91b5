/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/iommu.h"
#include <stdio.h>
#include <string.h>

#include "machine/iommu.h"
#include "util/number.h"

/* Those of words that the kernel was booted with: "intel_iommu=off and iommu=off". NULL ends them. */
static bool find_words(char *buf, size_t len, const char *const *words)
{
	size_t used = 0;

	*buf = '\0';
	for (; *words; words++)
		if (machine_booted_with(*words) && used < len)
			used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? " and " : "", *words);
	return used > 0;
}

/* ---- is it on? ---- */

static const char *iommu_kind(const char *name)
{
	static const struct {
		char prefix[8], kind[24];
	} kinds[] = { { "dmar", "Intel's" }, { "ivhd", "AMD's" }, { "smmu", "Arm's SMMU" },
		      { "virtio", "virtio's" } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].kind;
	return "an IOMMU";
}

static void tell_intel(const struct doctor *doctor)
{
	static const char *const off[] = { "intel_iommu=off", "iommu=off", NULL };
	char words[64];

	if (find_words(words, sizeof(words), off))
		doctor_tell(doctor, INTEL_SWITCHED_OFF, BLANKS({ "WORDS", words }));
	else
		doctor_tell(doctor, machine_booted_with("intel_iommu=on") ? INTEL_DEAF : INTEL_NOT_ASKED_FOR, NULL);
}

static void tell_amd(const struct doctor *doctor)
{
	static const char *const off[] = { "amd_iommu=off", "iommu=off", NULL };
	char words[64];

	if (find_words(words, sizeof(words), off))
		doctor_tell(doctor, AMD_SWITCHED_OFF, BLANKS({ "WORDS", words }));
	else
		doctor_tell(doctor, AMD_OFF, NULL);
}

void check_iommu(const struct doctor *doctor)
{
	char name[64];

	if (machine_iommu(name, sizeof(name)))
		return doctor_tell(doctor, IOMMU_ON, BLANKS({ "NAME", name }, { "KIND", iommu_kind(name) }));
	switch (machine_firmware()) {
	case FIRMWARE_INTEL:
		return tell_intel(doctor);
	case FIRMWARE_AMD:
		return tell_amd(doctor);
	case FIRMWARE_ARM:
		return doctor_tell(doctor, ARM_OFF, NULL);
	case FIRMWARE_NONE:
		return doctor_tell(doctor, FIRMWARE_HAS_NONE, NULL);
	default:
		doctor_tell(doctor, FIRMWARE_NOT_SEEN, NULL);
	}
}

/* ---- the kernel's command line ---- */

/* Words that do less than people think, or more. firmware: with which this is so. */
static const struct boot_word {
	char word[48];
	enum answer_id answer;
	enum machine_firmware firmware; /* FIRMWARE_UNKNOWN: with any */
	char vendor[8];
} boot_words[] = {
	{ "amd_iommu=on", WORD_UNKNOWN },
	{ "intel_iommu=on", WORD_OF_OTHERS, FIRMWARE_AMD, "Intel" },
	{ "intel_iommu=off", WORD_OF_OTHERS, FIRMWARE_AMD, "Intel" },
	{ "amd_iommu=off", WORD_OF_OTHERS, FIRMWARE_INTEL, "AMD" },
	{ "intel_iommu=igfx_off", WORD_FREES_GPU, FIRMWARE_INTEL },
	{ "intel_iommu=intgpu_off", WORD_FREES_GPU, FIRMWARE_INTEL },
	{ "vfio_iommu_type1.allow_unsafe_interrupts=1", WORD_OF_TYPE1 },
	{ "vfio_iommu_type1.allow_unsafe_interrupts=Y", WORD_OF_TYPE1 },
};

void check_command_line(const struct doctor *doctor)
{
	enum machine_firmware firmware = machine_firmware();
	bool fine = true;

	for (size_t i = 0; i < ARRAY_SIZE(boot_words); i++) {
		const struct boot_word *word = &boot_words[i];

		if ((word->firmware != FIRMWARE_UNKNOWN && word->firmware != firmware) ||
		    !machine_booted_with(word->word))
			continue;
		doctor_tell(doctor, word->answer, BLANKS({ "WORD", word->word }, { "VENDOR", word->vendor }));
		fine = false;
	}
	if (fine)
		doctor_tell(doctor, WORDS_FINE, NULL);
}

/* ---- interrupts ---- */

void tell_interrupts(const struct doctor *doctor)
{
	static const char *const off[] = { "intremap=off", "nointremap", NULL };
	char words[64];
	int rc = machine_interrupt_remapping();

	if (rc)
		return doctor_tell(doctor, rc > 0 ? INTERRUPTS_REMAPPED : INTERRUPTS_NOT_KNOWN, NULL);
	if (machine_unsafe_interrupts_allowed())
		return doctor_tell(doctor, INTERRUPTS_ALLOWED, NULL);
	if (find_words(words, sizeof(words), off))
		doctor_tell(doctor, INTERRUPTS_SWITCHED_OFF, BLANKS({ "WORDS", words }));
	else
		doctor_tell(doctor, INTERRUPTS_NOT_REMAPPED, NULL);
}

void check_interrupts(const struct doctor *doctor)
{
	if (machine_iommu_is_on())
		tell_interrupts(doctor);
}

/* ---- without an IOMMU ---- */

void check_noiommu_mode(const struct doctor *doctor)
{
	int mode = machine_noiommu_mode();

	if (mode >= 0)
		doctor_tell(doctor, mode ? NOIOMMU_ON : NOIOMMU_OFF, NULL);
}
