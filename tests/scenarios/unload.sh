# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: the driver goes in order, even with a session at work; and comes back
# time: 15
# every: 6.12 6.1 7.x

ok "the target can be configured" target_simple || exit
srpt_module=$(modinfo -F filename ib_srpt)
fails "it cannot be unloaded while configured" modprobe -r ib_srpt
initiator_load register_always=N never_register=Y fast_io_fail_tmo=2 dev_loss_tmo=5 reconnect_delay=1
ok "login" login || exit
io_start "$(disk "$host")" --time_based --runtime=600
sleep 1
returns_within 20 "the configuration can be removed under I/O" target_clear
ok "nothing holds the driver then" modprobe -r ib_srpt
fails "it is gone" target_loaded
io_stop >/dev/null
ok "the initiator lets go" logout "$host"
backstore_remove disk
ok "it can be loaded and used again" target_simple || exit
ok "login again" login || exit
ok "verified I/O" verified_io "$(disk "$host")"
ok "logout" logout "$host"

# Its port is not given back before the driver goes.
ok "the target is removed" port_remove "${tpg%%/*}"
ok "and the fabric" rmdir "$srpt"
ok "the driver unloads" modprobe -r ib_srpt
backstore_remove disk
ok "it finds its port free when it comes back" target_simple || exit
ok "login again" login
