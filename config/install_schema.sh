#!/bin/sh
# install_schema.sh BINDIR DOCUMENTS: writes the JSON Schema of the configuration next to the installed examples, whose
# first line names it.  A program for another machine cannot run here: the schema is then missing, which only
# editors notice.
set -u
prefix=$MESON_INSTALL_DESTDIR_PREFIX
schema=$prefix/$2/config/gatehouse.schema.json
if "$prefix/$1/gatehouse" schema > "$schema.new" 2> /dev/null; then
    mv "$schema.new" "$schema"
else
    rm -f "$schema.new"
    echo "gatehouse.schema.json was not installed, because the program does not run on this machine"
fi
