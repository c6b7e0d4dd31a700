# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# InfiniBand: the virtual HCAs vhca0 (the initiator's) and vhca1 (the target's),
# back to back, brought up by the stock subnet manager.

ib_control=/sys/kernel/debug/vhca/control
ib_status=/sys/kernel/debug/vhca/status
ib_osm_log=/run/opensm.log

# ib_up [PARAMETER=VALUE...]: plugs in the HCAs, with these parameters of
# module vhca; both ports of the first link are ACTIVE when it returns.  The
# soft RoCE device goes, so that the target under test has these HCAs alone.
ib_up() {
	mountpoint -q /sys/kernel/debug ||
		mount -t debugfs none /sys/kernel/debug || return
	modprobe -q configfs
	mountpoint -q /sys/kernel/config ||
		mount -t configfs none /sys/kernel/config || return
	[[ ! -e /sys/class/infiniband/rxe0 ]] || rxe_down || return
	modprobe -a ib_umad ib_uverbs ib_cm rdma_cm rdma_ucm || return
	modprobe vhca "$@" || return
	ib_sm_start vhca0 && wait_for 10 ib_all_active
}

ib_down() {
	if [[ -e /sys/module/vhca || -e /run/opensm.conf ]]; then
		ib_stop srp_daemon
		ib_sm_stop
		rm -f /run/opensm.conf
	fi
	[[ ! -e /sys/module/ib_ipoib ]] || modprobe -r ib_ipoib
	[[ ! -e /sys/module/vhca ]] || modprobe -r vhca
}
reset_hooks+=(ib_down)

# ib_stop PROGRAM: ends that program of ours, and waits for its end.
ib_stop() {
	pkill -x "$1" || return 0
	wait_for 10 ib_gone "$1" || { pkill -KILL -x "$1"; sleep 0.2; }
}
ib_gone() { ! pgrep -x "$1" >/dev/null; }

# ib_ctl HCA COMMAND...: see tests/hca/vhca_ctl.c.
ib_ctl() { echo "$*" >"$ib_control"; }

# ib_hits HCA: how often the rules of that HCA have hit, together.
ib_hits() {
	local lines=() line on='' n=0

	mapfile -t lines <"$ib_status"
	for line in "${lines[@]}"; do
		case $line in
		vhca*) on=''; [[ ${line%%[[:space:]]*} != "$1:" ]] || on=1 ;;
		'  rule '*) [[ ! $on ]] || ((n += ${line##* })) ;;
		esac
	done
	echo "$n"
}

# ib_count HCA WORDS: what its status says the number of that is.
ib_count() { sed -n "/^$1:/,/^vhca/s/^  $2: //p" "$ib_status"; }

# --- ports -------------------------------------------------------------------

ib_port() { echo "/sys/class/infiniband/$1/ports/${2:-1}"; }

# ib_state HCA [PORT]: DOWN, INIT, ARMED, ACTIVE.
ib_state() {
	local state

	read -r _ state <"/sys/class/infiniband/$1/ports/${2:-1}/state" &&
		echo "$state"
}
ib_is() {
	local state

	read -r _ state 2>/dev/null \
		<"/sys/class/infiniband/$1/ports/${3:-1}/state" &&
		[[ $state == "$2" ]]
}
ib_all_active() { ib_is vhca0 ACTIVE && ib_is vhca1 ACTIVE; }
ib_lid() { printf '%d\n' "$(cat "$(ib_port "$@")/lid")"; }
ib_smlid() { printf '%d\n' "$(cat "$(ib_port "$@")/sm_lid")"; }

# ib_has_dm HCA [PORT]: the port says that it can be asked for controllers.
ib_has_dm() {
	local mask

	read -r mask 2>/dev/null \
		<"/sys/class/infiniband/$1/ports/${2:-1}/cap_mask" &&
		((mask & 0x80000))
}

# ib_umad HCA [PORT]: the device to send MADs with.
ib_umad() {
	local d

	for d in /sys/class/infiniband_mad/umad*; do
		[[ $(<"$d/ibdev") == "$1" && $(<"$d/port") == "${2:-1}" ]] &&
			echo "/dev/infiniband/${d##*/}" && return
	done
	return 1
}

# The port GUID and the GID as bare hexadecimal digits.
ib_guid() {
	local gid

	gid=$(ib_gid "$@") && echo "${gid:16}"
}
ib_gid() {
	local gid

	read_gid "$@" && echo "${gid//:/}"
}

# --- the subnet manager ------------------------------------------------------

# ib_sm_start HCA [OPTION...]
ib_sm_start() {
	local hca=$1

	shift
	# A standby manager asks for the master every second.
	printf '%s\n' 'sminfo_polling_timeout 1000' 'polling_retry_number 3' \
		>/run/opensm.conf
	opensm -F /run/opensm.conf -g "0x$(ib_guid "$hca")" -f "$ib_osm_log" -s 1 -t 1000 "$@" \
		</dev/null >/dev/null 2>&1 3>&- &
	ib_sm_pid=$!
}

ib_sm_stop() { ib_stop opensm; }

# A heavy sweep: what was changed behind the manager's back is set right.
ib_sm_sweep() { pkill -HUP -x opensm; }

# A paused one sets nothing right until it goes on.
ib_sm_pause() { pkill -STOP -x opensm; }
ib_sm_go_on() { pkill -CONT -x opensm; }

# --- the target --------------------------------------------------------------

# ib_target [-p PARAMETER=VALUE]... [-a ATTRIBUTE=VALUE]... [-n] [HCA...]
# Loads the driver, with a disk for each HCA (default: vhca1) exported by its
# port 1, under the port's GUID, to vhca0; enabled unless -n is given.
# Sets $tpg, the last HCA's.
ib_target() {
	local params=() attrs=() enable=1 opt attr h OPTIND=1

	while getopts p:a:n opt; do
		case $opt in
		p) params+=("$OPTARG") ;;
		a) attrs+=("$OPTARG") ;;
		n) enable='' ;;
		*) return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	modprobe target_core_mod && modprobe ib_srpt "${params[@]}" || return
	mkdir -p "$srpt"
	for h in "${@:-vhca1}"; do
		tpg=$(port_name_guid "$h")/$(port_name_guid "$h")
		tpg_create "$tpg" && backstore_ramdisk "disk-$h" || return
		for attr in "${attrs[@]}"; do
			tpg_attr "$tpg" "${attr%%=*}" "${attr#*=}" || return
		done
		tpg_lun "$tpg" 0 "disk-$h" || return
		tpg_acl "$tpg" "$(port_name_guid vhca0)" 0 || return
		[[ ! $enable ]] || tpg_enable "$tpg" || return
	done
}

