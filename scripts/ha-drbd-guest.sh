# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of demo-ha-guest and the library
#
# The part of demo-ha-guest that is about DRBD.  Sourced, never run.

unpack_less=()		# what is not needed of the packages
export_by=''		# what takes the place of words of the recipe

drbd_files() {
	unpack drbd-utils
	mkdir -p /etc/drbd.d /var/lib/drbd /run/drbd /run/lock /usr/local/sbin
	doc_file drbd-resource /etc/drbd.d/r0.res
	sed -i "s#192\.0\.2\.65#$link_disk.1#; s#192\.0\.2\.66#$link_disk.2#
		s#/dev/vg/disk1#/dev/vda#" /etc/drbd.d/r0.res
	fence_peer >/usr/local/sbin/fence-peer
	chmod +x /usr/local/sbin/fence-peer
	modprobe -a virtio_blk drbd dm_mod
	wait_for 10 test -b /dev/vda
}

# fence_peer: what DRBD calls before it takes a resource over from a peer that it
# cannot reach. scripts/demo-ha is the power switch; 7 says that the peer is off.
fence_peer() {
	cat <<-EOF
		#!/bin/sh
		echo >$share/fence
		for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			[ ! -e $share/fenced ] || { rm $share/fenced; exit 7; }
			sleep 0.5
		done
		exit 1
	EOF
}

# drbd_up FIRST_TIME
drbd_up() {
	drbd_files || return
	if [[ $1 ]]; then
		doc_run drbd-first
	else
		drbdadm up r0
	fi >/run/drbd.log 2>&1 || { cat /run/drbd.log; return 1; }
	wait_for 20 met
}
met() { [[ $(</proc/drbd) == *cs:@(Connected|Sync)* ]]; }
in_step() { [[ $(</proc/drbd) == *'cs:Connected '*'ds:UpToDate/UpToDate '* ]]; }
drbd_in_step() { wait_for 40 in_step && cat /proc/drbd; }

# resynced: KiB that had to be brought up to date here, and of how many.
resynced() {
	local size

	size=$(</sys/block/drbd0/size)
	echo "$(klog | sed -n 's/.*will sync \([0-9]*\) KB.*/\1/p' | tail -n 1)" \
		$((size / 2))
}

watch_block() { doc_block ha-watch; }
watch_over() { pkill -f '/srpt-drbd watch'; }

# drbd_down: the disk is nobody's any more.
drbd_down() {
	target_clear && rmdir "$core"/iblock_0/r0/alua/node? "$core"/iblock_0/r0 &&
		dmsetup remove r0 && drbdadm down r0
}
