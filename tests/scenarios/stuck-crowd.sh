# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: more writes wait for a disk than may be at work at once: those that are aborted are not written, others go on
# processors: parallel
# time: 75
# routine: um

# thaw_later SECONDS
thaw_later() {
	sleep "$1"
	fs_thaw fs
}

# gone ACL: the target has no channel of that ACL any more.
gone() { ! grep -q " acl=$1 " "$debugfs_srpt/channels"; }

# what others do
login_other() { login "$(ext 1)" && logout "$host"; }
acl_again() {
	tpg_acl_remove "$other" "$(ext_id 1)" &&
		tpg_acl "$other" "$(ext_id 1)" 0 1
}
tpg_again() {
	tpg_remove "$other" && tpg_create "$other" && tpg_lun "$other" 0 calm &&
		tpg_lun "$other" 1 paper && tpg_acl "$other" "$(ext_id 1)" 0 1 &&
		tpg_enable "$other"
}

# note_workers: threads of the kernel that are at work on commands for disks: $most
# is how many there were when there were most.
most=0
note_workers() {
	local file name workers=0

	for file in /proc/[0-9]*/comm; do
		name=''
		read -r name 2>/dev/null <"$file"
		[[ $name != kworker/*+ib_srpt_store* ]] || ((++workers))
	done
	((workers <= most)) || most=$workers
}

modprobe target_core_mod
nullblk below 64
ok "a file system" fs_make fs /dev/below || exit
backstore_fs_file file fs 16 ,fd_buffered_io=1
backstore_ramdisk calm
backstore_file paper
ok "the target can be configured" target_simple calm file || exit
tpg_acl "$tpg" "0x$wire_iport" 1
other=$(port_name_guid rxe0)/other
tpg_create "$other" && ok "and another TPG of it" tpg_again || exit
wire_program
wire_lun=1
wire_run --case login.plain
fs_freeze fs
thaw_later 32 3>&- &
thawing=$!
# Six channels full: wherever the limit is, the last commands are nowhere yet.
wire_run --seconds 30 --count 6 --case tmf.stuck-abort-imm >/run/stuck.tap 3>&- &
stuck=$!
sleep 2
note_workers
ok "another initiator comes" login "$(ext 1)"
ok "verified I/O to another file" verified_io "$(disk "$host" 1)" --size=64k
note_workers
returns_within 5 "it goes" logout "$host"
returns_within 5 "its session ends" wait_for 5 gone "$(ext_id 1)"
returns_within 8 "its ACL goes and comes" acl_again
returns_within 8 "so does its TPG" tpg_again
returns_within 10 "it comes and goes again" login_other
ok "another HCA comes" other_rxe_up
returns_within 10 "and goes" other_rxe_down
note_workers
isnt "$most" 0 "submissions sleep, in workers"
at_most "$most" $((2 * $(nproc))) "not more of these than two for a processor"
fails "the disk is stuck still" not_running "$thawing"
wait "$stuck" "$thawing"
wire_tell </run/stuck.tap
ok "the kernel's initiator" login
ok "verified I/O" verified_io "$(disk "$host")" --size=64k
