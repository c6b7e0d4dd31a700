# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Commands and files of the documentation, used as they are printed there. A
# block has a mark before it, which is a comment to those who read: "run: NAME"
# (commands), "file: NAME" (what a file shall contain), or "not run: WHY".
# tests/docs.t sees to it that each block has one and that a scenario runs it.

docs=("$lib"/../../README.md "$lib"/../../Documentation/administration.rst
	"$lib"/../../Documentation/high-availability.rst)
docs_env=/run/docs.env
docs_out=/run/docs.out
docs_path=$lib/../../scripts:$PATH

# doc_block NAME: sets $block to it, without what it is indented by.
doc_block() {
	local lines=() line mark='(run|file): ([a-z-]+)$' found='' indent='' doc

	for doc in "${docs[@]}"; do
		mapfile -t -O ${#lines[@]} lines <"$doc"
	done
	block=''
	for line in "${lines[@]}"; do
		if [[ ! $found ]]; then
			[[ ! ${line% -->} =~ $mark ||
				${BASH_REMATCH[2]} != "$1" ]] || found=1
		elif [[ $line =~ ^($'\t'|'    ') ]]; then
			indent=${indent:-${BASH_REMATCH[1]}}
			block+=${line#"$indent"}$'\n'
		elif [[ $block && $line ]]; then
			return 0
		else
			[[ ! $block ]] || block+=$'\n'
		fi
	done
	[[ $block ]] || { echo "the documents have no block $1"; return 1; }
}

# doc_file NAME FILE: writes that block there.
doc_file() { doc_block "$1" && echo "$block" >"$2"; }

# doc_put NAME EXAMPLE=MINE...: sets $block to that block, with what a reader puts in
# the place of an example.
doc_put() {
	local word

	doc_block "$1" || return
	shift
	for word; do
		[[ $word ]] || continue
		[[ $block == *"${word%%=*}"* ]] ||
			{ echo "${word%%=*} is not in it"; return 1; }
		block=${block//"${word%%=*}"/"${word#*=}"}
	done
}

# doc_run NAME EXAMPLE=MINE...: types that in a shell, in the repository; each command must succeed, or
# be ended by Control-C. Variables that it sets are there in the next one; what it
# prints is in $printed.
doc_run() {
	local rest name='(^|'$'\n'')([a-z]+)=(.*)' names='' rc=0

	doc_put "$@" || return
	rest=$block
	while [[ $rest =~ $name ]]; do
		names+=" ${BASH_REMATCH[2]}"
		rest=${BASH_REMATCH[3]}
	done
	echo "$block"
	touch "$docs_env"
	env --default-signal=INT PATH="$docs_path" bash -uo pipefail -c "
		cd '$lib/../..'
		. $docs_env
		trap '((\$? == 130)) || exit' ERR
		$block
		${names:+declare -p$names >>$docs_env}" \
		>"$docs_out" 2>&1 </dev/null || rc=$?
	printed=$(<"$docs_out")
	echo "$printed"
	return "$rc"
}

# doc_until PROGRAM SECONDS NAME EXAMPLE=MINE...: doc_run, of a block one of whose
# programs goes on until somebody ends it by Control-C. The time begins when
# $doc_ready says that it is at work.
doc_ready=true
doc_until() {
	local program=$1 seconds=$2 killer

	shift 2
	{
		wait_for 20 pgrep -x "$program" >/dev/null
		wait_for 60 "$doc_ready"
		sleep "$seconds"
		pkill -INT -x "$program"
	} 3>&- &
	killer=$!
	doc_run "$@" || return
	wait "$killer"
}

# hca_is HCA: it is called mlx5_0 from now on, as the HCA of each machine in the
# documents; what was called so has its own name again.
hca_is() {
	hca_is_itself
	rdma dev set "$1" name mlx5_0 && echo "$1" >/run/mlx5_0
}
hca_is_itself() {
	[[ ! -e /sys/class/infiniband/mlx5_0 ]] ||
		rdma dev set mlx5_0 name "$(</run/mlx5_0)"
}
reset_hooks+=(hca_is_itself)
