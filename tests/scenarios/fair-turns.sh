# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a channel that moves much lets others of its processor have their turn, after 256 KiB
# time: 15
# routine: um
# fabric: hca

# longest: the most of its commands that came in with nothing in between.
longest() {
	local line run=0 most=0

	while read -r line; do
		if [[ $line == srpt_cmd:*' data 131072 '* ]]; then
			((++run > most)) && most=$run
		else
			run=0
		fi
	done <<<"$story"
	echo "$most"
}

ok "the InfiniBand fabric comes up" ib_up || exit
ok "the target can be configured" ib_target || exit
# however scattered its data, a read is one command
initiator_load ch_count=1 cmd_sg_entries=32
ok "login" ib_login || exit
dev=$(disk "$host")
echo 128 >"/sys/block/${dev##*/}/queue/max_sectors_kb"
ok "events can be switched on" trace_on
ok "16 reads of 128 KiB at a time" fio --name=much --filename="$dev" --rw=read \
	--bs=128k --iodepth=16 --direct=1 --ioengine=libaio --size=8m
ok "they have been seen" story .
is "$(grep -c 'srpt_cmd: .* data 131072 ' <<<"$story")" 64 "each in one command"
# an answer is a work item of the same processor
at_most "$(longest)" 2 "after two of them comes the turn of others"
trace_off
