#pragma once
// Regular expressions by RE2 for Swift: they take time that grows with the text, never more, and bounded memory.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled pattern; any thread may search with it; freed by `flotilla_pattern_free`.
typedef struct flotilla_pattern flotilla_pattern;

/// Compiles `length` bytes of UTF-8 into at most `memory` bytes; NULL when they are no pattern or need more.
flotilla_pattern *_Nullable flotilla_pattern_new(const char *_Nullable bytes, size_t length, int64_t memory);

void flotilla_pattern_free(flotilla_pattern *_Nonnull pattern);

/// Whether the pattern is found anywhere in the text: 1 or 0.
int flotilla_pattern_found(const flotilla_pattern *_Nonnull pattern, const char *_Nullable bytes, size_t length);

#ifdef __cplusplus
}
#endif
