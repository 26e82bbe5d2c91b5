# SPDX-License-Identifier: GPL-2.0-or-later
# Random calls on the kernel of the lab and on the model: tests/truth/README.md.

TRUTH_TEST_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/truth/*.c)) $(O)/sim/model/tests/lab.o
$(O)/tests/truth/%.o: INC = -Isim/model
$(O)/tests/truth/truth: $(TRUTH_TEST_OBJ) $(O)/libiommufd-sim-model.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -pthread -o $@ $^

test-programs: $(O)/tests/truth/truth

# KERNELS: on them as well. TRUTH_CALLS, TRUTH_SEED: how many, and where to begin.
.PHONY: check-truth check-mutations
check-truth: deps-build deps-lab
	@$(MAKE) --no-print-directory W=1 $(O)/tests/truth/truth
	@tests/check $(foreach kernel,on $(KERNELS),$(call truth_stage,$(kernel),$(or $(TRUTH_CALLS),100000)))

truth_stage = --beside 'truth, $(notdir $(1)), $(2) calls' tests/truth/run $(O) $(1) $(2) --

# Rules of the model that were broken by hand: each must show.
check-mutations: deps-build deps-lab
	@$(MAKE) --no-print-directory W=1 $(O)/tests/truth/truth
	@tests/truth/mutations $(O) $(lastword on $(KERNELS))
