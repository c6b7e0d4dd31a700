# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the target works on HCAs with small or odd limits
# time: 100
# routine: um 6.1

# A limit for the target's HCA alone.
limit() { echo "0,$2" >"/sys/module/vhca/parameters/$1"; }

try() {
	local word

	try_limits "$@"
	for word; do
		limit "${word%=*}" 0
	done
}

try_limits() {
	local what="$*" word

	for word; do
		limit "${word%=*}" "${word#*=}"
	done
	ok "$what: the HCA is exchanged" ib_ctl del vhca1 || return
	ib_ctl add vhca1
	ib_target_back
	within 15 "$what: ports ACTIVE" ib_all_active
	within 10 "$what: login" ib_login || return
	dev=$(disk "$host")
	ok "$what: verified I/O" verified_io "$dev"
	ok "$what: verified I/O, large" verified_io "$dev" \
		--bs=512k --size=8m
	ok "$what: logout" logout "$host"
}

# Of all channels: an initiator with two processors has two.
kinds_of_queue() { grep -o ' srq=. ' "$debugfs_srpt/channels" | sort -u; }

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
try max_send_sge=1 max_sge_rd=1
try max_send_sge=3 max_recv_sge=1
try max_qp_wr=256
try max_qp_rd_atom=1
try max_qp_rd_atom=128
try max_sgl_rd=2
try max_sgl_rd=2 max_mr_pages=4
try max_sgl_rd=2 max_mr_pages=8 merge_dma=1
try max_mr_pages=1
try max_cqe=2048
try max_srq_wr=64
ok "SRQ: it is asked for" tpg_attr "$tpg" use_srq 1
try max_srq_wr=64
try max_srq_wr=4294967295
try max_recv_sge=1 max_srq_wr=200

# What somebody has asked for is refused if it cannot be had (fault-verbs); by default
# something else will do.
tpg_attr "$tpg" use_srq 2
ok "by default: the HCA is exchanged" ib_ctl del vhca1 && ib_ctl add vhca1
ib_target_back
within 15 "ports ACTIVE" ib_all_active
ok "its shared queues are used up" ib_ctl vhca1 verb create_srq 1 0 12
within 10 "login" ib_login || exit
is "$(kinds_of_queue)" " srq=0 " "gets a queue of its own"
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"
ib_ctl vhca1 clear
within 10 "login" ib_login || exit
is "$(kinds_of_queue)" " srq=1 " "otherwise the shared one"
