// One message goes there and back through two queues, on one connection: what the broker itself allows. Every message
// is published again, persistent and mandatory, before it is acknowledged; no confirm is waited for, the next delivery
// tells.
//
// usage: rabbitmq_pingpong URL PING PONG PAYLOADS SECONDS

#include "rabbitmq.h"

static void publish(amqp_connection_state_t connection, const char *queue, char *body) {
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .message_id = text("bench-00000000"),
    };
    const amqp_boolean_t mandatory = 1, immediate = 0;
    check_status(
        amqp_basic_publish(
            connection, channel, amqp_empty_bytes, text(queue), mandatory, immediate, &properties,
            (amqp_bytes_t){payload_bytes, body}),
        "basic.publish");
}

// The queue is the consumer's name.
static void consume(amqp_connection_state_t connection, const char *queue) {
    amqp_basic_consume(connection, channel, text(queue), text(queue), 0, 0, 0, amqp_empty_table);
    check_reply(amqp_get_rpc_reply(connection), queue);
}

// Waits for the message; tells which queue it came from.
static int take(amqp_connection_state_t connection, const char *pong, uint64_t *tag) {
    int from_pong = 0;
    for (;;) {
        amqp_frame_t frame;
        check_status(amqp_simple_wait_frame(connection, &frame), "read");
        if (frame.frame_type == AMQP_FRAME_BODY) return from_pong;
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        if (frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD) fail("read", "not a delivery");
        amqp_basic_deliver_t *delivery = frame.payload.method.decoded;
        *tag = delivery->delivery_tag;
        amqp_bytes_t name = delivery->consumer_tag;
        from_pong = name.len == strlen(pong) && memcmp(name.bytes, pong, name.len) == 0;
    }
}

int main(int count, char **arguments) {
    if (count != 6) fail("usage", "rabbitmq_pingpong URL PING PONG PAYLOADS SECONDS");
    const char *ping = arguments[2], *pong = arguments[3];
    char *ball = payload(read_payloads(arguments[4]), 0);
    amqp_connection_state_t connection = connect_to(arguments[1]);
    amqp_basic_qos(connection, channel, 0, 1, 0);
    check_reply(amqp_get_rpc_reply(connection), "basic.qos");
    consume(connection, ping);
    consume(connection, pong);

    publish(connection, ping, ball);
    measurement start = begin_measuring();
    double deadline = start.begun + atof(arguments[5]);
    long rounds = 0;
    while (seconds_now() < deadline) {
        uint64_t tag = 0;
        int is_back = take(connection, pong, &tag);
        publish(connection, is_back ? ping : pong, ball);
        check_status(amqp_basic_ack(connection, channel, tag, 0), "basic.ack");
        amqp_maybe_release_buffers_on_channel(connection, channel);
        rounds += is_back;
    }
    print_result(start, rounds, rounds * payload_bytes);
    disconnect(connection);
    return 0;
}
