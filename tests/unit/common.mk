# SPDX-License-Identifier: GPL-2.0
#
# How the rooms that know no kernel object are compiled in user space; shared
# by the unit tests and the fuzzers.

UNIT	:= $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
ROOT	:= $(abspath $(UNIT)/../..)

# The folder that has srp_iu.c and srp_dm.c; tests of the tests name another.
ROOMS	?= $(ROOT)

# The kernel's own include folder, for <scsi/srp.h>: the newest headers that
# are installed, else what scripts/debian-kernel or um-kernel has unpacked.
CACHE	:= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ib_srpt
KINC	?= $(shell for dir in \
	$$(ls -d /usr/src/linux-headers-*-common 2>/dev/null | sort -rV) \
	/lib/modules/$$(uname -r)/source /lib/modules/$$(uname -r)/build \
	$$(ls -d $(CACHE)/debian/*/root/usr/src/linux-headers-*-common \
		$(CACHE)/source/* 2>/dev/null | sort -rV); do \
	test -e $$dir/include/scsi/srp.h && echo $$dir/include && break; done)
ifeq ($(KINC),)
ifeq ($(filter clean,$(MAKECMDGOALS)),)
$(error no kernel headers: apt-get install linux-headers-amd64, or say KINC=)
endif
endif

# The kernel's folder comes last: <linux/types.h> is that of user space.
CPPFLAGS += -I$(ROOMS) -I$(UNIT) -I$(UNIT)/shim -I$(ROOT)/tests -idirafter $(KINC)
CFLAGS	?= -g -O1
# As in the kernel: no aliasing rules, and packed members have addresses.
WARN	:= -std=gnu11 -Wall -Wextra -Wno-unused-parameter \
	   -Wno-address-of-packed-member -fno-strict-aliasing
SANITIZE := -fsanitize=address,undefined \
	    -fno-sanitize-recover=all -fno-omit-frame-pointer
