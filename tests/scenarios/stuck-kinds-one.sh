# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the same as stuck-kinds, on one processor
# processors: counted
# time: 120
# kernels: 6.12 6.1     the debug kernel has no such clock

processor=/sys/devices/system/cpu/cpu1/online
if [[ -e $processor ]]; then
	rxe_down
	ok "one processor" eval "echo 0 >$processor" || exit
	rxe_up
fi
# shellcheck source=tests/scenarios/stuck-kinds.sh
. "${BASH_SOURCE[0]%-one.sh}.sh"
target_clear
[[ ! -e $processor ]] || ok "and the other" eval "echo 1 >$processor"
