#!/usr/bin/env bash
# Makes the virtual environment that the comparison runs in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install -r requirements.txt