# The id by which the target can be reached, 16 digits.
ib_service() {
	local guid

	read -r guid </sys/module/ib_srpt/parameters/srpt_service_guid &&
		echo "${guid#0x}"
}

# ib_target_back: after the target's HCA has gone and come again.  The stock
# target forgets what was configured; ours does not.
ib_target_back() {
	[[ ${STOCK:-} ]] || return 0
	target_clear
	backstores_down
	ib_target "$@"
}

# --- the initiator -----------------------------------------------------------

# ib_login_string [KEY=VALUE...]: prints what add_target takes to reach vhca1.
# Short timeouts, so that what is to fail does so within a test.
# make_ib_login_string: sets $target_string to it.
ib_login_string() {
	local target_string

	make_ib_login_string "$@" && echo "$target_string"
}
make_ib_login_string() {
	local guid gid

	read -r guid </sys/module/ib_srpt/parameters/srpt_service_guid
	guid=${guid#0x}
	read_gid vhca1
	join_target "id_ext=$guid" "ioc_guid=$guid" "dgid=${gid//:/}" pkey=ffff \
		"service_id=$guid" tl_retry_count=2 "$@"
}

# ib_login [KEY=VALUE...]: logs in over IB/CM from vhca0; sets $host.
ib_login() {
	local target_string

	make_ib_login_string "$@" &&
		login_at "/sys/class/infiniband_srp/srp-${hca:-vhca0-1}/add_target" \
			"$target_string"
}

# srpd_once / srpd_start: the stock discovery tools, on the initiator's port,
# for the target's port alone (the kernel's own target answers at all ports).
srpd_rules() {
	printf 'a dgid=%s\nd\n' "$(ib_gid vhca1)" >/run/srp_daemon.conf
	[[ -e /sys/module/ib_srp ]] || initiator_load || return
	wait_for 5 test -e /sys/class/infiniband_srp/srp-vhca0-1
}

# shellcheck disable=SC2120 # scenarios give it more options
srpd_once() {
	srpd_rules && srp_daemon -o -e "$@" -f /run/srp_daemon.conf \
		-d "$(ib_umad vhca0)" >/dev/null 2>&1
}

srpd_start() {
	srpd_rules || return
	srp_daemon -e -c -n -f /run/srp_daemon.conf "$@" \
		-d "$(ib_umad vhca0)" </dev/null >/run/srp_daemon.out 2>&1 3>&- &
}

# ib_show_login: the InfiniBand way to a disk, for people to watch: the port,
# what the stock tools find behind it, and a login by srp_daemon; sets $host.
ib_show_login() {
	wait_for 10 ib_has_dm vhca1 || return
	echo "the target's port, by ibstat:"
	ibstat vhca1 | grep -E 'State|state|Base lid|SM lid|Port GUID|Link layer'
	echo "what ibsrpdm finds:"
	ibsrpdm -c -d "$(ib_umad vhca0)" || return
	# no udev here to load it for a new disk
	modprobe -aq sd_mod sg
	echo "srp_daemon logs in"
	# shellcheck disable=SC2119
	srpd_once && wait_for 10 first_host
}

# --- the raw initiator over InfiniBand ---------------------------------------

# ib_wire_acl [LUN [LUN]]: after ib_target -n: srp-wire goes to that LUN (0) over
# IB/CM, beside ib_srp, which has the other (0), and the target is enabled.  The two are told apart by
# their port ids: an ACL for the GUID of the port that they share would let
# either of them in.
ib_wire_acl() {
	tpg_acl_remove "$tpg" "$(port_name_guid vhca0)" &&
		tpg_acl "$tpg" "0x$wire_iport" "${1:-0}" &&
		tpg_acl "$tpg" "$(initiator_port_id vhca0)" "${2:-0}" &&
		tpg_enable "$tpg" && ib_wire "${1:-0}"
}

# ib_wire LUN: srp-wire goes there over IB/CM.
ib_wire() {
	# A GID with its colons is an IPv6 address to those who parse it.
	wire_options+=(--addr "$(gid_of vhca1)" --src "$(gid_of vhca0)"
		--lun "$1" --sid "$(ib_service)" --guid "$(ib_service)")
}
