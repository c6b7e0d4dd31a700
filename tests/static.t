#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # the checks are called through silent
#
# What can be said about the sources without running them.

set -uo pipefail
cd "${0%/*}/.." || exit
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
shopt -s nullglob

n=0
failed=0
# silent TEXT COMMAND...: the command succeeds and prints nothing.
silent() {
	local text=$1 out

	shift
	if out=$("$@" 2>&1) && [[ ! $out ]]; then
		echo "ok $((++n)) - $text"
	else
		echo "not ok $((++n)) - $text"
		printf '# %s\n' "${out//$'\n'/$'\n'# }" | tee /dev/stderr
		failed=1
	fi
}

kernel_source=$(scripts/um-kernel --source) || exit
driver=(*.c *.h)
mapfile -t shell_files < <(git ls-files -co --exclude-standard |
	while read -r f; do
		[[ -f $f ]] || continue
		[[ $f == *.sh ]] ||
			head -n 1 "$f" | grep -qE '^#!.*\b(bash|sh)$' &&
			echo "$f"
	done)

# W=1 and sparse with endianness; what the kernel's own headers make them say
# is not ours. It is the module that guests of make check load.
builds_cleanly() {
	local out words=(--kernel "$1" --check) wrong='^$'

	[[ $(kernel_release "$(kernel_folder "$1")") != 7.* ]] ||
		wrong=$sparse_7x_wrong
	[[ $1 != um ]] || words+=(--coverage)
	out=$(scripts/module "${words[@]}" 2>/tmp/static.$$) || {
		cat "/tmp/static.$$"
		return 1
	}
	grep -q '^  CHECK .*srpt_cmd\.c' "$out/build.log" ||
		echo "sparse has not been run"
	grep -E 'warning|error' "$out/build.log" |
		grep -E '(^|/source/)[a-z_]+\.[ch]:|\.o: warning|modpost' |
		grep -vE "$wrong" | sed "s#$out/source/##"
	return 0
}

checkpatch() {
	perl "$kernel_source/scripts/checkpatch.pl" --strict --no-tree \
		--no-summary --terse --show-types "$@"
}

driver_style() {
	# tracepoints have a form of their own
	checkpatch -f "${driver[@]}" |
		grep -vE '^srpt_compat\.h.*(LINUX_VERSION_CODE|CONSTANT_COMPARISON)' |
		grep -vE '^srpt_trace\.h.*(OPEN_ENDED_LINE|PARENTHESIS_ALIGNMENT)'
	return 0
}

hca_style() {
	checkpatch -f tests/hca/*.[ch] |
		grep -vE ' CHECK:|:(LINUX_VERSION_CODE|CONSTANT_COMPARISON):'
	return 0
}

version_conditionals() {
	grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION' "${driver[@]}" |
		grep -v '^srpt_compat\.h:'
	return 0
}

# Kbuild names the objects storey by storey. A file that does not include the
# header of a storey cannot call it.
storeys_below_know_storeys_above() {
	local above=('srpt_(way|life)' srpt_life) storey=0 objects o

	while read -r _ _ objects && [[ ${above[storey]:-} ]]; do
		for o in $objects; do
			grep -HnE "^#include \"${above[storey]}\.h\"" \
				"${o%.o}.c"
		done
		((++storey))
	done < <(sed -n ':a;/\\$/{N;s/\\\n//;ba};/^ib_srpt-y/p' Kbuild)
	((storey == 2)) || echo "Kbuild has $storey storeys below the last"
	return 0
}

without_licence() {
	git ls-files -co --exclude-standard |
		grep -vE '\.(md|rst|bin|list)$|^COPYING|corpus|^debian/(changelog|source/)|^Documentation/ABI/|^LICENSES/|^\.gitignore' |
		while read -r f; do
			[[ -f $f && -s $f ]] || continue
			head -n 3 "$f" | grep -q SPDX-License-Identifier ||
				echo "$f"
		done
}

mutants_apply() {
	tests/mutants --dry | grep -A 3 '^not ok'
	return 0
}

kernel_doc() {
	(cd "$kernel_source" && scripts/kernel-doc -none \
		"${driver[@]/#/$OLDPWD/}")
}

if ((${#driver[@]})) && [[ -e Kbuild ]]; then
	for kernel in um 6.12 6.1 7.x; do
		[[ $kernel != 7.x ]] || scripts/debian-kernel 7.x >/dev/null || {
			echo "ok $((++n)) - builds for 7.x # SKIP it cannot be had"
			continue
		}
		silent "builds for $kernel without a warning (W=1, sparse)" \
			builds_cleanly "$kernel"
	done
	silent "checkpatch --strict has nothing to say about the driver" \
		driver_style
	silent "kernel-doc has nothing to say about the driver" kernel_doc
	silent "kernel versions are told apart in srpt_compat.h alone" \
		version_conditionals
	silent "no file knows the storey above its own" \
		storeys_below_know_storeys_above
fi
if [[ -e tests/hca/Kbuild ]]; then
	silent "checkpatch has no warning about the test HCA" hca_style
fi
silent "every mutant can still be made" mutants_apply
silent "every file names its licence" without_licence
silent "shellcheck has nothing to say" shellcheck -x "${shell_files[@]}"
mapfile -t words < <(git ls-files -co --exclude-standard |
	grep -vE 'corpus|\.bin$')
silent "codespell has nothing to say" codespell -q 3 \
	--ignore-words-list=inflight,hca,te,ans,nd,isnt,upto,uptodate "${words[@]}"
rm -f "/tmp/static.$$" .checkpatch-camelcase.*
echo "1..$n"
exit "$failed"
