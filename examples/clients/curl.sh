# Reads an image over HTTP: curl.sh IMAGE, with the server's --http address in EDGEOCR_HTTP_TARGET.
set -eu
target=${EDGEOCR_HTTP_TARGET:-127.0.0.1:5000}
curl --silent --show-error --fail-with-body --form "image=@$1" "$target/api/ocr"
echo
curl --silent --show-error --fail-with-body --no-buffer --form "image=@$1" "$target/api/ocr?stream=true"
