{{- define "edgeocr.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "edgeocr.image" -}}
{{ .Values.image.repository }}{{ with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
{{- define "edgeocr.graceSeconds" -}}
{{ add 10 (ceil (.Values.settings.drain_delay_seconds | default 0)) (ceil (.Values.settings.drain_seconds | default 30)) }}
{{- end }}
