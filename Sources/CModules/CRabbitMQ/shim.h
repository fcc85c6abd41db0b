#pragma once
// amqp.h uses struct timeval without including it.
#include <sys/time.h>
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
