#!/usr/bin/env bash
# A Ray cluster of several nodes on this machine alone, to try out what a real cluster does.
#   launch/local-cluster.sh up [NODES]    a head node and NODES-1 worker nodes (default 3)
#   launch/local-cluster.sh add           one more worker node, as an autoscaler would bring one
#   launch/local-cluster.sh status        what runs, as Ray sees it
#   launch/local-cluster.sh down          stop all of it, and remove its folder
# `eval "$(launch/local-cluster.sh up)"` also sets what `wbcray ... --address auto` needs.
#   CPUS          CPUs that each node offers (default 1; Ray only counts them)
#   PORT          of the head node (default 6399); the dashboard and Ray's client get the next two
#   CLUSTER_DIR   folder for sockets, logs and the token (default /tmp/wbcray-local-UID)
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
folder="${CLUSTER_DIR:-/tmp/wbcray-local-$(id -u)}"
port="${PORT:-6399}"
cpus="${CPUS:-1}"
python="$here/.venv/bin/python"
[ -x "$python" ] || python="$(command -v python3)"

fail() { # CODE WHAT FIX
  printf 'error: %s\n  fix: %s\n' "$2" "$3" >&2
  exit "$1"
}

# Everything that Ray starts stays in the session of the `ray start` that began it; so its nodes can
# be told from other clusters of the same user, which `ray stop` would stop, too.
members() {
  local session
  cat "$folder"/node-*.pid 2>/dev/null | while read -r session; do pgrep --session "$session"; done
  return 0
}

running() { [ -n "$(members)" ]; }

settings() {
  # The port is written down: `status` and `down` may be called without PORT.
  cat <<SET
export RAY_ADDRESS=127.0.0.1:$(cat "$folder/port")
export RAY_AUTH_TOKEN_PATH=$folder/token
SET
}

node() { # NAME OPTION...: one node, which goes on when this script has ended
  local name="$1"
  shift
  RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH="$folder/token" RAY_USAGE_STATS_ENABLED=0 \
    setsid --fork "$BASH" "$0" as "$folder/node-$name.pid" "$python" -c '
import os
from ray._private import services
from ray.scripts.scripts import main
# Ray takes 127.0.0.1 for a mistake: it puts the address of a network card there and listens on all
# of them. Its own switch against that forbids a second node, so the switch is for children only.
services.get_node_ip_address = lambda address=None: "127.0.0.1"
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
main()' start --block --node-ip-address=127.0.0.1 \
    --num-cpus="$cpus" --object-store-memory=100000000 "$@" \
    </dev/null >"$folder/node-$name.log" 2>&1
}

ray() { # as above, Ray would look for the cluster at a network card
  RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH="$folder/token" \
    "$python" -m ray.scripts.scripts "$@" 2>/dev/null
}

started() { # how many nodes have joined; `ray start` says it once its node answers
  grep --files-with-matches --no-messages "Ray runtime started" "$folder"/node-*.log | wc -l
}

up() {
  local nodes="${1:-3}" number
  [[ "$nodes" =~ ^[1-9][0-9]?$ ]] || fail 2 "'$nodes' is no number of nodes" "give 1 to 99"
  # the longest socket is in session_<date>_<time>_<microseconds>_<pid>/sockets/, 107 bytes in all
  [ "${#folder}" -le 40 ] ||
    fail 2 "the path $folder is too long for sockets" "set CLUSTER_DIR to at most 40 characters"
  if running; then
    echo "a local cluster is running already; launch/local-cluster.sh down stops it" >&2
    settings
    return
  fi
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail 5 "port $port is taken" "set PORT to a free one"
  fi
  rm -rf "$folder"
  mkdir -m 700 "$folder"
  (umask 077 && "$python" -c 'import secrets; print(secrets.token_hex(32))' >"$folder/token")
  echo "$port" >"$folder/port"
  trap 'down >/dev/null; exit 5' ERR INT TERM # half a cluster helps nobody
  node head --head --port="$port" --temp-dir="$folder/0" --ray-client-server-port="$((port + 2))" \
    --dashboard-host=127.0.0.1 --dashboard-port="$((port + 1))"
  wait_for 1 || give_up
  for ((number = 1; number < nodes; number++)); do worker "$number"; done
  wait_for "$nodes" || give_up
  trap - ERR INT TERM
  echo "$nodes nodes run; dashboard at http://127.0.0.1:$((port + 1)), token in $folder/token" >&2
  settings
}

worker() { # NUMBER
  # folders of their own: nodes that share one take each other's sockets when they start together
  node "$1" --address="127.0.0.1:$(cat "$folder/port")" --temp-dir="$folder/$1" \
    --dashboard-agent-listen-port=0
}

add() {
  local number=1 before
  running || fail 5 "no local cluster is running" "start one: launch/local-cluster.sh up"
  while [ -e "$folder/node-$number.pid" ]; do number=$((number + 1)); done
  before="$(started)"
  worker "$number"
  wait_for "$((before + 1))" || fail 5 "the node did not come up" "look above for what Ray said"
  echo "node $number has joined" >&2
}

wait_for() { # NODES: false when so many do not come
  local second
  for ((second = 0; second < 120; second++)); do
    [ "$(started)" -lt "$1" ] || return 0
    sleep 1
    running || break
  done
  tail -n 5 "$folder"/node-*.log >&2
  return 1
}

give_up() {
  down >/dev/null
  fail 5 "the nodes did not come up" "look above for what Ray said; run it again when less runs"
}

down() {
  local try
  if ! running; then
    rm -rf "$folder"
    echo "no local cluster is running"
    return
  fi
  # TERM to those that wait on their node; they stop the rest in order.
  cat "$folder"/node-*.pid | xargs --no-run-if-empty kill 2>/dev/null || true
  for ((try = 0; try < 30; try++)); do
    running || break
    sleep 0.5
  done
  members | xargs --no-run-if-empty kill -KILL 2>/dev/null || true
  rm -rf "$folder"
  echo "the local cluster is stopped, and its folder removed"
}

status() {
  running || fail 5 "no local cluster is running" "start one: launch/local-cluster.sh up"
  ray status --address "127.0.0.1:$(cat "$folder/port")"
  settings
}

case "${1:-}" in
  as) # FILE COMMAND...: become the command, once the process is written down
    echo $$ >"$2"
    exec "${@:3}"
    ;;
  up) up "${2:-3}" ;;
  add) add ;;
  down) down ;;
  status) status ;;
  *) fail 2 "'${1:-}' is none of up [NODES], add, down, status" "sed -n 2,11p $0 says what they do" ;;
esac
