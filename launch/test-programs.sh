#!/usr/bin/env bash
# What tests use and pip does not have: a browser, a database server, a checker of shell scripts.
# Installs what is missing through apt where this user is root; elsewhere those tests are skipped,
# and fail with CI=true.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
command -v shellcheck >/dev/null || missing+=(shellcheck)
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || missing+=(postgresql)
[ "${#missing[@]}" -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "note: without ${missing[*]} some tests are skipped" >&2
  exit 0
fi
# Tests make a database of their own; the package would start one for the whole machine.
if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
  >/dev/null || echo "note: ${missing[*]} could not be installed; some tests are skipped" >&2
