# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: device-management attributes and slots, by raw MADs, byte for byte
# time: 40

# query METHOD ATTRIBUTE [MODIFIER]: one program answers all.
query() {
	local line

	echo "$*" >&7 && read -r -t 30 line <&8 && echo "$line"
}
query_start() {
	mkfifo /run/dm.in /run/dm.out
	"$lib/dm-query" "$umad" "$lid" </run/dm.in >/run/dm.out 2>&1 3>&- &
	exec 7>/run/dm.in 8</run/dm.out
}

# answers TEXT WANTED_STATUS WANTED_HEX METHOD ATTRIBUTE [MODIFIER]; the rest of
# the 192 bytes is zero.  A word of dots stands for bytes not compared.
answers() {
	local text=$1 status=$2 hex=${3// /}

	shift 3
	hex=$hex$(printf '0%.0s' {1..384})
	like "$(query "$@")" "^$status ${hex:0:384}$" "$text"
}

refused() {
	local text=$1 status=$2

	shift 2
	answers "$text" "$status" '' "$@"
}

hex() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }
hex32() { printf '%08x' "$1"; }

ib_up || bail "the fabric comes up"
if [[ ${STOCK:-} ]]; then
	skip "attributes byte for byte" "the kernel's own repeats request bytes"
	return
fi
ok "the target can be configured" ib_target -n || exit
umad=$(ib_umad vhca0)
lid=$(ib_lid vhca1)
guid=$(ib_service)
query_start

# IBA 16.3.3.3: 16 slots; while nothing is enabled all are empty.
answers "IOUnitInfo while disabled" 0000 '.... 10 00 00' get 0x10
refused "no controller while disabled" 0100 get 0x11 1
refused "no services while disabled" 0100 get 0x12 0x10000
ok "the target is enabled" tpg_enable "$tpg"
within 10 "the port announces device management" ib_has_dm vhca1
before=$(query get 0x10)

# IBA 13.4.8.1: versions 1, no capabilities, response time.
answers "ClassPortInfo" 0000 '01 01 0000 000000 12' get 0x01
answers "IOUnitInfo" 0000 '.... 10 00 10' get 0x10
is "$(query get 0x10)" "$before" "it does not change by itself"
ok "disabled" tpg_disable "$tpg"
within 10 "the port announces it no more" eval '! ib_has_dm vhca1'
ok "enabled" tpg_enable "$tpg"
within 10 "its change id counts" \
	eval '[[ $(query get 0x10) != "$before" && $(query get 0x10) =~ 100010 ]]'

# IBA 16.3.3.4, SRP annex B: GUID, vendor and device, class, protocol, depths,
# sizes, operations, one service, name.
profile="$guid 0a00c000 00000001 0001 0000 0a00c000 00000000"
profile+=" 0100 609e 0108 0001 0000 0000"
profile+=" $(printf '%04x' 128) 00 10 $(hex32 "$(cat /sys/module/ib_srpt/parameters/srp_max_req_size)")"
profile+=" $(hex32 "$(tpg_attr "$tpg" srp_max_rdma_size)")"
profile+=" 2b 00 01 000000000000000000 $(hex 'Linux SRP target')"
answers "IOControllerProfile" 0000 "$profile" get 0x11 1
for slot in 2 3 16; do
	refused "no controller in slot $slot" 0100 get 0x11 $slot
done
for slot in 0 17 0x101 0x10001 0x80000001 0xffffffff; do
	refused "no slot $slot" 001c get 0x11 $slot
done

# IBA 16.3.3.5: one service, named after the target's id extension.
name=$(hex "SRP.T10:$guid")
answers "ServiceEntries" 0000 \
	"$name$(printf '0%.0s' {1..32}) $guid" get 0x12 0x10000
refused "no services in slot 2" 0100 get 0x12 0x20000
refused "no services in slot 16" 0100 get 0x12 0x100000
refused "no services in slot 0" 001c get 0x12 0
refused "no services in slot 17" 001c get 0x12 0x110000
refused "no entry beyond the last" 001c get 0x12 0x10100
refused "no entries backwards" 001c get 0x12 0x10001

# Set, and what the class does not have.
for attr in 0x01 0x10 0x11 0x12 0x20; do
	refused "Set of attribute $attr is refused" 000c set $attr 1
done
for attr in 0x02 0x13 0x20 0x30 0xffff; do
	refused "attribute $attr is unknown" 000c get $attr
done
ok "the driver unloads" target_unload
like "$(query get 0x10)" '^000c' "then nobody knows the attributes"
exec 7>&- 8<&-
