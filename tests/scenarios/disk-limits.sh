# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: the largest command is announced, works, and a larger one is refused cleanly
# time: 70
# routine: um

largest=$((16 << 20))

# io BYTES [in|out]: one command of so many bytes: READ(16) or WRITE(16).
io() {
	local op=88

	[[ ${2:-in} == in ]] || op=8a
	scsi "$sg" <<<"${2:-in} $1 $op 00 00 00 00 00 00 00 00 00 $(printf '%02x %02x %02x %02x' \
		$(($1 / block >> 24 & 255)) $(($1 / block >> 16 & 255)) \
		$(($1 / block >> 8 & 255)) $(($1 / block & 255))) 00 00"
}

# limit_of: sets $said, the maximum transfer length of page B0h in bytes.
limit_of() {
	said=$(sg_vpd -p bl "$sg" |
		sed -n 's/.*Maximum transfer length: \([0-9]*\).*/\1/p')
	said=$((${said:-0} * block))
}

modprobe target_core_mod
nullblk big 80 blocksize=4096
backstore_block blocks /dev/big
backstore_ramdisk memory 40
names=(memory blocks)
ok "the target can be configured" target_simple "${names[@]}" || exit
initiator_load indirect_sg_entries=2048
ok "login with room for more than that" login max_sect=65535 \
	cmd_sg_entries=255 allow_ext_sg=1 sg_tablesize=2048 || exit
before=$(channels "$host")
for lun in 0 1; do
	name=${names[lun]}
	dev=$(disk "$host" $lun)
	block=$(<"/sys/block/${dev##*/}/queue/logical_block_size")
	sg=$(sg_of "$dev")
	limit_of
	diag "$name says $said bytes"
	isnt "$said" 0 "$name: a limit is announced"
	at_most "$said" $largest "$name: it is not too large"
	((said <= largest)) || said=$largest
	# (They are zeroes still; what is written would not show.)
	io "$said" in
	like "${answers[0]}" "^status=00 .* moved=$said " \
		"$name: a read as large as announced"
	io "$said" out
	like "${answers[0]}" '^status=00 ' "$name: a write as large"
	for more in $block $((8 << 20)); do
		for way in in out; do
			[[ $lun == 0 || $more$way == ${block}out ]] || continue
			io $((largest + more)) $way
			like "${answers[0]}" '^status=02 sense=5/' \
				"$name: $more bytes more than there may be ($way)"
		done
	done
	ok "$name: verified I/O afterwards" verified_io "$dev" --size=256k
done
dev=$(disk "$host" 0)
queue=/sys/block/${dev##*/}/queue
echo $((largest >> 10)) >"$queue/max_sectors_kb"
is "$(<"$queue/max_sectors_kb")" $((largest >> 10)) \
	"the kernel's initiator may send as much"
is "$("$lib/checked-io" "$dev" 60 <<<"$largest 1")" ok "verified I/O of 16 MiB"
is "$(channels "$host")" "$before" "no connection was lost"
# The kernel's initiator does not send so much.
ok "for the raw initiator, too" tpg_acl "$tpg" "0x$wire_iport" 1
wire --case data.huge-24 --lun 1
wire --case data.huge-64 --lun 1
