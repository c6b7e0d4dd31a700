# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: the HCA is pulled under I/O; the configuration stays usable and revives
# processors: parallel
# time: 35
# every: one

# Who is loaded last is told of a removal first: that must be the target.  Its
# initiators would be gone before it looks otherwise.
initiator_hasty
ok "the target can be configured" target_simple || exit
id1=$(ext_id 1)
other=$(port_name_guid rxe0)/tpgt_1
for srq in 1 0; do
	tpg_attr "$tpg" use_srq $srq
	ok "login" login || exit
	doomed_io "$(disk "$host")"
	gone=$host
	sleep 0.7
	returns_within 20 "the HCA can be removed under I/O" rxe_down
	is "$(channels_now)" 0 "no channel is left"
	within 30 "that I/O ends" doomed_over
	within 10 "so does the initiator's host" host_gone "$gone"
	ok "no session is left" no_session "$tpg" "$acl"

	ok "without an HCA the TPG can be disabled" tpg_disable "$tpg"
	ok "an attribute be changed" tpg_attr "$tpg" srp_max_rsp_size 512
	ok "an ACL be made" tpg_acl "$tpg" "$id1" 0
	ok "and removed" tpg_acl_remove "$tpg" "$id1"
	ok "a TPG be made" tpg_create "$other"
	ok "and removed" port_remove "${other%/*}"
	ok "the port be changed" target_listen 5600
	ok "and back" target_listen "$target_port"
	ok "the TPG be enabled" tpg_enable "$tpg"

	ok "the HCA comes back" rxe_up || exit
	ok "login without doing anything more" login || exit
	ok "verified I/O" verified_io "$(disk "$host")"
	logout "$host"
done
