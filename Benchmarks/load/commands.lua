-- wrk script: POST /api/v1/commands with a body of exactly 300 bytes, to another device each time.
--
-- wrk … -s commands.lua URL -- HEADER-NAME=VALUE…
-- Prints one JSON line with the figures of the run when it is done. With COUNT_STATUS=yes every answer's status is
-- counted; without it wrk only tells success from failure, which costs it less.

local body_bytes = 300
local before = '{"device_id":"bench-%08x","command_type":"config_update","payload":{"sequence":%10d,"note":"'
local after = '"},"protocol":"mqtt","metadata":{"topic":"devices/bench/commands"},"priority":5}'
local devices = 100000

local threads = {}
local thread_count = 0

function setup(thread)
    thread:set("thread_number", thread_count)
    table.insert(threads, thread)
    thread_count = thread_count + 1
end

function init(arguments)
    local note = string.rep("x", body_bytes - #string.format(before, 0, 0) - #after)
    local headers = { "Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: " .. body_bytes }
    for _, argument in ipairs(arguments) do
        local name, value = argument:match("^([^=]+)=(.*)$")
        table.insert(headers, name .. ": " .. value)
    end
    local path = wrk.path or "/api/v1/commands"
    template = "POST " .. path .. " HTTP/1.1\r\n" .. table.concat(headers, "\r\n") .. "\r\n\r\n" .. before .. note .. after
    sequence = 0
    answered = {}
    if os.getenv("COUNT_STATUS") == "yes" then
        response = function(status)
            answered[status] = (answered[status] or 0) + 1
            counted = ""
            for code, count in pairs(answered) do counted = counted .. code .. "=" .. count .. " " end
        end
    end
end

function request()
    sequence = sequence + 1
    local device = (sequence * 7919 + thread_number * 104729) % devices
    return string.format(template, device, sequence)
end

function done(summary, latency, requests)
    local statuses = {}
    for _, thread in ipairs(threads) do
        for code, count in (thread:get("counted") or ""):gmatch("(%d+)=(%d+)") do
            statuses[code] = (statuses[code] or 0) + tonumber(count)
        end
    end
    local parts = {}
    for code, count in pairs(statuses) do table.insert(parts, string.format('"%s": %d', code, count)) end
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, "failed_answers": %d, '
            .. '"socket_errors": %d, "statuses": {%s}}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        table.concat(parts, ", ")))
end
