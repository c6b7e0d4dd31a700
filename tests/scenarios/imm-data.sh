# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: immediate data, asked for and not
# time: 12
# every: 6.12 6.1

ok "the target can be configured" target_simple || exit
for value in Y N; do
	initiator_load use_imm_data=$value
	klog_mark
	ok "login with use_imm_data=$value" login || exit
	if [[ $value == Y ]]; then
		ok "immediate data was agreed on" klog_has 'using immediate data'
	else
		fails "immediate data was not agreed on" \
			klog_has 'using immediate data'
	fi
	# Around the size that still fits, 8 KiB.
	for bs in 512 4k 8k 16k; do
		ok "writes of $bs, read back" verified_io "$(disk "$host")" \
			--bs=$bs --size=128k
	done
	ok "logout" logout "$host"
done
