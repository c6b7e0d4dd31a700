# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a TPG is disabled and enabled under I/O, its ACL taken and given
# processors: parallel
# time: 35
# every: one

acl_away() { tpg_acl_remove "$tpg" "$acl"; }
acl_back() { tpg_acl "$tpg" "$acl" 0; }

ok "the target can be configured" target_simple || exit
initiator_stubborn
ok "login" login || exit
dev=$(disk "$host")
mixed_io "$dev"
for ((i = 0; i < 3; i++)); do
	klog_mark
	returns_within 5 "the TPG is disabled under I/O" tpg_disable "$tpg"
	ok "no channel is left then" channels_are 0
	within 5 "the initiator has been told so" \
		klog_has 'Got target logout request'
	ok "once more does no harm" tpg_disable "$tpg"
	returns_within 5 "it is enabled" tpg_enable "$tpg"
	ok "twice" tpg_enable "$tpg"
	within 20 "the initiator comes back, its I/O moves" io_moves
done
for ((i = 0; i < 20; i++)); do
	tpg_disable "$tpg" && tpg_enable "$tpg"
done
within 20 "the same after 20 times at once" io_moves
# Nothing that arrives in the last moment may be answered by something else than
# the unit, which is on its way out.
for ((i = 0; i < 5; i++)); do
	ok "once more disabled" tpg_disable "$tpg"
	ok "its ACL is removed" acl_away
	ok "and made again" acl_back
	ok "it is enabled" tpg_enable "$tpg"
	within 20 "the initiator comes back, its I/O moves" io_moves
done
io_ok "all that was written was read"
