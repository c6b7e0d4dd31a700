# SPDX-License-Identifier: GPL-2.0
#
# make help tells what there is.  The module itself is built by Kbuild.

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
UPDATES := $(INSTALL_MOD_PATH)/lib/modules/$(KVER)/updates
KERNEL ?= 6.12
export LC_ALL := C

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)

all: modules

help:
	@echo 'make             build ib_srpt.ko for KVER=$(KVER) (or KDIR=headers)'
	@echo 'make install     put it into updates/, so that modprobe takes it'
	@echo 'make uninstall   and back to the one of the kernel'
	@echo 'make deb         a Debian package, for DKMS: build/deb'
	@echo 'make demo        see it work in a throw-away guest'
	@echo '                 KERNEL=6.1 or 7.x for another kernel, IB=1 for InfiniBand'
	@echo '                 HA=1: a disk on two targets, one of which is killed (DRBD);'
	@echo '                 HA=ceph: the same with Ceph below'
	@echo 'make check       all tests'
	@echo 'make check-all   ... also those whose turn it is not at this commit'
	@echo 'make check S=NAME [K=um|6.12|6.1|7.x]   one scenario'
	@echo 'make check-debug the scenarios in the debug kernel only'
	@echo 'make check-boot  does the target come back when a machine starts? With systemd'
	@echo 'make in-tree     does it build as a part of a kernel (K=6.12|7.x), and work?'
	@echo 'make kernels     does it build, without a warning, for every kernel that'
	@echo '                 Debian has? A table (M=REGEX chooses)'
	@echo 'make fuzz        the wire formats, FUZZ_SECONDS=600 for each target'
	@echo 'make mutants     break the driver on purpose: do the tests notice?'
	@echo '                 (hours; M=REGEX chooses)'
	@echo 'make bench       how fast it is beside the driver of the kernel, and beside'
	@echo '                 NVMe over Fabrics; K=7.x for another kernel'
	@echo 'make bench-quick ... the rows that matter most'
	@echo 'make guest       a shell in a guest (KERNEL=um|6.12|6.1|7.x)'
	@echo 'make clean       remove what was built here'

headers:
	@test -e $(KDIR)/Makefile || { \
		echo 'No kernel headers in $(KDIR): install' \
			'linux-headers-$(KVER), or give KVER= or KDIR=.' >&2; \
		exit 1; }

modules: headers
	$(kbuild) modules

install: modules
	$(kbuild) INSTALL_MOD_DIR=updates modules_install
	$(if $(INSTALL_MOD_PATH),depmod -b $(INSTALL_MOD_PATH) $(KVER),depmod $(KVER))
	@echo 'Done; "modprobe -r ib_srpt; modprobe ib_srpt" loads this one.'

uninstall:
	rm -f $(UPDATES)/ib_srpt.ko $(UPDATES)/ib_srpt.ko.*
	$(if $(INSTALL_MOD_PATH),depmod -b $(INSTALL_MOD_PATH) $(KVER),depmod $(KVER))

clean: headers
	$(kbuild) clean
	rm -rf build

deb:
	@scripts/setup build
	@scripts/package

demo:
ifneq ($(HA),)
	@scripts/demo-ha $(if $(filter ceph,$(HA)),--ceph)
else
	@scripts/demo --kernel $(KERNEL) $(if $(IB),--ib)
endif

guest:
	@scripts/setup build guest
	@scripts/guest --kernel $(KERNEL) --modules \
		"$$(scripts/module --tree --kernel $(KERNEL))" --shell

# Two guests more than processors, since each of them waits at times; with more on
# top all get slower, and miss their time limits. The longest first: prove
# starts them in this order, JOBS at a time, the first one with LANES guests.
JOBS ?= $(shell nproc)
LANES ?= 3
tests := tests/guest-um.t tests/guest-6.12.t tests/guest-6.1.t \
	tests/parallel-6.12.t tests/parallel-6.1.t \
	tests/counted-6.12.t tests/counted-6.1.t tests/guest-7.x.t tests/mutants.t \
	tests/harness.t tests/static.t tests/package.t $(wildcard tests/unit/*.t) \
	$(wildcard tests/fuzz/*.t) tests/install.t tests/kernel-tree.t tests/docs.t tests/model.t \
	tests/tools.t tests/last/record.t

check:
	@scripts/setup check
ifneq ($(S),)
	tests/run --kernel $(or $(K),um) $(S)
else ifneq ($(K),)
	prove tests/guest-$(K).t
else
	@scripts/um-kernel >/dev/null
	@LANES=$(LANES) GUESTS=$$(expr $(LANES) + $(JOBS) - 1) \
		HARNESS_RULESFILE=tests/prove.yml \
		RECORD=$$(tests/record --new) SPARSE=1 \
		prove -j $(JOBS) --timer $(tests)
endif

check-all:
	@ALL=1 $(MAKE) --no-print-directory check

check-debug:
	@scripts/setup check
	LANES=$(LANES) prove --timer tests/guest-um.t

check-boot:
	@scripts/setup build guest
	prove --timer tests/boot.t

in_tree_scenarios := module-params login-ipv4 ib-login verify wire-tmf store-way \
	disk-files view-sessions trace-command life-removal unload

in-tree:
	@scripts/setup check
	@scripts/in-tree $(or $(K),$(KERNEL))
	tests/run --kernel $(or $(K),$(KERNEL)) --in-tree $(in_tree_scenarios)

fuzz:
	@scripts/setup check
	$(MAKE) -C tests/fuzz fuzz

bench:
	@scripts/setup bench
	@tests/bench/run --kernel '$(or $(K),$(KERNEL))' $(BENCH)

bench-quick:
	@$(MAKE) --no-print-directory bench BENCH=--quick

kernels:
	@scripts/setup build
	@scripts/kernels $(if $(M),'$(M)')

mutants:
	@scripts/setup check
	tests/mutants $(if $(M),'$(M)')

.PHONY: all help headers modules install uninstall clean deb demo guest check
.PHONY: check-all check-debug check-boot in-tree fuzz kernels mutants bench bench-quick
