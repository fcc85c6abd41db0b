#pragma once
// JSON parsing by simdjson's DOM for Swift: a document, and the tape that describes it.
//
// The tape is simdjson's own (doc/tape.md of simdjson 3.0): one 64-bit word a token, its type in the top 8 bits and its
// payload in the other 56. Swift walks it without calls.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A parsed document. Immutable once parsed; any thread may read it; freed by `flotilla_json_free`.
typedef struct flotilla_json flotilla_json;

/// Why a text was refused.
typedef enum flotilla_json_error {
    FLOTILLA_JSON_OK = 0,
    FLOTILLA_JSON_NO_MEMORY = 1,
    /// Empty, or only white space.
    FLOTILLA_JSON_EMPTY = 2,
    FLOTILLA_JSON_SYNTAX = 3,
    /// A string that is not UTF-8, has a control character, a broken escape or a lone surrogate.
    FLOTILLA_JSON_STRING = 4,
    /// Malformed, or outside the range of 64-bit integers and doubles.
    FLOTILLA_JSON_NUMBER = 5,
    /// Nested deeper than the caller allows, or than 128 levels.
    FLOTILLA_JSON_DEPTH = 6,
    /// An object has a name twice.
    FLOTILLA_JSON_DUPLICATE = 7,
    /// Larger than 4 GiB.
    FLOTILLA_JSON_TOO_LARGE = 8,
} flotilla_json_error;

/// Parses `length` bytes, which are copied, nested at most `depth` levels; returns NULL and the reason on failure.
flotilla_json *_Nullable flotilla_json_parse(
    const void *_Nullable bytes, size_t length, size_t depth, flotilla_json_error *_Nonnull error);

void flotilla_json_free(flotilla_json *_Nonnull document);

/// The tape; index 0 is the root word, 1 the document's value.
const uint64_t *_Nonnull flotilla_json_tape(const flotilla_json *_Nonnull document);

/// The strings: 4 bytes of length in the machine's order, then UTF-8, at the offset that a string's word holds.
const uint8_t *_Nonnull flotilla_json_strings(const flotilla_json *_Nonnull document);

/// Writes the value at a tape index without white space into a buffer of this thread, which is valid until this
/// thread's next call; returns its bytes and length, or NULL without memory.
const char *_Nullable flotilla_json_minify(
    const flotilla_json *_Nonnull document, size_t index, size_t *_Nonnull length);

#ifdef __cplusplus
}
#endif
