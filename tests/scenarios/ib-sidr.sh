# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: messages of the connection manager that nobody expects leave nothing behind
# time: 15
# routine: um

counter=/sys/class/infiniband/vhca1/ports/1
refused() { cat "$counter/cm_tx_msgs/sidr_rep"; }
refused_are() { (($(refused) >= $1)); }

# What the debug kernel keeps of memory that was freed goes when a cache is shrunk.
held() {
	local cache

	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
	memory_settled
}

ask() {
	/run/cm-mad vhca0 "$(ib_lid vhca1)" sidr "$(ib_service)" "$1"
}

ib_up || bail "the fabric comes up"
ok "the program compiles" gcc -O1 -o /run/cm-mad \
	"$wire_top/tests/initiator/mad/cm-mad.c" -libumad || exit
ok "the target can be configured" ib_target || exit
ok "login" ib_login || exit
ok "logout" logout "$host"

# Requests for a datagram service under the identifier of the logins. Room that the
# allocator makes for the first thousand it keeps.
ok "a thousand requests for a queue pair" ask 1000
within 10 "each is refused" refused_are 1000
before=$(held)
ok "a thousand more" ask 1000
within 10 "each is refused" refused_are 2000
# A connection identifier of the connection manager is half a KiB and more.
at_most $(($(held) - before)) 400 "nothing stays of them, in KiB"

# On a connection that stands.
trace=/sys/kernel/tracing
mountpoint -q $trace || mount -t tracefs none $trace
ok "the initiator's ids are traced" eval \
	'echo 1 >$trace/events/ib_cma/icm_send_rtu/enable'
ok "login" ib_login || exit
echo 0 >$trace/events/ib_cma/icm_send_rtu/enable
line=$(grep icm_send_rtu $trace/trace | tail -n 1)
echo >$trace/trace
like "$line" 'local_id=[0-9]+ remote_id=[0-9]+' "so there they are"
[[ $line =~ local_id=([0-9]+)\ remote_id=([0-9]+) ]]
ids=("${BASH_REMATCH[@]:1}")
dev=$(disk "$host")
io_in_bursts "$dev"
within 10 "I/O moves" io_moves
ok "it has connections" note_connections
for what in rtu mra:0 mra:1 mra:2 lap mra:2 rtu; do
	args=()
	case $what in
	mra:*) args=("${what#*:}") ;;
	lap) args=("$(gid_of vhca0)" "$(gid_of vhca1)") ;;
	esac
	ok "an unexpected ${what%%:*}" /run/cm-mad vhca0 "$(ib_lid vhca1)" \
		"${what%%:*}" "${ids[@]}" "${args[@]}"
done
isnt "$(cat "$counter/cm_rx_msgs/lap")" 0 "they have arrived"
sleep 1
ok "the connections stand" connections_stand
within 10 "I/O moves" io_moves
io_ok "verified I/O from beginning to end"
ok "logout" logout "$host"
