# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: logins in masses: half open, without an ACL, begun and dropped
# time: 60
# kernels: um 6.12

# Refusals are logged by one line of code, ten times in five seconds at most.
log_limit() { echo $((10 * ((SECONDS - started) / 5 + 2))); }

ok "the target can be configured" wire_target || exit
ok "an honest initiator at work" wire_honest || exit
within 10 "its I/O moves" io_moves
mine=$(channels_now)

started=$SECONDS
wire_watch
wire --case storm.strangers
wire_watch_end
at_most "$(klog_count 'login of .* refused')" "$(log_limit)" \
	"a thousand strangers do not flood the log"
# One more: the session that srp-wire has beside them.
at_most "$wire_channels" $((mine + 1)) "strangers never have a channel"
# The programs at their end, fifty at a time, hold some.
at_most "$wire_memory" 8192 "strangers hold no memory, in KiB"

wire_watch
wire --case storm.half-open
wire_watch_end
# (One that goes over to those that are ending may be seen in both places.)
at_most "$wire_channels" $((mine + 65)) "64 logins at once have channels"
ok "so many do, at times" [ "$wire_channels" -gt $((mine + 32)) ]
# A channel takes 1.5 MiB, and its queue pair another one with soft RoCE.
at_most "$wire_memory" $((64 * 2560 + 8192)) "they hold 2.5 MiB each, in KiB"

wire --case storm.fickle --case storm.spurn --case 'session.loop*' \
	--case session.channel-limit
# Slabs and address space that 64 channels at once have needed stay with the
# kernel, half used; another round of the same adds nothing.
wire_honest_ok 6000
at_most "$(klog_count 'login of .* refused')" "$(log_limit)" \
	"refusals do not flood the log"
