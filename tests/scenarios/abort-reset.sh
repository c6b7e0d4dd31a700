# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# about: LUN and host resets under verified I/O to this LUN and to another
# processors: parallel
# time: 30
# every: one

ok "the target can be configured" target_simple || exit
backstore_ramdisk disk2
tpg_lun "$tpg" 1 disk2 && tpg_acl "$tpg" "$(ext_id 1)" 1 || exit
initiator_stubborn
ok "login of one that resets" login || exit
reset=$(disk "$host")
echo 3 >"/sys/block/${reset##*/}/device/timeout"
ok "login of one that does not know" login "$(ext 1)" || exit
dev=$(disk "$host" 1)
mixed_io "$dev"

# What a reset throws away is written once more: all must be there.
LD_LIBRARY_PATH=$fio_libs fio --name=reset --filename="$reset" --direct=1 --ioengine=libaio --thread \
	--rw=randwrite --bs=16k --size=16m --iodepth=8 --verify=crc32c \
	--do_verify=1 --verify_fatal=1 --verify_state_save=0 --rate=1m \
	>/run/fio.reset 2>&1 3>&- &
writer=$!
sleep 1
for ((i = 0; i < 8; i++)); do
	ok "a LUN reset under I/O" sg_reset -d -N "$reset"
done
at_most 8 "$(tmfs "$acl")" "the target has seen them"
for ((i = 0; i < 2; i++)); do
	ok "a host reset: a new connection" sg_reset -H -N "$reset"
	sleep 0.5
done
within 10 "old channels are gone" channels_are 2
within 10 "the other's I/O moves" io_moves
within 60 "the I/O that was reset comes to its end" not_running "$writer"
ok "and has verified all that it wrote" wait "$writer"
io_ok "the other one did not notice anything"
