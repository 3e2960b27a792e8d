#!/bin/sh
# Makes a searchable PDF file of each scan in a folder: ./folder_to_pdfs.sh scans searchable
# What is there already is left as it is, so that it can be run again.
set -eu
mkdir -p "$2"
for scan in "$1"/*; do
    name=$(basename "$scan")
    pdf=$2/${name%.*}.pdf
    [ -e "$pdf" ] || edgeocr read --format pdf --output "$pdf" "$scan"
done
