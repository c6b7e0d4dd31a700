// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual InfiniBand HCA: control by tests, through debugfs.
 *
 * /sys/kernel/debug/vhca/status	what is there, for people and scripts
 * /sys/kernel/debug/vhca/control	takes one command per write; a command
 *					that is wrong fails the write
 *
 *	add <hca>			plug in (hca: a number)
 *	del <hca>			pull out, as by unloading its driver
 *	<hca> link <port> down|up	cable out, in
 *	<hca> lid <port> <lid>		as if the SM had set it, with the event
 *	<hca> smlid <port> <lid>	likewise
 *	<hca> pkey <port> <i> <value>	likewise
 *	<hca> guid <port> <i> <value>	likewise; entry 0 is the port GUID
 *	<hca> prefix <port> <value>	likewise
 *	<hca> event <port> <event>	the event alone: err active lid sm pkey
 *					gid reregister
 *	<hca> fatal [silent|refuse]	the HCA dies: DEVICE_FATAL, all work is
 *					flushed; silent: nothing more happens;
 *					refuse: work requests are refused
 *	<hca> flush <n> <ms>		of the work of an RC queue pair in error
 *					n requests complete at once, the rest
 *					that much later
 *	<hca> revive			back from that, with nothing left
 *	<hca> hang, resume		execute nothing for a while
 *	<hca> qp <number|all> fatal|error	one RC queue pair fails, with or
 *					without event
 *	<hca> srq <number|all> error	a shared receive queue fails
 *	<hca> delay <us> [<opcode>]	each work request takes so long
 *	<hca> clear			no rules, no delay, no pause in flushing
 *	<hca> <rule>			see vhca_fault.c
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "vhca.h"

#define VHCA_MAX_ARGS	8

static struct dentry *vhca_dir;
/* One command at a time; outside vhca.lock, as HCAs come and go under it. */
static DEFINE_MUTEX(vhca_ctl_lock);

static int vhca_get_port(struct vhca_dev *dev, const char *arg,
			 struct vhca_port **port)
{
	u32 num;
	int ret = kstrtou32(arg, 0, &num);

	if (ret)
		return ret;
	if (!num || num > dev->nports)
		return -EINVAL;
	*port = &dev->port[num - 1];
	return 0;
}

static int vhca_ctl_link(struct vhca_port *port, char **argv, int argc)
{
	bool up = !strcmp(argv[0], "up");

	if (!up && strcmp(argv[0], "down"))
		return -EINVAL;
	spin_lock_irq(&vhca.port_lock);
	port->cable = up;
	__vhca_link_update(port);
	spin_unlock_irq(&vhca.port_lock);
	return 0;
}

/* What a subnet manager sets, and the event that tells of it. */
enum vhca_setting { VHCA_LID, VHCA_SMLID, VHCA_PREFIX, VHCA_PKEY, VHCA_GUID };

static const struct {
	const char *name;
	u32 entries;	/* of a table; 0: there is one value */
	u8 bits;
	enum ib_event_type event;
} vhca_settings[] = {
	[VHCA_LID] = { "lid", 0, 16, IB_EVENT_LID_CHANGE },
	[VHCA_SMLID] = { "smlid", 0, 16, IB_EVENT_SM_CHANGE },
	[VHCA_PREFIX] = { "prefix", 0, 64, IB_EVENT_GID_CHANGE },
	[VHCA_PKEY] = { "pkey", VHCA_PKEYS, 16, IB_EVENT_PKEY_CHANGE },
	[VHCA_GUID] = { "guid", VHCA_GUIDS, 64, IB_EVENT_GID_CHANGE },
};

static void vhca_apply(struct vhca_port *port, enum vhca_setting what,
		       u32 index, u64 value)
{
	spin_lock_irq(&vhca.port_lock);
	switch (what) {
	case VHCA_LID:
		port->lid = value;
		break;
	case VHCA_SMLID:
		port->sm_lid = value;
		break;
	case VHCA_PREFIX:
		WRITE_ONCE(port->gid_prefix, cpu_to_be64(value));
		break;
	case VHCA_PKEY:
		WRITE_ONCE(port->pkey[index], value);
		break;
	case VHCA_GUID:
		WRITE_ONCE(port->guid[index], cpu_to_be64(value));
		break;
	}
	vhca_port_event(port, vhca_settings[what].event);
	spin_unlock_irq(&vhca.port_lock);
}

/* [INDEX] VALUE */
static int vhca_ctl_set(struct vhca_port *port, enum vhca_setting what,
			char **argv, int argc)
{
	u32 entries = vhca_settings[what].entries, index = 0;
	u64 value;
	int ret = 0;

	if (argc != (entries ? 2 : 1))
		return -EINVAL;
	if (entries)
		ret = kstrtou32(*argv++, 0, &index);
	ret = ret ?: kstrtou64(*argv, 0, &value);
	if (ret)
		return ret;
	if (index >= max(entries, 1U) ||
	    value > U64_MAX >> (64 - vhca_settings[what].bits))
		return -EINVAL;
	vhca_apply(port, what, index, value);
	return 0;
}

