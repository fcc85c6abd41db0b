#pragma once
// NVIDIA's management library, loaded at run time where the driver has brought it along: nothing is linked.
#include <stdint.h>

/// Results of the functions that are told apart; others are errors of the device or the driver (nvml.h).
typedef enum {
    FLOTILLA_NVML_OK = 0,
    FLOTILLA_NVML_UNINITIALIZED = 1,
    FLOTILLA_NVML_INSUFFICIENT_SIZE = 7,
    FLOTILLA_NVML_GPU_IS_LOST = 15,
    FLOTILLA_NVML_RESET_REQUIRED = 16,
    /// Of `flotilla_nvml_load`: the library is not there, or lacks a function.
    FLOTILLA_NVML_NO_LIBRARY = -1,
    FLOTILLA_NVML_NO_FUNCTION = -2,
} flotilla_nvml_result;

/// Percent of the last sample period, up to a second, in which a kernel ran or memory was read or written.
typedef struct {
    unsigned int gpu;
    unsigned int memory;
} flotilla_nvml_utilization;

/// Bytes. `used` includes what the driver keeps for itself.
typedef struct {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
} flotilla_nvml_memory;

/// A process that computes. `memory` is bytes, or all ones where the driver does not say.
typedef struct {
    unsigned int pid;
    unsigned long long memory;
    unsigned int gpu_instance;
    unsigned int compute_instance;
} flotilla_nvml_process;

/// The functions that are used, under their names in nvml.h without the prefix. Those after `device` may be NULL.
typedef struct {
    int (*init)(void);
    int (*shutdown)(void);
    int (*device_count)(unsigned int *count);
    int (*device)(unsigned int index, void **device);
    const char *(*error_string)(int result);
    int (*name)(void *device, char *text, unsigned int length);
    int (*uuid)(void *device, char *text, unsigned int length);
    int (*utilization)(void *device, flotilla_nvml_utilization *utilization);
    int (*memory)(void *device, flotilla_nvml_memory *memory);
    /// Sensor 0 is the chip; °C.
    int (*temperature)(void *device, int sensor, unsigned int *celsius);
    /// Milliwatts.
    int (*power)(void *device, unsigned int *milliwatts);
    int (*power_limit)(void *device, unsigned int *milliwatts);
    /// Clock 1 is that of the multiprocessors; MHz.
    int (*clock)(void *device, int clock, unsigned int *megahertz);
    /// `count` is how many there is room for, and becomes how many there are.
    int (*processes)(void *device, unsigned int *count, flotilla_nvml_process *processes);
} flotilla_nvml;

/// Loads the library of that name, once for the life of the process, and fills the table. Does not call `init`.
int flotilla_nvml_load(const char *name, flotilla_nvml *functions);
