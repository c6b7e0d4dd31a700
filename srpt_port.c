// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * HCAs and their ports.
 *
 * An HCA is built in full before anything can call into it: ports first, then
 * the list that logins look in, then events and listeners. Removal goes the
 * other way round, ends every channel, and returns when none has hardware left.
 *
 * Refreshing a port means to look at it again: LID, GID, whether there is a
 * listener, and whether anything is to be announced. It may be asked for at
 * any time and as often as one likes; one work item per port does it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <rdma/ib_cache.h>

#include "srpt_life.h"

/* All HCAs. */
static DEFINE_MUTEX(srpt_devices_mutex);
static LIST_HEAD(srpt_devices);

/* How often a removal that takes long says so. */
#define SRPT_NAG_INTERVAL	(10 * HZ)

/* When a refresh that failed is tried again: at first, and at last. */
#define SRPT_REFRESH_RETRY	(1 * HZ)
#define SRPT_REFRESH_RETRY_MAX	(64 * HZ)

/**
 * srpt_device_find - what we know of an HCA
 * @dev: the HCA
 *
 * Return: our object with a reference, or NULL.
 */
struct srpt_device *srpt_device_find(struct ib_device *dev)
{
	struct srpt_device *sdev, *found = NULL;

	mutex_lock(&srpt_devices_mutex);
	list_for_each_entry(sdev, &srpt_devices, entry) {
		if (sdev->ib_dev != dev)
			continue;
		kref_get(&sdev->kref);
		found = sdev;
		break;
	}
	mutex_unlock(&srpt_devices_mutex);
	return found;
}

static void srpt_visit_dev_channels(struct srpt_device *sdev, srpt_ch_fn fn,
				    void *arg)
{
	struct srpt_rdma_ch *ch;

	mutex_lock(&sdev->mutex);
	list_for_each_entry(ch, &sdev->channels, entry)
		fn(ch, arg);
	mutex_unlock(&sdev->mutex);
}

/**
 * srpt_visit_channels - do something to every channel that has hardware
 * @fn: what to do; called with sdev->mutex held
 * @arg: for @fn
 *
 * Context: may sleep.
 */
void srpt_visit_channels(srpt_ch_fn fn, void *arg)
{
	struct srpt_device *sdev;

	mutex_lock(&srpt_devices_mutex);
	list_for_each_entry(sdev, &srpt_devices, entry)
		srpt_visit_dev_channels(sdev, fn, arg);
	mutex_unlock(&srpt_devices_mutex);
}

/**
 * srpt_visit_ports - look at every port of every HCA
 * @fn: what to do; must not sleep for long
 * @arg: for @fn
 *
 * Context: may sleep.
 */
void srpt_visit_ports(srpt_port_fn fn, void *arg)
{
	struct srpt_device *sdev;
	u32 i;

	mutex_lock(&srpt_devices_mutex);
	list_for_each_entry(sdev, &srpt_devices, entry)
		for (i = 0; i < sdev->port_cnt; i++)
			fn(&sdev->ports[i], arg);
	mutex_unlock(&srpt_devices_mutex);
}

/* Now, even if it was to happen later. */
static void srpt_refresh_now(struct srpt_port *sport)
{
	if (sport->has_cm)
		mod_delayed_work(srpt_wq, &sport->refresh, 0);
}

/**
 * srpt_refresh_all - look at all ports again, because configuration changed
 *
 * Context: may sleep; does not wait for the result.
 */
void srpt_refresh_all(void)
{
	struct srpt_device *sdev;
	u32 i;

	mutex_lock(&srpt_devices_mutex);
	list_for_each_entry(sdev, &srpt_devices, entry)
		for (i = 0; i < sdev->port_cnt; i++)
			srpt_refresh_now(&sdev->ports[i]);
	mutex_unlock(&srpt_devices_mutex);
}

/*
 * Tells the subnet manager whether there is something to be found. Virtual
 * functions may not; but an error may be one of the moment, too.
 */
