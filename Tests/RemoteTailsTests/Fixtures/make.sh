#!/usr/bin/env bash
# Makes the certificates of these tests: an authority, a server for localhost and a client, for a
# hundred years. Their keys protect nothing.
set -euo pipefail
cd "$(dirname "$0")"
days=36500
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days \
  -subj "/CN=Cleave test authority" -keyout authority.key -out authority.pem
for name in server client; do
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/CN=$name" -keyout $name.key -out $name.csr
  openssl x509 -req -in $name.csr -CA authority.pem -CAkey authority.key -CAcreateserial \
    -days $days -extfile <(echo "subjectAltName=DNS:localhost") -out $name.pem
done
rm -f ./*.csr ./*.srl authority.key
