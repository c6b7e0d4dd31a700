# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: residuals, sense data, and no byte beyond what the target had to say
# time: 15

# answer N REGEX WHAT: about the Nth answer.
answer() { like "${answers[$1]:-none}" "$2" "$3"; }

modprobe target_core_mod
backstore_ramdisk disk
nullblk nb 16
dm_broken broken /dev/nb 1024 8
backstore_block bad /dev/mapper/broken
ok "the target can be configured" target_simple disk bad || exit
ok "login" login || exit
dev=$(disk "$host")

good='^status=00 sense=- '
scsi "$dev" <<EOF
in 4096 12 00 00 00 24 00
in 4096 12 00 00 10 00 00
in 4096 25 00 00 00 00 00 00 00 00 00
none 0 00 00 00 00 00 00
out 4096 2a 00 00 00 00 10 00 00 08 00
in 4096 28 00 00 00 00 00 00 00 01 00
in 512 28 00 00 00 00 00 00 00 08 00
in 4096 28 00 00 00 00 00 00 00 00 00
out 512 2a 00 00 00 00 20 00 00 08 00
out 4096 2a 00 00 00 00 20 00 00 01 00
in 512 28 00 00 00 00 20 00 00 01 00
in 512 28 00 7f ff ff ff 00 00 01 00
in 512 ec 00 00 00 00 00
in 512 12 01 77 00 ff 00
in 36 12 00 00 00 24 00
in 1024 88 00 00 00 00 00 00 00 10 00 00 00 00 02 00 00
EOF
answer 0 "${good}resid=4060 moved=36 " \
	"INQUIRY of 36 bytes: a residual, and nothing moves beyond them"
answer 1 "${good}resid=[34][0-9]* moved=[1-9][0-9]?[0-9]? " \
	"INQUIRY of 4096: no more than there is to be said"
answer 2 "${good}resid=4088 moved=8 " "READ CAPACITY: 8 bytes"
answer 3 "${good}resid=0 moved=0 " "TEST UNIT READY: no data"
answer 4 "${good}resid=0 moved=0 " "a WRITE of 8 blocks"
answer 5 "${good}resid=3584 moved=512 " "READ of a block into more memory"
# (ib_srp of some kernels does not tell of an overflow.)
answer 6 "${good}resid=(0|-3584) moved=512 " "READ of 8 blocks into one"
answer 7 "${good}resid=4096 moved=0 " "READ of nothing"
answer 8 '^status=02 sense=5/0e/03 ' "WRITE of more than was sent is refused"
answer 9 '^status=02 sense=5/0e/03 ' "WRITE of less, too"
answer 10 "${good}resid=0 moved=512 data=0000" "and wrote nothing"
answer 11 '^status=02 sense=5/21/00 ' "a block that does not exist"
answer 12 '^status=02 sense=5/20/00 ' "a command that does not exist"
answer 13 '^status=02 sense=5/24/00 ' "a page that does not exist"
answer 14 "${good}resid=0 moved=36 " "INQUIRY of 36 bytes into as many"
answer 15 "${good}resid=0 " "READ(16)"

bad=$(disk "$host" 1)
scsi "$bad" <<EOF
in 4096 28 00 00 00 00 00 00 00 08 00
in 4096 28 00 00 00 04 00 00 00 08 00
out 4096 2a 00 00 00 04 00 00 00 08 00
in 4096 28 00 00 00 08 00 00 00 08 00
EOF
answer 0 "${good}resid=0 " "a good block of a bad disk"
answer 1 '^status=02 sense=2/08/00 .* moved=0 ' "a bad block read: sense data"
answer 2 '^status=02 sense=2/08/00 ' "a bad block written: sense data"
answer 3 "${good}resid=0 " "a good block behind"
fails "a read over the bad block fails" dd if="$bad" of=/dev/null bs=64k count=16
ok "the other disk is well" verified_io "$dev"
