#!/bin/sh
# Makes of a checkout the folder that an image holds: build-origin.sh CHECKOUT FOLDER [cpu|cuda]
# The Dockerfile calls it. It needs Node, npm and their registry,
# and for cuda also api.nuget.org. FOLDER must be empty or not there.
set -eu

checkout=$1
folder=$2
variant=${3:-cpu}
case $variant in cpu | cuda) ;; *) echo "build-origin.sh: $variant is neither cpu nor cuda" >&2; exit 2 ;; esac

mkdir -p "$folder"
if [ -n "$(ls -A "$folder")" ]; then
  echo "build-origin.sh: $folder is not empty" >&2
  exit 2
fi
for part in package.json package-lock.json .npmrc tsconfig.json LICENSE shared origin; do
  cp -R "$checkout/$part" "$folder/$part"
done
# The page, which the origin bundles when it is first asked for it.
mkdir "$folder/edge"
cp -R "$checkout/edge/page" "$folder/edge/page"
cd "$folder"

# Not --omit=optional: the origin is bundled by esbuild, whose programs for each platform are optional.
npm ci --omit=dev --no-audit --no-fund

# GPL-3. Without it the origin has no builtin engine.
rm -rf node_modules/@echogarden/espeak-ng-emscripten node_modules/.package-lock.json

# ONNX Runtime brings its libraries for all platforms: 200 MB that this one cannot load.
platform=$(node -p process.platform)
processor=$(node -p process.arch)
libraries=node_modules/onnxruntime-node/bin/napi-v6
for kind in "$libraries"/*; do
  [ "$kind" = "$libraries/$platform" ] || rm -rf "$kind"
done
for kind in "$libraries/$platform"/*; do
  [ "$kind" = "$libraries/$platform/$processor" ] || rm -rf "$kind"
done
[ -d "$libraries/$platform/$processor" ] || {
  echo "build-origin.sh: ONNX Runtime has no library for $platform/$processor" >&2
  exit 1
}

[ "$variant" = cpu ] || node origin/run.mjs origin/cli/gpu-install.ts
rm -rf origin/deploy

# What would fail at the start of every container fails here, and what it starts is bundled, which it could not keep.
for program in origin/main.ts origin/cli/model.ts; do
  node origin/run.mjs "$program" --help >/dev/null
done
node --input-type=module -e 'await import("onnxruntime-node")'
