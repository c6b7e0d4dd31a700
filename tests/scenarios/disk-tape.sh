# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: a tape passed through: written, rewound, read back
# time: 25
# kernels: um 6.12       scsi_debug of 6.1 is no tape: the kernel's own target fails there, too
# routine: um

tape_of() {
	local d

	for d in "/sys/bus/scsi/devices/${1#host}":*/scsi_tape/nst*; do
		[[ ! -c /dev/${d##*/} ]] || tape=/dev/${d##*/}
		[[ $tape && ! $tape =~ [lma]$ ]] && return
	done
	return 1
}

# scsi_debug (before 6.15) knows no file marks: what writes one when it closes
# the drive gets an error then.
write_block() {
	local said

	said=$(dd if=/run/tape.in of="$tape" bs="$1" count=1 2>&1)
	[[ $said != *'error writing'* ]]
}
# Before 6.15 it takes a tape for a disk, and the length of a block for where it
# begins: the drive keeps one block of each length. Later ones are more of a tape, but
# of each block they keep its length and four bytes.
check_block() {
	local kept=4

	[[ $(uname -r) != 6.* ]] || kept=$1
	head -c "$1" /dev/urandom >/run/tape.in
	ok "the tape rewinds" mt -f "$tape" rewind
	ok "a block of $1 is written" write_block "$1"
	ok "the tape rewinds" mt -f "$tape" rewind
	dd if="$tape" of=/run/tape.out bs="$1" count=1
	is "$(wc -c </run/tape.out)" "$1" "as much is read"
	ok "of the same" cmp -n "$kept" /run/tape.in /run/tape.out
}

modprobe target_core_mod
modprobe st
ok "a tape drive" scsi_debug_load ptype=1 || exit
ok "it is passed through" backstore_pscsi tape "${scsi_debug[0]}" || exit
ok "the target can be configured" target_simple tape || exit
for imm in Y N; do
	initiator_load use_imm_data=$imm
	ok "login with use_imm_data=$imm" login || exit
	tape=''
	within 20 "its tape appears" tape_of "$host" || exit
	check_block 4096
	check_block 8192
	[[ $imm == Y ]] || check_block 65536
	logout "$host"
done
