# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set here is used in the tests; what is used was set by helpers.bash
#
# What the tests of virtual functions share, beside helpers.bash and sessions.bash:
#
#   drive_nvme    gives NVME to vfio-pci, or skips the test; release_pf takes it back
#   take_pf       the same, and it may have virtual functions
#   make_vf       a virtual function, as $VF, of the physical one, which is bound; drop_vfs before it is not any more

TOKEN=0f2d7a52-8b6c-4d0e-9a55-3f0c6a3d9e11
OTHER=11111111-2222-3333-4444-555555555555
PF_DIR=/sys/bus/pci/devices/$NVME

driven=''

# On other machines something else may have that address.
is_emulated_nvme() {
	[[ -e $PF_DIR && $(<"$PF_DIR/vendor") == 0x1b36 && $(<"$PF_DIR/device") == 0x0010 ]]
}

drive_nvme() {
	requires iommufd root
	is_emulated_nvme || skip "no emulated nvme at $NVME"
	driven=1
	echo vfio-pci >"$PF_DIR/driver_override"
	echo "$NVME" >/sys/bus/pci/drivers_probe
}

take_pf() {
	requires kernel 'virtual functions'
	requires iommufd root sriov feature:ioas-change-process
	echo Y >/sys/module/vfio_pci/parameters/enable_sriov
	drive_nvme
}

release_pf() {
	[[ $driven ]] || return 0
	echo "$NVME" >/sys/bus/pci/drivers/vfio-pci/unbind || true
	echo >"$PF_DIR/driver_override"
}

make_vf() {
	echo 1 >"$PF_DIR/sriov_numvfs"
	VF=$(basename "$(realpath "$PF_DIR/virtfn0")")
	until_true has_cdev "$VF"
}

drop_vfs() {
	echo 0 >"$PF_DIR/sriov_numvfs" || true
}
