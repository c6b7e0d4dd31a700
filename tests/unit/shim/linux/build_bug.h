/* SPDX-License-Identifier: GPL-2.0 */
/* For the kernel's <scsi/scsi_proto.h>: static_assert() with one argument. */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#undef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, #expr)

#endif
