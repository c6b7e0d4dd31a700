# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: what a session is, what it has done, how long that took, and what its end waits for
# time: 25
# every: one

move() { dd "$@" bs=4k iflag=direct 2>/dev/null; }
read_some() { move if="$1" of=/dev/null count="$2"; }
write_some() {
	dd if=/dev/zero of="$1" bs=4k oflag=direct count="$2" 2>/dev/null
}
# grown KEY: by how much that is more than at the last look at the session.
look() {
	record sessions "acl=$acl" && before=$record
}
grown() {
	local value was

	value_of "$1" "$before" && was=$value
	record sessions "acl=$acl" && value_of "$1" "$record" &&
		echo $((value - was))
}
stalls() { [[ $(of sessions stalled "acl=$acl") == 1 ]]; }
waits_for() { [[ $(of ending waits "session=$id") == "$1" ]]; }
has_channels() { [[ $(of sessions channels "session=$id") == "$1" ]]; }
nobody_ends() { [[ $(<"$debugfs_srpt/ending") == "version 1" ]]; }
is_gone() { ! record sessions "session=$1"; }
sample() { echo "$1" >/sys/module/ib_srpt/parameters/srpt_latency_sample; }
close_it() { echo "$1" >"$debugfs_srpt/close"; }

# Nobody has sent a command for a second.
at_rest() {
	local was=$cmds

	cmds=$(of sessions cmds "acl=$acl")
	sleep 1
	[[ $cmds == "$was" ]]
}
cmds=''

modprobe target_core_mod
nullblk nb 16
dm_block frozen /dev/nb
backstore_block frozen /dev/mapper/frozen
backstore_ramdisk calm
ok "the target can be configured" target_simple frozen || exit
tpg_lun "$tpg" 1 calm && tpg_acl "$tpg" "$(ext_id 1)" 1
for file in sessions channels ending latency ports refusals; do
	like "$(<"$debugfs_srpt/$file")" $'^version 1\n?' "$file has a version"
done
initiator_hasty ch_count=1
ok "login" login || exit
mine=$host
# it does not come back by itself when it is closed
echo off >"/sys/class/srp_remote_ports/port-${host#host}:1/reconnect_delay"
dev=$(disk "$host")
within 15 "the kernel has looked at the disk" at_rest

# --- who -------------------------------------------------------------------------
ok "there is a session" record sessions "acl=$acl" "hca=rxe0" "port=1" \
	"target=${tpg%/*}" "tpg=${tpg#*/}" "port_id=$acl" "channels=1" ||
	diag "$(<"$debugfs_srpt/sessions")"
id=$(of sessions session "acl=$acl")
ok "its channel knows the initiator by all of its names" record channels \
	"session=$id" cm=RDMA by=initiator-port-id "ipv4=$initiator_ip" \
	"gid=0x00000000000000000000ffff0a4d0002" "guid=0000:ffff:0a4d:0002" \
	"port_id=$acl" state=live ||
	diag "$(<"$debugfs_srpt/channels")"

# --- how much --------------------------------------------------------------------
sample 1
look
was=$(histogram "$id" read)
read_some "$dev" 64
write_some "$dev" 32
wait_for 5 disks_idle "$host"
is "$(grown reads)" 64 "64 reads are counted"
is "$(grown read_bytes)" 262144 "with their bytes"
is "$(grown writes)" 32 "32 writes"
is "$(grown write_bytes)" 131072 "with theirs"
is "$(grown cmds)" "$((96 + $(grown nodata)))" "all commands are those"
is "$(($(histogram "$id" read) - was))" 64 "all reads were timed"
sample 16
was=$(histogram "$id" write)
write_some "$dev" 64
is "$(($(histogram "$id" write) - was))" 4 "one write of 16"
sample 0
was=$(histogram "$id" write)
write_some "$dev" 32
is "$(($(histogram "$id" write) - was))" 0 "and none"
sample 1
fails "65537 is no such number" sample 65537
look
sg_reset -d -N "$dev" >/dev/null 2>&1
is "$(grown tmfs)" 1 "a reset is counted"
read_some "$dev" 1
at_most "$(grown check_conditions)" 1 "and the unit attention after it" ||
	diag "$record"

