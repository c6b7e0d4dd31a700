# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the attributes of a TPG, their limits, and each TPG having its own
# time: 8
# routine: um 6.12

ok "the driver loads" target_load || exit
tpg=$(port_name_gid rxe0)/tpgt_1
ok "a TPG" tpg_create "$tpg" || exit

# attribute NAME DEFAULT LOW HIGH
attribute() {
	local bad

	is "$(tpg_attr "$tpg" "$1")" "$2" "$1 is $2 at first"
	ok "$1 takes $3" tpg_attr "$tpg" "$1" "$3"
	is "$(tpg_attr "$tpg" "$1")" "$3" "and reads back as $3"
	ok "$1 takes $4, in hexadecimal" tpg_attr "$tpg" "$1" \
		"$(printf 0x%x "$4")"
	is "$(tpg_attr "$tpg" "$1")" "$4" "and reads back as $4"
	for bad in $(($3 - 1)) $(($4 + 1)) many 4294967296 -1; do
		fails "$1 refuses $bad" tpg_attr "$tpg" "$1" "$bad" 2>/dev/null
	done
	is "$(tpg_attr "$tpg" "$1")" "$4" "$1 is still $4"
	tpg_attr "$tpg" "$1" "$2"
}

attribute srp_max_rdma_size 65536 65536 16777216
attribute srp_max_rsp_size 256 40 1024
if [[ $STOCK ]]; then
	attribute srp_sq_size 4096 4 65535
else
	klog_mark
	fails "srp_sq_size refuses 3" tpg_attr "$tpg" srp_sq_size 3
	is "$(klog | grep -c 'srp_sq_size')" 1 "and one line says the range"
	like "$(klog | grep 'srp_sq_size')" 65535 "with its end"
	ok "srp_sq_size takes 65535" tpg_attr "$tpg" srp_sq_size 65535
	tpg_attr "$tpg" srp_sq_size 4096
fi
if [[ $STOCK ]]; then
	for bad in 2 -1 perhaps; do
		fails "use_srq refuses $bad" tpg_attr "$tpg" use_srq $bad
	done
else
	attribute use_srq 2 0 2
	attribute generate_node_acls 0 0 1
	attribute demo_mode_write_protect 1 0 1
fi
fails "enable refuses nonsense" eval 'echo sometimes >"$srpt/$tpg/enable"'

ok "a second TPG" tpg_create "${tpg%/*}/tpgt_2" || exit
ok "the first is enabled" tpg_enable "$tpg"
is "$(<"$srpt/$tpg/enable")" 1 "and says so"
if [[ $STOCK ]]; then
	skip "the second has its own" "not in the kernel's own"
else
	is "$(<"$srpt/${tpg%/*}/tpgt_2/enable")" 0 "the second is not"
	tpg_attr "$tpg" srp_max_rsp_size 512
	is "$(tpg_attr "${tpg%/*}/tpgt_2" srp_max_rsp_size)" 256 \
		"the second has its own attributes"
fi
