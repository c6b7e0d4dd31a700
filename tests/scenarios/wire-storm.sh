# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: logins in masses: half open, without an ACL, begun and dropped
# time: 60
# kernels: um 6.12

ok "the target can be configured" wire_target || exit
wire_settled
ok "an honest initiator at work" wire_honest || exit
wire --case storm.strangers --case storm.half-open --case storm.fickle \
	--case storm.spurn --case 'session.loop*' --case session.channel-limit
wire_honest_ok
wire_memory_back 3000
at_most "$(klog_count 'srpt.*(refused|never)')" 500 "strangers do not flood the log"
