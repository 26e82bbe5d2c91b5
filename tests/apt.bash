# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced. What is wanted of the distribution, but not to be installed.

# use_apt ARCHITECTURE SUITE...: apt with a state of its own, below $work: the mirror of this machine, but other
# suites, or packages for other machines. Its options are in ${apt[@]}.
use_apt() {
	local site suite architecture=$1
	# shellcheck disable=SC2016 # apt fills it in
	site=$(apt-get indextargets --format '$(ORIGIN)/$(LABEL) $(SITE)' 'Created-By: Packages' |
		sed -n 's|^Debian/Debian ||p' | sort -u | head -n 1)
	[[ $site ]] || die "apt knows no mirror of Debian"
	for suite in "${@:2}"; do echo "deb $site $suite main"; done >"${work:?}/sources.list"
	mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
	apt=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State=$work/state"
		-o "Dir::State::status=/dev/null" -o "Dir::Cache=$work/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root
		-o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture")
	apt-get -qq "${apt[@]}" update
}