static int vhca_ctl_event(struct vhca_port *port, char **argv, int argc)
{
	static const struct {
		const char *name;
		enum ib_event_type type;
	} events[] = {
		{ "err", IB_EVENT_PORT_ERR },
		{ "active", IB_EVENT_PORT_ACTIVE },
		{ "lid", IB_EVENT_LID_CHANGE },
		{ "sm", IB_EVENT_SM_CHANGE },
		{ "pkey", IB_EVENT_PKEY_CHANGE },
		{ "gid", IB_EVENT_GID_CHANGE },
		{ "reregister", IB_EVENT_CLIENT_REREGISTER },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (strcmp(events[i].name, argv[0]))
			continue;
		spin_lock_irq(&vhca.port_lock);
		vhca_port_event(port, events[i].type);
		spin_unlock_irq(&vhca.port_lock);
		return 0;
	}
	return -EINVAL;
}

/* Commands for a port: <hca> <name> <port> ... */
static const struct {
	const char *name;
	int args;
	int (*run)(struct vhca_port *port, char **argv, int argc);
} vhca_port_cmds[] = {
	{ "link", 1, vhca_ctl_link },
	{ "event", 1, vhca_ctl_event },
};

static int vhca_ctl_fatal(struct vhca_dev *dev, char **argv, int argc)
{
	struct ib_event event = {
		.device = &dev->ib,
		.element.port_num = 1,
		.event = IB_EVENT_DEVICE_FATAL,
	};
	bool silent = argc == 1 && !strcmp(argv[0], "silent");
	bool refuse = argc == 1 && !strcmp(argv[0], "refuse");
	u32 i;

	if (argc && !silent && !refuse)
		return -EINVAL;
	mutex_lock(&vhca.lock);
	dev->dead = true;
	WRITE_ONCE(dev->refuses, refuse);
	spin_lock_irq(&vhca.port_lock);
	for (i = 0; i < dev->nports; i++)
		__vhca_link_update(&dev->port[i]);
	ib_dispatch_event(&event);
	spin_unlock_irq(&vhca.port_lock);
	if (!silent)
		vhca_dev_flush(dev);
	mutex_unlock(&vhca.lock);
	return 0;
}

static int vhca_ctl_revive(struct vhca_dev *dev, char **argv, int argc)
{
	u32 i;

	mutex_lock(&vhca.lock);
	dev->dead = false;
	WRITE_ONCE(dev->refuses, false);
	spin_lock_irq(&vhca.port_lock);
	for (i = 0; i < dev->nports; i++)
		__vhca_link_update(&dev->port[i]);
	spin_unlock_irq(&vhca.port_lock);
	vhca_kick_dev(dev);
	mutex_unlock(&vhca.lock);
	return 0;
}

static int vhca_ctl_hang(struct vhca_dev *dev, char **argv, int argc)
{
	mutex_lock(&vhca.lock);
	dev->hung = true;
	mutex_unlock(&vhca.lock);
	return 0;
}

static int vhca_ctl_resume(struct vhca_dev *dev, char **argv, int argc)
{
	mutex_lock(&vhca.lock);
	dev->hung = false;
	vhca_kick_dev(dev);
	mutex_unlock(&vhca.lock);
	return 0;
}

static int vhca_ctl_qp(struct vhca_dev *dev, char **argv, int argc)
{
	bool fatal = argc == 2 && !strcmp(argv[1], "fatal");
	struct vhca_qp *qp;
	unsigned long n;
	u32 num = 0;
	int ret;

	if (argc != 2 || (!fatal && strcmp(argv[1], "error")))
		return -EINVAL;
	ret = strcmp(argv[0], "all") ? kstrtou32(argv[0], 0, &num) : 0;
	if (ret)
		return ret;

	ret = -ENOENT;
	mutex_lock(&vhca.lock);
	xa_for_each(&dev->qps, n, qp) {
		if (qp->ib.qp_type != IB_QPT_RC || (num && n != num))
			continue;
		vhca_qp_set_error(qp);
		if (fatal)
			vhca_qp_event(qp, IB_EVENT_QP_FATAL);
		ret = 0;
	}
	mutex_unlock(&vhca.lock);
	return ret;
}

