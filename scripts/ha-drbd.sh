# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of demo-ha
#
# The part of demo-ha that is about DRBD.  Sourced, never run.

group=ha
tool=srpt-drbd
members=(i b a)
mib=128		# the disk of each target
limit=60	# seconds: I/O goes on within that time
comes_back="and gets what it has missed"
ends="logout; are both copies the same?"
steps=(prepare boot replicate export_disk connect kill_active come_back change_over
	take_down)

nics() {
	case $1 in
	i) nic ia n0 0a:01 on; nic ib n1 0b:01 on ;;
	b) nic ib n0 0b:02 off; nic ab n1 ab:02 on ;;
	a) nic ia n0 0a:02 off; nic ab n1 ab:01 off ;;
	esac
}

disk() {
	[[ $1 != i ]] || return 0
	printf ' -drive file=%s,format=raw,if=none,id=disk,cache=unsafe' "$dir/$1.img"
	printf ' -device virtio-blk-pci,drive=disk'
}

hardware() { nics "$1"; disk "$1"; }

make_disks() { truncate -s "${mib}M" "$dir/a.img" "$dir/b.img"; }

# Who is to listen first starts first.
start_guests() {
	start i
	must "the initiator starts" appears "$dir/ia" "$dir/ib"
	start b
	must "target b starts" appears "$dir/ab"
	start a
	power_switch &
	switch=$!
}

# power_switch: a target that shall take over has its peer turned off, and is told
# when it is.
power_switch() {
	local name peer pid

	while sleep 0.1; do
		for name in a b; do
			[[ -e $dir/$name/fence ]] || continue
			peer=b
			[[ $name == a ]] || peer=a
			pid=$(<"$dir/$peer/pid")
			kill -KILL "$pid" 2>/dev/null || true
			while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
			rm "$dir/$name/fence"
			echo "  $(clock) target $peer is off, target $name knows"
			touch "$dir/$name/fenced"
		done
	done
}

replicate() {
	step "DRBD: two disks of $mib MiB, kept the same (protocol C)"
	must "DRBD comes up" each "a b" drbd_up first
	must "DRBD takes the disk of target a for the right one" on a doc drbd-sync
	must "DRBD gets both disks in step" on a drbd_in_step
}

first_take() {
	must "target a takes over" on a doc ha-by-hand
	must "target b watches" on b watch_peer
}

# catch_up: what target a has missed.
catch_up() {
	local part all

	must "DRBD comes up" on a drbd_up ''
	must "both disks are in step" on a drbd_in_step
	read -r part all < <(on a resynced)
	echo "resynced: $part KiB of $all"
	((part > 0 && part < all / 2)) || failed "only what has changed is resynced"
}

hand_over() {
	on b watch_over
	clock_start
	must "target b gives it away" on b doc ha-give
	echo "  $(clock) given away"
	must "target a takes it" on a doc ha-take
	echo "  $(clock) taken"
}

storage_down() {
	must "target a gives the disk away" on a srpt-drbd give r0
	must "both are in step" on a drbd_in_step >/dev/null
	must "the targets go" each "a b" drbd_down
}

disks_are_right() {
	must "the disks of a and b are the same" cmp -n $(((mib - 1) << 20)) \
		"$dir/a.img" "$dir/b.img"
	echo "$((mib - 1)) MiB of both disks are the same, byte by byte"
}
