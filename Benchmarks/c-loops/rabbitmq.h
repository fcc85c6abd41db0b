// A connection and a channel on librabbitmq, for the loops.

#ifndef RABBITMQ_H
#define RABBITMQ_H

#include <sys/time.h>

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include "measure.h"

static const amqp_channel_t channel = 1;

static inline void check_status(int status, const char *what) {
    if (status != AMQP_STATUS_OK) fail(what, amqp_error_string2(status));
}

static inline void check_reply(amqp_rpc_reply_t reply, const char *what) {
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        amqp_channel_close_t *closed = reply.reply.decoded;
        fail(what, strndup(closed->reply_text.bytes, closed->reply_text.len));
    }
    fail(what, amqp_error_string2(reply.library_error));
}

static inline amqp_bytes_t text(const char *string) { return amqp_cstring_bytes(string); }

static inline amqp_connection_state_t connect_to(const char *url) {
    struct amqp_connection_info info;
    char *parsed = strdup(url);
    check_status(amqp_parse_url(parsed, &info), url);
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    check_status(amqp_socket_open(socket, info.host, info.port), "connect");
    check_reply(
        amqp_login(
            connection, info.vhost, 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password),
        "login");
    amqp_channel_open(connection, channel);
    check_reply(amqp_get_rpc_reply(connection), "channel.open");
    return connection;
}

static inline void disconnect(amqp_connection_state_t connection) {
    check_reply(amqp_connection_close(connection, AMQP_REPLY_SUCCESS), "connection.close");
    check_status(amqp_destroy_connection(connection), "destroy");
}

#endif
