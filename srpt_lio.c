// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What LIO needs help with. Each function says which kernels need it, so that
 * it can go when the last of them has.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "srpt_way.h"

/**
 * srpt_settle_order - let go who waits for an aborted command
 * @cmd: the command; it ends without having been completed by LIO
 *
 * LIO keeps count of the commands that an ORDERED one has to wait for, and
 * forgets those that are aborted: the logical unit would wait for them for
 * ever, for all initiators. So the count is set right here, as LIO does for
 * all other ends. The flag makes it happen once, also with a LIO that does
 * not forget.
 *
 * Needed by 6.1 to 7.3 at least.
 *
 * Context: LIO, process or completion.
 */
void srpt_settle_order(struct se_cmd *cmd)
{
	if (!cmd->se_dev || !(cmd->se_cmd_flags & SCF_TASK_ATTR_SET))
		return;
	cmd->se_cmd_flags &= ~SCF_TASK_ATTR_SET;
	srpt_uncount_order(cmd);
}

/**
 * srpt_fail_cmd - a command ends before it has been executed
 * @ioctx: the command; LIO waits for its data
 * @reason: why
 *
 * LIO (6.1 to 7.x) calls the completion callback of such a command, and that of
 * COMPARE AND WRITE gives back a semaphore that only its execution takes: from
 * then on two of them would run at once. Without a callback nothing is lost:
 * there is nothing to complete.
 *
 * Context: process or completion.
 */
void srpt_fail_cmd(struct srpt_send_ioctx *ioctx, sense_reason_t reason)
{
	ioctx->cmd.transport_complete_callback = NULL;
	transport_generic_request_failure(&ioctx->cmd, reason);
}

/**
 * srpt_wants_pi - does a command ask for protection information?
 * @cmd: the command, its CDB has been parsed
 *
 * No session offers that, and no unit says that it has it (INQUIRY, PROTECT 0).
 * Yet LIO accepts RDPROTECT and WRPROTECT (SBC-4 5.16) if the disk below a unit
 * is formatted with protection: it answers a read with data alone, as if that
 * were all, and fails a write as an error of the disk.
 *
 * Needed by 6.12 at least.
 *
 * Context: any.
 * Return: true if it is to be refused.
 */
bool srpt_wants_pi(const struct se_cmd *cmd)
{
	return cmd->prot_op & (TARGET_PROT_DIN_PASS | TARGET_PROT_DOUT_PASS);
}

/**
 * srpt_free_acl_name - give back the name of an ACL that is refused
 * @nacl: the ACL; fabric_init_nodeacl is about to return an error
 *
 * LIO frees an ACL that is refused there, but not the copy of a long name that
 * its directory has already got. A short name needs no copy.
 *
 * Needed by 6.1 to 6.12 at least.
 *
 * Context: may sleep.
 */
void srpt_free_acl_name(struct se_node_acl *nacl)
{
	config_item_set_name(&nacl->acl_group.cg_item, "refused");
}
