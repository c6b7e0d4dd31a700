// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: faults to be injected.
 *
 * Each HCA has a few rules. A rule names a kind of occurrence, how many of them
 * to let pass, how many to hit then, and what to do with those. Hits are
 * counted, so that a test can tell whether its fault has happened at all.
 *
 *	wr <opcode|recv|any> <n> <count> <status>
 *	rnr <n> <count>
 *	mad <class> <attribute|any> <n> <count> drop|dup
 *	verb <verb> <n> <count> <errno>
 *	slow <verb> <n> <count> <milliseconds>
 *
 * <n> is the first occurrence to be hit, from 1; <count> 0 is for ever.
 */
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include "vhca.h"

struct vhca_name {
	const char *name;
	u32 value;
};

static const struct vhca_name vhca_opcodes[] = {
	{ "any", VHCA_ANY },
	{ "send", IB_WR_SEND },
	{ "send_imm", IB_WR_SEND_WITH_IMM },
	{ "send_inv", IB_WR_SEND_WITH_INV },
	{ "write", IB_WR_RDMA_WRITE },
	{ "write_imm", IB_WR_RDMA_WRITE_WITH_IMM },
	{ "read", IB_WR_RDMA_READ },
	{ "reg_mr", IB_WR_REG_MR },
	{ "local_inv", IB_WR_LOCAL_INV },
	{ "recv", VHCA_SEL_RECV },
	{ }
};

static const struct vhca_name vhca_statuses[] = {
	{ "loc_len", IB_WC_LOC_LEN_ERR },
	{ "loc_qp_op", IB_WC_LOC_QP_OP_ERR },
	{ "loc_prot", IB_WC_LOC_PROT_ERR },
	{ "flush", IB_WC_WR_FLUSH_ERR },
	{ "mw_bind", IB_WC_MW_BIND_ERR },
	{ "bad_resp", IB_WC_BAD_RESP_ERR },
	{ "loc_access", IB_WC_LOC_ACCESS_ERR },
	{ "rem_inv_req", IB_WC_REM_INV_REQ_ERR },
	{ "rem_access", IB_WC_REM_ACCESS_ERR },
	{ "rem_op", IB_WC_REM_OP_ERR },
	{ "retry_exc", IB_WC_RETRY_EXC_ERR },
	{ "rnr_retry_exc", IB_WC_RNR_RETRY_EXC_ERR },
	{ "rem_abort", IB_WC_REM_ABORT_ERR },
	{ "fatal", IB_WC_FATAL_ERR },
	{ "resp_timeout", IB_WC_RESP_TIMEOUT_ERR },
	{ "general", IB_WC_GENERAL_ERR },
	{ }
};

static const struct vhca_name vhca_classes[] = {
	{ "any", VHCA_ANY },
	{ "sm", IB_MGMT_CLASS_SUBN_LID_ROUTED },
	{ "smdr", IB_MGMT_CLASS_SUBN_DIRECTED_ROUTE },
	{ "sa", IB_MGMT_CLASS_SUBN_ADM },
	{ "pm", IB_MGMT_CLASS_PERF_MGMT },
	{ "dm", IB_MGMT_CLASS_DEVICE_MGMT },
	{ "cm", IB_MGMT_CLASS_CM },
	{ }
};

/* Names of attributes, valid in class cm only except for "any". */
static const struct vhca_name vhca_attrs[] = {
	{ "any", VHCA_ANY },
	{ "req", 0x10 },
	{ "mra", 0x11 },
	{ "rej", 0x12 },
	{ "rep", 0x13 },
	{ "rtu", 0x14 },
	{ "dreq", 0x15 },
	{ "drep", 0x16 },
	{ "sidr_req", 0x17 },
	{ "sidr_rep", 0x18 },
	{ "lap", 0x19 },
	{ "apr", 0x1a },
	{ }
};

static const struct vhca_name vhca_mad_actions[] = {
	{ "drop", VHCA_MAD_DROP },
	{ "dup", VHCA_MAD_DUP },
	{ }
};

