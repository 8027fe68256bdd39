#!/usr/bin/env bash
# Find a Chromium for the browser tests; install one only when there is none, and say so first.
# usage: install_chromium.sh PYTHON
set -euo pipefail

python=${1:?usage: install_chromium.sh PYTHON}

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done

playwright_has_one() {
  "$python" - <<'PY'
import sys
from pathlib import Path
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    sys.exit(not Path(playwright.chromium.executable_path).is_file())
PY
}
if playwright_has_one; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi

if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  echo "No Chromium found: installing the system package 'chromium' (apt-get) for the browser tests."
  "${as_root[@]}" apt-get update --quiet=2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --quiet=2 --yes --no-install-recommends chromium >/dev/null
else
  echo "No Chromium found: Playwright downloads its own into your cache folder for the browser tests."
  "$python" -m playwright install chromium
fi
