-- wrk script: the plain GET of the URL; prints the figures of the run as one JSON line when it is done.
--
-- wrk … -s get.lua URL -- HEADER-NAME=VALUE…

function init(arguments)
    for _, argument in ipairs(arguments) do
        local name, value = argument:match("^([^=]+)=(.*)$")
        wrk.headers[name] = value
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, "failed_answers": %d, '
            .. '"socket_errors": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
