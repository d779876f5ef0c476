-- For wrk: `wrk ... -s bench/wrk.lua URL -- METHOD BODY KEY_PREFIX`; the last two may be empty.

function init(args)
  wrk.method = args[1]
  if args[2] ~= "" then
    wrk.body = args[2]
    wrk.headers["Content-Type"] = "application/json"
  end
  if args[3] ~= "" then
    local count = 0
    request = function()
      count = count + 1
      wrk.headers["Idempotency-Key"] = args[3] .. count
      return wrk.format()
    end
  else
    local same = wrk.format()
    request = function() return same end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  local ok = summary.requests - errors.status
  io.stdout:write(string.format(
    '\n{"ok":%d,"perSecond":%f,"p99Ms":%f,"failed":%d}\n',
    ok, ok / (summary.duration / 1e6), latency:percentile(99) / 1000, errors.status + broken
  ))
end
