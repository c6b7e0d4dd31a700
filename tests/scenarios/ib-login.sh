# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: IB/CM login and verified I/O: SRQ, immediate data, channels, memory
# time: 60
# every: one

# Packet numbers that initiators begin with, of all logins.
first_packets=()
note_packets() {
	local n

	while read -r n; do
		first_packets+=("$n")
	done < <(rdma resource show qp link vhca1/1 |
		sed -n 's/.* type RC .* rq-psn \([0-9]*\) .*/\1/p')
}
somewhere() {
	local n

	for n in "${first_packets[@]}"; do
		((n < 65536)) || return 0
	done
	diag "${first_packets[*]}"
	return 1
}

run() {
	local what=$1

	shift
	ok "$what: login" ib_login "$@" || return
	note_packets
	dev=$(disk "$host")
	ok "$what: verified I/O, small" verified_io "$dev"
	ok "$what: verified I/O, mixed to 512k" verified_io "$dev" \
		--bsrange=512-512k --rw=randwrite --size=8m
	ok "$what: logout" logout "$host"
}

ib_up || bail "the fabric comes up"
for srq in 0 1; do
	ok "use_srq=$srq: the target can be configured" \
		ib_target -a use_srq=$srq || exit
	for imm in Y N; do
		initiator_load use_imm_data=$imm
		run "use_srq=$srq use_imm_data=$imm"
	done
	initiator_load ch_count=4
	run "use_srq=$srq, 4 channels" 
	initiator_load register_always=N
	run "use_srq=$srq register_always=N"
	initiator_load never_register=Y register_always=N
	run "use_srq=$srq never_register=Y" 
	initiator_load indirect_sg_entries=256 cmd_sg_entries=255 \
		allow_ext_sg=Y
	run "use_srq=$srq, long descriptor lists" sg_tablesize=256 \
		allow_ext_sg=1
	initiator_unload
	target_clear
	backstores_down
	ok "use_srq=$srq: the driver unloads" target_unload
done
ok "connections begin with any packet number" somewhere
