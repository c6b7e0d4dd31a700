# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: shared receive queues on and off; no buffer is promised twice
# time: 25
# every: 6.12 6.1

ok "the target can be configured" target_simple || exit
for value in 1 0; do
	ok "use_srq can be set to $value" tpg_attr "$tpg" use_srq $value
	is "$(tpg_attr "$tpg" use_srq)" $value "and reads back as $value"
	ok "login" login || exit
	ok "verified I/O" verified_io "$(disk "$host")" --iodepth=64
	ok "logout" logout "$host"
done

# A buffer is promised to one initiator only: together they never send more than
# there are.
target_clear
backstores_down
ok "the driver unloads" target_unload
ok "a queue of 32 buffers" \
	target_simple -p srpt_srq_size=32 -a use_srq=1 || exit
initiator_load ch_count=1
promised=0
for i in 0 1 2 3; do
	tpg_acl "$tpg" "$(ext_id $((i + 1)))" 0
	ok "login $((i + 1))" login "$(ext "$i")" || exit
	limit=$(<"/sys/class/scsi_host/$host/req_lim")
	((promised += limit))
done
at_most "$promised" 32 "promises"
last=$host
refused 0x00010001 "one more is refused" "$(ext 4)"
ok "one leaves" logout "$last"
within 10 "its buffers come back" channels_now_are 3
ok "and makes room" login "$(ext 4)"
ok "verified I/O" verified_io "$(disk "$host")"
