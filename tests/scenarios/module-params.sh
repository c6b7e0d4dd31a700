# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the module's parameters, their limits, and what is said about wrong ones
# time: 15
# routine: um 6.12

modprobe target_core_mod
shown() { cat "/sys/module/ib_srpt/parameters/$1"; }

refuses() {
	klog_mark
	fails "$1 is refused" modprobe ib_srpt "$1"
	target_loaded && modprobe -r ib_srpt
	ok "and the log names ${1%%=*}" klog_has "${1%%=*}"
}

takes() {
	ok "$1 is taken" modprobe ib_srpt "$1" || return
	is "$(shown "${1%%=*}")" "$2" "and shown as $2"
	modprobe -r ib_srpt
}

ok "it loads without any" modprobe ib_srpt
is "$(shown srp_max_req_size)" 8276 "srp_max_req_size is 8276"
is "$(shown srpt_srq_size)" 4095 "srpt_srq_size is 4095"
is "$(find /sys/module/ib_srpt/parameters/srpt_srq_size -printf %m)" 444 \
	"parameters are read-only"
ok "it unloads" modprobe -r ib_srpt

takes srp_max_req_size=996 996
takes srpt_srq_size=4 4
takes srpt_srq_size=65535 65535
takes srpt_service_guid=0x0002c90300a1b2c3 0x0002c90300a1b2c3
takes srpt_service_guid=2c90300a1b2c3 0x0002c90300a1b2c3
refuses srp_max_req_size=995
refuses srpt_srq_size=3
refuses srpt_srq_size=65536
fails "srpt_service_guid=guid is refused" modprobe ib_srpt srpt_service_guid=guid
target_loaded && modprobe -r ib_srpt
if [[ $STOCK ]]; then
	skip "srp_max_req_size=4294967295 is refused" "the kernel's own takes it"
else
	refuses srp_max_req_size=4294967295
	refuses srp_max_req_size=100000000
fi

guid=0x1122334455667788
ok "a target with a service GUID" target_simple -p srpt_service_guid=$guid
ok "login to that GUID" login "id_ext=${guid#0x}" "ioc_guid=${guid#0x}"
