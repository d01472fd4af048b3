#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manifests fit together, and their configuration passes `gatehouse check`: kubernetes.sh GATEHOUSE FOLDER VERSION.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r "$2"/* "$scratch"
cp "$scratch/secrets.env.example" "$scratch/secrets.env"
env $(cat "$scratch/secrets.env") "$1" check -c "$scratch/gatehouse.toml"
grep -q "newTag: $3\$" "$scratch/kustomization.yaml" || { echo "newTag is not the version $3"; exit 1; }

# The pod is killed only after the drain.
value() { sed -n "s/^ *$1[:= ]*\([0-9]*\)\$/\1/p" "$scratch/$2"; }
drain=$((($(value drain_delay_ms gatehouse.toml) + $(value drain_timeout_ms gatehouse.toml)) / 1000))
[ "$(value terminationGracePeriodSeconds deployment.yaml)" -ge $((drain + 10)) ] || { echo "the grace period ends before the drain of $drain s"; exit 1; }

# kustomize is not installed everywhere.
if command -v kubectl > /dev/null; then
    kubectl kustomize "$scratch" > "$scratch/all.yaml"
    for kind in Deployment Service StatefulSet PodDisruptionBudget HorizontalPodAutoscaler ConfigMap Secret ServiceAccount Namespace; do
        grep -qx "kind: $kind" "$scratch/all.yaml" || { echo "there is no $kind"; exit 1; }
    done
fi
