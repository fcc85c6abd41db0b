// Consumes a queue that was filled before and acknowledges every message: each by itself, or merged, which is all that
// one read of the socket brought with one acknowledgement.
//
// usage: rabbitmq_consume URL QUEUE PREFETCH each|merged COUNT

#include "rabbitmq.h"

typedef struct {
    long messages, bytes;
    // Of the newest message that is complete, and of the one that is being read.
    uint64_t complete_tag, tag;
    uint64_t missing_bytes;
} received;

// Takes one frame of a delivery: basic.deliver, the content header or a part of the body.
static void take(const amqp_frame_t *frame, received *all) {
    switch (frame->frame_type) {
        case AMQP_FRAME_METHOD:
            if (frame->payload.method.id != AMQP_BASIC_DELIVER_METHOD) fail("read", "not a delivery");
            all->tag = ((amqp_basic_deliver_t *)frame->payload.method.decoded)->delivery_tag;
            return;
        case AMQP_FRAME_HEADER: {
            amqp_basic_properties_t *properties = frame->payload.properties.decoded;
            if (!(properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)) fail("read", "no message id");
            all->missing_bytes = frame->payload.properties.body_size;
            return;
        }
        default:
            all->missing_bytes -= frame->payload.body_fragment.len;
            all->bytes += frame->payload.body_fragment.len;
            if (all->missing_bytes > 0) return;
            all->complete_tag = all->tag;
            all->messages++;
    }
}

int main(int count, char **arguments) {
    if (count != 6) fail("usage", "rabbitmq_consume URL QUEUE PREFETCH each|merged COUNT");
    int merges = strcmp(arguments[4], "merged") == 0;
    long wanted = atol(arguments[5]);
    amqp_connection_state_t connection = connect_to(arguments[1]);
    amqp_basic_qos(connection, channel, 0, atoi(arguments[3]), 0);
    check_reply(amqp_get_rpc_reply(connection), "basic.qos");

    measurement start = begin_measuring();
    amqp_basic_consume(connection, channel, text(arguments[2]), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check_reply(amqp_get_rpc_reply(connection), "basic.consume");
    received all = {0};
    uint64_t acknowledged = 0;
    while (all.messages < wanted) {
        amqp_frame_t frame;
        check_status(amqp_simple_wait_frame(connection, &frame), "read");
        take(&frame, &all);
        amqp_maybe_release_buffers_on_channel(connection, channel);
        int more = amqp_frames_enqueued(connection) || amqp_data_in_buffer(connection);
        if (all.complete_tag > acknowledged && (!merges || !more || all.messages >= wanted)) {
            check_status(amqp_basic_ack(connection, channel, all.complete_tag, merges), "basic.ack");
            acknowledged = all.complete_tag;
        }
    }
    print_result(start, all.messages, all.bytes);
    disconnect(connection);
    return 0;
}