static int vhca_ctl_srq(struct vhca_dev *dev, char **argv, int argc)
{
	struct vhca_srq *srq;
	unsigned long n;
	u32 num = 0;
	int ret;

	if (argc != 2 || strcmp(argv[1], "error"))
		return -EINVAL;
	ret = strcmp(argv[0], "all") ? kstrtou32(argv[0], 0, &num) : 0;
	if (ret)
		return ret;

	ret = -ENOENT;
	mutex_lock(&vhca.lock);
	xa_for_each(&dev->srqs, n, srq) {
		if (num && n != num)
			continue;
		srq->error = true;
		vhca_srq_event(srq, IB_EVENT_SRQ_ERR);
		ret = 0;
	}
	mutex_unlock(&vhca.lock);
	return ret;
}

static int vhca_ctl_delay(struct vhca_dev *dev, char **argv, int argc)
{
	u32 us, op = VHCA_ANY;
	int ret;

	if (argc != 1 && argc != 2)
		return -EINVAL;
	ret = kstrtou32(argv[0], 0, &us);
	if (!ret && argc == 2)
		ret = vhca_parse_opcode(argv[1], &op);
	if (ret)
		return ret;
	mutex_lock(&vhca.lock);
	dev->delay_us = us;
	dev->delay_op = op;
	mutex_unlock(&vhca.lock);
	return 0;
}

static int vhca_ctl_flush(struct vhca_dev *dev, char **argv, int argc)
{
	u32 now, ms;
	int ret;

	if (argc != 2)
		return -EINVAL;
	ret = kstrtou32(argv[0], 0, &now);
	ret = ret ?: kstrtou32(argv[1], 0, &ms);
	if (ret)
		return ret;
	mutex_lock(&vhca.lock);
	dev->flush_now = now;
	dev->flush_ms = ms;
	mutex_unlock(&vhca.lock);
	return 0;
}

static int vhca_ctl_clear(struct vhca_dev *dev, char **argv, int argc)
{
	vhca_fault_clear(dev);
	mutex_lock(&vhca.lock);
	dev->delay_us = 0;
	dev->flush_ms = 0;
	mutex_unlock(&vhca.lock);
	return 0;
}

/* Commands for an HCA: <hca> <name> ... */
static const struct {
	const char *name;
	int (*run)(struct vhca_dev *dev, char **argv, int argc);
} vhca_dev_cmds[] = {
	{ "fatal", vhca_ctl_fatal },
	{ "revive", vhca_ctl_revive },
	{ "hang", vhca_ctl_hang },
	{ "resume", vhca_ctl_resume },
	{ "qp", vhca_ctl_qp },
	{ "srq", vhca_ctl_srq },
	{ "delay", vhca_ctl_delay },
	{ "flush", vhca_ctl_flush },
	{ "clear", vhca_ctl_clear },
};

static int vhca_ctl_dev(struct vhca_dev *dev, char **argv, int argc)
{
	struct vhca_port *port;
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(vhca_settings); i++) {
		if (strcmp(argv[0], vhca_settings[i].name))
			continue;
		ret = argc < 2 ? -EINVAL : vhca_get_port(dev, argv[1], &port);
		return ret ?: vhca_ctl_set(port, i, argv + 2, argc - 2);
	}
	for (i = 0; i < ARRAY_SIZE(vhca_port_cmds); i++) {
		if (strcmp(argv[0], vhca_port_cmds[i].name))
			continue;
		if (argc != 2 + vhca_port_cmds[i].args)
			return -EINVAL;
		ret = vhca_get_port(dev, argv[1], &port);
		return ret ?: vhca_port_cmds[i].run(port, argv + 2, argc - 2);
	}
	for (i = 0; i < ARRAY_SIZE(vhca_dev_cmds); i++)
		if (!strcmp(argv[0], vhca_dev_cmds[i].name))
			return vhca_dev_cmds[i].run(dev, argv + 1, argc - 1);
	return vhca_fault_add(dev, argv, argc);
}

/* An HCA is 0 or vhca0. */
static int vhca_parse_hca(const char *arg, u32 *index)
{
	if (!strncmp(arg, "vhca", 4))
		arg += 4;
	return kstrtou32(arg, 10, index);
}

static int vhca_ctl_run(char **argv, int argc)
{
	u32 index;
	int ret;

	if (argc < 2)
		return -EINVAL;
	if (argc == 2 && (!strcmp(argv[0], "add") || !strcmp(argv[0], "del"))) {
		ret = vhca_parse_hca(argv[1], &index);
		if (ret)
			return ret;
		return argv[0][0] == 'a' ? vhca_add_dev(index) :
					   vhca_del_dev(index);
	}
	ret = vhca_parse_hca(argv[0], &index);
	if (ret)
		return ret;
	if (index >= VHCA_MAX_DEVS || !vhca.dev[index])
		return -ENODEV;
	return vhca_ctl_dev(vhca.dev[index], argv + 1, argc - 1);
}