# --- for node_exporter -----------------------------------------------------------
out=/run/srpt.prom
exporter=${BASH_SOURCE[0]%/*}/../../scripts/srpt-exporter
(login "$(ext 7)") 2>/dev/null
ok "the exporter writes its file" "$exporter" "$out"
metrics=$(<"$out")
like "$metrics" "srpt_session_info\{session=\"$id\",hca=\"rxe0\",port=\"1\",.*acl=\"$acl\"" \
	"the session is in it"
like "$metrics" "srpt_session_reads_total\{session=\"$id\"\} $(of sessions reads "acl=$acl")"$'\n' \
	"its counters"
like "$metrics" "_latency_seconds_count\{session=\"$id\",dir=\"read\"\} $(histogram "$id" read)"$'\n' \
	"its histogram"
like "$metrics" "srpt_port_accepted_total\{hca=\"rxe0\",port=\"1\"\} 1" \
	"and the port"
# The dashboard asks for nothing else.
dashboard=$(<"${exporter%/*}/srpt-dashboard.json") asked=0 lacking=''
while [[ $dashboard =~ (srpt_[a-z_]+)(.*) ]]; do
	dashboard=${BASH_REMATCH[2]}
	((++asked))
	[[ $'\n'$metrics == *$'\n'"${BASH_REMATCH[1]}{"* ]] ||
		lacking+=" ${BASH_REMATCH[1]}"
done
is "$((asked > 20)) $lacking" "1 " "what the dashboard of Grafana asks for is there"
is "$(find "$out" -printf %m)" 644 "others may read it"
is "$(find "$out".* 2>/dev/null)" "" "nothing else is left there"
fails "without views it says so" "$exporter" --views /nowhere "$out"
is "$(<"$out")" "$metrics" "and leaves what is there"

# --- on a terminal ---------------------------------------------------------------
seen=$("${exporter%/*}/srpt-top" --once --interval 0.5)
like "$seen" $'\n'" *$id .* $acl" "srpt-top shows the session"

# --- what it waits for -----------------------------------------------------------
dm_freeze frozen
read_some "$dev" 1 3>&- &
reader=$!
within 15 "a command in a backstore for 5 s is stalled" stalls
is "$(of sessions active "acl=$acl")" 1 "it is the only one"
at_most 5000 "$(of sessions oldest "acl=$acl")" "its age is shown"
was=$(histogram "$id" read)
ok "another session" login "$(ext 1)"
other=$(of sessions session "acl=$(ext_id 1)")
fails "a session that is not there cannot be closed" close_it 4711
fails "nor can what is no number" close_it all
is "$(find "$debugfs_srpt/close" -printf %m)" 200 "closing is for root alone"
ok "the one that waits is closed" close_it "$id"
within 10 "its end waits for the backstore" waits_for backstore
is "$(of ending active "session=$id")" 1 "for one command"
is "$(of channels state "session=$other")" live "the other session goes on"
ok "the session is shown while it waits" record sessions "session=$id"

# --- a session outlives its channels ---------------------------------------------
logout "$host"
within 10 "the other session ends" is_gone "$other"
logout "$mine"
wait "$reader"
before=$(of sessions reads "session=$id")
login 3>&- &
joining=$!
within 5 "a new channel of the initiator joins the old session" \
	has_channels 2
dm_thaw frozen
ok "it gets in when the old one has ended" wait "$joining"
within 10 "nothing waits any more" nobody_ends
ok "it is the same session" has_channels 1
at_most "$before" "$(of sessions reads "session=$id")" \
	"that has counted what the old channel did"
logout_all
within 10 "it ends with its last channel" is_gone "$id"
