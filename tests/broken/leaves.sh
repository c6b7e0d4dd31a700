# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# about: it leaves an HCA behind
# time: 3

ok "another HCA" rdma link add rxe5 type rxe netdev d1
