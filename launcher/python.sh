#!/bin/sh
# Finds a Python 3.11 to 3.14 that really runs, then becomes it with the arguments given.
# A name on the PATH proves nothing (a pyenv shim may exist and fail), so each candidate is run.
set -fu
unset CDPATH PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH
cd "$(dirname "$0")/.." || exit 1

works() {
    [ -x "$1" ] && "$1" -c '
import ctypes, ssl, sys, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

candidates() {
    printf '%s\n' "${PYTHON:-}" .venv/bin/python
    IFS=:
    for name in python3 python3.11 python3.12 python3.13 python3.14; do
        for folder in $PATH /usr/local/bin /usr/bin; do
            printf '%s\n' "$folder/$name"
        done
    done
    set +f
    for found in "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.1[1-4]*/bin/python3; do
        printf '%s\n' "$found"
    done
}

python=$(candidates | while IFS= read -r candidate; do
    if works "$candidate"; then
        printf '%s' "$candidate"
        break
    fi
done)

if [ -z "$python" ]; then
    echo "Python 3.11, 3.12, 3.13 ou 3.14 est requis et aucun ne fonctionne ici." >&2
    echo "Sous Debian ou Ubuntu : sudo apt-get install python3 python3-venv" >&2
    echo "Ou indiquez le vôtre : make run PYTHON=/chemin/vers/python3" >&2
    exit 1
fi
exec "$python" "$@"
