# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Disks that hold up who uses them, and what that may not do to others.

# dm_switch NAME DEVICE: /dev/mapper/NAME leads to DEVICE from now on.
dm_switch() {
	dmsetup suspend --nolockfs "$1" &&
		dmsetup load "$1" \
			--table "0 $(blockdev --getsz "$2") linear $2 0" &&
		dmsetup resume "$1"
}

# pour read|write DISK N: so many commands of 4 KiB in the background, each in a
# place of its own that is no neighbour of another's (they would become one), past
# the page cache, each of a process of its own.
# poured_over: all of them have ended.
poured=()
pour() {
	local i

	for ((i = 0; i < $3; i++)); do
		if [[ $1 == read ]]; then
			dd if="$2" of=/dev/null bs=4k skip=$((2 * i)) count=1 \
				iflag=direct 2>/dev/null 3>&- &
		else
			dd if=/dev/zero of="$2" bs=4k seek=$((2 * i)) count=1 \
				oflag=direct 2>/dev/null 3>&- &
		fi
		poured+=("$!")
	done
}
# also COMMAND...: one more in the background.
also() {
	"$@" >/dev/null 2>&1 3>&- &
	poured+=("$!")
}
poured_over() {
	local pid

	for pid in "${poured[@]}"; do
		not_running "$pid" || return
	done
	poured=()
}

# free_io DISK...: reads of these disks, for 600 s or until free_io_ok.
free_io() {
	local one args=()

	free_disks=("$@")
	for one; do
		args+=(--name=free --filename="$one" "${fio_direct[@]}"
			--rw=randread --bs=4k --iodepth=2 --time_based
			--runtime=600 --size=8m)
	done
	fio_start "${args[@]}"
}

# free_rates: how many reads of each free disk end in a second: $rates.
free_rates() {
	local i stat before=() now t

	for i in "${!free_disks[@]}"; do
		read -ra stat <"/sys/block/${free_disks[i]##*/}/stat"
		before[i]=${stat[0]}
	done
	now_ms
	t=$now
	sleep 1
	now_ms
	for i in "${!free_disks[@]}"; do
		read -ra stat <"/sys/block/${free_disks[i]##*/}/stat"
		rates[i]=$(((stat[0] - before[i]) * 1000 / (now - t)))
	done
}

# note_rates: what they are without any trouble, the worse of two times.
note_rates() {
	local i rates=()

	free_rates
	alone=("${rates[@]}")
	free_rates
	for i in "${!rates[@]}"; do
		((rates[i] >= alone[i])) || alone[i]=${rates[i]}
	done
}

# rates_keep WHAT: they are four fifths of that at least, if only now and then:
# the machine has others to serve.
rates_keep() {
	local i try rates=() best=()

	for try in 1 2 3; do
		free_rates
		for i in "${!rates[@]}"; do
			((rates[i] <= ${best[i]:-0})) || best[i]=${rates[i]}
		done
		for i in "${!alone[@]}"; do
			((${best[i]:-0} * 5 >= alone[i] * 4)) || continue 2
		done
		break
	done
	for i in "${!alone[@]}"; do
		at_most $((alone[i] * 4 / 5)) "${best[i]:-0}" \
			"$1: reads of another disk ($i) go on (alone ${alone[i]}/s)"
	done
}
