#compdef iommufd-sim
# SPDX-License-Identifier: GPL-2.0-or-later

_arguments \
	'--topology=[the machine]:file:_files' \
	'--kernel=[behave as this Linux]:version:(6.6 6.12 7.2)' \
	'--trace=[write a line for each simulated call]:file:_files' \
	'--print-topology[print the machine]' \
	'--no-mounts[leave /sys and /dev as they are]' \
	'--observe[tell tests what the iommufds hold]' \
	'(- *)--help[print help]' \
	'(- *)--version[print the version]' \
	'*:::command:_normal'
