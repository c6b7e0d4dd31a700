// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the InfiniBand connection manager that nobody asked for, as MADs
 * from user space: IBA 12.6, 12.8, 12.11.
 *
 *	cm-mad HCA DLID sidr SERVICE_ID COUNT	SIDR REQ, that many
 *	cm-mad HCA DLID mra LOCAL REMOTE 0|1|2	MRA of a REQ, REP or LAP
 *	cm-mad HCA DLID rtu LOCAL REMOTE	RTU
 *	cm-mad HCA DLID lap LOCAL REMOTE GID GID	LAP, with the GIDs of the
 *					alternate path: sender's, receiver's
 *
 * LOCAL and REMOTE are the communication ids of a connection as its initiator
 * sees them. Nothing is waited for.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <infiniband/umad.h>

#define CM_CLASS	0x07
#define CM_VERSION	2
#define METHOD_SEND	0x03
#define GSI_QKEY	0x80010000
#define MAD_SIZE	256

enum {
	ATTR_MRA	= 0x11,
	ATTR_RTU	= 0x14,
	ATTR_SIDR_REQ	= 0x17,
	ATTR_LAP	= 0x19,
};

static int port, agent, dlid;
static void *umad;
static uint8_t *mad, *body;
static uint64_t tid;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put16(size_t at, uint16_t v)
{
	v = htobe16(v);
	memcpy(body + at, &v, 2);
}

static void put32(size_t at, uint32_t v)
{
	v = htobe32(v);
	memcpy(body + at, &v, 4);
}

static void put64(size_t at, uint64_t v)
{
	v = htobe64(v);
	memcpy(body + at, &v, 8);
}

static void begin(uint16_t attr)
{
	memset(umad, 0, umad_size() + MAD_SIZE);
	mad[0] = 1;			/* base version */
	mad[1] = CM_CLASS;
	mad[2] = CM_VERSION;
	mad[3] = METHOD_SEND;
	tid++;
	for (int i = 0; i < 8; i++)
		mad[8 + i] = tid >> (56 - 8 * i);
	mad[16] = attr >> 8;
	mad[17] = attr;
}

static void send_mad(void)
{
	umad_set_addr(umad, dlid, 1, 0, GSI_QKEY);
	if (umad_send(port, agent, umad, MAD_SIZE, 0, 0) < 0)
		die("umad_send");
}

static void put_ids(char **argv)
{
	put32(0, strtoul(argv[0], NULL, 0));
	put32(4, strtoul(argv[1], NULL, 0));
}

/* In small groups: the receive queue of a MAD QP is not endless. */
static void sidr(uint64_t service, unsigned long count)
{
	uint32_t id = (uint32_t)getpid() << 16;

	for (unsigned long i = 0; i < count; i++) {
		begin(ATTR_SIDR_REQ);
		put32(0, id + i);
		put16(4, 0xffff);
		put64(8, service);
		send_mad();
		if (i % 32 == 31)
			usleep(20000);
	}
}

static void lap(char **argv)
{
	begin(ATTR_LAP);
	put_ids(argv);
	put16(20, dlid);
	put16(22, dlid);
	if (inet_pton(AF_INET6, argv[2], body + 24) != 1 ||
	    inet_pton(AF_INET6, argv[3], body + 40) != 1)
		die("not a GID");
	body[60] = 1;			/* hop limit */
	body[61] = 3;			/* rate: 10 Gb/s */
	body[62] = 0x08;		/* subnet local */
	body[63] = 18 << 3;		/* local ACK timeout */
	send_mad();
}

static void run(const char *what, int argc, char **argv)
{
	if (!strcmp(what, "sidr") && argc == 2) {
		sidr(strtoull(argv[0], NULL, 16), strtoul(argv[1], NULL, 0));
	} else if (!strcmp(what, "mra") && argc == 3) {
		begin(ATTR_MRA);
		put_ids(argv);
		body[8] = atoi(argv[2]) << 6;
		body[9] = 20 << 3;
		send_mad();
	} else if (!strcmp(what, "rtu") && argc == 2) {
		begin(ATTR_RTU);
		put_ids(argv);
		send_mad();
	} else if (!strcmp(what, "lap") && argc == 4) {
		lap(argv);
	} else {
		fprintf(stderr, "what?\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	dlid = atoi(argv[2]);
	if (umad_init() < 0)
		die("umad_init");
	port = umad_open_port(argv[1], 1);
	if (port < 0)
		die("umad_open_port");
	/* the kernel's connection manager has the class; sending is free */
	agent = umad_register(port, CM_CLASS, CM_VERSION, 0, NULL);
	if (agent < 0)
		die("umad_register");
	umad = umad_alloc(1, umad_size() + MAD_SIZE);
	if (!umad)
		die("umad_alloc");
	mad = umad_get_mad(umad);
	body = mad + 24;
	tid = (uint64_t)time(NULL) << 16 | (getpid() & 0xffff);
	run(argv[3], argc - 4, argv + 4);
	/* let the last ones go out before the agent is torn down */
	usleep(200000);
	umad_unregister(port, agent);
	umad_close_port(port);
	return 0;
}
