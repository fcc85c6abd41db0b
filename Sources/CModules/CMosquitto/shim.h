#pragma once
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A file in memory alone, closed on exec; -1 with errno. `syscall` is variadic, `memfd_create` not imported.
static inline int flotilla_memory_file(void) {
    const unsigned close_on_exec = 1;  // MFD_CLOEXEC
    return (int)syscall(SYS_memfd_create, "authorities", close_on_exec);
}
