# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: channels of each completion vector share buffers, those of others have their own
# time: 15
# fabric: hca

# posted N...: as many buffers as that are posted for the channels.
posted() {
	[[ $(grep -oE ' rq=[0-9]+' "$debugfs_srpt/channels" | sort) == \
		"$(printf ' rq=%s\n' "$@" | sort)" ]]
}

in_again() {
	logout_all
	within 20 "all are out" no_channels
	ok "login 1" ib_login initiator_ext=0000000000000001
}

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
initiator_load ch_count=1
for vectors in 1 2 4; do
	echo "0,$vectors" >/sys/module/vhca/parameters/num_comp_vectors
	ok "an HCA with $vectors vectors" ib_ctl del vhca1
	ib_ctl add vhca1
	ib_target_back
	within 15 "ports ACTIVE" ib_all_active
	for i in 1 2 3 4; do
		within 10 "login $i" ib_login initiator_ext=000000000000000$i || exit
	done
	case $vectors in
	1) within 5 "one queue for four channels" posted 84 84 84 84 ;;
	2) within 5 "two queues for two each" posted 42 42 42 42 ;;
	4) within 5 "a queue for each" posted 21 21 21 21 ;;
	esac
	dev=$(disk "$host")
	ok "verified I/O" verified_io "$dev" --iodepth=64
	logout_all
	within 20 "all are out" no_channels
done
in_again
ok "no other queue can be made" ib_ctl vhca1 verb create_srq 1 0 12
within 10 "login 2" ib_login initiator_ext=0000000000000002 || exit
within 5 "they share what there is" posted 22 22
ok "verified I/O" verified_io "$(disk "$host")"