static const struct vhca_name vhca_verbs[] = {
	{ "create_qp", VHCA_CREATE_QP },
	{ "create_cq", VHCA_CREATE_CQ },
	{ "create_srq", VHCA_CREATE_SRQ },
	{ "alloc_pd", VHCA_ALLOC_PD },
	{ "alloc_mr", VHCA_ALLOC_MR },
	{ "modify_port", VHCA_MODIFY_PORT },
	{ "reg_user_mr", VHCA_REG_USER_MR },
	{ "create_ah", VHCA_CREATE_AH },
	{ "modify_qp", VHCA_MODIFY_QP },
	{ "query_qp", VHCA_QUERY_QP },
	{ "map_mr_sg", VHCA_MAP_MR_SG },
	{ "post_send", VHCA_POST_SEND },
	{ "post_recv", VHCA_POST_RECV },
	{ "post_srq_recv", VHCA_POST_SRQ_RECV },
	{ }
};

static const char *const vhca_kinds[] = {
	[VHCA_FAULT_NONE] = "none",
	[VHCA_FAULT_WR] = "wr",
	[VHCA_FAULT_RNR] = "rnr",
	[VHCA_FAULT_MAD] = "mad",
	[VHCA_FAULT_VERB] = "verb",
	[VHCA_FAULT_SLOW] = "slow",
};

/* A name from a table, or a number. */
static int vhca_parse(const struct vhca_name *names, const char *arg,
		      u32 *value)
{
	for (; names->name; names++) {
		if (!strcmp(names->name, arg)) {
			*value = names->value;
			return 0;
		}
	}
	return isdigit(arg[0]) ? kstrtou32(arg, 0, value) : -EINVAL;
}

/* The opcode of a work request by its name. */
int vhca_parse_opcode(const char *arg, u32 *opcode)
{
	return vhca_parse(vhca_opcodes, arg, opcode);
}

static bool vhca_rule_applies(const struct vhca_rule *r,
			      enum vhca_fault_kind kind, u32 sel, u32 attr)
{
	if (r->kind != kind || (r->attr != VHCA_ANY && r->attr != attr))
		return false;
	/* "Any work request" does not mean receives. */
	if (r->sel == VHCA_ANY)
		return kind != VHCA_FAULT_WR || sel != VHCA_SEL_RECV;
	return r->sel == sel;
}

/* Count an occurrence; returns whether the rule hits it. */
static bool vhca_rule_hits(struct vhca_rule *r)
{
	if (r->skip) {
		r->skip--;
		return false;
	}
	if (r->count && r->hits >= r->count)
		return false;
	r->hits++;
	return true;
}

/**
 * vhca_fault - ask whether something is to go wrong now
 * @dev: HCA
 * @kind: kind of occurrence
 * @sel: opcode, management class or verb
 * @attr: MAD attribute, else 0
 *
 * From any context.
 *
 * Return: what the rule that hit says, 0 if none did.
 */
int vhca_fault(struct vhca_dev *dev, enum vhca_fault_kind kind, u32 sel,
	       u32 attr)
{
	unsigned long flags;
	int value = 0;
	u32 i;

	if (!READ_ONCE(dev->nrules))
		return 0;
	spin_lock_irqsave(&dev->fault_lock, flags);
	for (i = 0; i < dev->nrules && !value; i++)
		if (vhca_rule_applies(&dev->rule[i], kind, sel, attr) &&
		    vhca_rule_hits(&dev->rule[i]))
			value = dev->rule[i].value;
	spin_unlock_irqrestore(&dev->fault_lock, flags);
	return value;
}

/* The calls that may sleep, whoever makes them. */
static bool vhca_verb_sleeps(u32 verb)
{
	return verb <= VHCA_REG_USER_MR;
}

/**
 * vhca_fault_verb - ask whether a verbs call is to fail, or to take its time
 * @ib: device
 * @verb: call
 *
 * From any context in which that call may be made; no locks.
 *
 * Return: 0 or a negative errno.
 */
int vhca_fault_verb(struct ib_device *ib, enum vhca_verb verb)
{
	struct vhca_dev *dev = to_vdev(ib);
	int ms = vhca_fault(dev, VHCA_FAULT_SLOW, verb, 0);

	if (ms)
		msleep(ms);
	return -vhca_fault(dev, VHCA_FAULT_VERB, verb, 0);
}

static int vhca_parse_count(struct vhca_rule *r, char **argv)
{
	int ret = kstrtou32(argv[0], 0, &r->skip);

	if (ret)
		return ret;
	if (!r->skip--)
		return -EINVAL;
	return kstrtou32(argv[1], 0, &r->count);
}

