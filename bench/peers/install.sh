#!/usr/bin/env bash
# Installs peers of the bench from packages: `bench/peers/install.sh flink bytewax`. They go to bench/peers/installed/, which git ignores, and the bench
# measures those it finds there. Flink wants a JDK (17) and Maven, Bytewax wants Python 3.11 with venv.
set -euo pipefail
cd "$(dirname "$0")"

install_flink() {
  local into=$PWD/installed/flink
  rm -rf "$into"
  mkdir -p "$into/jars" "$into/classes"
  mvn -q -B -f flink/pom.xml dependency:copy-dependencies -DoutputDirectory="$into/jars"
  javac -Xlint:all,-processing,-classfile -cp "$into/jars/*" -d "$into/classes" flink/*.java
}

install_bytewax() {
  local into=$PWD/installed/bytewax
  python3 -m venv "$into"
  "$into/bin/pip" -q install --disable-pip-version-check -r bytewax/requirements.txt
}

if [ $# -eq 0 ]; then
  echo "usage: bench/peers/install.sh flink|bytewax …" >&2
  exit 1
fi
for peer in "$@"; do
  case $peer in
    flink) install_flink ;;
    bytewax) install_bytewax ;;
    *)
      echo "there is no peer $peer; there are flink and bytewax" >&2
      exit 1
      ;;
  esac
  echo "$peer is installed"
done
