// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's emulation that counts what a guest executes: how often
 * each translation block ran, by its address and its number of instructions.
 *
 *   scripts/guest --icount 0 --plugin count.so,out=FILE ...
 *
 * Each run of the program "mark" (mark.c) in the guest adds to FILE a line
 * "mark N USER", N from 1, USER the instructions of user space since the mark
 * before, and a line "ADDRESS INSTRUCTIONS TIMES" for each block of the kernel
 * that ran since then.  The guest itself does not notice: its clock, with
 * --icount, counts its own instructions alone.
 *
 * QEMU's header for plugins is not packaged.  What is needed of it, version 1,
 * is declared here; every QEMU from 4.2 on that can load version 1 will do.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
typedef void (*tb_trans_cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*vcpu_udata_cb)(unsigned int vcpu, void *udata);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  vcpu_udata_cb cb,
					  enum qemu_plugin_cb_flags flags,
					  void *udata);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb,
					      enum qemu_plugin_op op,
					      void *ptr, uint64_t imm);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

#define MARK	0x6d61726b0000ull	/* where mark.c begins */
#define KERNEL	(1ull << 63)

/* Blocks stay where they are: emulated code adds to @times. */
struct block {
	struct block *next;
	uint64_t addr, insns, times, before;
};

static struct block *table[1 << 18];
static uint64_t user, user_before;
static unsigned int marks;
static FILE *out;

static struct block *find(uint64_t addr, uint64_t insns)
{
	struct block **head = &table[(addr ^ addr >> 18) % (1 << 18)], *b;

	for (b = *head; b; b = b->next)
		if (b->addr == addr && b->insns == insns)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->addr = addr;
	b->insns = insns;
	b->next = *head;
	*head = b;
	return b;
}

static void mark(unsigned int vcpu, void *udata)
{
	struct block *b;

	fprintf(out, "mark %u %" PRIu64 "\n", ++marks, user - user_before);
	user_before = user;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		for (b = table[i]; b; b = b->next) {
			if (b->times != b->before)
				fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
					b->addr, b->insns, b->times - b->before);
			b->before = b->times;
		}
	fflush(out);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t addr = qemu_plugin_tb_vaddr(tb);
	uint64_t insns = qemu_plugin_tb_n_insns(tb);

	if (addr == MARK)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, mark,
						     QEMU_PLUGIN_CB_NO_REGS, NULL);
	if (addr & KERNEL)
		qemu_plugin_register_vcpu_tb_exec_inline(tb,
							 QEMU_PLUGIN_INLINE_ADD_U64,
							 &find(addr, insns)->times, 1);
	else
		qemu_plugin_register_vcpu_tb_exec_inline(tb,
							 QEMU_PLUGIN_INLINE_ADD_U64,
							 &user, insns);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			       char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
	if (!out) {
		fputs("count: give out=FILE\n", stderr);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
