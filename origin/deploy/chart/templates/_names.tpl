{{- define "origin.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "origin.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "origin.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "origin.selector" . }}
{{- end }}

{{- define "origin.image" -}}
{{- if .Values.image.digest }}{{ printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}{{ printf "%s:%s" .Values.image.repository (required "image.tag or image.digest must be set" .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "origin.secret" -}}
{{- if .Values.token.existingSecret }}{{ .Values.token.existingSecret }}
{{- else }}{{ include "origin.name" . }}
{{- end }}
{{- end }}

{{- define "origin.claim" -}}
{{- if .Values.models.existingClaim }}{{ .Values.models.existingClaim }}
{{- else }}{{ include "origin.name" . }}-models
{{- end }}
{{- end }}

{{- define "origin.precision" -}}
{{- .Values.model.precision | default (eq .Values.device "cuda" | ternary "float16" "int8") }}
{{- end }}

{{- /* What both kinds of pods have: the job runs where the origin does, so that a volume of one node or zone serves both. */}}
{{- define "origin.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- $gpu := eq .Values.device "cuda" | ternary .Values.gpu dict }}
{{- with merge dict .Values.nodeSelector ($gpu.nodeSelector | default dict) }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat .Values.tolerations ($gpu.tolerations | default list) }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: models
    persistentVolumeClaim: { claimName: {{ include "origin.claim" . }} }
  - name: tmp
    emptyDir: {}
{{- end }}

{{- define "origin.container" -}}
image: {{ include "origin.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: models, mountPath: /models }
  - { name: tmp, mountPath: /tmp }
{{- end }}