static ssize_t vhca_ctl_write(struct file *file, const char __user *ubuf,
			      size_t len, loff_t *pos)
{
	char buf[128], *p = buf, *arg, *argv[VHCA_MAX_ARGS];
	int argc = 0, ret;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = '\0';
	while ((arg = strsep(&p, " \t\n"))) {
		if (!*arg)
			continue;
		if (argc == VHCA_MAX_ARGS)
			return -EINVAL;
		argv[argc++] = arg;
	}
	mutex_lock(&vhca_ctl_lock);
	ret = vhca_ctl_run(argv, argc);
	mutex_unlock(&vhca_ctl_lock);
	return ret ?: len;
}

static const struct file_operations vhca_ctl_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = vhca_ctl_write,
	.llseek = noop_llseek,
};

static void vhca_show_port(struct vhca_port *port, struct seq_file *m)
{
	static const char *const states[] = {
		"NOP", "DOWN", "INIT", "ARMED", "ACTIVE"
	};
	u32 i;

	seq_printf(m, "  port %u: %s lid %u smlid %u pkey %04x guid %016llx caps %08x cable %s\n",
		   port->num, states[port->state], port->lid, port->sm_lid,
		   port->pkey[0], be64_to_cpu(port->guid[0]), port->cap_mask,
		   port->cable ? "in" : "out");
	seq_printf(m, "    sent %llu/%llu bytes, received %llu/%llu bytes\n",
		   port->tx_msgs, port->tx_bytes, port->rx_msgs,
		   port->rx_bytes);
	for (i = 0; i < ARRAY_SIZE(port->tx_mads); i++)
		if (port->tx_mads[i] || port->rx_mads[i])
			seq_printf(m, "    mads class %02x: sent %u received %u\n",
				   i, port->tx_mads[i], port->rx_mads[i]);
}

static const char *vhca_qp_state(enum ib_qp_state state)
{
	static const char *const names[] = {
		"RESET", "INIT", "RTR", "RTS", "SQD", "SQE", "ERR"
	};

	return state < ARRAY_SIZE(names) ? names[state] : "?";
}

static void vhca_show_qp(struct vhca_qp *qp, struct seq_file *m)
{
	seq_printf(m, "  qp %u: %s %s peer %u lid %u srq %u sq %u/%u rq %u/%u rnr %u %s%s\n",
		   qp->ib.qp_num,
		   qp->ib.qp_type == IB_QPT_RC ? "RC" : "UD",
		   vhca_qp_state(qp->state), qp->attr.dest_qp_num, qp->av.dlid,
		   qp->ib.srq ? to_vsrq(qp->ib.srq)->num : 0,
		   qp->sq.head - qp->sq.exec, qp->sq.size,
		   qp->rq.head - qp->rq.exec, qp->rq.size,
		   qp->attr.min_rnr_timer,
		   qp->user ? "user" : "kernel",
		   list_empty(&qp->sleep) ? "" : " waiting");
}

static void vhca_show_dev(struct vhca_dev *dev, struct seq_file *m)
{
	struct vhca_srq *srq;
	struct vhca_qp *qp;
	unsigned long n;
	u32 i;

	seq_printf(m, "vhca%u: %s\n", dev->index,
		   dev->dead ? "dead" : dev->hung ? "hung" : "alive");
	seq_printf(m, "  without a receive buffer: %u\n", dev->rnr_naks);
	seq_printf(m, "  destroyed undrained: %u\n", dev->undrained);
	seq_printf(m, "  deepest stack: %u\n", dev->deepest);
	for (i = 0; i < dev->nports; i++)
		vhca_show_port(&dev->port[i], m);
	xa_for_each(&dev->qps, n, qp)
		vhca_show_qp(qp, m);
	xa_for_each(&dev->srqs, n, srq)
		seq_printf(m, "  srq %u: %u/%u%s\n", srq->num,
			   srq->rq.head - srq->rq.exec, srq->rq.size,
			   srq->error ? " error" : "");
	vhca_fault_show(dev, m);
}

static int vhca_status_show(struct seq_file *m, void *unused)
{
	u32 i;

	mutex_lock(&vhca.lock);
	for (i = 0; i < VHCA_MAX_DEVS; i++)
		if (vhca.dev[i])
			vhca_show_dev(vhca.dev[i], m);
	mutex_unlock(&vhca.lock);
	seq_printf(m, "queues: %lld bytes\n",
		   (long long)atomic64_read(&vhca.queue_bytes));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vhca_status);

void vhca_ctl_init(void)
{
	vhca_dir = debugfs_create_dir("vhca", NULL);
	debugfs_create_file("control", 0200, vhca_dir, NULL, &vhca_ctl_fops);
	debugfs_create_file("status", 0400, vhca_dir, NULL, &vhca_status_fops);
}

void vhca_ctl_exit(void)
{
	debugfs_remove_recursive(vhca_dir);
}
