# SPDX-License-Identifier: GPL-2.0-or-later
# What there is now, for completions: sh -c '...' sh KIND [OPTION...] prints lines of "WORD TAB DESCRIPTION".
#
# KIND: list, any, devices, ids, session, memory, objects:TYPE,TYPE, claimable or claimed. OPTION: -s NAME. One text for all shells:
# the scripts have it in them. What a shell would do something with is never printed: a bus may have any name for
# its devices. Nothing is said on stderr, and what does not answer at once is not waited for.
exec 2>/dev/null
kind=$1
shift

# The columns of tables by their headings, which stand above them.
columns()
{
	timeout 2 iommufdctl "$@" | awk -v kind="$kind" '
		function cell(name,    i, text) {
			for (i = 1; i <= n; i++)
				if (heading[i] == name) {
					text = i < n ? substr($0, at[i], at[i + 1] - at[i]) : substr($0, at[i])
					sub(/ +$/, "", text)
					return text
				}
			return "-"
		}
		function offer(word, text) {
			if (word != "-" && word !~ /[^A-Za-z0-9_.:,@+-]/ && word != "")
				print word "\t" text
		}
		function wants(type) {
			return kind == "objects:" || index("," substr(kind, 9) ",", "," type ",")
		}
		/^$/ { n = 0; next }
		!n {
			text = $0
			while (match(text, /[^ ]+/)) {
				heading[++n] = substr(text, RSTART, RLENGTH)
				at[n] = length($0) - length(text) + RSTART
				text = substr(text, RSTART + RLENGTH)
			}
			first = heading[1]
			next
		}
		kind == "list" || kind == "any" {
			offer(cell("DEVICE"), cell("ADDRESS") ", " cell("DRIVER"))
			offer(cell("ADDRESS"), cell("DEVICE") ", " cell("DRIVER"))
		}
		kind == "session" { offer(cell("SESSION"), cell("STATE")) }
		kind == "memory" && first == "MEMORY" { offer(cell("MEMORY"), cell("SIZE") " bytes") }
		first == "ID" && cell("STATE") != "-" && (kind ~ /^(devices|ids)$/ || (kind ~ /^objects/ && wants("device"))) {
			offer(cell("NAME"), cell("ADDRESS"))
			if (kind != "devices")
				offer(cell("ID"), cell("ADDRESS"))
			offer(cell("DEVICE"), cell("ADDRESS"))
			offer(cell("ADDRESS"), cell("DEVICE"))
		}
		kind ~ /^objects/ && (first == "IOAS" || first == "HWPT") && cell("IOVA") == "-" && wants(first) {
			offer(cell("NAME"), first " " cell(first))
			offer(cell(first), first)
		}
		kind ~ /^objects/ && first == "ID" && cell("TYPE") != "-" && wants(cell("TYPE")) {
			offer(cell("NAME"), cell("TYPE") " " cell("ID"))
			offer(cell("ID"), cell("TYPE"))
		}'
}

# PCI functions that VFIO has not, and could have: no bridges, and no IOMMUs.
claimable()
{
	for path in "${IOMMUFD_SYSFS:-/sys}"/bus/pci/devices/*; do
		read -r class <"$path/class" || continue
		case $class in 0x06* | 0x0806*) continue ;; esac
		[ -e "$path/vfio-dev" ] && continue
		driver=$(readlink "$path/driver")
		printf '%s\t%s\n' "${path##*/}" "${driver##*/}"
	done
}

claimed()
{
	for path in "${IOMMUFD_ROOT:-}"/run/iommufdctl/claims/*:*; do
		[ -f "$path" ] || continue
		name=${path##*/}
		case $name in *[!A-Za-z0-9_.:,@+-]*) continue ;; esac
		printf '%s\t%s\n' "${name#*:}" "${name%%:*}"
	done
}

case $kind in
claimable | claimed) "$kind" ;;
list) columns list -n ;;
any) columns list -n --all ;;
session) columns session list ;;
# Without a session they are those that a command can open itself.
devices | ids) found=$(columns "$@" show); [ "$found" ] || { kind=list; found=$(columns list -n); }; printf '%s\n' "$found" ;;
*) columns "$@" show ;;
esac
