// Publishes persistent, mandatory messages to a queue with publisher confirms, as many unconfirmed as the window
// allows, for some seconds, and waits for the last confirm.
//
// usage: rabbitmq_publish URL QUEUE PAYLOADS WINDOW SECONDS [COUNT]
//
// It fails on a return or a negative confirm: what is counted is in the queue. With COUNT it stops there at the latest.

#include "rabbitmq.h"

static void publish(amqp_connection_state_t connection, amqp_bytes_t queue, char *body, long number) {
    char identity[32];
    snprintf(identity, sizeof identity, "bench-%08lx", number);
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .message_id = text(identity),
    };
    const amqp_boolean_t mandatory = 1, immediate = 0;
    check_status(
        amqp_basic_publish(
            connection, channel, amqp_empty_bytes, queue, mandatory, immediate, &properties,
            (amqp_bytes_t){payload_bytes, body}),
        "basic.publish");
}

// Reads what is there, waiting for the first frame; returns the newest delivery tag that is confirmed.
static uint64_t read_confirms(amqp_connection_state_t connection, uint64_t confirmed) {
    do {
        amqp_frame_t frame;
        check_status(amqp_simple_wait_frame(connection, &frame), "read");
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
            fail("read", "not a confirm: a return, a negative confirm or a close");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        // The broker may confirm later messages first; a quorum queue confirms in order, which is checked here.
        if (ack->multiple ? ack->delivery_tag <= confirmed : ack->delivery_tag != confirmed + 1)
            fail("read", "a confirm out of order");
        confirmed = ack->delivery_tag;
        amqp_maybe_release_buffers_on_channel(connection, channel);
    } while (amqp_frames_enqueued(connection) || amqp_data_in_buffer(connection));
    return confirmed;
}

int main(int count, char **arguments) {
    if (count < 6 || count > 7) fail("usage", "rabbitmq_publish URL QUEUE PAYLOADS WINDOW SECONDS [COUNT]");
    amqp_bytes_t queue = text(arguments[2]);
    payloads bodies = read_payloads(arguments[3]);
    uint64_t window = strtoul(arguments[4], NULL, 10);
    double limit = atof(arguments[5]);
    uint64_t most = count == 7 ? strtoul(arguments[6], NULL, 10) : UINT64_MAX;

    amqp_connection_state_t connection = connect_to(arguments[1]);
    amqp_confirm_select(connection, channel);
    check_reply(amqp_get_rpc_reply(connection), "confirm.select");

    measurement start = begin_measuring();
    double deadline = start.begun + limit;
    uint64_t published = 0, confirmed = 0;
    while (published < most && seconds_now() < deadline) {
        for (; published < most && published - confirmed < window; published++)
            publish(connection, queue, payload(bodies, published), published);
        confirmed = read_confirms(connection, confirmed);
    }
    while (confirmed < published) confirmed = read_confirms(connection, confirmed);
    print_result(start, confirmed, confirmed * payload_bytes);
    disconnect(connection);
    return 0;
}
