#pragma once
// amqp.h uses struct timeval without including it.
#include <sys/time.h>
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/// Logs in with PLAIN: `amqp_login_with_properties` is variadic.
static inline amqp_rpc_reply_t flotilla_amqp_login(
    amqp_connection_state_t state, const char *vhost, int channel_max, int frame_max, int heartbeat,
    const amqp_table_t *properties, const char *user, const char *password) {
    return amqp_login_with_properties(
        state, vhost, channel_max, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

/// The ids of the methods that are sent or received after the login; the library's are casts, which Swift cannot import.
static const uint32_t flotilla_connection_close = AMQP_CONNECTION_CLOSE_METHOD;
static const uint32_t flotilla_connection_close_ok = AMQP_CONNECTION_CLOSE_OK_METHOD;
static const uint32_t flotilla_connection_blocked = AMQP_CONNECTION_BLOCKED_METHOD;
static const uint32_t flotilla_connection_unblocked = AMQP_CONNECTION_UNBLOCKED_METHOD;
static const uint32_t flotilla_channel_open = AMQP_CHANNEL_OPEN_METHOD;
static const uint32_t flotilla_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const uint32_t flotilla_channel_close_ok = AMQP_CHANNEL_CLOSE_OK_METHOD;
static const uint32_t flotilla_exchange_declare = AMQP_EXCHANGE_DECLARE_METHOD;
static const uint32_t flotilla_queue_declare = AMQP_QUEUE_DECLARE_METHOD;
static const uint32_t flotilla_queue_declare_ok = AMQP_QUEUE_DECLARE_OK_METHOD;
static const uint32_t flotilla_queue_bind = AMQP_QUEUE_BIND_METHOD;
static const uint32_t flotilla_confirm_select = AMQP_CONFIRM_SELECT_METHOD;
static const uint32_t flotilla_basic_qos = AMQP_BASIC_QOS_METHOD;
static const uint32_t flotilla_basic_consume = AMQP_BASIC_CONSUME_METHOD;
static const uint32_t flotilla_basic_cancel = AMQP_BASIC_CANCEL_METHOD;
static const uint32_t flotilla_basic_publish = AMQP_BASIC_PUBLISH_METHOD;
static const uint32_t flotilla_basic_return = AMQP_BASIC_RETURN_METHOD;
static const uint32_t flotilla_basic_deliver = AMQP_BASIC_DELIVER_METHOD;
static const uint32_t flotilla_basic_get = AMQP_BASIC_GET_METHOD;
static const uint32_t flotilla_basic_get_ok = AMQP_BASIC_GET_OK_METHOD;
static const uint32_t flotilla_basic_get_empty = AMQP_BASIC_GET_EMPTY_METHOD;
static const uint32_t flotilla_basic_ack = AMQP_BASIC_ACK_METHOD;
static const uint32_t flotilla_basic_nack = AMQP_BASIC_NACK_METHOD;
