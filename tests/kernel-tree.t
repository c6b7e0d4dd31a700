#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # the checks are called through holds
#
# scripts/to-kernel-tree, with what it needs of a kernel's source: what it puts there
# is for that version, and what it has changed is compiled.  (With the source itself,
# and all of the driver: scripts/in-tree.)

set -uo pipefail
# shellcheck source=tests/checks.sh
. "${0%/*}/checks.sh"

source=$(scripts/um-kernel --source) || exit
kernel=$(scripts/debian-kernel 6.12 2>/dev/null) || exit
newest=$(scripts/debian-kernel 7.x 2>/dev/null) || newest=''
include=$(echo "$kernel"/root/usr/src/linux-headers-*-common/include)
srpt=drivers/infiniband/ulp/srpt
changed=(srp_iu.c srpt_main.c srpt_fabric.c srpt_lio.c srpt_cm.c srpt_rsp.c)

# tree_of VERSION PATCHLEVEL: as much of a source as the script looks at.
tree_of() {
	tree=$tmp/linux-$1.$2
	mkdir -p "$tree"/{"$srpt",Documentation/{infiniband,ABI/testing},include/{linux,rdma}}
	cp "$source/MAINTAINERS" "$tree"
	cp "$source/Documentation/infiniband/index.rst" "$tree/Documentation/infiniband"
	cp "$include/linux/overflow.h" "$tree/include/linux"
	[[ $1 == 7 ]] || cp "$include/rdma/ib_cm.h" "$tree/include/rdma"
	touch "$tree/$srpt/old.c" "$tree/drivers/infiniband/ulp/Makefile"
	printf '%s\n' "VERSION = $1" "PATCHLEVEL = $2" >"$tree/Makefile"
	scripts/to-kernel-tree "$tree"
}
sums() { (cd "$tree" && find . -type f -exec cksum {} + | sort); }
again_the_same() {
	local before

	before=$(sums) && scripts/to-kernel-tree "$tree" && [[ $(sums) == "$before" ]]
}
nothing_of() { ! grep -rnE "$1" "$tree/$srpt"; }
# has FILE TEXT...: those texts, each somewhere in that file.
has() {
	local file=$tree/$1 text

	for text in "${@:2}"; do
		grep -qF -- "$text" "$file" || { echo "$1: no $text"; return 1; }
	done
}
# returns_true FUNCTION: that is all it does, in srpt_rsp.c.
returns_true() {
	grep -A 2 "^static bool $1(" "$tree/$srpt/srpt_rsp.c" | grep -qx $'\treturn true;'
}
# make_in DIR: with the headers of that kernel.
make_in() {
	local words=(W=1 "${changed[@]/%.c/.o}")

	if [[ -e $1/inside ]]; then
		inside "$1/root" "$tmp" make M="/mnt/${tree##*/}/$srpt" "${words[@]}" \
			-C "/usr/src/linux-headers-$(kernel_release "$1")"
	else
		make -C "$1/build" M="$tree/$srpt" "${words[@]}"
	fi
}
compiles() {
	make_in "$1" >"$tmp/log" 2>&1 &&
		! grep -iE 'warning|up to date' "$tmp/log" && return
	cat "$tmp/log"
	return 1
}
style() {
	! perl "$source/scripts/checkpatch.pl" --strict --no-tree --no-summary --terse \
		-f "${changed[@]/#/$tree/$srpt/}" "$tree/$srpt/ib_srpt.h" | grep .
}

holds "6.12: the driver goes into a tree" tree_of 6 12
holds "... and takes the place of another" test ! -e "$tree/$srpt/old.c"
holds "a second time changes nothing" again_the_same
holds "nothing of other versions is left" nothing_of 'VERSION_CODE|srpt_compat|SRPT_(CQ_)?WQ|WQ_HIGHPRI'
holds "it has what 6.12 wants" has "$srpt/srpt_lio.c" 'atomic_dec_mb(&dev->non_ordered)'
holds "... also of the connection manager" has "$srpt/srpt_cm.c" 24\ \|\ IB_CM_MRA_FLAG_DELAY
holds "... which completes commands in work items" eval '! returns_true srpt_rsp_in_irq'
holds "nothing asks for more" nothing_of 'DIRECT_COMPL|direct_compl_supp'
holds "it is documented" has Documentation/infiniband/index.rst srpt/index
holds "... and maintained" has MAINTAINERS 'Documentation/infiniband/srpt/'
holds "checkpatch --strict has nothing to say" style
holds "what was changed is compiled without a warning" compiles "$kernel"

holds "7.3: the driver goes into a tree" tree_of 7 3
holds "it has what 7.3 wants" has "$srpt/srpt_main.c" \
	'WQ_PERCPU | WQ_MEM_RECLAIM' 'WQ_MEM_RECLAIM | WQ_HIGHPRI'
holds "... also of LIO" has "$srpt/srpt_lio.c" 'percpu_ref_put(&dev->non_ordered)'
holds "... which completes commands where disks do" has "$srpt/srpt_fabric.c" TARGET_DIRECT_COMPL
holds "... as answers know" returns_true srpt_rsp_in_irq
holds "and nothing else" nothing_of 'atomic_dec_mb|VERSION_CODE|srpt_compat|MRA_FLAG'
if [[ $newest ]]; then
	holds "what was changed is compiled without a warning" compiles "$newest"
else
	echo "ok $((++n)) - what was changed is compiled # SKIP Debian's newest kernel cannot be had"
fi
holds "6.1: the driver goes into a tree" tree_of 6 1
holds "it has what 6.1 wants" has "$srpt/srp_iu.c" '<asm/unaligned.h>'
holds "and nothing else" nothing_of 'linux/unaligned|DIRECT_SUBMIT|WQ_PERCPU'
holds "kernels before that are refused" eval '! tree_of 5 15'
holds "so is what is no kernel" eval '! scripts/to-kernel-tree "$tmp"'
all_told
