/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What srp_iu.c and srp_dm.c expect of the kernel, in user space.
 *
 * Only names of the language level are here. The wire itself, <scsi/srp.h> and
 * <scsi/scsi_proto.h>, is the kernel's own: see common.mk for where it is found
 * and shim/ for the headers that it includes in turn.
 */
#ifndef SRP_USER_H
#define SRP_USER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <linux/stddef.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

#ifndef __packed
#define __packed		__attribute__((packed))
#endif
#ifndef __aligned
#define __aligned(x)		__attribute__((aligned(x)))
#endif
#ifndef DECLARE_FLEX_ARRAY
#define DECLARE_FLEX_ARRAY	__DECLARE_FLEX_ARRAY
#endif

#define be16_to_cpu(x)		be16toh(x)
#define be32_to_cpu(x)		be32toh(x)
#define be64_to_cpu(x)		be64toh(x)
#define cpu_to_be16(x)		htobe16(x)
#define cpu_to_be32(x)		htobe32(x)
#define cpu_to_be64(x)		htobe64(x)

static inline u32 get_unaligned_be32(const void *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline u64 get_unaligned_be64(const void *p)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

#endif /* SRP_USER_H */
