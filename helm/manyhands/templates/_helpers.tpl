{{- define "manyhands.name" -}}
{{- printf "%s" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "manyhands.selector" -}}
app.kubernetes.io/name: manyhands
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels of the pod of `helm test`, which the Service must not select. */}}
{{- define "manyhands.testSelector" -}}
app.kubernetes.io/name: manyhands-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "manyhands.labels" -}}
{{ include "manyhands.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "manyhands.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote -}}
{{- end -}}

{{- define "manyhands.metricsKey" -}}
{{- if .Values.auth.metricsToken }}metrics-token{{ else }}{{ with .Values.auth.metricsTokenKey }}{{ . }}{{ end }}{{ end }}
{{- end }}

{{- define "manyhands.tokenSecret" -}}
{{- default (printf "%s-tokens" (include "manyhands.name" .)) .Values.auth.existingSecret -}}
{{- end -}}

{{/* The settings that the level `restricted` of the Pod Security Standards requires, with the user of the image. */}}
{{- define "manyhands.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "manyhands.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