static int srpt_announce(struct srpt_port *sport, bool present)
{
	struct ib_port_modify modify = {};
	int ret;

	if (present == sport->announced)
		return 0;
	if (present)
		modify.set_port_cap_mask = IB_PORT_DEVICE_MGMT_SUP;
	else
		modify.clr_port_cap_mask = IB_PORT_DEVICE_MGMT_SUP;
	ret = ib_modify_port(sport->sdev->ib_dev, sport->num, 0, &modify);
	if (!ret)
		sport->announced = present;
	else if (!sport->retry)
		pr_info("%s port %u: cannot announce device management (error %d, usual with SR-IOV); until it can, initiators must be told where to log in\n",
			dev_name(&sport->sdev->ib_dev->dev), sport->num, ret);
	return ret;
}

/* Remembers what @present has become; counts changes for IOUnitInfo. */
static void srpt_set_present(struct srpt_port *sport, bool present)
{
	spin_lock_irq(&sport->lock);
	if (sport->present != present) {
		sport->present = present;
		sport->change_id++;
	}
	spin_unlock_irq(&sport->lock);
}

/* One listener for all ports of an HCA, whichever is looked at first. */
static int srpt_listen_once(struct srpt_device *sdev)
{
	int ret = 0;

	mutex_lock(&sdev->mutex);
	if (!sdev->cm_id)
		ret = srpt_cm_listen(sdev);
	mutex_unlock(&sdev->mutex);
	if (ret)
		pr_err("%s: cannot listen for IB/CM logins: error %d\n",
		       dev_name(&sdev->ib_dev->dev), ret);
	return ret;
}

/*
 * The ways in of an InfiniBand port. What can be found can be logged in to:
 * the port is announced when all else stands.
 */
static int srpt_open_port(struct srpt_port *sport, bool present)
{
	int ret = srpt_listen_once(sport->sdev);

	if (!ret)
		ret = srpt_register_mad_agent(sport);
	return srpt_announce(sport, present && !ret) ?: ret;
}

/**
 * srpt_refresh_port - look at a port again
 * @sport: the port
 *
 * Takes over LID, SM LID and GID, on InfiniBand also listens for logins,
 * registers for device-management MADs and tells the subnet manager whether a
 * target is there. Any number of calls is fine, one at a time.
 *
 * Context: may sleep.
 * Return: 0 or -errno; after an error the port is as it was.
 */
static int srpt_refresh_port(struct srpt_port *sport)
{
	struct ib_device *dev = sport->sdev->ib_dev;
	struct ib_port_attr attr;
	union ib_gid gid;
	u32 max_rdma;
	bool present;
	int ret;

	ret = ib_query_port(dev, sport->num, &attr);
	if (ret)
		return ret;
	ret = rdma_query_gid(dev, sport->num, 0, &gid);
	if (ret)
		return ret;
	spin_lock_irq(&sport->lock);
	sport->lid = attr.lid;
	sport->sm_lid = attr.sm_lid;
	sport->gid = gid;
	spin_unlock_irq(&sport->lock);

	present = srpt_names_announce(sport, &max_rdma);
	srpt_set_present(sport, present);
	return sport->is_ib ? srpt_open_port(sport, present) : 0;
}

static void srpt_refresh_work(struct work_struct *work)
{
	struct srpt_port *sport = container_of(to_delayed_work(work),
					       struct srpt_port, refresh);
	int ret = srpt_refresh_port(sport);

	if (!ret) {
		sport->retry = 0;
		return;
	}
	if (!sport->retry)
		pr_warn("%s port %u: refresh failed: error %d\n",
			dev_name(&sport->sdev->ib_dev->dev), sport->num, ret);
	/* there may be no other event for a long time */
	sport->retry = clamp_t(unsigned long, 2 * sport->retry,
			       SRPT_REFRESH_RETRY, SRPT_REFRESH_RETRY_MAX);
	queue_delayed_work(srpt_wq, &sport->refresh, sport->retry);
}

