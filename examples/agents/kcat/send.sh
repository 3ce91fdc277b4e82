#!/bin/sh
# Sends a file to Kafka, each line a record, and ends:
#
#   KAFKA_BROKER=kafka-1:9092 ./send.sh app.log
#
# It is not for files that still grow: kcat 1.7 reads in blocks of 128 bytes, and the last lines would wait for more.
set -eu

exec kcat -P -b "${KAFKA_BROKER:-localhost:9092}" -t telemetry.raw.logs -X acks=all -z zstd -l "$1"
