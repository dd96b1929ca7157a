-- Each request is a delivery of its own; what is printed at the end is: requests a second that were answered with 200, and the
-- 99th percentile of the time that an answer took, in milliseconds.
local count = 0
local seed = os.time() .. "-" .. tostring({}):sub(8)

function request()
  count = count + 1
  wrk.headers["X-GitHub-Delivery"] = seed .. "-" .. count
  return wrk.format()
end

function init(arguments)
  local file = io.open(arguments[1])
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["X-GitHub-Event"] = "push"
  wrk.headers["X-Hub-Signature-256"] = "sha256=" .. arguments[2]
end

function done(summary, latency, requests)
  local good = summary.requests - summary.errors.status
  local seconds = summary.duration / 1e6
  io.write(string.format("RESULT %.1f %.1f %.3f\n", good / seconds, summary.requests / seconds, latency:percentile(99) / 1000))
end
