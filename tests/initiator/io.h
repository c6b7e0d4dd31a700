/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Verified I/O: a buffer in any number of pieces, with poison around each.
 */
#ifndef WIRE_IO_H
#define WIRE_IO_H

#include "wire.h"

#define IO_PIECES 2048

struct wire_io {
	struct wire_mem data;
	struct wire_mem table;
	unsigned int n;		/* pieces */
	uint32_t total;
	size_t at[IO_PIECES];
	uint32_t len[IO_PIECES];
};

struct wire_io *io_new(unsigned int n, uint32_t total);
void io_free(struct wire_io *io);
void io_fill(struct wire_io *io, uint64_t salt);
bool io_check(const struct wire_io *io, uint64_t salt, uint32_t upto);
bool io_gaps_clean(const struct wire_io *io);
void io_req(struct wire_conn *c, struct wire_req *q, struct wire_io *io,
	    bool write, uint64_t block, unsigned int inline_cnt);

#endif
