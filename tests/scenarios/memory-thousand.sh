# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: a thousand channels get in with all credits by default, take 64 MiB while they are idle, and all wake up at once
# time: 120
# fabric: hca

count=1000
# the debug kernel has no room for both ends of more
[[ $KERNEL != um ]] || count=400
limit=$((count * 65536))
said() { grep -q "^# $1" /run/crowd.out; }
step() { echo >&"$crowd"; }
taken() { echo $(($(<"$debugfs_srpt/memory") - before)); }
bytes_at_most() { (($(taken) <= $1)); }

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" ib_target -n || exit
is "$(tpg_attr "$tpg" use_srq)" 2 "with the receive queue that it takes by itself"
tpg_attr "$tpg" generate_node_acls 1
tpg_attr "$tpg" demo_mode_write_protect 0
ok "the TPG is enabled" tpg_enable "$tpg" || exit
ok "srp-wire can be built" wire_program || exit
before=$(<"$debugfs_srpt/memory")
wire_options+=(--addr "$(gid_of vhca1)" --src "$(gid_of vhca0)" --lun 0
	--sid "$(ib_service)" --guid "$(ib_service)")
# two files for each connection
ulimit -n 4096
mkfifo /run/crowd
wire_run --case crowd.wake --count $count </run/crowd >/run/crowd.out &
crowd_pid=$!
exec {crowd}>/run/crowd
within 300 "$count channels log in, with all credits" said "all are in"
ok "all of them" channels_now_are $count || exit
diag "$(($(taken) / count)) bytes per channel"
at_most "$(taken)" $limit "64 KiB each are enough for them, in bytes"
step
within 200 "they wake up all at once" said "all have their answers"
diag "$(($(taken) / count)) bytes per channel"
within 60 "what that took is back within a minute" bytes_at_most $limit
step
within 60 "and work as before" said "all are well"
step
exec {crowd}>&-
wait "$crowd_pid"
like "$(</run/crowd.out)" $'\nok 1 ' "srp-wire found nothing amiss"
diag "$(grep took /run/crowd.out)"
within 60 "they are gone" channels_now_are 0
within 10 "and so is their memory" bytes_at_most 0
