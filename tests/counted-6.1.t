#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
exec "${0%/*}/run" --kernel 6.1 --processors counted
