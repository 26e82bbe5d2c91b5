# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of iommufd-sim(1) for fish.

complete -c iommufd-sim -l topology -r -F -d 'The machine'
complete -c iommufd-sim -l kernel -x -a '6.6 6.12 7.2' -d 'Behave as this Linux'
complete -c iommufd-sim -l trace -r -F -d 'Write a line for each simulated call'
complete -c iommufd-sim -l print-topology -d 'Print the machine'
complete -c iommufd-sim -l no-mounts -d 'Leave /sys and /dev as they are'
complete -c iommufd-sim -l observe -d 'Tell tests what the iommufds hold'
complete -c iommufd-sim -l help -d 'Print help'
complete -c iommufd-sim -l version -d 'Print the version'
complete -c iommufd-sim -x -a '(__fish_complete_subcommand)'
