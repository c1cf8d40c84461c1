#!/usr/bin/env bash
# Installs peers of the bench from packages: `bench/peers/install.sh flink bytewax kafka-streams`. They go to bench/peers/installed/, which git ignores, and the bench
# measures those it finds there. Flink and Kafka Streams want a JDK (17) and Maven, Bytewax wants Python 3.11 with venv.
set -euo pipefail
cd "$(dirname "$0")"

install_java_peer() {
  local peer=$1 into=$PWD/installed/$1
  rm -rf "$into"
  mkdir -p "$into/jars" "$into/classes"
  mvn -q -B -f "$peer/pom.xml" dependency:copy-dependencies -DoutputDirectory="$into/jars"
  javac -Xlint:all,-processing,-classfile -cp "$into/jars/*" -d "$into/classes" "$peer"/*.java
}

install_bytewax() {
  local into=$PWD/installed/bytewax
  python3 -m venv "$into"
  "$into/bin/pip" -q install --disable-pip-version-check -r bytewax/requirements.txt
}

if [ $# -eq 0 ]; then
  echo "usage: bench/peers/install.sh flink|bytewax|kafka-streams …" >&2
  exit 1
fi
for peer in "$@"; do
  case $peer in
    flink | kafka-streams) install_java_peer "$peer" ;;
    bytewax) install_bytewax ;;
    *)
      echo "there is no peer $peer; there are flink, bytewax and kafka-streams" >&2
      exit 1
      ;;
  esac
  echo "$peer is installed"
done
