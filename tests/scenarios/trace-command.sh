# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: tracepoints: a login, a refusal, and a command that is followed by its tag
# time: 35

# steps: the names of the story alone.
steps() {
	local line out=''

	while IFS=: read -r line _; do
		out+=" $line"
	done <<<"${story%$'\n'}"
	echo "${out# }"
}
# followed CDB0: the story of the first command with that opcode.
followed() {
	story "cdb 0x$1" || return
	[[ $story =~ (qp\ [0-9]+\ tag\ 0x[0-9a-f]+)\  ]] &&
		story "${BASH_REMATCH[1]} "
}

# told CDB0 STEPS: that story has these steps by now.
told() { followed "$1" && [[ $(steps) == "$2" ]]; }

ok "the target can be configured" target_simple || exit
ok "events can be switched on" trace_on
refused 0x00010003 "a stranger is refused" "$(ext 7)"
ok "that is seen" story "srpt_refused: peer $initiator_ip port_id $(ext_id 7)"
like "$story" ' port 1 fault no ACL for this initiator' "with its reason"
ok "login" login || exit
dev=$(disk "$host")
wait_for 5 disks_idle "$host"
ok "so is a login" story "srpt_login: peer $initiator_ip port_id $acl"
# ib_srp makes a channel a processor
like "$story" 'step request.*step access.*step queues.*step session.*step reply' \
	"with its steps"
ok "and the states of its channel" story "srpt_ch_state: .*connecting -> live"

forget
dd if="$dev" of=/dev/null bs=4k count=1 skip=5 iflag=direct 2>/dev/null
ok "a read can be followed" followed 28
# nobody waits for an answer to have left: that is seen a little later
within 2 "from its request to its end" \
	told 28 "srpt_cmd srpt_rsp srpt_posted srpt_done"
like "$story" 'len 64 lun 0 cdb 0x28 dir read data 4096 fault no fault' "its request"
like "$story" 'srpt_rsp: .* status 0x00 data 4096' "its status"
like "$story" 'srpt_posted: .* wrs 2 rsp 1' "data and response in one post"
like "$story" 'srpt_done: .* status SUCCESS rsp 1' "and their completion"
ok "credits are seen" story 'srpt_credits: qp [0-9]+ delta 1 req_lim [0-9]+'

forget
dd if=/dev/zero of="$dev" bs=16k count=1 oflag=direct 2>/dev/null
ok "a write can be followed" followed 2a
is "$(steps)" "srpt_cmd srpt_posted srpt_done srpt_rsp srpt_posted srpt_done" \
	"from its request to its end"
like "$story" 'dir write data 16384' "its request"
like "$story" 'srpt_posted: .* rsp 0' "its data is fetched"

forget
sg_reset -d -N "$dev" >/dev/null 2>&1
ok "a reset is seen" story 'srpt_tmf: .* func lun-reset .* lun 0'
[[ $story =~ (qp\ [0-9]+\ tag\ 0x[0-9a-f]+)\  ]]
ok "and can be followed" story "${BASH_REMATCH[1]} "
is "$(steps)" "srpt_tmf srpt_answer srpt_posted srpt_done" "to its end"
like "$story" 'srpt_answer: .* code 0x00' "with its response code"

forget
logout "$host"
within 10 "the channel's end is seen" story 'srpt_ch_state: .*draining -> waiting'
ok "and that its work requests are flushed" story 'srpt_wc_error: .* WR_FLUSH_ERR'

tpg_attr "$tpg" srp_sq_size 4
ok "login with a short send queue" login || exit
forget
verified_io "$(disk "$host")" --size=4m --bs=256k --iodepth=16 --ioengine=libaio \
	>/dev/null
ok "what waits for it is seen" story 'srpt_parked: .* want [0-9]+ avail'
trace_off

# The guide's examples, as printed, while there is something to see: a read at a
# time, and a login that is refused.
busy() {
	while sleep 0.2; do
		dd if="$dev" of=/dev/null bs=4k count=1 iflag=direct
		login "$(ext 7)"
	done >/dev/null 2>&1 3>&-
}
recording() { [[ $(<"$trace/events/ib_srpt/srpt_cmd/enable") == 1* ]]; }
attached() { readlink /proc/"$(pgrep -x bpftrace)"/fd/* | grep -q bpf-prog; }
logout "$host"
initiator_load ch_count=1
ok "login with one channel" login || exit
dev=$(disk "$host")
busy &
reader=$!
[[ $(<"$debugfs_srpt/channels") =~ qp=([0-9]+)\ state=live ]]
mine=("18=${BASH_REMATCH[1]}" "sleep 10=sleep 2")
ok "the guide's way to look" doc_until cat 2 trace
like "$printed" 'srpt_cmd: .*srpt_rsp: ' "shows events"
doc_ready=recording
ok "the guide's trace-cmd" doc_until trace-cmd 2 trace-cmd
like "$printed" 'srpt_refused: ' "shows refusals"
unlike "$printed" 'srpt_cmd: ' "and no commands that are good"
ok "of one queue pair" doc_run trace-cmd-qp "${mine[@]}"
like "$printed" 'srpt_cmd: .*srpt_rsp: .*srpt_posted: .*srpt_done: ' "shows its commands"
if [[ $KERNEL == um ]]; then
	skip "perf, bpftrace" "the debug kernel has neither events of perf nor BPF"
else
	ok "the guide's perf" doc_run perf "${mine[@]}"
	like "$printed" '[1-9][0-9]* +ib_srpt:srpt_refused .*srpt_cmd: .*srpt_rsp: ' \
		"counts and shows events"
	doc_ready=attached
	ok "the guide's bpftrace" doc_until bpftrace 4 bpftrace
	like "$printed" '@us:.*\|@' "makes a histogram"
fi
kill "$reader"
wait "$reader" 2>/dev/null
