# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the virtual HCA notices what its consumers do wrong
# time: 20
# routine: um 6.12

ib_up || bail "the fabric comes up"
ok "the program compiles" gcc -O1 -o /run/strict \
	"$lib/../hca/strict/strict.c" -libverbs || exit
/run/strict >/run/strict.tap
while IFS= read -r line; do
	case $line in
	"ok "*) pass "${line#* - }" ;;
	"not ok "*) fail "${line#* - }" ;;
	"Bail out!"*) bail "$line" ;;
	esac
done </run/strict.tap
like "$(tail -n 1 /run/strict.tap)" '^1\.\.[0-9]+$' "all has been tried"
fails "no completion queue was overrun" klog_has 'overrun'
