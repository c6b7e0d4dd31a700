# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: use_srq is toggled with sessions at work, of this TPG and of another
# time: 20
# routine: um 6.12

srq_of() { grep -c " acl=$(ext_id "$1") .* srq=$2" "$debugfs_srpt/channels"; }

ok "the target can be configured" target_simple || exit
other=${tpg%/*}/other
backstore_ramdisk disk2
tpg_create "$other" && tpg_lun "$other" 0 disk2 || exit
for n in 1 2 3; do
	tpg_acl "$other" "$(ext_id $n)" 0
done
tpg_enable "$other"
initiator_load ch_count=1
ok "login to a TPG that is left alone" login || exit
dev=$(disk "$host")
steady_io "$dev"
ok "login to the other" login "$(ext 1)" || exit
first=$host
is "$(srq_of 1 0)" 1 "on Ethernet without a shared receive queue by default"
for value in 1 0 1; do
	returns_within 5 "use_srq can be set to $value" \
		tpg_attr "$other" use_srq $value
	ok "login" login "$(ext 2)" || exit
	is "$(srq_of 2 $value)" 1 "gets what was set"
	ok "verified I/O" verified_io "$(disk "$host")" --size=256k
	ok "and an older session works as before" \
		verified_io "$(disk "$first")" --size=256k
	ok "logout" logout "$host"
done
is "$(srq_of 1 0)" 1 "the older session has kept its queue"
tpg_attr "$other" use_srq 1
ok "two with a shared queue" login "$(ext 2)"
second=$host
ok "at once" login "$(ext 3)"
tpg_attr "$other" use_srq 0
logout "$second"
ok "the last of them works on after the switch" \
	verified_io "$(disk "$host")" --size=256k
io_ok "the TPG that was left alone did not notice anything"
