-- For wrk: `wrk ... -s bench/wrk.lua URL -- METHOD BODY KEY_PREFIX FILE`; the last three may be empty. FILE has requests
-- that are sent in turns, one in each line: headers as `NAME: VALUE`, then the body, with tabs in between. `#` in a
-- header stands for the number of the request.

local function readRequests(path)
  local requests = {}
  for line in io.lines(path) do
    local headers, body = {}, nil
    for part in string.gmatch(line, "[^\t]+") do
      local name, value = string.match(part, "^([%w-]+): (.*)$")
      if name then headers[name] = value else body = part end
    end
    requests[#requests + 1] = { headers = headers, body = body }
  end
  return requests
end

function init(args)
  wrk.method = args[1]
  if args[2] ~= "" then
    wrk.body = args[2]
    wrk.headers["Content-Type"] = "application/json"
  end
  local count = 0
  if args[4] and args[4] ~= "" then
    local requests = readRequests(args[4])
    request = function()
      count = count + 1
      local one = requests[(count - 1) % #requests + 1]
      local headers = { ["Content-Type"] = "application/json" }
      for name, value in pairs(one.headers) do headers[name] = string.gsub(value, "#", count) end
      return wrk.format(nil, nil, headers, one.body)
    end
  elseif args[3] ~= "" then
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
