/* SPDX-License-Identifier: GPL-2.0 */
/* For the kernel's <scsi/srp.h>: struct scsi_lun and the operation codes. */
#ifndef SHIM_SCSI_SCSI_H
#define SHIM_SCSI_SCSI_H

#include <scsi/scsi_proto.h>

#endif
