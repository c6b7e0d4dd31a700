# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# about: data on SCSI disks with protection information, through LIO and passed through
# time: 30
# routine: um

modprobe target_core_mod
ok "two disks" scsi_debug_load add_host=2 dif=1 dix=1 || exit
ok "one for LIO" backstore_block block "$(scsi_block "${scsi_debug[0]}")"
ok "one passed through" backstore_pscsi passed "${scsi_debug[1]}"
ok "the target can be configured" kinds block passed || exit
ok "login" kinds_login || exit
dev=${kind_disks[0]}
scsi "$(sg_of "$dev")" <<'END'
in 96 12 00 00 00 60 00
in 512 28 20 00 00 00 10 00 00 01 00
in 520 28 20 00 00 00 10 00 00 01 00
in 512 28 60 00 00 00 10 00 00 01 00
out 512 2a 20 00 00 00 10 00 00 01 00
out 520 2a 60 00 00 00 10 00 00 01 00
in 512 28 00 00 00 00 10 00 00 01 00
END
like "${answers[0]}" '^status=00 .* data=.{10}[0-9a-f][02468ace]' \
	"it does not say that it protects: INQUIRY"
like "$(sg_readcap --16 "$dev")" 'prot_en=0' "nor READ CAPACITY"
for i in {1..5}; do
	like "${answers[i]}" '^status=02 sense=5/24/00 ' \
		"who asks for protection is refused ($i)"
done
like "${answers[6]}" '^status=00 .* moved=512 data=0000' \
	"nothing has been written"
ok "logout" logout "$host"
kind_kb=4096
kinds_everywhere
ok "login with the disk passed through" passed_large 1
