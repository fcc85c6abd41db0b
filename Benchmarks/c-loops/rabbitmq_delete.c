// Deletes a queue and the queue of its dead letters; prints how many messages were in each, as JSON.
//
// usage: rabbitmq_delete URL QUEUE

#include "rabbitmq.h"

static long delete_queue(amqp_connection_state_t connection, const char *queue) {
    amqp_queue_delete_ok_t *deleted = amqp_queue_delete(connection, channel, text(queue), 0, 0);
    check_reply(amqp_get_rpc_reply(connection), queue);
    return deleted->message_count;
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage", "rabbitmq_delete URL QUEUE");
    const char *queue = arguments[2];
    char dead[512];
    if (snprintf(dead, sizeof dead, "%s.dead", queue) >= (int)sizeof dead) fail(queue, "too long");
    amqp_connection_state_t connection = connect_to(arguments[1]);
    long messages = delete_queue(connection, queue);
    printf("{\"messages\": %ld, \"dead\": %ld}\n", messages, delete_queue(connection, dead));
    disconnect(connection);
    return 0;
}
