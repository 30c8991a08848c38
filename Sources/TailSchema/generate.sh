#!/usr/bin/env bash
# Generates the Swift code of the .proto files again, after a change of them:
#
#     Sources/TailSchema/generate.sh FOLDER
#
# FOLDER holds protoc-gen-swift and protoc-gen-grpc-swift-2, built from the packages swift-protobuf
# and grpc-swift-protobuf of the versions that Package.swift names. Needs protoc (Debian's
# protobuf-compiler).
set -euo pipefail
plugins=$(realpath "$1")
cd "$(dirname "$0")"
options="Visibility=Package,UseAccessLevelOnImports=true"
protoc --plugin="$plugins/protoc-gen-swift" --plugin="$plugins/protoc-gen-grpc-swift-2" \
  --swift_out=. --swift_opt="$options" --grpc-swift-2_out=. --grpc-swift-2_opt="$options" \
  tail.proto health.proto
for file in *.pb.swift *.grpc.swift; do
  # Without the trait, the module is empty.
  { echo "// swift-format-ignore-file"; echo "#if GRPC"; cat "$file"; echo "#endif"; } > "$file.new"
  mv "$file.new" "$file"
done
