# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of demo-ha
#
# The part of demo-ha that is about Ceph.  Sourced, never run.

group=ha-ceph
tool=srpt-rbd
members=(i c b a)
limit=90	# seconds: I/O goes on within that time
comes_back="and stands by"
ends="logout, and the end"
steps=(prepare boot cluster export_disk nobody_takes connect kill_active come_back
	change_over freeze wake cut_off take_down)

hardware() {
	case $1 in
	i) nic ia n0 0a:01 on; nic ib n1 0b:01 on ;;
	c) nic ac n0 ac:01 on; nic bc n1 bc:01 on ;;
	b) nic ib n0 0b:02 off; nic bc n1 bc:02 off; switch_of b ;;
	a) nic ia n0 0a:02 off; nic ac n1 ac:02 off; switch_of a ;;
	esac
}

# switch_of NAME: what stops the machine, or takes a link off: QEMU's monitor.
switch_of() {
	rm -f "$dir/$1".{in,out}
	mkfifo "$dir/$1".{in,out}
	printf ' -chardev pipe,id=switch,path=%s -mon chardev=switch' "$dir/$1"
}

# cluster_link NAME on|off
cluster_link() { echo "set_link n1 $2" >"$dir/$1.in"; }

# A machine that stands still reads nothing from its networks, and those at the other
# ends would wait for that: so its links are taken off.
switch_off() { printf 'stop\nset_link n0 off\nset_link n1 off\n' >"$dir/$1.in"; }
switch_on() { printf 'set_link n0 on\nset_link n1 on\ncont\n' >"$dir/$1.in"; }

make_disks() { :; }

# Who is to listen first starts first.
start_guests() {
	start i
	start c
	must "the initiator and the cluster's guest start" \
		appears "$dir"/{ia,ib,ac,bc}
	start b
	start a
}

cluster() {
	step "Ceph: a monitor, an OSD, an image of 256 MiB (a minute)"
	must "the cluster comes up" on c cluster_up
	must "there is an image" on c doc rbd-image
	client_key=$(on c cat /etc/ceph/ceph.client.srpt.keyring)
	must "the targets are clients" each "a b" client_up "$client_key"
}

first_take() {
	must "target a takes over" on a doc rbd-by-hand
	must "both watch" each "a b" watch_peer
}

nobody_takes() {
	local said

	step "nobody takes over from somebody who lives"
	! said=$(on b srpt-rbd take r0) || failed "target b took over"
	echo "target b: ${said##*$'\n'}"
	[[ $said == *"(30) Read-only file system"* ]] || failed "it is refused for that"
	show_targets a b
}

catch_up() {
	must "target a is a client" on a client_up "$client_key"
	must "it watches" on a watch_peer
}

hand_over() {
	clock_start
	must "target b gives it away" on b doc rbd-give
	echo "  $(clock) given away"
	must "target a takes it" on a doc rbd-take
	echo "  $(clock) taken"
}

# The last MiB of the image: nobody else writes there.
late=255

freeze() {
	step "verified I/O; target a freezes (its QEMU stops) in the middle of writing"
	must "target a writes to the image itself, too" on a late_begin $late
	must "I/O begins" on i io_begin "$((written * 3 / 2))m" "$((written / 2))m"
	clock_start
	switch_off a
	echo "  $(clock) target a is frozen"
	must "I/O goes on" on i io_resumes
	echo "  $(clock) I/O goes on"
	io_over
	show_targets b
}

wake() {
	local before after said

	step "target a wakes up, and goes on writing"
	must "the initiator writes there by way of b" on i put_letter b $late
	before=$(on i sum 256) || failed "the disk can be read at b: $before"
	clock_start
	switch_on a
	said=$(on a late_end) || failed "target a is refused: $said"
	echo "  $(clock) target a: $said"
	must "target a stands by by itself" on a given_up
	echo "  $(clock) target a stands by"
	sed 's/^/  target a: /' "$dir/a/watch"
	after=$(on i sum 256) || failed "the disk can be read at b: $after"
	[[ $before == "$after" ]] || failed "nothing of it is on the disk"
	echo "sha256 of the disk, before and after that: the same"
	must "the path to a is back" on i paths_become "active/ready active/ghost"
	show_targets a b
}

cut_off() {
	step "verified I/O; target b loses the cluster, but not the initiator"
	must "I/O begins" on i io_begin "$((written * 2))m" "$((written / 2))m"
	clock_start
	cluster_link b off
	echo "  $(clock) target b is cut off"
	must "I/O goes on" on i io_resumes
	echo "  $(clock) I/O goes on"
	io_over
	cluster_link b on
	must "target b stands by" on b given_up
	sed 's/^/  target b: /' "$dir/b/watch"
	must "the path to b is back" on i paths_become "active/ready active/ghost"
	show_targets a b
}

storage_down() {
	must "target a gives the disk away" on a srpt-rbd give r0
	must "the targets go" each "a b" client_down
	must "the cluster is well" on c ceph osd stat
}

disks_are_right() { :; }
