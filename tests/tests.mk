# SPDX-License-Identifier: GPL-2.0-or-later
# The targets that test and show; what is built to be installed is in the Makefile.

LAB := tests/vm/run
UNIT_LIB := $(patsubst %.c,$(O)/%.o,$(filter-out tests/unit/test-%,$(wildcard tests/unit/*.c))) $(O)/tests/fake/self.o

.PHONY: check check-unit check-san check-clang check-layers check-scripts check-install check-lab check-long check-old \
	check-vmm check-cross check-hw check-completions check-flags check-fresh demo demo-lab lab lab-kernel bench deps-build deps-check \
	deps-cross deps-hw deps-lab deps-long deps-sim deps-vmm test-programs

# Each by its name: what is phony has no pattern rule.
deps-build deps-check deps-cross deps-hw deps-long deps-sim deps-vmm: deps-%:
	@tests/deps $*
# Also where it installs nothing: before the minutes of a build.
deps-lab:
	@tests/deps lab
	@tests/vm/needs bats:bats jq:jq strace:strace fuser:psmisc pgrep:procps

$(O)/tests/helpers/%: $(O)/tests/helpers/%.o $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

# What the tests share. An archive, so that kernel.c stays away where a test has an ioctl() of its own.
$(O)/tests/unit/libunit.a: $(UNIT_LIB)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
# The tool's main(), by another name.
$(O)/tests/unit/tool-main.o: cli/main.c
	$(call say,CC,$< (for tests))
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIE -Ilib -Icli -Dmain=tool_main -Wno-missing-prototypes -MMD -MP -c -o $@ $<
$(O)/tests/unit/test-%: $(O)/tests/unit/test-%.o $(O)/tests/unit/tool-main.o $(ENGINE_OBJ) $(O)/libiommufd.a $(O)/tests/unit/libunit.a $(O)/libiommufd-sim-model.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--wrap=ioctl $(WRAP) -o $@ $^ -lcmocka
# Its kernel is made up: what is written below /sys goes there.
$(O)/tests/unit/test-claim $(O)/tests/unit/test-claim-record: WRAP := -Wl,--wrap=sysfs_write

WALK := $(patsubst %.c,$(O)/%.o,$(wildcard tests/walk/*.c))
$(O)/tests/walk/walk: $(WALK) $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

# As a program outside of this tree would be built.
EXAMPLES := $(patsubst examples/%.c,$(O)/examples/%,$(wildcard examples/*.c))
$(O)/examples/%: $(O)/examples/%.o $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

BENCH := $(addprefix $(O)/tests/bench/,measure sim-loop raw-loop map-loop fake-ioctl.so session-client session-model.so device-tree)

.SECONDARY:
test-programs: $(O)/iommufdctl $(HELPERS) $(SIM_TEST_PROGRAMS) $(O)/tests/walk/walk $(O)/tests/vmm/guest $(EXAMPLES) $(BENCH) $(MODEL_PROGRAMS) $(addprefix $(O)/tests/fake/,fake-kmod.so fail-nth.so steps.so no-epoll.so)

# Built as a shared object without the sanitizers of the rest: it is preloaded.
$(O)/tests/fake/fail-nth.so: tests/fake/fail-runs.c tests/fake/fail-nth.h
$(O)/tests/fake/steps.so: tests/fake/dumpable.c tests/fake/steps.h
$(O)/tests/fake/%.so: tests/fake/%.c
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -Wall -Wextra -D_GNU_SOURCE -Ilib -shared -fPIC -o $@ $(filter %.c,$^)

check-unit: $(UNITS) $(MODEL_UNITS)
	@CC='$(CC)' CXX='$(CXX)' tests/unit/run $(UNITS) $(MODEL_UNITS) $(if $(SAN),,tests/unit/headers)

# Not by its own name: where a recipe says $(MAKE), make runs it even when it is only asked what it would do.
stage = $(MAKE) -s

# The first stages build, and install, what the others read. Those run side by side: each of them writes to a
# directory of its own, and none makes 'all' in $(O), which writes some files anew each time.
check: deps-build deps-check deps-lab
	@tests/vm/kernel >/dev/null
	@$(MAKE) --no-print-directory -j"$$(nproc)" W=1 all test-programs
	@tests/check \
		'gcc, warnings are errors' $(stage) -j"$$(nproc)" W=1 all test-programs $(UNITS) $(MODEL_UNITS) -- \
		'install' $(stage) check-install -- \
		'simulator' tests/sim/run -- \
		--beside 'layers' tests/layers $(O) -- \
		--beside 'scripts' $(stage) check-scripts -- \
		--beside 'clang, warnings are errors' $(stage) check-clang -- \
		--beside 'unit' $(stage) W=1 check-unit -- \
		--beside 'unit, sanitizers' $(stage) W=1 SAN=1 CFLAGS="-O1 -g" check-unit -- \
		$(uapi_stages) \
		--beside 'completions' $(stage) check-completions -- \
		--beside 'start' tests/start $(O) -- \
		--beside 'load' tests/load $(O) -- \
		--beside 'walk' tests/walk/run $(O) -- \
		$(call soak_stage,--needed) \
		$(call lab_stages,--needed)

# What make check leaves out: on each kernel what the simulator shows as well, the simulator as other kernels, the
# soak tests in full and on each kernel, the kernels as if they were older, the figures, the flags of distributions, bare
# systems, the unit tests on other processors.
check-long: deps-build deps-check deps-cross deps-lab deps-long deps-vmm
	@$(MAKE) --no-print-directory W=1 all test-programs check-install
	@$(soak_in_full) tests/check \
		'simulator as 6.12' tests/sim/run --kernel 6.12 -- \
		$(call lab_stages,) \
		$(foreach kernel,on $(KERNELS),--beside 'soak, $(notdir $(kernel))' tests/lab --soak $(kernel) --) \
		$(old_stages) \
		$(cross_stages) \
		--beside 'walk, a million steps' tests/walk/run $(O) 1000000 -- \
		--beside $(vmm_stage) \
		--beside 'flags' tests/flags -- \
		'figures' tests/bench/run $(O) "$$(tests/vm/kernel)" $(KERNELS) -- \
		'figures of sessions' tests/bench/session $(O) -- \
		'figures of the model' tests/bench/model $(O) -- \
		$(if $(SIM_PROGRAM),'figures of the simulator' tests/bench/sim $(O) --) \
		'figures of list' tests/bench/list $(O) -- \
		'bare systems' tests/fresh

# One of them is big-endian. On Debian what they need is installed, elsewhere they are skipped where it is not.
cross_stages = $(foreach machine,aarch64 s390x,--beside 'unit, $(machine)' tests/cross $(machine) --)

check-cross: deps-build deps-check deps-cross
	@tests/check $(cross_stages)

check-clang:
	@$(MAKE) -s W=1 CC=clang O=build-clang CFLAGS=-O0 CPPFLAGS=-U_FORTIFY_SOURCE all test-programs

check-flags: deps-build deps-long
	@tests/check 'flags' tests/flags

# SUITES='bookworm trixie': these of Debian's. The head of tests/fresh tells what else can be said.
check-fresh: deps-long
	@tests/check 'bare systems' tests/fresh $(SUITES)

check-layers: all $(O)/libiommufd-sim-model.a
	@tests/layers $(O)

check-scripts:
	@tests/scripts $(O)

check-completions: completions $(O)/iommufdctl
	@completions/test $(O)

check-install: all
	@tests/install $(O)

export BUILD = $(O)

# The tests of a kernel are shared by three machines: (call lab_shares,NAME,KERNEL,OPTION).
lab_shares = $(foreach share,1/3 2/3 3/3,--beside 'lab, $(1), $(share)' tests/lab $(3) --no-soak --share $(share) $(2) --)
# Soak tests run on one kernel, the last; in full, in make check-long, on each.
soak_stage = --beside 'soak, $(notdir $(lastword on $(KERNELS)))' tests/lab $(1) --soak $(lastword on $(KERNELS)) --
if_last = $(if $(filter $(1),$(lastword on $(KERNELS))),--last)
# (call lab_stages,OPTION): --needed leaves to the simulator what it shows, in make check-sim.
# The short stages come last, so that no processor waits for long.
lab_stages = \
	$(call lab_shares,IOMMU on,on,$(1) $(call if_last,on)) \
	$(foreach kernel,$(KERNELS),$(call lab_shares,$(notdir $(kernel)),$(kernel),$(1) $(call if_last,$(kernel)))) \
	$(foreach kernel,on $(KERNELS),$(call truth_stage,$(kernel),5000)) \
	--beside 'lab, IOMMU off: mock devices' tests/lab --no-soak off -- \
	$(foreach kernel,$(KERNELS),\
		--beside 'lab, $(notdir $(kernel)), IOMMU of AMD' tests/lab --no-soak amd $(kernel) --) \
	$(foreach word,intel_iommu=off amd_iommu=off intremap=off,\
		--beside 'lab, $(word)' tests/lab --no-soak $(word) "$$(tests/vm/kernel)" --) \
	--beside 'lab, PCI without ACPI' tests/lab --no-soak no-acpi "$$(tests/vm/kernel)" -- \
	$(foreach kernel,$(KERNELS),\
		--beside 'lab, $(notdir $(kernel)), PCI without ACPI' tests/lab --no-soak no-acpi $(kernel) --)

# As if the kernels were older: what they lack ends with a sentence that names the Linux that has it.
old_stages = $(foreach kernel,on $(KERNELS),$(foreach old,6.6 6.8 6.12,\
	--beside 'lab, $(notdir $(kernel)) as $(old)' tests/lab $(kernel) $(old) --))

soak_in_full = RACE_SECONDS=30 CLAIM_ALLOCATIONS=300 CLAIM_KILLED=200 CRASH_ROUNDS=20 SYSTEMD_ROUNDS=20 LOAD_TIMED=50 WATCH_ROUNDS=200

# The kernels' own headers. Linux 7 has what we know of.
uapi_stages = --beside 'structs of Linux 6.12' tests/unit/uapi --of "$$(tests/vm/kernel)" -- \
	$(foreach kernel,$(KERNELS),--beside 'structs of $(notdir $(kernel))' \
		tests/unit/uapi $(if $(findstring -7.,$(kernel)),--complete) --of $(kernel) --)

check-lab: deps-build deps-lab
	@$(MAKE) --no-print-directory W=1 all test-programs check-install
	@TEST='$(TEST)' tests/check $(call soak_stage,) $(call lab_stages,)

check-old: deps-build deps-check deps-lab
	@$(MAKE) --no-print-directory W=1 all test-programs check-install
	@TEST='$(TEST)' tests/check $(old_stages)

# A newer QEMU than may be here, in the lab: of Debian 13, which is fetched once.
vmm_stage = 'VMMs of Debian 13, $(notdir $(lastword on $(KERNELS)))' tests/vmm/run $(lastword on $(KERNELS)) --

check-vmm: deps-build deps-lab deps-vmm
	@$(MAKE) --no-print-directory W=1 all test-programs
	@TEST='$(TEST)' FILTER='$(FILTER)' tests/check $(vmm_stage)

# On this machine's own kernel and device, as root.
check-hw: deps-build deps-hw
	@$(MAKE) --no-print-directory all test-programs
	@test -n '$(DEVICE)' || { echo 'usage: make check-hw DEVICE=0000:01:00.0' >&2; exit 2; }
	@DEVICE='$(DEVICE)' tests/check 'hardware' bats --tap $(filter-out %/mock-access.bats,$(wildcard tests/e2e/*.bats))

demo:
	@tests/deps build
	@$(MAKE) --no-print-directory -j"$$(nproc)" $(O)/iommufdctl $(O)/tests/helpers/edu-dma $(if $(DEVICE),,$(O)/iommufd-sim)
ifneq ($(DEVICE),)
	@IOMMUFDCTL=$(O)/iommufdctl examples/demo '$(DEVICE)'
else
	@echo 'No DEVICE= given: this is simulated. make demo-lab shows the same on a real kernel, in a virtual machine.'
	@IOMMUFDCTL=$(O)/iommufdctl $(O)/iommufd-sim -- \
		examples/demo 0000:00:04.0 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 $(O)/tests/helpers/edu-dma
endif

demo-lab:
	@tests/deps build lab
	@$(MAKE) --no-print-directory $(O)/iommufdctl $(O)/tests/helpers/edu-dma
	@$(LAB) --env IOMMUFDCTL=$(O)/iommufdctl -- \
		examples/demo 0000:00:04.0 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 $(O)/tests/helpers/edu-dma

lab-kernel:
	@tests/deps lab
	@tests/vm/kernel

# What was just built comes first.
lab_path = $(abspath $(O)):$(abspath $(O))/tests/helpers:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

lab: deps-build deps-lab all test-programs
	@$(LAB) --env PATH='$(lab_path)' --shell || \
		[ $$? -lt 99 ] # else it is the shell's last command that failed

# The whole of the model is in it.
$(O)/tests/bench/session-model.so: $(O)/tests/fake/dumpable.pic.o $(O)/tests/fake/self.pic.o $(MODEL_SRC:%.c=$(O)/%.pic.o)
$(O)/tests/bench/%.so: $(O)/tests/bench/%.pic.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(SO_LDFLAGS) -o $@ $^
$(O)/tests/bench/measure $(O)/tests/vmm/guest: ALL_LDFLAGS += -static
# In a virtual machine it is alone.
$(O)/tests/vmm/guest: $(O)/tests/vmm/guest.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
$(O)/tests/bench/%: $(O)/tests/bench/%.o $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

# KERNELS: measured on them as well. All tables are printed, whatever the first one says.
bench: deps-build deps-lab $(O)/iommufdctl $(O)/tests/helpers/uevent $(SIM_PROGRAM) $(MODEL_PROGRAMS) $(BENCH)
	@rc=0; tests/bench/model $(O) || rc=1; $(if $(SIM_PROGRAM),tests/bench/sim $(O) || rc=1;) tests/bench/run $(O) "$$(tests/vm/kernel)" $(KERNELS) || rc=1; tests/bench/session $(O) || rc=1; \
	tests/bench/list $(O) || rc=1; exit $$rc

include tests/truth/truth.mk
