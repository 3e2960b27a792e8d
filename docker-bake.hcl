# docker buildx bake              builds the images for both processors
# docker buildx bake --push       and puts them into a registry, with what they are made of (SBOM) and how (provenance)
#
# A base is best named by digest: BASE_IMAGE=docker.io/library/python@sha256:… docker buildx bake
variable "REGISTRY" { default = "localhost" }
variable "VERSION" { default = "0.1.0" }
variable "REVISION" { default = "unknown" }
variable "BASE_IMAGE" { default = "docker.io/library/python:3.11-slim-bookworm" }
# Seconds since 1970 of the revision, for layers that are the same whenever they are made.
variable "SOURCE_DATE_EPOCH" { default = "0" }

group "default" {
  targets = ["server", "web"]
}

target "server" {
  dockerfile = "Dockerfile.arm64"
  platforms  = ["linux/arm64", "linux/amd64"]
  tags       = ["${REGISTRY}/edgeocr:${VERSION}"]
  args = {
    BASE_IMAGE        = BASE_IMAGE
    VERSION           = VERSION
    REVISION          = REVISION
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH
  }
  attest = ["type=sbom", "type=provenance,mode=max"]
  output = ["type=image,rewrite-timestamp=true"]
}

target "web" {
  inherits = ["server"]
  tags     = ["${REGISTRY}/edgeocr:${VERSION}-web"]
  args     = { EXTRAS = "[web]" }
}
