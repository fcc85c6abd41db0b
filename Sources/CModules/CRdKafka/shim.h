#pragma once
// What Swift cannot call well: one produce call for a record with its headers, and headers as one flat buffer.
//
// A flat header is the name's length (2 bytes), the name, the value's length (4 bytes) and the value, lengths little
// endian: the encoding of BusClients' `Headers`.
#include <librdkafka/rdkafka.h>
#include <stdint.h>
#include <string.h>

static inline size_t flotilla_kafka_length(const uint8_t *bytes, size_t count) {
    size_t length = 0;
    for (size_t index = 0; index < count; index++) length |= (size_t)bytes[index] << (8 * index);
    return length;
}

/// Makes librdkafka's headers of flat ones; a damaged rest is no header.
static inline rd_kafka_headers_t *flotilla_kafka_headers_new(const uint8_t *flat, size_t length) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
    size_t at = 0;
    while (length - at >= 2) {
        size_t name = flotilla_kafka_length(flat + at, 2);
        if (length - at - 2 < name + 4) break;
        size_t value = flotilla_kafka_length(flat + at + 2 + name, 4);
        if (length - at - 6 - name < value) break;
        // Fails only for a read-only list, which this is not.
        rd_kafka_header_add(
            headers, (const char *)flat + at + 2, (ssize_t)name, flat + at + 6 + name, (ssize_t)value);
        at += 6 + name + value;
    }
    return headers;
}

/// Hands a copy of a record to the producer, which chooses the partition by the key; an empty value is null, Kafka's
/// tombstone. `opaque` comes back in the delivery report, unless this fails. Thread-safe; never blocks.
static inline rd_kafka_resp_err_t flotilla_kafka_produce(
    rd_kafka_t *handle, rd_kafka_topic_t *topic, const void *key, size_t key_length, const void *value,
    size_t value_length, const uint8_t *flat_headers, size_t headers_length, void *opaque) {
    rd_kafka_vu_t fields[6];
    fields[0].vtype = RD_KAFKA_VTYPE_RKT;
    fields[0].u.rkt = topic;
    fields[1].vtype = RD_KAFKA_VTYPE_KEY;
    // A key that is null is spread at random; an empty one has its partition.
    fields[1].u.mem.ptr = key ? (void *)key : (void *)"";
    fields[1].u.mem.size = key_length;
    fields[2].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[2].u.mem.ptr = value_length ? (void *)value : NULL;
    fields[2].u.mem.size = value_length;
    fields[3].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[3].u.ptr = opaque;
    fields[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[4].u.i = RD_KAFKA_MSG_F_COPY;
    size_t count = 5;
    // A list of our own, not header by header: librdkafka before 2.12 frees those twice on some errors (#4628).
    rd_kafka_headers_t *headers = headers_length ? flotilla_kafka_headers_new(flat_headers, headers_length) : NULL;
    if (headers) {
        fields[5].vtype = RD_KAFKA_VTYPE_HEADERS;
        fields[5].u.headers = headers;
        count = 6;
    }
    rd_kafka_error_t *error = rd_kafka_produceva(handle, fields, count);
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    if (headers) rd_kafka_headers_destroy(headers);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}

/// The headers of a message, which stay its own; NULL if it has none.
static inline rd_kafka_headers_t *flotilla_kafka_message_headers(const rd_kafka_message_t *message) {
    rd_kafka_headers_t *headers = NULL;
    return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : NULL;
}

/// Writes the headers as flat ones while they fit, and returns the bytes that all of them take. A name is cut to what
/// 2 bytes can count.
static inline size_t flotilla_kafka_headers_write(const rd_kafka_headers_t *headers, void *buffer, size_t capacity) {
    uint8_t *out = (uint8_t *)buffer;
    size_t total = 0, size = 0;
    const char *name;
    const void *value;
    for (size_t index = 0; !rd_kafka_header_get_all(headers, index, &name, &value, &size); index++) {
        size_t name_length = strlen(name);
        if (name_length > UINT16_MAX) name_length = UINT16_MAX;
        total += 6 + name_length + size;
        if (total > capacity) continue;
        for (int byte = 0; byte < 2; byte++) *out++ = (uint8_t)(name_length >> (8 * byte));
        memcpy(out, name, name_length);
        out += name_length;
        for (int byte = 0; byte < 4; byte++) *out++ = (uint8_t)(size >> (8 * byte));
        if (size) memcpy(out, value, size);
        out += size;
    }
    return total;
}
