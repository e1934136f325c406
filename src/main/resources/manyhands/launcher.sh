#!/bin/sh
# Starts Manyhands from the directory above this one, with the AOT cache there. Uses the Java 25 of JAVA_HOME, or else the one that
# made the cache, or else the one on the PATH. Arguments go to the service. An argument with -J in front goes to the JVM: -J-Xmx1g.
set -eu

program=$0
while [ -h "$program" ]; do
  link=$(readlink "$program")
  case $link in
    /*) program=$link ;;
    *) program=$(dirname "$program")/$link ;;
  esac
done
home=$(CDPATH='' cd -P -- "$(dirname "$program")/.." && pwd -P)

# Reads the version from the file beside the java, which is faster. Asks the java itself where there is no such file.
is_25() {
  [ -x "$1" ] || return 1
  release=${1%/bin/java}/release
  if [ -r "$release" ]; then
    grep -q '^JAVA_VERSION="25[".-]' "$release"
  else
    "$1" -version 2>&1 | grep -q 'version "25[".-]'
  fi
}

maker=$(cat "$home/java.home" 2>/dev/null) || maker=""
on_path=$(command -v java) || on_path=""
java=""
for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "${maker:+$maker/bin/java}" "$on_path"; do
  if [ -n "$candidate" ] && is_25 "$candidate"; then
    java=$candidate
    break
  fi
done
if [ -z "$java" ]; then
  echo "Manyhands needs Java 25, and there is none here: JAVA_HOME is ${JAVA_HOME:-not set}, the java of the PATH is ${on_path:-missing}." >&2
  echo "Install a JDK 25 of any vendor, for example Temurin 25, and set JAVA_HOME to its directory." >&2
  exit 1
fi

number=0 options="" arguments=""
for argument do
  number=$((number + 1))
  case $argument in
    -J*) options="$options \"\${$number#-J}\"" ;;
    *) arguments="$arguments \"\${$number}\"" ;;
  esac
done
# A cache that does not fit is named in the report of the start, in words. The lines of the JVM about it would come before all output.
eval "exec \"\$java\" \"-XX:AOTCache=\$home/manyhands.aot\" -Xlog:aot=off \"-Dorg.sqlite.lib.path=\$home/native\" $options -jar \"\$home/manyhands.jar\" $arguments"
