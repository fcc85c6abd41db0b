#include "CSimdJSON.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dom = simdjson::dom;

struct flotilla_json {
    dom::document document;
};

namespace {

// Deeper than any message of ours, and within what the connectors' parser takes (jiter: 200).
constexpr size_t maximum_depth = 128;
// Buffers of a thread above this size are given back after use.
constexpr size_t kept_bytes = 256 << 10;
constexpr size_t kept_documents = 4;

// What one thread keeps between calls, so that parsing a small text allocates nothing.
struct Scratch {
    dom::parser parser;
    std::vector<uint8_t> padded;
    std::vector<std::unique_ptr<flotilla_json>> documents;
    simdjson::internal::string_builder<> builder;
    std::vector<std::string_view> keys;
};

Scratch &scratch() {
    static thread_local Scratch instance;
    return instance;
}

flotilla_json_error translate(simdjson::error_code code) {
    switch (code) {
    case simdjson::SUCCESS: return FLOTILLA_JSON_OK;
    case simdjson::MEMALLOC: return FLOTILLA_JSON_NO_MEMORY;
    case simdjson::EMPTY: return FLOTILLA_JSON_EMPTY;
    case simdjson::CAPACITY: return FLOTILLA_JSON_TOO_LARGE;
    case simdjson::DEPTH_ERROR: return FLOTILLA_JSON_DEPTH;
    case simdjson::STRING_ERROR:
    case simdjson::UTF8_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING: return FLOTILLA_JSON_STRING;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: return FLOTILLA_JSON_NUMBER;
    default: return FLOTILLA_JSON_SYNTAX;
    }
}

// The number of words that the value at `index` takes.
size_t width(const uint64_t *tape, size_t index) {
    switch (tape[index] >> 56) {
    case '{':
    case '[': return uint32_t(tape[index]) - index;
    case 'l':
    case 'u':
    case 'd': return 2;
    default: return 1;
    }
}

std::string_view text(const dom::document &document, uint64_t word) {
    const uint8_t *at = document.string_buf.get() + (word & 0x00ffffffffffffff);
    uint32_t length;
    std::memcpy(&length, at, sizeof length);
    return {reinterpret_cast<const char *>(at + sizeof length), length};
}

// Whether any object of the document has a name twice: such a text means different things to different readers.
bool has_duplicate(const dom::document &document, std::vector<std::string_view> &keys) {
    const uint64_t *tape = document.tape.get();
    const size_t end = uint32_t(tape[0]);
    for (size_t index = 1; index < end; index++) {
        const uint64_t type = tape[index] >> 56;
        if (type == 'l' || type == 'u' || type == 'd') index++;
        if (type != '{') continue;
        const size_t close = uint32_t(tape[index]) - 1;
        keys.clear();
        for (size_t member = index + 1; member < close; member += 1 + width(tape, member + 1)) {
            keys.push_back(text(document, tape[member]));
        }
        if (keys.size() <= 16) {
            for (size_t i = 1; i < keys.size(); i++) {
                for (size_t j = 0; j < i; j++) {
                    if (keys[i] == keys[j]) return true;
                }
            }
        } else {
            std::sort(keys.begin(), keys.end());
            if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return true;
        }
    }
    return false;
}

// Whether arrays and objects are nested deeper than `limit`.
bool is_deeper(const dom::document &document, size_t limit) {
    const uint64_t *tape = document.tape.get();
    const size_t end = uint32_t(tape[0]);
    size_t depth = 0;
    for (size_t index = 1; index < end; index++) {
        switch (tape[index] >> 56) {
        case 'l':
        case 'u':
        case 'd': index++; break;
        case '{':
        case '[':
            if (++depth > limit) return true;
            break;
        case '}':
        case ']': depth--; break;
        default: break;
        }
    }
    return false;
}

flotilla_json *parse(const void *bytes, size_t length, size_t depth, flotilla_json_error *error) {
    Scratch &own = scratch();
    if (length > 0xffffffff - simdjson::SIMDJSON_PADDING) {
        *error = FLOTILLA_JSON_TOO_LARGE;
        return nullptr;
    }
    if (own.padded.size() < length + simdjson::SIMDJSON_PADDING) {
        own.padded.resize(length + simdjson::SIMDJSON_PADDING);
    }
    if (length > 0) std::memcpy(own.padded.data(), bytes, length);
    std::memset(own.padded.data() + length, 0, simdjson::SIMDJSON_PADDING);

    if (own.parser.capacity() < length || own.parser.max_depth() != maximum_depth) {
        const size_t capacity = std::max<size_t>(length, 4096);
        if (auto code = own.parser.allocate(capacity, maximum_depth)) {
            *error = translate(code);
            return nullptr;
        }
    }
    std::unique_ptr<flotilla_json> result;
    if (!own.documents.empty()) {
        result = std::move(own.documents.back());
        own.documents.pop_back();
    } else {
        result = std::make_unique<flotilla_json>();
    }
    auto parsed = own.parser.parse_into_document(result->document, own.padded.data(), length, false);
    *error = translate(parsed.error());
    if (*error == FLOTILLA_JSON_OK && depth < maximum_depth && is_deeper(result->document, depth)) {
        *error = FLOTILLA_JSON_DEPTH;
    }
    if (*error == FLOTILLA_JSON_OK && has_duplicate(result->document, own.keys)) *error = FLOTILLA_JSON_DUPLICATE;
    if (length > kept_bytes) {
        own.parser = dom::parser();
        own.padded = std::vector<uint8_t>();
        own.keys = std::vector<std::string_view>();
    }
    if (*error != FLOTILLA_JSON_OK) {
        flotilla_json_free(result.release());
        return nullptr;
    }
    return result.release();
}

// simdjson has no public way from a tape index to an element; an element is exactly that reference.
dom::element element(const flotilla_json *document, size_t index) {
    struct Reference {
        const dom::document *document;
        size_t index;
    } reference{&document->document, index};
    dom::element result;
    static_assert(sizeof(result) == sizeof(reference) && std::is_trivially_copyable<dom::element>::value,
                  "the layout of simdjson::dom::element changed");
    std::memcpy(static_cast<void *>(&result), &reference, sizeof reference);
    return result;
}

}  // namespace

extern "C" flotilla_json *flotilla_json_parse(
    const void *bytes, size_t length, size_t depth, flotilla_json_error *error) {
    try {
        return parse(bytes, length, depth, error);
    } catch (const std::bad_alloc &) {
        *error = FLOTILLA_JSON_NO_MEMORY;
        return nullptr;
    }
}

extern "C" void flotilla_json_free(flotilla_json *document) {
    std::unique_ptr<flotilla_json> owned(document);
    Scratch &own = scratch();
    if (own.documents.size() >= kept_documents || owned->document.capacity() > kept_bytes / 16) return;
    try {
        own.documents.push_back(std::move(owned));
    } catch (const std::bad_alloc &) {
        // Freed instead of kept.
    }
}

extern "C" const uint64_t *flotilla_json_tape(const flotilla_json *document) {
    return document->document.tape.get();
}

extern "C" const uint8_t *flotilla_json_strings(const flotilla_json *document) {
    return document->document.string_buf.get();
}

extern "C" const char *flotilla_json_minify(const flotilla_json *document, size_t index, size_t *length) {
    try {
        Scratch &own = scratch();
        own.builder.clear();
        own.builder.append(element(document, index));
        *length = own.builder.str().size();
        return own.builder.str().data();
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}
