#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The last one (tests/prove.yml): what all this has cost, and what needed luck.
exec "${0%/*}/../record" --report
