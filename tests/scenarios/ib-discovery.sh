# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: ibsrpdm and srp_daemon find the target by device-management MADs
# time: 15

ib_up || bail "the fabric comes up"
ok "the target can be configured" ib_target || exit
within 10 "its port announces device management" ib_has_dm vhca1
if [[ ! ${STOCK:-} ]]; then
	fails "the port without a target does not" ib_has_dm vhca0
fi
found=$(ibsrpdm -c -d "$(ib_umad vhca0)")
wanted="id_ext=$(ib_service),ioc_guid=$(ib_service),dgid=$(ib_gid vhca1)"
wanted+=",pkey=ffff,service_id=$(ib_service)"
like "$found" "$wanted" "ibsrpdm finds it"
if [[ ! ${STOCK:-} ]]; then
	is "$(wc -l <<<"$found")" 1 "and nothing else"
fi
like "$(ibsrpdm -d "$(ib_umad vhca0)")" 'vendor ID' "ibsrpdm describes it"
ok "srp_daemon, run once, logs in" srpd_once
ok "there is a SCSI host" first_host || exit
dev=$(disk "$host")
like "$dev" '^/dev/sd' "and a disk"
ok "verified I/O" verified_io "$dev"
ok "logout" logout "$host"

ok "what ibsrpdm printed is what add_target takes" \
	ib_login dgid= service_id= pkey= ioc_guid= id_ext= \
	"$(grep -F "$(ib_gid vhca1)" <<<"$found")"
ok "logout" logout "$host"

# As Debian's service of srp_daemon calls it, for an initiator known by its GID.
if [[ ! ${STOCK:-} ]]; then
	tpg_acl_remove "$tpg" "$(port_name_guid vhca0)"
	ok "the ACL is the initiator's GID" tpg_acl "$tpg" "0x$(ib_gid vhca0)" 0
	klog_mark
	ok "srp_daemon logs in with an initiator_ext of its own" srpd_once -n
	ok "there is a SCSI host" first_host
	ok "let in by the GID" klog_has ' by ACL 0x[0-9a-f]* .GID.'
	ok "logout" logout "$host"
fi
ok "the driver unloads" target_unload
within 10 "its port announces device management no more" \
	eval '! ib_has_dm vhca1'
