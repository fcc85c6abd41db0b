#include "CRE2.h"

#include <re2/re2.h>

#include <new>

struct flotilla_pattern {
    RE2 expression;
    flotilla_pattern(const re2::StringPiece &text, const RE2::Options &options) : expression(text, options) {}
};

flotilla_pattern *flotilla_pattern_new(const char *bytes, size_t length, int64_t memory) {
    RE2::Options options;
    // What a client sends is no line of our standard error.
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(memory);
    auto *pattern = new (std::nothrow) flotilla_pattern(re2::StringPiece(bytes, length), options);
    if (pattern == nullptr || pattern->expression.ok()) return pattern;
    delete pattern;
    return nullptr;
}

void flotilla_pattern_free(flotilla_pattern *pattern) { delete pattern; }

int flotilla_pattern_found(const flotilla_pattern *pattern, const char *bytes, size_t length) {
    return RE2::PartialMatch(re2::StringPiece(bytes, length), pattern->expression) ? 1 : 0;
}