static void srpt_close_any(struct srpt_rdma_ch *ch, void *arg)
{
	srpt_close_ch(ch);
}

static void srpt_fatal_work(struct work_struct *work)
{
	struct srpt_device *sdev = container_of(work, struct srpt_device,
						fatal_work);

	srpt_visit_dev_channels(sdev, srpt_close_any, NULL);
}

static void srpt_port_event(struct srpt_device *sdev, u32 port_num)
{
	if (port_num >= 1 && port_num <= sdev->port_cnt)
		srpt_refresh_now(&sdev->ports[port_num - 1]);
}

/**
 * srpt_event_handler - asynchronous event of an HCA, IBA 11.5.2
 * @handler: ours
 * @event: what happened
 *
 * What changes a port leads to a refresh. A dead device ends its channels.
 *
 * Context: maybe interrupt.
 */
static void srpt_event_handler(struct ib_event_handler *handler,
			       struct ib_event *event)
{
	struct srpt_device *sdev = container_of(handler, struct srpt_device,
						event_handler);

	switch (event->event) {
	case IB_EVENT_PORT_ERR:
	case IB_EVENT_PORT_ACTIVE:
	case IB_EVENT_LID_CHANGE:
	case IB_EVENT_PKEY_CHANGE:
	case IB_EVENT_SM_CHANGE:
	case IB_EVENT_CLIENT_REREGISTER:
	case IB_EVENT_GID_CHANGE:
		pr_info_ratelimited("%s port %u: %s\n",
				    dev_name(&event->device->dev),
				    event->element.port_num,
				    ib_event_msg(event->event));
		srpt_port_event(sdev, event->element.port_num);
		break;
	case IB_EVENT_DEVICE_FATAL:
		pr_err("%s: %s, all its channels end\n",
		       dev_name(&event->device->dev),
		       ib_event_msg(event->event));
		queue_work(srpt_wq, &sdev->fatal_work);
		break;
	default:
		pr_debug("%s: %s\n", dev_name(&event->device->dev),
			 ib_event_msg(event->event));
	}
}

static void srpt_end_port_ch(struct srpt_rdma_ch *ch, void *sport)
{
	if (ch->sport == sport)
		srpt_disconnect_ch(ch);
}

static void srpt_nag(struct srpt_rdma_ch *ch, void *sport)
{
	if (ch->sport == sport)
		pr_info("%s: still %s\n", ch->peer,
			srpt_ch_state_name(ch->state));
}

/**
 * srpt_release_sport - end the channels of a port and wait for that
 * @sport: the port; its device takes no logins any more
 *
 * Bounded by the time-outs of channels: their hardware goes even if a backend
 * holds on to commands.
 *
 * Context: may sleep.
 * Return: 0.
 */
static int srpt_release_sport(struct srpt_port *sport)
{
	struct srpt_device *sdev = sport->sdev;

	srpt_visit_dev_channels(sdev, srpt_end_port_ch, sport);
	while (!wait_event_timeout(sdev->idle, !atomic_read(&sport->channels),
				   SRPT_NAG_INTERVAL))
		srpt_visit_dev_channels(sdev, srpt_nag, sport);
	return 0;
}

static void srpt_init_port(struct srpt_device *sdev, u32 num)
{
	struct srpt_port *sport = &sdev->ports[num - 1];

	sport->sdev = sdev;
	sport->num = num;
	sport->has_cm = rdma_cap_ib_cm(sdev->ib_dev, num) ||
			rdma_cap_iw_cm(sdev->ib_dev, num);
	sport->is_ib = rdma_protocol_ib(sdev->ib_dev, num) &&
		       rdma_cap_ib_cm(sdev->ib_dev, num) &&
		       rdma_cap_ib_mad(sdev->ib_dev, num);
	spin_lock_init(&sport->lock);
	INIT_DELAYED_WORK(&sport->refresh, srpt_refresh_work);
}

static struct srpt_device *srpt_alloc_device(struct ib_device *device)
{
	struct srpt_device *sdev;
	u32 i;

