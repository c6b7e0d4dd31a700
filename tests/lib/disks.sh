# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Data on disks of many kinds, all of them at once: a process costs more than
# the little that each of them reads and writes.

# kinds NAME[=OPTIONS]...: backstores that exist already become LUN 0, 1, ... of
# one target; OPTIONS are fio's for this one: blocks of 4 KiB, say.
kinds() {
	local one

	kind_names=()
	declare -gA kind_options=()
	for one; do
		kind_names+=("${one%%=*}")
		kind_options[${one%%=*}]=''
		[[ $one != *=* ]] || kind_options[${one%%=*}]=${one#*=}
	done
	target_simple "${kind_names[@]}"
}

# kinds_login [KEY=VALUE...]: logs in, waits for the disks of all kinds.
kinds_login() {
	local i

	login "$@" || return
	kind_disks=()
	for i in "${!kind_names[@]}"; do
		kind_disks+=("$(disk "$host" "$i")") || return
	done
}

# kinds_io WHAT [FIO_OPTION...]: verified I/O to all of them, a test for each.
kinds_io() {
	local what=$1 args=() i name out=/run/fio.kinds text t=$EPOCHREALTIME

	shift
	for i in "${!kind_names[@]}"; do
		name=${kind_names[i]}
		# shellcheck disable=SC2206 # words
		args+=(--name="$name" --filename="${kind_disks[i]}"
			"${fio_direct[@]}" "${fio_verify[@]}" --do_verify=1
			--iodepth=8 --output-format=normal "$@"
			${kind_options[$name]})
	done
	LD_LIBRARY_PATH=$fio_libs fio "${args[@]}" >"$out" 2>&1 3>&-
	text=$(<"$out")
	diag "$what: $(((${EPOCHREALTIME/./} - ${t/./}) / 1000)) ms"
	for name in "${kind_names[@]}"; do
		if [[ $'\n'$text == *$'\n'"$name: ("*'): err= 0: '* &&
			! $'\n'$text =~ $'\n'"$name: ("[^$'\n']*'): err= '*[1-9] ]]; then
			pass "$name: $what"
		else
			fail "$name: $what"
			diag "$(grep -E "^$name: \(|on file ${kind_disks[0]%?}|^verify:|error" "$out" | head -n 8)"
		fi
	done
}

# What fits into a request as immediate data and what does not, in a row: no two
# pieces overlap. For disks with blocks of 512 bytes and of 4 KiB.
kinds_small='--rw=write --size=384k --bssplit=512/25:1536/5:4k/25:6k/5:8k/25:16k/10:64k/5'
kinds_small_4k='--bssplit=4k/40:8k/40:16k/10:64k/10'

# kinds_everywhere: small I/O with and without immediate data, each through
# private and shared receive queues; at the end with large commands too.
kinds_everywhere() {
	local how imm srq loaded=''

	for how in 'Y 0' 'Y 1' 'N 1' 'N 0'; do
		read -r imm srq <<<"$how"
		[[ $imm == "$loaded" ]] ||
			initiator_load "use_imm_data=$imm" indirect_sg_entries=2048
		loaded=$imm
		tpg_attr "$tpg" use_srq "$srq"
		ok "login with use_imm_data=$imm, use_srq=$srq" \
			kinds_login max_sect=32768 cmd_sg_entries=255 \
			allow_ext_sg=1 sg_tablesize=2048 || return
		# shellcheck disable=SC2086 # words
		kinds_io "imm_data=$imm srq=$srq, small" $kinds_small
		[[ $how != 'N 0' ]] || kinds_large
		logout "$host" || return
	done
}

# kinds_large: 16 MiB at once to each of them and back, in commands as large as
# the disk takes, or kind_kb: KiB, less where a scenario has disks that do not
# say what they take.
kind_kb=16384
kinds_large() {
	local i dev q kb sizes='' answers t=$EPOCHREALTIME

	for dev in "${kind_disks[@]}"; do
		q=/sys/block/${dev##*/}/queue
		kb=$(<"$q/max_hw_sectors_kb")
		((kb <= kind_kb)) || kb=$kind_kb
		echo "$kb" >"$q/max_sectors_kb"
		sizes+=" $(<"$q/max_sectors_kb")"
	done
	mapfile -t answers < <(printf "16777216 1 %s\n" "${kind_disks[@]}" |
		"$lib/checked-io" "${kind_disks[0]}" 60 2>&1)
	diag "16 MiB: $(((${EPOCHREALTIME/./} - ${t/./}) / 1000)) ms," \
		"in commands of$sizes KiB"
	for i in "${!kind_names[@]}"; do
		is "${answers[i]:-}" ok "${kind_names[i]}: 16 MiB at once"
	done
}

# passed_large LUN: a command that may be larger than the host adapter of a disk
# that is passed through can take ends with a status, and others go on: LIO cannot
# cut it, and what the disk says of its limits is not the adapter's.
passed_large() {
	local dev block large=$((16 << 20)) before

	login max_sect=32768 cmd_sg_entries=255 allow_ext_sg=1 \
		sg_tablesize=2048 || return
	dev=$(disk "$host" "$1") || return
	before=$(channels "$host")
	block=$(<"/sys/block/${dev##*/}/queue/logical_block_size")
	scsi "$(sg_of "$dev")" <<<"out $large 8a $(printf '00 %.0s' {1..8})\
$(printf '00 00 %02x %02x' $((large / block >> 8)) $((large / block & 255))) 00 00"
	like "${answers[0]}" '^status=0[02] ' "passed: 16 MiB have an answer"
	is "$(channels "$host")" "$before" "passed: no connection is lost"
	ok "passed: verified I/O goes on" verified_io "$dev" --size=256k
	logout "$host"
}