static int vhca_parse_value(const struct vhca_name *names, const char *arg,
			    struct vhca_rule *r)
{
	u32 value;
	int ret = vhca_parse(names, arg, &value);

	if (ret)
		return ret;
	if (!value || value > INT_MAX)
		return -EINVAL;
	r->value = value;
	return 0;
}

static int vhca_parse_rule(struct vhca_rule *r, char **argv, int argc)
{
	static const struct vhca_name no_names[] = { { } };
	int ret;

	r->attr = VHCA_ANY;
	if (!strcmp(argv[0], "wr") && argc == 5) {
		r->kind = VHCA_FAULT_WR;
		ret = vhca_parse(vhca_opcodes, argv[1], &r->sel);
		ret = ret ?: vhca_parse_count(r, argv + 2);
		return ret ?: vhca_parse_value(vhca_statuses, argv[4], r);
	}
	if (!strcmp(argv[0], "rnr") && argc == 3) {
		r->kind = VHCA_FAULT_RNR;
		r->sel = VHCA_ANY;
		r->value = 1;
		return vhca_parse_count(r, argv + 1);
	}
	if (!strcmp(argv[0], "mad") && argc == 6) {
		r->kind = VHCA_FAULT_MAD;
		ret = vhca_parse(vhca_classes, argv[1], &r->sel);
		ret = ret ?: vhca_parse(vhca_attrs, argv[2], &r->attr);
		ret = ret ?: vhca_parse_count(r, argv + 3);
		return ret ?: vhca_parse_value(vhca_mad_actions, argv[5], r);
	}
	if (!strcmp(argv[0], "verb") && argc == 5) {
		r->kind = VHCA_FAULT_VERB;
		ret = vhca_parse(vhca_verbs, argv[1], &r->sel);
		ret = ret ?: vhca_parse_count(r, argv + 2);
		return ret ?: vhca_parse_value(no_names, argv[4], r);
	}
	if (!strcmp(argv[0], "slow") && argc == 5) {
		r->kind = VHCA_FAULT_SLOW;
		ret = vhca_parse(vhca_verbs, argv[1], &r->sel);
		if (!ret && !vhca_verb_sleeps(r->sel))
			ret = -EINVAL;
		ret = ret ?: vhca_parse_count(r, argv + 2);
		return ret ?: vhca_parse_value(no_names, argv[4], r);
	}
	return -EINVAL;
}

/**
 * vhca_fault_add - add a rule
 * @dev: HCA
 * @argv: its words
 * @argc: how many
 *
 * Return: 0, -EINVAL if that is no rule, -ENOSPC if there are too many.
 */
int vhca_fault_add(struct vhca_dev *dev, char **argv, int argc)
{
	struct vhca_rule rule = { };
	int ret = vhca_parse_rule(&rule, argv, argc);

	if (ret)
		return ret;
	spin_lock_irq(&dev->fault_lock);
	if (dev->nrules == VHCA_MAX_RULES)
		ret = -ENOSPC;
	else
		dev->rule[dev->nrules++] = rule;
	spin_unlock_irq(&dev->fault_lock);
	return ret;
}

/* Forget all rules. */
void vhca_fault_clear(struct vhca_dev *dev)
{
	spin_lock_irq(&dev->fault_lock);
	dev->nrules = 0;
	spin_unlock_irq(&dev->fault_lock);
}

static const char *vhca_sel_name(const struct vhca_rule *r)
{
	const struct vhca_name *n = r->kind == VHCA_FAULT_WR ? vhca_opcodes :
		r->kind == VHCA_FAULT_MAD ? vhca_classes : vhca_verbs;

	if (r->sel == VHCA_ANY)
		return "any";
	for (; n->name; n++)
		if (n->value == r->sel)
			return n->name;
	return "?";
}

/* List the rules, one a line, with how often each has hit. */
void vhca_fault_show(struct vhca_dev *dev, struct seq_file *m)
{
	struct vhca_rule *r;
	u32 i;

	spin_lock_irq(&dev->fault_lock);
	for (i = 0; i < dev->nrules; i++) {
		r = &dev->rule[i];
		seq_printf(m, "  rule %u: %s %s value %d left %u hits %u\n", i,
			   vhca_kinds[r->kind], vhca_sel_name(r), r->value,
			   r->skip, r->hits);
	}
	spin_unlock_irq(&dev->fault_lock);
}
