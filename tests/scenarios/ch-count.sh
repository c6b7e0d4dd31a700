# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: sessions of one and of four channels
# time: 12

ok "the target can be configured" target_simple || exit
for n in 1 4; do
	initiator_load ch_count=$n
	klog_mark
	ok "login with ch_count=$n" login || exit
	# No more channels than processors are opened.
	cpus=$(getconf _NPROCESSORS_ONLN)
	wanted=$((n < cpus ? n : cpus))
	is "$(channels "$host")" "$wanted" "it has $wanted channels"
	is "$(grep -o ' cpu=[0-9]*' "$debugfs_srpt/channels" | sort -u | wc -l)" \
		"$wanted" "each has a processor of its own"
	ok "verified I/O from several processors" verified_io "$(disk "$host")" \
		--numjobs=2 --size=512k --offset_increment=4m
	ok "logout" logout "$host"
done