	sdev = kzalloc(struct_size(sdev, ports, device->phys_port_cnt),
		       GFP_KERNEL);
	if (!sdev)
		return NULL;
	sdev->ib_dev = device;
	sdev->port_cnt = device->phys_port_cnt;
	kref_init(&sdev->kref);
	mutex_init(&sdev->mutex);
	srpt_srq_init(sdev);
	INIT_LIST_HEAD(&sdev->channels);
	INIT_LIST_HEAD(&sdev->nexuses);
	init_waitqueue_head(&sdev->idle);
	INIT_WORK(&sdev->fatal_work, srpt_fatal_work);
	for (i = 0; i < sdev->port_cnt; i++)
		srpt_init_port(sdev, i + 1);
	return sdev;
}

/* Can anybody log in through this HCA? */
static bool srpt_device_has_cm(const struct srpt_device *sdev)
{
	u32 i;

	for (i = 0; i < sdev->port_cnt; i++)
		if (sdev->ports[i].has_cm)
			return true;
	return false;
}

/**
 * srpt_add_one - ib_client callback: an HCA has appeared
 * @device: the HCA
 *
 * Configuration that has been waiting for its ports becomes effective.
 *
 * Return: 0 or -errno; then the HCA is not used.
 */
static int srpt_add_one(struct ib_device *device)
{
	struct srpt_device *sdev = srpt_alloc_device(device);
	int ret;
	u32 i;

	if (!sdev)
		return -ENOMEM;
	ret = -EOPNOTSUPP;
	if (!srpt_device_has_cm(sdev))
		goto put_device;
	sdev->pd = ib_alloc_pd(device, 0);
	if (IS_ERR(sdev->pd)) {
		ret = PTR_ERR(sdev->pd);
		goto put_device;
	}
	srpt_service_guid_default(be64_to_cpu(device->node_guid));
	ib_set_client_data(device, &srpt_client, sdev);

	mutex_lock(&srpt_devices_mutex);
	list_add_tail(&sdev->entry, &srpt_devices);
	mutex_unlock(&srpt_devices_mutex);

	INIT_IB_EVENT_HANDLER(&sdev->event_handler, device, srpt_event_handler);
	ib_register_event_handler(&sdev->event_handler);
	for (i = 0; i < sdev->port_cnt; i++)
		srpt_refresh_now(&sdev->ports[i]);
	for (i = 0; i < sdev->port_cnt; i++)
		flush_delayed_work(&sdev->ports[i].refresh);
	return 0;

put_device:
	srpt_device_put(sdev);
	return ret;
}

/**
 * srpt_remove_one - ib_client callback: an HCA goes away
 * @device: the HCA
 * @client_data: our object
 *
 * Returns when nothing of the HCA is in use any more. Configuration stays, and
 * waits for the ports to come back.
 */
static void srpt_remove_one(struct ib_device *device, void *client_data)
{
	struct srpt_device *sdev = client_data;
	u32 i;

	mutex_lock(&srpt_devices_mutex);
	list_del(&sdev->entry);
	mutex_unlock(&srpt_devices_mutex);
	mutex_lock(&sdev->mutex);
	sdev->gone = true;
	mutex_unlock(&sdev->mutex);

	ib_unregister_event_handler(&sdev->event_handler);
	cancel_work_sync(&sdev->fatal_work);
	for (i = 0; i < sdev->port_cnt; i++)
		cancel_delayed_work_sync(&sdev->ports[i].refresh);
	srpt_unregister_mad_agent(sdev);
	srpt_cm_unlisten(sdev);
	for (i = 0; i < sdev->port_cnt; i++)
		srpt_release_sport(&sdev->ports[i]);
	ib_dealloc_pd(sdev->pd);
	srpt_device_put(sdev);
}

struct ib_client srpt_client = {
	.name	= SRPT_NAME,
	.add	= srpt_add_one,
	.remove	= srpt_remove_one,
};
