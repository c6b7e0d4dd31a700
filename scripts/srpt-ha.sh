# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154 # variables that the scripts use and set
#
# What srpt-drbd and srpt-rbd have in common.  Sourced, never run.  $name is the
# device that LIO exports, /dev/mapper/$name.

core=/sys/kernel/config/target/core
standby=2 optimized=0

usage() { sed -n '3,/^$/s/^# \{0,1\}//p' "$0"; }
say() { echo "${0##*/}: $*"; }
die() { say "$*" >&2; exit 1; }

# groups: the ALUA groups of the backstore that exports the device.
groups() {
	for store in "$core"/iblock_*/*/; do
		grep -qs "UDEV PATH: /dev/mapper/$name " "$store/info" || continue
		for group in "$store"alua/*/; do
			[ "${group%/default_tg_pt_gp/}" != "$group" ] || echo "$group"
		done
	done
}

# alua STATE
alua() {
	for group in $(groups); do
		echo "$1" >"$group/alua_access_state"
	done
}

# alua_is: what it is now, in words for "status".
alua_is() {
	for group in $(groups); do
		printf ' ALUA %s' "$(cat "$group/alua_access_state")"
	done
}

# make_device SECTORS: fails all I/O until this target takes over.
make_device() {
	dmsetup info "$name" >/dev/null 2>&1 || dmsetup create "$name" --table "0 $1 error"
	# for machines without udev
	dmsetup mknodes
}

# leads_to TABLE: I/O under way is waited for first.
leads_to() {
	dmsetup load "$name" --table "$1" && dmsetup resume "$name"
}

# arguments "$@": what each of them is called with.  Sets $verb, $what; and $seconds,
# if they are said.
arguments() {
	verb=${1:-} what=${2:-} seconds=${3:-$seconds}
	case $verb in
	-h | --help) usage; exit 0 ;;
	up | take | give | status) [ $# = 2 ] || { usage >&2; exit 2; } ;;
	watch) [ $# = 2 ] || [ $# = 3 ] || { usage >&2; exit 2; } ;;
	*) usage >&2; exit 2 ;;
	esac
}
